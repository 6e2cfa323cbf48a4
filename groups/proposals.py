"""Who sees a proposal: the one who sent it, and staff with a second factor. Nothing of it is inside a group yet.

As groups/confidentiality.py does for what is inside; PostgreSQL's row policies say the same a second time.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from entraide.lib.sql import answers
from groups.confidentiality import sheets
from groups.models import Group, Proposal, StaffAct
from groups.vault import proposer_tag


def find_own_proposal(member, pk: UUID) -> Proposal:
    return _found(own_proposals(member).filter(pk=pk))


def hold_own_proposal(member, pk: UUID) -> Proposal | None:
    """Nobody answers it before this transaction ends; None once it has been answered."""
    return own_proposals(member).filter(pk=pk).select_for_update().first()


def find_proposal_for_staff(staff, pk: UUID) -> Proposal:
    """Behind the staff's door (members/second_factor.py). The row policy asks the same. Nobody decides on their own."""
    return _found(_seen_by(staff).filter(pk=pk))


def hold_proposal(proposal: Proposal, staff) -> None:
    """As it is now, until this transaction ends: nobody else decides on it. The person first, as everywhere, so that an
    account that is being erased leaves no line behind it. Http404 when its proposer, or that person, has just gone."""
    staff.hold()
    try:
        proposal.refresh_from_db(from_queryset=Proposal.objects.select_for_update())
    except Proposal.DoesNotExist:
        raise Http404 from None


def own_proposals(member) -> QuerySet[Proposal]:
    return Proposal.objects.filter(proposer_tag=proposer_tag(member.pk)).order_by("-sent_on", "pk")


def proposals_for_staff(staff) -> QuerySet[Proposal]:
    """Those that wait, except their own."""
    return _seen_by(staff).waiting()


def staff_log(staff) -> QuerySet[StaffAct]:
    """Without what is done about proposals of their own."""
    own = list(own_proposals(staff).values_list("pk", flat=True))
    return StaffAct.objects.exclude(proposal_id__in=own).order_by("-done_at", "pk")


def names_of_proposals(ids) -> dict[UUID, str]:
    """Of those that are still there, for the staff log."""
    return dict(Proposal.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def requests_that_wait() -> list[tuple[Group, int]]:
    """For staff: where people asked a fortnight ago and nobody has welcomed them. How many, never who."""
    counts = dict(answers("select group_id, waiting from app.requests_that_wait()"))
    return [(group, counts[group.pk]) for group in sheets().filter(pk__in=counts).order_by("name", "pk")]


def _seen_by(staff):
    """With what staff keep beside each."""
    return Proposal.objects.exclude(proposer_tag=proposer_tag(staff.pk)).select_related("side")


def _found(queryset):
    found = queryset.first()
    if found is None:
        raise Http404
    return found
