"""What a visit weighs and what it leaves behind. Weighed is what was sent: each answer's body as it came, compressed
where the server compressed it, from a browser that has nothing of us yet."""

import gzip

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE
from tests.journeys.every_page import PUBLIC, Place, fill_in

KB = 1_000
WEIGHED = [name for name in PUBLIC if name not in ("help_now", "broken")]
STORED = """async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    caches: (await caches.keys()).length,
    databases: (await indexedDB.databases()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": 0, "session": 0, "caches": 0, "databases": 0, "workers": 0}


@pytest.fixture
def weigh(chromium, site, village):
    """weigh(place) opens it twice in a browser that is new, and gives what went over the line each time."""
    contexts = []

    def opened(place):
        context = chromium.new_context(base_url=site, viewport=PHONE, locale="fr-CA")
        contexts.append(context)
        page = context.new_page()
        return [_line(context, page, village.address(place), site) for _ in range(2)]

    yield opened
    for context in contexts:
        context.close()


def _line(context, page, address, site):
    """[(address, kind, bytes of the body as sent)]; what came from the browser's own store was not sent."""
    devtools, sent, names, heads = context.new_cdp_session(page), [], {}, {}
    devtools.send("Network.enable")
    kept = set()
    devtools.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told}))
    devtools.on("Network.requestServedFromCache", lambda told: kept.add(told["requestId"]))
    devtools.on(
        "Network.responseReceived",
        lambda told: heads.update({told["requestId"]: told["response"]["encodedDataLength"]}),
    )

    def finished(told):
        request = names.get(told["requestId"])
        if request and told["requestId"] not in kept and told["encodedDataLength"]:
            body = int(told["encodedDataLength"]) - heads.get(told["requestId"], 0)
            sent.append((request["request"]["url"], request.get("type"), body))

    devtools.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="networkidle")
    devtools.detach()
    return [(url.removeprefix(site), kind, size) for url, kind, size in sent]


def size(line, kind=None):
    return sum(weight for _, of, weight in line if kind in (None, of))


@pytest.mark.parametrize("name", WEIGHED)
def test_a_first_view_is_light_and_a_second_lighter(weigh, name):
    first, again = weigh(PUBLIC[name])

    assert size(first) <= 120 * KB, first
    assert size(first, "Script") <= 20 * KB
    assert size(first, "Font") <= 58 * KB
    assert 0 < len(first) <= 9, first
    assert size(again) <= 25 * KB, again
    assert all(url.startswith("/") for url, *_ in first + again), "nothing comes from elsewhere"


def test_help_now_is_lighter_still_and_has_no_script(weigh):
    first, again = weigh(PUBLIC["help_now"])

    assert 0 < size(first) <= 20 * KB, first
    assert size(again) <= size(first)
    assert {kind for _, kind, _ in first} <= {"Document", "Stylesheet", "Other", "Image"}
    assert all(url.startswith("/") for url, *_ in first)


def test_what_a_page_gets_of_our_own_script_is_under_four_kilobytes():
    """Each has exit.js, and one more at most."""
    scripts = (settings.BASE_DIR / "static" / "js").glob("*.js")
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in scripts}

    assert sizes.pop("exit.js") + max(sizes.values()) < 4 * KB


def test_a_whole_visit_leaves_nothing_but_three_cookies(window, village, go):
    page = window("malik", javascript=True)
    places = [
        Place("malik", "my_space"),
        Place("malik", "group_home", ("gid",)),
        Place("malik", "groups:story", ("gid", "sid")),
        Place("malik", "groups:write", ("gid",), then=fill_in(text="Un pas après l’autre.")),
        Place("malik", "meetings:meeting", ("gid", "mid")),
        Place("malik", "groups:directory"),
        Place("malik", "help_now"),
    ]
    for place in places:
        go(page, place)
        assert page.evaluate(STORED) == NOTHING, place

    page.goto(village.address(Place("malik", "groups:stories", ("gid",)), "en"))
    page.goto("/me/")
    page.get_by_label("Sombre").check()
    page.locator("form[action$='/theme/'] [type=submit]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    assert page.evaluate(STORED) == NOTHING
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert {settings.SESSION_COOKIE_NAME, "theme"} <= set(kept)
    assert set(kept) <= {settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "theme"}
    assert all(cookie["httpOnly"] for cookie in kept.values())
    assert page.evaluate("document.cookie") == ""
