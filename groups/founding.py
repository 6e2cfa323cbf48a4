"""From a proposal to a group. Staff open the door; the proposer enters first, and staff never enter."""

from django.db import IntegrityError, connection, transaction
from django.http import Http404

from entraide.lib.days import today
from groups import vault
from groups.confidentiality import find_own_proposal
from groups.models import Group, GroupClock, Listing, Proposal, Sheet

SHEET = [field.name for field in Sheet._meta.get_fields()]


class AlreadyProposed(Exception):
    """This form was sent before, with other words."""


def propose(member, proposal: Proposal) -> Proposal:
    """Once: the id comes from the form, so that a form posted twice finds the proposal that is there."""
    member.hold()
    proposal.proposer_tag = vault.proposer_tag(member.pk)
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError:
        return _proposed_before(member, proposal)
    return proposal


def _proposed_before(member, proposal):
    """The same form once more; or, after the browser's Back, other words under the same id: those are not lost."""
    kept = find_own_proposal(member, proposal.pk)
    if any(getattr(kept, name) != getattr(proposal, name) for name in (*SHEET, "hopes")):
        raise AlreadyProposed
    return kept


def forget_proposals_of_the_one_who_asks() -> None:
    """Those that wait are deleted; those that were accepted no longer say whose they were."""
    with connection.cursor() as cursor:
        cursor.execute("select app.forget_my_proposals()")


@transaction.atomic
def accept(proposal: Proposal, staff) -> Group:
    """Make the group that was asked for. Accepting twice gives one group. Http404 when its proposer, or the person who
    accepts, has just erased their account."""
    staff.hold()
    try:
        proposal.refresh_from_db(from_queryset=Proposal.objects.select_for_update())
    except Proposal.DoesNotExist:
        raise Http404 from None
    if proposal.group_id:
        return proposal.group
    group = Group(**{name: getattr(proposal, name) for name in SHEET})
    group.slug = Group.objects.free_slugs([group])[group.pk]
    group.save(force_insert=True)
    GroupClock(group=group).save(force_insert=True)
    vault.new_group_key(group.pk).save(force_insert=True)
    proposal.group, proposal.accepted_on, proposal.accepted_by = group, today(), staff
    proposal.save(update_fields=["group", "accepted_on", "accepted_by"])
    # the sheet of the list goes when people have entered the group that was made of it (meetings/listings.py)
    Listing.objects.filter(pk=proposal.listing_id, taken_up_by=None).update(taken_up_by=group)
    return group
