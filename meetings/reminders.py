"""Reminders: derived when due, claimed, rechecked under lock, marked, handed over, marked (docs/confidentiality.md).

Runs in the worker, whose database login sees dates and sealed addresses only. A tick carries no data and may run any
number of times, in any number of workers: the ledger is the only memory. What is kept there is in meetings/ledger.py.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from psycopg2.errors import LockNotAvailable

from entraide.lib import mail
from entraide.lib.crypto import DoesNotOpen
from entraide.lib.logs import log
from groups import vault
from meetings import clocks, emails, ledger
from meetings.ledger import Batch, Held, Outcome, State

BUDGET = 5  # seconds in which the mails of a batch are begun; what is left then is anybody's again
MARKING = 60  # seconds for which the marks of mails that have gone are tried, should the database be away: half a lease


@dataclass(frozen=True)
class Ready:
    row: Held
    address: str
    words: bytes


def send_due(now: datetime | None = None, seconds: float | None = None, between=lambda: None) -> Counter:
    """One tick. Returns how many rows ended in which state.

    `seconds` is how long it may go on: the next tick takes over, and other work of the worker has its turn. What waits
    less than that is done `between` two statements or batches. `now` is for rehearsals: a moment in the place of the
    database's.
    """
    begun, seconds = monotonic(), seconds or float("inf")
    try:
        outcome = _derive(now, begun + seconds / 2, between)  # what is written down has to leave, too
    except clocks.Disagree:
        return Counter()
    with mail.Post() as post:
        while not post.is_away and monotonic() < begun + seconds and (batch := ledger.claim(now)):
            outcome += _deliver(batch, post)
            between()
    if outcome.total():
        log("reminders", **{str(state): count for state, count in outcome.items()})
    return outcome


def pass_over_due() -> int:
    """Within a restore, whose one connection sees what came back: what is due now was sent before the disaster, or
    nobody knows. It is not sent (again)."""
    sum(ledger.derive(using=DEFAULT_DB_ALIAS))
    return ledger.give_up(using=DEFAULT_DB_ALIAS)


def _derive(now, until, between) -> Counter:
    since = None if now else clocks.last_look()
    outcome = Counter(expired=ledger.expire(now))
    try:
        ledger.take_up(now)
        for mails in ledger.derive(now, since):
            outcome["derived"] += mails
            between()
            if monotonic() > until:
                return outcome
    except OperationalError as error:  # somebody is leaving, or changing their address: they go first
        log("nothing more was derived", logging.WARNING, reason=type(error).__name__)
    else:
        if not now:
            clocks.remember()
    return outcome


def _deliver(batch: Batch, post: mail.Post) -> Counter:
    """In few statements for all of them. The mail server is asked before anything is locked."""
    outcome = Counter({State.IN_DOUBT: batch.in_doubt})
    try:
        post.open()
    except mail.Away:
        ended = [Outcome(row_id, State.DUE) for row_id in batch.ids]
        _mark(batch, ended)
        return outcome + _counted(ended)
    emails.get_ready()
    with ledger.held(batch) as held:
        ended = _send_all(batch, held, post)
        is_marked = _mark(batch, ended, is_holding=True)
    if not is_marked:
        _mark(batch, ended)
    _stop_refused_addresses(held, ended)
    kept = {one.id for one in held}
    return outcome + _counted(ended) + Counter(ledger.pass_by(batch, [row for row in batch.ids if row not in kept]))


def _send_all(batch, held: list[Held], post) -> list[Outcome]:
    made = [_prepare(one) for one in held]
    ready = [one for one in made if isinstance(one, Ready)]
    handing = ledger.hand(batch, [one.row.id for one in ready])
    ready = [one for one in ready if one.row.id in handing]
    return [one for one in made if isinstance(one, Outcome)] + _hand_over(ready, post)


def _prepare(one: Held) -> Ready | Outcome:
    try:
        to = vault.open_address(one.membership_id, one.sealed_address)
        later = emails.quiet_until(one.now, to, one.zone)
        return _wait(one, later) if later else Ready(one, *emails.addressed(one, to))
    except mail.Refused as error:
        return _refused(one.id, error)
    except (DoesNotOpen, KeyError, ValueError):
        return Outcome(one.id, State.FAILED)


def _wait(one, later) -> Outcome:
    """Until the night is over, if the meeting has not begun by then."""
    if later >= one.starts_at - ledger.MARGIN:
        return Outcome(one.id, State.EXPIRED)
    return Outcome(one.id, State.DUE, next_try=later)


def _hand_over(ready: list[Ready], post) -> list[Outcome]:
    """As many as the time allows. What was not begun is given back as if it had not been touched."""
    until, ended = monotonic() + BUDGET, []
    for one in ready:
        if monotonic() > until or not ledger.still_holds():
            break
        try:
            ended.append(_send(one, post))
        except mail.Away:
            break
    return ended + [Outcome(one.row.id, State.DUE) for one in ready[len(ended) :]]


def _send(one: Ready, post) -> Outcome:
    try:
        return Outcome(one.row.id, State.SENT, post.send(one.address, one.words), is_back=False)
    except mail.Refused as error:
        return _refused(one.row.id, error)
    except mail.Away:
        raise
    except OSError as error:  # this one is slow, or the server died of it: the others go on
        log("reminder put off", logging.WARNING, reason=type(error).__name__)
        return Outcome(one.row.id, State.DUE, is_back=not post.in_doubt, is_put_off=True)


def _refused(row_id, error) -> Outcome:
    """Words that the server refused leave no doubt: nothing was handed over."""
    if error.is_final:
        return Outcome(row_id, State.FAILED, error.code, is_bounced=error.at_recipient)
    return Outcome(row_id, State.DUE, error.code, is_put_off=True)


def _mark(batch, ended, *, is_holding=False) -> bool:
    """Whatever it takes: mails that have gone and are not marked go twice. Only while memberships are held it may not
    be done: who leaves has taken their rows of the ledger away, and waits for what is held."""
    until = monotonic() + MARKING
    while True:
        try:
            ledger.mark(batch, ended)
            return True
        except (OperationalError, InterfaceError) as error:
            if is_holding and isinstance(error.__cause__, LockNotAvailable):
                return False
            connections[ledger.LEDGER].close()
            if monotonic() > until:
                raise
            sleep(1)


def _stop_refused_addresses(held, ended) -> None:
    bounced = {one.id for one in ended if one.is_bounced}
    for one in held:
        if one.id in bounced:
            ledger.refuse_address(one)


def _counted(ended) -> Counter:
    return Counter(one.state for one in ended)
