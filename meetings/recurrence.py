"""From a series to its meetings. Wall time in the group's zone is the truth; instants are derived here, in Python only:
PostgreSQL reads the hour that exists twice on an autumn night the other way than `zoneinfo` does.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from entraide.lib.days import today
from entraide.lib.rhythm import dates_of
from meetings.models import Meeting, Series

AHEAD = timedelta(weeks=26)  # how far meetings exist before they take place


def instant(on: date, at: time, zone: str) -> datetime:
    """An hour that exists twice is the first one; an hour that does not exist is read before the change (RFC 5545),
    so that 02:30 shows as 03:30 that night."""
    return datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)


def meeting_on(series: Series, on: date) -> Meeting:
    starts_at = instant(on, series.starts, series.zone)
    return Meeting(
        group_id=series.group_id,
        series=series,
        format=series.format,
        zone=series.zone,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=series.minutes),
        day_before_at=instant(on - timedelta(days=1), series.starts, series.zone),
    )


def look_ahead(series: Series) -> list[Meeting]:
    """Make the meetings of the coming 26 weeks that do not exist yet. Past meetings never change."""
    until = min(today() + AHEAD, series.until or date.max)
    # the first date counts even when it lies beyond
    until = max(until, series.first_on)
    dates = dates_of(series.rhythm, series.first_on, until)
    made = [meeting_on(series, on) for on in dates if on > series.made_until]
    Meeting.objects.bulk_create(made, ignore_conflicts=True)
    series.made_until = until
    return made


def next_dates(rhythm: str, first_on: date, until: date | None, count: int = 6) -> list[date]:
    horizon = first_on + timedelta(days=7 * 5 * count)
    return dates_of(rhythm, first_on, min(horizon, until or horizon))[:count]
