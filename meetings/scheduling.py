"""What facilitators arrange: a series with its place, and a meeting called off."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from groups.confidentiality import Inside, find
from meetings import recurrence
from meetings.announcing import announce
from meetings.models import Meeting, Series

PLACE = ("place", "access_note", "link", "theme")
DATES = ("rhythm", "until", "format", "starts")


class AlreadyScheduled(Exception):
    """This form was confirmed before, with other dates or another place."""


def schedule(inside: Inside, series_id, plan: dict) -> Series:
    """Once: the id comes from the form, so that a form posted twice finds the series that is there."""
    series = Series(pk=series_id, group=inside.group, zone=inside.group.zone, first_on=plan["on"])
    for name in DATES:
        setattr(series, name, plan[name])
    series.minutes = minutes_between(plan["starts"], plan["ends"])
    series.sealed = inside.keyring.seal(_place_of(plan), "series", series.pk)
    series.made_until = plan["on"] - timedelta(days=1)
    try:
        with transaction.atomic():
            series.save(force_insert=True)
            recurrence.look_ahead(series)
            series.save(update_fields=["made_until"])
    except IntegrityError:
        return _scheduled_before(inside, series, plan)
    announce(inside.group.pk)
    return series


def _scheduled_before(inside, series, plan):
    """The same form once more; or, after the browser's Back, other dates under the same id: those are not lost."""
    kept = find(inside, Series, series.pk)
    same = all(getattr(kept, name) == getattr(series, name) for name in (*DATES, "first_on", "minutes"))
    if not same or inside.keyring.open(kept.sealed, "series", kept.pk) != _place_of(plan):
        raise AlreadyScheduled
    return kept


def _place_of(plan):
    return {name: plan[name] for name in PLACE}


def cancel(inside: Inside, meeting: Meeting) -> None:
    if meeting.is_cancelled:
        return
    meeting.cancelled_at = timezone.now()
    meeting.version += 1
    meeting.save(update_fields=["cancelled_at", "version"])
    announce(inside.group.pk)


def minutes_between(starts, ends) -> int:
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
