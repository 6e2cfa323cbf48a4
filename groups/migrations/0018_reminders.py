"""Each membership says yes or no to each kind of mail, where it had one choice of three; one link stops them all.

Who entered before this has no such link in their mails until their address is sealed anew: the web cannot open it.
"""

from django.db import migrations, models

import groups.models.membership
from entraide.lib.sql import definer

BEFORE, OF = "day_before = reminders = 'day_before'", "two_hours = reminders = 'two_hours'"
CARRY_OVER = f"update groups_membership set {BEFORE}, {OF}, changes = reminders <> 'none'"
# Past the policies, which show these rows to nobody here.
UNGUARDED = "alter table groups_membership no force row level security, disable row level security"
GUARDED = "alter table groups_membership force row level security, enable row level security"
NOTHING_LEFT = (
    "not (new.day_before or new.two_hours or new.changes) and (old.day_before or old.two_hours or old.changes)"
)
JOURNAL = [
    "drop trigger remember_turned_off on groups_membership",
    # made by the owner, who may call the function for this moment only
    "set local role entraide_policy",
    "grant execute on function app.note_what_went() to entraide_owner",
    "reset role",
    "create trigger remember_turned_off after update of day_before, two_hours, changes on groups_membership for each row"
    f" when ({NOTHING_LEFT}) execute function app.note_what_went('reminders')",
    "set local role entraide_policy",
    "revoke execute on function app.note_what_went() from entraide_owner",
    "reset role",
]

CHOICES = "day_before, two_hours, changes"
RIGHTS = [
    f"grant update ({CHOICES}, address_refused_at, asked_on, stop_hash) on groups_membership to entraide_web",
    # the worker notes that an address is refused, and may lock a row while it sends
    f"grant select ({CHOICES}, address_refused_at), update (address_refused_at) on groups_membership to entraide_worker",
    'alter policy "update_worker" on groups_membership using (true) with check (true)',
    # to lock a row, and to stop what a link stops
    f"grant update ({CHOICES}) on groups_membership to entraide_policy",
    'alter policy "update_policy" on groups_membership using (true) with check (true)',
]

# Everything but the columns of reminders and of the link is as in migration 0010.
ENTER_GROUP = """
declare
    founding boolean := exists (
        select 1 from public.groups_proposal p join public.groups_group g on g.id = p.group_id
        where g.id = to_group and g.opened_on is null and p.proposer_tag = app.proposer());
    moment bigint;
begin
    if not app.may_ask(to_group) then
        raise exception 'this group is not open to the person who asks' using errcode = 'insufficient_privilege';
    end if;
    update public.groups_groupclock set now = now + 1 where group_id = to_group returning now into strict moment;
    if not app.may_enter(to_group) then  -- seen only now that nobody else moves
        raise exception 'no place is there for the person who asks' using errcode = 'insufficient_privilege';
    end if;
    if exists (select 1 from public.groups_entryrequest r where r.group_id = to_group
            and r.name_mark = enter_group.name_mark and r.member_tag <> app.tag()) then
        raise unique_violation using constraint = 'one_membership_per_name_in_group';
    end if;
    insert into public.groups_membership (id, group_id, member_tag, name_mark, sealed_name, sealed_address,
        stop_hash, day_before, two_hours, changes, asked_on, entered_at)
        values (membership, to_group, app.tag(), name_mark, sealed_name, sealed_address,
            stop_hash, day_before, two_hours, changes, date_trunc('month', accepted_on)::date, moment);
    insert into public.groups_charteracceptance (id, group_id, membership_id, version, accepted_on)
        values (gen_random_uuid(), to_group, membership, charter, accepted_on);
    if founding then
        insert into public.groups_facilitation (id, group_id, membership_id, starts_on, ends_on)
            values (gen_random_uuid(), to_group, membership, accepted_on, accepted_on + 182);
        update public.groups_group set opened_on = accepted_on where id = to_group and opened_on is null;
        update public.groups_proposal set proposer_tag = '' where group_id = to_group;
    end if;
    delete from public.groups_entryrequest r where r.group_id = to_group and r.member_tag = app.tag();
    perform app.settle(to_group);
end
"""
FORMER_ENTRY = "app.enter_group(uuid, uuid, bytea, bytea, bytea, text, date, date)"
STOP = (
    "update public.groups_membership set day_before = false, two_hours = false, changes = false where stop_hash = hash"
)


class Migration(migrations.Migration):
    dependencies = [("groups", "0017_end_of_a_changed_story"), ("members", "0005_mail_wanted")]

    operations = [
        migrations.AddField("membership", "day_before", models.BooleanField(default=False)),
        migrations.AddField("membership", "two_hours", models.BooleanField(default=False)),
        migrations.AddField(
            "membership",
            "changes",
            models.BooleanField(default=False, help_text="Told when a meeting is moved or called off."),
        ),
        migrations.AddField(
            "membership",
            "address_refused_at",
            models.DateTimeField(null=True, help_text="The mail server knows no such address."),
        ),
        migrations.AddField(
            "membership",
            "asked_on",
            models.DateField(
                default=groups.models.membership.this_month,
                help_text="The month of: is a mail still a good way to reach you?",
            ),
        ),
        migrations.AddField("membership", "stop_hash", models.BinaryField(max_length=32, null=True, unique=True)),
        migrations.RunSQL([UNGUARDED, CARRY_OVER, GUARDED]),
        migrations.RunSQL(JOURNAL),
        migrations.RemoveField("membership", "reminders"),
        migrations.RunSQL(RIGHTS),
        migrations.RunSQL(f"drop function {FORMER_ENTRY}"),
        definer(
            "app.enter_group(to_group uuid, membership uuid, name_mark bytea, sealed_name bytea, sealed_address bytea,"
            " stop_hash bytea, day_before boolean, two_hours boolean, changes boolean, charter date, accepted_on date)"
            " returns void",
            ENTER_GROUP,
            language="plpgsql",
            volatility="volatile",
        ),
        definer("app.stop_reminders(hash bytea) returns void", STOP, volatility="volatile"),
    ]
