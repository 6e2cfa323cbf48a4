"""What a tab that stays open still shows after its person has left a group, closed their sessions or signed out: two
real browsers, with their back/forward caches on."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests import browser, makers
from tests.journeys.conftest import DESK, PHONE
from tests.pages import in_french

TITLE = "La longue route"
INSIDE = (makers.STORY, TITLE, "Un soir à la fois", "Gué bleu", "Phare vert")
with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


@pytest.fixture(scope="module")
def chromium(engine):
    options = browser.launch_options() | {"ignore_default_args": ["--disable-back-forward-cache"]}
    program = engine.chromium.launch(**options)
    yield program
    program.close()


@pytest.fixture
def circle(committed):
    circle = makers.make_circle()
    circle.story = makers.make_story(circle.malik, circle.group, title=TITLE)
    return circle


@pytest.fixture
def at_the_story(circle, visitor, site):
    """at_the_story(javascript, …) gives a browser in which Malik is signed in and reads a story of the group."""

    def open_tab(javascript, **options):
        client = Client()
        makers.sign_in(client, circle.malik)
        page = visitor(javascript=javascript, **options)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        page.context.add_cookies([{**cookie, "url": site, "httpOnly": True}])
        page.goto("/me/")
        page.goto(f"/g/{circle.group.pk}/stories/{circle.story.pk}/")
        expect(page.get_by_text(makers.STORY)).to_be_visible()
        return page

    return open_tab


def _tells_nothing(page):
    for word in INSIDE:
        expect(page.locator("html")).not_to_contain_text(word)


def _go_back_and_find_nothing(page, times):
    for _ in range(times):
        page.go_back(wait_until="commit")  # a page out of the browser's memory loads nothing
        _tells_nothing(page)


@with_and_without_javascript
def test_leaving_a_group_closes_it_in_the_tab_of_another_device(circle, at_the_story, javascript):
    telephone, computer = at_the_story(javascript, viewport=PHONE), at_the_story(javascript, viewport=DESK)

    telephone.goto(f"/g/{circle.group.pk}/leave/")
    telephone.get_by_role("button", name="Je quitte le groupe").click()
    expect(telephone.get_by_role("heading", level=1)).to_have_text(in_french("It is done"))
    with computer.expect_navigation() as answer:
        computer.get_by_role("link", name="Récits").first.click()

    assert answer.value.status == 404
    _tells_nothing(computer)
    _go_back_and_find_nothing(computer, 2)
    _go_back_and_find_nothing(telephone, 3)
    for page in (telephone, computer):
        page.goto("/me/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")  # still signed in
        _tells_nothing(page)


@with_and_without_javascript
def test_closing_every_session_closes_the_tab_of_another_device(at_the_story, javascript):
    telephone = at_the_story(javascript, viewport=PHONE)
    computer = at_the_story(javascript, viewport=DESK)

    telephone.get_by_role("link", name="Mon espace").first.click()
    telephone.get_by_role("link", name=in_french("Devices and sign-in")).click()
    expect(telephone.get_by_role("listitem").filter(has_text=in_french("A shared device."))).to_have_count(2)
    telephone.get_by_role("button", name=in_french("Close everything, here too")).click()
    expect(
        telephone.get_by_text(
            in_french("Your space is closed on every device, this one too. A new code opens it again.")
        )
    ).to_be_visible()
    computer.get_by_role("link", name="Récits").first.click()

    assert urlsplit(computer.url).path == "/account/login/"
    for page in (telephone, computer):
        _go_back_and_find_nothing(page, 3)
    assert [cookie["name"] for cookie in telephone.context.cookies() if cookie["name"] != "session"] == []


@with_and_without_javascript
def test_closing_one_session_spares_this_one(at_the_story, javascript):
    telephone, computer = at_the_story(javascript, viewport=PHONE), at_the_story(javascript, viewport=DESK)

    telephone.goto("/me/devices/")
    telephone.get_by_role("button", name=in_french("Close"), exact=False).first.click()
    expect(telephone.locator(".e-banner")).to_contain_text("C’est fermé")
    computer.reload()

    assert urlsplit(computer.url).path == "/account/login/"
    telephone.go_back()
    telephone.goto("/me/")
    expect(telephone.get_by_role("heading", level=1)).to_have_text("Mon espace")


@with_and_without_javascript
def test_back_after_signing_out_shows_nothing_of_the_group(at_the_story, javascript):
    page = at_the_story(javascript)

    page.get_by_role("link", name="Se déconnecter").click()
    page.get_by_role("main").get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(in_french("It is done"))

    assert page.context.cookies() == []
    _go_back_and_find_nothing(page, 4)
