"""The notebook in a real browser, at 360 pixels: written, marked, drawn, told as a story, and never lost on the way."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from entraide.lib.days import today
from groups.models import Note, SmallStep, Story, StoryDraft
from members.models import Session
from tests import makers
from tests.journeys.conftest import DESK
from tests.journeys.test_budgets import NOTHING, STORED
from tests.journeys.test_keyboard import press, reach, write
from tests.pages import in_french

NOTEBOOK = "/me/notebook/"
TEXT = "Aujourd’hui, j’ai ouvert les volets. Le voisin aussi, en face, à la même heure."
STEP = "Marcher jusqu’au parc"


@pytest.fixture
def circle(committed):
    return makers.make_circle()


def button(page, words, **values):
    return page.get_by_role("button", name=in_french(words, **values), exact=True)


def link(page, words):
    return page.get_by_role("link", name=in_french(words), exact=True)


def write_a_note(page, text=TEXT):
    page.goto(f"{NOTEBOOK}new/")
    page.locator("[name=text]").fill(text)


def notes_of(member):
    with makers.as_person(member):
        return Note.objects.count()


def test_with_a_keyboard_and_without_a_script(circle, signed_in, check):
    page = signed_in(circle.malik)
    page.goto("/me/")
    press(page, in_french("My notebook"))
    check(page)
    press(page, in_french("Write a note"))
    write(page, in_french("My note"), TEXT, enter=False)
    for feeling in ("hope", "fatigue"):
        reach(page, in_french(feeling))
        page.keyboard.press("Space")
    check(page)
    press(page, in_french("I keep this note"))
    expect(page.locator(".e-banner")).to_contain_text(in_french("Your note is kept, for you alone."))
    expect(page.locator("article")).to_contain_text(in_french("fatigue"))
    check(page)

    press(page, in_french("My small steps"))
    write(page, in_french("A small step that I set myself"), STEP)
    press(page, in_french("It is done"))
    expect(page.locator("section")).to_contain_text([in_french("Done")])
    check(page)
    press(page, in_french("Not done after all"))
    expect(page.locator("section")).to_contain_text([in_french("Those that wait for me")])
    press(page, in_french("Erase"))
    expect(page.locator("main")).not_to_contain_text(STEP)

    press(page, in_french("Back to my notebook"))
    press(page, in_french("My feelings over the months"))
    expect(page.locator(".e-check")).to_contain_text(in_french("fatigue"))
    check(page)


def test_the_picture_of_many_months_stays_within_the_screen(circle, signed_in, check):
    feelings = ("sadness", "anger", "fear", "shame", "guilt", "loneliness", "fatigue", "worry", "relief", "hope", "joy")
    for number in range(33):
        named = [feelings[number % 11], feelings[(number * 3 + 1) % 11]]
        makers.write_in_notebook(circle.malik, "Un jour.", dict.fromkeys(named), today() - timedelta(days=number * 11))

    for options in ({}, {"javascript": True, "color_scheme": "dark"}, {"viewport": DESK}):
        page = signed_in(circle.malik, **options)
        page.goto(f"{NOTEBOOK}feelings/")
        drops = page.locator(".e-felt span").first.evaluate("one => getComputedStyle(one, '::before').content")
        if page.viewport_size == DESK:
            expect(page.locator("svg circle").first).to_be_visible()
            assert drops == "none"
        else:  # a drawing of twelve months would be too small: each word has its drop
            assert drops == '""'
        expect(page.locator(".e-check > div")).to_have_count(12)
        check(page)


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
def test_from_a_note_to_a_story_in_one_gesture(circle, signed_in, check, javascript):
    note, _step = makers.write_in_notebook(circle.malik, TEXT, ["hope"])
    page, reader = signed_in(circle.malik, javascript=javascript), signed_in(circle.ines)
    page.goto(f"{NOTEBOOK}{note}/")
    page.get_by_text(in_french("Make a story of it")).click()
    check(page)
    button(page, "For “%(name)s”", name=circle.group.name).click()

    said = in_french("The words of your note are in this draft. Your note stays in your notebook.")
    expect(page.locator(".e-banner")).to_contain_text(said)
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    expect(page.get_by_label(in_french("hope"), exact=True)).to_be_checked()
    expect(page.locator("main")).to_contain_text(in_french("Nothing is shared yet."))
    assert "?" not in page.url
    check(page)
    button(page, "Read it over before sharing").click()
    button(page, "I share it with the group").click()

    reader.goto(page.url)
    expect(reader.locator(".e-story")).to_have_text(TEXT)
    page.goto(f"{NOTEBOOK}{note}/")
    expect(page.locator(".e-story")).to_have_text(TEXT)
    assert reader.goto(f"{NOTEBOOK}{note}/").status == 404
    if javascript:
        assert page.evaluate(STORED) == NOTHING


def test_a_draft_is_never_lost_to_a_note(circle, signed_in, check):
    note, _step = makers.write_in_notebook(circle.malik, TEXT)
    makers.keep_draft(circle.malik, circle.group, "Ces jours-ci, je compte les marches.")
    page = signed_in(circle.malik)
    page.goto(f"{NOTEBOOK}{note}/")
    page.get_by_text(in_french("Make a story of it")).click()
    button(page, "For “%(name)s”", name=circle.group.name).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(in_french("You have a draft in this group already"))
    check(page)
    link(page, "Go on with my draft").click()
    expect(page.locator("[name=text]")).to_have_value("Ces jours-ci, je compte les marches.")
    page.go_back()
    button(page, "Erase it, and begin with my note").click()
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    with makers.as_person(circle.malik):
        assert (StoryDraft.objects.count(), Story.objects.count(), Note.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
def test_words_come_back_when_the_session_has_ended(circle, signed_in, check, javascript):
    page = signed_in(circle.malik, javascript=javascript)
    write_a_note(page)
    Session.objects.all().delete()

    button(page, "I keep this note").click()

    expect(page.locator("textarea")).to_have_value(TEXT)
    check(page)
    assert notes_of(circle.malik) == 0


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
def test_words_come_back_with_an_error(circle, signed_in, check, javascript):
    page = signed_in(circle.malik, javascript=javascript)
    write_a_note(page)
    for feeling in ("hope", "fear", "joy", "peace"):
        page.get_by_label(in_french(feeling), exact=True).check()

    button(page, "I keep this note").click()

    expect(page.locator("main")).to_contain_text(in_french("Keep three words at most."))
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    check(page)
    page.get_by_label(in_french("peace"), exact=True).uncheck()
    button(page, "I keep this note").click()
    expect(page.locator("article")).to_have_count(1)


def test_twice_pressed_is_once_kept_and_back_asks_before_a_second_one(circle, signed_in):
    page = signed_in(circle.malik, javascript=True)
    write_a_note(page)
    button(page, "I keep this note").dblclick()
    expect(page.locator("article")).to_have_count(1)

    page.reload()
    page.go_back()
    page.goto(f"{NOTEBOOK}steps/")
    page.locator("[name=text]").fill(STEP)
    button(page, "I set this step").dblclick()
    expect(page.locator("li", has_text=STEP)).to_have_count(1)
    page.reload()
    expect(page.locator("li", has_text=STEP)).to_have_count(1)

    with makers.as_person(circle.malik):
        assert (Note.objects.count(), SmallStep.objects.count()) == (1, 1)


def test_a_note_is_changed_in_one_window_and_erased_in_another(circle, signed_in):
    note, _step = makers.write_in_notebook(circle.malik, TEXT)
    one, other = signed_in(circle.malik), signed_in(circle.malik, viewport=DESK)
    one.goto(f"{NOTEBOOK}{note}/edit/")
    other.goto(f"{NOTEBOOK}{note}/")
    other.get_by_text(in_french("Erase this note")).click()
    button(other, "I erase my note").click()
    expect(other.locator(".e-banner")).to_contain_text(in_french("Your note is erased, for good."))

    one.locator("[name=text]").fill("Autre chose.")
    with one.expect_navigation() as arrival:
        button(one, "I keep this note").click()

    assert arrival.value.status == 404
    assert notes_of(circle.malik) == 0
