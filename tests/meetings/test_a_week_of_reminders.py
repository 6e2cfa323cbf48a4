"""A week of 200 groups in four zones, in which three of the zones change their clocks, lived in a minute.

The tick is given its moment. Meanwhile people join, leave and change their minds, meetings are moved and called off.
What the ledger says afterwards is compared, row by row, with what is calculated here from the rules of
docs/operations.md, without a look at the code that sends.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg2.extras import Json

from groups import vault
from tests import makers, services

ZONES = ["America/Toronto", "America/St_Johns", "America/Vancouver", "Europe/Paris"]
BEGIN = datetime(2027, 3, 11, tzinfo=UTC)  # on the 14th, the clocks of the first three change
STEP, TICKS = timedelta(minutes=10), 7 * 24 * 6
GROUPS, EACH = 200, 3
TOO_LATE, DAY, TWO_HOURS = timedelta(minutes=5, seconds=30), timedelta(days=1), timedelta(hours=2)
KINDS = ("day_before", "two_hours", "changes")


@dataclass
class Person:
    id: UUID
    group: int
    zone: str
    quiet: bool
    wishes: set
    entered: int
    address: str


@dataclass
class Appointment:
    id: UUID
    group: int
    starts_at: datetime
    cancelled: bool = False
    notice: int = 0
    noticed_at: datetime | None = None


@dataclass
class Town:
    """What is true, and what the ledger should say. Keys of `mails`: (meeting, membership, kind, start, notice)."""

    groups: list
    people: dict = field(default_factory=dict)
    meetings: list = field(default_factory=list)
    clock: Counter = field(default_factory=Counter)
    begun: set = field(default_factory=set)
    mails: dict = field(default_factory=dict)

    def inside(self, group):
        return [person for person in self.people.values() if person.group == group]

    def zone(self, group):
        return ZoneInfo(ZONES[group % len(ZONES)])


# --- What ought to happen ----------------------------------------------------------------------------------------


def due_moments(town, meeting):
    """Of what is to be sent for a meeting as it is now: (kind, moment, which notice)."""
    wall = meeting.starts_at.astimezone(town.zone(meeting.group)).replace(tzinfo=None)
    if not meeting.cancelled:
        yield "day_before", (wall - DAY).replace(tzinfo=town.zone(meeting.group)).astimezone(UTC), 0
        yield "two_hours", meeting.starts_at - TWO_HOURS, 0
    if meeting.notice:
        yield "cancelled" if meeting.cancelled else "changed", meeting.noticed_at, meeting.notice


def wants(person, kind, notice, meeting, now):
    if notice:
        return "changes" in person.wishes and person.entered < notice
    if kind == "day_before" and "two_hours" in person.wishes and meeting.starts_at - TWO_HOURS <= now:
        return False
    return kind in person.wishes


def quiet_until(person, now):
    here = now.astimezone(ZoneInfo(person.zone))
    if not person.quiet or 8 <= here.hour < 21:
        return None
    morning = here.replace(tzinfo=None, hour=8, minute=0, second=0)
    morning += DAY if here.hour >= 21 else timedelta(0)
    return morning.replace(tzinfo=ZoneInfo(person.zone)).astimezone(UTC)


def live_through(town, now):
    for meeting in town.meetings:
        if meeting.starts_at <= now + TOO_LATE:
            continue
        for kind, moment, notice in due_moments(town, meeting):
            wave = (meeting.id, notice or (kind, meeting.starts_at))
            if moment > now or wave in town.begun or (notice and moment <= now - DAY):
                continue
            town.begun.add(wave)
            for person in town.inside(meeting.group):
                if wants(person, kind, notice, meeting, now):
                    key = (meeting.id, person.id, kind, meeting.starts_at, notice)
                    town.mails[key] = ["waits", now]
    settle(town, now)


def settle(town, now):
    meetings = {meeting.id: meeting for meeting in town.meetings}
    for key, mail in town.mails.items():
        meeting_id, person_id, kind, start, notice = key
        if mail[0] != "waits" or (mail[1] > now and start > now + TOO_LATE):
            continue
        meeting, person = meetings[meeting_id], town.people[person_id]
        stands = meeting.starts_at == start and meeting.cancelled == (kind == "cancelled")
        wanted = ("changes" if notice else kind) in person.wishes and (not notice or notice == meeting.notice)
        morning = quiet_until(person, now)
        if start <= now + TOO_LATE or (notice and meeting.noticed_at <= now - DAY and meeting.notice == notice):
            mail[:] = ["expired", now]
        elif not (stands and wanted):
            mail[:] = ["void", now]
        elif morning is None:
            mail[:] = ["sent", now]
        elif morning >= start - TOO_LATE:
            mail[:] = ["expired", now]
        else:
            mail[1] = morning


# --- What happens ------------------------------------------------------------------------------------------------


def copy_of(cursor, table, of, rows):
    """Rows like one that is there, but for what is given."""
    cursor.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attgenerated = ''"
        " and not attisdropped",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    given = Json([{name: str(value) for name, value in row.items()} for row in rows])
    cursor.execute(
        f"insert into {table} ({', '.join(names)}) select {', '.join('n.' + name for name in names)}"
        f" from {table} t cross join lateral jsonb_array_elements(%s) r, lateral jsonb_populate_record(t, r) n"
        " where t.id = %s",
        [given, str(of)],
    )


def settled_town(cursor, dice):
    ines = makers.make_member("ines-of-the-week")
    group = makers.make_group(ines, "Phare")
    series = makers.make_series(ines, group, rhythm="once")
    meeting = makers.first_meeting(ines, group)
    town = Town([uuid4() for _ in range(GROUPS)])
    places = list(enumerate(town.groups))
    copy_of(cursor, "groups_group", group.pk, [{"id": one, "slug": f"week-{n}", "name": f"W{n}"} for n, one in places])
    cursor.execute(
        "insert into groups_groupclock (group_id, now) select unnest(%s::uuid[]), 1000", [list(map(str, town.groups))]
    )
    lines = [uuid4() for _ in places]
    copy_of(cursor, "meetings_series", series.pk, [{"id": lines[n], "group_id": one} for n, one in places])
    for number in range(GROUPS):
        plan(town, number, dice)
    copy_of(
        cursor, "meetings_meeting", meeting.pk, [row_of(town, lines, n, one) for n, one in enumerate(town.meetings)]
    )
    for number in range(GROUPS):
        for _ in range(EACH):
            arrive(cursor, town, number, dice)
    cursor.execute("delete from groups_group where id = %s", [str(group.pk)])
    return town


def plan(town, number, dice):
    for _ in range(dice.choice([1, 1, 2])):
        day = (BEGIN + timedelta(days=dice.randrange(1, 8))).date()
        hour = dice.choice([7, 8, 9, 12, 17, 18, 19, 20, 23])
        wall = datetime(day.year, day.month, day.day, hour, dice.choice([0, 15, 30]), tzinfo=town.zone(number))
        town.meetings.append(Appointment(uuid4(), number, wall.astimezone(UTC)))


def row_of(town, lines, place, meeting):
    times = times_of(town, meeting)
    row = {"id": meeting.id, "group_id": town.groups[meeting.group], "series_id": lines[meeting.group], **times}
    return row | {"zone": ZONES[meeting.group % 4], "planned_on": BEGIN.date() + timedelta(days=place)}


def times_of(town, meeting):
    wall = meeting.starts_at.astimezone(town.zone(meeting.group)).replace(tzinfo=None)
    before = (wall - DAY).replace(tzinfo=town.zone(meeting.group))
    return {"starts_at": meeting.starts_at, "ends_at": meeting.starts_at + TWO_HOURS, "day_before_at": before}


def arrive(cursor, town, number, dice):
    town.clock[number] += 1
    wishes = {kind for kind in KINDS if dice.random() < 0.6}
    zone = dice.choice(ZONES) if dice.random() < 0.2 else ZONES[number % 4]
    quiet, id = dice.random() < 0.3, uuid4()
    person = Person(id, number, zone, quiet, wishes, 1000 + town.clock[number], f"{id.hex}@week.example")
    to = {"address": person.address, "language": dice.choice(["fr", "en"]), "zone": zone, "quiet": quiet}
    sealed = vault.seal_address(id, to | {"stop": id.hex})
    row = [str(id), str(town.groups[number]), id.hex, id.bytes, b"", sealed, *(kind in wishes for kind in KINDS)]
    cursor.execute(
        "insert into groups_membership (id, group_id, member_tag, name_mark, sealed_name, sealed_address, day_before,"
        " two_hours, changes, entered_at, asked_on) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, current_date)",
        [*row, person.entered],
    )
    town.people[id] = person


def leave(cursor, town, dice):
    person = dice.choice(list(town.people.values()))
    cursor.execute("delete from groups_membership where id = %s", [str(person.id)])
    del town.people[person.id]
    town.mails = {key: mail for key, mail in town.mails.items() if key[1] != person.id}


def change_mind(cursor, town, dice):
    person, kind = dice.choice(list(town.people.values())), dice.choice(KINDS)
    person.wishes ^= {kind}
    cursor.execute(f"update groups_membership set {kind} = not {kind} where id = %s", [str(person.id)])


def change_meeting(cursor, town, dice, now):
    coming = [meeting for meeting in town.meetings if meeting.starts_at > now and not meeting.cancelled]
    if not coming:
        return
    meeting = dice.choice(coming)
    town.clock[meeting.group] += 1
    meeting.notice, meeting.noticed_at = 1000 + town.clock[meeting.group], now
    if dice.random() < 0.4:
        meeting.cancelled = True
    else:
        meeting.starts_at += timedelta(minutes=dice.choice([-1440, -180, -60, 30, 60, 180, 1440, 2880]))
    changes = times_of(town, meeting) | {"notice": meeting.notice, "notice_at": now}
    changes |= {"cancelled_at": now if meeting.cancelled else None}
    assigned = ", ".join(f"{name} = %s" for name in changes)
    cursor.execute(f"update meetings_meeting set {assigned} where id = %s", [*changes.values(), str(meeting.id)])


def happen(cursor, town, dice, now):
    if dice.random() < 0.1:
        arrive(cursor, town, dice.randrange(GROUPS), dice)
    if dice.random() < 0.1:
        leave(cursor, town, dice)
    if dice.random() < 0.15:
        change_mind(cursor, town, dice)
    if dice.random() < 0.15:
        change_meeting(cursor, town, dice, now)


def test_a_week_over_a_change_of_clocks_is_as_calculated(committed, worker):
    dice = random.Random(8)  # noqa: S311
    with services.superuser(connection.settings_dict["NAME"]) as cursor:
        town = settled_town(cursor, dice)
        for number in range(TICKS):
            now = BEGIN + number * STEP
            worker(f"from datetime import datetime as d; tasks.reminders.send_due(d.fromisoformat('{now}'))")
            live_through(town, now)
            happen(cursor, town, dice, now + STEP / 2)
        rows = as_kept(cursor)

    assert len(rows) > 600
    assert {state for state, _ in rows.values()} >= {"sent", "void", "expired"}
    assert {kind for _, _, kind, _, _ in rows} == {"day_before", "two_hours", "changed", "cancelled"}
    assert rows == town.mails
    came = Counter(addresses())
    sent = Counter(town.people[key[1]].address for key, mail in town.mails.items() if mail[0] == "sent")
    assert {address: came[address] for address in sent} == sent


def as_kept(cursor):
    cursor.execute(
        "select meeting_id, membership_id, kind, starts_at, version, case state when 'due' then 'waits' else state end,"
        " coalesce(ended_at, next_try) from meetings_reminder"
    )
    return {(UUID(str(row[0])), UUID(str(row[1])), *row[2:5]): list(row[5:]) for row in cursor.fetchall()}


def addresses():
    """Of the mails that came; they are thrown away, so that the next test finds its own sooner."""
    for path in services.mailbox().glob("*.eml"):
        words = path.read_text()
        if "@week.example" in words:
            yield words.partition("X-RcptTo: ")[2].split()[0]
            path.unlink()
