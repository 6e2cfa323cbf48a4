"""Whoever facilitates a meeting may call it off: so one person takes two coming meetings at most, of the next eight. A meeting
that was called off counts until its hour, and is given back by nobody, else the same person went on to the next ones."""

from django.db import migrations

from entraide.lib.sql import definer

MY_OWN = "membership_id = any(array(select app.my_memberships()))"
IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
STANDS = "not exists (select 1 from meetings_meeting t where t.id = meeting_id and t.cancelled_at is not null)"
# Whoever is alone in a group takes as many as there are.
MAY_HOST = """
    select exists (
        select 1 from public.meetings_meeting t join public.groups_membership m on m.group_id = t.group_id
        where t.id = of_meeting and m.member_tag = app.tag() and t.ends_at > now() and t.cancelled_at is null
        and 8 > (select count(*) from public.meetings_meeting b where b.group_id = t.group_id and b.ends_at > now()
            and b.cancelled_at is null and (b.starts_at, b.id) < (t.starts_at, t.id))
        and (not exists (select 1 from public.groups_membership o where o.group_id = t.group_id and o.id <> m.id)
            or 2 > (select count(*) from public.meetings_hosting h join public.meetings_meeting b on b.id = h.meeting_id
                where h.membership_id = m.id and b.ends_at > now())))
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0037_replies_in_no_dump")]

    operations = [
        # volatile: of several rows of one statement, each counts those before it
        definer("app.may_host(of_meeting uuid) returns boolean", MAY_HOST, volatility="volatile"),
        migrations.RunSQL(
            [
                f'alter policy "insert" on meetings_hosting with check'
                f" ({MY_OWN} and {IN_MY_GROUPS} and app.may_host(meeting_id))",
                f'alter policy "delete" on meetings_hosting using ({MY_OWN} and {STANDS})',
            ],
            [
                f'alter policy "insert" on meetings_hosting with check ({MY_OWN} and {IN_MY_GROUPS})',
                f'alter policy "delete" on meetings_hosting using ({MY_OWN})',
            ],
        ),
    ]
