"""What facilitators arrange: a series with its place, and a meeting called off."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from entraide.lib.rhythm import Rhythm
from groups.confidentiality import Inside, within
from groups.models import Group
from meetings import recurrence
from meetings.models import Meeting, Series

PLACE = ("place", "access_note", "link", "theme")


def schedule(inside: Inside, series_id, plan: dict) -> Series:
    """Once: the id comes from the form, so that a form posted twice finds the series that is there."""
    series = Series(pk=series_id, group=inside.group, zone=inside.group.zone, first_on=plan["on"])
    for name in ("rhythm", "until", "format", "starts"):
        setattr(series, name, plan[name])
    series.minutes = minutes_between(plan["starts"], plan["ends"])
    series.sealed = inside.keyring.seal({name: plan[name] for name in PLACE}, "series", series.pk)
    series.made_until = plan["on"] - timedelta(days=1)
    try:
        with transaction.atomic():
            series.save(force_insert=True)
            recurrence.look_ahead(series)
            series.save(update_fields=["made_until"])
    except IntegrityError:
        return series
    announce_next(inside)
    return series


def cancel(inside: Inside, meeting: Meeting) -> None:
    meeting.cancelled_at = timezone.now()
    meeting.version += 1
    meeting.save(update_fields=["cancelled_at", "version"])
    announce_next(inside)


def announce_next(inside: Inside) -> None:
    """Keep the public sheet true: the next regular meeting, else the next one (as meetings/upkeep.py)."""
    standing = within(inside, Meeting).standing().upcoming().select_related("series")
    upcoming = standing.exclude(series__rhythm=Rhythm.ONCE).first() or standing.first()
    group: Group = inside.group
    group.next_starts_at = upcoming.starts_at if upcoming else None
    group.next_ends_at = upcoming.ends_at if upcoming else None
    if upcoming and upcoming.series.rhythm != Rhythm.ONCE:
        group.rhythm, group.rhythm_on = upcoming.series.rhythm, upcoming.series.first_on
    group.save(update_fields=["next_starts_at", "next_ends_at", "rhythm", "rhythm_on"])


def minutes_between(starts, ends) -> int:
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
