"""Meetings are seen by their group and arranged by those who facilitate; the worker sees when, never where."""

from django.db import migrations

from entraide.lib.sql import definer, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
I_FACILITATE = "group_id = any(array(select app.my_facilitated_groups()))"
MY_OWN = "membership_id = any(array(select app.my_memberships()))"

ROLES = [
    "grant select (group_id, meeting_id, coming) on meetings_rsvp to entraide_policy",
    "revoke update, delete on meetings_series, meetings_meeting from entraide_web",
    "grant update (until, made_until) on meetings_series to entraide_web",
    "grant update (starts_at, ends_at, day_before_at, cancelled_at, version) on meetings_meeting to entraide_web",
    "revoke update on meetings_rsvp from entraide_web",
    "grant update (coming) on meetings_rsvp to entraide_web",
    "revoke insert, update on meetings_reminder from entraide_web",
    "grant select (id, group_id, format, zone, rhythm, first_on, starts, minutes, until, made_until),"
    " update (made_until) on meetings_series to entraide_worker",
    "grant select, insert, update (version) on meetings_meeting to entraide_worker",
    "grant select (meeting_id), delete on meetings_rsvp to entraide_worker",
    "grant select, insert, update, delete on meetings_reminder to entraide_worker",
]


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial"), ("groups", "0002_row_policies")]

    operations = [
        inside_a_group("meetings_meeting", "series_id", "meetings_series"),
        inside_a_group("meetings_rsvp", "meeting_id", "meetings_meeting"),
        inside_a_group("meetings_rsvp", "membership_id", "groups_membership"),
        inside_a_group("meetings_reminder", "meeting_id", "meetings_meeting"),
        inside_a_group("meetings_reminder", "membership_id", "groups_membership"),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        guarded(
            "meetings_series",
            select=IN_MY_GROUPS,
            insert=I_FACILITATE,
            update=I_FACILITATE,
            select_worker="true",
            update_worker="true",
        ),
        guarded(
            "meetings_meeting",
            select=IN_MY_GROUPS,
            insert=I_FACILITATE,
            update=I_FACILITATE,
            select_worker="true",
            insert_worker="true",
            update_worker=("true", "false"),  # the worker may lock a row while it sends, never change it
        ),
        guarded(
            "meetings_rsvp",
            select=MY_OWN,
            insert=f"{MY_OWN} and {IN_MY_GROUPS}",
            update=MY_OWN,
            delete=MY_OWN,
            select_policy="true",
            select_worker="true",
            delete_worker="true",
        ),
        guarded(
            "meetings_reminder",
            select=MY_OWN,
            delete=MY_OWN,
            select_worker="true",
            insert_worker="true",
            update_worker="true",
            delete_worker="true",
        ),
        # Who facilitates may know how many plan to come, and never who.
        definer(
            "app.planning_to_come(to_meeting uuid) returns bigint",
            "select count(*) from public.meetings_rsvp r where r.meeting_id = to_meeting and r.coming"
            " and r.group_id = any(array(select app.my_facilitated_groups()))",
        ),
    ]
