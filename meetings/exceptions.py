"""What is said of one date alone: moved, changed, called off. It stays when the series changes; what is over stays as
it was."""

from datetime import datetime

from django.utils import timezone

from entraide.lib.times import local
from groups.confidentiality import Inside, within
from meetings import recurrence, scheduling, where
from meetings.announcing import announce
from meetings.models import Meeting
from meetings.scheduling import ChangedMeanwhile, minutes_between

DETAILS = ("kind", "format", "seats")
CHANGED = (
    "wall_on wall_starts starts_at ends_at day_before_at moved_at kind format seats changed_at sealed version"
).split()
CHANGED += scheduling.TOLD
WHERE = ("format", "place", "link")


def cancel(inside: Inside, meeting: Meeting, *, version: int) -> None:
    """`version` is the one that the facilitator had before their eyes; raises ChangedMeanwhile when it is another one
    and the meeting still stands."""
    if meeting.is_cancelled:
        return  # the same button once more
    if meeting.version != version:
        raise ChangedMeanwhile
    scheduling.call_off(meeting)
    scheduling.tell_members(meeting)
    meeting.save(update_fields=scheduling.TOLD)
    announce(inside.group.pk)


def change(inside: Inside, meeting: Meeting, words: dict, *, version: int) -> None:
    """Another hour, another day, another place. `version` is the one that the facilitator had before their eyes;
    raises ChangedMeanwhile when it is another one and says something else."""
    if meeting.version != version and _says(inside, meeting, words):
        return  # the same form once more
    if meeting.version != version or not meeting.is_open_to_change:
        raise ChangedMeanwhile
    if _matters(inside, meeting, words):
        scheduling.tell_members(meeting)
    _move(meeting, words)
    _describe(inside, meeting, words)
    meeting.version += 1
    meeting.save(update_fields=CHANGED)
    announce(inside.group.pk)


def words_now(inside: Inside, meeting: Meeting) -> dict:
    """As a form shows them."""
    starts, ends = (local(moment, meeting.zone) for moment in (meeting.starts_at, meeting.ends_at))
    times = {"on": starts.date(), "starts": starts.time(), "ends": ends.time()}
    return times | {name: getattr(meeting, name) for name in DETAILS} | where.words_of(inside, meeting)


def times_of(meeting: Meeting, words: dict) -> tuple[datetime, datetime]:
    """Start and end as they were typed, on the clock of the meeting."""
    return recurrence.span(words["on"], words["starts"], words["ends"], meeting.zone)


def is_taken(inside: Inside, meeting: Meeting, words: dict) -> bool:
    """Whether another meeting of the group takes place then, at least in part."""
    starts_at, ends_at = times_of(meeting, words)
    others = within(inside, Meeting).standing().exclude(pk=meeting.pk)
    return others.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists()


def _says(inside, meeting, words):
    same = all(getattr(meeting, name) == words[name] for name in DETAILS)
    same = same and times_of(meeting, words) == (meeting.starts_at, meeting.ends_at)
    return same and where.words_of(inside, meeting) == {name: words[name] for name in where.BLANK}


def _matters(inside, meeting, words):
    """Whether people would go elsewhere, or at another hour: nobody is written to for a theme or a number of seats."""
    now = words_now(inside, meeting)
    moved = times_of(meeting, words) != (meeting.starts_at, meeting.ends_at)
    return moved or any(now[name] != words[name] for name in WHERE)


def _move(meeting, words):
    """Back at its planned time, it follows its series again."""
    was, now = (meeting.starts_at, meeting.ends_at), times_of(meeting, words)
    if now == was:
        return
    minutes = minutes_between(words["starts"], words["ends"])
    recurrence.take_place(meeting, words["on"], words["starts"], minutes)
    planned = recurrence.times_on(meeting.series, meeting.planned_on)[:2]
    meeting.moved_at = None if now == planned else timezone.now()


def _describe(inside, meeting, words):
    """Back to what its series says, it follows it again."""
    said = {name: words[name] for name in where.BLANK}
    details = {name: words[name] for name in DETAILS}
    for name, value in details.items():
        setattr(meeting, name, value)
    as_series = details == {name: getattr(meeting.series, name) for name in DETAILS}
    if as_series and said == where.words_of(inside, meeting.series):
        meeting.changed_at = meeting.sealed = None
    else:
        meeting.changed_at = meeting.changed_at or timezone.now()
        where.seal_words(inside, meeting, said)
