"""All mail but reminders leaves through one table. The web writes into it and cannot read it back; the worker sends."""

import uuid

from django.db import migrations, models

from entraide.lib.sql import guarded

FRESH = "hands = 0 and put_off = 0 and lease is null and not in_doubt and next_try <= now()"
RIGHTS = [
    "revoke select, update, delete on members_outgoingmail from entraide_web",
    # a restore sends nothing: most of it had been sent
    "revoke all on members_outgoingmail from entraide_backup_data",
    "grant select, delete, update (about, sealed, next_try, expires_at, lease, lease_until, hands, put_off, in_doubt)"
    " on members_outgoingmail to entraide_worker",
    "grant insert, select (kind, about, hands) on members_outgoingmail to entraide_policy",
]


class Migration(migrations.Migration):
    dependencies = [("members", "0005_mail_wanted")]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=30)),
                (
                    "about",
                    models.UUIDField(null=True, help_text="The row that holds the address, where this one does not."),
                ),
                (
                    "sealed",
                    models.BinaryField(
                        default=b"", help_text="Address, language and what the words need; for the worker."
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("next_try", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("lease", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "hands",
                    models.PositiveSmallIntegerField(default=0, help_text="How often it may have been handed over."),
                ),
                ("put_off", models.PositiveSmallIntegerField(default=0)),
                ("in_doubt", models.BooleanField(default=False)),
            ],
            options={"indexes": [models.Index(fields=["expires_at"], name="mail_by_end")]},
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        guarded(
            "members_outgoingmail",
            insert=f"{FRESH} and expires_at <= now() + interval '3 days'",
            select_worker="true",
            update_worker="true",
            delete_worker="true",
            insert_policy="true",  # for what the database itself notices (groups/migrations/0019)
            select_policy="true",
        ),
    ]
