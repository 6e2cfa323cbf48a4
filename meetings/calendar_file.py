"""Calendar files (RFC 5545) that say when, and nothing else: no group, no place, no words of anybody, no name of this
site. Other people see a calendar: over a shoulder, on a shared tablet, at work.

Times are in UTC, which every calendar shows on the clock of whoever looks: the name of a zone would tell a place. Each
meeting is an entry of its own, as it stands: what was moved or called off needs no exception to a rule.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from groups import own_keys
from meetings.calendar_address import Entry
from meetings.models import Meeting

ASK_AGAIN = timedelta(hours=6)  # how often calendars look for changes, those that heed it


def file_of(meeting: Meeting, reader: object) -> bytes:
    """Of one meeting. Taken once more after it was moved or called off, it takes the place of the former one."""
    calendar = _calendar()
    calendar.add_component(_event(meeting, reader, is_cancelled=meeting.is_cancelled))
    return calendar.to_ical()


def feed(entries: Iterable[Entry], reader: object) -> bytes:
    """What is not in it any more, calendars take away by themselves."""
    calendar = _calendar()
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for entry in entries:
        calendar.add_component(_event(entry, reader))
    return calendar.to_ical()


def _calendar():
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//-//-//EN")  # required, and nobody's name
    return calendar


def _event(entry, reader, *, is_cancelled=False):
    event = Event()
    event.add("uid", str(own_keys.calendar_entry(reader, entry.id)))
    event.add("sequence", entry.version)
    event.add("dtstamp", timezone.now().replace(microsecond=0))
    event.add("dtstart", entry.starts_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtend", entry.ends_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", _("Appointment"))
    event.add("class", "PRIVATE")
    if is_cancelled:
        event.add("status", "CANCELLED")
    return event
