"""Whoever had their turn and sits down again finds their former place: no second turn in one lap. The memory lasts as long
as the lap; nobody is shown it, and closing the round deletes it with the rest."""

from django.db import migrations, models

SEATED = "group_id = any(array(select app.my_groups())) and not is_away"
RIGHTS = [
    "grant update (is_away) on meetings_turn to entraide_policy",
    f'alter policy "select" on meetings_turn using ({SEATED})',
]
FORMER_RIGHTS = [
    'alter policy "select" on meetings_turn using (group_id = any(array(select app.my_groups())))',
    "revoke update (is_away) on meetings_turn from entraide_policy",
]
# Whoever is away had their turn of this lap (go_round forgets them), so that turn_now passes them by.
STAND_UP = """
create or replace function app.stand_up(from_round uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    before uuid;
    lap integer;
begin
    select laps into lap from public.meetings_round where id = from_round for update;
    before := app.turn_now(from_round);
    update public.meetings_turn set is_away = true
        where round_id = from_round and membership_id = any(array(select app.my_memberships()))
        and lap > 0 and had >= lap;
    delete from public.meetings_turn
        where round_id = from_round and membership_id = any(array(select app.my_memberships())) and not is_away;
    update public.meetings_round set turn_since = now()
        where id = from_round and app.turn_now(from_round) is distinct from before;
end
$$
"""
# Whoever comes late gets the turn of the lap that is going round, at its end.
TAKE_PLACES = """
create or replace function app.take_places(in_round uuid, how_many integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    held public.meetings_round;
    mine uuid;
    last integer;
    before uuid;
    back integer;
begin
    select * into held from public.meetings_round
        where id = in_round and group_id = any(array(select app.my_groups())) for update;
    mine := (select id from public.groups_membership where group_id = held.group_id and member_tag = app.tag());
    if mine is null or held.closing_at is not null then
        return false;
    end if;
    if exists (select 1 from public.meetings_turn
        where round_id = in_round and membership_id = mine and not is_away) then
        return true;
    end if;
    back := (select least(count(*), how_many) from public.meetings_turn
        where round_id = in_round and membership_id = mine);
    last := (select coalesce(max(seat), 0) from public.meetings_turn where round_id = in_round);
    if how_many not between 1 and 20 or last + how_many - back > 60 then
        return false;
    end if;
    before := app.turn_now(in_round);
    update public.meetings_turn set is_away = false where id in (
        select id from public.meetings_turn where round_id = in_round and membership_id = mine order by seat limit back);
    insert into public.meetings_turn (id, group_id, round_id, membership_id, seat, had, is_away)
        select gen_random_uuid(), held.group_id, in_round, mine, last + n, greatest(held.laps - 1, 0), false
        from generate_series(1, how_many - back) n;
    update public.meetings_round set turn_since = now()
        where id = in_round and before is null and app.turn_now(in_round) is not null;
    return true;
end
$$
"""
# The first time it is begun by who leads; afterwards whoever sits in it may ask for another one.
GO_ROUND = """
create or replace function app.go_round(of_round uuid, after_laps integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    held public.meetings_round;
begin
    select * into held from public.meetings_round
        where id = of_round and group_id = any(array(select app.my_groups())) for update;
    if held.id is null or held.laps <> after_laps or held.closing_at is not null or app.turn_now(of_round) is not null
        or not exists (select 1 from public.meetings_turn where round_id = of_round and not is_away) then
        return false;
    end if;
    if not app.leads_round(held.meeting_id) and (held.laps = 0 or not exists (select 1 from public.meetings_turn
        where round_id = of_round and not is_away and membership_id = any(array(select app.my_memberships())))) then
        return false;
    end if;
    delete from public.meetings_turn where round_id = of_round and is_away;
    update public.meetings_round set laps = laps + 1, turn_since = now() where id = of_round;
    return true;
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0035_last_words")]

    operations = [
        migrations.AddField(
            "turn",
            "is_away",
            models.BooleanField(
                default=False,
                help_text="Left the round after having had the turn of this lap. Shown to nobody, forgotten with the lap.",
            ),
        ),
        migrations.RunSQL(RIGHTS, FORMER_RIGHTS),
        migrations.RunSQL(
            ["set local role entraide_policy", STAND_UP, TAKE_PLACES, GO_ROUND, "reset role"], migrations.RunSQL.noop
        ),
    ]
