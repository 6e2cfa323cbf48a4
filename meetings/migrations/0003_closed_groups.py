"""A closed group plans nothing: its series go at once, and with them meetings, replies and reminders."""

from django.db import migrations

from entraide.lib.sql import goes_with_its_group

CANCEL_EVERYTHING = """
begin
    delete from public.meetings_series where group_id = new.id;
    return null;
end
"""
TRIGGER = [
    "grant select (group_id), delete on meetings_series to entraide_policy",
    'create policy "select_policy" on meetings_series for select to entraide_policy using (true)',
    'create policy "delete_policy" on meetings_series for delete to entraide_policy using (true)',
    "create function app.cancel_everything() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${CANCEL_EVERYTHING}$$",
    "revoke all on function app.cancel_everything() from public",
    "create trigger cancel_everything after update of keys_end_on on groups_group for each row"
    " when (new.keys_end_on is not null and old.keys_end_on is null) execute function app.cancel_everything()",
    "alter function app.cancel_everything() owner to entraide_policy",
]
TABLES = ["meetings_series", "meetings_meeting", "meetings_rsvp", "meetings_reminder"]


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_row_policies"), ("groups", "0010_requests")]

    operations = [
        *map(goes_with_its_group, TABLES),
        migrations.RunSQL(TRIGGER, "drop function app.cancel_everything() cascade"),
    ]
