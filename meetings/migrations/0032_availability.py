"""Dates that are proposed while one is looked for. Everybody answers for themselves; whoever arranges meetings sees how
many can, and never who. Both go when the date has passed or is taken away."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from entraide.lib.sql import definer, goes_with_its_group, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
MY_OWN = "membership_id = any(array(select app.my_memberships()))"
I_FACILITATE = "group_id = any(array(select app.my_facilitated_groups()))"

RIGHTS = [
    "revoke update on meetings_proposeddate, meetings_availability from entraide_web",
    "grant update (can) on meetings_availability to entraide_web",
    "grant select (id, group_id) on meetings_proposeddate to entraide_policy",
    "grant select (proposed_date_id, can) on meetings_availability to entraide_policy",
    "grant select (ends_at), delete on meetings_proposeddate to entraide_worker",
]
WHO_CAN = """
    select d.id, a.can::text, count(*)
    from public.meetings_proposeddate d join public.meetings_availability a on a.proposed_date_id = d.id
    where d.group_id = in_group and in_group = any(array(select app.my_facilitated_groups()))
    group by d.id, a.can
"""


def key(to, **options):
    return models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0031_round")]

    operations = [
        migrations.CreateModel(
            name="ProposedDate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("group", key("groups.group")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "starts_at"), name="one_proposed_date_per_start"),
                    models.UniqueConstraint(fields=("group", "id"), name="proposed_date_of_its_group"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "can",
                    models.CharField(
                        choices=[("yes", "I can"), ("if_needed", "I can if needed"), ("no", "I cannot")], max_length=10
                    ),
                ),
                ("group", key("groups.group")),
                ("membership", key("groups.membership", related_name="+")),
                ("proposed_date", key("meetings.proposeddate", related_name="+")),
            ],
            options={
                "verbose_name_plural": "availability",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposed_date", "membership"), name="one_availability_per_member_and_date"
                    )
                ],
            },
        ),
        inside_a_group("meetings_availability", "proposed_date_id", "meetings_proposeddate"),
        inside_a_group("meetings_availability", "membership_id", "groups_membership"),
        goes_with_its_group("meetings_proposeddate"),
        goes_with_its_group("meetings_availability"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        definer("app.who_can(in_group uuid) returns table (proposed uuid, can text, people bigint)", WHO_CAN),
        guarded(
            "meetings_proposeddate",
            select=IN_MY_GROUPS,
            insert=I_FACILITATE,
            delete=I_FACILITATE,
            select_policy="true",
            select_worker="true",
            delete_worker="true",
        ),
        guarded(
            "meetings_availability",
            select=MY_OWN,
            insert=f"{MY_OWN} and {IN_MY_GROUPS}",
            update=MY_OWN,
            delete=MY_OWN,
            select_policy="true",
        ),
    ]
