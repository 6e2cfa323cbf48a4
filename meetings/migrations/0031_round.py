"""The speaking round: whose turn it is, while it lasts. Only the one whose turn it is ends it; a second turn comes when
everybody was offered one; closing it deletes all of it, and it lies in no log of the database and in no backup."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from entraide.lib.sql import definer, goes_with_its_group, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
MY_OWN = "membership_id = any(array(select app.my_memberships()))"
I_LEAD = "app.leads_round(meeting_id)"

# An unlogged table is in no write-ahead log, so in no copy made from it; a crash of the server empties it.
UNLOGGED = ["alter table meetings_turn set unlogged", "alter table meetings_round set unlogged"]
RIGHTS = [
    "revoke all on meetings_round, meetings_turn from entraide_backup_data",
    "revoke update on meetings_round from entraide_web",
    "revoke insert, update on meetings_turn from entraide_web",  # through the functions below only
    "grant select, update (laps, turn_since, closing_at) on meetings_round to entraide_policy",
    "grant select, insert, update (had), delete on meetings_turn to entraide_policy",
    "grant select (meeting_id), delete on meetings_round to entraide_worker",
]
LEADS = """
    select exists (
        select 1 from public.meetings_meeting t
        where t.id = of_meeting and t.group_id = any(array(select app.my_groups())) and (
            t.group_id = any(array(select app.my_facilitated_groups()))
            or t.id = any(array(select app.my_hosted_meetings()))
            or not exists (select 1 from public.meetings_hosting h where h.meeting_id = t.id)))
"""
# The lowest place among those that had the fewest turns, as long as this lap still owes it one.
TURN_NOW = """
    select t.id from public.meetings_turn t join public.meetings_round r on r.id = t.round_id
    where r.id = of_round and t.had < r.laps and r.closing_at is null order by t.had, t.seat limit 1
"""
# Whoever comes late gets the turn of the lap that is going round, at its end.
TAKE_PLACES = """
declare
    held public.meetings_round;
    mine uuid;
    last integer;
    before uuid;
begin
    select * into held from public.meetings_round
        where id = in_round and group_id = any(array(select app.my_groups())) for update;
    mine := (select id from public.groups_membership where group_id = held.group_id and member_tag = app.tag());
    if mine is null or held.closing_at is not null then
        return false;
    end if;
    if exists (select 1 from public.meetings_turn where round_id = in_round and membership_id = mine) then
        return true;
    end if;
    last := (select coalesce(max(seat), 0) from public.meetings_turn where round_id = in_round);
    if how_many not between 1 and 20 or last + how_many > 60 then
        return false;
    end if;
    before := app.turn_now(in_round);
    insert into public.meetings_turn (id, group_id, round_id, membership_id, seat, had)
        select gen_random_uuid(), held.group_id, in_round, mine, last + n, greatest(held.laps - 1, 0)
        from generate_series(1, how_many) n;
    update public.meetings_round set turn_since = now() where id = in_round and before is null;
    return true;
end
"""
END_TURN = """
declare
    in_round uuid := (select round_id from public.meetings_turn
        where id = of_turn and membership_id = any(array(select app.my_memberships())));
begin
    perform 1 from public.meetings_round where id = in_round for update;
    if in_round is null or app.turn_now(in_round) is distinct from of_turn then
        return false;
    end if;
    update public.meetings_turn set had = had + 1 where id = of_turn;
    update public.meetings_round set turn_since = now() where id = in_round;
    return true;
end
"""
# The first time it is begun by who leads; afterwards whoever sits in it may ask for another one.
GO_ROUND = """
declare
    held public.meetings_round;
begin
    select * into held from public.meetings_round
        where id = of_round and group_id = any(array(select app.my_groups())) for update;
    if held.id is null or held.laps <> after_laps or app.turn_now(of_round) is not null
        or not exists (select 1 from public.meetings_turn where round_id = of_round) then
        return false;
    end if;
    if not app.leads_round(held.meeting_id) and (held.laps = 0 or not exists (select 1 from public.meetings_turn
        where round_id = of_round and membership_id = any(array(select app.my_memberships())))) then
        return false;
    end if;
    update public.meetings_round set laps = laps + 1, turn_since = now(), closing_at = null where id = of_round;
    return true;
end
"""
# Nobody's turn is cut off by it either.
SAY_LAST_WORDS = """
begin
    perform 1 from public.meetings_round where id = in_round for update;
    update public.meetings_round set closing_at = now() where id = in_round and closing_at is null and laps > 0
        and app.leads_round(meeting_id) and app.turn_now(in_round) is null;
    return found;
end
"""
STAND_UP = """
declare
    before uuid;
begin
    perform 1 from public.meetings_round where id = from_round for update;
    before := app.turn_now(from_round);
    delete from public.meetings_turn
        where round_id = from_round and membership_id = any(array(select app.my_memberships()));
    update public.meetings_round set turn_since = now()
        where id = from_round and app.turn_now(from_round) is distinct from before;
end
"""


def key(to, **options):
    return models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to=to, **options)


def verb(signature, body, volatility="volatile"):
    return definer(signature, body, language="plpgsql", volatility=volatility)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0030_hosting")]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        help_text="A mark for each turn. It cuts nobody short.", null=True
                    ),
                ),
                (
                    "laps",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often it has gone round, this time included."
                    ),
                ),
                ("turn_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "closing_at",
                    models.DateTimeField(help_text="Since when the last words are being said.", null=True),
                ),
                ("group", key("groups.group")),
                (
                    "meeting",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="meetings.meeting",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("group", "id"), name="round_of_its_group")]},
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seat", models.PositiveSmallIntegerField()),
                (
                    "had",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How many turns this place was offered and had."
                    ),
                ),
                ("group", key("groups.group")),
                ("membership", key("groups.membership", related_name="+")),
                ("round", key("meetings.round", related_name="turns")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("round", "seat"), name="one_turn_per_seat")]},
        ),
        migrations.RunSQL(UNLOGGED, migrations.RunSQL.noop),
        inside_a_group("meetings_round", "meeting_id", "meetings_meeting"),
        inside_a_group("meetings_turn", "round_id", "meetings_round"),
        inside_a_group("meetings_turn", "membership_id", "groups_membership"),
        goes_with_its_group("meetings_round"),
        goes_with_its_group("meetings_turn"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        definer("app.leads_round(of_meeting uuid) returns boolean", LEADS),
        definer("app.turn_now(of_round uuid) returns uuid", TURN_NOW, caller="entraide_policy"),
        verb("app.take_places(in_round uuid, how_many integer) returns boolean", TAKE_PLACES),
        verb("app.end_turn(of_turn uuid) returns boolean", END_TURN),
        verb("app.go_round(of_round uuid, after_laps integer) returns boolean", GO_ROUND),
        verb("app.say_last_words(in_round uuid) returns boolean", SAY_LAST_WORDS),
        verb("app.stand_up(from_round uuid) returns void", STAND_UP),
        guarded(
            "meetings_round",
            select=IN_MY_GROUPS,
            insert=f"{IN_MY_GROUPS} and {I_LEAD}",
            delete=I_LEAD,
            select_policy="true",
            update_policy="true",
            select_worker="true",
            delete_worker="true",
        ),
        guarded(
            "meetings_turn",
            select=IN_MY_GROUPS,
            delete=MY_OWN,
            select_policy="true",
            insert_policy="true",
            update_policy="true",
            delete_policy="true",
        ),
    ]
