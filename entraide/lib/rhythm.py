"""The rhythms of regular meetings: their dates and their words. Times and zones are added by meetings/."""

from calendar import monthrange
from datetime import date, datetime
from functools import cache

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday
from django.db.models import TextChoices
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _


class Rhythm(TextChoices):
    ONCE = "once", _("Only once")
    WEEKLY = "weekly", _("Every week, on the same day")
    FORTNIGHTLY = "fortnightly", _("Every second week, on the same day")
    MONTHLY = "monthly", _("Every month, on the same weekday of the month (for example the 4th Tuesday)")
    MONTHLY_LAST = "monthly_last", _("Every month, on the last such weekday (for example the last Tuesday)")


def dates_of(rhythm: str, first_on: date, until: date) -> list[date]:
    """Every date from the first to `until`, both included."""
    on = weekday(first_on.weekday())
    rules = {
        Rhythm.ONCE: dict(freq=DAILY, count=1),
        Rhythm.WEEKLY: dict(freq=WEEKLY),
        Rhythm.FORTNIGHTLY: dict(freq=WEEKLY, interval=2),
        Rhythm.MONTHLY: dict(freq=MONTHLY, byweekday=on(nth_of_month(first_on))),
        Rhythm.MONTHLY_LAST: dict(freq=MONTHLY, byweekday=on(-1)),
    }
    rule = rules[Rhythm(rhythm)]
    if "count" not in rule:
        rule["until"] = _midnight(until)
    return [moment.date() for moment in rrule(dtstart=_midnight(first_on), **rule)]


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


def _midnight(on):
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001  (a day of the calendar, in no zone)
