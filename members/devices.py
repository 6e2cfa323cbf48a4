"""The browsers in which somebody is signed in: what a device is said to be at sign-in, the list, and closing them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from ua_parser import parse_os, parse_user_agent

from entraide.lib.days import today
from members.models import Member, Session
from members.sessions import SessionStore, handle, open_device, owner_tag, row_name

ANSWER = "device_is_personal"  # waits in the session from the form until the code is right
LONGEST_READ, LONGEST_NAME = 400, 40  # the header is anybody's text
# "Mobile Safari", "Chrome Mobile iOS": the system is said beside it
SAID_TWICE = re.compile(r"\b(Mobile|iOS|WebView|UI/WKWebView)\b|^Headless")


@dataclass(frozen=True)
class Device:
    handle: UUID
    name: str  # empty when the browser did not say
    since: date | None
    is_personal: bool
    is_here: bool


def keep_answer(session: SessionStore, *, is_personal: bool) -> None:
    session[ANSWER] = is_personal


def take_answer(session: SessionStore) -> bool:
    """No answer counts as shared."""
    return session.pop(ANSWER, False) is True


def note_sign_in(session: SessionStore, user_agent: str, *, is_personal: bool) -> None:
    session["device"] = {"name": rough_name(user_agent), "since": today().isoformat()}
    session["signed_in_at"] = timezone.now().isoformat()
    declare(session, is_personal=is_personal)


def declare(session: SessionStore, *, is_personal: bool) -> None:
    """The 14 days of one's own device are counted from the sign-in: saying it again does not make them longer."""
    since = datetime.fromisoformat(session.setdefault("signed_in_at", timezone.now().isoformat()))
    session.set_expiry(since + timedelta(seconds=settings.SESSION_COOKIE_AGE) if is_personal else None)


def rough_name(user_agent: str) -> str:
    """ "Firefox, Android": enough to tell one's telephone from a library's computer. No version and no model."""
    browser, system = parse_user_agent(user_agent[:LONGEST_READ]), parse_os(user_agent[:LONGEST_READ])
    names = [SAID_TWICE.sub("", browser.family).strip()] if browser else []
    names += [system.family.replace("Mac OS X", "macOS")] if system else []
    return ", ".join(names)[:LONGEST_NAME]


def open_devices(member: Member, *, here: str) -> list[Device]:
    """This browser first, then the newest. `here` is the session key of the request."""
    opened = ((row, open_device(row)) for row in _rows(member))
    devices = [_device(row, known, row_name(here)) for row, known in opened if known]
    return sorted(devices, key=lambda one: (one.is_here, one.since or date.min, one.name, one.handle), reverse=True)


def close_device(member: Member, wanted: UUID, *, but: str) -> bool:
    """Whether there was such a session of theirs to close, other than that with the session key `but`."""
    rows = [row.pk for row in _rows(member).exclude(pk=row_name(but)) if handle(row) == wanted]
    closed, _ = Session.objects.filter(pk__in=rows).delete()
    return closed > 0


def close_sessions(member: Member, *, but: str = "") -> None:
    """Sign somebody out at once, in every browser or in all but the one with the session key `but`.

    Whoever closes the session of the request too calls `logout(request)` besides: Django would want to save it.
    """
    _rows(member).exclude(pk=row_name(but)).delete()


def _rows(member) -> QuerySet[Session]:
    return Session.objects.filter(owner=owner_tag(member.pk))


def _device(row, known, here):
    since = date.fromisoformat(known["since"]) if "since" in known else None
    return Device(handle(row), known.get("name", ""), since, known["personal"], row.pk == here)
