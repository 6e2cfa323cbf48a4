"""Telling a proposer by mail that the team has written to them: one discreet mail a message, sent by the worker.

A message carries when its mail is due. The worker claims it by moving that moment two minutes ahead, counts the
hand-over before it begins, and clears the moment afterwards: a crash costs one extra copy at most, and forgets none.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from entraide.lib import mail
from entraide.lib.crypto import DoesNotOpen
from entraide.lib.logs import log
from groups import emails, vault

MOST_HANDS = 2  # after two hand-overs without an answer nobody knows; a third copy would be worse than none
CLAIM = """
    update groups_proposalmessage set mail_due_at = now() + interval '2 minutes'
    where id = (
        select id from groups_proposalmessage where mail_due_at <= now()
        order by mail_due_at limit 1 for update skip locked)
    returning id, proposal_id, mail_due_at
"""
ADDRESS = "select sealed_address from groups_proposal where id = %s and sealed_address <> ''"
HELD = "where id = %s and mail_due_at = %s"
HANDING = f"update groups_proposalmessage set mail_hands = mail_hands + 1 {HELD} and mail_hands < {MOST_HANDS}"
DONE = f"update groups_proposalmessage set mail_due_at = null {HELD}"
PUT_OFF = f"""
    update groups_proposalmessage
    set mail_due_at = now() + interval '10 minutes', mail_hands = mail_hands - %s::int {HELD}
"""


@dataclass(frozen=True)
class Claim:
    id: UUID
    proposal_id: UUID
    lease: datetime


def send_due() -> int:
    """One tick, any number of times, in any number of workers. Returns how many mails were handed over."""
    sent = 0
    while rows := _asked(CLAIM):
        sent += _deliver(Claim(*rows[0]))
    return sent


def pass_over_due() -> int:
    """After a restore: what is due now was sent before the disaster, or nobody knows. It waits on the page anyway."""
    with connection.cursor() as cursor:
        cursor.execute("update groups_proposalmessage set mail_due_at = null where mail_due_at is not null")
        return cursor.rowcount


def _deliver(claim: Claim) -> bool:
    try:
        to = _address(claim)
        if to is None:  # they are in the group by now, or want to hear no more
            return _end(claim)
        with mail.accepted_recipient(to["address"]) as conversation:
            return _hand_over(claim, to, conversation)
    except mail.Refused as error:
        return _end(claim) if error.is_final else _put_off(claim)
    except DoesNotOpen:
        return _end(claim)
    except Exception as error:  # the mail server is away, or worse: the other messages go on
        log("notice put off", logging.WARNING, reason=type(error).__name__)
        return _put_off(claim)


def _hand_over(claim, to, conversation) -> bool:
    if not _asked(f"{HANDING} returning 1", claim.id, claim.lease) or _address(claim) is None:
        return _end(claim)
    try:
        mail.hand_over(conversation, emails.notice(claim.id, to))
    except mail.Refused as error:  # it leaves no doubt: nothing was handed over
        return _end(claim) if error.is_final else _put_off(claim, hands=1)
    _end(claim)
    return True


def _address(claim):
    rows = _asked(ADDRESS, claim.proposal_id)
    if not rows:
        return None
    to = vault.open_proposer_address(claim.proposal_id, rows[0][0])
    return to | {"address": mail.ascii_address(to["address"])}


def _end(claim) -> bool:
    _asked(f"{DONE} returning 1", claim.id, claim.lease)
    return False


def _put_off(claim, hands=0) -> bool:
    _asked(f"{PUT_OFF} returning 1", hands, claim.id, claim.lease)
    return False


def _asked(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()
