"""The end of a group: with its last member, or as its members decide; and thirty days later nothing of it is left."""

from uuid import UUID

import psycopg2
import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from entraide.lib.days import today
from entraide.lib.sql import answer
from entraide.templatetags.house import day
from groups.founding import is_name_free
from groups.models import EntryRequest, Group, Story
from meetings.models import Meeting, Series
from tests import makers, services
from tests.makers import as_person, everything_stored
from tests.pages import in_french, words_of

DAYS = 30


@pytest.fixture
def alone(db):
    """Inès is the only member; Malik has left his story."""
    return make_alone()


def make_alone():
    circle = makers.make_circle()
    makers.leave(circle.malik, circle.group)
    return circle


def leave(visit, member, group):
    return visit(member).post(f"/g/{group.pk}/leave/", {"stories": "withdraw"})


def of(group):
    return Group.objects.get(pk=group.pk)


def close(group):
    """As a decision of its members does."""
    with services.superuser() as cursor:
        cursor.execute("select app.close_group(%s)", [str(group.pk)])


def end_closed_groups(*, after):
    """The worker's act, so many days later."""
    with services.superuser() as cursor:
        cursor.execute("update groups_group set keys_end_on = keys_end_on - %s", [after])
    with services.worker() as cursor:
        cursor.execute("select app.end_closed_groups()")
        return cursor.fetchone()[0]


# --- Leaving --------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_last_member_what_their_leaving_ends(alone, visit):
    page = visit(alone.ines).get(f"/g/{alone.group.pk}/leave/")

    said = "You are the last member: when you leave, the group closes. Its keys are destroyed 30 days later,"
    assert in_french(f"{said} and everything with them.") in words_of(page)
    assert in_french("My stories") not in words_of(page)


def test_the_page_tells_the_only_one_who_facilitates_that_the_group_lives_on(circle, visit):
    said = in_french(
        "Nobody else facilitates for now. After you, any member may schedule the next meeting; the group lives on."
    )

    hers, his = (words_of(visit(one).get(f"/g/{circle.group.pk}/leave/")) for one in (circle.ines, circle.malik))
    visit(circle.malik).post(f"/g/{circle.group.pk}/facilitation/volunteer/")
    with_two = words_of(visit(circle.ines).get(f"/g/{circle.group.pk}/leave/"))

    assert said in hers
    assert said not in his
    assert said not in with_two


def test_with_the_last_member_the_group_closes(alone, visit):
    zoe = makers.make_member("zoe")

    leave(visit, alone.ines, alone.group)

    closed = of(alone.group)
    assert (closed.keys_end_on - today()).days == DAYS
    assert closed.next_starts_at is None and closed.rhythm == ""
    assert visit(zoe).get(f"/groups/{alone.group.slug}/").status_code == 404
    assert visit(zoe).get(f"/g/{alone.group.pk}/join/").status_code == 404
    assert visit(alone.ines).get(f"/groups/{alone.group.slug}/").status_code == 404
    assert alone.group.name not in words_of(visit().get("/groups/"))
    assert alone.group.name not in words_of(visit().get("/"))


def test_whoever_was_filling_the_pages_is_told(alone, visit):
    zoe = makers.make_member("zoe")
    browser, join = visit(zoe), f"/g/{alone.group.pk}/join/"
    browser.post(join, {"name": "Osier"})
    browser.post(join + "charter/", makers.AGREE)
    leave(visit, alone.ines, alone.group)

    assert browser.post(join + "reminders/", {"reminders": "none"}).status_code == 404


def test_meetings_and_requests_end_with_the_group(committed, owner, visit):
    ines, zoe = makers.make_member("ines"), makers.make_member("zoe")
    group = makers.make_group(ines, "Phare vert", joining="welcome")
    makers.make_series(ines, group)
    makers.ask(zoe, group, "Osier")

    leave(visit, ines, group)

    stored = everything_stored(owner)
    for table in ("meetings_series", "meetings_meeting", "meetings_rsvp", "meetings_reminder", "groups_entryrequest"):
        assert stored[table] == "", table
    assert makers.own_request(zoe, group) is None


def test_a_group_that_still_has_somebody_goes_on(circle, visit):
    leave(visit, circle.ines, circle.group)

    assert not of(circle.group).is_closed


# --- A group that its members close ----------------------------------------------------------------------------------


def test_members_of_a_closed_group_read_until_the_end_and_plan_nothing(committed, visit):
    circle = makers.make_circle()
    close(circle.group)
    browser, group = visit(circle.ines), f"/g/{circle.group.pk}/"

    home, story = browser.get(group), browser.get(f"{group}stories/{circle.story.pk}/")

    said = (
        "This group is closed. Until %(the_day)s you can still read it and take your words with you."
        " On that day its keys are destroyed, and everything with them."
    )
    with translation.override("fr"):
        the_day = day(of(circle.group).keys_end_on)
    assert in_french(said, the_day=the_day) in words_of(home)
    assert makers.STORY in words_of(story)
    assert browser.get(f"{group}meetings/new/").status_code == 403
    assert browser.get(f"{group}leave/").status_code == 200
    with as_person(circle.ines):
        assert not Series.objects.exists() and not Meeting.objects.exists()
        assert Story.objects.count() == 1


def test_nobody_enters_a_closed_group_and_nobody_asks(committed):
    circle = makers.make_circle()
    close(circle.group)
    zoe = makers.make_member("zoe")

    questions = ["may_enter(%s)", "may_ask(%s)", "ask_to_enter(%s, gen_random_uuid(), '\\x00', '')"]
    with as_person(zoe):
        assert [answer(f"select app.{question}", circle.group.pk) for question in questions] == [False] * 3
        assert answer("select count(*) from app.keys_to_enter(%s)", circle.group.pk) == 0
        assert not EntryRequest.objects.exists()


def test_closing_twice_does_not_put_the_end_off(committed, visit):
    circle = makers.make_circle()
    close(circle.group)
    with services.superuser() as cursor:
        cursor.execute("update groups_group set keys_end_on = keys_end_on - 10")
    close(circle.group)
    leave(visit, circle.malik, circle.group)
    leave(visit, circle.ines, circle.group)

    assert (of(circle.group).keys_end_on - today()).days == DAYS - 10


@pytest.mark.parametrize("call", ["close_group('{group}')", "settle('{group}')", "end_closed_groups()"])
def test_the_web_cannot_call_what_ends_a_group(circle, call):
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), as_person(circle.ines):
        answer(f"select app.{call.format(group=circle.group.pk)}")
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


# --- The end --------------------------------------------------------------------------------------------------------


def test_before_its_day_nothing_is_destroyed(committed, owner):
    circle = makers.make_circle()
    close(circle.group)

    assert end_closed_groups(after=DAYS - 1) == 0
    stored = everything_stored(owner)
    assert str(circle.group.pk) in stored["groups_groupkey"]
    assert str(circle.story.pk) in stored["groups_storykey"]


def test_on_its_day_no_row_of_the_group_is_left_but_in_the_journal(committed, owner, visit):
    circle = makers.make_circle()
    other = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    close(circle.group)

    assert end_closed_groups(after=DAYS) == 1

    stored = everything_stored(owner)
    assert str(circle.group.pk) in stored.pop("groups_journalentry")
    for table, rows in stored.items():
        assert str(circle.group.pk) not in rows, table
        assert circle.group.name not in rows, table
    assert str(other.pk) in stored["groups_groupkey"], "the others keep theirs"
    assert visit(circle.ines).get("/me/").status_code == 200
    assert visit(circle.ines).get(f"/g/{circle.group.pk}/").status_code == 404


def test_the_name_of_a_closed_group_is_free_again_once_its_keys_have_gone(committed):
    circle = makers.make_circle()
    close(circle.group)
    before = is_name_free(circle.group.name)

    end_closed_groups(after=DAYS)

    assert (before, is_name_free(circle.group.name)) == (False, True)


def test_whatever_belongs_to_a_group_goes_with_it(owner, django_db_setup):
    """A table that is added says `goes_with_its_group` or `forgets_its_group`, else no group could end."""
    with owner.cursor() as cursor:
        cursor.execute(
            "select c.conrelid::regclass::text, a.attname, c.confdeltype from pg_constraint c"
            " join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]"
            " where c.contype = 'f' and c.confrelid = 'groups_group'::regclass"
        )
        found = {(table, column): action for table, column, action in cursor.fetchall()}

    tables = {table for table, _ in found}
    assert {"groups_story", "groups_groupkey", "meetings_series", "groups_entryrequest"} <= tables
    assert {key for key, action in found.items() if action != ("c" if key[1] == "group_id" else "n")} == set()


def noted():
    with services.superuser() as cursor:
        cursor.execute("select id, kind, gone_on from groups_journalentry")
        return {UUID(str(pk)): kind for pk, kind, _ in cursor.fetchall()}


def test_closing_and_ending_are_noted(committed):
    circle = makers.make_circle()
    close(circle.group)
    closed = noted()[circle.group.pk]
    end_closed_groups(after=DAYS)

    assert (closed, noted()[circle.group.pk]) == ("closed", "group")
