"""What belongs to the group changes by consent. Every row comes in, changes and takes effect through the functions below:
the web may read decisions, and change neither them nor the sheet of a group by itself.

Whoever changes anything here holds the group's clock, so that a closing and an answer come one after the other.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import entraide.lib.days
from entraide.lib.sql import definer, goes_with_its_group, guarded, inside_a_group

MINE = "any(array(select app.my_memberships()))"
IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
# What is said about somebody who is here is for those who were here too; an exclusion that one member alone stands for is
# known to the two whom it asks.
VISIBLE = (
    f"case when outcome = 'waiting' then proposer_id = {MINE} or second_id = {MINE}"
    " else kind <> 'exclusion' or number > app.entered_at(group_id) end"
)
SAID_TO_ME = (
    "stance <> all ('{agree,aside}') and exists"
    " (select 1 from groups_decision d where d.id = decision_id and d.number > app.entered_at(d.group_id))"
)

ROLES = [
    "revoke insert, update, delete on groups_decision from entraide_web",
    "revoke insert, update on groups_position from entraide_web",  # leaving takes away one's own
    "grant select, insert, update, delete on groups_decision, groups_position to entraide_policy",
    "grant select (name, zone), update (name, for_whom, description, language, format, city, access, size_min, size_max,"
    " joining, charter_additions, charter_on, latitude, longitude) on groups_group to entraide_policy",
]

# Two names with the same key cannot be told apart at a glance: entraide/lib/words.py, for the public names of groups.
NAME_KEY = r"""
create function app.name_key(name text) returns text language sql immutable strict parallel safe
set search_path = pg_catalog as $$
    select coalesce(nullif(replace(translate(regexp_replace(lower(normalize(
        translate(name, 'АВЕКМНОРСТУХІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEKMHOPCTYXIJABEZHIKMNOPTYX'), nfkd)), '[^[:alnum:]|]', '', 'g'),
        'аеорсухіјԁһνοαρτυ01ı|', 'aeopcyxijdhvoaptyolll'), 'i', 'l'), ''), name)  -- of signs alone: as it is
$$
"""
NAMES = [
    NAME_KEY,
    "create index groups_group_name_key on groups_group (app.name_key(name))",
]
IS_GROUP_NAME_FREE = """
    select not exists (select 1 from public.groups_group g where g.id is distinct from for_group
        and (g.opened_on is not null or exists (select 1 from public.groups_proposal p where p.group_id = g.id))
        and app.name_key(g.name) = app.name_key(new_name))
"""

DAY_IN = "select (now() at time zone zone)::date from public.groups_group where id = of_group"
NOT_FOR_YOU = "raise exception 'this is not for the person who asks' using errcode = 'insufficient_privilege'"

# Memberships come before the clock, as everywhere. Whoever is leaving in this very moment counts as gone: nobody waits.
OPEN_DECISION = f"""
declare
    mine uuid := (select id from public.groups_membership where group_id = in_group and member_tag = app.tag());
    today date := app.day_in(in_group);
    alone boolean := what = 'exclusion';
    here uuid[];
    moment bigint;
begin
    if mine is null or long < 7 and what in ('closing', 'exclusion') or alone and (with_whom is null or about_whom is null or mine in (with_whom, about_whom)
            or with_whom = about_whom) or not alone and num_nonnulls(with_whom, about_whom) > 0 then
        {NOT_FOR_YOU};
    end if;
    here := array(select m.id from public.groups_membership m
        where m.group_id = in_group and m.id in (with_whom, about_whom) for key share skip locked);
    update public.groups_groupclock set now = now + 1 where group_id = in_group returning now into strict moment;
    if exists (select 1 from public.groups_decision d where d.id = which) then
        return 'again';
    elsif alone and cardinality(here) < 2 then
        return 'left';
    elsif (select g.keys_end_on from public.groups_group g where g.id = in_group) is not null then
        return 'closing';
    elsif exists (select 1 from public.groups_decision d where d.group_id = in_group and d.kind = what
            and d.outcome = 'open') then
        return 'busy';
    end if;
    insert into public.groups_decision (id, group_id, number, kind, proposer_id, second_id, about_id, sealed, digest, days,
        opened_on, closes_on, outcome) values (which, in_group, moment, what, mine, with_whom, about_whom, change, fingerprint,
        long, today, today + long, case when alone then 'waiting' else 'open' end);
    insert into public.groups_position (id, group_id, decision_id, membership_id, stance, sealed)
        values (words_id, in_group, which, mine, 'propose', words);
    return 'opened';
end
"""

# The second person stands for it too: from now on the group sees it, and the one whom it is about.
SECOND_DECISION = """
declare
    asked public.groups_decision;
    today date;
begin
    select d.* into asked from public.groups_decision d
        where d.id = which and d.second_id = any(array(select app.my_memberships()));
    perform 1 from public.groups_groupclock where group_id = asked.group_id for update;
    select d.* into asked from public.groups_decision d where d.id = which and d.group_id = asked.group_id;
    today := app.day_in(asked.group_id);
    if asked.id is null or asked.outcome <> 'waiting' or asked.closes_on < today or asked.proposer_id is null
            or (select g.keys_end_on from public.groups_group g where g.id = asked.group_id) is not null then
        return 'gone';
    elsif exists (select 1 from public.groups_decision d where d.group_id = asked.group_id
            and d.kind = 'exclusion' and d.outcome = 'open') then
        return 'busy';
    end if;
    update public.groups_groupclock set now = now + 1 where group_id = asked.group_id;
    update public.groups_decision set outcome = 'open', opened_on = today, closes_on = today + days,
        number = (select c.now from public.groups_groupclock c where c.group_id = asked.group_id) where id = which;
    insert into public.groups_position (id, group_id, decision_id, membership_id, stance, sealed)
        values (words_id, asked.group_id, which, asked.second_id, 'propose', words);
    return 'opened';
end
"""

# One row a member: a changed position takes the place of the former one. An objection ends the matter for now.
TAKE_POSITION = f"""
declare
    taken public.groups_decision;
    mine uuid;
begin
    select d.* into taken from public.groups_decision d join public.groups_membership m on m.group_id = d.group_id
        where d.id = which and m.member_tag = app.tag() and d.outcome <> 'waiting'
        and (d.kind <> 'exclusion' or d.number > m.entered_at);
    if taken.id is null then
        {NOT_FOR_YOU};
    end if;
    perform 1 from public.groups_groupclock where group_id = taken.group_id for update;
    select d.* into taken from public.groups_decision d where d.id = which;
    mine := (select m.id from public.groups_membership m where m.group_id = taken.group_id and m.member_tag = app.tag());
    if taken.outcome is distinct from 'open' or taken.closes_on < app.day_in(taken.group_id) then
        return 'closed';
    elsif mine is null or mine in (taken.proposer_id, taken.second_id)
            or coalesce(mine = taken.about_id, false) <> (how = 'side')
            or how not in ('agree', 'aside', 'concern', 'object', 'side') then
        {NOT_FOR_YOU};
    end if;
    delete from public.groups_position where decision_id = which and membership_id = mine;
    insert into public.groups_position (id, group_id, decision_id, membership_id, stance, sealed)
        values (words_id, taken.group_id, which, mine, how, words);
    if how = 'object' then
        update public.groups_decision set outcome = 'returned', decided_on = app.day_in(group_id) where id = which;
    end if;
    return 'kept';
end
"""

# By whoever proposed it. Nothing stays of an exclusion that is taken back, or was sent back and then taken off the page.
WITHDRAW_DECISION = f"""
declare
    held public.groups_decision;
    mine uuid[] := array(select app.my_memberships());
begin
    select d.* into held from public.groups_decision d where d.id = which
        and (d.proposer_id = any(mine) or d.second_id = any(mine) or d.about_id = any(mine) and d.outcome = 'returned');
    if held.id is null then
        {NOT_FOR_YOU};
    end if;
    perform 1 from public.groups_groupclock where group_id = held.group_id for update;
    delete from public.groups_decision where id = which and kind = 'exclusion'
        and (outcome in ('waiting', 'returned') or outcome = 'open' and closes_on >= app.day_in(group_id));
    if found then
        return true;
    end if;
    update public.groups_decision set outcome = 'withdrawn', decided_on = app.day_in(group_id)
        where id = which and outcome = 'open' and closes_on >= app.day_in(group_id);
    return found;
end
"""

# What has come to its day, the clock held. Of an exclusion, the membership that it is about comes before the clock, as
# everywhere; one that its person holds in this very moment waits for the next visit, so that nobody waits in a circle.
DUE_DECISIONS = """
declare
    held uuid[] := array(select m.id from public.groups_membership m where m.group_id = in_group and m.id in
        (select d.about_id from public.groups_decision d where d.group_id = in_group and d.outcome = 'open'
            and d.closes_on < app.day_in(in_group) and in_group = any(array(select app.my_groups())))
        for update skip locked);
begin
    perform 1 from public.groups_groupclock where group_id = in_group and in_group = any(array(select app.my_groups()))
        for update;
    -- asked again: whoever was excluded while they waited for the clock settles nothing any more
    return query select d.id from public.groups_decision d where d.group_id = any(array(select app.my_groups()))
        and d.group_id = in_group and d.outcome in ('open', 'waiting') and d.closes_on < app.day_in(in_group)
        and (d.outcome = 'waiting' or d.about_id is null or d.about_id = any(held)) order by d.number;
end
"""

# Once, whoever comes first: the others find another outcome than 'open'. What is applied is what was proposed, because
# its digest says so; nothing is known to have been said against it, because an objection would have sent it back.
SETTLE_DECISION = """
declare
    due public.groups_decision;
    reached text := 'adopted';
begin
    select d.* into due from public.groups_decision d
        where d.id = which and d.group_id = any(array(select app.my_groups()));
    if due.id is null then
        return null;  -- also for whoever has just settled that they are excluded themselves
    end if;
    perform 1 from public.groups_groupclock where group_id = due.group_id for update;
    select d.* into due from public.groups_decision d where d.id = which;
    if due.outcome not in ('open', 'waiting') or due.closes_on >= app.day_in(due.group_id) then
        return due.outcome;
    elsif due.outcome = 'waiting' or due.kind = 'exclusion' and num_nulls(due.proposer_id, due.second_id) > 0 then
        delete from public.groups_decision where id = which;
        return 'gone';
    elsif exists (select 1 from public.groups_position p where p.decision_id = which and p.stance = 'object') then
        reached := 'returned';
    elsif due.kind not in ('closing', 'exclusion') and change is null
            or (select g.keys_end_on from public.groups_group g where g.id = due.group_id) is not null then
        reached := 'lapsed';
    elsif due.kind = 'exclusion' then
        perform app.exclude(due.id, due.about_id);
    else
        reached := app.apply_change(due.id, change);
    end if;
    update public.groups_decision set outcome = reached, decided_on = app.day_in(due.group_id) where id = which;
    return reached;
end
"""

APPLY_CHANGE = f"""
declare
    due public.groups_decision;
    told jsonb := change::jsonb -> 'after';
begin
    select d.* into due from public.groups_decision d where d.id = which;
    if due.kind <> 'closing' and sha256(convert_to(change, 'utf8')) <> due.digest then
        {NOT_FOR_YOU};
    end if;
    if due.kind = 'name' then
        perform pg_advisory_xact_lock(hashtext('names of groups'));
        if not app.is_group_name_free(told ->> 'name', due.group_id) then
            return 'lapsed';
        end if;
        update public.groups_group set name = told ->> 'name' where id = due.group_id;
    elsif due.kind = 'sheet' then
        update public.groups_group set for_whom = told ->> 'for_whom', description = told ->> 'description',
            language = told ->> 'language', format = told ->> 'format', city = told ->> 'city',
            access = array(select jsonb_array_elements_text(told -> 'access')),
            size_min = (told ->> 'size_min')::int, size_max = (told ->> 'size_max')::int, latitude = (told ->> 'latitude')::float8,
            longitude = (told ->> 'longitude')::float8 where id = due.group_id;
    elsif due.kind = 'joining' then
        update public.groups_group set joining = told ->> 'joining' where id = due.group_id;
    elsif due.kind = 'charter' then
        update public.groups_group set charter_on = current_date,
            charter_additions = array(select jsonb_array_elements_text(told -> 'charter_additions'))
            where id = due.group_id;
    else
        perform app.close_group(due.group_id);
    end if;
    return 'adopted';
end
"""

# As leaving with one's stories withdrawn. What was said of the person goes with them; that it happened stays, without name.
EXCLUDE = """
begin
    delete from public.groups_position where decision_id = which;
    update public.groups_decision set about_id = null where id = which;
    delete from public.groups_story where author_id = whom;
    delete from public.groups_membership where id = whom;
end
"""


def act(signature, body, **more):
    return definer(signature, body, language="plpgsql", volatility="volatile", **more)


def membership(on_delete, **options):
    return models.ForeignKey("groups.membership", on_delete, related_name="+", db_constraint=False, **options)


class Migration(migrations.Migration):
    dependencies = [("groups", "0011_finder")]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "group",
                    models.ForeignKey(
                        "groups.group", django.db.models.deletion.CASCADE, db_constraint=False, related_name="decisions"
                    ),
                ),
                (
                    "number",
                    models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), when it opened."),
                ),
                (
                    "kind",
                    models.CharField(
                        max_length=10,
                        choices=[
                            ("name", "The name of the group"),
                            ("sheet", "The public sheet"),
                            ("joining", "How one joins"),
                            ("charter", "What the group adds to the charter"),
                            ("closing", "Closing the group"),
                            ("exclusion", "Excluding somebody"),
                        ],
                    ),
                ),
                ("proposer", membership(django.db.models.deletion.DO_NOTHING, null=True)),
                ("second", membership(django.db.models.deletion.DO_NOTHING, null=True)),
                ("about", membership(django.db.models.deletion.DO_NOTHING, null=True)),
                ("sealed", models.BinaryField()),
                ("digest", models.BinaryField(max_length=32)),
                ("days", models.PositiveSmallIntegerField(default=7)),
                ("opened_on", models.DateField(default=entraide.lib.days.today)),
                (
                    "closes_on",
                    models.DateField(help_text="The last day for a position, on the group's own calendar."),
                ),
                (
                    "outcome",
                    models.CharField(
                        max_length=10,
                        default="open",
                        choices=[
                            ("waiting", "waiting for a second person"),
                            ("open", "open"),
                            ("adopted", "adopted"),
                            ("returned", "back to discussion"),
                            ("withdrawn", "withdrawn"),
                            ("lapsed", "without effect"),
                        ],
                    ),
                ),
                ("decided_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["group", "id"], name="decision_of_its_group"),
                    models.UniqueConstraint(
                        fields=["group", "kind"],
                        condition=models.Q(("outcome", "open"), models.Q(("kind", "exclusion"), _negated=True)),
                        name="one_open_decision_of_a_kind",
                    ),
                    models.UniqueConstraint(
                        fields=["about"],
                        condition=models.Q(("outcome", "open")),
                        name="one_open_exclusion_of_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(days__gte=3, days__lte=30), name="decision_lasts_three_to_thirty_days"
                    ),
                ],
                "indexes": [models.Index(fields=["group", "-number"], name="decisions_of_a_group")],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("group", models.ForeignKey("groups.group", django.db.models.deletion.CASCADE, db_constraint=False)),
                (
                    "decision",
                    models.ForeignKey(
                        "groups.decision",
                        django.db.models.deletion.CASCADE,
                        related_name="positions",
                        db_constraint=False,
                    ),
                ),
                ("membership", membership(django.db.models.deletion.CASCADE)),
                (
                    "stance",
                    models.CharField(
                        max_length=10,
                        choices=[
                            ("agree", "I agree"),
                            ("aside", "I let the group decide"),
                            ("concern", "I have a concern"),
                            ("object", "I object"),
                            ("propose", "proposes it"),
                            ("side", "their side"),
                        ],
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["decision", "membership"], name="one_position_per_member_and_decision"
                    )
                ],
            },
        ),
        goes_with_its_group("groups_decision"),
        goes_with_its_group("groups_position"),
        inside_a_group("groups_decision", "proposer_id", "groups_membership", on_delete="set null (proposer_id)"),
        inside_a_group("groups_decision", "second_id", "groups_membership", on_delete="set null (second_id)"),
        inside_a_group("groups_decision", "about_id", "groups_membership"),
        inside_a_group("groups_position", "decision_id", "groups_decision"),
        inside_a_group("groups_position", "membership_id", "groups_membership"),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(NAMES, ["drop index groups_group_name_key", "drop function app.name_key(text)"]),
        definer("app.is_group_name_free(new_name text, for_group uuid) returns boolean", IS_GROUP_NAME_FREE),
        definer("app.day_in(of_group uuid) returns date", DAY_IN),
        act(
            "app.open_decision(which uuid, in_group uuid, what text, long int, change bytea, fingerprint bytea,"
            " with_whom uuid, about_whom uuid, words_id uuid, words bytea) returns text",
            OPEN_DECISION,
        ),
        act("app.second_decision(which uuid, words_id uuid, words bytea) returns text", SECOND_DECISION),
        act("app.take_position(which uuid, how text, words_id uuid, words bytea) returns text", TAKE_POSITION),
        act("app.withdraw_decision(which uuid) returns boolean", WITHDRAW_DECISION),
        act("app.due_decisions(in_group uuid) returns setof uuid", DUE_DECISIONS),
        act("app.exclude(which uuid, whom uuid) returns void", EXCLUDE, caller="entraide_policy"),
        act("app.apply_change(which uuid, change text) returns text", APPLY_CHANGE, caller="entraide_policy"),
        act("app.settle_decision(which uuid, change text) returns text", SETTLE_DECISION),
        guarded(
            "groups_decision",
            select=f"{IN_MY_GROUPS} and {VISIBLE}",
            select_policy="true",
            insert_policy="true",
            update_policy="true",
            delete_policy="true",
        ),
        guarded(
            "groups_position",
            select=f"membership_id = {MINE} or {IN_MY_GROUPS} and {SAID_TO_ME}",
            delete=f"membership_id = {MINE}",
            select_policy="true",
            insert_policy="true",
            delete_policy="true",
        ),
    ]
