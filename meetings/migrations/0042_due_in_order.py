"""What falls due is derived in the order of an index: of a hundred thousand meetings that start in the same minute, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0041_standing")]

    operations = [
        migrations.RemoveIndex("meeting", "standing_meeting_by_start"),
        migrations.AddIndex(
            "meeting",
            models.Index(
                fields=["starts_at", "id"], condition=models.Q(("cancelled_at", None)), name="standing_meeting_by_start"
            ),
        ),
    ]
