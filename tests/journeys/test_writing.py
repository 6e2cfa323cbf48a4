"""Writing in a real browser: the page keeps what is written on the server, and nothing of it stays in the browser."""

import re

import pytest
from playwright.sync_api import expect

from groups import story_drafts
from groups.confidentiality import enter_group
from members.models import Session
from tests import makers
from tests.journeys.conftest import DESK
from tests.journeys.test_budgets import NOTHING, STORED
from tests.makers import as_person
from tests.pages import in_french
from tests.running import wait_until

TEXT = "Ces jours-ci, je compte les marches. Il y en a quarante."


@pytest.fixture
def circle(committed):
    return makers.make_circle()


@pytest.fixture
def writing(circle):
    return f"/g/{circle.group.pk}/stories/new/"


def kept(page):
    words = in_french("Draft kept at {time}. Visible to you only.").split("{time}")[0]
    expect(page.locator("[data-state]")).to_have_text(re.compile(re.escape(words)), timeout=8_000)


def words_kept_by(circle):
    with as_person(circle.malik):
        kept = story_drafts.kept(enter_group(circle.malik, circle.group.pk))
        return kept and kept[0]["text"]


def button(page, words):
    return page.get_by_role("button", name=in_french(words), exact=True)


def test_write_close_the_tab_go_on_elsewhere(circle, writing, device):
    telephone = device(circle.malik)
    telephone.goto(writing)
    telephone.locator("[name=text]").press_sequentially(TEXT)
    kept(telephone)
    assert telephone.evaluate(STORED) == NOTHING
    telephone.context.close()

    computer = device(circle.malik, viewport=DESK)
    computer.goto(writing)
    expect(computer.locator("[name=text]")).to_have_value(TEXT)
    button(computer, "Read it over before sharing").click()
    button(computer, "I share it with the group").click()
    expect(computer.locator(".e-story")).to_contain_text(TEXT)

    computer.goto(writing)
    expect(computer.locator("[name=text]")).to_have_value("")


def test_without_a_script_the_button_keeps_it(circle, writing, device):
    page = device(circle.malik, javascript=False)
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)

    button(page, "Keep as a draft").click()

    expect(page.locator("[name=text]")).to_have_value(TEXT)
    expect(page.locator("main")).to_contain_text(in_french("Your draft is kept. It is visible to you only."))
    button(page, "Erase").click()
    page.goto(writing)
    expect(page.locator("[name=text]")).to_have_value("")


def test_a_session_that_has_ended_leaves_the_words_in_the_page(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)
    kept(page)
    Session.objects.all().delete()

    page.locator("[name=text]").press_sequentially(" Puis je remonte.")

    words = "You are signed out. Your text is still in this page."
    words = in_french(f"{words} Sign in again in another tab, then come back to this one: it goes on from here.")
    expect(page.locator("[data-state]")).to_have_text(words, timeout=8_000)
    expect(page.locator("[name=text]")).to_have_value(f"{TEXT} Puis je remonte.")


def test_a_line_that_is_lost_is_tried_again(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)
    page.clock.install()
    page.context.set_offline(True)
    page.locator("[name=text]").fill(TEXT)
    page.clock.run_for(3_500)
    words = in_french("Not kept yet: no answer came. Your text is still here, and we try again.")
    expect(page.locator("[data-state]")).to_have_text(words)

    page.context.set_offline(False)
    page.clock.run_for(16_000)

    kept(page)


def test_of_two_keepings_the_older_one_never_arrives_last(circle, writing, device):
    page, on_their_way = device(circle.malik), []
    page.goto(writing)
    page.clock.install()
    page.route("**/new/keep/", lambda keeping: on_their_way.append(keeping))
    page.locator("[name=text]").fill("Un mot.")
    page.clock.run_for(3_500)
    page.locator("[name=text]").fill(TEXT)
    page.clock.run_for(7_000)
    assert len(on_their_way) == 1, "the newer words wait for the answer to the older ones"

    page.unroute("**/new/keep/")  # which lets them go on
    kept(page)
    page.clock.run_for(3_500)
    page.wait_for_load_state("networkidle")

    assert words_kept_by(circle) == TEXT


def test_a_tab_that_closes_in_the_middle_of_a_sentence_keeps_it(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)

    page.close()

    wait_until(lambda: words_kept_by(circle) == TEXT)


def test_two_windows_say_which_words_are_kept(circle, writing, device):
    first = device(circle.malik)
    first.goto(writing)
    second = first.context.new_page()
    second.goto(writing)
    second.locator("[name=text]").fill(TEXT)
    kept(second)

    first.locator("[name=text]").fill("Un mot.")

    words = "Not kept: another window, or another device, has kept other words as your draft since."
    expect(first.locator("[data-state]")).to_have_text(in_french(f"{words} Your text is still here."), timeout=8_000)
    button(first, "Keep as a draft").click()
    expect(first.locator("[name=text]")).to_have_value("Un mot.")
    assert words_kept_by(circle) == TEXT
    button(first, "Keep as a draft").click()
    expect(first.locator("main")).to_contain_text(in_french("Your draft is kept. It is visible to you only."))
    assert words_kept_by(circle) == "Un mot."


def test_the_gentle_line_is_decided_in_the_browser_and_told_to_nobody(circle, writing, device):
    page, sent = device(circle.malik), []
    page.goto(writing)
    page.on("request", lambda request: sent.append(request.url))
    line, text = page.locator("[data-in-i]"), page.locator("[name=text]")

    text.fill("Je marche, et le filet d’eau coule. Il fautera.")
    expect(line).to_be_hidden()
    for words in ("Tu devrais marcher.", "Il faut marcher.", "You should walk."):
        text.fill(words)
        expect(line).to_be_visible()
    assert [url for url in sent if "/static/" not in url and not url.endswith("/new/keep/")] == []
    line.get_by_role("button").click()
    text.fill("Il faut marcher.")
    expect(line).to_be_hidden()
    button(page, "Read it over before sharing").click()
    expect(page.locator(".e-story")).to_have_text("Il faut marcher.")


def test_an_opening_is_put_into_the_text(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)

    button(page, "“These days, I…”").click()

    expect(page.locator("[name=text]")).to_have_value(f"{in_french('These days, I')} ")
    expect(page.locator("[name=text]")).to_be_focused()


def test_withdraw_and_the_others_tab_loses_it(circle, device):
    address = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    reader, author = device(circle.ines), device(circle.malik, viewport=DESK)
    reader.goto(address)
    expect(reader.locator(".e-story")).to_contain_text(makers.STORY)

    author.goto(address)
    author.get_by_text(in_french("Withdraw this story")).click()
    button(author, "I withdraw my story").click()
    button(reader, "I hear you").click()

    expect(reader.locator("main")).to_contain_text(
        in_french("Its author has withdrawn it, it has come to its end, or it was never yours to read.")
    )
    expect(reader.locator("html")).not_to_contain_text(makers.STORY)


def test_only_the_author_sees_who_said_what(circle, device):
    address = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    reader, author = device(circle.ines), device(circle.malik)
    reader.goto(address)
    button(reader, "I hear you").click()
    expect(button(reader, "I hear you")).to_have_attribute("aria-pressed", "true")

    author.goto(address)
    expect(author.locator("main")).to_contain_text("Phare vert")
    button(reader, "I hear you").click()
    author.reload()
    expect(author.locator("main")).not_to_contain_text("Phare vert")
