"""From a proposal to a group: what the proposer does, and the opening. What staff decide is in approving.py."""

from uuid import uuid5

from django.db import IntegrityError, transaction

from entraide.lib import sql
from entraide.lib.days import today
from groups import vault
from groups.models import Group, GroupClock, Listing, Proposal, ProposalMessage, Sheet
from groups.proposals import find_own_proposal, hold_own_proposal, own_proposals

SHEET = [field.name for field in Sheet._meta.get_fields()]
WORDS = [*SHEET, "rhythm_wished", "second_person", "hopes"]


class AlreadyProposed(Exception):
    """This was sent before, with other words, and nobody asks for new ones."""


class NameTaken(Exception):
    """Another group has this name, or one that cannot be told from it at a glance."""


class NothingAsked(Exception):
    """The team waits for no answer."""


def is_name_free(name: str, group: Group | None = None) -> bool:
    """Whether no other group has it, nor one that looks like it (`app.name_key`)."""
    return sql.answer("select app.is_group_name_free(%s, %s)", name, group and group.pk)


def propose(member, proposal: Proposal) -> Proposal:
    """Once: the id comes with the words, so that what is sent twice finds the proposal that is there."""
    member.hold()
    proposal.proposer_tag = vault.proposer_tag(member.pk)
    proposal.sealed_address = _sealed_address(proposal.pk, member)
    try:
        with transaction.atomic():
            proposal.save(force_insert=True)
    except IntegrityError:
        return _proposed_before(member, proposal)
    return proposal


def _proposed_before(member, proposal):
    """Sent once more; or because the team has asked, which has its answer in these words, changed or not."""
    kept = hold_own_proposal(member, proposal.pk) or find_own_proposal(member, proposal.pk)
    words = {name: getattr(proposal, name) for name in WORDS}
    if kept.state == Proposal.State.ASKED:
        _hand_back(kept, **words)
    elif any(getattr(kept, name) != said for name, said in words.items()):
        raise AlreadyProposed
    return kept


def keep_address(member) -> None:
    """The person's address or language has changed, or whether they want such mails: sealed anew beside their
    proposals. The member must be held."""
    for pk in own_proposals(member).order_by("pk").values_list("pk", flat=True):
        sql.answer("select app.readdress_proposal(%s, %s)", pk, _sealed_address(pk, member))


def _sealed_address(proposal_id, member):
    """Nothing for whoever wants no mail about it: what the team has written waits on the page."""
    if not member.notices:
        return b""
    return vault.seal_proposer_address(proposal_id, {"address": member.email, "language": member.language})


def forget_proposals_of_the_one_who_asks() -> None:
    """Those that wait are deleted; those that were accepted no longer say whose they were."""
    sql.answer("select app.forget_my_proposals()")


@transaction.atomic
def answer(member, proposal: Proposal, key, text: str) -> None:
    """Once for each `key`, whatever else that key was used for. Raises NothingAsked."""
    kept, message_id = hold_own_proposal(member, proposal.pk), uuid5(proposal.pk, str(key))
    if proposal.messages.filter(pk=message_id).exists():
        return
    if kept is None or kept.state != Proposal.State.ASKED:
        raise NothingAsked
    _hand_back(kept)
    ProposalMessage.objects.create(id=message_id, proposal=kept, number=kept.version, from_team=False, text=text)


def _hand_back(proposal, **words):
    """To the team, whose working days begin anew."""
    changes = {**words, "asked_on": None, "answered_on": today(), "version": proposal.version + 1}
    for name, value in changes.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=changes)


@transaction.atomic
def accept(proposal: Proposal, staff) -> Group:
    """Make the group that was asked for. The caller holds the proposal, which has no answer yet. Raises NameTaken."""
    sql.answer("select pg_advisory_xact_lock(hashtext('names of groups'))")  # as app.apply_change() does
    if not is_name_free(proposal.name):
        raise NameTaken
    group = Group(**{name: getattr(proposal, name) for name in SHEET})
    group.locate()
    group.slug = Group.objects.free_slugs([group])[group.pk]
    group.save(force_insert=True)
    GroupClock(group=group).save(force_insert=True)
    vault.new_group_key(group.pk).save(force_insert=True)
    proposal.group, proposal.accepted_on, proposal.accepted_by = group, today(), staff
    proposal.save(update_fields=["group", "accepted_on", "accepted_by"])
    # the sheet of the list goes when people have entered the group that was made of it (meetings/listings.py)
    Listing.objects.filter(pk=proposal.listing_id, taken_up_by=None).update(taken_up_by=group)
    return group
