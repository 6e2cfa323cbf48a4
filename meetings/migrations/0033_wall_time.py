"""The wall time of each meeting, moved ones included: the truth that its instants are derived from. When zone data
change, the worker derives those of the meetings to come anew, through the one function that changes nothing else."""

from django.db import migrations, models

from entraide.lib.sql import definer

WALL_ON = "The day on the clocks of its zone; the instants are derived from it."
WALL_STARTS = "The hour on those clocks, as it was typed."

# From an instant to a wall time there is one answer only, whoever asks.
READ_THE_CLOCKS = """
    alter table meetings_meeting no force row level security;
    update meetings_meeting set wall_on = (starts_at at time zone zone)::date,
        wall_starts = (starts_at at time zone zone)::time;
    alter table meetings_meeting force row level security
"""
RIGHTS = [
    "grant update (wall_on, wall_starts) on meetings_meeting to entraide_web",
    "grant select (wall_on, wall_starts), insert (wall_on, wall_starts) on meetings_meeting to entraide_worker",
    "grant select (zone, wall_on, wall_starts, day_before_at), update (starts_at, ends_at, day_before_at)"
    " on meetings_meeting to entraide_policy",
    'create policy "update_policy" on meetings_meeting for update to entraide_policy'
    " using (starts_at > now()) with check (true)",
]
FORMER_RIGHTS = [
    'drop policy "update_policy" on meetings_meeting',
    "revoke update on meetings_meeting from entraide_policy",
]
DERIVE_MEETINGS = """
    with due as (
        select m.id, d.starts_at, d.day_before_at from public.meetings_meeting m
        join unnest(zones, days, hours, starts, days_before) d (zone, wall_on, wall_starts, starts_at, day_before_at)
            on (m.zone, m.wall_on, m.wall_starts) = (d.zone, d.wall_on, d.wall_starts)
        where m.starts_at > now() and (m.starts_at, m.day_before_at) is distinct from (d.starts_at, d.day_before_at)
        for update of m skip locked
    )
    update public.meetings_meeting m set starts_at = due.starts_at,
        ends_at = due.starts_at + (m.ends_at - m.starts_at), day_before_at = due.day_before_at
        from due where m.id = due.id returning m.group_id
"""


def add(name, field):
    return migrations.AddField("meeting", name, field)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0032_availability")]

    operations = [
        add("wall_on", models.DateField(null=True, help_text=WALL_ON)),
        add("wall_starts", models.TimeField(null=True, help_text=WALL_STARTS)),
        migrations.RunSQL(READ_THE_CLOCKS, migrations.RunSQL.noop),
        migrations.AlterField("meeting", "wall_on", models.DateField(help_text=WALL_ON)),
        migrations.AlterField("meeting", "wall_starts", models.TimeField(help_text=WALL_STARTS)),
        migrations.RunSQL(RIGHTS, FORMER_RIGHTS),
        definer(
            "app.derive_meetings(zones text[], days date[], hours time[], starts timestamptz[],"
            " days_before timestamptz[]) returns setof uuid",
            DERIVE_MEETINGS,
            volatility="volatile",
            caller="entraide_worker",
        ),
    ]
