"""What the team writes to a proposer is told through the outbox, as all mail; and whoever waits before a door may be told
when there is news."""

from django.db import migrations, models

MINE = "proposer_tag = app.proposer() and accepted_on is null and declined_on is null"
MY_PROPOSAL = f"exists (select 1 from groups_proposal p where p.id = proposal_id and {MINE})"

# What waits under the former way, past the policies, which let only the web write a mail.
CARRY_OVER = [
    "alter table groups_proposalmessage no force row level security",
    "alter table members_outgoingmail no force row level security",
    "insert into members_outgoingmail"
    " (id, kind, about, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)"
    " select gen_random_uuid(), 'notice', proposal_id, '', now(), now(), now() + interval '2 days', 0, 0, false"
    " from groups_proposalmessage where mail_due_at is not null and mail_hands < 2",
    "alter table groups_proposalmessage force row level security",
    "alter table members_outgoingmail force row level security",
]
FORMER_WAY = [
    'alter policy "insert" on groups_proposalmessage'
    f" with check (case when from_team then app.staff() else number > 0 and {MY_PROPOSAL} end)",
    'drop policy "select_worker" on groups_proposalmessage',
    'drop policy "update_worker" on groups_proposalmessage',
    "revoke all on groups_proposalmessage from entraide_worker",
]

# Welcomed, or a place has become free, whoever or whatever made it so. One mail is enough for both at once.
TELL_WHO_WAITS = """
begin
    insert into public.members_outgoingmail
        (id, kind, about, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)
    select gen_random_uuid(), 'answer', new.id, '', now(), now(), now() + interval '2 days', 0, 0, false
    where not exists (select 1 from public.members_outgoingmail
        where kind = 'answer' and about = new.id and hands = 0);
    return null;
end
"""
NEWS = (
    "(old.welcomed_on is null and new.welcomed_on is not null) or (old.place_on is null and new.place_on is not null)"
)
TOLD = [
    "alter table groups_entryrequest alter column sealed_address set default ''",  # app.ask_to_enter() knows nothing of it
    "grant update (sealed_address) on groups_entryrequest to entraide_web",
    "grant select (id, sealed_address) on groups_entryrequest to entraide_worker",
    'create policy "select_worker" on groups_entryrequest for select to entraide_worker using (true)',
    "create function app.tell_who_waits() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${TELL_WHO_WAITS}$$",
    "revoke all on function app.tell_who_waits() from public",
    # made by the owner, who may call the function no longer once it is handed over
    "create trigger tell_who_waits after update of welcomed_on, place_on on groups_entryrequest for each row"
    f" when (new.sealed_address <> '' and ({NEWS})) execute function app.tell_who_waits()",
    "alter function app.tell_who_waits() owner to entraide_policy",
]


class Migration(migrations.Migration):
    dependencies = [("groups", "0018_reminders"), ("members", "0006_outgoing_mail")]

    operations = [
        migrations.RunSQL(CARRY_OVER),
        migrations.RunSQL(FORMER_WAY),
        migrations.RemoveField("proposalmessage", "mail_due_at"),
        migrations.RemoveField("proposalmessage", "mail_hands"),
        migrations.AddField(
            "entryrequest",
            "sealed_address",
            models.BinaryField(default=b"", help_text="For the worker; of who wants a mail when there is news."),
        ),
        migrations.RunSQL(TOLD),
    ]
