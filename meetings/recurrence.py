"""From a series to its meetings. Wall time in the group's zone is the truth; instants are derived here, in Python only:
PostgreSQL reads the hour that exists twice on an autumn night the other way than `zoneinfo` does.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.rhythm import Rhythm, dates_of
from meetings.models import Meeting, Series

AHEAD = timedelta(weeks=26)  # how far meetings exist before they take place
SHOWN = 6  # dates that are looked at before anything is kept

# A date that has its meeting already, moved or called off, keeps that one.
MAKE = """
    insert into meetings_meeting (id, group_id, series_id, format, kind, zone, seats, version,
        planned_on, wall_on, wall_starts, starts_at, ends_at, day_before_at)
    select gen_random_uuid(), s.group_id, s.id, s.format, s.kind, s.zone, s.seats, 1,
        m.planned_on, m.planned_on, s.starts, m.starts_at, m.ends_at, m.day_before_at
    from unnest(%s::uuid[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
        m (series_id, planned_on, starts_at, ends_at, day_before_at)
    join meetings_series s on s.id = m.series_id
    on conflict (series_id, planned_on) do nothing
"""
NOTE = """
    update meetings_series s set made_until = n.made_until
    from unnest(%s::uuid[], %s::date[]) n (id, made_until) where s.id = n.id
"""


class Night(models.TextChoices):
    """What a change of clocks does to a wall time; the rule is that of `instant`."""

    SKIPPED = "skipped", _("This hour does not exist that night: the clocks go forward, and the meeting with them.")
    TWICE = "twice", _("This hour exists twice that night: the clocks go back. The first one counts.")


def instant(on: date, at: time, zone: str) -> datetime:
    """An hour that exists twice is the first one; an hour that does not exist is read before the change (RFC 5545),
    so that 02:30 shows as 03:30 that night."""
    return datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)


def span(on: date, starts: time, ends: time, zone: str) -> tuple[datetime, datetime]:
    """Start and end of what was typed: as long as on any other day, whatever the clocks do in between."""
    starts_at = instant(on, starts, zone)
    return starts_at, starts_at + (datetime.combine(on, ends) - datetime.combine(on, starts))


def night_of(on: date, at: time, zone: str) -> Night | None:
    """None: this wall time exists once, as nearly always."""
    before, after = (datetime.combine(on, at.replace(fold=fold), ZoneInfo(zone)).utcoffset() for fold in (0, 1))
    if before == after:
        return None
    return Night.SKIPPED if before < after else Night.TWICE


def times_on(series: Series, on: date) -> tuple[datetime, datetime, datetime]:
    """Start, end, and the same wall time on the day before."""
    starts_at, day_before_at = start_and_day_before(on, series.starts, series.zone)
    return starts_at, starts_at + timedelta(minutes=series.minutes), day_before_at


def start_and_day_before(on: date, at: time, zone: str) -> tuple[datetime, datetime]:
    return instant(on, at, zone), instant(on - timedelta(days=1), at, zone)


def take_place(meeting: Meeting, on: date, at: time, minutes: int) -> None:
    """On that day, at that hour of the clocks of its zone."""
    meeting.wall_on, meeting.wall_starts = on, at
    meeting.starts_at, meeting.day_before_at = start_and_day_before(on, at, meeting.zone)
    meeting.ends_at = meeting.starts_at + timedelta(minutes=minutes)


def meeting_on(series: Series, on: date) -> Meeting:
    meeting = Meeting(group_id=series.group_id, series=series, planned_on=on, zone=series.zone)
    meeting.format, meeting.kind, meeting.seats = series.format, series.kind, series.seats
    take_place(meeting, on, series.starts, series.minutes)
    return meeting


def dates_between(series: Series, after: date, until: date) -> list[date]:
    """Those on which it meets: `until` is included, `after` is not."""
    dates = dates_of(series.rhythm, series.first_on, until, picked=series.picked, after=after)
    skipped = set(series.skipped)
    return [on for on in dates if on not in skipped]


def horizon(series: Series) -> date:
    """Up to which day its meetings have to exist today. The first date counts even when it lies beyond."""
    return min(max(today() + AHEAD, series.first_on), series.until or date.max)


def make_ahead(many: list[Series]) -> int:
    """Make the meetings that do not exist yet, of any number of series in two statements. Those that exist, and past
    ones above all, stay as they are. Returns how many were made."""
    if not many:
        return 0
    made = []
    for series in many:
        until = horizon(series)
        made += [(str(series.pk), on, *times_on(series, on)) for on in dates_between(series, series.made_until, until)]
        series.made_until = until
    with connection.cursor() as cursor:
        cursor.execute(MAKE, [list(column) for column in zip(*made, strict=True)] or [[]] * 5)
        count = cursor.rowcount
        cursor.execute(NOTE, [[str(series.pk) for series in many], [series.made_until for series in many]])
    return count


def next_dates(rhythm: str, first_on: date, until: date | None, picked: Iterable[date] = ()) -> list[date]:
    """The next six; of dates that somebody chose, all of them."""
    if rhythm == Rhythm.PICKED:
        return sorted(picked)
    far = first_on + timedelta(days=7 * 5 * SHOWN)
    return dates_of(rhythm, first_on, min(far, until or far))[:SHOWN]
