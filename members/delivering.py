"""Sending what the outbox holds: claimed, marked, handed over, deleted (docs/confidentiality.md).

Runs in the worker. A tick carries no data and may run any number of times, in any number of workers: the row is the
only memory. Only the database's clock counts. What waits shortest goes first: codes before news.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from entraide.lib import keys, letters, mail
from entraide.lib.crypto import DoesNotOpen
from entraide.lib.logs import log
from members.outbox import KINDS

MOST_HANDS = 2  # after two hand-overs without an answer nobody knows; a third copy would be worse than none
# One that is in doubt is kept for a month, empty, for the operator's count.
DOUBT = f"""
    update members_outgoingmail set in_doubt = true, sealed = '', about = null, lease = null, lease_until = null,
        expires_at = now() + interval '30 days'
    where hands >= {MOST_HANDS} and not in_doubt and (lease_until is null or lease_until < now())
"""
EXPIRE = """
    delete from members_outgoingmail where expires_at <= now() and (lease_until is null or lease_until < now())
"""
CLAIM = """
    update members_outgoingmail set lease = %s, lease_until = now() + interval '30 seconds'
    where id = (
        select id from members_outgoingmail
        where not in_doubt and next_try <= now() and (lease_until is null or lease_until < now())
        order by expires_at limit 1 for update skip locked)
    returning id, kind, about, sealed, written_at
"""
HELD = "where id = %s and lease = %s"
MARK = f"""
    update members_outgoingmail set hands = hands + 1, lease_until = now() + interval '1 minute'
    {HELD} and hands < {MOST_HANDS}
"""
END = f"delete from members_outgoingmail {HELD}"
# Tried again after 15, 30, 60 … 960 seconds.
PUT_OFF = f"""
    update members_outgoingmail set lease = null, lease_until = null, hands = hands - %s, put_off = put_off + 1,
        next_try = now() + interval '15 seconds' * power(2, least(put_off, 6))
    {HELD}
"""
# Nothing was said to anybody: the next tick may take it up.
GIVE_BACK = f"update members_outgoingmail set lease = null, lease_until = null {HELD}"
Recipients = Mapping[str, Callable[[UUID], dict | None]]


@dataclass(frozen=True)
class Claim:
    id: UUID
    kind: str
    about: UUID | None
    sealed: bytes
    written_at: datetime
    lease: UUID


def send_due(recipients: Recipients) -> Counter:
    """One tick. `recipients[kind]` opens the address of a kind that is about a row; None when nobody is to be written
    to. Returns how many mails ended how."""
    outcome = Counter({"in doubt": _execute(DOUBT), "expired": _execute(EXPIRE)})
    with mail.Post() as post:
        while claim := _claim():
            if not _is_there(post):
                outcome["given back"] += _execute(GIVE_BACK, claim.id, claim.lease)
                break  # all wait for the next tick, rather than each for an answer
            outcome[_deliver(claim, post, recipients)] += 1
    if outcome.total():
        log("mail out", **{how: count for how, count in outcome.items() if count})
    return outcome


def _claim() -> Claim | None:
    lease = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [lease])
        row = cursor.fetchone()
    return Claim(*row, lease) if row else None


def _is_there(post) -> bool:
    try:
        post.open()
    except mail.Away as trouble:
        log("the mail server is away", logging.WARNING, reason=str(trouble))
        return False
    return True


def _deliver(claim, post, recipients) -> str:
    """The mark comes before the address is read: whatever happens from here on is at most one copy more."""
    if not _execute(MARK, claim.id, claim.lease):
        return "taken over"
    try:
        to = _recipient(claim, recipients)
        if to is None:
            return _end(claim, "not wanted")
        address = mail.ascii_address(to["address"])
        post.send(address, _letter(claim.kind, to).addressed(claim.id, address, claim.written_at))
    except DoesNotOpen:
        log("a mail does not open", logging.ERROR, row=str(claim.id))
        return _end(claim, "failed")
    except mail.Refused as no:  # it leaves no doubt: nothing was handed over
        return _end(claim, "failed") if no.is_final else _put_off(claim, unmarked=True)
    except Exception as trouble:  # whatever it is, the other mails go on
        log("mail put off", logging.WARNING, kind=claim.kind, reason=type(trouble).__name__)
        return _put_off(claim, unmarked=not (isinstance(trouble, OSError) and post.in_doubt))
    return _end(claim, "sent")


def _recipient(claim, recipients) -> dict | None:
    if claim.about:
        return recipients[claim.kind](claim.about)
    return keys.open_as_worker(claim.sealed, "mail", claim.id)


def _letter(kind, to) -> letters.Letter:
    """The same words in both parts."""
    template = KINDS[kind].template
    with translation.override(to["language"]):
        context = {"url": settings.SITE_URL + reverse("my_space"), **to.get("parameters", {})}
        subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
        text = render_to_string(f"{template}_message.txt", context).strip()
        page = {"subject": subject, "paragraphs": text.split("\n\n"), "language": to["language"]}
        return letters.letter(subject, f"{text}\n", render_to_string("account/email/mail.html", page), of_a_list=False)


def _end(claim, how) -> str:
    _execute(END, claim.id, claim.lease)
    return how


def _put_off(claim, *, unmarked=False) -> str:
    _execute(PUT_OFF, int(unmarked), claim.id, claim.lease)
    return "put off"


def _execute(query, *values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.rowcount
