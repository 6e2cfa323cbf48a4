"""Reminders in batches: what is due is derived once for a meeting, notices of changes, and a guard against clocks that
jump. What is open at this moment has been derived already: it is remembered as such, and sent once."""

import uuid

from django.db import migrations, models
from django.db.models import deletion

from entraide.lib.sql import goes_with_its_group, guarded, inside_a_group

KINDS = [
    ("day_before", "Day Before"),
    ("two_hours", "Two Hours"),
    ("changed", "Changed"),
    ("cancelled", "Cancelled"),
]
ANNOUNCED = "As announced: a moved meeting is announced again."
WHICH = "Of a notice: which one (Meeting.notice)."
UNGUARDED = "alter table {0} no force row level security, disable row level security"
GUARDED = "alter table {0} force row level security, enable row level security"
CARRY_OVER = [
    UNGUARDED.format("meetings_reminder"),
    UNGUARDED.format("meetings_meeting"),
    "update meetings_reminder r set next_try = coalesce(r.lease_until, r.next_try), due_at = case r.kind"
    " when 'two_hours' then r.starts_at - interval '2 hours' else m.day_before_at end"
    " from meetings_meeting m where m.id = r.meeting_id",
    "insert into meetings_wave (id, group_id, meeting_id, kind, starts_at, version)"
    " select gen_random_uuid(), group_id, meeting_id, kind, starts_at, 0 from meetings_reminder"
    " group by group_id, meeting_id, kind, starts_at",
    "set constraints all immediate",
    GUARDED.format("meetings_reminder"),
    GUARDED.format("meetings_meeting"),
]
RIGHTS = [
    "grant update (notice, notice_at) on meetings_meeting to entraide_web",
    "grant select (notice, notice_at), insert (notice, notice_at) on meetings_meeting to entraide_worker",
    "grant select (entered_at) on groups_membership to entraide_worker",  # an order of arrivals, not a time
    "revoke insert, update, delete on meetings_wave, meetings_workerclock from entraide_web",
    "grant select, insert, delete on meetings_wave to entraide_worker",
    "grant select, insert, update, delete on meetings_workerclock to entraide_worker",
]


def key(to, on_delete=deletion.DO_NOTHING, **options):
    return models.ForeignKey(db_constraint=False, on_delete=on_delete, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0038_two_at_a_time"), ("groups", "0018_reminders")]

    operations = [
        migrations.AddField("meeting", "notice", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("meeting", "notice_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "meeting",
            models.Index(
                fields=["notice_at"],
                condition=models.Q(("notice_at", None), _negated=True),
                name="meeting_by_notice",
            ),
        ),
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("starts_at", models.DateTimeField(help_text=ANNOUNCED)),
                ("version", models.PositiveBigIntegerField(default=0, help_text=WHICH)),
                ("group", key("groups.group")),
                ("meeting", key("meetings.meeting", related_name="+", db_index=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "kind", "starts_at", "version"), name="one_wave_per_kind_start_and_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerClock",
            fields=[
                (
                    "boot",
                    models.CharField(
                        max_length=36, primary_key=True, serialize=False, help_text="One start of one machine."
                    ),
                ),
                ("at", models.DateTimeField(help_text="On the clock of the database.")),
                ("since_boot", models.FloatField(help_text="Seconds, on a clock that nobody sets.")),
            ],
        ),
        inside_a_group("meetings_wave", "meeting_id", "meetings_meeting"),
        goes_with_its_group("meetings_wave"),
        migrations.AddField("reminder", "version", models.PositiveBigIntegerField(default=0, help_text=WHICH)),
        migrations.AddField("reminder", "due_at", models.DateTimeField(null=True)),
        migrations.AddField("reminder", "ended_at", models.DateTimeField(null=True)),
        migrations.RunSQL(CARRY_OVER),
        migrations.AlterField("reminder", "due_at", models.DateTimeField()),
        migrations.RemoveField("reminder", "lease_until"),
        migrations.AlterField("reminder", "kind", models.CharField(choices=KINDS, max_length=10)),
        migrations.AlterField(
            "reminder",
            "next_try",
            models.DateTimeField(help_text="When any worker may take it up, whoever claimed it before."),
        ),
        migrations.AlterField(
            "reminder", "meeting", key("meetings.meeting", deletion.CASCADE, related_name="reminders", db_index=False)
        ),
        migrations.RemoveConstraint("reminder", "one_reminder_per_member_kind_and_start"),
        migrations.AddConstraint(
            "reminder",
            models.UniqueConstraint(
                fields=("meeting", "membership", "kind", "starts_at", "version"), name="one_mail_per_member_and_wave"
            ),
        ),
        migrations.AddIndex("reminder", models.Index(fields=["starts_at"], name="reminder_by_start")),
        migrations.RunSQL(RIGHTS),
        guarded("meetings_wave", select_worker="true", insert_worker="true", delete_worker="true"),
        guarded(
            "meetings_workerclock",
            select_worker="true",
            insert_worker="true",
            update_worker="true",
            delete_worker="true",
        ),
    ]
