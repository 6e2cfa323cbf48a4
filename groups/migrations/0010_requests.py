"""Waiting before a door: to be welcomed by a member, or for a place. And the end of a group that has nobody, or that its
members have closed.

Whoever counts places, gives one, or closes the door holds the group's clock: thirty people at once come one after the
other. The clock is always taken before any other row of the group but one's own membership.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import entraide.lib.days
from entraide.lib.sql import definer, forgets_its_group, goes_with_its_group, guarded

TABLES = [
    "groups_charteracceptance",
    "groups_entryrequest",
    "groups_facilitation",
    "groups_groupclock",
    "groups_groupkey",
    "groups_handover",
    "groups_listing",
    "groups_membership",
    "groups_proposal",
    "groups_resonance",
    "groups_story",
    "groups_storykey",
]
MINE = "member_tag = app.tag()"
# Members see who asks to be welcomed, and nothing of those who wait for a place.
ASKS_MY_GROUP = "welcomed_on is null and group_id = any(array(select app.my_groups()))"
HELD = "place_on > current_date - 7"

RIGHTS = [
    "revoke insert, update, delete on groups_entryrequest from entraide_web",
    "grant update (until) on groups_entryrequest to entraide_web",
    # what was taken back must not come back with a restore: people ask again
    "revoke all on groups_entryrequest from entraide_backup_data",
    "grant select, insert, update, delete on groups_entryrequest to entraide_policy",
    "grant select (keys_end_on, joining, size_max, is_full), delete,"
    " update (keys_end_on, is_full, next_starts_at, next_ends_at, rhythm, rhythm_on) on groups_group to entraide_policy",
    "grant select (group_id), delete on groups_story to entraide_policy",
    "grant delete, update (reminders) on groups_membership to entraide_policy",  # update: to lock a row
    'create policy "update_policy" on groups_membership for update to entraide_policy using (true) with check (false)',
    'create policy "delete_policy" on groups_group for delete to entraide_policy using (true)',
    'create policy "delete_policy" on groups_story for delete to entraide_policy using (true)',
    'create policy "delete_policy" on groups_membership for delete to entraide_policy using (true)',
]

# --- Closing -------------------------------------------------------------------------------------------------------

# At once the group is in no list, nobody enters, nothing is planned (meetings/migrations/0003). For thirty days its
# members still read and may take their words with them; then app.end_closed_groups() destroys its keys and all the rest.
CLOSE_GROUP = """
begin
    perform 1 from public.groups_groupclock where group_id = of_group for update;
    update public.groups_group set keys_end_on = current_date + 30, is_full = false,
        next_starts_at = null, next_ends_at = null, rhythm = '', rhythm_on = null
        where id = of_group and keys_end_on is null;
    delete from public.groups_entryrequest where group_id = of_group;
end
"""

# Stories first: they keep their author's row from going. What else hangs on a group goes with it.
END_CLOSED_GROUPS = """
declare
    ended uuid[] := array(select id from public.groups_group where keys_end_on <= current_date order by id);
begin
    perform 1 from public.groups_membership where group_id = any(ended) order by id for update;
    perform 1 from public.groups_groupclock where group_id = any(ended) order by group_id for update;
    delete from public.groups_story where group_id = any(ended);
    delete from public.groups_membership where group_id = any(ended);
    delete from public.groups_group where id = any(ended);
    return cardinality(ended);
end
"""

# --- Places --------------------------------------------------------------------------------------------------------

# A place is free when no member has it and none is held for somebody whose turn it is. Those who are welcome get free
# ones in the order in which they asked; whoever comes by the door meets a group that is full as long as one waits.
SETTLE = """
declare
    its record;
    free bigint;
begin
    perform 1 from public.groups_groupclock where group_id = of_group for update;
    select g.joining, g.size_max into its from public.groups_group g
        where g.id = of_group and g.opened_on is not null and g.keys_end_on is null;
    if not found then
        return;
    end if;
    if its.joining = 'open' then
        update public.groups_entryrequest set welcomed_on = current_date where group_id = of_group and welcomed_on is null;
    end if;
    free := its.size_max - (select count(*) from public.groups_membership where group_id = of_group)
        - (select count(*) from public.groups_entryrequest where group_id = of_group and place_on is not null);
    update public.groups_entryrequest set place_on = current_date, until = greatest(until, current_date + 7)
        where id in (select id from public.groups_entryrequest
            where group_id = of_group and welcomed_on is not null and place_on is null
            order by number limit greatest(free, 0));
    free := its.size_max - (select count(*) from public.groups_membership where group_id = of_group)
        - (select count(*) from public.groups_entryrequest where group_id = of_group and place_on is not null);
    update public.groups_group set is_full = (free <= 0) where id = of_group and is_full <> (free <= 0);
end
"""

# Whichever way a membership goes. The last one closes the group.
SETTLE_AFTER_LEAVING = """
begin
    perform 1 from public.groups_groupclock where group_id = old.group_id for update;
    if exists (select 1 from public.groups_membership where group_id = old.group_id) then
        perform app.settle(old.group_id);
    else
        perform app.close_group(old.group_id);
    end if;
    return null;
end
"""

SETTLE_AFTER_A_CHANGE = """
begin
    perform app.settle(new.id);
    return null;
end
"""

# In the worker, every ten minutes: what is over goes; a place that was not taken passes on, and its person waits again at the
# end of the line, where it comes back to them at once when nobody else waits.
MOVE_LINES = """
declare
    one uuid;
    late uuid;
    moment bigint;
begin
    for one in select distinct r.group_id from public.groups_entryrequest r
            where r.until <= current_date or r.place_on <= current_date - 7 order by 1 loop
        perform 1 from public.groups_groupclock where group_id = one for update;
        delete from public.groups_entryrequest where group_id = one and until <= current_date;
        for late in select id from public.groups_entryrequest
                where group_id = one and place_on <= current_date - 7 order by number loop
            update public.groups_groupclock set now = now + 1 where group_id = one returning now into strict moment;
            update public.groups_entryrequest set place_on = null, number = moment where id = late;
        end loop;
        perform app.settle(one);
    end loop;
end
"""

# --- Asking, welcoming, entering -----------------------------------------------------------------------------------

MAY_ASK = """
    select app.tag() is not null and exists (select 1 from public.groups_group g
        where g.id = to_group and g.keys_end_on is null and (g.opened_on is not null or exists (
            select 1 from public.groups_proposal p where p.group_id = g.id and p.proposer_tag = app.proposer())))
"""
MAY_ENTER = f"""
    select app.may_ask(to_group) and exists (select 1 from public.groups_group g where g.id = to_group
        and (g.opened_on is null or (g.joining = 'open' and not g.is_full) or exists (
            select 1 from public.groups_entryrequest r
            where r.group_id = g.id and r.member_tag = app.tag() and r.{HELD})))
"""
IS_NAME_FREE = """
    select app.may_ask(in_group)
        and not exists (select 1 from public.groups_membership m where m.group_id = in_group and m.name_mark = mark)
        and not exists (select 1 from public.groups_entryrequest r
            where r.group_id = in_group and r.name_mark = mark and r.member_tag <> app.tag())
"""

# False: the group has closed meanwhile.
ASK_TO_ENTER = """
declare
    moment bigint;
begin
    update public.groups_groupclock set now = now + 1
        where group_id = to_group and app.may_ask(to_group) returning now into moment;
    if moment is null or not exists (select 1 from public.groups_group
            where id = to_group and opened_on is not null and keys_end_on is null) then
        return false;
    end if;
    if exists (select 1 from public.groups_membership where group_id = to_group and member_tag = app.tag()) then
        raise unique_violation using constraint = 'one_membership_per_person_and_group';
    end if;
    if exists (select 1 from public.groups_membership m where m.group_id = to_group and m.name_mark = mark) then
        raise unique_violation using constraint = 'one_membership_per_name_in_group';
    end if;
    insert into public.groups_entryrequest
        (id, group_id, member_tag, name_mark, sealed, number, asked_on, until)
        values (request, to_group, app.tag(), mark, words, moment, current_date, current_date + 30);
    perform app.settle(to_group);
    return true;
end
"""

# Any member, alone: it is an act of welcome, and nobody can refuse. Who did it is kept nowhere.
WELCOME = """
begin
    if in_group <> all(array(select app.my_groups())) then
        raise exception 'only members welcome' using errcode = 'insufficient_privilege';
    end if;
    perform 1 from public.groups_groupclock where group_id = in_group for update;
    update public.groups_entryrequest set welcomed_on = current_date
        where id = request and group_id = in_group and welcomed_on is null;
    if not found then
        return false;
    end if;
    perform app.settle(in_group);
    return true;
end
"""

TAKE_BACK = """
begin
    perform 1 from public.groups_groupclock where group_id = to_group for update;
    delete from public.groups_entryrequest where group_id = to_group and member_tag = app.tag();
    if found then
        perform app.settle(to_group);
    end if;
end
"""

# Everything but the lines about places and requests is as in migration 0002.
ENTER_GROUP = """
create or replace function app.enter_group(to_group uuid, membership uuid, name_mark bytea, sealed_name bytea,
    sealed_address bytea, reminders text, charter date, accepted_on date) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    founding boolean := exists (
        select 1 from public.groups_proposal p join public.groups_group g on g.id = p.group_id
        where g.id = to_group and g.opened_on is null and p.proposer_tag = app.proposer());
    moment bigint;
begin
    if not app.may_ask(to_group) then
        raise exception 'this group is not open to the person who asks' using errcode = 'insufficient_privilege';
    end if;
    update public.groups_groupclock set now = now + 1 where group_id = to_group returning now into strict moment;
    if not app.may_enter(to_group) then  -- seen only now that nobody else moves
        raise exception 'no place is there for the person who asks' using errcode = 'insufficient_privilege';
    end if;
    if exists (select 1 from public.groups_entryrequest r where r.group_id = to_group
            and r.name_mark = enter_group.name_mark and r.member_tag <> app.tag()) then
        raise unique_violation using constraint = 'one_membership_per_name_in_group';
    end if;
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
    delete from public.groups_entryrequest r where r.group_id = to_group and r.member_tag = app.tag();
    perform app.settle(to_group);
end
$$
"""

# --- What 0002 and 0006 say, with requests and closed groups -----------------------------------------------------


def _again(signature, body):
    language = "language sql stable security definer set search_path = pg_catalog"
    return f"create or replace function {signature} {language} as $${body}$$"


IN_OFFICE = "current_date >= f.starts_on and current_date < f.ends_on"
MY_FACILITATED_GROUPS = f"""
    select m.group_id from public.groups_membership m join public.groups_group g on g.id = m.group_id
    where m.member_tag = app.tag() and g.keys_end_on is null and (
        exists (select 1 from public.groups_facilitation f where f.membership_id = m.id and {IN_OFFICE})
        or not exists (select 1 from public.groups_facilitation f where f.group_id = m.group_id and {IN_OFFICE}))
"""
# Whoever erases their account holds the clock of every group that it touches before anything else.
TICK = """
create or replace function app.tick(of_group uuid) returns bigint
language sql volatile security definer set search_path = pg_catalog as $$
    update public.groups_groupclock set now = now + 1 where group_id = of_group
        and (group_id = any(array(select app.my_groups())) or exists (
            select 1 from public.groups_entryrequest r where r.group_id = of_group and r.member_tag = app.tag()))
        returning now
$$
"""
AGAIN = [
    "set local role entraide_policy",
    _again("app.may_enter(to_group uuid) returns boolean", MAY_ENTER),
    _again("app.is_name_free(in_group uuid, mark bytea) returns boolean", IS_NAME_FREE),
    _again("app.my_facilitated_groups() returns setof uuid", MY_FACILITATED_GROUPS),
    TICK,
    ENTER_GROUP,
    "reset role",
]

TRIGGER = "returns trigger language plpgsql volatile security definer set search_path = pg_catalog"
TRIGGERS = [
    f"create function app.settle_after_leaving() {TRIGGER} as $${SETTLE_AFTER_LEAVING}$$",
    f"create function app.settle_after_a_change() {TRIGGER} as $${SETTLE_AFTER_A_CHANGE}$$",
    "set local role entraide_policy",
    "grant execute on function app.note_what_went() to entraide_owner",
    "reset role",
    "create trigger settle_after_leaving after delete on groups_membership for each row"
    " execute function app.settle_after_leaving()",
    "create trigger settle_after_a_change after update of joining, size_max on groups_group for each row"
    " when ((new.joining, new.size_max) is distinct from (old.joining, old.size_max))"
    " execute function app.settle_after_a_change()",
    "create trigger remember_closed after update of keys_end_on on groups_group for each row"
    " when (new.keys_end_on is not null and old.keys_end_on is null) execute function app.note_what_went('closed')",
    "create trigger remember_ended after delete on groups_group for each row"
    " execute function app.note_what_went('group')",
    "revoke all on function app.settle_after_leaving(), app.settle_after_a_change() from public",
    "alter function app.settle_after_leaving() owner to entraide_policy",
    "alter function app.settle_after_a_change() owner to entraide_policy",
    "set local role entraide_policy",
    "revoke execute on function app.note_what_went() from entraide_owner",
    "select app.settle(id) from groups_group",  # those of before
    "reset role",
]


def _within(signature, body):
    """Called by the other functions only."""
    return definer(signature, body, language="plpgsql", volatility="volatile", caller="entraide_policy")


def _act(signature, body, **more):
    return definer(signature, body, language="plpgsql", volatility="volatile", **more)


class Migration(migrations.Migration):
    dependencies = [("groups", "0009_proposals")]

    operations = [
        migrations.CreateModel(
            name="EntryRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="groups.group"
                    ),
                ),
                ("member_tag", models.CharField(max_length=64)),
                ("name_mark", models.BinaryField(max_length=32)),
                ("sealed", models.TextField()),
                (
                    "number",
                    models.PositiveBigIntegerField(
                        help_text="In line: on the group's own clock (GroupClock), not a time."
                    ),
                ),
                ("asked_on", models.DateField(default=entraide.lib.days.today)),
                ("until", models.DateField(help_text="From this day on it is gone.")),
                ("welcomed_on", models.DateField(null=True)),
                ("place_on", models.DateField(help_text="A place is held since this day.", null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["member_tag"], name="request_by_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("group", "member_tag"), name="one_request_per_person_and_group"),
                    models.UniqueConstraint(fields=("group", "name_mark"), name="one_request_per_name_in_group"),
                    models.UniqueConstraint(fields=("group", "number"), name="one_request_per_number_in_line"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("story", "withdrawn"),
                    ("membership", "departed"),
                    ("member", "erased"),
                    ("reminders", "turned off their reminders"),
                    ("closed", "closed"),
                    ("group", "ended"),
                ],
                max_length=10,
            ),
        ),
        *map(goes_with_its_group, TABLES),
        forgets_its_group("groups_listing", "taken_up_by_id"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        guarded(
            "groups_entryrequest",
            select=f"{MINE} or ({ASKS_MY_GROUP})",
            update=(MINE, f"{MINE} and until <= current_date + 30"),
            select_policy="true",
            insert_policy="true",
            update_policy="true",
            delete_policy="true",
        ),
        _within("app.close_group(of_group uuid) returns void", CLOSE_GROUP),
        _within("app.settle(of_group uuid) returns void", SETTLE),
        _act("app.end_closed_groups() returns bigint", END_CLOSED_GROUPS, caller="entraide_worker"),
        _act("app.pass_places_on() returns void", MOVE_LINES, caller="entraide_worker"),
        definer("app.may_ask(to_group uuid) returns boolean", MAY_ASK),
        _act("app.ask_to_enter(to_group uuid, request uuid, mark bytea, words text) returns boolean", ASK_TO_ENTER),
        _act("app.welcome(in_group uuid, request uuid) returns boolean", WELCOME),
        _act("app.take_back(to_group uuid) returns void", TAKE_BACK),
        definer(
            "app.requests_that_wait() returns table (group_id uuid, waiting bigint)",
            "select r.group_id, count(*) from public.groups_entryrequest r"
            " where app.staff() and r.welcomed_on is null and r.asked_on <= current_date - 14 group by r.group_id",
        ),
        migrations.RunSQL(AGAIN, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
