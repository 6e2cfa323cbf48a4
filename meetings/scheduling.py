"""What facilitators arrange: a series with its place, from a date on another one, and a series that ends.

What concerns one date alone is in exceptions.py. The caller holds the group's clock: one change at a time.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from entraide.lib.sql import answers
from groups.confidentiality import Inside, find, within
from meetings import recurrence, where
from meetings.announcing import announce
from meetings.models import Kind, Meeting, Series

DATES = ("rhythm", "until", "picked", "skipped", "format", "kind", "seats", "starts")
PLAIN = {"kind": Kind.REGULAR, "seats": None, "picked": [], "skipped": []}
HANDED_ON = (
    "series planned_on format kind seats zone wall_on wall_starts starts_at ends_at day_before_at"
    " moved_at changed_at sealed version notice notice_at"
).split()
TOLD = ["notice", "notice_at"]
# From that long before it begins somebody may have been reminded of it: it is crossed out, where they see it.
REMINDED = timedelta(hours=26)


class AlreadyScheduled(Exception):
    """This form was confirmed before, with other dates or another place."""


class ChangedMeanwhile(Exception):
    """What stands there is not what the facilitator had before their eyes: somebody else was faster."""


def schedule(inside: Inside, series_id, plan: dict) -> Series:
    """Once: the id comes from the form, so that a form posted twice finds the series that is there."""
    return _once(inside, _planned(inside, series_id, plan), lambda series: None)


def change_from(inside: Inside, meeting: Meeting, series_id, plan: dict, *, seen: tuple[int, int]) -> Series:
    """This meeting and those that follow it: the rest of its series becomes one of its own. What was said of one date
    alone stays, and what took place stays with the former series.

    `seen` are the versions of the meeting and of its series that the facilitator had before their eyes.
    """

    def take_over(series):
        former = _hold_series(inside, meeting)
        if (meeting.version, former.version) != seen or not meeting.is_open_to_change:
            raise ChangedMeanwhile
        _hand_on(inside, meeting, former, series)
        _end_before(former, meeting)

    return _once(inside, _planned(inside, series_id, plan), take_over)


def cancel_from(inside: Inside, meeting: Meeting, *, seen: tuple[int, int]) -> None:
    """This meeting and those that follow it. This one stays where people look for it, crossed out. `seen` as above;
    raises ChangedMeanwhile when it is not what stands there."""
    former = _hold_series(inside, meeting)
    if meeting.is_cancelled and former.until and former.until < meeting.planned_on:
        return  # the same button once more
    if (meeting.version, former.version) != seen or meeting.is_cancelled:
        raise ChangedMeanwhile
    _end_before(former, meeting)
    _drop(_following(inside, meeting), besides=meeting)
    meeting.refresh_from_db()
    tell_members(meeting)
    meeting.save(update_fields=TOLD)
    announce(inside.group.pk)


def call_off(meeting: Meeting) -> None:
    """Nobody is reminded of it from here on."""
    meeting.cancelled_at = timezone.now()
    meeting.version += 1
    meeting.save(update_fields=["cancelled_at", "version"])


def tell_members(meeting: Meeting) -> None:
    """By mail, those who want to know of changes and are inside by now; of several changes, the last one. To be saved.
    Nobody is left out: who made the change is not noted."""
    ((meeting.notice, meeting.notice_at),) = answers("select app.tick(%s), now()", meeting.group_id)


def minutes_between(starts, ends) -> int:
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute


def _once(inside, series, take_over):
    if within(inside, Series).filter(pk=series.pk).exists():
        return _scheduled_before(inside, series)
    try:
        with transaction.atomic():
            series.save(force_insert=True)
            take_over(series)
            recurrence.make_ahead([series])
    except IntegrityError:  # an id of another group
        raise Http404 from None
    announce(inside.group.pk)
    return series


def _planned(inside, series_id, plan):
    plan = PLAIN | plan
    series = Series(pk=series_id, group=inside.group, zone=inside.group.zone, first_on=plan["on"])
    for name in DATES:
        setattr(series, name, plan[name])
    series.minutes = minutes_between(plan["starts"], plan["ends"])
    series.made_until = plan["on"] - timedelta(days=1)
    where.seal_words(inside, series, plan)
    return series


def _scheduled_before(inside, series):
    """The same form once more; or, after the browser's Back, other dates under the same id: those are not lost."""
    kept = find(inside, Series, series.pk)
    same = all(getattr(kept, name) == getattr(series, name) for name in (*DATES, "first_on", "minutes"))
    if not same or where.words_of(inside, kept) != where.words_of(inside, series):
        raise AlreadyScheduled
    return kept


def _hold_series(inside, meeting) -> Series:
    """The worker, which makes meetings ahead, waits or passes by."""
    return within(inside, Series).select_for_update(no_key=True).get(pk=meeting.series_id)


def _following(inside, meeting) -> QuerySet[Meeting]:
    return within(inside, Meeting).filter(series=meeting.series_id, planned_on__gte=meeting.planned_on)


def _end_before(series, meeting):
    series.until = meeting.planned_on - timedelta(days=1)
    series.version += 1
    series.save(update_fields=["until", "version"])


def _hand_on(inside, first, former, series):
    """The meetings to come, to the series that takes over. A date that it does not have any more loses its meeting."""
    now, following = timezone.now(), list(_following(inside, first).order_by("planned_on"))
    coming = [meeting for meeting in following if meeting.starts_at > now]
    was = _when_and_where(inside, former, coming)
    _skip(series, [meeting.planned_on for meeting in following if meeting.starts_at <= now])
    _lead(first, coming, series)
    dates = set(recurrence.dates_between(series, series.made_until, recurrence.horizon(series)))
    kept = [meeting for meeting in coming if meeting.planned_on in dates or meeting.is_own]
    for meeting in kept:
        _follow(meeting, series, dates)
    if _when_and_where(inside, series, kept) != was:
        for meeting in [meeting for meeting in kept if not meeting.is_cancelled][:1]:  # one notice for them all
            tell_members(meeting)
    within(inside, Meeting).bulk_update(kept, HANDED_ON)
    _drop(within(inside, Meeting).filter(pk__in=[meeting.pk for meeting in coming if meeting not in kept]))


def _when_and_where(inside, series, meetings):
    """What members are told of: nobody is written to for a theme or a number of seats."""
    words = [where.words_of(inside, series if meeting.sealed is None else meeting) for meeting in meetings]
    return [
        (meeting.starts_at, meeting.ends_at, meeting.format, said["place"], said["link"])
        for meeting, said in zip(meetings, words, strict=True)
    ]


def _skip(series, dates):
    """Their meetings were moved forward and have taken place."""
    if dates:
        series.skipped = sorted({*series.skipped, *dates})
        series.save(update_fields=["skipped"])


def _lead(first, coming, series):
    """The meeting from which on it changes is the first one of the new series, on another date too: its page stays.
    What was said of it alone is said anew."""
    taken = {meeting.planned_on for meeting in coming} | set(series.skipped)
    for meeting in coming:
        if meeting == first:
            meeting.moved_at = meeting.changed_at = meeting.sealed = None
            meeting.planned_on = meeting.planned_on if series.first_on in taken else series.first_on


def _follow(meeting, series, dates):
    meeting.series = series
    meeting.version += 1
    if not meeting.changed_at:
        meeting.format, meeting.kind, meeting.seats = series.format, series.kind, series.seats
    if meeting.planned_on in dates and not (meeting.moved_at or meeting.cancelled_at):
        meeting.zone = series.zone
        recurrence.take_place(meeting, meeting.planned_on, series.starts, series.minutes)


def _drop(meetings, besides=None):
    """Those that somebody may have been reminded of stay, called off; the others are as if they had never been."""
    now = timezone.now()
    coming = meetings.filter(starts_at__gt=now)
    soon = coming.filter(starts_at__lte=now + REMINDED)
    if besides:
        soon = soon | meetings.filter(pk=besides.pk)
    for meeting in soon.standing():
        call_off(meeting)
    coming.exclude(pk__in=[meeting.pk for meeting in soon]).delete()
