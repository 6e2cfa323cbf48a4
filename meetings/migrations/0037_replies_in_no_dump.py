"""Who means to come to which meeting, and whether a date does for somebody, are promised to be gone when it is over. A dump
would tell it for 30 days more."""

from django.db import migrations

TABLES = "meetings_rsvp, meetings_availability"


class Migration(migrations.Migration):
    dependencies = [("meetings", "0036_back_at_the_table")]

    operations = [
        migrations.RunSQL(
            f"revoke all on {TABLES} from entraide_backup_data", f"grant select on {TABLES} to entraide_backup_data"
        )
    ]
