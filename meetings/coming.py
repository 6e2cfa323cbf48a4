"""Optional replies to a meeting. Everybody sees their own; whoever facilitates, this meeting alone or all of them, sees
numbers; nobody sees a list.

Where places are counted, those who said it first have one and the others wait. That is counted anew at each look
(meetings/migrations/0021): a place that comes free is the next one's at once.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.http import Http404

from entraide.lib.sql import answer, answers
from groups.confidentiality import Inside, within
from meetings.hosting import hosts
from meetings.models import Meeting, Rsvp


class Replies(NamedTuple):
    """As the one who asks may know them."""

    own: bool | None  # whether they plan to come; None: they did not say
    waits: bool  # they plan to, and wait for a place
    is_full: bool
    coming: int | None  # None, and the next one too, for somebody who does not facilitate
    waiting: int | None


def replies_to(inside: Inside, meeting: Meeting) -> Replies:
    """Raises Http404 when the meeting was taken away meanwhile, or the one who asks has left."""
    rows = answers("select * from app.replies_to(%s)", meeting.pk)
    if not rows:
        raise Http404
    replies = Replies(*rows[0])
    may_count = replies.coming is not None and (inside.rights.facilitate or hosts(inside, meeting))
    return replies if may_count else replies._replace(coming=None, waiting=None)


def full_ones(meetings: Iterable[Meeting]) -> set[UUID]:
    """Those where whoever comes now has to wait."""
    few = [meeting.pk for meeting in meetings if meeting.seats]
    asked = "select id from unnest(%s::uuid[]) id, app.replies_to(id) replies where replies.is_full"
    return {pk for (pk,) in answers(asked, few)} if few else set()


def say(inside: Inside, meeting: Meeting, coming: bool | None) -> bool:
    """None takes the reply back. False when the meeting takes none any more."""
    if coming is None:
        within(inside, Rsvp).filter(meeting=meeting, membership=inside.membership).delete()
        return True
    return answer("select app.say_coming(%s, %s)", meeting.pk, coming)
