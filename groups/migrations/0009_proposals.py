"""A proposal becomes a dialogue: messages, questions, an answer; what staff keep beside it, and a log of their acts."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import entraide.lib.days
import groups.models.proposal
from entraide.lib.sql import definer, guarded

MINE = "proposer_tag = app.proposer() and accepted_on is null and declined_on is null"
MY_PROPOSAL = f"exists (select 1 from groups_proposal p where p.id = proposal_id and {MINE})"
TO_STAFF = models.ForeignKey(
    settings.AUTH_USER_MODEL,
    django.db.models.deletion.DO_NOTHING,
    null=True,
    related_name="+",
    db_constraint=False,
)
ACTS = [
    ("taken", "looked at"),
    ("left", "left to others"),
    ("noted", "note of the team changed"),
    ("asked", "details asked for"),
    ("accepted", "accepted"),
    ("suggested", "not to be kept: a second look asked for"),
    ("returned", "given back, to be looked at again"),
    ("declined", "not kept, confirmed"),
]


def reference(table, column, target, on_delete):
    """The database itself takes away or lets go: its own act asks no row policy."""
    name = f"{table}_{column}_fk"
    return migrations.RunSQL(
        f"alter table {table} add constraint {name} foreign key ({column}) references {target} (id) on delete {on_delete}",
        f"alter table {table} drop constraint {name}",
    )


# Whichever way the tag goes (the proposer enters, erases their account, or was told no a month ago), what they wrote to
# the team and how to reach them goes with it: their own words could say who they are. The words of the sheet stay.
FORGET_THE_PROPOSER = """
begin
    new.sealed_address := '';
    new.hopes := '';
    new.rhythm_wished := '';
    delete from public.groups_proposalmessage where proposal_id = new.id;
    delete from public.groups_staffside where proposal_id = new.id;
    return new;
end
"""
WITH_THE_TAG = [
    "grant select (proposal_id), delete on groups_proposalmessage, groups_staffside to entraide_policy",
    "create function app.forget_the_proposer() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${FORGET_THE_PROPOSER}$$",
    "revoke all on function app.forget_the_proposer() from public",
    # made by the owner, who may call the function no longer once it is handed over
    "create trigger all_goes_with_the_tag before update of proposer_tag on groups_proposal for each row"
    " when (new.proposer_tag = '') execute function app.forget_the_proposer()",
    "alter function app.forget_the_proposer() owner to entraide_policy",
]

# Somebody's present address, also where an answer has been given and its mail may still be on its way.
READDRESS = (
    "update public.groups_proposal set sealed_address = address"
    " where id = which and proposer_tag <> '' and proposer_tag = app.proposer()"
)
# A month after a no.
FORGET_DECLINED = (
    "update public.groups_proposal set proposer_tag = '' where declined_on < current_date - 30 and proposer_tag <> ''"
)

WORDS = (
    "name, for_whom, lived_experience, description, language, format, city, zone, access, size_min, size_max,"
    " joining, charter_additions, rhythm_wished, second_person, hopes"
)
RIGHTS = [
    f"grant update ({WORDS}, asked_on, answered_on, declined_on, version) on groups_proposal to entraide_web",
    "revoke update, delete on groups_proposalmessage, groups_staffact from entraide_web",
    "revoke delete on groups_staffside from entraide_web",
    # to mail that a message waits: no word, no tag
    "grant select (id, sealed_address) on groups_proposal to entraide_worker",
    "grant select (id, proposal_id, mail_due_at, mail_hands), update (mail_due_at, mail_hands)"
    " on groups_proposalmessage to entraide_worker",
    "grant select (declined_on), update (sealed_address) on groups_proposal to entraide_policy",
]
POLICIES = [
    f'alter policy "insert" on groups_proposal with check ({MINE} and asked_on is null and group_id is null)',
    f'alter policy "update" on groups_proposal using (app.staff() or ({MINE}))'
    f" with check (app.staff() or ({MINE} and group_id is null))",
    'create policy "select_worker" on groups_proposal for select to entraide_worker using (true)',
]
FORMER_POLICIES = [
    'drop policy "select_worker" on groups_proposal',
    'alter policy "update" on groups_proposal using (app.staff()) with check (app.staff())',
    'alter policy "insert" on groups_proposal'
    " with check (proposer_tag = app.proposer() and accepted_on is null and group_id is null)",
]


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0008_listings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "proposal", "asked_on", models.DateField(null=True, help_text="Since when staff wait for the proposer.")
        ),
        migrations.AddField(
            "proposal", "answered_on", models.DateField(null=True, help_text="Since when staff are awaited again.")
        ),
        migrations.AddField("proposal", "declined_on", models.DateField(null=True)),
        migrations.AddField(
            "proposal",
            "rhythm_wished",
            models.CharField(max_length=120, blank=True, help_text="Read by staff only; goes with the tag."),
        ),
        migrations.AlterField(
            "proposal",
            "hopes",
            models.TextField(max_length=2000, blank=True, help_text="Read by staff only; goes with the tag."),
        ),
        migrations.AddField(
            "proposal",
            "second_person",
            models.BooleanField(default=False, help_text="Whether somebody would begin with the proposer."),
        ),
        migrations.AddField(
            "proposal",
            "sealed_address",
            models.BinaryField(default=b"", help_text="For the worker alone; goes with the tag."),
        ),
        migrations.AddField(
            "proposal",
            "version",
            models.PositiveIntegerField(default=0, help_text="Counts what was done since the sending."),
        ),
        migrations.AlterField(
            "proposal",
            "proposer_tag",
            models.CharField(
                max_length=64,
                blank=True,
                help_text="Emptied when the proposer has entered the group, or 30 days after a no.",
            ),
        ),
        migrations.AddConstraint(
            "proposal",
            models.CheckConstraint(
                condition=models.Q(accepted_on=None) | models.Q(declined_on=None), name="proposal_has_one_answer"
            ),
        ),
        migrations.CreateModel(
            name="ProposalMessage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "proposal",
                    models.ForeignKey(
                        "groups.proposal",
                        django.db.models.deletion.CASCADE,
                        related_name="messages",
                        db_constraint=False,
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(help_text="The proposal's version that it made: it orders a day."),
                ),
                ("from_team", models.BooleanField()),
                ("text", models.TextField(max_length=2000)),
                ("written_on", models.DateField(default=entraide.lib.days.today)),
                ("mail_due_at", models.DateTimeField(null=True)),
                (
                    "mail_hands",
                    models.PositiveSmallIntegerField(default=0, help_text="How often it may have been handed over."),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=["proposal", "number"], name="one_message_per_number")],
            },
        ),
        migrations.CreateModel(
            name="StaffSide",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        "groups.proposal",
                        django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="side",
                        db_constraint=False,
                    ),
                ),
                ("looked_at_by", TO_STAFF),
                ("note", models.TextField(max_length=2000, blank=True)),
                ("refusal", models.TextField(max_length=2000, blank=True)),
                ("refused_by", TO_STAFF.clone()),
            ],
        ),
        migrations.CreateModel(
            name="StaffAct",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("staff", TO_STAFF.clone()),
                ("act", models.CharField(max_length=10, choices=ACTS)),
                ("proposal_id", models.UUIDField(help_text="No reference: the line stays when the proposal goes.")),
                ("done_at", models.DateTimeField(default=groups.models.proposal.this_minute)),
            ],
            options={"indexes": [models.Index(fields=["-done_at", "id"], name="staff_acts_by_time")]},
        ),
        reference("groups_proposalmessage", "proposal_id", "groups_proposal", "cascade"),
        reference("groups_staffside", "proposal_id", "groups_proposal", "cascade"),
        reference("groups_staffside", "looked_at_by_id", "members_member", "set null"),
        reference("groups_staffside", "refused_by_id", "members_member", "set null"),
        reference("groups_staffact", "staff_id", "members_member", "set null"),
        migrations.RunSQL(WITH_THE_TAG, "drop function app.forget_the_proposer() cascade"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, FORMER_POLICIES),
        definer("app.readdress_proposal(which uuid, address bytea) returns void", READDRESS, volatility="volatile"),
        definer("app.forget_declined() returns void", FORGET_DECLINED, volatility="volatile", caller="entraide_worker"),
        guarded(
            "groups_proposalmessage",
            select="exists (select 1 from groups_proposal p where p.id = proposal_id)",  # whoever sees the proposal
            insert="case when from_team then app.staff()"
            f" else number > 0 and mail_due_at is null and {MY_PROPOSAL} end",
            select_worker="from_team",
            update_worker="from_team",
            select_policy="true",
            delete_policy="true",
        ),
        guarded(
            "groups_staffside",
            select="app.staff()",
            insert="app.staff()",
            update="app.staff()",
            select_policy="true",
            delete_policy="true",
        ),
        guarded("groups_staffact", select="app.staff()", insert="app.staff()"),
    ]
