"""Anybody may ask /healthz/mail: it looks at what is near, by the same indexes as the worker (meetings/ledger.py), and
not at every meeting to come."""

from django.db import migrations

from entraide.lib.sql import definer

FORMER = migrations.RunSQL("drop function app.oldest_due_mail()")
OLDEST_DUE = """
    select extract(epoch from now() - min(since))::int from (
        select min(due_at) as since from public.meetings_reminder
        where state in ('due', 'claimed', 'handing') and due_at <= now()
        union all select min(written_at) from public.members_outgoingmail where not in_doubt
        union all select min(greatest(d.due_at, (select max(at) from public.meetings_workerclock))) from (
            select m.id, k.kind, m.starts_at, k.due_at, 0 as version
            from public.meetings_meeting m cross join lateral (values
                ('day_before', m.day_before_at), ('two_hours', m.starts_at - interval '2 hours')) k (kind, due_at)
            where m.cancelled_at is null and m.starts_at > now() + interval '6 minutes'
                and m.starts_at < now() + interval '26 hours' and k.due_at <= now()
            union all
            select m.id, '', m.starts_at, m.notice_at, m.notice from public.meetings_meeting m
            where m.notice_at > now() - interval '1 day' and m.notice_at <= now()
                and m.starts_at > now() + interval '6 minutes'
        ) d
        where not exists (select 1 from public.meetings_wave w where w.meeting_id = d.id and w.version = d.version
            and (w.version > 0 or (w.kind = d.kind and w.starts_at = d.starts_at)))
    ) waiting
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0041_standing")]

    operations = [
        FORMER,
        definer(
            "app.oldest_due_mail() returns int", OLDEST_DUE, caller="entraide_web, entraide_worker, entraide_policy"
        ),
    ]
