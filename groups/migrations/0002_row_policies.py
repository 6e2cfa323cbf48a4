"""Who may see and change which row, decided by PostgreSQL itself. docs/confidentiality.md says the same in words.

Policies take the form `group_id = any(array(select app.my_groups()))`: the list is made once a query and becomes an index
condition, where `in (select …)` would be asked again for every row.
"""

from django.db import migrations

from entraide.lib.sql import definer, guarded, inside_a_group

MINE = "member_tag = app.tag()"
I_FACILITATE = "id = any(array(select app.my_facilitated_groups()))"
IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
MY_OWN = "membership_id = any(array(select app.my_memberships()))"
BY_ME = "author_id = any(array(select app.my_memberships()))"
ABOUT_MY_STORY = "story_id = any(array(select app.my_stories()))"
PRESENT = f"{BY_ME} or opened_to_later or shared_at > app.entered_at(group_id)"
VISIBLE_STORY = "exists (select 1 from groups_story s where s.id = story_id)"

WHO_ASKS = [
    "create schema app",
    "grant usage on schema app to entraide_web, entraide_worker",
    "grant usage, create on schema app to entraide_policy",
    "grant usage on schema public to entraide_policy",
    # nullif: after a commit the setting of the transaction before reads as '', not as null
    "create function app.tag() returns text language sql stable set search_path = pg_catalog"
    " as $$ select nullif(current_setting('app.tag', true), '') $$",
    "create function app.proposer() returns text language sql stable set search_path = pg_catalog"
    " as $$ select nullif(current_setting('app.proposer', true), '') $$",
    "create function app.staff() returns boolean language sql stable set search_path = pg_catalog"
    " as $$ select coalesce(current_setting('app.staff', true), '') = 'on' $$",
]

# What the policy role may touch: it answers for the policies and lets people in, and does nothing else.
POLICY_ROLE_SQL = [
    "grant select, insert on groups_membership to entraide_policy",
    "grant select, update on groups_groupclock to entraide_policy",
    "grant select, insert on groups_facilitation to entraide_policy",
    "grant insert on groups_charteracceptance to entraide_policy",
    "grant select (id, author_id) on groups_story to entraide_policy",
    "grant select on groups_groupkey to entraide_policy",
    "grant select (id, opened_on), update (opened_on) on groups_group to entraide_policy",
    "grant select (id, group_id, proposer_tag), update (proposer_tag) on groups_proposal to entraide_policy",
]

# The web's rights, where they are narrower than those of other tables.
WEB_ROLE_SQL = [
    "revoke insert, update on groups_membership from entraide_web",  # people enter through app.enter_group()
    "grant update (reminders, sealed_name, sealed_address, name_mark) on groups_membership to entraide_web",
    "revoke insert, update on groups_facilitation from entraide_web",  # a term comes with entering as founder
    "revoke update on groups_group, groups_proposal, groups_story from entraide_web",
    "grant update (next_starts_at, next_ends_at, rhythm, rhythm_on) on groups_group to entraide_web",
    "grant update (group_id, accepted_on, accepted_by_id) on groups_proposal to entraide_web",
    "grant update (author_id, opened_to_later, shared_on, sealed) on groups_story to entraide_web",
    "revoke update on groups_groupkey, groups_storykey, groups_charteracceptance, groups_resonance from entraide_web",
    "revoke delete on groups_groupkey, groups_group, groups_proposal from entraide_web",
    "revoke update, delete on groups_keymark, groups_groupclock from entraide_web",
    # a story and its key never lie in one dump
    "revoke select on groups_groupkey, groups_storykey from entraide_backup_data",
    "grant select on groups_groupkey, groups_storykey to entraide_backup_keys",
]

# What the worker needs to send a reminder: no name, no tag, no story, no key.
WORKER_ROLE_SQL = [
    "grant select on groups_keymark to entraide_worker",
    "grant select (id, group_id, reminders, sealed_address), update (reminders) on groups_membership to entraide_worker",
    "grant select (id, next_ends_at), update (next_starts_at, next_ends_at, rhythm, rhythm_on) on groups_group"
    " to entraide_worker",
]

ENTER_GROUP = """
declare
    founding boolean := exists (
        select 1 from public.groups_proposal p join public.groups_group g on g.id = p.group_id
        where g.id = to_group and g.opened_on is null and p.proposer_tag = app.proposer());
    moment bigint;
begin
    if not app.may_enter(to_group) then
        raise exception 'this group is not open to the person who asks' using errcode = 'insufficient_privilege';
    end if;
    update public.groups_groupclock set now = now + 1 where group_id = to_group returning now into strict moment;
    insert into public.groups_membership
        (id, group_id, member_tag, name_mark, sealed_name, sealed_address, reminders, entered_at)
        values (membership, to_group, app.tag(), name_mark, sealed_name, sealed_address, reminders, moment);
    insert into public.groups_charteracceptance (id, group_id, membership_id, version, accepted_on)
        values (gen_random_uuid(), to_group, membership, charter, accepted_on);
    if founding then
        insert into public.groups_facilitation (id, group_id, membership_id, starts_on, ends_on)
            values (gen_random_uuid(), to_group, membership, accepted_on, accepted_on + 182);
        update public.groups_group set opened_on = accepted_on where id = to_group and opened_on is null;
        update public.groups_proposal set proposer_tag = '' where group_id = to_group;
    end if;
end
"""


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_initial"), ("members", "0001_initial")]

    operations = [
        inside_a_group("groups_charteracceptance", "membership_id", "groups_membership"),
        inside_a_group("groups_facilitation", "membership_id", "groups_membership"),
        inside_a_group("groups_story", "author_id", "groups_membership", on_delete="restrict"),
        inside_a_group("groups_storykey", "story_id", "groups_story"),
        inside_a_group("groups_resonance", "story_id", "groups_story"),
        inside_a_group("groups_resonance", "membership_id", "groups_membership"),
        migrations.RunSQL(WHO_ASKS, "drop schema app cascade"),
        migrations.RunSQL(POLICY_ROLE_SQL, migrations.RunSQL.noop),
        definer(
            "app.my_groups() returns setof uuid",
            "select group_id from public.groups_membership where member_tag = app.tag()",
        ),
        definer(
            "app.my_memberships() returns setof uuid",
            "select id from public.groups_membership where member_tag = app.tag()",
        ),
        definer(
            "app.my_facilitated_groups() returns setof uuid",
            "select f.group_id from public.groups_facilitation f join public.groups_membership m"
            " on m.id = f.membership_id and m.group_id = f.group_id where m.member_tag = app.tag() and current_date >= f.starts_on and current_date < f.ends_on",
        ),
        definer(
            "app.my_stories() returns setof uuid",
            "select s.id from public.groups_story s join public.groups_membership m on m.id = s.author_id"
            " where m.member_tag = app.tag()",
        ),
        definer(
            "app.entered_at(of_group uuid) returns bigint",
            "select entered_at from public.groups_membership where group_id = of_group and member_tag = app.tag()",
        ),
        definer(
            "app.tick(of_group uuid) returns bigint",
            "update public.groups_groupclock set now = now + 1"
            " where group_id = of_group and group_id = any(array(select app.my_groups())) returning now",
            volatility="volatile",
        ),
        definer(
            "app.may_enter(to_group uuid) returns boolean",
            "select app.tag() is not null and exists (select 1 from public.groups_group g where g.id = to_group"
            " and (g.opened_on is not null or exists (select 1 from public.groups_proposal p"
            " where p.group_id = g.id and p.proposer_tag = app.proposer())))",
        ),
        definer(
            "app.keys_to_enter(to_group uuid)"
            " returns table (version smallint, wrapping_key_version smallint, wrapped bytea)",
            "select version, wrapping_key_version, wrapped from public.groups_groupkey"
            " where group_id = to_group and app.may_enter(to_group)",
        ),
        definer(
            "app.is_name_free(in_group uuid, mark bytea) returns boolean",
            "select app.may_enter(in_group) and not exists"
            " (select 1 from public.groups_membership where group_id = in_group and name_mark = mark)",
        ),
        definer(
            "app.enter_group(to_group uuid, membership uuid, name_mark bytea, sealed_name bytea, sealed_address bytea,"
            " reminders text, charter date, accepted_on date) returns void",
            ENTER_GROUP,
            language="plpgsql",
            volatility="volatile",
        ),
        migrations.RunSQL(WEB_ROLE_SQL, migrations.RunSQL.noop),
        migrations.RunSQL(WORKER_ROLE_SQL, migrations.RunSQL.noop),
        guarded(
            "groups_membership",
            select=f"{MINE} or {IN_MY_GROUPS}",
            update=MINE,
            delete=MINE,
            select_worker="true",
            update_worker=("true", "false"),  # the worker may lock a row while it sends, never change it
            select_policy="true",
            insert_policy="true",
        ),
        guarded("groups_groupclock", insert="now = 0 and app.staff()", select_policy="true", update_policy="true"),
        guarded("groups_charteracceptance", select=MY_OWN, insert=MY_OWN, delete=MY_OWN, insert_policy="true"),
        guarded(
            "groups_facilitation",
            select=IN_MY_GROUPS,
            delete=MY_OWN,
            select_policy="true",
            insert_policy="true",
        ),
        guarded(
            "groups_story",
            select=f"{IN_MY_GROUPS} and ({PRESENT})",
            insert=f"{BY_ME} and {IN_MY_GROUPS}",
            update=(BY_ME, f"{IN_MY_GROUPS} and ({BY_ME} or author_id is null)"),
            delete=BY_ME,
            select_policy="true",
        ),
        guarded(
            "groups_storykey",
            select=f"{IN_MY_GROUPS} and {VISIBLE_STORY}",
            insert=f"{IN_MY_GROUPS} and {ABOUT_MY_STORY}",
            delete=ABOUT_MY_STORY,
        ),
        guarded(
            "groups_resonance",
            select=f"{MY_OWN} or {ABOUT_MY_STORY}",
            insert=f"{MY_OWN} and {IN_MY_GROUPS} and {VISIBLE_STORY}",
            delete=f"{MY_OWN} or {ABOUT_MY_STORY}",
        ),
        guarded(
            "groups_group",
            select="true",  # the public sheet
            insert="app.staff()",
            update=I_FACILITATE,
            select_worker="true",
            update_worker="true",
            select_policy="true",
            update_policy="true",
        ),
        guarded("groups_groupkey", select=IN_MY_GROUPS, insert="version = 1 and app.staff()", select_policy="true"),
        guarded(
            "groups_proposal",
            select="proposer_tag = app.proposer() or app.staff()",
            insert="proposer_tag = app.proposer() and accepted_on is null and group_id is null",
            update="app.staff()",
            select_policy="true",
            update_policy="true",
        ),
    ]
