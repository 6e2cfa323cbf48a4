"""A speaking round walked by three browsers: a desk, a phone, and a phone without JavaScript."""

import pytest
from playwright.sync_api import expect

from members.models import Session
from members.sessions import owner_tag
from tests import makers
from tests.journeys.conftest import DESK

TEN_SECONDS = 10_000  # an open page asks every five
SAY, NOW = "#round .e-turn", "#round .is-now .e-who"


@pytest.fixture
def three(window, village):
    """{name: page}, each before the round of the meeting that is going on."""
    pages = {who: window(who, javascript=True) for who in ("ines", "malik")} | {"third": window("third")}
    pages["ines"].set_viewport_size(DESK)
    for page in pages.values():
        page.goto(f"/g/{village.values['gid']}/meetings/{village.values['now']}/")
        page.locator("a[href$='/round/']").click()
    return pages


def send(page, act):
    """What this person may do now; nothing else stands on their page."""
    with page.expect_navigation():
        page.locator(f"form[action$='/round/{act}/'] button").first.click()


def is_offered(page):
    return page.locator("form[action$='/round/turn/']").count() == 1


def test_three_browsers_walk_a_round(three, check):
    ines, malik, third = three.values()
    assert malik.locator("form[action$='/round/open/']").count() == 1  # nobody is named for this meeting
    ines.get_by_role("radio").nth(2).check()
    send(ines, "open")
    send(ines, "seat")

    # the other pages come to know by themselves, or by their link
    malik.locator("form[action$='/round/seat/'] button").click(timeout=TEN_SECONDS)
    third.locator("p > a[href$='/round/']").click()
    third.locator("[name=places]").fill("2")
    send(third, "seat")
    expect(ines.locator(".e-turns > li")).to_have_count(5, timeout=TEN_SECONDS)  # four places, and a free one
    check(ines)
    check(malik)

    send(ines, "again")
    expect(malik.locator(NOW)).to_contain_text("Phare vert", timeout=TEN_SECONDS)
    assert is_offered(ines) and not is_offered(malik)
    assert malik.evaluate("history.state") is None  # a page that asks again goes nowhere
    check(ines)
    send(ines, "turn")
    expect(malik.locator("form[action$='/round/turn/']")).to_be_visible(timeout=TEN_SECONDS)
    assert malik.locator(SAY).get_attribute("role") == "status"
    assert malik.locator("form[action$='/round/turn/'] button").count() == 2
    boxes = [button.bounding_box() for button in malik.locator("form[action$='/round/turn/'] button").all()]
    assert {(box["width"], box["height"]) for box in boxes} == {(boxes[0]["width"], boxes[0]["height"])}
    check(malik)
    malik.locator("form[action$='/round/turn/'] button").last.click()  # « Je passe »

    third.reload()
    assert is_offered(third) and not third.locator("form[action$='/round/again/']").count()
    send(third, "turn")
    send(third, "turn")  # the second place around this phone

    expect(malik.locator("form[action$='/round/again/']")).to_be_visible(timeout=TEN_SECONDS)
    expect(ines.locator("form[action$='/round/again/']")).to_be_visible(timeout=TEN_SECONDS)
    send(ines, "last")
    expect(malik.locator("#round a[href*='help']")).to_be_visible(timeout=TEN_SECONDS)
    check(malik)
    send(ines, "close")

    assert ines.locator(".e-banner").is_visible()
    expect(malik.locator(".e-turns")).to_have_count(0, timeout=TEN_SECONDS)
    assert makers.as_superuser("select * from meetings_turn") == []
    assert makers.as_superuser("select * from meetings_round") == []


def test_an_open_page_whose_session_has_ended_leads_to_the_sign_in(device, village):
    page = device(village.people["malik"])
    page.goto(f"/g/{village.values['gid']}/meetings/{village.values['now']}/round/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    Session.objects.filter(owner=owner_tag(village.people["malik"].pk)).delete()

    page.wait_for_url("**/account/login/**", timeout=TEN_SECONDS)
    assert page.url.endswith(f"?next=/g/{village.values['gid']}/meetings/{village.values['now']}/round/")
    assert page.get_by_label("courriel").is_visible()
    asked.clear()
    page.wait_for_timeout(6000)
    assert asked == []
