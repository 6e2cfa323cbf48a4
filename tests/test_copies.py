"""Somebody has a copy of the database, addresses and groups, and tries to say which address is in which group."""

import secrets
import string
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from statistics import correlation

import pytest

from entraide.demo.installation import CHECKOUT
from groups.confidentiality import enter_group
from tests import makers, services
from tests.backup_room import Room, manage
from tests.makers import as_person

PEOPLE = 40
SIGN_INS = {"members_member": "id", "account_emailaddress": "user_id"}  # whose row it is
INSIDE = {"groups_membership": "id", "groups_charteracceptance": "membership_id", "groups_story": "author_id"}
# With 40 people, chance alone brings two orders this close once in two million.
ALIKE = 0.7


@dataclass
class Copy:
    """Tables as their columns and rows, and the truth that the thief would like to know: member -> membership."""

    tables: dict
    truth: dict[str, str]

    def orders(self, whose: dict) -> dict[str, list[str]]:
        """Every way to put people in an order: as the rows lie, and by each column that tells them apart."""
        found = {}
        for table, person in whose.items():
            columns, rows = self.tables[table]
            place = columns.index(person)
            rows = [row for row in rows if row[place] in self.truth or row[place] in self.truth.values()]
            found[f"{table} as it lies"] = [row[place] for row in rows]
            for number, column in enumerate(columns):
                if len({row[number] for row in rows}) == len(rows):
                    by_column = sorted(rows, key=lambda row, number=number: _sortable(row[number]))
                    found[f"{table} by {column}"] = [row[place] for row in by_column]
        return found

    def alignments(self) -> dict[str, float]:
        """How alike an order of addresses and an order inside the group are: 1 would name everybody."""
        found = {}
        for left, members in self.orders(SIGN_INS).items():
            for right, memberships in self.orders(INSIDE).items():
                places = {membership: place for place, membership in enumerate(memberships)}
                found[f"{left}, {right}"] = correlation(
                    range(len(members)), [places[self.truth[member]] for member in members]
                )
        return found

    def aligned(self) -> list[str]:
        return [how for how, alike in self.alignments().items() if abs(alike) > ALIKE]


def _sortable(value):
    return (0, int(value), "") if value.isdecimal() else (1, 0, value)


# --- The town ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker, tmp_path_factory):
    """Forty people sign up one after the other, enter the same group in that order, and tell a story each."""
    with django_db_blocker.unblock():
        founder = makers.make_member("founder")
        group = makers.make_group(founder, "Phare vert", size_max=99)
        truth = {}
        for number in range(PEOPLE):
            member = makers.make_member(_word(2 + number))
            makers.join(member, group, _word(4 + number % 27), secrets.choice(["none", "day_before"]))
            makers.make_story(member, group, "a" * (1 + secrets.randbelow(200)))
            with as_person(member):
                truth[str(member.pk)] = str(enter_group(member, group.pk).membership.pk)
        yield truth
        makers.empty_every_table()


@pytest.fixture(scope="module")
def disk(town):
    """As the tables lie on the disk, before and after the night."""
    before = Copy(on_the_disk(), town)
    done = manage("reorder_rows", env=services.owner_environment())
    assert done.returncode == 0, done.stderr
    return before, Copy(on_the_disk(), town)


@pytest.fixture(scope="module")
def archive(town, tmp_path_factory):
    room = Room(tmp_path_factory.mktemp("room") / "backups")
    return [room.opened(file) for file in room.backup()]


def _word(length):
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(length))


def on_the_disk():
    """With the number of the transaction that wrote each row, which no dump has."""
    tables = {}
    with services.superuser() as cursor:
        for table in {**SIGN_INS, **INSIDE}:
            cursor.execute(f"select xmin, t.* from {table} t limit 0")
            columns = [column.name for column in cursor.description]
            cursor.copy_expert(f"copy (select xmin, t.* from {table} t) to stdout", output := StringIO())
            tables[table] = (columns, [line.split("\t") for line in output.getvalue().splitlines()])
    return tables


# --- By order ------------------------------------------------------------------------------------------------------


def test_an_archive_cannot_be_joined_by_order(archive, town):
    copy = Copy(archive[0], town)

    assert len(copy.alignments()) > 60
    assert copy.aligned() == []


def test_numbers_in_the_order_of_sign_ups_would_have_told(archive, town):
    """As they were before migration 0003 of members/."""
    columns, rows = archive[0]["account_emailaddress"]
    person, number = columns.index("user_id"), columns.index("id")
    numbers = {member: str(place) for place, member in enumerate(town)}
    planted = [[*row[:number], numbers.get(row[person], "0"), *row[number + 1 :]] for row in rows]

    told = Copy(archive[0] | {"account_emailaddress": (columns, planted)}, town).alignments()

    assert told["account_emailaddress by id, groups_membership by entered_at"] > 0.99


def test_numbers_that_were_given_in_order_are_random_after_the_migration(town, owner):
    """Those that something refers to stay, and are named by it."""
    [file] = (CHECKOUT / "members" / "migrations").glob("*_unordered_addresses.py")
    migration = import_module(f"members.migrations.{file.stem}")
    cursor = owner.cursor()
    for statement in migration.BACKWARD:
        cursor.execute(statement)
    cursor.execute("delete from account_emailaddress")
    for member in town:
        cursor.execute(
            'insert into account_emailaddress (user_id, email, verified, "primary")'
            " values (%s, gen_random_uuid(), true, true) returning id",
            [member],
        )
        last = cursor.fetchone()[0]
    cursor.execute(
        "insert into account_emailconfirmation (created, key, email_address_id) values (now(), 'key', %s)", [last]
    )
    cursor.execute("set constraints all immediate")

    for statement in migration.FORWARD:
        cursor.execute(statement)

    cursor.execute("select user_id::text, id from account_emailaddress")
    numbers = dict(cursor.fetchall())
    owner.rollback()
    assert numbers.pop([*town][-1]) == last
    assert abs(correlation(range(PEOPLE - 1), [numbers[member] for member in [*town][:-1]])) < ALIKE
    assert max(numbers.values()) > 2**20


def test_the_disk_tells_the_order_of_the_day_until_the_night(disk):
    before, after = disk

    told = before.alignments()
    assert told["members_member as it lies, groups_membership as it lies"] > 0.95
    assert told["account_emailaddress by xmin, groups_charteracceptance by xmin"] > 0.95
    assert after.aligned() == []
    assert {how for how in after.alignments() if "xmin" in how} == set()
    for table, (_columns, rows) in before.tables.items():
        assert sorted(row[1:] for row in after.tables[table][1]) == sorted(row[1:] for row in rows), "nothing is lost"


def test_every_table_lies_in_the_order_of_its_key_after_the_night(disk):
    with services.superuser() as cursor:
        cursor.execute(
            "select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid"
            " join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]"
            " where i.indisprimary and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
        )
        tables = cursor.fetchall()
        assert {*SIGN_INS, *INSIDE} < {table for table, _ in tables}
        for table, key in tables:
            cursor.execute(f"select {key} from {table} order by ctid")
            assert (lying := [value for (value,) in cursor.fetchall()]) == sorted(lying), table


def test_the_policies_hold_for_the_owner_again_after_the_night(disk, owner):
    with owner.cursor() as cursor:
        for table in INSIDE:
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,), table


def test_a_table_in_use_is_left_and_named(town):
    with services.superuser() as cursor:
        cursor.execute("begin")
        cursor.execute("select 1 from members_member")

        refused = manage("reorder_rows", env=services.owner_environment())

    assert refused.returncode == 1
    assert "In use, and left as they were: members_member. Run it again." in refused.stderr


# --- By key --------------------------------------------------------------------------------------------------------


def shared_values(tables: dict, people: set[str]) -> set[str]:
    """Values of the tables of sign-ins that tell people apart and stand, in some way of writing, inside a group."""
    cells = [cell for table in tables if is_inside(table) for row in tables[table][1] for cell in row]
    everything, exactly = "\n".join(cells), set(cells)
    found = set()
    for table, person in SIGN_INS.items():
        columns, rows = tables[table]
        rows = [row for row in rows if row[columns.index(person)] in people]
        for values in zip(*rows, strict=True):
            telling = {value for value in values if values.count(value) <= PEOPLE / 4}
            written = {value: {value.replace("-", ""), value.encode().hex(), value} for value in telling}
            found |= {value for value in telling if value in exactly}
            long = {value for value in telling if len(value) > 11}
            found |= {value for value in long if any(one in everything for one in written[value])}
    return found


def is_inside(table):
    return table.startswith(("groups_", "meetings_"))


def test_no_value_of_a_sign_in_stands_inside_a_group(archive, town):
    tables = archive[0] | archive[1]

    assert shared_values(tables, set(town)) == set()


def test_a_foreign_key_would_have_been_found(archive, town):
    columns, rows = archive[0]["groups_membership"]
    member = next(iter(town))
    for written in (member, member.replace("-", "")):
        planted = archive[0] | {"groups_membership": ([*columns, "extra"], [[*row, written] for row in rows])}

        assert shared_values(planted, set(town)) == {member}


# --- By date -------------------------------------------------------------------------------------------------------

# When a mail is due and was tried: the hour of a meeting, the same for everybody who is reminded of it.
MOMENTS_OF_MAILS = {
    ("meetings_reminder", "starts_at"),
    ("meetings_reminder", "due_at"),
    ("meetings_reminder", "ended_at"),
    ("meetings_reminder", "next_try"),
}
OF_PERSONS = """
    select distinct c.table_name, c.column_name, c.data_type from information_schema.columns c
    join information_schema.columns p using (table_schema, table_name)
    where table_schema = 'public' and p.column_name in {}
        and (c.data_type like 'timestamp%%' or c.data_type like 'time%%' or c.data_type = 'date')
"""


def dates_beside(cursor, *persons):
    cursor.execute(OF_PERSONS.format("%s"), [persons])
    return {(table, column): kind for table, column, kind in cursor.fetchall()}


def test_a_table_of_sign_ins_has_no_date_and_one_of_members_no_hour(owner):
    with owner.cursor() as cursor:
        inside = dates_beside(cursor, "member_tag", "membership_id", "author_id", "proposer_tag")
        sign_ins = {table: kind for (table, _), kind in dates_beside(cursor, "email", "user_id", "member_id").items()}

        cursor.execute("create table groups_visit (membership_id uuid primary key, at timestamp with time zone)")
        planted = dates_beside(cursor, "membership_id")
        owner.rollback()

    assert {where for where, kind in inside.items() if kind != "date"} == MOMENTS_OF_MAILS
    assert ("groups_story", "shared_on") in inside
    assert sign_ins.keys() <= {"mfa_authenticator"}, "the second factor, of staff only"
    assert planted["groups_visit", "at"] == "timestamp with time zone"


# --- By size -------------------------------------------------------------------------------------------------------


def sizes(tables: dict) -> dict[str, set[int]]:
    """Of each sealed column. COPY writes bytes as \\\\x and two digits each."""
    found = {}
    for table, (columns, rows) in tables.items():
        for number, column in enumerate(columns):
            if rows and is_inside(table) and rows[0][number].startswith("\\\\x"):
                found[f"{table}.{column}"] = {len(row[number]) for row in rows}
    return found


def test_what_is_sealed_is_of_one_size_whatever_it_holds(archive):
    """Names of 4 to 30 letters, addresses of 17 to 56, stories of 1 to 200."""
    found = sizes(archive[0] | archive[1])

    sealed = {"groups_membership.sealed_name", "groups_membership.sealed_address", "groups_story.sealed"}
    keys = {"groups_storykey.wrapped", "groups_groupkey.wrapped", "groups_membership.name_mark"}
    assert sealed | keys <= found.keys()
    assert {column: size for column, size in found.items() if len(size) > 1} == {}


def test_a_size_that_differs_would_have_been_found(archive):
    columns, rows = archive[0]["groups_story"]
    place = columns.index("sealed")
    longer = [*rows[0][:place], rows[0][place] + "00", *rows[0][place + 1 :]]

    found = sizes(archive[0] | {"groups_story": (columns, [*rows, longer])})

    assert len(found["groups_story.sealed"]) == 2
