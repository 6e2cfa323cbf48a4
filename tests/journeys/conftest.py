"""The whole site, running: gunicorn, a Celery worker, beat, a mail server, and a real Chromium that looks at it."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import sync_playwright

from tests import browser, makers
from tests.journeys.every_page import broken_page, make_village
from tests.running import Site

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HTML = "text/html; charset=utf-8"
ANSWERED = ("403", "404", "412", "422", "ERR_INTERNET_DISCONNECTED")  # what a test may ask for
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="package")  # its worker and beat must not send what other tests are counting
def site(django_db_setup, static_files, tmp_path_factory):
    """The address of the running site."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.start("web", "worker", "beat")
    yield site.address
    site.stop()


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
    assert [text for text in complaints if not any(known in text for known in ANSWERED)] == []


@pytest.fixture
def sign_in_on(site):
    """sign_in_on(page, member): from its next request on, this browser is theirs."""

    def sign_in(page, member):
        client = Client()
        makers.sign_in(client, member)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site, "httpOnly": True}])

    return sign_in


@pytest.fixture
def signed_in(visitor, sign_in_on):
    """signed_in(member) opens a browser of theirs, as `visitor` does."""

    def open_browser(member, **options):
        page = visitor(**options)
        sign_in_on(page, member)
        return page

    return open_browser


@pytest.fixture
def device(signed_in):
    """device(member) is a telephone of theirs, with JavaScript."""
    return lambda member, **options: signed_in(member, **{"javascript": True, "viewport": PHONE, **options})


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


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker, site):
    """Made once a module, behind the running site; all is emptied at its end."""
    with django_db_blocker.unblock():
        cache.clear()
        yield make_village()
        makers.empty_every_table()


@pytest.fixture(scope="module")
def window(chromium, site, village):
    """window(who) gives a page in the one browser that this person has in this module."""
    contexts = {}

    def open_window(who=None, *, javascript=False, locale="fr-CA", **options):
        key = (who, javascript, locale, *sorted(options.items()))
        if key not in contexts:
            context = chromium.new_context(
                base_url=site,
                viewport=PHONE,
                locale=locale,
                java_script_enabled=javascript,
                reduced_motion="reduce",
                **options,
            )
            context.set_default_timeout(10_000)
            if who:
                context.add_cookies([village.cookie_of(who, site)])
            context.route("**/broken/", lambda route: route.fulfill(status=500, body=broken_page(), content_type=HTML))
            contexts[key] = context.new_page()
        return contexts[key]

    yield open_window
    for page in contexts.values():
        page.context.close()


@pytest.fixture(scope="module")
def go(village):
    """go(page, place) opens the place in one of its states, and says what came: the last answer of the server."""

    def open_place(page, place, language="fr"):
        answer = page.goto(village.address(place, language))
        for act in place.acts:
            with page.expect_navigation() as arrival:
                act(page)
            answer = arrival.value
        assert answer.status == place.status, f"{page.url}: {answer.status}"
        return answer

    return open_place
