"""How the mails stand, in numbers: for whoever runs the place. The web sees no row of the ledger or of the outbox."""

from django.db import migrations

from entraide.lib.sql import definer

OPEN = "state in ('due', 'claimed', 'handing')"
RIGHTS = [
    "grant select (meeting_id, kind, starts_at, version, state, due_at, ended_at) on meetings_reminder to entraide_policy",
    "grant select (meeting_id, kind, starts_at, version) on meetings_wave to entraide_policy",
    "grant select (at) on meetings_workerclock to entraide_policy",
    "grant select (written_at, in_doubt) on members_outgoingmail to entraide_policy",
    "grant select on meetings_meeting to entraide_policy",
    'create policy "select_policy" on meetings_workerclock for select to entraide_policy using (true)',
    'create policy "select_policy" on meetings_wave for select to entraide_policy using (true)',
    'create policy "select_policy" on meetings_reminder for select to entraide_policy using (true)',
]
# Of the ledger, of the outbox, and of what nobody has looked for: with no worker at all, no row would ever be due. What
# was not due when a worker last looked has been late since then at most.
OLDEST_DUE = f"""
    select extract(epoch from now() - min(since))::int from (
        select min(due_at) as since from public.meetings_reminder where {OPEN} and due_at <= now()
        union all select min(written_at) from public.members_outgoingmail where not in_doubt
        union all select min(greatest(k.due_at, (select max(at) from public.meetings_workerclock)))
        from public.meetings_meeting m cross join lateral (values
            ('day_before', m.day_before_at, 0), ('two_hours', m.starts_at - interval '2 hours', 0),
            (case when m.cancelled_at is null then 'changed' else 'cancelled' end, m.notice_at, m.notice)
            ) k (kind, due_at, version)
        where m.starts_at > now() + interval '6 minutes' and k.due_at <= now()
            and (k.version > 0 or m.cancelled_at is null and m.starts_at < now() + interval '26 hours')
            and (k.version = 0 or m.notice_at > now() - interval '1 day')
            and not exists (select 1 from public.meetings_wave w where w.meeting_id = m.id and w.kind = k.kind
                and w.starts_at = m.starts_at and w.version = k.version)
    ) waiting
"""
STANDING = f"""
    select count(*) filter (where {OPEN} and due_at <= now()), count(*) filter (where state = 'sent'),
        count(*) filter (where state = 'expired'), count(*) filter (where state = 'failed'),
        count(*) filter (where state = 'in_doubt'),
        round(count(*) filter (where state = 'sent' and ended_at > now() - interval '1 hour') / 60.0, 1),
        (percentile_disc(0.95) within group (order by extract(epoch from ended_at - due_at))
            filter (where state = 'sent' and ended_at > now() - interval '1 day'))::int,
        (select count(*) from public.members_outgoingmail where not in_doubt),
        (select count(*) from public.members_outgoingmail where in_doubt),
        app.oldest_due_mail()
    from public.meetings_reminder
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0040_batches"), ("groups", "0019_told_by_mail")]

    operations = [
        migrations.RunSQL(RIGHTS),
        definer(
            "app.oldest_due_mail() returns int", OLDEST_DUE, caller="entraide_web, entraide_worker, entraide_policy"
        ),
        definer(
            "app.how_mails_stand() returns table (due bigint, sent bigint, expired bigint, failed bigint,"
            " in_doubt bigint, a_minute numeric, late_p95 int, waiting bigint, doubtful bigint, oldest_due int)",
            STANDING,
            caller="entraide_web, entraide_worker",
        ),
    ]
