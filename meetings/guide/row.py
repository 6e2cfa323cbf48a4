"""One row of a list: what the public sheet of a group may say of it, or why it cannot be read.

Links to rooms, telephone numbers, pass codes, streets, notes and contacts are looked at where they tell how a group
meets, and never kept. The fields are those of github.com/code4recovery/spec; `attendance_option` is of its readers.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext, override

from entraide.lib.fields import PlainText
from entraide.lib.rhythm import Rhythm
from entraide.lib.times import canonical_zone, parse_time
from groups.models import Access, Format
from meetings.guide.address import place_of
from meetings.guide.fields import Unreadable, text_of

LONGEST_NAME = 255  # of the format; ours are shortened to what a sheet holds
LONGEST_FOR_WHOM = 220
AN_HOUR = 60  # minutes; what the format says of a meeting without an end
HALF_A_DAY = 12 * 60
MONDAY = date(2024, 1, 1)  # with the days after it, it stands for the weekdays
SPOKEN = {"FR": "fr", "EN": "en"}
OTHER_LANGUAGES = set("AM DA DE EL FA HE HI HR HU ITA JA KOR LT ML NO POL POR PUN RUS S SK SV TH TL TUR UK".split())
SIGNED = {"ASL", "QSL", "RSL"}
FORMATS = {"in_person": Format.IN_PERSON, "online": Format.ONLINE, "hybrid": Format.BOTH}
# A name and an address are shown to everybody: neither may hold what opens a room, nor a way to reach somebody.
NUMBERS = re.compile(r"\d{9}|\d{3}\W{1,2}\d{3}\W?\d{4}|(?:\d\d\W){4}\d\d|pass ?code|password|pwd", re.IGNORECASE)
ADDRESSES = re.compile(r"@[\w-]+\.\w|https?:|www\.", re.IGNORECASE)
ROOMS = re.compile(r"zoom|meet\.|webex|gotomeet|teams\.|skype|jitsi|whereby|bluejeans|freeconference", re.IGNORECASE)
PLAIN = PlainText(max_length=LONGEST_NAME)


@dataclass(frozen=True)
class Given:
    """What the person who imports says of the whole list; a row's own words come first."""

    source: str
    language: str = "en"
    zone: str = ""
    for_whom: str = ""
    lived_experience: str = "other"


@dataclass(frozen=True)
class Row:
    slug: str
    sheet: dict  # columns of Group
    url: str
    weekdays: list[int]  # 0 is Monday
    starts: time | None
    minutes: int


def read(row: object, given: Given) -> Row:
    """Raises Unreadable."""
    if not isinstance(row, dict):
        raise Unreadable("it is not an object")
    slug, name, types, place = _slug(row), _name(row), _types(row), place_of(row)
    weekdays, starts = _weekdays(row), _time(row, "time")
    if bool(weekdays) != bool(starts is not None):
        raise Unreadable("a day without a time" if weekdays else "a time without a day")
    meets, language = _format(row, types, place), _language(types, given)
    sheet = {
        "name": name,
        "for_whom": _for_whom(types, language, given),
        "lived_experience": given.lived_experience,
        "language": language,
        "format": meets,
        "city": place.city,
        "zone": _zone(row, place, given),
        "access": _access(row, types, meets),
    }
    sheet |= _rhythm(weekdays)
    return Row(slug, sheet, _url(row), weekdays, starts, _minutes(starts, _time(row, "end_time")))


def _slug(row):
    slug = row.get("slug")
    if isinstance(slug, int) and not isinstance(slug, bool):
        slug = str(slug)
    if slug is None or slug == "":
        raise Unreadable("slug is missing")
    return _plain({"slug": slug}, "slug", 200)


def _name(row):
    name = " ".join(_plain(row, "name", LONGEST_NAME).split())
    if NUMBERS.search(name) or ADDRESSES.search(name):
        raise Unreadable("name holds a number, an address or a link that is not for everybody")
    return name if len(name) <= 60 else f"{name[:59].rsplit(' ', 1)[0].rstrip(' ,;:-(')}…"


def _plain(row, name, most):
    text = text_of(row, name, most)
    if not text:
        raise Unreadable(f"{name} is missing")
    try:
        text = PLAIN.clean(text)
    except ValidationError:
        raise Unreadable(f"{name} holds signs that do not show", text) from None
    return text_of({name: text}, name, most)  # a sign may have become two


def _types(row):
    types = row.get("types")
    if types is None:
        return set()
    if not isinstance(types, list) or not all(isinstance(code, str) for code in types):
        raise Unreadable("types is not a list of codes")
    return {code.strip().upper() for code in types}


def _weekdays(row):
    days = row.get("day")
    if days in (None, ""):
        return []
    days = days if isinstance(days, list) else [days]
    # theirs begin on Sunday, ours on Monday
    return sorted({(_day(day) - 1) % 7 for day in days})


def _day(day):
    if isinstance(day, str) and day.strip() in set("0123456"):
        day = int(day)
    if not isinstance(day, int) or isinstance(day, bool) or not 0 <= day <= 6:
        raise Unreadable("day is not 0 to 6", day)
    return day


def _rhythm(weekdays):
    """Several days a week are no rhythm that a sheet of ours can have: the listing says them."""
    if len(weekdays) != 1:
        return {"rhythm": "", "rhythm_on": None}
    return {"rhythm": Rhythm.WEEKLY.value, "rhythm_on": MONDAY + timedelta(days=weekdays[0])}


def _time(row, name):
    text = text_of(row, name)
    try:
        return parse_time(text) if text else None
    except ValueError:
        raise Unreadable(f"{name} is not a time of the day", text) from None


def _minutes(starts, ends):
    if starts is None or ends is None:
        return AN_HOUR
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    minutes %= 24 * 60  # past midnight
    if not 0 < minutes <= HALF_A_DAY:
        raise Unreadable("end_time is no end of this meeting", f"{starts:%H:%M} to {ends:%H:%M}")
    return minutes


def _zone(row, place, given):
    named = text_of(row, "timezone")
    if not (named or given.zone or place.zone):
        raise Unreadable("no time zone, and the address tells none: say it with --zone")
    try:
        return canonical_zone(named or given.zone or place.zone)
    except ValueError:
        raise Unreadable("timezone does not exist", named) from None


def _format(row, types, place):
    """Who closes a place for a time says so with TC; `inactive` is what remains when there is no room online either."""
    option = text_of(row, "attendance_option").lower()
    if option in FORMATS:
        return FORMATS[option]
    online = "ONL" in types or bool(row.get("conference_url") or row.get("conference_phone"))
    in_person = "TC" not in types and (place.is_exact or not online)
    if option == "inactive" or not (online or in_person):
        raise Unreadable("it does not meet at present (TC or inactive)")
    if online and in_person:
        return Format.BOTH
    return Format.ONLINE if online else Format.IN_PERSON


def _language(types, given):
    spoken = {SPOKEN[code] for code in types & SPOKEN.keys()}
    if not spoken and types & OTHER_LANGUAGES:
        raise Unreadable("held in a language that this site does not speak", min(types & OTHER_LANGUAGES))
    return spoken.pop() if len(spoken) == 1 else given.language


def _access(row, types, meets):
    access = [Access.WHEELCHAIR] if "X" in types and meets != Format.ONLINE else []
    if row.get("conference_phone") and meets != Format.IN_PERSON:
        access.append(Access.PHONE)
    if types & SIGNED:
        access.append(Access.SIGN_LANGUAGE)
    return [choice.value for choice in access]


def _for_whom(types, language, given):
    """What the person who imports says of the list, and what the codes of the row add."""
    with override(language):
        audience = {
            "W": gettext("For women."),
            "M": gettext("For men."),
            "Y": gettext("For young people."),
            "SEN": gettext("For older people."),
            "LGBTQ": gettext("For LGBTQ people."),
            "C": gettext("Kept for the people concerned."),
            "O": gettext("Open to whoever wishes to come."),
        }
        whom = given.for_whom or gettext("A group of the list “%(source)s”.") % {"source": given.source}
    for code, words in audience.items():
        if code in types and len(whom) + len(words) < LONGEST_FOR_WHOM:
            whom += f" {words}"
    return whom


def _url(row):
    """The page of the row on the site of its list, unless it may open a room."""
    url, room = row.get("url"), row.get("conference_url")
    if not isinstance(url, str) or len(url) > 300 or not (url.isascii() and url.isprintable()):
        return ""
    if ROOMS.search(url) or NUMBERS.search(url):
        return ""
    try:
        URLValidator(["http", "https"])(url)
        same = isinstance(room, str) and urlsplit(room).hostname == urlsplit(url).hostname
    except (ValidationError, ValueError):
        return ""
    return "" if same or urlsplit(url).username else url
