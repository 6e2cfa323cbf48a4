"""How one joins a group, whether it has free places, what it adds to the charter, and when a closed one ends."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

JOINING = models.CharField(
    choices=[("open", "one enters at once"), ("welcome", "a member welcomes whoever asks")],
    default="open",
    max_length=10,
)
ADDITIONS = ArrayField(
    base_field=models.CharField(max_length=160),
    size=3,
    default=list,
    blank=True,
    help_text="Seen by everybody: sentences that this group adds to the charter of the house.",
)
FEW_ADDITIONS = models.Q(charter_additions__len__lte=3)
KEYS_END = "The group is closed; from this day its keys are destroyed."


class Migration(migrations.Migration):
    dependencies = [("groups", "0006_facilitation")]

    operations = [
        migrations.AddField("group", "joining", JOINING),
        migrations.AddField("proposal", "joining", JOINING.clone()),
        migrations.AddField("group", "charter_additions", ADDITIONS),
        migrations.AddField("proposal", "charter_additions", ADDITIONS.clone()),
        migrations.AddField("group", "is_full", models.BooleanField(default=False)),
        migrations.AddField("group", "keys_end_on", models.DateField(help_text=KEYS_END, null=True)),
        migrations.AddConstraint(
            "group", models.CheckConstraint(condition=FEW_ADDITIONS, name="group_has_few_charter_additions")
        ),
        migrations.AddConstraint(
            "proposal", models.CheckConstraint(condition=FEW_ADDITIONS, name="proposal_has_few_charter_additions")
        ),
    ]
