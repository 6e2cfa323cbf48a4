"""Three short pages: the name in this group, the charter, the reminders. Nothing is decided for anybody."""

from uuid import uuid4

import pytest

from groups.confidentiality import enter_group
from groups.models import CharterAcceptance, Membership
from tests import makers
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of


@pytest.fixture
def newcomer(circle):
    return makers.make_member("zoe")


@pytest.fixture
def join(circle):
    return f"/g/{circle.group.pk}/join/"


def members_of(circle):
    with as_person(circle.ines):
        return Membership.objects.filter(group=circle.group).count()


def test_three_pages_lead_into_the_group(circle, newcomer, join, visit):
    browser = visit(newcomer)

    name = browser.post(join, {"name": "Osier"})
    charter = browser.post(join + "charter/", makers.AGREE)
    reminders = browser.post(join + "reminders/", {"reminders": "day_before"}, follow=True)

    assert (name.status_code, name.url) == (302, join + "charter/")
    assert (charter.status_code, charter.url) == (302, join + "reminders/")
    assert reminders.redirect_chain == [(f"/g/{circle.group.pk}/", 302)]
    assert in_french("Welcome. There is no hurry.") in words_of(reminders)
    with as_person(newcomer):
        inside = enter_group(newcomer, circle.group.pk)
        assert inside.person.name.reveal() == "Osier"
        wanted = inside.membership.day_before, inside.membership.two_hours, inside.membership.changes
        assert wanted == (True, False, True)
        assert not inside.rights.facilitate
        assert CharterAcceptance.objects.count() == 1


def test_a_suggested_name_is_enough(circle, newcomer, join, visit):
    browser = visit(newcomer)
    page = browser.get(join)
    suggestion = page.context["form"].fields["suggestion"].choices[1][0]

    answer = browser.post(join, {"name": "", "suggestion": suggestion})

    assert answer.url == join + "charter/"
    assert browser.session["joining"] == {str(circle.group.pk): {"name": suggestion}}


def test_the_suggestions_stay_the_same_from_one_look_to_the_next(newcomer, join, visit):
    browser = visit(newcomer)

    looks = [browser.get(join).context["form"].fields["suggestion"].choices for _ in range(3)]

    assert looks[0] == looks[1] == looks[2]
    assert len(looks[0]) == 3


def test_the_preview_shows_the_name_and_keeps_nothing(newcomer, join, visit):
    browser = visit(newcomer)

    page = browser.post(join, {"name": "Osier", "look": "1"})

    assert page.status_code == 200
    assert in_french("What the others will see, exactly") + " Osier" in words_of(page)
    assert typed(page, "name") == "Osier"
    assert "joining" not in browser.session


def test_the_name_comes_back_when_one_returns_to_the_first_page(newcomer, join, visit):
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})

    page = browser.get(join)

    assert typed(page, "name") == "Osier"


def test_nothing_is_ticked_in_advance(newcomer, join, visit):
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})
    charter = browser.get(join + "charter/")
    browser.post(join + "charter/", makers.AGREE)
    reminders = browser.get(join + "reminders/")

    assert reminders.content.decode().count('type="radio"') == 3
    assert "checked" not in charter.content.decode()
    assert "checked" not in reminders.content.decode()


@pytest.mark.parametrize(
    ("step", "field", "said"),
    [
        ("", "name", "Choose a name for this group, or take one of the suggestions."),
        ("charter/", "agree", "To enter the group, tick the box that says you commit to the charter."),
        ("reminders/", "reminders", "Choose one of the three answers. You can change it later."),
    ],
)
def test_each_page_asks_for_its_answer(circle, newcomer, join, visit, step, field, said):
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})
    browser.post(join + "charter/", makers.AGREE)

    page = browser.post(join + step, {"csrfmiddlewaretoken": "a browser always sends it"})

    assert page.status_code == 422
    assert error_beside(page, field) == in_french(said)
    assert members_of(circle) == 2


def test_no_page_can_be_skipped(circle, newcomer, join, visit):
    browser = visit(newcomer)

    at_once = browser.post(join + "reminders/", {"reminders": "none"})
    charter_first = browser.post(join + "charter/", makers.AGREE)
    browser.post(join, {"name": "Osier"})
    without_charter = browser.post(join + "reminders/", {"reminders": "none"})

    assert (at_once.status_code, at_once.url) == (302, join + "charter/")
    assert (charter_first.status_code, charter_first.url) == (302, join)
    assert (without_charter.status_code, without_charter.url) == (302, join + "charter/")
    assert members_of(circle) == 2


def test_the_steps_of_one_group_are_not_those_of_another(circle, newcomer, join, visit):
    other = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})
    browser.post(join + "charter/", makers.AGREE)

    answer = browser.post(f"/g/{other.pk}/join/reminders/", {"reminders": "none"})

    assert answer.url == f"/g/{other.pk}/join/charter/"


def test_a_name_taken_meanwhile_is_asked_again_at_the_end(circle, newcomer, join, visit):
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})
    browser.post(join + "charter/", makers.AGREE)
    makers.join(makers.make_member("noor"), circle.group, "osier")

    page = browser.post(join + "reminders/", {"reminders": "none"}, follow=True)

    assert page.redirect_chain == [(join, 302)]
    assert in_french(
        "Somebody in this group already has this name, or one that looks like it. Choose another one."
    ) in words_of(page)
    assert members_of(circle) == 3


def test_the_same_name_in_two_groups_is_free(circle, newcomer, visit):
    other = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")

    answer = visit(newcomer).post(f"/g/{other.pk}/join/", {"name": "Gué bleu"})

    assert answer.url == f"/g/{other.pk}/join/charter/"


def test_the_last_page_posted_twice_makes_one_membership(circle, newcomer, join, visit):
    browser = visit(newcomer)
    browser.post(join, {"name": "Osier"})
    browser.post(join + "charter/", makers.AGREE)

    first = browser.post(join + "reminders/", {"reminders": "none"})
    second = browser.post(join + "reminders/", {"reminders": "none"}, follow=True)

    assert first.url == f"/g/{circle.group.pk}/"
    assert second.redirect_chain[-1] == (f"/g/{circle.group.pk}/", 302)
    assert members_of(circle) == 3


def test_two_windows_that_finish_at_once_make_one_membership(circle, newcomer, join, visit):
    windows = [visit(newcomer), visit(newcomer)]
    for number, window in enumerate(windows):
        window.post(join, {"name": f"Osier {number}"})
        window.post(join + "charter/", makers.AGREE)

    answers = [window.post(join + "reminders/", {"reminders": "none"}) for window in windows]

    assert [answer.url for answer in answers] == [f"/g/{circle.group.pk}/"] * 2
    assert members_of(circle) == 3


def test_a_member_is_led_home(circle, join, visit):
    answer = visit(circle.malik).get(join)

    assert (answer.status_code, answer.url) == (302, f"/g/{circle.group.pk}/")


def test_a_visitor_signs_in_first_and_comes_back(join, visit):
    answer = visit().get(join)

    assert (answer.status_code, answer.url) == (302, f"/account/login/?next={join}")


def test_a_former_member_may_come_back_and_finds_nothing_of_before(circle, join, visit):
    browser = visit(circle.sofia)
    browser.post(join, {"name": "Pré long"})
    browser.post(join + "charter/", makers.AGREE)

    page = browser.post(join + "reminders/", {"reminders": "none"}, follow=True)

    assert page.status_code == 200
    assert browser.get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/").status_code == 404


def test_a_group_that_never_was_has_no_door(newcomer, visit):
    assert visit(newcomer).get(f"/g/{uuid4()}/join/").status_code == 404
