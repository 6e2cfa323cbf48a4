"""That an address is refused, and not since when: one moment at several memberships would say whose they are.

What was refused before this is tried once more.
"""

from django.db import migrations, models

RIGHTS = [
    "grant update (address_refused) on groups_membership to entraide_web",
    "grant select (address_refused), update (address_refused) on groups_membership to entraide_worker",
]


class Migration(migrations.Migration):
    dependencies = [("groups", "0019_told_by_mail")]

    operations = [
        migrations.RemoveField("membership", "address_refused_at"),
        migrations.AddField(
            "membership",
            "address_refused",
            models.BooleanField(db_default=False, help_text="The mail server knows no such address."),
        ),
        migrations.RunSQL(RIGHTS),
    ]
