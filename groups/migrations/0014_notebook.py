"""The private notebook: a person's own, found by a keyed hash that no membership has, sealed under a key of its own."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from entraide.lib.sql import guarded

MINE = "person_tag = app.notebook()"
# the policies of groups_notebook answer for what is written in it
IN_MINE = "exists (select 1 from groups_notebook n where n.id = notebook_id)"

WHO_ASKS = [
    "create function app.notebook() returns text language sql stable set search_path = pg_catalog"
    " as $$ select nullif(current_setting('app.notebook', true), '') $$",
    "revoke all on function app.notebook() from public",
    "grant execute on function app.notebook() to entraide_web",
]
RIGHTS = [
    "revoke update on groups_notebook, groups_note, groups_smallstep from entraide_web",
    "grant update (sealed, version) on groups_note, groups_smallstep to entraide_web",
    # what is written and its key never lie in one dump
    "revoke select on groups_notebook from entraide_backup_data",
    "grant select on groups_notebook to entraide_backup_keys",
]
# What was erased from a notebook must not come back with a restore. A whole notebook goes with its person's account,
# which the journal knows already.
JOURNAL = [
    "set local role entraide_policy",
    "grant execute on function app.note_what_went() to entraide_owner",
    "reset role",
    *(
        f"create trigger remember_erased_line after delete on {table} for each row"
        " execute function app.note_what_went('note')"
        for table in ("groups_note", "groups_smallstep")
    ),
    "set local role entraide_policy",
    "revoke execute on function app.note_what_went() from entraide_owner",
    "reset role",
]


def _line(name):
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "number",
                models.PositiveIntegerField(help_text="The order in which they were written; not a time."),
            ),
            (
                "version",
                models.PositiveIntegerField(default=1, help_text="Counts the times that the words were changed."),
            ),
            ("sealed", models.BinaryField()),
            (
                "notebook",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="%(class)ss",
                    to="groups.notebook",
                ),
            ),
        ],
        options={
            "abstract": False,
            "constraints": [
                models.UniqueConstraint(fields=("notebook", "number"), name=f"one_{name.lower()}_per_number")
            ],
        },
    )


def _guarded(table):
    return guarded(table, select=IN_MINE, insert=IN_MINE, update=IN_MINE, delete=IN_MINE)


class Migration(migrations.Migration):
    dependencies = [("groups", "0013_drafts_lives_and_answers")]

    operations = [
        migrations.CreateModel(
            name="Notebook",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "person_tag",
                    models.CharField(help_text="A keyed hash of its own kind: no membership has it.", max_length=64),
                ),
                ("wrapped", models.TextField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("person_tag",), name="one_notebook_per_person")]},
        ),
        _line("Note"),
        _line("SmallStep"),
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
                ],
                max_length=10,
            ),
        ),
        migrations.RunSQL(WHO_ASKS, "drop function app.notebook()"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(JOURNAL, migrations.RunSQL.noop),
        guarded("groups_notebook", select=MINE, insert=MINE, delete=MINE),
        _guarded("groups_note"),
        _guarded("groups_smallstep"),
    ]
