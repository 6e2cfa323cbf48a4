"""Stories in tabs that stay open: what their author withdraws or changes goes from the screens of others; what somebody
writes outlives a closed browser, a session that ends, a line that is lost and a site that starts anew."""

import pytest
from playwright.sync_api import expect

from members.models import Session
from tests import makers
from tests.journeys.conftest import DESK
from tests.journeys.test_writing import button, kept
from tests.pages import in_french
from tests.running import Site

TITLE = "La longue route"
TEXT = "Ces jours-ci, je compte les marches. Il y en a quarante."
GONE = "Its author has withdrawn it, it has come to its end, or it was never yours to read."
AWAY = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
CHANGE = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def circle(committed):
    circle = makers.make_circle()
    circle.story = makers.make_story(circle.malik, circle.group, title=TITLE)
    return circle


@pytest.fixture
def address(circle):
    return f"/g/{circle.group.pk}/stories/{circle.story.pk}/"


def look_away(page):
    """Headless, each page is in front of its own: this is what a browser tells one that is not."""
    page.evaluate(AWAY % "true" + CHANGE)


def come_back(page):
    page.evaluate(AWAY % "false" + CHANGE)


def withdraw(author, address):
    author.goto(address)
    author.get_by_text(in_french("Withdraw this story")).click()
    button(author, "I withdraw my story").click()
    done = "Your story is withdrawn. Its key is destroyed: nobody can read it any more."
    expect(author.locator("main")).to_contain_text(in_french(done))


def tells_nothing(page):
    for words in (makers.STORY, TITLE):
        expect(page.locator("html")).not_to_contain_text(words)


def test_a_withdrawn_story_goes_from_the_tab_of_whoever_comes_back_to_it(circle, address, device):
    reader, author = device(circle.ines), device(circle.malik, viewport=DESK)
    reader.goto(address)
    expect(reader.locator(".e-story")).to_contain_text(makers.STORY)
    look_away(reader)

    withdraw(author, address)
    come_back(reader)

    expect(reader.locator("main")).to_contain_text(in_french(GONE))
    tells_nothing(reader)


def test_it_goes_within_a_minute_from_under_the_eyes_of_its_reader(circle, address, device):
    reader, author = device(circle.ines), device(circle.malik, viewport=DESK)
    reader.clock.install()
    reader.goto(address)
    expect(reader.locator(".e-story")).to_contain_text(makers.STORY)

    withdraw(author, address)
    reader.clock.run_for(61_000)

    expect(reader.locator("main")).to_contain_text(in_french(GONE))
    tells_nothing(reader)


def test_a_page_that_nobody_touches_lets_its_session_end(circle, address, device):
    page, asked = device(circle.ines), []
    page.clock.install()
    page.goto(address)
    page.on("request", lambda request: asked.append(request.url))

    for _minute in range(20):
        page.clock.run_for(60_000)
        page.wait_for_timeout(100)  # the answer comes in the time of this computer

    assert 1 <= len(asked) <= 5


@pytest.mark.parametrize("place", ["stories/", ""], ids=["the list", "the home"])
def test_it_goes_from_an_open_list_too(circle, address, device, place):
    makers.make_story(circle.ines, circle.group, title="Un autre jour")
    reader, author = device(circle.ines), device(circle.malik, viewport=DESK)
    reader.goto(f"/g/{circle.group.pk}/{place}")
    expect(reader.locator("main")).to_contain_text(TITLE)
    look_away(reader)

    withdraw(author, address)
    come_back(reader)

    expect(reader.locator("main")).not_to_contain_text(TITLE)
    expect(reader.locator("main")).to_contain_text("Un autre jour")


def test_changed_words_take_the_place_of_the_former_ones(circle, address, device):
    reader, author = device(circle.ines), device(circle.malik, viewport=DESK)
    reader.goto(address)
    look_away(reader)

    author.goto(f"{address}edit/")
    author.locator("[name=text]").fill("Ce soir, je suis rentré à pied.")
    button(author, "I keep these words").click()
    come_back(reader)

    expect(reader.locator(".e-story")).to_have_text("Ce soir, je suis rentré à pied.")
    expect(reader.locator("html")).not_to_contain_text(makers.STORY)


def test_a_content_note_stays_closed_while_the_page_asks_again(circle, device):
    noted = makers.make_story(circle.malik, circle.group, "Il pleuvait.", note="grief")
    reader = device(circle.ines)
    reader.goto(f"/g/{circle.group.pk}/stories/{noted.pk}/")
    look_away(reader)
    with reader.expect_response(lambda answer: str(noted.pk) in answer.url) as asked:
        come_back(reader)

    assert "Il pleuvait" not in asked.value.text()
    reader.get_by_role("link", name=in_french("Read"), exact=True).click()
    expect(reader.locator(".e-story")).to_have_text("Il pleuvait.")
    look_away(reader)
    come_back(reader)
    expect(reader.locator(".e-story")).to_have_text("Il pleuvait.")


def test_without_a_line_the_page_stays_as_it_is(circle, address, device):
    reader = device(circle.ines)
    reader.goto(address)
    reader.context.set_offline(True)
    look_away(reader)

    come_back(reader)

    expect(reader.locator(".e-story")).to_contain_text(makers.STORY)


def test_an_open_story_closes_with_its_session(circle, address, device):
    reader = device(circle.ines)
    reader.goto(address)
    look_away(reader)
    Session.objects.all().delete()

    come_back(reader)

    expect(reader.get_by_role("heading", level=1)).to_have_text(in_french("Sign in"))
    tells_nothing(reader)


def test_a_later_member_sees_only_what_was_opened(circle, address, device):
    zoe = makers.make_member("zoe")
    makers.join(zoe, circle.group, "Osier")
    newcomer, author = device(zoe), device(circle.malik, viewport=DESK)
    listed = f"/g/{circle.group.pk}/stories/"
    for place in (listed, f"/g/{circle.group.pk}/", address):
        newcomer.goto(place)
        tells_nothing(newcomer)

    author.goto(f"{address}edit/")
    author.get_by_label(in_french("Also those who come later")).check()
    button(author, "I keep these words").click()

    newcomer.goto(listed)
    newcomer.get_by_role("link", name=TITLE).click()
    expect(newcomer.locator(".e-story")).to_contain_text(makers.STORY)
    author.goto(f"{address}edit/")
    author.get_by_label(in_french("Those who are in the group today")).check()
    look_away(newcomer)
    button(author, "I keep these words").click()
    come_back(newcomer)
    expect(newcomer.locator("main")).to_contain_text(in_french(GONE))
    tells_nothing(newcomer)


# --- What is being written ------------------------------------------------------------------------------------------


@pytest.fixture
def writing(circle):
    return f"/g/{circle.group.pk}/stories/new/"


def test_whoever_signs_in_again_in_another_tab_goes_on_where_they_were(circle, writing, device, sign_in_on):
    page = device(circle.malik)
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)
    kept(page)
    Session.objects.all().delete()
    page.locator("[name=text]").press_sequentially(" Puis je remonte.")
    link = page.get_by_role("link", name=in_french("Sign in again, in another tab"))
    expect(link).to_be_visible(timeout=8_000)
    look_away(page)
    sign_in_on(page, circle.malik)

    come_back(page)

    kept(page)
    expect(link).to_be_hidden()
    button(page, "Read it over before sharing").click()
    expect(page.locator(".e-story")).to_have_text(f"{TEXT} Puis je remonte.")


def test_without_a_script_the_words_come_back_after_signing_in_again(circle, writing, device, sign_in_on, check):
    page = device(circle.malik, javascript=False)
    page.goto(writing)
    page.locator("[name=title]").fill("Seul")
    page.locator("[name=text]").fill("Oui.")
    page.get_by_label(in_french("Also those who come later")).check()
    Session.objects.all().delete()

    button(page, "Read it over before sharing").click()
    expect(page.locator("#written")).to_have_value("Seul\n\nOui.")
    check(page)
    sign_in_on(page, circle.malik)
    button(page, "Go on with my text").click()
    expect(page.locator("main")).to_contain_text(
        in_french("You are signed in again. What you had written is still here, and nothing of it was sent.")
    )
    check(page)
    button(page, "Go on with my text").click()

    expect(page.get_by_role("heading", level=2)).to_have_text("Seul")
    expect(page.locator(".e-story")).to_have_text("Oui.")
    button(page, "Change my text").click()
    expect(page.get_by_label(in_french("Also those who come later"))).to_be_checked()


def test_the_words_of_one_person_do_not_become_the_draft_of_another(circle, writing, device, sign_in_on):
    page = device(circle.malik)
    page.goto(writing)
    Session.objects.all().delete()
    page.locator("[name=text]").fill(TEXT)
    link = page.get_by_role("link", name=in_french("Sign in again, in another tab"))
    expect(link).to_be_visible(timeout=8_000)
    look_away(page)
    sign_in_on(page, circle.ines)

    with page.expect_response(lambda answer: answer.url.endswith("/new/")):
        come_back(page)

    expect(link).to_be_visible()
    other = device(circle.ines)
    other.goto(writing)
    expect(other.locator("[name=text]")).to_have_value("")


def test_without_a_line_pressing_a_button_loses_nothing(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)
    page.context.set_offline(True)

    button(page, "Read it over before sharing").click()

    words = in_french("Not kept yet: no answer came. Your text is still here, and we try again.")
    expect(page.locator("[data-state]")).to_have_text(words)
    expect(page.locator("[name=text]")).to_have_value(TEXT)
    page.context.set_offline(False)
    button(page, "Read it over before sharing").click()
    expect(page.locator(".e-story")).to_have_text(TEXT)


def test_the_spell_checker_is_off_until_somebody_wants_it(circle, writing, device):
    page = device(circle.malik)
    page.goto(writing)
    fields = "['title', 'text', 'own_feeling'].map(name => document.querySelector(`[name=${name}]`).spellcheck)"
    assert page.evaluate(fields) == [False] * 3

    page.get_by_label(in_french("Check my spelling")).check()

    assert page.evaluate(fields) == [True] * 3
    page.reload()
    assert page.evaluate(fields) == [False] * 3


@pytest.fixture
def deployed(tmp_path):
    """A site of its own, which a test may stop and start."""
    deployed = Site(tmp_path)
    deployed.start("web")
    yield deployed
    deployed.stop()


def test_a_site_that_starts_anew_between_two_steps_loses_nothing(circle, writing, chromium, deployed, sign_in_on):
    """As a deployment does: another process, which has heard of nothing; address, sessions and drafts stay."""
    page = chromium.new_context(base_url=deployed.address, locale="fr-CA").new_page()
    sign_in_on(page, circle.malik)  # a cookie knows hosts and no ports
    page.goto(writing)
    page.locator("[name=text]").fill(TEXT)
    kept(page)

    deployed.kill("web")
    page.locator("[name=text]").press_sequentially(" Puis je remonte.")
    waits = in_french("Not kept yet: no answer came. Your text is still here, and we try again.")
    expect(page.locator("[data-state]")).to_have_text(waits, timeout=8_000)
    deployed.start("web")
    button(page, "Read it over before sharing").click()
    expect(page.locator(".e-story")).to_have_text(f"{TEXT} Puis je remonte.")
    deployed.kill("web")
    deployed.start("web")
    button(page, "I share it with the group").click()

    expect(page.locator(".e-story")).to_have_text(f"{TEXT} Puis je remonte.")
    page.goto(writing)
    expect(page.locator("[name=text]")).to_have_value("")
    page.context.close()
