"""The next reminder of a person, as a locked screen will show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from groups.confidentiality import Inside, within_any
from meetings import emails
from meetings.ledger import MARGIN
from meetings.models import MailKind, Meeting

LOOKS_AHEAD = 20  # meetings: with fewer than that many groups that meet at once, the next reminder is among them


@dataclass(frozen=True)
class NextMail:
    at: datetime
    subject: str
    first_words: str


def of(member, insides: list[Inside]) -> NextMail | None:
    """None when nothing is planned, or nothing wanted."""
    memberships = {inside.group.pk: inside.membership for inside in insides if _is_reached(inside.membership)}
    wanting = [inside for inside in insides if inside.group.pk in memberships]
    upcoming = within_any(wanting, Meeting).standing().upcoming()[:LOOKS_AHEAD] if wanting else ()
    found = [one for meeting in upcoming for one in _reminders(member, meeting, memberships[meeting.group_id])]
    if not found:
        return None
    at, kind, meeting = min(found, key=lambda one: one[0])
    return NextMail(at, *emails.at_first_sight(kind, meeting.starts_at, member.time_zone, member.language))


def _is_reached(membership):
    return membership.wants_mail and membership.address_refused_at is None


def _reminders(member, meeting, membership):
    """As the worker will send them: after a night that is to be quiet, and not too late."""
    wanted = [(meeting.day_before_at, MailKind.DAY_BEFORE)] * membership.day_before
    wanted += [(meeting.starts_at - timedelta(hours=2), MailKind.TWO_HOURS)] * membership.two_hours
    to = {"quiet": member.quiet, "zone": member.time_zone}
    for due_at, kind in wanted:
        at = emails.quiet_until(due_at, to, meeting.zone) or due_at
        if due_at > timezone.now() and at < meeting.starts_at - MARGIN:
            yield at, kind, meeting
