"""How many can come, and the line of those who wait for a place. Who has a place is not kept: it follows from the order of
the replies, counted when somebody looks. So the line moves up by itself when a reply is taken back, somebody leaves or
the room grows, and no row says that anybody was ever in it."""

from django.db import migrations, models

from entraide.lib.sql import definer

SEATS = "How many can come. Empty: whoever wants to."
NUMBER = "In line: on the group's own clock (GroupClock), not a time. 0 for who does not come."

RIGHTS = [
    "grant update (seats) on meetings_meeting to entraide_web",
    "grant select (seats) on meetings_series to entraide_worker",
    "grant select (seats), insert (seats) on meetings_meeting to entraide_worker",
    "grant select (seats) on meetings_meeting to entraide_policy",
    # people reply through app.say_coming(), which gives each of them their number in line
    "revoke insert, update on meetings_rsvp from entraide_web",
    'drop policy "insert" on meetings_rsvp',
    'drop policy "update" on meetings_rsvp',
    "grant select, insert, update (coming, number) on meetings_rsvp to entraide_policy",
    'create policy "insert_policy" on meetings_rsvp for insert to entraide_policy with check (true)',
    'create policy "update_policy" on meetings_rsvp for update to entraide_policy using (true) with check (true)',
    "set local role entraide_policy",
    "drop function app.planning_to_come(uuid)",
    "reset role",
]
# Whoever calls a meeting off holds the clock as well: a reply comes before that, or is not taken.
SAY_COMING = """
declare
    mine uuid;
    its_group uuid;
    moment bigint;
begin
    select m.id, m.group_id into mine, its_group
        from public.groups_membership m join public.meetings_meeting t on t.group_id = m.group_id
        where m.member_tag = app.tag() and t.id = to_meeting for key share of m;
    moment := app.tick(its_group);
    if not exists (select 1 from public.meetings_meeting t
            where t.id = to_meeting and t.group_id = its_group and t.cancelled_at is null and t.ends_at > now()) then
        return false;
    end if;
    insert into public.meetings_rsvp as r (id, group_id, meeting_id, membership_id, coming, number)
        values (gen_random_uuid(), its_group, to_meeting, mine, is_coming, case when is_coming then moment else 0 end)
        on conflict (meeting_id, membership_id) do update set coming = excluded.coming,
            number = case when r.coming and excluded.coming then r.number else excluded.number end;
    return true;
end
"""
# Who may know how many come and how many wait, and never who.
COUNTS_REPLIES = """
    select exists (select 1 from public.meetings_meeting
        where id = of_meeting and group_id = any(array(select app.my_facilitated_groups())))
"""
# To everybody their own reply; the two numbers to who facilitates.
REPLIES_TO = """
    select bool_or(r.coming) filter (where r.is_mine),
        coalesce(bool_or(r.place > t.seats) filter (where r.is_mine), false),
        coalesce(count(r.place) >= t.seats, false),
        case when t.is_counted then least(count(r.place), t.seats) end,
        case when t.is_counted then greatest(count(r.place) - t.seats, 0) end
    from (
        select id, seats, app.counts_replies(id) as is_counted
        from public.meetings_meeting where id = of_meeting and group_id = any(array(select app.my_groups()))
    ) t left join (
        select meeting_id, coming, membership_id = any(array(select app.my_memberships())) as is_mine,
            case when coming then row_number() over (partition by coming order by number, id) end as place
        from public.meetings_rsvp where meeting_id = of_meeting
    ) r on r.meeting_id = t.id
    group by t.id, t.seats, t.is_counted
"""


def seats():
    return models.PositiveSmallIntegerField(null=True, help_text=SEATS)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0020_calendar_address"), ("groups", "0010_requests")]

    operations = [
        migrations.AddField("series", "seats", seats()),
        migrations.AddField("meeting", "seats", seats()),
        migrations.AddField("rsvp", "number", models.PositiveBigIntegerField(default=0, help_text=NUMBER)),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        definer(
            "app.say_coming(to_meeting uuid, is_coming boolean) returns boolean",
            SAY_COMING,
            language="plpgsql",
            volatility="volatile",
        ),
        definer("app.counts_replies(of_meeting uuid) returns boolean", COUNTS_REPLIES, caller="entraide_policy"),
        definer(
            "app.replies_to(of_meeting uuid)"
            " returns table (own boolean, waits boolean, is_full boolean, coming bigint, waiting bigint)",
            REPLIES_TO,
        ),
    ]
