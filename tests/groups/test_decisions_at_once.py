"""A decision closes while somebody answers, proposes, leaves or visits too: one clear outcome, in real parallel."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection

from groups.models import Group, Kind
from tests import makers
from tests.groups.consent import REASON, exclusion, let_days_pass, membership, outcome
from tests.makers import WHY, as_superuser
from tests.test_races import ROUNDS, at_once, browser_of

COUNT_CHANGES = """
create table public.changes_seen (name text);
create function public.see_change() returns trigger language plpgsql security definer as
    $$ begin insert into public.changes_seen values (new.name); return null; end $$;
create trigger see_change after update of name on groups_group
    for each row execute function public.see_change();
"""


@pytest.fixture
def counted():
    """How often a group was changed, whatever the outcome says."""
    as_superuser(COUNT_CHANGES)
    yield lambda: as_superuser("select count(*) from public.changes_seen")[0][0]
    as_superuser(
        "drop trigger see_change on groups_group; drop function public.see_change; drop table public.changes_seen"
    )


def position(member, page, decision, stance):
    return partial(browser_of(member).post, f"{page}{decision.pk}/position/", {"stance": stance, "reason": REASON})


def look(member, page):
    return partial(browser_of(member).get, page)


def name_of(village):
    return Group.objects.get(pk=village.group.pk).name


def said_on(decision):
    return as_superuser("select stance from groups_position where decision_id = %s order by 1", str(decision.pk))


@pytest.mark.parametrize("stance", ["agree", "object"])
def test_an_answer_at_the_moment_of_closing_is_not_kept(village, page, stance):
    for number in range(ROUNDS):
        decision = makers.make_decision(village.ines, village.group, change={"name": f"Nom {number}"})
        let_days_pass()

        statuses = at_once(position(village.malik, page, decision, stance), look(village.ines, page))

        assert statuses == [302, 200]
        assert (outcome(decision), name_of(village)) == ("adopted", f"Nom {number}")
        assert said_on(decision) == [("propose",)]


def test_visits_at_once_apply_a_decision_once(village, page, counted):
    people = (village.ines, village.malik, village.lea)
    for number in range(4):
        before = counted()
        decision = makers.make_decision(village.ines, village.group, change={"name": f"Nom {number}"})
        let_days_pass()

        statuses = at_once(*(look(person, page) for person in people * 2))

        assert statuses == [200] * 6
        assert (outcome(decision), counted() - before) == ("adopted", 1)


def test_an_objection_against_an_adoption_has_one_outcome(village, page):
    """The last day ends while somebody objects: what was kept and what was applied never contradict each other."""
    for number in range(ROUNDS):
        before = name_of(village)
        decision = makers.make_decision(village.ines, village.group, change={"name": f"Nom {number}"})

        statuses = at_once(
            position(village.malik, page, decision, "object"),
            position(village.lea, page, decision, "agree"),
            look(village.ines, page),
            lambda: let_days_pass() or look(village.lea, page)(),
        )

        assert set(statuses) <= {200, 302}
        browser_of(village.ines).get(page)
        objected = ("object",) in said_on(decision)
        assert outcome(decision) == ("returned" if objected else "adopted")
        assert name_of(village) == (before if objected else f"Nom {number}")


@pytest.mark.parametrize("stance", ["agree", "object"])
def test_an_answer_that_waited_while_the_last_day_ended_is_not_kept(village, page, stance):
    decision = makers.make_decision(village.ines, village.group, change={"name": "Deux soirs"})
    other = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"], dbname=connection.settings_dict["NAME"])
    with ThreadPoolExecutor(1) as pool:
        with other, other.cursor() as cursor:
            cursor.execute("select 1 from groups_groupclock for update")
            waiting = pool.submit(at_once, position(village.malik, page, decision, stance))
            time.sleep(0.5)
            assert not waiting.done(), "it waits for whoever moves the group"
            cursor.execute("update groups_decision set closes_on = closes_on - 8")
        assert waiting.result() == [302]
    other.close()

    assert said_on(decision) == [("propose",)]
    browser_of(village.ines).get(page)
    assert (outcome(decision), name_of(village)) == ("adopted", "Deux soirs")


def test_two_proposals_of_a_kind_at_once_are_one(village, page):
    words = {"why": WHY, "days": "7", "joining": "welcome"}

    statuses = at_once(
        *(
            partial(browser_of(person).post, f"{page}new/?what=joining", words | {"key": str(uuid4())})
            for person in (village.ines, village.malik, village.lea)
        )
    )

    assert sorted(statuses) == [302, 422, 422]
    assert as_superuser("select count(*) from groups_decision") == [(1,)]


def test_two_groups_that_adopt_the_same_name_at_once(village, page):
    theo = makers.make_member("theo")
    other = makers.make_group(theo, "Tilleul", name="Les jours gris")
    for number in range(4):
        name = f"Deux soirs {chr(97 + number)}"
        decisions = [
            makers.make_decision(village.ines, village.group, change={"name": name}),
            makers.make_decision(theo, other, change={"name": name.upper()}),
        ]
        let_days_pass()

        assert at_once(look(village.ines, page), look(theo, f"/g/{other.pk}/decisions/")) == [200, 200]

        assert sorted(map(outcome, decisions)) == ["adopted", "lapsed"]


def test_somebody_is_excluded_while_they_write_answer_or_leave(village, page):
    group = f"/g/{village.group.pk}/"
    for number in range(4):
        decision = exclusion(village)
        let_days_pass()
        story = {"text": "Je marche.", "note": "", "readers": "present", "life": "", "key": str(uuid4())}
        own = [browser_of(village.malik) for _ in range(3)]

        statuses = at_once(
            look(village.ines, page),
            look(village.lea, page),
            partial(own[0].post, f"{group}stories/new/share/", story),
            partial(own[1].post, f"{group}leave/", {"stories": "keep"}) if number % 2 else partial(own[1].get, group),
            partial(own[2].post, f"{page}{decision.pk}/position/", {"reason": "J’étais malade."}),
        )

        assert set(statuses) <= {200, 302, 404}
        browser_of(village.ines).get(page)  # whom the person's own act kept from closing it
        assert own[0].get(group).status_code == 404
        assert as_superuser("select count(*) from groups_story where author_id is not null") == [(0,)]
        assert as_superuser("select count(*) from groups_decision where outcome = 'open'") == [(0,)]
        makers.join(village.malik, village.group, f"Gué {number}")


def test_of_two_pairs_that_exclude_each_other_at_once_one_is_heard(village, page):
    yan = makers.make_member("yan")
    makers.join(yan, village.group, "Osier")
    about, second = membership(village.ines, village.group), membership(yan, village.group)
    first = exclusion(village, confirmed=False)
    crossing = makers.make_decision(village.malik, village.group, Kind.EXCLUSION, about=about, second=second)

    at_once(
        partial(browser_of(village.lea).post, f"{page}{first.pk}/second/", {"why": WHY}),
        partial(browser_of(yan).post, f"{page}{crossing.pk}/second/", {"why": WHY}),
    )

    assert sorted([outcome(first), outcome(crossing)]) == ["open", "waiting"]


def test_the_second_person_says_yes_while_the_first_takes_it_back(village, page):
    for _ in range(ROUNDS):
        decision = exclusion(village, confirmed=False)

        statuses = at_once(
            partial(browser_of(village.lea).post, f"{page}{decision.pk}/second/", {"why": WHY}),
            partial(browser_of(village.ines).post, f"{page}{decision.pk}/withdraw/"),
        )

        assert statuses[0] in (302, 404) and statuses[1] in (302, 404)
        assert as_superuser("select count(*) from groups_decision") == [(0,)]
        assert as_superuser("select count(*) from groups_position") == [(0,)]


def test_an_exclusion_is_proposed_while_the_person_leaves(village, page):
    about, second = (str(membership(one, village.group)) for one in (village.malik, village.lea))
    words = {"why": WHY, "days": "7", "about": about, "second": second, "key": str(uuid4())}

    statuses = at_once(
        partial(browser_of(village.ines).post, f"{page}new/?what=exclusion", words),
        partial(browser_of(village.malik).post, f"/g/{village.group.pk}/leave/", {"stories": "withdraw"}),
        partial(browser_of(village.lea).post, f"/g/{village.group.pk}/leave/", {"stories": "withdraw"}),
    )

    assert set(statuses) <= {302, 422}
    assert as_superuser("select count(*) from groups_decision where about_id is not null") == [(0,)]
