"""The promises about PostgreSQL, held against the database as the migrations make it; and each of them is broken once,
for real, by a superuser whose transaction is rolled back."""

import pytest
from django.apps import apps
from django.db import connection

from entraide.lib.roles import WORKER
from entraide.promises import CannotLook, database, judged, logins, promise, tables
from tests import services

RULES = [*tables.RULES, *logins.RULES, database.no_login_is_logged_apart, database.the_release_is_safe]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_database_that_our_migrations_make_keeps_the_promise(db, rule):
    with connection.cursor() as cursor:
        assert list(rule(cursor)) == []


@pytest.fixture
def superuser(django_db_setup):
    """A cursor that may do anything, until the end of the test."""
    with services.superuser() as cursor:
        cursor.execute("set lock_timeout = '10s'; begin")
        yield cursor
        cursor.execute("rollback")


POLICIES = [
    (tables.row_policies_hold, "alter table groups_story no force row level security", "groups_story: the policies do"),
    (tables.row_policies_hold, "alter table meetings_rsvp disable row level security", "meetings_rsvp is under no row"),
    (tables.row_policies_hold, "create table public.diary (id int)", "diary is under no row"),
    (tables.row_policies_hold, "create table app.diary (id int)", "diary is under no row"),
    (
        tables.policies_name_their_roles,
        "create policy open on groups_story for select using (group_id is not null)",
        "groups_story: policy open is for every login",
    ),
    (
        tables.policies_name_their_roles,
        "create policy open on groups_story for select to entraide_web using (true)",
        "groups_story: policy open opens every row",
    ),
    (
        tables.policies_name_their_roles,
        "create policy open on groups_group for update to entraide_worker, entraide_web using (true)",
        "groups_group: policy open opens every row",
    ),
    (
        tables.policies_name_their_roles,
        "create policy open on groups_resonance for insert to entraide_web with check (true)",
        "groups_resonance: policy open opens every row",
    ),
]
WAYS_AROUND = [
    ("create view public.peek as select * from groups_story", "public.peek is a view"),
    ("create materialized view app.peek as select * from groups_story", "app.peek is a materialized view"),
    ("create table public.peek (id int) partition by list (id)", "public.peek is a partitioned table"),
    ("create table public.peek () inherits (groups_story)", "public.peek is a part of another table"),
    ("create rule peek as on insert to groups_story do also select 1", "public.groups_story has a rewrite rule"),
    (
        "create foreign data wrapper w; create server s foreign data wrapper w;"
        " create foreign table public.peek (id int) server s",
        "public.peek is a foreign table",
    ),
]
FUNCTIONS = [
    ("alter function app.my_groups() owner to entraide_owner", "app.my_groups() belongs to entraide_owner"),
    ("alter function app.my_groups() reset search_path", "app.my_groups() has no fixed search path"),
    ("alter function app.my_groups() set search_path = public", "app.my_groups() has no fixed search path"),
    ("grant execute on function app.my_groups() to public", "app.my_groups() can be called by every login"),
    (
        "create function public.peek() returns bigint language sql security definer set search_path = pg_catalog"
        " as 'select count(*) from public.groups_story'",
        "peek() can be called by every login",
    ),
]
POWERS = [
    ("alter role entraide_web superuser", "entraide_web is a superuser"),
    ("alter role entraide_web bypassrls", "entraide_web passes the row policies"),
    ("alter role entraide_worker createrole", "entraide_worker may make logins"),
    ("alter role entraide_worker createdb", "entraide_worker may make databases"),
    ("alter role entraide_backup_data replication", "entraide_backup_data may copy the whole server"),
    ("alter role entraide_owner bypassrls", "entraide_owner passes the row policies"),
    ("alter role entraide_policy login", "entraide_policy can sign in"),
    ("create role stranger login bypassrls", "stranger passes the row policies"),
]
MEMBERSHIPS = [
    ("grant entraide_policy to entraide_web", "entraide_web is a member of entraide_policy"),
    ("grant pg_read_all_data to entraide_worker", "entraide_worker is a member of pg_read_all_data"),
    ("create role stranger login; grant entraide_web to stranger", "stranger is a member of entraide_web"),
    (
        "revoke entraide_policy from entraide_owner; alter role entraide_owner inherit;"
        " grant entraide_policy to entraide_owner",
        "entraide_owner sees what entraide_policy sees",
    ),
]
RIGHTS = [
    (logins.they_own_nothing, "alter table groups_story owner to entraide_web", "entraide_web owns"),
    (logins.they_own_nothing, "create schema mine authorization entraide_worker", "entraide_worker owns"),
    (logins.they_only_read_and_write, "grant truncate on groups_story to entraide_web", "truncate on groups_story"),
    (logins.they_only_read_and_write, "grant trigger on meetings_rsvp to entraide_worker", "trigger on meetings_rsvp"),
    (
        logins.they_only_read_and_write,
        "grant references (id) on groups_story to entraide_web",
        "references on groups_story",
    ),
    (logins.they_only_read_and_write, "grant create on schema app to entraide_web", "make objects in schema app"),
    (
        logins.they_only_read_and_write,
        f"grant temporary on database {services.DATABASE} to public",
        "entraide_web may make objects in this database",
    ),
    (logins.memberships_are_entered, "grant insert on groups_membership to entraide_web", "entraide_web may insert id"),
    (
        logins.memberships_are_entered,
        "grant update (member_tag) on groups_membership to entraide_web",
        "entraide_web may update member_tag",
    ),
    (logins.the_worker_sees_nothing_sealed, "grant select on groups_story to entraide_worker", "groups_story.sealed"),
    (
        logins.the_worker_sees_nothing_sealed,
        "grant select (sealed_name) on groups_membership to entraide_worker",
        "groups_membership.sealed_name",
    ),
    (
        logins.the_worker_sees_nothing_sealed,
        "grant select (member_tag) on groups_membership to public",
        "groups_membership.member_tag",
    ),
    (
        logins.the_worker_sees_nothing_sealed,
        "grant update (wrapped) on groups_groupkey to entraide_worker",
        "groups_groupkey.wrapped",
    ),
    (
        logins.the_worker_sees_nothing_sealed,
        "grant select (email) on members_member to entraide_worker",
        "member.email",
    ),
    (logins.dumps_are_apart, "grant select on groups_storykey to entraide_backup_data", "data reads groups_storykey"),
    (
        logins.dumps_are_apart,
        "grant select (sealed) on groups_story to entraide_backup_keys",
        "keys reads groups_story",
    ),
    (logins.dumps_are_apart, "grant delete on groups_story to entraide_backup_data", "data may change groups_story"),
    (logins.dumps_are_apart, "grant update (wrapped) on groups_storykey to entraide_backup_keys", "keys may change"),
    (logins.nobody_else_has_a_right, "grant select on groups_story to public", "everybody has a right on groups_story"),
    (logins.nobody_else_has_a_right, "grant usage on schema app to public", "everybody has a right on schema app"),
    (
        logins.nobody_else_has_a_right,
        "create role stranger; grant select (id) on groups_story to stranger",
        "stranger has a right on groups_story.id",
    ),
]
VIOLATIONS = [
    *POLICIES,
    *((tables.nothing_leads_around, *planted) for planted in WAYS_AROUND),
    (tables.one_owner, "alter table groups_story owner to entraide_policy", "groups_story belongs to entraide_policy"),
    (tables.one_owner, "create sequence app.numbers", "app.numbers belongs to"),
    *((tables.definer_functions_are_narrow, *planted) for planted in FUNCTIONS),
    *((logins.logins_have_no_power, *planted) for planted in POWERS),
    *((logins.logins_are_apart, *planted) for planted in MEMBERSHIPS),
    *RIGHTS,
    (
        database.no_login_is_logged_apart,
        "alter role entraide_worker set log_statement = 'all'",
        "entraide_worker: log_statement=all",
    ),
    (
        database.no_login_is_logged_apart,
        f"alter database {services.DATABASE} set log_error_verbosity = 'verbose'",
        "every login: log_error_verbosity=verbose",
    ),
]


@pytest.mark.parametrize(
    ("rule", "statement", "finding"), VIOLATIONS, ids=[statement for _, statement, _ in VIOLATIONS]
)
def test_each_promise_notices_what_breaks_it(superuser, rule, statement, finding):
    assert not any(finding in found for found in rule(superuser))

    superuser.execute(statement)

    assert any(finding in found for found in rule(superuser))


def test_every_promise_about_the_database_is_broken_once_above():
    broken = {rule for rule, _, _ in VIOLATIONS} | {logins.signs_in_as_itself, database.the_release_is_safe}

    assert broken == set(RULES)


def test_a_view_that_asks_as_its_caller_leads_around_nothing(superuser):
    superuser.execute("create view public.peek with (security_invoker = true) as select * from groups_story")

    assert list(tables.nothing_leads_around(superuser)) == []


def test_a_process_that_signs_in_as_another_login_is_noticed(superuser, settings, db):
    assert "it signed in as" in " ".join(logins.signs_in_as_itself(superuser))
    settings.ROLE = "worker"
    with connection.cursor() as cursor:
        assert list(logins.signs_in_as_itself(cursor)) == [f"it signed in as entraide_web, not as {WORKER}"]


LOUD = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_duration_sample": "1000",
    "log_transaction_sample_rate": "0.5",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
}


@pytest.mark.parametrize("name", database.DISCREET)
def test_a_server_that_would_log_what_people_do_is_noticed(superuser, name):
    for setting, good in database.DISCREET.items():  # the tests' own server logs every statement, on purpose
        superuser.execute(f"set {setting} = '{max(good)}'")
    assert list(database.the_log_is_discreet(superuser)) == []

    superuser.execute(f"set {name} = '{LOUD[name]}'")

    [finding] = database.the_log_is_discreet(superuser)
    assert finding.startswith(f"{name} is {LOUD[name]}")


@pytest.mark.parametrize(
    ("number", "is_safe"),
    [
        (140_025, False),
        (150_013, False),
        (150_014, True),
        (160_009, False),
        (160_010, True),
        (170_005, False),
        (170_006, True),
        (180_000, True),
        (190_000, True),
    ],
)
def test_releases_with_known_holes_are_known(number, is_safe):
    assert database.is_mended(number) == is_safe


def test_every_table_of_ours_is_known_to_be_outside_groups_or_counts_as_inside(superuser):
    superuser.execute("select tablename from pg_tables where schemaname = 'public'")
    stored = {name for (name,) in superuser.fetchall()}
    inside = {model._meta.db_table for app in ("groups", "meetings") for model in apps.get_app_config(app).get_models()}

    assert stored >= tables.NOTHING_OF_A_GROUP.keys(), "a reason is given for a table that is not there"
    assert inside & tables.NOTHING_OF_A_GROUP.keys() == {"groups_keymark"}


def test_a_promise_that_cannot_be_looked_at_is_broken():
    @promise("It can be seen.")
    def breaks(cursor):
        yield from cursor.execute("select nothing")

    @promise("It is there.")
    def hides(cursor):
        raise CannotLook("it is elsewhere")

    verdicts = judged([breaks, hides], None)

    assert [(verdict.words, verdict.is_kept, verdict.findings) for verdict in verdicts] == [
        ("It can be seen.", False, ["it could not be checked (AttributeError)"]),
        ("It is there.", False, ["it is elsewhere"]),
    ]
