"""« Ce qui m'aide »: the shelf of a group. Everybody in it reads each step, whoever came later too; its author alone changes
it or takes it away."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import entraide.lib.days
from entraide.lib.sql import goes_with_its_group, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
BY_ME = "author_id = any(array(select app.my_memberships()))"
OF_MINE = f"exists (select 1 from groups_shelfstep s where s.id = step_id and s.{BY_ME})"

RIGHTS = [
    "revoke update on groups_shelfstep, groups_shelfkey from entraide_web",
    "grant update (sealed, version) on groups_shelfstep to entraide_web",
    "revoke select on groups_shelfkey from entraide_backup_data",
    "grant select on groups_shelfkey to entraide_backup_keys",
]
# What was taken from the shelf must not come back with a restore.
JOURNAL = [
    "set local role entraide_policy",
    "grant execute on function app.note_what_went() to entraide_owner",
    "reset role",
    "create trigger remember_taken_away after delete on groups_shelfstep for each row"
    " execute function app.note_what_went('shelf')",
    "set local role entraide_policy",
    "revoke execute on function app.note_what_went() from entraide_owner",
    "reset role",
]


class Migration(migrations.Migration):
    dependencies = [("groups", "0014_notebook")]

    operations = [
        migrations.CreateModel(
            name="ShelfStep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "placed_at",
                    models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), not a time."),
                ),
                ("placed_on", models.DateField(default=entraide.lib.days.today)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Counts the times that the author changed the words."
                    ),
                ),
                ("sealed", models.BinaryField()),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shelf_steps",
                        to="groups.membership",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="groups.group"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "placed_at"), name="one_shelf_step_per_tick_of_the_clock"),
                    models.UniqueConstraint(fields=("group", "id"), name="shelf_step_of_its_group"),
                ]
            },
        ),
        migrations.CreateModel(
            name="ShelfKey",
            fields=[
                (
                    "step",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="key",
                        serialize=False,
                        to="groups.shelfstep",
                    ),
                ),
                ("wrapped", models.BinaryField()),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="groups.group"
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("story", "withdrawn"),
                    ("membership", "departed"),
                    ("member", "erased"),
                    ("reminders", "turned off their reminders"),
                    ("closed", "closed"),
                    ("group", "ended"),
                    ("note", "erased from a notebook"),
                    ("shelf", "taken from the shelf"),
                ],
                max_length=10,
            ),
        ),
        goes_with_its_group("groups_shelfstep"),
        goes_with_its_group("groups_shelfkey"),
        inside_a_group("groups_shelfstep", "author_id", "groups_membership"),
        inside_a_group("groups_shelfkey", "step_id", "groups_shelfstep"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(JOURNAL, migrations.RunSQL.noop),
        guarded(
            "groups_shelfstep",
            select=IN_MY_GROUPS,
            insert=f"{IN_MY_GROUPS} and {BY_ME}",
            update=BY_ME,
            delete=BY_ME,
        ),
        guarded(
            "groups_shelfkey",
            select=IN_MY_GROUPS,
            insert=f"{IN_MY_GROUPS} and {OF_MINE}",
            delete=OF_MINE,
        ),
    ]
