"""Facilitating is a service with a term, open to every member; it gives power over the logistics of meetings alone."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction

from entraide.lib.days import today
from entraide.lib.sql import answer
from groups.confidentiality import enter_group, own_terms
from groups.models import HandOver
from tests import makers
from tests.makers import as_person, as_superuser
from tests.pages import in_french, words_of
from tests.test_races import at_once, browser_of

TERM = timedelta(days=182)


@pytest.fixture
def page(circle):
    return f"/g/{circle.group.pk}/facilitation/"


@pytest.fixture
def village(committed):
    return makers.make_circle()


def inside(member, group):
    with as_person(member):
        return enter_group(member, group.pk)


def terms(member, group):
    with as_person(member):
        return [(term.starts_on, term.ends_on) for term in own_terms(enter_group(member, group.pk))]


def let_days_pass(days):
    as_superuser("update groups_facilitation set starts_on = starts_on - %s, ends_on = ends_on - %s", days, days)


def may_schedule(browser, group):
    return browser.get(f"/g/{group.pk}/meetings/new/").status_code == 200


def test_any_member_volunteers_for_six_months(circle, visit, page):
    browser = visit(circle.malik)
    assert not may_schedule(browser, circle.group)

    done = browser.post(f"{page}volunteer/", follow=True)

    assert in_french("Thank you, it is noted. You can stop at any time, without a reason.") in done.content.decode()
    assert terms(circle.malik, circle.group) == [(today(), today() + TERM)]
    assert may_schedule(browser, circle.group)


def test_several_facilitate_at_once_and_the_founder_has_nothing_more(circle, visit, page):
    visit(circle.malik).post(f"{page}volunteer/")

    shown = visit(circle.malik).get(page).content.decode()

    assert "Phare vert" in shown and "Gué bleu" in shown
    assert inside(circle.ines, circle.group).rights == inside(circle.malik, circle.group).rights


def test_volunteering_again_and_again_is_one_term(circle, visit, page):
    browser = visit(circle.malik)

    for _ in range(3):
        browser.post(f"{page}volunteer/")

    assert len(terms(circle.malik, circle.group)) == 1


def test_volunteering_in_two_windows_at_once_is_one_term(village):
    address = f"/g/{village.group.pk}/facilitation/volunteer/"

    assert at_once(*[partial(browser_of(village.malik).post, address)] * 4) == [302] * 4

    assert len(terms(village.malik, village.group)) == 1


def test_a_term_is_renewed_in_its_last_month(village, visit):
    let_days_pass(182 - 30)
    [(_, end)] = terms(village.ines, village.group)
    page, browser = f"/g/{village.group.pk}/facilitation/", visit(village.ines)
    assert in_french("I go on for six months") in browser.get(page).content.decode()

    for _ in range(2):
        browser.post(f"{page}volunteer/")

    assert terms(village.ines, village.group) == [(end - TERM, end), (end, end + TERM)]


def test_a_term_ends_by_itself_and_then_any_member_may_schedule(village, visit):
    browser = visit(village.malik)
    let_days_pass(181)
    assert not may_schedule(browser, village.group)

    let_days_pass(1)

    assert may_schedule(browser, village.group) and may_schedule(visit(village.ines), village.group)
    said = in_french("Nobody does it for now. The group lives all the same: any member may schedule the next meeting.")
    assert said in words_of(browser.get(f"/g/{village.group.pk}/"))
    makers.make_series(village.malik, village.group)
    visit(village.ines).post(f"/g/{village.group.pk}/facilitation/volunteer/")
    assert not may_schedule(browser, village.group)


def test_nobody_sees_how_many_plan_to_come_for_lack_of_a_facilitator(village, visit):
    let_days_pass(182)

    meeting = visit(village.malik).get(f"/g/{village.group.pk}/meetings/{village.meeting.pk}/")

    assert meeting.status_code == 200 and meeting.context["replies"].coming is None


def test_whoever_stops_arranges_nothing_any_more_and_reads_as_before(circle, visit, page):
    visit(circle.malik).post(f"{page}volunteer/")

    visit(circle.ines).post(f"{page}stop/")

    assert terms(circle.ines, circle.group) == []
    assert not may_schedule(visit(circle.ines), circle.group)
    assert visit(circle.ines).get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/").status_code == 200


def ask_malik(circle, visit, page):
    to = inside(circle.malik, circle.group).membership.pk
    return visit(circle.ines).post(f"{page}hand-over/", {"to": str(to)}, follow=True)


def test_a_facilitator_asks_and_the_other_takes_over(circle, visit, page):
    ask_malik(circle, visit, page)
    assert len(terms(circle.ines, circle.group)) == 1 and not terms(circle.malik, circle.group)
    assert "Phare vert" in visit(circle.malik).get(page).content.decode()

    visit(circle.malik).post(f"{page}hand-over/answer/", {"answer": "yes"})

    assert terms(circle.malik, circle.group) == [(today(), today() + TERM)]
    assert terms(circle.ines, circle.group) == []


@pytest.mark.parametrize(("who", "answer_given"), [("malik", "no"), ("ines", "back")])
def test_declined_or_taken_back_nothing_changes(circle, visit, page, who, answer_given):
    ask_malik(circle, visit, page)

    visit(getattr(circle, who)).post(f"{page}hand-over/answer/", {"answer": answer_given})

    too_late = visit(circle.malik).post(f"{page}hand-over/answer/", {"answer": "yes"}, follow=True)
    assert in_french("It was taken back meanwhile. Nothing changed.") in too_late.content.decode()
    assert len(terms(circle.ines, circle.group)) == 1 and not terms(circle.malik, circle.group)


def test_one_person_is_asked_at_a_time(circle, visit, page):
    ask_malik(circle, visit, page)

    again = ask_malik(circle, visit, page)

    said = "You have asked somebody already. Take it back first, or wait for their answer."
    assert in_french(said) in again.content.decode()


@pytest.mark.parametrize("to", ["", "abc", "00000000-0000-4000-8000-000000000000", "former", "self"])
def test_nobody_outside_the_group_is_asked(circle, visit, page, to):
    if to == "self":
        to = str(inside(circle.ines, circle.group).membership.pk)

    refused = visit(circle.ines).post(f"{page}hand-over/", {"to": to})

    assert refused.status_code == 422
    assert refused.context["form"].errors["to"]


def test_a_third_member_neither_sees_nor_answers_it(circle, visit, page):
    third = makers.make_member("lea")
    makers.join(third, circle.group, "Bouleau")
    ask_malik(circle, visit, page)

    visit(third).post(f"{page}hand-over/answer/", {"answer": "yes"})

    assert not terms(third, circle.group)
    with as_person(third):
        assert not HandOver.objects.exists()


def test_the_database_lets_nobody_outside_facilitate(circle):
    with as_person(circle.sofia), pytest.raises(ProgrammingError, match="only members"), transaction.atomic():
        answer("select app.facilitate(%s)", circle.group.pk)


def test_whoever_leaves_while_they_are_asked_is_said_to_be_gone(village, visit):
    group = f"/g/{village.group.pk}/"
    to, giver = inside(village.malik, village.group).membership.pk, browser_of(village.ines)
    leaving = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"], dbname=connection.settings_dict["NAME"])
    with ThreadPoolExecutor(1) as pool:
        with leaving, leaving.cursor() as cursor:
            cursor.execute("delete from groups_story; delete from groups_membership where id = %s", [str(to)])
            asking = pool.submit(at_once, partial(giver.post, f"{group}facilitation/hand-over/", {"to": str(to)}))
            time.sleep(0.5)
            assert not asking.done(), "it waits for whoever is leaving"
        leaving.close()
        assert asking.result() == [302]

    shown = words_of(giver.get(f"{group}facilitation/"))
    assert in_french("This person is no longer in the group. Choose another one.") in shown
    assert as_superuser("select count(*) from groups_handover") == [(0,)]


def test_taking_over_and_leaving_at_once_has_one_outcome(village):
    group = f"/g/{village.group.pk}/"
    to = inside(village.malik, village.group).membership.pk
    browser_of(village.ines).post(f"{group}facilitation/hand-over/", {"to": str(to)})

    statuses = at_once(
        partial(browser_of(village.malik).post, f"{group}facilitation/hand-over/answer/", {"answer": "yes"}),
        partial(browser_of(village.ines).post, f"{group}leave/", {"stories": "withdraw"}),
    )

    assert set(statuses) == {302}
    assert as_superuser("select count(*) from groups_handover") == [(0,)]
    assert as_superuser("select count(*) from groups_facilitation")[0][0] <= 1
