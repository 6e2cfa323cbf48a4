"""Erasing an account: what people proposed forgets them, and so does what they accepted as staff."""

from django.db import migrations

from entraide.lib.sql import definer

ACCEPTED_BY = "groups_proposal_accepted_by_id_c314dfea_fk_members_member_id"

FORGET_MY_PROPOSALS = """
    delete from public.groups_proposal where proposer_tag = app.proposer() and accepted_on is null;
    update public.groups_proposal set proposer_tag = '' where proposer_tag = app.proposer();
"""


def _accepted_by(on_delete):
    """The row policies let only staff with a second factor change a proposal. The database's own act asks no policy."""
    return (
        f"alter table groups_proposal drop constraint {ACCEPTED_BY}, add constraint {ACCEPTED_BY}"
        " foreign key (accepted_by_id) references members_member (id)"
        f" {on_delete} deferrable initially deferred"
    )


class Migration(migrations.Migration):
    dependencies = [("groups", "0004_journal")]

    operations = [
        migrations.RunSQL(
            [
                "grant select (accepted_on), delete on groups_proposal to entraide_policy",
                'create policy "delete_policy" on groups_proposal for delete to entraide_policy using (true)',
            ],
            [
                'drop policy "delete_policy" on groups_proposal',
                "revoke select (accepted_on), delete on groups_proposal from entraide_policy",
            ],
        ),
        definer("app.forget_my_proposals() returns void", FORGET_MY_PROPOSALS, volatility="volatile"),
        migrations.RunSQL(_accepted_by("on delete set null"), _accepted_by("")),
    ]
