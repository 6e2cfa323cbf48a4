"""Meetings of several groups in one list, on the clock of the member who reads it."""

from collections.abc import Iterable

from entraide.lib.times import city, hours
from groups.confidentiality import Inside
from meetings.models import Meeting


def with_groups(insides: Iterable[Inside], meetings: Iterable[Meeting], zone: str) -> list[dict]:
    """Each meeting with what is told of its group; `zone` is the reader's."""
    names = {inside.group.pk: inside.group.name for inside in insides}
    return [{"meeting": meeting, "told": _told(meeting, names[meeting.group_id], zone)} for meeting in meetings]


def _told(meeting, name, zone):
    """The group, and its own hours where its clock shows others."""
    theirs = hours(meeting.starts_at, meeting.ends_at, meeting.zone)
    if theirs == hours(meeting.starts_at, meeting.ends_at, zone):
        return name
    return f"{name} ({theirs}, {city(meeting.zone)})"
