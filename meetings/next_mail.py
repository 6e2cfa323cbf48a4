"""The next reminder of a person, as a locked screen will show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from groups.confidentiality import Inside, within_any
from meetings.models import Meeting

LOOKS_AHEAD = 20  # meetings: with fewer than that many groups that meet at once, the next reminder is among them


@dataclass(frozen=True)
class NextMail:
    at: datetime
    subject: str
    first_line: str


def of(member, insides: list[Inside]) -> NextMail | None:
    """None when nothing is planned, or nothing wanted."""
    memberships = {inside.group.pk: inside.membership for inside in insides if inside.membership.wants_mail}
    wanting = [inside for inside in insides if inside.group.pk in memberships]
    upcoming = within_any(wanting, Meeting).standing().upcoming()[:LOOKS_AHEAD] if wanting else ()
    moments = [(at, meeting) for meeting in upcoming for at in _moments(meeting, memberships[meeting.group_id])]
    if not moments:
        return None
    at, meeting = min(moments, key=lambda pair: pair[0])
    return NextMail(at, *_on_a_locked_screen(meeting, member))


def _moments(meeting, membership):
    wanted = [meeting.day_before_at] * membership.day_before
    wanted += [meeting.starts_at - timedelta(hours=2)] * membership.two_hours
    return [at for at in wanted if at > timezone.now()]


def _on_a_locked_screen(meeting, member):
    """The subject and the first words, in the language in which it will come."""
    with translation.override(member.language):
        text = render_to_string("meetings/email/reminder.txt", {"starts_at": meeting.starts_at, "zone": meeting.zone})
        return _("Appointment reminder"), text.strip().partition("\n")[0]
