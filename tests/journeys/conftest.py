"""The whole site, running: gunicorn, a Celery worker, beat, a mail server, and a real Chromium that looks at it."""

import sys
import time
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from entraide.lib import processes
from tests import browser, services

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="package")  # its worker and beat must not send what other tests are counting
def site(django_db_setup, static_files, tmp_path_factory):
    """The address of the running site."""
    folder, port = tmp_path_factory.mktemp("site"), processes.free_port()
    address = f"http://{processes.LOOPBACK}:{port}"
    web = services.web_environment() | {"SITE_URL": address}
    celery = [sys.executable, "-m", "celery", "-A", "entraide"]
    gunicorn = [sys.executable, "-m", "gunicorn", "entraide.wsgi", "--threads", "4", "--no-control-socket"]
    commands = [
        ([*gunicorn, "-b", f"{processes.LOOPBACK}:{port}"], web),
        ([*celery, "worker", "-c", "1", "--without-gossip", "--without-mingle"], services.worker_environment()),
        ([*celery, "beat", "-s", folder / "schedule", "--pidfile="], services.beat_environment()),
    ]
    running = [
        processes.start(command, folder / f"{number}.log", env=environment)
        for number, (command, environment) in enumerate(commands)
    ]
    await_site(f"{address}/healthz", folder)
    yield address
    for child in running:
        processes.stop(child, processes.signal.SIGTERM, 10)


def await_site(address, folder):
    deadline = time.monotonic() + 60
    while True:
        try:
            return urlopen(address, timeout=5).close()  # noqa: S310  (our own address)
        except (URLError, OSError):
            if time.monotonic() > deadline:
                pytest.fail(processes.last_lines(folder / "0.log"))
            time.sleep(0.1)


@pytest.fixture(scope="session")
def engine():
    with sync_playwright() as playwright:  # one a process
        yield playwright


@pytest.fixture(scope="session")
def chromium(engine):
    program = engine.chromium.launch(**browser.launch_options())
    yield program
    program.close()


@pytest.fixture
def visitor(chromium, site):
    """visitor() opens a browser of its own: a phone without JavaScript, in French, unless said otherwise. At the end no
    request may have left for another host and no page may have complained in the console."""
    opened, foreign, complaints = [], [], []

    def open_browser(*, viewport=PHONE, locale="fr-CA", javascript=False, color_scheme="light"):
        context = chromium.new_context(
            base_url=site, viewport=viewport, locale=locale, java_script_enabled=javascript, color_scheme=color_scheme
        )
        context.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url, site) else None)
        context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        context.set_default_timeout(10_000)
        opened.append(context)
        return context.new_page()

    yield open_browser
    for context in opened:
        context.close()
    assert foreign == []
    assert [text for text in complaints if "404" not in text and "422" not in text] == []


def _is_foreign(url, site):
    return urlsplit(url).netloc != urlsplit(site).netloc and not url.startswith("data:")


@pytest.fixture
def check(chromium, site):
    """check(page): no fault that axe can find, and nothing that makes the screen scroll sideways.

    axe needs JavaScript, the page may have none: the same document is looked at in a second window.
    """
    window = chromium.new_context().new_page()

    def look(page):
        window.set_viewport_size(page.viewport_size)
        window.goto(f"{site}/healthz")
        window.set_content(page.content(), wait_until="load")
        found = Axe().run(window, options={"runOnly": {"type": "tag", "values": AXE_RULES}})
        faults = [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found.response["violations"]]
        assert faults == [], page.url
        assert window.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url

    yield look
    window.context.close()
