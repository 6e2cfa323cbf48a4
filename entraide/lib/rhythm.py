"""The rhythms of regular meetings: their dates and their words. Times and zones are added by meetings/."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import count, takewhile

from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

WEEK = timedelta(weeks=1)


class Rhythm(TextChoices):
    ONCE = "once", _("Only once")
    WEEKLY = "weekly", _("Every week, on the same day")
    FORTNIGHTLY = "fortnightly", _("Every second week, on the same day")
    MONTHLY = "monthly", _("Every month, on the same weekday of the month (for example the 4th Tuesday)")
    MONTHLY_LAST = "monthly_last", _("Every month, on the last such weekday (for example the last Tuesday)")
    PICKED = "picked", _("On dates that we choose")


def dates_of(
    rhythm: str, first_on: date, until: date, *, picked: Sequence[date] = (), after: date = date.min
) -> list[date]:
    """Every date from the first to `until`, both included; of them those after `after`. `picked` are those of a
    rhythm that has no rule."""
    ways = {
        Rhythm.ONCE: lambda: iter([first_on]),
        Rhythm.WEEKLY: lambda: _every(WEEK, first_on, after),
        Rhythm.FORTNIGHTLY: lambda: _every(2 * WEEK, first_on, after),
        Rhythm.MONTHLY: lambda: _every_month(first_on, nth_of_month(first_on)),
        Rhythm.MONTHLY_LAST: lambda: _every_month(first_on, None),
        Rhythm.PICKED: lambda: iter(sorted(set(picked))),
    }
    rhythm = Rhythm(rhythm)
    last = first_on if rhythm == Rhythm.ONCE else until
    return [on for on in takewhile(lambda on: on <= last, ways[rhythm]()) if on > after]


def _every(step, first_on, after):
    """From the last one that is not after `after`: a series of many years is not counted from its beginning."""
    passed = max((after - first_on) // step, 0)
    return (first_on + step * number for number in count(passed))


def _every_month(first_on, nth) -> Iterator[date]:
    """The nth such weekday of each month that has one; the last one when `nth` is None."""
    for month in count(first_on.year * 12 + first_on.month - 1):
        start = date(month // 12, month % 12 + 1, 1)
        start += timedelta(days=(first_on.weekday() - start.weekday()) % 7)
        weeks = (_days_in(start) - start.day) // 7 if nth is None else nth - 1
        if start.day + 7 * weeks <= _days_in(start) and (on := start + weeks * WEEK) >= first_on:
            yield on


def rhythm_sentence(rhythm: str, first_on: date) -> str:
    return _sentence(Rhythm(rhythm), first_on.weekday(), nth_of_month(first_on), get_language())


@cache
def _sentence(rhythm, on, nth, _language):
    """Made once for each of them: a page of the directory tells twenty."""
    sentences = {
        Rhythm.ONCE: gettext("Only once"),
        Rhythm.WEEKLY: gettext("Every %(day)s"),
        Rhythm.FORTNIGHTLY: gettext("Every second %(day)s"),
        Rhythm.MONTHLY: _monthly_sentence(nth),
        Rhythm.MONTHLY_LAST: gettext("The last %(day)s of the month"),
        Rhythm.PICKED: gettext("On chosen dates"),
    }
    return sentences[rhythm] % {"day": str(WEEKDAYS[on])}


def nth_of_month(on: date) -> int:
    """1 for the first such weekday of its month, 5 for the fifth."""
    return (on.day - 1) // 7 + 1


def is_last_of_month(on: date) -> bool:
    return on.day + 7 > _days_in(on)


def _monthly_sentence(nth):
    return [
        gettext("The 1st %(day)s of the month"),
        gettext("The 2nd %(day)s of the month"),
        gettext("The 3rd %(day)s of the month"),
        gettext("The 4th %(day)s of the month"),
        gettext("The 5th %(day)s of the month"),
    ][nth - 1]


def _days_in(on):
    return monthrange(on.year, on.month)[1]
