"""Whoever stops all mail while they wait before a door comes in without reminders: what they asked with is sealed anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("groups", "0020_address_refused")]

    operations = [migrations.RunSQL("grant update (sealed) on groups_entryrequest to entraide_web")]
