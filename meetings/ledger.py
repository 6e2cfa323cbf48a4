"""The ledger of reminders in SQL: each statement is for all that is due, or for one batch, and never for one member.

Runs with the worker's login. CLOCK is the database's now(), unless a rehearsal gives another moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from select import select
from uuid import UUID, uuid4

from django.db import connections, transaction

from meetings.models import Reminder

# The marks are committed on a connection of their own, while the first one holds the locks of a batch.
LOCK, LEDGER = "default", "ledger"
State = Reminder.State
MOST_HANDS = 2  # after two hand-overs without an answer nobody knows; a third copy would be worse than none
BATCH = 50  # mails; what a kill may send twice is one batch
MEETINGS_AT_ONCE = 500  # whose members one statement derives: somebody who leaves meanwhile waits for it
EXPIRED_AT_ONCE = 5_000
CLOCK = "coalesce(%(now)s, now())"
MARGIN = timedelta(minutes=5, seconds=30)  # nothing goes later than five minutes before; half a minute is a batch's
SOONEST = f"{CLOCK} + interval '{MARGIN.seconds} seconds'"
DAY_OLD = f"{CLOCK} - interval '1 day'"

# What has fallen due, with its place in the order of an index.
TIMES = f"""
    select m.starts_at as place, m.group_id, m.id as meeting_id, k.kind, m.starts_at, 0 as version
    from meetings_meeting m cross join lateral (values
        ('day_before', m.day_before_at), ('two_hours', m.starts_at - interval '2 hours')) k (kind, due_at)
    where m.cancelled_at is null and m.starts_at > {SOONEST} and m.starts_at < {CLOCK} + interval '26 hours'
        and k.due_at <= {CLOCK} and (m.starts_at, m.id) >= (%(place)s, %(meeting_id)s)
"""
NOTICES = f"""
    select m.notice_at as place, m.group_id, m.id as meeting_id,
        case when m.cancelled_at is null then 'changed' else 'cancelled' end as kind, m.starts_at, m.notice as version
    from meetings_meeting m
    where m.notice_at > {DAY_OLD} and m.notice_at <= {CLOCK} and m.starts_at > {SOONEST}
        and (m.notice_at, m.id) >= (%(place)s, %(meeting_id)s)
"""
# It begins where the one before it ended, and does not pass again by all that is derived already.
DERIVE = """
    with due as (
        select d.* from ({source}) d
        where not exists (select from meetings_wave w where w.meeting_id = d.meeting_id and w.version = d.version
            and (w.version > 0 or (w.kind = d.kind and w.starts_at = d.starts_at)))
        order by d.place, d.meeting_id limit {limit}
    ), wave as (
        insert into meetings_wave (id, group_id, meeting_id, kind, starts_at, version)
        select gen_random_uuid(), group_id, meeting_id, kind, starts_at, version from due
        on conflict do nothing
        returning group_id, meeting_id, kind, starts_at, version
    ), mail as (
        insert into meetings_reminder (id, group_id, meeting_id, membership_id, kind, starts_at, version, state, hands,
            put_off, due_at, next_try)
        select gen_random_uuid(), w.group_id, w.meeting_id, s.id, w.kind, w.starts_at, w.version, 'due', 0, 0,
            case w.kind when 'day_before' then greatest(m.day_before_at, %(since)s)
                when 'two_hours' then greatest(w.starts_at - interval '2 hours', %(since)s)
                else m.notice_at end,
            {clock}
        from wave w join meetings_meeting m on m.id = w.meeting_id
            join groups_membership s on s.group_id = w.group_id
        where not s.address_refused and case w.kind
            when 'day_before' then s.day_before and not (s.two_hours and w.starts_at - interval '2 hours' <= {clock})
            when 'two_hours' then s.two_hours
            else s.changes and s.entered_at < w.version end
        returning 1
    )
    select (select count(*) from wave), mails.count, last.place, last.meeting_id
    from (select count(*) from mail) mails
        left join (select place, meeting_id from due order by place desc, meeting_id desc limit 1) last on true
"""
DERIVE_TIMES, DERIVE_NOTICES = (
    DERIVE.format(source=source, limit=MEETINGS_AT_ONCE, clock=CLOCK) for source in (TIMES, NOTICES)
)
FROM_THE_FIRST = ("-infinity", UUID(int=0))
# Moved away and back again before anybody was reminded: the wave of that hour has been made, its mails have not gone.
TAKE_UP = f"""
    update meetings_reminder r set state = 'due', put_off = 0, next_try = {CLOCK}, ended_at = null,
        due_at = case r.hands when 0 then {CLOCK} else r.due_at end
    from meetings_meeting m
    where r.meeting_id = m.id and r.starts_at = m.starts_at and r.state = 'void' and r.version = 0
        and m.cancelled_at is null and m.starts_at > {SOONEST} and m.notice_at > {DAY_OLD} and m.notice_at > r.ended_at
"""
# After an outage there may be many: in steps, so that nobody who is leaving waits for all of them.
EXPIRE = f"""
    update meetings_reminder set state = 'expired', lease = null, ended_at = {CLOCK}
    where id = any(array(select id from meetings_reminder
        where state in ('due', 'claimed') and (starts_at <= {SOONEST} or (version > 0 and due_at <= {DAY_OLD}))
        limit {EXPIRED_AT_ONCE} for update skip locked))
"""
# What fell due a moment ago PostgreSQL has not counted yet: it would sort a million rows for each batch.
IN_ORDER = "set local enable_sort = off; "  # in that of the index, for this one statement
CLAIM = f"""
    update meetings_reminder set state = case when hands >= {MOST_HANDS} then 'in_doubt' else 'claimed' end,
        ended_at = case when hands >= {MOST_HANDS} then {CLOCK} end,
        lease = %(lease)s, next_try = {CLOCK} + interval '2 minutes'
    where id = any(array(
        select id from meetings_reminder where state in ('due', 'claimed', 'handing') and next_try <= {CLOCK}
        order by next_try limit {BATCH} for update skip locked))
    returning id, state
"""
# Of a notice: the last one, while it is no day old.
LAST = f"s.changes and m.notice = r.version and r.due_at > {DAY_OLD}"
ELIGIBLE = f"""
    m.starts_at = r.starts_at and m.starts_at > {SOONEST} and not s.address_refused and case r.kind
        when 'day_before' then s.day_before and m.cancelled_at is null and not exists (select from meetings_reminder t
            where t.meeting_id = r.meeting_id and t.membership_id = r.membership_id and t.kind = 'two_hours'
                and t.starts_at = r.starts_at)
        when 'two_hours' then s.two_hours and m.cancelled_at is null
        when 'changed' then {LAST} and m.cancelled_at is null
        when 'cancelled' then {LAST} and m.cancelled_at is not null
        else false end
"""
# Whoever is changing one of these rows at this moment is not waited for: nobody can stand in a ring of waiting.
HOLD = f"""
    select r.id, s.id, s.sealed_address, r.kind, r.starts_at, m.zone, r.due_at, {CLOCK}
    from meetings_reminder r join groups_membership s on s.id = r.membership_id
        join meetings_meeting m on m.id = r.meeting_id
    where r.id = any(%(ids)s) and r.lease = %(lease)s and r.state = 'claimed' and {ELIGIBLE}
    for share of s, m skip locked
"""
PASS_BY = f"""
    update meetings_reminder set state = case when p.starts_at <= {SOONEST} then 'expired'
            when p.eligible then 'due' else 'void' end,
        ended_at = case when p.eligible then null else {CLOCK} end,
        next_try = {CLOCK} + interval '1 second', lease = null
    from (
        select r.id, r.starts_at, coalesce(bool_or({ELIGIBLE}), false) as eligible from meetings_reminder r
            left join groups_membership s on s.id = r.membership_id left join meetings_meeting m on m.id = r.meeting_id
        where r.id = any(%(ids)s) group by r.id
    ) p
    where meetings_reminder.id = p.id and lease = %(lease)s and state = 'claimed'
    returning state
"""
# Not a row that somebody takes away at this moment: they wait for what is held, and would be waited for.
HANDING = """
    update meetings_reminder set state = 'handing', hands = hands + 1
    where id = any(array(select id from meetings_reminder
        where id = any(%(ids)s) and lease = %(lease)s and state = 'claimed' for update skip locked))
    returning id
"""
# Not a row that has ended already, or that another worker has taken over.
MARK = f"""
    update meetings_reminder r set state = v.state, last_code = coalesce(v.code, r.last_code), lease = null,
        hands = r.hands - (r.state = 'handing' and v.is_back)::int, put_off = r.put_off + v.is_put_off::int,
        -- What waits for the morning is not late before it. A second copy has the Date of the first one.
        due_at = case r.hands when 0 then coalesce(v.next_try, r.due_at) else r.due_at end,
        next_try = case when v.is_put_off then least({CLOCK} + interval '1 minute' * power(2, least(r.put_off, 6)),
                greatest({CLOCK} + interval '1 minute', r.starts_at - interval '10 minutes'))  -- once more at the end
            else coalesce(v.next_try, {CLOCK}) end,
        ended_at = case when v.state <> 'due' then {CLOCK} end
    from unnest(%(ids)s, %(states)s::text[], %(codes)s::int[], %(is_back)s::boolean[], %(is_put_off)s::boolean[],
        %(next_tries)s::timestamptz[]) v (id, state, code, is_back, is_put_off, next_try)
    where r.id = v.id and r.lease = %(lease)s and r.state in ('claimed', 'handing')
"""
# The address that was refused, and not one that its owner has given since.
REFUSED = """
    update groups_membership set address_refused = true
    where id = %(id)s and sealed_address = %(sealed)s and not address_refused
"""
GIVE_UP = """
    update meetings_reminder set state = 'void', lease = null, ended_at = now()
    where state in ('due', 'claimed', 'handing')
"""
UNTIL_LEFT = "set local idle_in_transaction_session_timeout = '60s'"  # a worker that is stopped keeps nobody waiting
# However many others there are: what the same statement has just written PostgreSQL cannot count.
BY_INDEX = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off"
NO_RING = (
    "set local lock_timeout = '500ms'"  # PostgreSQL would look for a ring of waiting after 1 s: we step back first
)


@dataclass(frozen=True)
class Batch:
    lease: UUID
    ids: list[UUID]
    in_doubt: int
    now: datetime | None


@dataclass(frozen=True)
class Held:
    """One mail of a batch, with what it is made of. Neither its meeting nor its membership changes meanwhile."""

    id: UUID
    membership_id: UUID
    sealed_address: bytes
    kind: str
    starts_at: datetime
    zone: str
    due_at: datetime
    now: datetime


@dataclass(frozen=True)
class Outcome:
    """`is_back`: it was not handed over after all, and counts as such. `is_bounced`: nobody has this address."""

    id: UUID
    state: State
    code: int | None = None
    is_back: bool = True
    is_put_off: bool = False
    is_bounced: bool = False
    next_try: datetime | None = None


def derive(now: datetime | None = None, since: datetime | None = None, *, using: str = LEDGER) -> Iterator[int]:
    """What has fallen due, once for each meeting and kind: how many mails, after each statement. `since`: when this was
    last looked for; what was not due then has not been late since."""
    for query in (DERIVE_TIMES, DERIVE_NOTICES):
        yield from _derive(query, now, since, using)


def _derive(query, now, since, using) -> Iterator[int]:
    """Until there is no more, or another worker is at it."""
    waves, last = MEETINGS_AT_ONCE, FROM_THE_FIRST
    while waves == MEETINGS_AT_ONCE:
        place, meeting_id = last
        with transaction.atomic(using=using):
            _execute(f"{NO_RING}; {BY_INDEX}", using=using)
            waves, mails, *last = _rows(query, using=using, now=now, since=since, place=place, meeting_id=meeting_id)[0]
        yield mails


def take_up(now: datetime | None) -> int:
    """What was not to be sent any more, and is again."""
    return _execute(f"{NO_RING}; {BY_INDEX}; {TAKE_UP}", now=now)


def expire(now: datetime | None) -> int:
    return sum(iter(lambda: _execute(EXPIRE, now=now), 0))


def give_up(*, using: str) -> int:
    return _execute(GIVE_UP, using=using)


def claim(now: datetime | None) -> Batch | None:
    """Free: a claim counts for nothing. None when nothing is due."""
    lease = uuid4()
    rows = _rows(IN_ORDER + CLAIM, now=now, lease=lease)
    ids = [row_id for row_id, state in rows if state == State.CLAIMED]
    return Batch(lease, ids, len(rows) - len(ids), now) if rows else None


@contextmanager
def held(batch: Batch):
    """Those of a batch that may be sent, locked: leaving or calling a meeting off waits until this ends."""
    with transaction.atomic(using=LOCK), connections[LOCK].cursor() as cursor:
        cursor.execute(UNTIL_LEFT)
        cursor.execute(HOLD, {"ids": batch.ids, "lease": batch.lease, "now": batch.now})
        yield [Held(*row) for row in cursor.fetchall()]


def still_holds() -> bool:
    """PostgreSQL has nothing to say between two statements, unless it is stopping or has ended our transaction."""
    return not select([connections[LOCK].connection.fileno()], [], [], 0)[0]


def pass_by(batch: Batch, ids: list[UUID]) -> list[str]:
    """What could not be held: it is not to be sent any more, or somebody is changing it at this moment."""
    return [state for (state,) in _rows(PASS_BY, ids=ids, lease=batch.lease, now=batch.now)] if ids else []


def hand(batch: Batch, ids: list[UUID]) -> set[UUID]:
    """Marked and committed before the first word is said. Those that another worker took over are not in it."""
    return {row_id for (row_id,) in _rows(HANDING, ids=ids, lease=batch.lease)} if ids else set()


def mark(batch: Batch, outcomes: list[Outcome]) -> None:
    """Raises OperationalError when somebody has one of these rows for longer than a moment."""
    if not outcomes:
        return
    columns = {
        "ids": [one.id for one in outcomes],
        "states": [str(one.state) for one in outcomes],
        "codes": [one.code for one in outcomes],
        "is_back": [one.is_back for one in outcomes],
        "is_put_off": [one.is_put_off for one in outcomes],
        "next_tries": [one.next_try for one in outcomes],
    }
    _execute(f"{NO_RING}; {MARK}", **columns, lease=batch.lease, now=batch.now)


def refuse_address(one: Held) -> None:
    """By itself, and when nothing is held any more."""
    _execute(REFUSED, id=one.membership_id, sealed=bytes(one.sealed_address))


def _execute(query: str, *, using: str = LEDGER, **values) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.rowcount


def _rows(query: str, *, using: str = LEDGER, **values) -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
