"""Sessions of our own in place of Django's. Whoever was signed in signs in again."""

from django.db import migrations, models

# What the first migration gives with every table: the web may do all, a dump holds it. A dump needs no session.
GRANTS = [
    "revoke select on members_session from entraide_backup_data",
    "grant select (expire_date), delete on members_session to entraide_worker",  # those that have expired
]


class Migration(migrations.Migration):
    dependencies = [("members", "0003_unordered_addresses")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("owner", models.CharField(blank=True, db_index=True, max_length=64)),
                ("device", models.BinaryField()),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL("drop table if exists django_session", migrations.RunSQL.noop),
    ]
