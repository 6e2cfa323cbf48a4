"""What went is remembered outside of the dumps, so that a restore of an older one does not bring it back.

By triggers: whichever way a row goes, its id is noted in the same transaction. Only the worker reads the journal, to keep
it as a file beside the archives (groups/journal.py), and takes away what is older than any archive.
"""

from django.db import migrations, models

import entraide.lib.days
from entraide.lib.sql import guarded

# `on conflict`: turned off first and left later; or noted before a restore that replays it
NOTE = """
begin
    insert into public.groups_journalentry (id, kind, gone_on)
        values (old.id, tg_argv[0], date_trunc('month', now() at time zone 'utc')::date)
        on conflict (id) do update set kind = excluded.kind, gone_on = excluded.gone_on;
    return null;
end
"""
TRIGGERS = [
    "create trigger remember_withdrawn after delete on groups_story for each row"
    " execute function app.note_what_went('story')",
    "create trigger remember_departed after delete on groups_membership for each row"
    " execute function app.note_what_went('membership')",
    "create trigger remember_erased after delete on members_member for each row"
    " execute function app.note_what_went('member')",
    "create trigger remember_turned_off after update of reminders on groups_membership for each row"
    " when (new.reminders = 'none' and old.reminders <> 'none') execute function app.note_what_went('reminders')",
]
JOURNAL = [
    "revoke all on groups_journalentry from entraide_web, entraide_backup_data",
    "grant select, delete on groups_journalentry to entraide_worker",
    "grant select, insert, update on groups_journalentry to entraide_policy",
    "create function app.note_what_went() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${NOTE}$$",
    "revoke all on function app.note_what_went() from public",
    *TRIGGERS,  # made by the owner, who may call the function no longer once it is handed over
    "alter function app.note_what_went() owner to entraide_policy",
]


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0003_changed_stories_and_rotated_keys"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("story", "withdrawn"),
                            ("membership", "departed"),
                            ("member", "erased"),
                            ("reminders", "turned off their reminders"),
                        ],
                        max_length=10,
                    ),
                ),
                ("gone_on", models.DateField(default=entraide.lib.days.today)),
            ],
        ),
        migrations.RunSQL(JOURNAL, "drop function app.note_what_went() cascade"),
        guarded(
            "groups_journalentry",
            select_worker="true",
            delete_worker="gone_on < current_date - 90",
            select_policy="true",
            insert_policy="true",
            update_policy="true",
        ),
    ]
