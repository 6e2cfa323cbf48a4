"""PostgreSQL itself refuses, whatever the application asks. Run under the real logins.

What its catalogue must say is in tests/promises/test_catalogue.py.
"""

from uuid import uuid4

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction

from entraide.lib.sql import answer, answers
from groups.models import Decision, Group, GroupKey, Membership, Position, Story, StoryKey
from meetings.models import Meeting
from tests import makers, services
from tests.makers import as_person, everything_stored

# What anybody may read, and what the web may not even ask for.
PUBLIC = {"groups_group", "groups_keymark", "groups_listing"}
CLOSED = {"groups_journalentry", "meetings_wave", "meetings_workerclock"}
INSIDE = sorted(
    model._meta.db_table
    for app in ("groups", "meetings")
    for model in apps.get_app_config(app).get_models()
    if model._meta.db_table not in PUBLIC
)


@pytest.mark.parametrize("table", sorted({*INSIDE} - CLOSED))
def test_the_web_sees_no_row_when_nobody_asks(circle, table):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")

        assert cursor.fetchone() == (0,)


def test_members_see_their_group_and_nothing_of_another(circle):
    stranger = makers.make_member("theo")
    other = makers.make_group(stranger, "Tilleul", name="Les jours gris")
    makers.make_story(stranger, other)

    with as_person(circle.malik):
        assert set(Story.objects.values_list("group", flat=True)) == {circle.group.pk}
        assert set(Membership.objects.values_list("group", flat=True)) == {circle.group.pk}
        assert set(Meeting.objects.values_list("group", flat=True)) == {circle.group.pk}
        assert set(GroupKey.objects.values_list("group", flat=True)) == {circle.group.pk}


def test_somebody_who_left_sees_nothing_any_more(circle):
    with as_person(circle.sofia):
        assert not Story.objects.exists()
        assert not StoryKey.objects.exists()
        assert not Membership.objects.exists()


def test_staff_see_nothing_inside(circle):
    with as_person(makers.make_member("nadia", is_staff=True, is_superuser=True), staff=True):
        assert Group.objects.filter(pk=circle.group.pk).exists()
        assert not Story.objects.exists()
        assert not GroupKey.objects.exists()


def test_a_later_member_reads_what_was_opened_to_them_only(circle):
    opened = makers.make_story(circle.malik, circle.group, opened_to_later=True)
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, circle.group, "Osier")
    after = makers.make_story(circle.malik, circle.group)

    with as_person(newcomer):
        assert set(Story.objects.values_list("pk", flat=True)) == {opened.pk, after.pk}
        assert set(StoryKey.objects.values_list("pk", flat=True)) == {opened.pk, after.pk}


@pytest.mark.parametrize(
    "statement",
    [
        "insert into groups_membership (id, group_id, member_tag, name_mark, sealed_name, sealed_address, day_before,"
        " two_hours, changes, entered_at)"
        " select gen_random_uuid(), '{group}', app.tag(), '', '', '', false, false, false, 0",
        "update groups_membership set member_tag = 'x'",
        "update groups_membership set group_id = '{group}'",
        "truncate groups_story",
        "alter table groups_story disable row level security",
        "set role entraide_policy",
        "set role entraide_owner",
    ],
)
def test_the_web_cannot_let_itself_in(circle, statement):
    outsider = makers.make_member("theo")

    with pytest.raises(DatabaseError), transaction.atomic(), as_person(outsider), connection.cursor() as cursor:
        cursor.execute(statement.format(group=circle.group.pk))


def test_a_story_can_be_changed_by_its_author_only(circle):
    with as_person(circle.ines):
        assert Story.objects.update(opened_to_later=True) == 0
        assert Story.objects.all().delete()[0] == 0
    with as_person(circle.malik):
        assert Story.objects.update(opened_to_later=True) == 1


def test_a_meeting_can_be_changed_by_those_who_facilitate_only(circle):
    with as_person(circle.malik):
        assert Meeting.objects.update(version=9) == 0
    with as_person(circle.ines):
        assert Meeting.objects.filter(pk=circle.meeting.pk).update(version=9) == 1


@pytest.mark.parametrize("who", ["sofia", "stranger", "staff"])
def test_nobody_outside_sees_or_answers_a_decision(circle, who):
    decision = makers.make_decision(circle.ines, circle.group)
    people = {"sofia": circle.sofia, "stranger": makers.make_member("theo")}
    people["staff"] = makers.make_member("nadia", is_staff=True, is_superuser=True)

    with as_person(people[who], staff=who == "staff"):
        assert not Decision.objects.exists() and not Position.objects.exists()
        for call in ("take_position(%s, 'object', %s, '')", "withdraw_decision(%s)"):
            with pytest.raises(ProgrammingError, match="not for the person who asks"), transaction.atomic():
                answer(f"select app.{call}", *[decision.pk, uuid4()][: call.count("%s")])
        assert answers("select app.due_decisions(%s)", circle.group.pk) == []
        assert answer("select app.settle_decision(%s, null)", decision.pk) is None


@pytest.mark.parametrize(
    "statement",
    [
        "update groups_group set name = 'Le groupe de Malik'",
        "update groups_group set for_whom = 'x', city = 'x', size_max = 99",
        "update groups_group set joining = 'open'",
        "update groups_group set charter_additions = '{x}', charter_on = current_date",
        "update groups_group set keys_end_on = current_date",
        "update groups_decision set outcome = 'adopted'",
        "update groups_decision set closes_on = current_date - 1",
        "insert into groups_decision select * from groups_decision",
        "delete from groups_decision",
        "update groups_position set stance = 'agree'",
        "insert into groups_position select * from groups_position",
        "select app.apply_change(id, null) from groups_decision",
        "select app.exclude(id, about_id) from groups_decision",
        "select app.close_group(group_id) from groups_decision",
    ],
)
def test_the_web_changes_nothing_of_a_group_by_itself(circle, statement):
    """Not for a member, and not for one who facilitates either."""
    makers.make_decision(circle.malik, circle.group)
    before = Group.objects.filter(pk=circle.group.pk).values().get()

    with as_person(circle.ines), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        answers(statement)

    assert Group.objects.filter(pk=circle.group.pk).values().get() == before


def test_nobody_deletes_the_membership_of_another(circle):
    with as_person(circle.ines):
        others = "delete from groups_membership where id <> all(array(select app.my_memberships())) returning id"
        assert answers(others) == []


def test_a_decision_is_settled_after_its_day_and_as_it_was_proposed_only(committed):
    circle = makers.make_circle()
    decision = makers.make_decision(circle.malik, circle.group)
    with as_person(circle.ines):
        assert answer("select app.settle_decision(%s, null)", decision.pk) == "open"
    with services.superuser(connection.settings_dict["NAME"]) as cursor:
        cursor.execute("update groups_decision set closes_on = closes_on - 8")
    with as_person(circle.ines):
        assert answer("select app.take_position(%s, 'object', %s, '')", decision.pk, uuid4()) == "closed"

    with as_person(circle.ines), pytest.raises(ProgrammingError, match="not for the person"), transaction.atomic():
        answer("select app.settle_decision(%s, %s)", decision.pk, '{"after": {"name": "Le groupe de Malik"}}')

    assert Group.objects.get(pk=circle.group.pk).name == "Un soir à la fois"


@pytest.mark.parametrize("stance", ["agree", "object", "propose", "side"])
def test_whoever_proposes_takes_no_position_and_nobody_invents_one(circle, stance):
    decision = makers.make_decision(circle.malik, circle.group)
    who = circle.malik if stance in ("agree", "object") else circle.ines

    with as_person(who), pytest.raises(ProgrammingError, match="not for the person"), transaction.atomic():
        answer("select app.take_position(%s, %s, %s, '')", decision.pk, stance, uuid4())


@pytest.mark.parametrize(
    "statement",
    [
        "insert into groups_listing (group_id, source, source_slug, url, weekdays, minutes)"
        " values ('{group}', 'a', 'b', '', '{{}}', 60)",
        "update groups_listing set source = 'x'",
        "update groups_group set awaiting_since = current_date",
        "delete from groups_listing",
    ],
)
def test_not_even_staff_write_what_a_list_says(circle, statement):
    staff = makers.make_member("nadia", is_staff=True)

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        as_person(staff, staff=True),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(group=circle.group.pk))


FORBIDDEN_TO_THE_WORKER = [
    "select id from groups_decision",
    "select stance from groups_position",
    "select * from groups_story",
    "select * from groups_storykey",
    "select * from groups_storydraft",
    "delete from groups_storydraft",
    "select * from groups_groupkey",
    "select sealed_name from groups_membership",
    "select member_tag from groups_membership",
    "select name_mark from groups_membership",
    "select stop_hash from groups_membership",
    "select sealed from meetings_series",
    "select sealed from meetings_meeting",
    "update meetings_meeting set sealed = null",
    "delete from meetings_meeting",
    "select * from meetings_calendaraddress",
    "select * from app.times_for_calendar('')",
    "select number from meetings_rsvp",
    "select app.say_coming(gen_random_uuid(), true)",
    "select * from meetings_turn",
    "select * from meetings_availability",
    "select group_id from meetings_proposeddate",
    "select membership_id from meetings_hosting",
    "select * from meetings_hostorder",
    "insert into meetings_round select * from meetings_round",
    "select * from groups_proposal",
    "select * from groups_entryrequest",
    "select * from members_member",
    "select * from members_session",
    "select owner from members_session",
    "update members_session set expire_date = now()",
    "select source from groups_listing",
    "update groups_listing set minutes = 1",
    "update groups_group set name = ''",
    "delete from groups_membership",
    "update groups_membership set sealed_address = ''",
]


@pytest.mark.parametrize("statement", FORBIDDEN_TO_THE_WORKER)
def test_the_worker_may_not(django_db_setup, statement):
    with services.worker() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)


def test_the_worker_may_lock_a_membership_and_not_change_it(committed):
    circle = makers.make_circle()
    worker = psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])

    with worker.cursor() as cursor:
        cursor.execute("select id from groups_membership where group_id = %s for share", [str(circle.group.pk)])
        assert len(cursor.fetchall()) == 2
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("update groups_membership set day_before = false")
    worker.close()


def test_a_copy_of_the_database_tells_no_story_name_place_or_belonging(committed, owner):
    circle = makers.make_circle()

    stored = everything_stored(owner)

    assert "malik@people.example" in stored["members_member"], "the copy must be of real data"
    assert str(circle.story.pk) in stored["groups_story"]
    for table, rows in stored.items():
        for secret in (makers.STORY, "Gué bleu", "Phare vert", makers.PLACE, makers.LINK):
            assert secret not in rows and secret.encode().hex() not in rows, f"{table} tells {secret}"
        if not table.startswith(("members_", "account_", "django_")):
            for member in (circle.ines, circle.malik):
                assert str(member.pk) not in rows and member.email not in rows, f"{table} tells who is where"
