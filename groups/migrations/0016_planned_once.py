"""What every page inside a group makes the database ask, planned once a connection and not at each request; and a story that is
shared, in fewer statements.

PostgreSQL keeps the plan of what a plpgsql function asks, and none of an SQL function that runs as somebody else: the
answers for the policies, which stand in nearly every query, were planned anew some ten times a page.
"""

from django.db import migrations

ANSWERS = {
    "app.my_groups() returns setof uuid": "select group_id from public.groups_membership where member_tag = app.tag()",
    "app.my_memberships() returns setof uuid": "select id from public.groups_membership where member_tag = app.tag()",
    "app.my_stories() returns setof uuid": """
        select s.id from public.groups_story s join public.groups_membership m on m.id = s.author_id
        where m.member_tag = app.tag()""",
    "app.entered_at(of_group uuid) returns bigint": """
        select entered_at from public.groups_membership where group_id = of_group and member_tag = app.tag()""",
}

# Of what the connection says of itself: bound to pg_catalog where it is written, so that it can melt into each query.
TAG = """
create or replace function app.tag() returns text language sql stable
return nullif(pg_catalog.current_setting('app.tag', true), '')
"""
TAG_BEFORE = """
create or replace function app.tag() returns text language sql stable set search_path = pg_catalog
as $$ select nullif(current_setting('app.tag', true), '') $$
"""

# It runs as whoever asks: the policies hold in it too.
AT_THE_DOOR = """
create function app.at_the_door(member uuid, circle uuid, day date) returns jsonb
language plpgsql stable set search_path = pg_catalog as $$
begin
    return (select jsonb_build_object(
        'facilitates', exists (select 1 from public.groups_facilitation
            where membership_id = member and starts_on <= day and ends_on > day),
        'is_facilitated', exists (select 1 from public.groups_facilitation
            where group_id = circle and starts_on <= day and ends_on > day),
        'accepted', (select max(version) from public.groups_charteracceptance where membership_id = member),
        'asked_since', (select min(asked_on) from public.groups_entryrequest
            where group_id = circle and welcomed_on is null),
        'keys', (select jsonb_agg(jsonb_build_array(version, wrapping_key_version, encode(wrapped, 'hex')))
            from public.groups_groupkey where group_id = circle),
        'decisions', (select jsonb_agg(to_jsonb(d) order by d.number) from (
            select id, kind, closes_on, outcome, number from public.groups_decision
            where group_id = circle and outcome in ('open', 'waiting')) d)));
end
$$
"""

# In the statement that shares it, so that no copy of the words stays behind.
SHARED_IS_NO_DRAFT = [
    "grant select (membership_id) on groups_storydraft to entraide_policy",
    "create function app.shared_is_no_draft() returns trigger language plpgsql volatile security definer"
    " set search_path = pg_catalog as"
    " $$begin delete from public.groups_storydraft where membership_id = new.author_id; return null; end$$",
    "create trigger shared_is_no_draft after insert on groups_story for each row"
    " execute function app.shared_is_no_draft()",
    "revoke all on function app.shared_is_no_draft() from public",
    "alter function app.shared_is_no_draft() owner to entraide_policy",
]


def _as_policy(*functions):
    return ["set local role entraide_policy", *functions, "reset role"]


def planned_once(signature, query):
    answer = f"return query {query}" if "setof" in signature else f"return ({query})"
    header = f"create or replace function {signature} language"
    rights = "stable security definer set search_path = pg_catalog as"
    forward, backward = f"plpgsql {rights} $$begin {answer}; end$$", f"sql {rights} $${query}$$"
    return migrations.RunSQL(_as_policy(f"{header} {forward}"), _as_policy(f"{header} {backward}"))


class Migration(migrations.Migration):
    dependencies = [("groups", "0015_shelf")]

    operations = [
        migrations.RunSQL(TAG, TAG_BEFORE),
        *(planned_once(signature, query) for signature, query in ANSWERS.items()),
        migrations.RunSQL(
            [
                AT_THE_DOOR,
                "revoke all on function app.at_the_door(uuid, uuid, date) from public",
                "grant execute on function app.at_the_door(uuid, uuid, date) to entraide_web",
            ],
            "drop function app.at_the_door(uuid, uuid, date)",
        ),
        migrations.RunSQL(SHARED_IS_NO_DRAFT, "drop function app.shared_is_no_draft() cascade"),
    ]
