"""What staff decide about a proposal: look at it, ask, accept, or not keep it, which takes two of them.

Each act holds the proposal, compares its version with the one that the staff member had before their eyes, and leaves a
line in the staff log. Of two who decide at once, one does, and the other is told.
"""

from django.db import transaction

from entraide.lib.days import today
from groups import founding
from groups.confidentiality import require
from groups.models import Proposal, ProposalMessage, StaffAct
from groups.proposals import hold_proposal
from members import outbox

Act = StaffAct.Act


class DecidedMeanwhile(Exception):
    """A colleague or the proposer has done something since the page was opened."""


@transaction.atomic
def take(proposal: Proposal, staff) -> None:
    """From nobody, or from a colleague who has not come to it."""
    _hold(proposal, staff)
    _keep_beside(proposal, staff, Act.TAKEN, looked_at_by=staff)


@transaction.atomic
def let_go(proposal: Proposal, staff) -> None:
    _hold(proposal, staff)
    if proposal.staff_side.looked_at_by_id == staff.pk:
        _keep_beside(proposal, staff, Act.LEFT, looked_at_by=None)


@transaction.atomic
def note(proposal: Proposal, staff, text: str) -> None:
    """Also about one that has had its answer."""
    hold_proposal(proposal, staff)
    _keep_beside(proposal, staff, Act.NOTED, note=text)


@transaction.atomic
def accept(proposal: Proposal, staff, text: str, version: int) -> None:
    _hold(proposal, staff, version)
    founding.accept(proposal, staff)
    _decide(proposal, staff, Act.ACCEPTED, asked_on=None)
    _tell(proposal, text)


@transaction.atomic
def ask(proposal: Proposal, staff, text: str, version: int) -> None:
    _hold(proposal, staff, version)
    _decide(proposal, staff, Act.ASKED, asked_on=today())
    _tell(proposal, text)


@transaction.atomic
def suggest_no(proposal: Proposal, staff, text: str, version: int) -> None:
    """The proposer reads nothing of it until a colleague has confirmed it."""
    _hold(proposal, staff, version)
    _decide(proposal, staff, Act.SUGGESTED, refusal=text)


@transaction.atomic
def confirm_no(proposal: Proposal, staff, version: int) -> None:
    """By somebody else than the one who suggested it."""
    _hold(proposal, staff, version)
    side = proposal.staff_side
    require(side.refusal and side.refused_by_id != staff.pk)
    text = side.refusal
    _decide(proposal, staff, Act.DECLINED, asked_on=None, declined_on=today())
    _tell(proposal, text)


@transaction.atomic
def give_back(proposal: Proposal, staff, version: int) -> None:
    """A suggested no is taken away, by a colleague or by the one who made it."""
    _hold(proposal, staff, version)
    require(proposal.staff_side.refusal)
    _decide(proposal, staff, Act.RETURNED)


def _hold(proposal, staff, version=None):
    hold_proposal(proposal, staff)
    if proposal.is_answered or version not in (None, proposal.version):
        raise DecidedMeanwhile


def _decide(proposal, staff, act, *, refusal="", **changes):
    """The next version. Whatever it is, a no that was suggested before has had its answer."""
    changes["version"] = proposal.version + 1
    for name, value in changes.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=changes)
    side = proposal.staff_side
    side.refusal, side.refused_by = refusal, staff if refusal else None
    side.save()
    _log(proposal, staff, act)


def _tell(proposal, text):
    ProposalMessage.objects.create(proposal=proposal, number=proposal.version, from_team=True, text=text)
    outbox.write_about("notice", proposal.pk)


def _keep_beside(proposal, staff, act, **changes):
    side = proposal.staff_side
    if all(getattr(side, name) == value for name, value in changes.items()):
        return
    for name, value in changes.items():
        setattr(side, name, value)
    side.save()
    _log(proposal, staff, act)


def _log(proposal, staff, act):
    StaffAct.objects.create(staff=staff, act=act, proposal_id=proposal.pk)
