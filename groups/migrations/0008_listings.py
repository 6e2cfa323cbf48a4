"""Groups that a public list of meetings names and that nobody has entered here. Everybody reads them, as the sheets; they
come in through `manage.py import_meetings`, which runs as PostgreSQL's superuser."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from entraide.lib.sql import guarded

ROLES = [
    "revoke insert, update, delete on groups_listing from entraide_web",
    "grant update (taken_up_by_id) on groups_listing to entraide_web",  # by staff, who accept a proposal made of it
    "grant select (group_id, weekdays, starts, minutes, taken_up_by_id), update (taken_up_by_id) on groups_listing"
    " to entraide_worker",
    "grant select (zone, opened_on, awaiting_since, keys_end_on), update (awaiting_since) on groups_group"
    " to entraide_worker",
]


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0007_joining_and_closing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="listing",
                        serialize=False,
                        to="groups.group",
                    ),
                ),
                ("source", models.CharField(help_text="The list, by the name given at its import.", max_length=80)),
                ("source_slug", models.CharField(help_text="What the list calls this row.", max_length=200)),
                (
                    "url",
                    models.URLField(
                        blank=True, help_text="The page of this row on the site of the list.", max_length=300
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        help_text="0 is Monday. None: by appointment.",
                        size=None,
                    ),
                ),
                ("starts", models.TimeField(null=True)),
                ("minutes", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="group",
            name="awaiting_since",
            field=models.DateField(help_text="Brought in from a public list; it awaits its first person.", null=True),
        ),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.CheckConstraint(
                condition=models.Q(("opened_on", None), ("awaiting_since", None), _connector="OR"),
                name="an_awaiting_group_holds_nobody",
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="taken_up_by",
            field=models.ForeignKey(
                help_text="The group that people of this site made of it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="groups.group",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="listing",
            field=models.ForeignKey(
                help_text="The sheet of a list that it began from.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="groups.listing",
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(fields=("source", "source_slug"), name="one_listing_per_row_of_a_list"),
        ),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        guarded("groups_listing", select="true", update="app.staff()", select_worker="true", update_worker="true"),
    ]
