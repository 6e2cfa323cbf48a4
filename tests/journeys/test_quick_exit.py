"""« Quitter vite » in a real browser, with its back/forward cache on: what is left to see, and to go back to."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import expect

from members.models import Session
from tests import browser, makers
from tests.running import Site, wait_until

WEATHER = "<!doctype html><html lang=fr><title>Météo</title><h1>Ensoleillé</h1>".encode()


class Weather(BaseHTTPRequestHandler):
    """The harmless site. It keeps what browsers tell it of where they come from."""

    seen = []

    def do_GET(self):
        if self.path == "/":
            self.seen.append(self.headers.get("Referer"))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(WEATHER)

    def log_message(self, *_):
        pass


def in_french(message):
    with translation.override("fr"):
        return translation.gettext(message)


@pytest.fixture(scope="module")
def weather():
    server = ThreadingHTTPServer(("localhost", 0), Weather)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site(django_db_setup, static_files, weather, tmp_path_factory):
    """A site of its own: its neutral place is ours."""
    site = Site(tmp_path_factory.mktemp("exit"), EXIT_URL=weather)
    site.start("web")
    yield site.address
    site.stop()


@pytest.fixture(scope="module")
def chromium(engine):
    options = browser.launch_options() | {"ignore_default_args": ["--disable-back-forward-cache"]}
    program = engine.chromium.launch(**options)
    yield program
    program.close()


@pytest.fixture
def circle(committed):
    return makers.make_circle()


@pytest.fixture
def inside(request, chromium, site, circle):
    """Malik reads a story, with JavaScript unless a test says otherwise. In the console nobody complains."""
    Weather.seen.clear()
    client = Client()
    client.force_login(circle.malik)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context = chromium.new_context(base_url=site, locale="fr-CA", java_script_enabled=getattr(request, "param", True))
    context.set_default_timeout(10_000)
    context.add_cookies([{**cookie, "url": site, "httpOnly": True}])
    complaints = []
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page = context.new_page()
    page.goto("/me/")
    page.goto(f"/g/{circle.group.pk}/stories/{circle.story.pk}/")
    expect(page.get_by_text(makers.STORY)).to_be_visible()
    yield page
    context.close()
    assert complaints == []


def leave_by_button(page):
    page.get_by_role("button", name="Quitter vite").click()


def leave_by_skip_link(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Quitter ce site")).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("inside", [True, False], ids=["script", "no script"], indirect=True)
@pytest.mark.parametrize("leave", [leave_by_button, leave_by_skip_link])
def test_back_never_shows_a_member_page_again(inside, weather, leave):
    assert Session.objects.count() == 1

    leave(inside)

    expect(inside.get_by_role("heading")).to_have_text("Ensoleillé")
    assert inside.url == weather
    assert Weather.seen == [None], "no address of ours goes along"
    assert inside.context.pages == [inside], "one tab"
    wait_until(lambda: not Session.objects.exists())  # with JavaScript the weather does not wait for the site
    wait_until(lambda: not inside.context.cookies())
    for _ in range(3):
        inside.go_back()
        assert urlsplit(inside.url).path in ("/account/login/", "blank")
        assert makers.STORY not in inside.content() and "La longue" not in inside.content()
        expect(inside.get_by_role("heading", name="Mon espace")).to_have_count(0)


AT_ONCE = """() => {
    document.querySelector(".e-exit").click();
    const cover = getComputedStyle(document.documentElement, "::after");
    return {
        title: document.title,
        covered: cover.position === "fixed" && parseFloat(cover.width) >= innerWidth
            && parseFloat(cover.height) >= innerHeight,
        opaque: cover.backgroundColor === getComputedStyle(document.body).backgroundColor && cover.opacity === "1",
        seen: [...document.querySelectorAll("body *")].filter(
            (element) => element.checkVisibility({visibilityProperty: true})).length,
    };
}"""


def test_the_page_is_covered_in_the_same_instant(inside, weather):
    found = inside.evaluate(AT_ONCE)

    assert found == {"title": in_french("Weather"), "covered": True, "opaque": True, "seen": 0}
    inside.wait_for_url(weather)


def dots(page):
    return page.evaluate("getComputedStyle(document.querySelector('.e-leave'), '::after').content").split('"')[1:2]


@pytest.mark.parametrize("keys", [["ShiftLeft"] * 3, ["ShiftRight", "ShiftLeft", "ShiftRight"]])
def test_three_times_shift_leaves_and_dots_say_how_far(inside, weather, keys):
    shown = [dots(inside)]
    for key in keys[:2]:
        inside.keyboard.press(key)
        shown.append(dots(inside))
    expect(inside.locator(".e-said")).to_have_text(in_french("Shift: press once more to leave."))
    inside.keyboard.press(keys[2])

    inside.wait_for_url(weather)
    assert shown == [[], ["●○○"], ["●●○"]]


def test_shift_with_another_key_does_nothing(inside):
    def together(*keys):
        for key in keys:
            inside.keyboard.down(key)
        for key in reversed(keys):
            inside.keyboard.up(key)

    for keys in (["Shift", "a"], ["a", "Shift"], ["Control", "Shift"], ["Shift", "Tab"], ["Shift", "ArrowLeft"]):
        for _ in range(3):
            together(*keys)
        assert dots(inside) == [], keys
    for key in ("Shift", "Shift", "b", "Shift"):
        inside.keyboard.press(key)

    assert dots(inside) == ["●○○"], "another key between two presses begins anew"
    expect(inside.get_by_text(makers.STORY)).to_be_visible()


def test_presses_older_than_five_seconds_are_forgotten(inside):
    inside.clock.install()
    inside.reload()
    inside.keyboard.press("Shift")
    inside.keyboard.press("Shift")
    assert dots(inside) == ["●●○"]

    inside.clock.run_for(5_100)

    assert dots(inside) == []
    inside.keyboard.press("Shift")
    expect(inside.get_by_text(makers.STORY)).to_be_visible()


def test_a_page_that_the_browser_kept_whole_is_asked_for_again(inside):
    with inside.expect_event("load"):
        covered = inside.evaluate("""() => {
            dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));
            return document.documentElement.className;
        }""")

    assert covered == "e-left"
    expect(inside.get_by_text(makers.STORY)).to_be_visible()


def test_the_script_is_small_and_stands_in_a_file():
    script = (settings.BASE_DIR / "static" / "js" / "exit.js").read_bytes()

    assert len(script) < 4_000
    assert b"Storage" not in script and b"eval" not in script
