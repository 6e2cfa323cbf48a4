"""No table tells who came to which meeting. The few that tie a person to a date are known here, each with why it goes;
and a table that would be one more is made for real, by a superuser whose transaction is rolled back."""

import pytest

from meetings import upkeep
from tests import services

PERSON = "groups_membership", "members_member"
DATE = "meetings_series", "meetings_meeting", "meetings_proposeddate"
# What the worker erases, so that the table goes with it.
GOES_WITH = {
    "meetings_rsvp": "meetings_rsvp",  # who means to come: until the end of the meeting
    "meetings_hosting": "meetings_hosting",  # who means to facilitate: as long
    "meetings_turn": "meetings_round",  # who sits in the round: until it is closed, or two hours after the meeting
    "meetings_reminder": "meetings_reminder",  # to whom a mail went, whether they came or not: thirty days
    "meetings_availability": "meetings_proposeddate",  # who could come on a date that is looked for: until that date
}
OURS = "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and c.relkind in ('r', 'p', 'm', 'v', 'f')"
COLUMNS = f"""
    select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
    where a.attnum > 0 and not a.attisdropped and {OURS}
"""
# By a foreign key, through any number of tables, or by the name of a column.
TELLS_OF = f"""
    with recursive told (id) as (
        select oid::oid from unnest(%(tables)s::regclass[]) oid
        union select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid
        where {OURS} and a.attnum > 0 and not a.attisdropped and a.attname ~ %(names)s
        union select k.conrelid from told join pg_constraint k on k.confrelid = told.id and k.contype = 'f'
    )
    select c.relname from told join pg_class c on c.oid = told.id
"""
PERSON_NAMES, DATE_NAMES = "member|person|people|author|owner|proposer|asker", "meeting|series|round|proposed_date"
PRESENCE = "attend|presen[ct]|absen|particip|(^|_)(came|come|arrived|attendee|here|there|showed|checked_in|seen)(_|$)"


@pytest.fixture
def catalogue(django_db_setup):
    """A cursor that may do anything, until the end of the test."""
    with services.superuser() as cursor:
        cursor.execute("set lock_timeout = '10s'; begin")
        yield cursor
        cursor.execute("rollback")


def ties(cursor):
    """The tables that tie a person to a date."""
    return tells_of(cursor, PERSON, PERSON_NAMES) & tells_of(cursor, DATE, DATE_NAMES)


def tells_of(cursor, tables, names):
    cursor.execute(TELLS_OF, {"tables": list(tables), "names": names})
    return {name for (name,) in cursor.fetchall()}


def columns_of_presence(cursor):
    cursor.execute(f"{COLUMNS} and a.attname ~ %s", [PRESENCE])
    return cursor.fetchall()


def test_the_tables_that_tie_a_person_to_a_date_are_known(catalogue):
    assert ties(catalogue) == GOES_WITH.keys()


def test_no_column_tells_who_was_there(catalogue):
    assert columns_of_presence(catalogue) == []


@pytest.mark.parametrize("table", GOES_WITH)
def test_what_ties_a_person_to_a_date_is_erased_by_the_worker(catalogue, table):
    gone = GOES_WITH[table]
    catalogue.execute(
        "select count(*) from pg_constraint where contype = 'f' and confdeltype = 'c'"
        " and conrelid = %s::regclass and confrelid = %s::regclass",
        [table, gone],
    )

    assert any(statement.startswith(f"delete from {gone} ") for statement in upkeep.FORGET)
    assert table == gone or catalogue.fetchone() == (1,)


@pytest.mark.parametrize(
    "columns",
    [
        "meeting_id uuid, membership_id uuid",
        "meeting_id uuid, member_tag text",
        "of uuid references meetings_meeting, by uuid references groups_membership",
        "reply_id uuid references meetings_rsvp",
        "series_id uuid, author_id uuid",
    ],
)
@pytest.mark.parametrize("schema", ["public", "app"])
def test_one_more_table_that_ties_a_person_to_a_date_is_seen(catalogue, schema, columns):
    catalogue.execute(f"create table {schema}.diary (id uuid primary key, {columns})")

    assert ties(catalogue) == {"diary", *GOES_WITH}


@pytest.mark.parametrize("name", ["attended", "is_present", "attendance", "was_there", "came", "absent_on"])
def test_a_column_that_would_tell_who_was_there_is_seen(catalogue, name):
    catalogue.execute(f"alter table meetings_meeting add column {name} uuid[]")

    assert columns_of_presence(catalogue) == [("meetings_meeting", name)]
