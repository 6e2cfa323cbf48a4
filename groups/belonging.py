"""Coming and going: joining under a name, and leaving without a reason."""

from datetime import date
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from entraide.lib.days import today
from entraide.lib.sql import answer, answers, reason
from groups import charter, own_keys, vault
from groups.confidentiality import (
    Inside,
    enter_every_group_to_leave,
    enter_group,
    enter_group_to_act,
    is_member,
    own_memberships,
    own_stories,
)
from groups.models import CharterAcceptance, Group, Reminders
from groups.requests import own_requests
from groups.telling import leave_behind, withdraw


class NameTaken(Exception):
    """Somebody in the group, or before its door, has this name, or one that looks like it."""


class AlreadyInside(Exception):
    """The person is a member of this group."""


class AlreadyAsked(Exception):
    """The person's request waits before the door of this group already."""


class MustWait(Exception):
    """The group is full, or one of its members welcomes whoever asks."""


class GroupClosed(Exception):
    """Nobody enters any more."""


REFUSED = {
    "one_membership_per_name_in_group": NameTaken,
    "one_request_per_name_in_group": NameTaken,
    "one_membership_per_person_and_group": AlreadyInside,
    "one_request_per_person_and_group": AlreadyAsked,
}


def is_name_free(group: Group, name: str) -> bool:
    return answer("select app.is_name_free(%s, %s)", group.pk, vault.name_mark(group.pk, name))


def join(member, group: Group, *, name: str, reminders: str, accepted: date | None = None) -> UUID:
    """Enter a group that is open to this person, or in which a place is held for them; their request goes.

    `accepted` is the charter that they have read, today's by default. Raises NameTaken, AlreadyInside, MustWait or
    GroupClosed.
    """
    member.hold()
    membership_id = uuid4()
    keys = partial(answers, "select * from app.keys_to_enter(%s)", group.pk)
    held = keys()  # and with them the group's clock: what is true now stays true until we are inside
    if not held:
        raise _kept_out(member, group)
    keyring = vault.Keyring(group.pk, held, renew=keys)
    try:
        with transaction.atomic():
            answer(
                "select app.enter_group(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                group.pk,
                membership_id,
                vault.name_mark(group.pk, name),
                keyring.seal_name(membership_id, name),
                *_reached(membership_id, member),
                *Reminders(reminders).wishes.values(),
                accepted or charter.version_of(group),
                today(),
            )
    except IntegrityError as error:
        raise reason(error, REFUSED) from None
    return membership_id


def accept_charter(inside: Inside) -> None:
    """As it is today. Accepted twice, it is accepted."""
    row = CharterAcceptance(group=inside.group, membership=inside.membership, version=charter.version_of(inside.group))
    CharterAcceptance.objects.bulk_create([row], ignore_conflicts=True)


def keep_address(member) -> None:
    """The person's address, language and time zone have changed: sealed anew wherever a reminder may look for them. The
    member must be held, so that nobody joins with the former ones meanwhile."""
    memberships = own_memberships(member).select_for_update()
    for membership in memberships:
        membership.sealed_address, membership.stop_hash = _reached(membership.pk, member)
        membership.address_refused = False
    memberships.bulk_update(memberships, ["sealed_address", "stop_hash", "address_refused"])


def leave(inside: Inside, *, keep_stories: bool) -> None:
    """At once. Replies, resonances, terms and reminders go with the row; stories go or stay as the person chose."""
    hold_clocks([inside.group.pk])
    for story in own_stories(inside):
        leave_behind(inside.keyring, story) if keep_stories else withdraw(story)
    inside.membership.delete()


def leave_every_group(member, *, keep_stories: bool) -> None:
    """What was asked of others is taken back too. The member must be held, so that nothing is asked meanwhile."""
    insides, asked = enter_every_group_to_leave(member), {request.group_id for request in own_requests(member)}
    hold_clocks(asked | {inside.group.pk for inside in insides})
    for group_id in asked:
        take_back(group_id)
    for inside in insides:
        leave(inside, keep_stories=keep_stories)


def take_back(group_id) -> None:
    """The request of the one who asks, and the place that was held for them. Twice is once."""
    answer("select app.take_back(%s)", group_id)


def enter_alone(member, group_id: UUID) -> Inside:
    """To act, one person at a time in that group: meanwhile it does not close, and what is found stays as it is. What
    the person may do is read once nobody else acts any more."""
    enter_group_to_act(member, group_id)
    hold_clocks([group_id])
    return enter_group(member, group_id)


def hold_clocks(group_ids) -> None:
    """Whoever takes away what others hung on their stories does so alone in a group. Always in the same order, so that
    two people who leave the same groups cannot wait for each other."""
    for group_id in sorted(group_ids):
        answer("select app.tick(%s)", group_id)


def _reached(membership_id, member) -> tuple[bytes, bytes]:
    """What the worker opens to write to somebody, and the hash of the link in that mail which stops it."""
    stop = own_keys.stop_token(membership_id)
    to = {"address": member.email, "language": member.language, "zone": member.time_zone}
    to |= {"quiet": member.quiet, "stop": stop}
    return vault.seal_address(membership_id, to), own_keys.stop_hash(stop)


def _kept_out(member, group):
    """Why no key was handed out. As it is now: somebody may have been faster, or have closed the door."""
    if is_member(member, group):
        return AlreadyInside()
    group.refresh_from_db(fields=["keys_end_on", "joining", "is_full"])
    return GroupClosed() if group.is_closed else MustWait()
