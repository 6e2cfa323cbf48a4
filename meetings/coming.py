"""Optional replies to a meeting. Everybody sees their own; whoever facilitates sees a number; nobody sees a list."""

from entraide.lib.sql import answer
from groups.confidentiality import Inside, within
from meetings.models import Meeting, Rsvp


def own_reply(inside: Inside, meeting: Meeting) -> str | None:
    reply = within(inside, Rsvp).filter(meeting=meeting, membership=inside.membership).first()
    return None if reply is None else "yes" if reply.coming else "no"


def say(inside: Inside, meeting: Meeting, coming: bool | None) -> None:
    """None takes the reply back."""
    if coming is None:
        within(inside, Rsvp).filter(meeting=meeting, membership=inside.membership).delete()
        return
    reply = Rsvp(group=inside.group, meeting=meeting, membership=inside.membership, coming=coming)
    Rsvp.objects.bulk_create(
        [reply], update_conflicts=True, unique_fields=["meeting", "membership"], update_fields=["coming"]
    )


def count_coming(meeting: Meeting) -> int:
    """0 for somebody who does not facilitate: the database answers the same."""
    return answer("select app.planning_to_come(%s)", meeting.pk)
