"""An author gives a story another end when they change it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("groups", "0016_planned_once")]

    operations = [
        migrations.RunSQL(
            "grant update (ends_on) on groups_story to entraide_web",
            "revoke update (ends_on) on groups_story from entraide_web",
        )
    ]
