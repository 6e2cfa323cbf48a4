"""What is said of one date alone, kinds of meetings, picked and skipped dates; a meeting stands for a date of its
series. What took place never changes: the database itself says so."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

KINDS = [
    ("regular", "A meeting of the group"),
    ("social", "An evening out, a walk, a meal together"),
    ("newcomers", "A meeting that is also meant for newcomers"),
]
RHYTHMS = [
    ("once", "Only once"),
    ("weekly", "Every week, on the same day"),
    ("fortnightly", "Every second week, on the same day"),
    ("monthly", "Every month, on the same weekday of the month (for example the 4th Tuesday)"),
    ("monthly_last", "Every month, on the last such weekday (for example the last Tuesday)"),
    ("picked", "On dates that we choose"),
]
SEALED = "Its own place and theme; else those of its series."
PLANNED_ON = "The date of the series that it stands for, wherever it was moved."
I_FACILITATE = "group_id = any(array(select app.my_facilitated_groups()))"
SEEN_BY_THE_WORKER = (
    "id, group_id, series_id, format, kind, zone, version, planned_on, starts_at, ends_at, day_before_at,"
    " cancelled_at, moved_at, changed_at"
)
RIGHTS = [
    "grant update (version, skipped) on meetings_series to entraide_web",
    "grant update (series_id, planned_on, format, kind, zone, sealed, moved_at, changed_at), delete"
    " on meetings_meeting to entraide_web",
    "grant select (kind, version, picked, skipped) on meetings_series to entraide_worker",
    # where one meeting takes place is sealed in its row now: the worker no longer has a right on all of it
    "revoke select, insert on meetings_meeting from entraide_worker",
    f"grant select ({SEEN_BY_THE_WORKER}), insert ({SEEN_BY_THE_WORKER}) on meetings_meeting to entraide_worker",
    f'alter policy "update" on meetings_meeting using ({I_FACILITATE} and ends_at > now())',
    f'create policy "delete" on meetings_meeting for delete to entraide_web using ({I_FACILITATE}'
    " and starts_at > now())",
]
FORMER_RIGHTS = [
    'drop policy "delete" on meetings_meeting',
    f'alter policy "update" on meetings_meeting using ({I_FACILITATE})',
    "grant select, insert on meetings_meeting to entraide_worker",
    "revoke delete on meetings_meeting from entraide_web",
]


def dates(meaning):
    return ArrayField(base_field=models.DateField(), default=list, help_text=meaning, size=None)


def add(model, **fields):
    return [migrations.AddField(model, name, field) for name, field in fields.items()]


def lift_policies():
    """They hold for the owner too: lifted for as long as this transaction fills the new column."""
    return migrations.RunSQL(
        "alter table meetings_meeting no force row level security",
        "alter table meetings_meeting force row level security",
    )


def put_policies_back():
    return migrations.RunSQL(
        "alter table meetings_meeting force row level security",
        "alter table meetings_meeting no force row level security",
    )


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_closed_groups")]

    operations = [
        *add("series", kind=models.CharField(max_length=10, choices=KINDS, default="regular")),
        *add("series", version=models.PositiveIntegerField(default=1)),
        *add("series", picked=dates("The dates of a rhythm that has no rule.")),
        *add("series", skipped=dates("Dates of the rhythm without a meeting.")),
        *add("meeting", kind=models.CharField(max_length=10, choices=KINDS, default="regular")),
        *add("meeting", moved_at=models.DateTimeField(null=True), changed_at=models.DateTimeField(null=True)),
        *add("meeting", sealed=models.BinaryField(null=True, help_text=SEALED), planned_on=models.DateField(null=True)),
        lift_policies(),
        migrations.RunSQL(
            "update meetings_meeting set planned_on = (starts_at at time zone zone)::date", migrations.RunSQL.noop
        ),
        put_policies_back(),
        migrations.AlterField("meeting", "planned_on", models.DateField(help_text=PLANNED_ON)),
        migrations.AlterField("series", "rhythm", models.CharField(max_length=20, choices=RHYTHMS)),
        migrations.RemoveConstraint("meeting", "one_meeting_per_start_of_a_series"),
        migrations.AddConstraint(
            "meeting",
            models.UniqueConstraint(fields=["series", "planned_on"], name="one_meeting_per_date_of_a_series"),
        ),
        migrations.RunSQL(RIGHTS, FORMER_RIGHTS),
    ]
