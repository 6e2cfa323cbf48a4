"""Facilitating one meeting: who offers has powers over that meeting only; a gentle order proposes who comes next."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from entraide.lib.sql import definer, goes_with_its_group, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
MY_OWN = "membership_id = any(array(select app.my_memberships()))"
I_FACILITATE = "group_id = any(array(select app.my_facilitated_groups()))"
I_ARRANGE_IT = f"({I_FACILITATE} or id = any(array(select app.my_hosted_meetings())))"
MY_SHEETS = "id = any(array(select app.my_facilitated_groups()))"

RIGHTS = [
    "grant select (group_id, meeting_id, membership_id) on meetings_hosting to entraide_policy",
    "grant select, insert, update on meetings_hostorder to entraide_policy",
    "revoke update on meetings_hosting from entraide_web",
    "revoke insert, update on meetings_hostorder from entraide_web",  # only through app.had_a_turn()
    "grant select (meeting_id), delete on meetings_hosting to entraide_worker",
]
# Who may change a meeting may also say on the public sheet when the next one is: no other column is granted.
POWERS = [
    f'alter policy "update" on meetings_meeting using ({I_ARRANGE_IT} and ends_at > now()) with check ({I_ARRANGE_IT})',
    f'alter policy "update" on groups_group using ({MY_SHEETS} or id = any(array(select app.my_hosting_groups())))'
    f" with check ({MY_SHEETS} or id = any(array(select app.my_hosting_groups())))",
]
FORMER_POWERS = [
    f'alter policy "update" on groups_group using ({MY_SHEETS}) with check ({MY_SHEETS})',
    f'alter policy "update" on meetings_meeting using ({I_FACILITATE} and ends_at > now()) with check ({I_FACILITATE})',
]
COUNTS_REPLIES = f"""
create or replace function app.counts_replies(of_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog as $$
    select exists (select 1 from public.meetings_meeting where id = of_meeting and {I_ARRANGE_IT})
$$
"""
HAD_A_TURN = """
    insert into public.meetings_hostorder (membership_id, group_id, at)
    select m.id, m.group_id, app.tick(in_group) from public.groups_membership m
    where m.group_id = in_group and m.member_tag = app.tag()
    on conflict (membership_id) do update set at = excluded.at
"""
# Three, so that somebody who does not look in holds nobody up. Each sees whether they are among them; the names are for
# those who arrange meetings.
PROPOSED = """
    select n.id from (
        select m.id from public.groups_membership m left join public.meetings_hostorder o on o.membership_id = m.id
        where m.group_id = in_group and not exists (
            select 1 from public.meetings_hosting h join public.meetings_meeting t on t.id = h.meeting_id
            where h.membership_id = m.id and t.ends_at > now())
        order by o.at nulls first, m.entered_at limit 3) n
    where in_group = any(array(select app.my_groups())) and (
        n.id = any(array(select app.my_memberships()))
        or in_group = any(array(select app.my_facilitated_groups()))
        or in_group = any(array(select app.my_hosting_groups())))
"""


def key(to, **options):
    return models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0021_waiting_line"), ("groups", "0016_planned_once")]

    operations = [
        migrations.CreateModel(
            name="Hosting",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("group", key("groups.group")),
                ("meeting", key("meetings.meeting", related_name="hostings")),
                ("membership", key("groups.membership", related_name="+")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "membership"), name="one_hosting_per_member_and_meeting")
                ],
            },
        ),
        migrations.CreateModel(
            name="HostOrder",
            fields=[
                (
                    "membership",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="groups.membership",
                    ),
                ),
                ("at", models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), not a time.")),
                ("group", key("groups.group")),
            ],
        ),
        inside_a_group("meetings_hosting", "meeting_id", "meetings_meeting"),
        inside_a_group("meetings_hosting", "membership_id", "groups_membership"),
        inside_a_group("meetings_hostorder", "membership_id", "groups_membership"),
        goes_with_its_group("meetings_hosting"),
        goes_with_its_group("meetings_hostorder"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        definer(
            "app.my_hosted_meetings() returns setof uuid",
            "select h.meeting_id from public.meetings_hosting h join public.groups_membership m"
            " on m.id = h.membership_id where m.member_tag = app.tag()",
        ),
        definer(
            "app.my_hosting_groups() returns setof uuid",
            "select t.group_id from public.meetings_meeting t"
            " where t.id = any(array(select app.my_hosted_meetings())) and t.ends_at > now()",
        ),
        definer("app.had_a_turn(in_group uuid) returns void", HAD_A_TURN, volatility="volatile"),
        definer("app.proposed_to_host(in_group uuid) returns setof uuid", PROPOSED),
        guarded(
            "meetings_hosting",
            select=IN_MY_GROUPS,
            insert=f"{MY_OWN} and {IN_MY_GROUPS}",
            delete=MY_OWN,
            select_policy="true",
            select_worker="true",
            delete_worker="true",
        ),
        guarded(
            "meetings_hostorder",
            select=MY_OWN,
            delete=MY_OWN,
            select_policy="true",
            insert_policy="true",
            update_policy="true",
        ),
        migrations.RunSQL(POWERS, FORMER_POWERS),
        migrations.RunSQL(["set local role entraide_policy", COUNTS_REPLIES, "reset role"], migrations.RunSQL.noop),
    ]
