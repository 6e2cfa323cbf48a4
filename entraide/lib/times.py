"""Days and hours as people write and read them, in both languages. UTC and rhythms are computed elsewhere.

Writing follows the language that is active; reading accepts both languages at once, whatever the page's.
"""

import re
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import dates, translation
from django.utils.timezone import is_aware
from django.utils.translation import gettext, gettext_lazy, pgettext

from entraide.lib.words import folded

NBSP = "\u00a0"

# Old names of a zone, kept by browsers and by habit: stored under one name so that two rows compare. By hand: the
# links of the IANA database tell no old name from a city that shares a clock (Stockholm would become Berlin).
_ZONE_ALIASES = {
    "America/Montreal": "America/Toronto",
    "Canada/Eastern": "America/Toronto",
    "Canada/Atlantic": "America/Halifax",
    "Canada/Central": "America/Winnipeg",
    "Canada/Mountain": "America/Edmonton",
    "Canada/Newfoundland": "America/St_Johns",
    "Canada/Pacific": "America/Vancouver",
    "US/Central": "America/Chicago",
    "US/Eastern": "America/New_York",
    "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles",
}
# The zone's own name says Toronto or Brussels: people here say these.
_CITIES = {
    "America/Toronto": gettext_lazy("Montréal"),
    "America/Montreal": gettext_lazy("Montréal"),
    "America/St_Johns": "St. John’s",
    "Europe/Brussels": gettext_lazy("Brussels"),
}
_NAMED_HOURS = {"midi": time(12), "noon": time(12), "minuit": time(0), "midnight": time(0)}
_CLOCK = re.compile(r"([0-9]{1,2})\s*(?:(?:heures?|h|:)\s*([0-9]{2})?)?\s*(?:min)?\s*(?:([ap])\.?\s*m\.?)?")
_NUMERIC_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_NUMERIC_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")
_WORDS_DAY_FIRST = re.compile(r"(?:[a-z]+ )*([0-9]{1,2})(?:er|st|nd|rd|th)? ([a-z]{3,})\.? ([0-9]{4})")
_WORDS_MONTH_FIRST = re.compile(r"(?:[a-z]+ )*?([a-z]{3,})\.? ([0-9]{1,2})(?:st|nd|rd|th)? ([0-9]{4})")


def canonical_zone(name: str) -> str:
    """The one name under which a zone is kept; ValueError when there is no such zone."""
    name = _ZONE_ALIASES.get(name, name)
    if name not in zones():
        raise ValueError(f"no such time zone: {name!r}")
    return name


@cache
def zones() -> frozenset[str]:
    """Of the world, and not of one machine: PostgreSQL has to know them too."""
    return frozenset(available_timezones() - {"localtime"})


def local(moment: date | datetime, zone: str | None = None) -> date | datetime:
    """A moment on the clock of that zone; a plain date stays as it is."""
    if zone and isinstance(moment, datetime) and is_aware(moment):
        return moment.astimezone(ZoneInfo(zone))
    return moment


def day(moment: date | datetime, zone: str | None = None) -> str:
    """« mardi 24 novembre 2026 », "Tuesday, November 24, 2026"."""
    moment = local(moment, zone)
    comma = "" if _in_french() else ","
    return f"{weekday(moment)}{comma} {_day_and_month(moment)}{comma} {moment.year}"


def short_day(moment: date | datetime, zone: str | None = None) -> str:
    """« 24 novembre », "November 24"."""
    return _day_and_month(local(moment, zone))


def weekday(moment: date | datetime) -> str:
    return str(dates.WEEKDAYS[moment.weekday()])


def month(moment: date | datetime) -> str:
    return str(dates.MONTHS[moment.month])


def clock(moment: time | datetime, zone: str | None = None) -> str:
    """« 19 h 30 », « 19 h »; "7:30 p.m.", "7:00 p.m."."""
    moment = local(moment, zone) if isinstance(moment, datetime) else moment
    if _in_french():
        minutes = f"{NBSP}{moment.minute:02}" if moment.minute else ""
        return f"{moment.hour}{NBSP}h{minutes}"
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{NBSP}{'a.m.' if moment.hour < 12 else 'p.m.'}"


def hours(starts_at: datetime, ends_at: datetime | None, zone: str | None = None) -> str:
    """« 19 h à 20 h 30 », "7:00 p.m. to 8:30 p.m."."""
    if ends_at is None:
        return clock(starts_at, zone)
    return gettext("%(start)s to %(end)s") % {"start": clock(starts_at, zone), "end": clock(ends_at, zone)}


def city(zone: str) -> str:
    """« heure de Montréal », "Montréal time": the clock a time is told on."""
    name = str(_CITIES.get(zone, zone.rpartition("/")[2].replace("_", " ")))
    if folded(name)[:1] in "aeiou":
        return pgettext("the city starts with a vowel", "%(city)s time") % {"city": name}
    return gettext("%(city)s time") % {"city": name}


def is_elsewhere(moment: datetime, zone: str, own_zone: str) -> bool:
    """Whether the clock of whoever looks shows another time then."""
    return local(moment, own_zone).utcoffset() != local(moment, zone).utcoffset()


def parse_time(text: str) -> time:
    """19 h 30, 19h30, 19:30, 19h, 7:30 pm, midi. ValueError for anything that could be read two ways."""
    plain = folded(text)
    if plain in _NAMED_HOURS:
        return _NAMED_HOURS[plain]
    match = _CLOCK.fullmatch(plain)
    if not match:
        raise ValueError("not a time")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        return time(_on_24_hours(hour, half), minute)
    if plain.isdigit() and hour < 13:  # "7" alone: of the morning or of the evening?
        raise ValueError("morning or evening?")
    return time(hour, minute)


def parse_date(text: str) -> date:
    """24/11/2026 (day first, always), 2026-11-24, 24 novembre 2026, November 24, 2026; or ValueError."""
    plain = folded(text.replace(",", " "))
    if match := _NUMERIC_DAY_FIRST.fullmatch(plain):
        return date(int(match[3]), int(match[2]), int(match[1]))
    if match := _NUMERIC_YEAR_FIRST.fullmatch(plain):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _WORDS_DAY_FIRST.fullmatch(plain):
        return date(int(match[3]), _month_number(match[2]), int(match[1]))
    if match := _WORDS_MONTH_FIRST.fullmatch(plain):
        return date(int(match[3]), _month_number(match[1]), int(match[2]))
    raise ValueError("not a date")


def _in_french() -> bool:
    return (translation.get_language() or "fr").startswith("fr")


def _day_and_month(moment: date) -> str:
    if _in_french():
        return f"{'1er' if moment.day == 1 else moment.day}{NBSP}{month(moment)}"
    return f"{month(moment)}{NBSP}{moment.day}"


def _on_24_hours(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        raise ValueError("not an hour of a 12-hour clock")
    return hour % 12 + (12 if half == "p" else 0)


def _month_number(word: str) -> int:
    """The one month whose name starts so, in either language: « nov », "november"; or ValueError."""
    found = set()
    for language in ("fr", "en"):
        with translation.override(language):
            found |= {number for number, name in dates.MONTHS.items() if folded(str(name)).startswith(word)}
    if len(found) != 1:
        raise ValueError("not a month")
    return found.pop()
