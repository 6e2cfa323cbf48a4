"""How the mails stand, found by indexes: with a million rows in the ledger, and the meetings of half a year ahead, somebody
asks each minute. And a mail that the server puts off, while it takes others, alarms nobody."""

from django.db import migrations, models

OPEN = "state in ('due', 'claimed', 'handing')"
RIGHTS = [
    "grant select (put_off, next_try) on meetings_reminder to entraide_policy",
    "grant select (put_off, next_try) on members_outgoingmail to entraide_policy",
]
# What the mail server has put off waits for its next try, when the server has taken another mail since it fell due; else
# nobody knows that the server takes any. What no worker has looked for is due too, as meetings/ledger.py finds it: late
# since a worker last looked, at most. While one looks every minute, nobody else need.
OLDEST_DUE = f"""
    with taken as (select max(ended_at) as at from public.meetings_reminder where state = 'sent'),
    looked as (
        select max(at) as at from public.meetings_workerclock
        having coalesce(max(at) < now() - interval '1 minute', true)
    ),
    waiting as (
        select min(due_at) as since from public.meetings_reminder where {OPEN} and put_off = 0
        union all
        select case when r.due_at <= taken.at then r.next_try else r.due_at end
        from public.meetings_reminder r cross join taken where {OPEN} and r.put_off > 0
        union all
        select case when m.put_off > 0 and m.written_at <= taken.at then m.next_try else m.written_at end
        from public.members_outgoingmail m cross join taken where not m.in_doubt
        union all
        select greatest(k.due_at, looked.at)
        from public.meetings_meeting m cross join looked cross join lateral (values
            ('day_before', m.day_before_at), ('two_hours', m.starts_at - interval '2 hours')) k (kind, due_at)
        where m.cancelled_at is null and k.due_at <= now()
            and m.starts_at > now() + interval '6 minutes' and m.starts_at < now() + interval '26 hours'
            and not exists (select from public.meetings_wave w where w.meeting_id = m.id and w.kind = k.kind
                and w.starts_at = m.starts_at and w.version = 0)
        union all
        select greatest(m.notice_at, looked.at) from public.meetings_meeting m cross join looked
        where m.notice_at > now() - interval '1 day' and m.notice_at <= now()
            and m.starts_at > now() + interval '6 minutes'
            and not exists (select from public.meetings_wave w where w.meeting_id = m.id and w.version = m.notice)
    )
    select extract(epoch from now() - min(since))::int from waiting where since <= now()
"""
STANDING = f"""
    with ended as (
        select state, count(*) as rows from public.meetings_reminder where not {OPEN} group by state
    )
    select (select count(*) from public.meetings_reminder where {OPEN} and due_at <= now()),
        coalesce((select rows from ended where state = 'sent'), 0),
        coalesce((select rows from ended where state = 'expired'), 0),
        coalesce((select rows from ended where state = 'failed'), 0),
        coalesce((select rows from ended where state = 'in_doubt'), 0),
        (select round(count(*) / 60.0, 1) from public.meetings_reminder
            where state = 'sent' and ended_at > now() - interval '1 hour'),
        (select (percentile_disc(0.95) within group (order by extract(epoch from ended_at - due_at)))::int
            from public.meetings_reminder where state = 'sent' and ended_at > now() - interval '1 day'),
        (select count(*) from public.members_outgoingmail where not in_doubt),
        (select count(*) from public.members_outgoingmail where in_doubt),
        app.oldest_due_mail()
"""
NUMBERS = (
    "app.how_mails_stand() returns table (due bigint, sent bigint, expired bigint, failed bigint,"
    " in_doubt bigint, a_minute numeric, late_p95 int, waiting bigint, doubtful bigint, oldest_due int)"
)


def _again(signature, body):
    language = "language sql stable security definer set search_path = pg_catalog"
    return f"create or replace function {signature} {language} as $${body}$$"


class Migration(migrations.Migration):
    dependencies = [("meetings", "0042_due_in_order")]

    operations = [
        migrations.AddIndex(
            "reminder",
            models.Index(
                fields=["put_off", "due_at"],
                condition=models.Q(("state__in", ["due", "claimed", "handing"])),
                name="open_reminder_by_due",
            ),
        ),
        migrations.AddIndex(
            "reminder",
            models.Index(
                fields=["state", "ended_at"],
                include=["due_at"],
                condition=models.Q(("state__in", ["due", "claimed", "handing"]), _negated=True),
                name="ended_reminder",
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            [
                "set local role entraide_policy",
                _again("app.oldest_due_mail() returns int", OLDEST_DUE),
                _again(NUMBERS, STANDING),
                "reset role",
            ],
            migrations.RunSQL.noop,
        ),
    ]
