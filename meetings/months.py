"""One month of one's own meetings, over all groups and on one's own clock: to be looked at rather than read."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from entraide.lib.times import local
from meetings.models import Meeting
from meetings.recurrence import AHEAD, instant


@dataclass(frozen=True)
class Day:
    on: date
    is_inside: bool  # the first and the last week reach into other months
    is_today: bool
    meetings: list[Meeting]


def month_of(text: str, zone: str) -> date:
    """The first day of the month that an address names (2026-12): from this month on, as far as meetings are made;
    anything else is this month."""
    now = timezone.now().astimezone(ZoneInfo(zone)).date()
    this, last = now.replace(day=1), (now + AHEAD).replace(day=1)
    try:
        wanted = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return wanted if this <= wanted <= last else this


def neighbours(first_on: date, zone: str) -> tuple[date | None, date | None]:
    """The months before and after, where there are any to look at."""
    around = first_on - timedelta(days=1), first_on + timedelta(days=31)
    before, after = (on.replace(day=1) for on in around)
    return tuple(on if month_of(f"{on:%Y-%m}", zone) == on else None for on in (before, after))


def bounds(first_on: date, zone: str) -> tuple[datetime, datetime]:
    """From its first midnight on that clock to the next month's."""
    following = (first_on + timedelta(days=31)).replace(day=1)
    return instant(first_on, time(0), zone), instant(following, time(0), zone)


def weeks(first_on: date, meetings: Iterable[Meeting], zone: str) -> list[list[Day]]:
    by_day = defaultdict(list)
    for meeting in meetings:
        by_day[local(meeting.starts_at, zone).date()].append(meeting)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    leaves = Calendar().monthdatescalendar(first_on.year, first_on.month)
    return [[Day(on, on.month == first_on.month, on == today, by_day[on]) for on in week] for week in leaves]
