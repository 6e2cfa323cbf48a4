"""The gentle order of facilitating counts by itself. On the group's clock its numbers would stand between those of stories,
whose days a copy of the database shows: somebody's last turn could be dated by them."""

from django.db import migrations, models

PLACE = "Counted by this order alone: the group's clock would tell between which stories it was."
HAD_A_TURN = """
create or replace function app.had_a_turn(in_group uuid) returns void
language sql volatile security definer set search_path = pg_catalog as $$
    select app.tick(in_group);  -- one at a time
    insert into public.meetings_hostorder (membership_id, group_id, at)
    select m.id, m.group_id, 1 + coalesce((select max(o.at) from public.meetings_hostorder o
        where o.group_id = m.group_id), 0)
    from public.groups_membership m where m.group_id = in_group and m.member_tag = app.tag()
    on conflict (membership_id) do update set at = excluded.at
$$
"""
COUNT_ANEW = """
update public.meetings_hostorder o set at = n.place from (
    select membership_id, row_number() over (partition by group_id order by at) as place from public.meetings_hostorder
) n where n.membership_id = o.membership_id
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0033_wall_time")]

    operations = [
        migrations.AlterField("hostorder", "at", models.PositiveBigIntegerField(help_text=PLACE)),
        migrations.RunSQL(
            ["set local role entraide_policy", HAD_A_TURN, COUNT_ANEW, "reset role"], migrations.RunSQL.noop
        ),
    ]
