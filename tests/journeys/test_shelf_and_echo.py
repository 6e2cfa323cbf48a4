"""The shelf and the echo in a real browser, at 360 pixels: what one puts there others read; what one looks for stays in
no address and in no browser."""

import pytest
from playwright.sync_api import expect

from members.models import Session
from tests import makers
from tests.journeys.conftest import DESK
from tests.journeys.test_budgets import NOTHING, STORED
from tests.journeys.test_keyboard import press, reach, write
from tests.journeys.test_notebook import button, link
from tests.pages import in_french

HELP = "Quand la nuit est longue, je compte les fenêtres allumées."


@pytest.fixture
def circle(committed):
    return makers.make_circle()


@pytest.fixture
def group(circle):
    return f"/g/{circle.group.pk}/"


@pytest.fixture
def told(circle):
    makers.make_story(circle.malik, circle.group, "L’été, près du FOURNIL.", title="Le fournil", feelings=["hope"])
    makers.make_story(circle.malik, circle.group, "Rien que la pluie.", title="La pluie", feelings=["fear"])
    makers.make_story(circle.malik, circle.group, "Je vais mieux.", title="Un an", came_through=True)


def titles(page):
    return [text.strip() for text in page.locator("article h3, article h2").all_inner_texts()]


# --- The shelf ------------------------------------------------------------------------------------------------------


def test_put_change_and_take_away_with_a_keyboard_and_without_a_script(circle, group, signed_in, check):
    page, reader = signed_in(circle.malik), signed_in(circle.ines, viewport=DESK)
    page.goto(group)
    press(page, in_french("What helps me"))
    check(page)
    press(page, in_french("Put something there"))
    reach(page, in_french("Back to the shelf"))
    write(page, in_french("What helps me"), HELP, enter=False)
    check(page)
    press(page, in_french("I put it on the shelf"))
    expect(page.locator("article")).to_contain_text(HELP)
    check(page)

    reader.goto(f"{group}shelf/")
    expect(reader.locator("article")).to_contain_text(HELP)
    expect(reader.locator("article")).to_contain_text("Gué bleu")
    expect(reader.locator("article a, article button")).to_have_count(0)

    press(page, in_french("Change or take away"))
    reach(page, in_french("Back to the shelf"))
    write(page, in_french("What helps me"), " Puis je dors.", enter=False)
    press(page, in_french("I keep these words"))
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, circle.group, "Osier")
    later = signed_in(newcomer)
    later.goto(f"{group}shelf/")
    expect(later.locator("article")).to_contain_text("Puis je dors.")
    expect(later.locator("article")).to_contain_text("modifié")

    press(page, in_french("Change or take away"))
    reach(page, in_french("Take it away"))
    page.keyboard.press("Enter")
    press(page, in_french("I take it away"))
    check(page)
    for one in (reader, later):
        one.reload()
        expect(one.locator("html")).not_to_contain_text("fenêtres")


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
def test_words_for_the_shelf_come_back_when_the_session_has_ended(circle, group, signed_in, javascript):
    page = signed_in(circle.malik, javascript=javascript)
    page.goto(f"{group}shelf/new/")
    page.locator("[name=text]").fill(HELP)
    Session.objects.all().delete()

    button(page, "I put it on the shelf").click()

    expect(page.locator("textarea")).to_have_value(HELP)


def test_pressed_twice_it_stands_there_once(circle, group, signed_in):
    page = signed_in(circle.malik, javascript=True)
    page.goto(f"{group}shelf/new/")
    page.locator("[name=text]").fill(HELP)

    button(page, "I put it on the shelf").dblclick()

    expect(page.locator("article")).to_have_count(1)


# --- The echo -------------------------------------------------------------------------------------------------------


def test_looking_with_a_keyboard_and_without_a_script(circle, group, told, signed_in, check):
    page = signed_in(circle.ines)
    page.goto(f"{group}stories/")
    press(page, in_french("Find an echo"))
    check(page)
    write(page, in_french("Words"), "ete fournil")
    assert titles(page) == ["Le fournil"]
    check(page)
    press(page, "Le fournil")
    expect(page.locator(".e-story")).to_contain_text("L’été")

    page.goto(f"{group}echo/")
    reach(page, in_french("any"))
    while in_french("fear") not in page.evaluate("document.activeElement.labels[0].innerText"):
        page.keyboard.press("ArrowRight")
    press(page, in_french("Look for it"))
    assert titles(page) == ["La pluie"]

    page.goto(f"{group}echo/")
    reach(page, in_french("Only the stories of those who say that they are better today"))
    page.keyboard.press("Space")
    press(page, in_french("Look for it"))
    assert titles(page) == ["Un an"]
    assert page.url.endswith("/echo/")


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
def test_what_was_looked_for_stays_nowhere(circle, group, told, signed_in, javascript):
    page, asked = signed_in(circle.ines, javascript=javascript), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{group}echo/?words=pluie&feeling=fear")
    expect(page.locator("[name=words]")).to_have_value("")
    assert titles(page) == []
    asked.clear()
    page.locator("[name=words]").fill("pluie")
    button(page, "Look for it").click()
    assert titles(page) == ["La pluie"]

    if javascript:  # without it, the browser itself asks before it sends them again
        link(page, "La pluie").click()
        expect(page.locator(".e-story")).to_contain_text("Rien que la pluie.")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(in_french("Find an echo"))
        expect(page.locator("[name=words]")).to_have_value("")
        page.locator("[name=words]").fill("pluie")
        with page.expect_navigation():
            button(page, "Look for it").click()
    page.reload()
    assert titles(page) == ([] if javascript else ["La pluie"])
    expect(page.locator("[name=words]")).to_have_value("" if javascript else "pluie")

    assert [url for url in asked if "pluie" in url] == []
    if javascript:
        assert page.evaluate(STORED) == NOTHING


def test_nothing_found_says_so_gently(circle, group, told, signed_in, check):
    page = signed_in(circle.ines)
    page.goto(f"{group}echo/")
    page.locator("[name=words]").fill("introuvable")

    button(page, "Look for it").click()

    expect(page.locator("main")).to_contain_text(in_french("No story says it in these words"))
    expect(page.locator("[name=words]")).to_have_value("introuvable")
    check(page)
