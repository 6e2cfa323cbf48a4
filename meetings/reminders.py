"""Reminders: derived when due, claimed, rechecked under lock, marked, handed over, marked (docs/confidentiality.md).

Runs in the worker, whose database login sees dates and sealed addresses only. A tick carries no data and may run any
number of times, in any number of workers: the ledger row is the only memory. Only the database's clock counts.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connections, transaction

from entraide.lib import mail
from entraide.lib.crypto import DoesNotOpen
from entraide.lib.logs import log
from groups import vault
from meetings import emails
from meetings.models import Reminder

# The marks are committed on a connection of their own, while the first one holds the lock on meeting and membership.
LOCK, LEDGER = "default", "ledger"
State = Reminder.State
MOST_HANDS = 2  # after two hand-overs without an answer nobody knows; a third copy would be worse than none

# What one membership wants of the two.
KINDS = "cross join lateral (values ('day_before', s.day_before), ('two_hours', s.two_hours)) k (kind, wanted)"
DUE_AT = "case k.kind when 'day_before' then m.day_before_at else m.starts_at - interval '2 hours' end"
ELIGIBLE = f"""
    m.cancelled_at is null and s.group_id = m.group_id and k.wanted and s.address_refused_at is null
    and m.starts_at > now() + interval '5 minutes' and {DUE_AT} <= now()
"""
DERIVE = f"""
    insert into meetings_reminder
        (id, group_id, meeting_id, membership_id, kind, starts_at, state, hands, put_off, next_try)
    select gen_random_uuid(), m.group_id, m.id, s.id, k.kind, m.starts_at, 'due', 0, 0, now()
    from meetings_meeting m join groups_membership s on s.group_id = m.group_id {KINDS}
    where {ELIGIBLE} and m.starts_at < now() + interval '26 hours'
    on conflict (meeting_id, membership_id, kind, starts_at) do nothing
"""
EXPIRE = """
    update meetings_reminder set state = 'expired'
    where state in ('due', 'claimed') and starts_at <= now() + interval '5 minutes'
"""
CLAIM = """
    update meetings_reminder set state = case when hands >= %s then 'in_doubt' else 'claimed' end,
        lease = %s, lease_until = now() + interval '2 minutes'
    where id = (
        select id from meetings_reminder
        where (state = 'due' and next_try <= now()) or (state in ('claimed', 'handing') and lease_until < now())
        order by next_try limit 1 for update skip locked)
    returning id, meeting_id, membership_id, kind, starts_at, state
"""
GIVE_UP = """
    update meetings_reminder set state = 'void', lease = null, lease_until = null
    where state in ('due', 'claimed', 'handing')
"""
ADDRESS = "select sealed_address from groups_membership where id = %s"
RECHECK = f"""
    select m.zone, {DUE_AT} from meetings_meeting m join groups_membership s on s.group_id = m.group_id {KINDS}
    where m.id = %s and s.id = %s and k.kind = %s and m.starts_at = %s and {ELIGIBLE}
    for share of m, s
"""

PUT_OFF = """state = 'due', last_code = %s, put_off = put_off + 1, hands = hands - (state = 'handing' and %s)::int,
    next_try = now() + interval '1 minute' * power(2, least(put_off, 6))"""


@dataclass(frozen=True)
class Claim:
    id: UUID
    meeting_id: UUID
    membership_id: UUID
    kind: str
    starts_at: datetime
    state: str
    lease: UUID


def send_due() -> Counter:
    """One tick. Returns how many rows ended in which state."""
    outcome = Counter(derived=_execute(DERIVE), expired=_execute(EXPIRE))
    while claim := _claim():
        outcome[State.IN_DOUBT if claim.state == State.IN_DOUBT else _deliver(claim)] += 1
    if sum(outcome.values()):
        log("reminders", **{str(state): count for state, count in outcome.items()})
    return outcome


def pass_over_due() -> int:
    """After a restore: what is due now was sent before the disaster, or nobody knows. It is not sent (again)."""
    with connections[LOCK].cursor() as cursor:
        cursor.execute(DERIVE)
        cursor.execute(GIVE_UP)
        return cursor.rowcount


def _claim() -> Claim | None:
    lease = uuid4()
    with connections[LEDGER].cursor() as cursor:
        cursor.execute(CLAIM, [MOST_HANDS, lease])
        row = cursor.fetchone()
    return Claim(*row, lease) if row else None


def _deliver(claim: Claim) -> State:
    try:
        to = _address(claim)
        if to is None:
            return _mark(claim, State.VOID)
        to["address"] = mail.ascii_address(to["address"])
        with mail.accepted_recipient(to["address"]) as conversation:
            return _hand_over(claim, to, conversation)
    except mail.Refused as error:
        return _mark(claim, State.FAILED, error.code) if error.is_final else _put_off(claim, error.code)
    except DoesNotOpen:
        return _mark(claim, State.FAILED)
    except Exception as error:  # the server is away, or worse: the other rows go on
        log("reminder put off", logging.WARNING, reason=type(error).__name__)
        return _put_off(claim)


def _address(claim):
    with connections[LOCK].cursor() as cursor:
        cursor.execute(ADDRESS, [claim.membership_id])
        row = cursor.fetchone()
    return vault.open_address(claim.membership_id, row[0]) if row else None


def _hand_over(claim, to, conversation) -> State:
    """Leaving or calling the meeting off waits for this lock, so that nobody is reminded after it."""
    with transaction.atomic(using=LOCK), connections[LOCK].cursor() as cursor:
        cursor.execute(RECHECK, [claim.meeting_id, claim.membership_id, claim.kind, claim.starts_at])
        row = cursor.fetchone()
        if row is None:
            return _mark(claim, State.VOID)
        zone, due_at = row
        if not _execute_marked("state = 'handing', hands = hands + 1", claim):
            return State.CLAIMED  # another worker took over
        code = mail.hand_over(conversation, emails.reminder(claim.id, to, claim.starts_at, zone, due_at))
        return _mark(claim, State.SENT, code=code)


def _mark(claim, state: State, code: int | None = None) -> State:
    _execute_marked(f"state = '{state}', last_code = %s", claim, code)
    return state


def _put_off(claim, code: int | None = None) -> State:
    """Tried again after 1, 2, 4 … 64 minutes. Words that the server refused leave no doubt: nothing was handed over."""
    _execute_marked(PUT_OFF, claim, code, code is not None)
    return State.DUE


def _execute_marked(changes, claim, *values):
    """Not a row that has ended already: a rude goodbye of the mail server must not send it again."""
    held = "id = %s and lease = %s and state in ('claimed', 'handing')"
    return _execute(f"update meetings_reminder set {changes} where {held}", *values, claim.id, claim.lease)


def _execute(query, *values) -> int:
    with connections[LEDGER].cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.rowcount
