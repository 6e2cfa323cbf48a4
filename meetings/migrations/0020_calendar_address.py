"""The private address of a person's calendar. It is asked without a session, so the database answers with times alone:
no group, no name, no place, and nothing that would let the one who asks go on as that person."""

import uuid

from django.db import migrations, models

from entraide.lib.sql import definer, guarded

MINE = "member_tag = app.tag()"
# Whoever is in no group has no meetings; so no row outlives an account.
AND_INSIDE = "exists (select 1 from app.my_memberships())"

RIGHTS = [
    "revoke update on meetings_calendaraddress from entraide_web",
    # an address that was given up must not come back with a restore
    "revoke all on meetings_calendaraddress from entraide_backup_data",
    "grant select, delete on meetings_calendaraddress to entraide_policy",
    "grant select (id, group_id, starts_at, ends_at, cancelled_at, version) on meetings_meeting to entraide_policy",
    'create policy "select_policy" on meetings_meeting for select to entraide_policy using (true)',
]
# One row without a meeting when there is none to come, no row for an address that is none.
TIMES = """
    select t.id, t.starts_at, t.ends_at, t.version::bigint
    from public.meetings_calendaraddress a
    left join (public.groups_membership m join public.meetings_meeting t
            on t.group_id = m.group_id and t.cancelled_at is null and t.ends_at > now())
        on m.member_tag = a.member_tag
    where a.address_mark = mark order by t.starts_at, t.id
"""
# A group that ends by itself takes no address along, except from somebody who is in no other one.
GIVE_UP = """
begin
    delete from public.meetings_calendaraddress where member_tag = old.member_tag and (
        exists (select 1 from public.groups_group where id = old.group_id)
        or not exists (select 1 from public.groups_membership where member_tag = old.member_tag));
    return null;
end
"""
TRIGGER = [
    "create function app.give_up_calendar_address() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${GIVE_UP}$$",
    "revoke all on function app.give_up_calendar_address() from public",
    "create trigger give_up_calendar_address after delete on groups_membership for each row"
    " execute function app.give_up_calendar_address()",
    "alter function app.give_up_calendar_address() owner to entraide_policy",
]


class Migration(migrations.Migration):
    dependencies = [("meetings", "0004_exceptions")]

    operations = [
        migrations.CreateModel(
            name="CalendarAddress",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("member_tag", models.CharField(max_length=64, unique=True)),
                ("address_mark", models.BinaryField(max_length=32, unique=True)),
            ],
        ),
        migrations.RunSQL(RIGHTS, 'drop policy "select_policy" on meetings_meeting'),
        guarded(
            "meetings_calendaraddress",
            select=MINE,
            insert=f"{MINE} and {AND_INSIDE}",
            delete=MINE,
            select_policy="true",
            delete_policy="true",
        ),
        definer(
            "app.times_for_calendar(mark bytea)"
            " returns table (meeting uuid, starts_at timestamptz, ends_at timestamptz, version bigint)",
            TIMES,
        ),
        migrations.RunSQL(TRIGGER, "drop function app.give_up_calendar_address() cascade"),
    ]
