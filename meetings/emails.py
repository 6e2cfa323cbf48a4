"""The four mails about meetings: a time, a city, a link to sign in. No group, theme, name or place, and nothing that
tells whether they were read."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from entraide.lib import letters, mail, times
from meetings.models import MailKind

QUIET_FROM, QUIET_UNTIL = 21, 8  # o'clock, where the person lives
SUBJECTS = {
    MailKind.DAY_BEFORE: gettext_noop("Appointment reminder"),
    MailKind.TWO_HOURS: gettext_noop("Appointment reminder"),
    MailKind.CHANGED: gettext_noop("Appointment changed"),
    MailKind.CANCELLED: gettext_noop("Appointment called off"),
}
REMINDED = gettext_noop("You have an appointment on %(the_day)s at %(time)s, %(city)s.")
SENTENCES = {
    MailKind.DAY_BEFORE: REMINDED,
    MailKind.TWO_HOURS: REMINDED,
    MailKind.CHANGED: gettext_noop("An appointment of yours has changed. It is on %(the_day)s at %(time)s, %(city)s."),
    MailKind.CANCELLED: gettext_noop("Your appointment on %(the_day)s at %(time)s, %(city)s, is called off."),
}
SAME_MOMENT = gettext_noop("That is on %(the_day)s at %(time)s, %(city)s.")


def addressed(row, to: dict) -> tuple[str, bytes]:
    """The address as mail servers write it, and the whole mail. `row` is ledger.Held, `to` its opened address. Raises
    mail.Refused, or ValueError and KeyError when the address was sealed for another version of this site."""
    address = mail.ascii_address(to["address"])
    letter = _letter(row.kind, row.starts_at, row.zone, to.get("zone") or row.zone, to["language"], "stop" in to)
    return address, letter.addressed(row.id, address, row.due_at, _stop_url(to) if "stop" in to else "")


def get_ready() -> None:
    """To name addresses every page of the site is read, once in a process: a third of a second, for which nobody who
    leaves waits behind a batch."""
    _around_token(settings.LANGUAGE_CODE)


def at_first_sight(kind, starts_at, zone, language) -> tuple[str, str]:
    """The subject and the first words: what a locked screen shows."""
    with translation.override(language):
        return gettext(SUBJECTS[kind]), gettext(SENTENCES[kind]) % _told(starts_at, zone)


def quiet_until(now: datetime, to: dict, zone: str) -> datetime | None:
    """When whoever wants quiet nights may be written to; None when that is now."""
    here = now.astimezone(ZoneInfo(to.get("zone") or zone))
    if not to.get("quiet") or QUIET_UNTIL <= here.hour < QUIET_FROM:
        return None
    day = here.date() + timedelta(days=here.hour >= QUIET_FROM)
    return datetime.combine(day, time(QUIET_UNTIL), here.tzinfo)


@lru_cache(maxsize=1024)
def _letter(kind, starts_at, zone, own_zone, language, can_stop) -> letters.Letter:
    """On the reader's own clock; and on that of the meeting, where that one shows another hour."""
    with translation.override(language):
        sentences = [gettext(SENTENCES[kind]) % _told(starts_at, own_zone)]
        if _offset(starts_at, zone) != _offset(starts_at, own_zone):
            sentences.append(gettext(SAME_MOMENT) % _told(starts_at, zone))
        context = {
            "subject": gettext(SUBJECTS[kind]),
            "sentences": sentences,
            "url": settings.SITE_URL + reverse("my_space"),
            "stop": letters.LINK if can_stop else "",
            "language": language,
        }
        text, html = (render_to_string(f"meetings/email/appointment.{end}", context) for end in ("txt", "html"))
        return letters.letter(context["subject"], text, html)


def _offset(moment, zone):
    return times.local(moment, zone).utcoffset()


def _told(moment, zone):
    return {"the_day": times.day(moment, zone), "time": times.clock(moment, zone), "city": times.city(zone)}


def _stop_url(to: dict) -> str:
    before, after = _around_token(to["language"])
    return f"{before}{to['stop']}{after}"


@lru_cache
def _around_token(language):
    with translation.override(language):
        return (settings.SITE_URL + reverse("stop_reminders", args=["TOKEN"])).split("TOKEN")
