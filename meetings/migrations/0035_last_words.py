"""The last words are the last: a page that still shows the moment before them does not send everybody round again."""

from django.db import migrations

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
        or not exists (select 1 from public.meetings_turn where round_id = of_round) then
        return false;
    end if;
    if not app.leads_round(held.meeting_id) and (held.laps = 0 or not exists (select 1 from public.meetings_turn
        where round_id = of_round and membership_id = any(array(select app.my_memberships())))) then
        return false;
    end if;
    update public.meetings_round set laps = laps + 1, turn_since = now() where id = of_round;
    return true;
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0034_host_order")]

    operations = [migrations.RunSQL(["set local role entraide_policy", GO_ROUND, "reset role"], migrations.RunSQL.noop)]
