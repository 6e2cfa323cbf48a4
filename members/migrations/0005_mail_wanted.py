"""What mail a person wants beside their sign-in codes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0004_session")]

    operations = [
        migrations.AddField("member", "quiet", models.BooleanField(default=False)),
        migrations.AddField("member", "notices", models.BooleanField(default=True)),
    ]
