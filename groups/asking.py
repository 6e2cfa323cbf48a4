"""Before the door: asking to enter, waiting for a place, being welcomed by a member, coming in when one is expected."""

from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.http import Http404

from entraide.lib.crypto import DoesNotOpen
from entraide.lib.days import today
from entraide.lib.sql import answer, reason
from groups import belonging, charter, vault
from groups.confidentiality import Inside
from groups.models import EntryRequest, Group, Reminders
from groups.models.entry import KEPT, TOLD_TO_ALL
from groups.requests import own_requests


def ask(member, group: Group, *, name: str, reminders: str) -> None:
    """Wait at the end of the line. Nobody else can take the name meanwhile; a place that is free is held at once.

    Raises what belonging.join raises, and AlreadyAsked.
    """
    member.hold()
    pk, words = uuid4(), {"name": name, "reminders": reminders, "charter": charter.version_of(group).isoformat()}
    mark, sealed = vault.name_mark(group.pk, name), vault.seal_request(pk, group.pk, words)
    try:
        with transaction.atomic():
            is_open = answer("select app.ask_to_enter(%s, %s, %s, %s)", group.pk, pk, mark, sealed)
    except IntegrityError as error:
        raise reason(error, belonging.REFUSED) from None
    if not is_open:
        raise belonging.GroupClosed


def enter(member, request: EntryRequest) -> UUID:
    """With what was chosen when asking. Raises what belonging.join raises, and Http404 when it does not open."""
    try:
        words = vault.open_request(request)
    except DoesNotOpen:
        raise Http404 from None
    return belonging.join(
        member,
        request.group,
        name=words["name"],
        reminders=words["reminders"],
        accepted=date.fromisoformat(words["charter"]),
    )


def tell_by_mail(member, *, wanted: bool, group_id: UUID | None = None) -> None:
    """Whether a mail says that there is news of a request, or of all of them. Nobody gets one without asking for it."""
    requests = own_requests(member)
    for request in requests.filter(group=group_id) if group_id else requests:
        request.sealed_address = _sealed_address(request.pk, member) if wanted else b""
        request.save(update_fields=["sealed_address"])


def want_no_reminders(member) -> None:
    """Whoever stops all mail after they asked comes in without any. The member must be held."""
    for request in own_requests(member):
        with suppress(DoesNotOpen):
            words = vault.open_request(request) | {"reminders": Reminders.NONE}
            request.sealed = vault.seal_request(request.pk, request.group_id, words)
            request.save(update_fields=["sealed"])


def keep_address(member) -> None:
    """The person's address or language has changed: sealed anew where a mail is wanted. The member must be held."""
    for request in own_requests(member):
        if request.is_told_by_mail:
            request.sealed_address = _sealed_address(request.pk, member)
            request.save(update_fields=["sealed_address"])


def _sealed_address(request_id, member):
    return vault.seal_asker_address(request_id, {"address": member.email, "language": member.language})


def keep(member, group_id: UUID) -> None:
    """For thirty days more. Its number in line stays."""
    own_requests(member).filter(group=group_id).update(until=today() + KEPT)


def welcome(inside: Inside, request_id: UUID) -> bool:
    """False when somebody else was faster, or the request was taken back: nothing is left to do."""
    return bool(answer("select app.welcome(%s, %s)", inside.group.pk, request_id))


def is_told(inside: Inside) -> bool:
    """Whether the home of the group says to this member that somebody asks: at first to whoever facilitates, or to
    everybody when nobody does; after a week to every member."""
    since = inside.asked_since
    return since is not None and (inside.rights.schedule or since <= today() - TOLD_TO_ALL)
