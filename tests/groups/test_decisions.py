"""What belongs to the group changes by consent: any member proposes it, and when nobody objects it applies itself."""

from uuid import uuid4

import pytest

from entraide.lib.days import today
from entraide.lib.sql import answer
from entraide.lib.words import name_key
from tests import makers
from tests.groups.consent import let_days_pass, outcome, propose, sheet
from tests.makers import WHY, as_superuser
from tests.pages import error_beside, in_french, typed, words_of

ONLINE = {"for_whom": "Pour celles et ceux qui veulent arrêter.", "language": "fr", "format": "online", "city": "Alma"}
ONLINE |= {"description": "On s’écoute.", "access": ["captions"], "size_min": 3, "size_max": 9}


# --- Each kind --------------------------------------------------------------------------------------------------------


def test_a_name_nobody_objects_to_is_adopted_and_applied_by_the_first_visit(village, visit, page):
    browser = visit(village.malik)
    proposed = propose(browser, page, "name", name="Deux soirs à la fois")
    shown = words_of(browser.get(proposed.url))
    assert in_french("The group would be called “%(name)s”.", name="Deux soirs à la fois") in shown
    assert "Un soir à la fois" in shown and WHY in shown and "Gué bleu" in shown
    let_days_pass(7)
    visit(village.ines).get(page)
    assert sheet(village).name == "Un soir à la fois", "the last day is a whole day"

    let_days_pass(1)
    visit(village.ines).get(f"/g/{village.group.pk}/")

    assert sheet(village).name == "Deux soirs à la fois"
    assert sheet(village).slug == village.group.slug
    assert in_french("Adopted: nobody objected. The change is made.") in words_of(browser.get(page))


def test_the_sheet_changes_as_a_whole(village, visit, page):
    proposed = propose(visit(village.malik), page, "sheet", **ONLINE)
    assert "Sherbrooke" in words_of(visit(village.ines).get(proposed.url))
    let_days_pass()

    visit(village.ines).get(page)

    changed = sheet(village)
    assert (changed.for_whom, changed.description) == (ONLINE["for_whom"], ONLINE["description"])
    assert (changed.format, changed.city, changed.access) == ("online", "", ["captions"])
    assert (changed.size_min, changed.size_max, changed.name) == (3, 9, "Un soir à la fois")


def test_the_way_of_joining_changes(village, visit, page):
    propose(visit(village.malik), page, "joining", joining="welcome")
    let_days_pass()

    visit(village.malik).get(page)

    assert sheet(village).joining == "welcome"


def test_additions_to_the_charter_are_accepted_before_any_story_opens_again(village, visit, page):
    browser, home = visit(village.malik), f"/g/{village.group.pk}/"
    propose(browser, page, "charter", addition_1="On arrive à l’heure.", addition_3="On range la salle.")
    assert browser.get(home).status_code == 200
    let_days_pass()

    shown = browser.get(home)

    assert shown.status_code == 302 and "/charter/" in shown.url
    assert sheet(village).charter_additions == ["On arrive à l’heure.", "On range la salle."]
    assert sheet(village).charter_on == today()
    browser.post(f"{home}charter/", makers.AGREE | {"version": today().isoformat()})
    assert browser.get(home).status_code == 200


def test_a_closed_group_is_read_for_thirty_days_and_changes_no_more(village, visit, page):
    browser = visit(village.malik)
    propose(browser, page, "closing")
    other = makers.make_decision(village.ines, village.group)
    let_days_pass()

    assert browser.get(page).status_code == 200

    assert (sheet(village).keys_end_on - today()).days == 30
    assert outcome(other) == "lapsed" and sheet(village).name == "Un soir à la fois"
    assert browser.get(f"/g/{village.group.pk}/stories/{village.story.pk}/").status_code == 200
    refused = propose(browser, page, "name", name="Trop tard")
    assert refused.status_code == 422
    assert in_french("The group is closed: nothing of it changes any more.") in words_of(refused)
    for act in ("stories/new/share/", "facilitation/volunteer/", "meetings/new/confirm/"):
        assert browser.post(f"/g/{village.group.pk}/{act}", {}).status_code == 403


def test_the_form_of_one_change_sent_for_another_is_told_and_changes_nothing(village, visit, page):
    browser, key = visit(village.malik), str(uuid4())
    propose(browser, page, "joining", joining="welcome", key=key)

    again = propose(browser, page, "name", name="Deux soirs", key=key)

    assert again.status_code == 422
    assert as_superuser("select kind from groups_decision") == [("joining",)]


@pytest.mark.parametrize("before", ["9" * 4000, "-1", "x", "9" * 19])
def test_the_history_begins_anywhere(village, visit, page, before):
    assert visit(village.malik).get(page, {"before": before}).status_code == 200


# --- Proposing --------------------------------------------------------------------------------------------------------


def test_the_form_opens_with_what_is(village, visit, page):
    browser = visit(village.malik)

    name, joining = browser.get(f"{page}new/?what=name"), browser.get(f"{page}new/?what=joining")

    assert typed(name, "name") == "Un soir à la fois" and typed(name, "days") == "7"
    assert joining.context["form"]["joining"].value() == "open"


@pytest.mark.parametrize(
    ("days", "status"), [("2", 422), ("3", 302), ("30", 302), ("31", 422), ("", 422), ("sept", 422)]
)
def test_a_window_lasts_from_three_to_thirty_days(village, visit, page, days, status):
    answer = propose(visit(village.malik), page, "name", name="Deux soirs", days=days)

    assert answer.status_code == status
    if status == 422:
        assert error_beside(answer, "days") == in_french("Write a number of days, from 3 to 30.")


@pytest.mark.parametrize(
    ("what", "answers", "field"),
    [
        ("name", {"name": "Un soir à la fois"}, "__all__"),
        ("name", {"name": ""}, "name"),
        ("name", {"name": "Deux\u202esoirs"}, "name"),
        ("name", {"name": "Deux soirs", "why": ""}, "why"),
        ("sheet", ONLINE | {"format": "both", "city": ""}, "city"),
        ("sheet", ONLINE | {"size_min": "9", "size_max": "3"}, "size_max"),
        ("sheet", ONLINE | {"size_min": "1"}, "size_min"),
        ("joining", {"joining": "never"}, "joining"),
        ("charter", {}, "__all__"),
        ("charter", {"addition_1": "a" * 161}, "addition_1"),
        ("exclusion", {"about": str(uuid4()), "second": ""}, "about"),
    ],
)
def test_what_cannot_be_proposed_is_said_beside_its_field_and_nothing_is_kept(
    village, visit, page, what, answers, field
):
    refused = propose(visit(village.malik), page, what, **answers)

    assert refused.status_code == 422 and field in refused.context["form"].errors
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


@pytest.mark.parametrize(
    "name", ["Lés jours gris", "LES  JOURS GRIS", "Les jοurs gris", "Les-jours-gris", "Ies jours gris"]
)
def test_a_name_that_looks_like_another_groups_is_refused_beside_the_field(village, visit, page, name):
    makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")

    refused = propose(visit(village.malik), page, "name", name=name)

    said = "Another group already has this name, or one that looks like it. Choose another one."
    assert error_beside(refused, "name") == in_french(said)


@pytest.mark.parametrize(
    "name",
    [
        "Un soir à la fois",
        "Élan  du NORD",
        "Соrde",
        "ΑΒΕΖ",
        "l1I|ı",
        "Dé\u200bbut",
        "L’atelier (est), 2e",
        "Nº 5",
        "Œuvre",
        "ﬁl",
    ],
)
def test_the_database_folds_names_as_the_rest_of_the_house_does(db, name):
    assert answer("select app.name_key(%s)", name) == name_key(name)


def test_names_of_signs_alone_differ(db):
    assert answer("select app.name_key('★') <> app.name_key('♥')")


@pytest.mark.parametrize(
    ("what", "answers", "field"),
    [
        ("name", {"name": "Deux soirs, 10 $"}, "name"),
        ("sheet", ONLINE | {"description": "Une cotisation de 5 $ par mois."}, "description"),
        ("charter", {"addition_2": "Chaque membre verse une contribution de 20 $."}, "addition_2"),
    ],
)
def test_what_everybody_would_read_asks_nobody_for_money(village, visit, page, what, answers, field):
    refused = propose(visit(village.malik), page, what, **answers)

    assert refused.status_code == 422 and set(refused.context["form"].errors) == {field}


def test_a_group_that_moves_to_another_city_is_found_there(village, visit, page):
    propose(visit(village.malik), page, "sheet", **ONLINE | {"format": "both", "city": "Québec"})
    let_days_pass()

    visit(village.ines).get(page)

    moved = sheet(village)
    assert moved.city == "Québec" and (round(moved.latitude), round(moved.longitude)) == (47, -71)


def test_a_group_may_write_its_own_name_in_another_way(village, visit, page):
    assert propose(visit(village.malik), page, "name", name="Un Soir à la Fois").status_code == 302


def test_a_name_taken_meanwhile_is_not_applied(village, visit, page):
    decision = makers.make_decision(village.malik, village.group, change={"name": "Les jours gris"})
    makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    let_days_pass()

    shown = visit(village.ines).get(page)

    assert outcome(decision) == "lapsed" and sheet(village).name == "Un soir à la fois"
    assert shown.status_code == 200


def test_a_second_proposal_of_a_kind_waits_for_the_first_and_its_words_are_kept(village, visit, page):
    propose(visit(village.malik), page, "name", name="Deux soirs")

    refused = propose(visit(village.ines), page, "name", name="Trois soirs")

    assert refused.status_code == 422 and typed(refused, "name") == "Trois soirs"
    said = "A proposal about this is open already. Answer that one first; yours is not sent."
    assert in_french(said) in words_of(refused)
    assert propose(visit(village.ines), page, "joining", joining="welcome").status_code == 302


def test_the_same_form_twice_is_one_proposal_and_other_words_are_not_lost(village, visit, page):
    browser, same = visit(village.malik), {"key": str(uuid4()), "name": "Deux soirs"}

    first, again = (propose(browser, page, "name", **same) for _ in range(2))

    assert first.status_code == again.status_code == 302 and first.url == again.url
    other = propose(browser, page, "name", **same | {"name": "Trois soirs"})
    assert other.status_code == 422 and typed(other, "name") == "Trois soirs"
