"""Wall time is the truth of a series: the instants follow the clocks of its zone, and what took place never changes."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from entraide.lib.days import today
from meetings import recurrence
from meetings.models import Meeting, Series
from tests import makers
from tests.makers import as_person

MONTREAL, PARIS = "America/Toronto", "Europe/Paris"


def utc(year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def series_at(hour, minute, zone, minutes=90):
    return Series(pk=uuid4(), group_id=uuid4(), starts=time(hour, minute), minutes=minutes, zone=zone, format="both")


@pytest.fixture
def ines(db):
    return makers.make_member("ines")


@pytest.fixture
def group(ines):
    return makers.make_group(ines, "Phare vert")


@pytest.mark.parametrize(
    ("series", "on", "starts_at"),
    [
        (series_at(18, 30, MONTREAL), date(2027, 3, 13), utc(2027, 3, 13, 23, 30)),
        (series_at(18, 30, MONTREAL), date(2027, 3, 14), utc(2027, 3, 14, 22, 30)),
        (series_at(18, 30, MONTREAL), date(2027, 11, 6), utc(2027, 11, 6, 22, 30)),
        (series_at(18, 30, MONTREAL), date(2027, 11, 7), utc(2027, 11, 7, 23, 30)),
        (series_at(19, 0, PARIS), date(2027, 3, 27), utc(2027, 3, 27, 18)),
        (series_at(19, 0, PARIS), date(2027, 3, 28), utc(2027, 3, 28, 17)),
        (series_at(19, 0, PARIS), date(2027, 10, 30), utc(2027, 10, 30, 17)),
        (series_at(19, 0, PARIS), date(2027, 10, 31), utc(2027, 10, 31, 18)),
    ],
)
def test_wall_time_stays_when_the_clocks_change(series, on, starts_at):
    meeting = recurrence.meeting_on(series, on)

    assert meeting.starts_at == starts_at
    assert meeting.starts_at.utcoffset() == timedelta(0)
    assert meeting.starts_at.astimezone(ZoneInfo(series.zone)).replace(tzinfo=None) == datetime.combine(
        on, series.starts
    )
    assert meeting.ends_at == starts_at + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("zone", "on", "instant"),
    [(MONTREAL, date(2027, 3, 14), utc(2027, 3, 14, 7, 30)), (PARIS, date(2027, 3, 28), utc(2027, 3, 28, 1, 30))],
)
def test_an_hour_that_does_not_exist_is_read_before_the_change(zone, on, instant):
    read = recurrence.instant(on, time(2, 30), zone)

    assert read == instant
    assert read.astimezone(ZoneInfo(zone)).time() == time(3, 30)


@pytest.mark.parametrize(
    ("zone", "on", "at", "instant"),
    [
        (MONTREAL, date(2027, 11, 7), time(1, 30), utc(2027, 11, 7, 5, 30)),
        (PARIS, date(2027, 10, 31), time(2, 30), utc(2027, 10, 31, 0, 30)),
    ],
)
def test_an_hour_that_exists_twice_is_the_first_one(zone, on, at, instant):
    assert recurrence.instant(on, at, zone) == instant


@pytest.mark.parametrize(
    ("zone", "on", "day_before_at", "hours"),
    [
        (MONTREAL, date(2027, 3, 14), utc(2027, 3, 13, 23, 30), 23),
        (MONTREAL, date(2027, 3, 15), utc(2027, 3, 14, 22, 30), 24),
        (MONTREAL, date(2027, 11, 7), utc(2027, 11, 6, 22, 30), 25),
        (PARIS, date(2027, 3, 28), utc(2027, 3, 27, 17, 30), 23),
        (PARIS, date(2027, 10, 31), utc(2027, 10, 30, 16, 30), 25),
        (PARIS, date(2028, 1, 1), utc(2027, 12, 31, 17, 30), 24),
    ],
)
def test_the_day_before_has_the_same_wall_time(zone, on, day_before_at, hours):
    meeting = recurrence.meeting_on(series_at(18, 30, zone), on)

    assert meeting.day_before_at == day_before_at
    assert meeting.starts_at - meeting.day_before_at == timedelta(hours=hours)


def test_a_meeting_lasts_as_long_as_planned_through_the_change():
    meeting = recurrence.meeting_on(series_at(1, 0, MONTREAL, minutes=120), date(2027, 3, 14))

    assert (meeting.starts_at, meeting.ends_at) == (utc(2027, 3, 14, 6), utc(2027, 3, 14, 8))


def test_meetings_are_made_for_26_weeks(ines, group):
    first_on = today() + timedelta(days=3)

    series = makers.make_series(ines, group, on=first_on, starts=time(19))

    assert _wall_times(ines, series) == [datetime.combine(first_on + timedelta(weeks=n), time(19)) for n in range(26)]
    assert series.made_until == today() + timedelta(weeks=26)


def test_made_ahead_again_there_is_nothing_to_make(ines, group):
    series = makers.make_series(ines, group)

    with as_person(ines):
        again = recurrence.make_ahead([series])
        series.made_until = series.first_on - timedelta(days=1)  # as if the worker had died before it was noted
        once_more = recurrence.make_ahead([series])

    assert (again, once_more) == (0, 0)
    assert len(_wall_times(ines, series)) == 26


def test_meetings_are_made_from_where_it_stopped(ines, group):
    series = makers.make_series(ines, group)

    with time_machine.travel(timezone.now() + timedelta(weeks=7)), as_person(ines):
        made = recurrence.make_ahead([series])

    assert made == 7
    wall_times = _wall_times(ines, series)
    assert len(wall_times) == 33
    assert {later - earlier for earlier, later in pairwise(wall_times)} == {timedelta(7)}


def test_no_meeting_is_made_after_the_last_date(ines, group):
    first_on = today() + timedelta(days=3)
    series = makers.make_series(ines, group, on=first_on, until=first_on + timedelta(weeks=2))

    with time_machine.travel(timezone.now() + timedelta(weeks=7)), as_person(ines):
        later = recurrence.make_ahead([series])

    assert later == 0
    assert len(_wall_times(ines, series)) == 3


def test_a_first_date_beyond_26_weeks_exists_at_once(ines, group):
    first_on = today() + timedelta(days=300)

    series = makers.make_series(ines, group, on=first_on)

    assert _wall_times(ines, series) == [datetime.combine(first_on, time(19))]


def test_skipped_dates_have_no_meeting(ines, group):
    first_on = today() + timedelta(days=3)

    series = makers.make_series(ines, group, on=first_on, skipped=[first_on, first_on + timedelta(weeks=2)])

    days = [moment.date() for moment in _wall_times(ines, series)]
    assert days[:3] == [first_on + timedelta(weeks=n) for n in (1, 3, 4)]


def test_picked_dates_are_the_only_ones(ines, group):
    first_on = today() + timedelta(days=3)
    picked = [first_on + timedelta(days=n) for n in (0, 5, 11, 300)]

    series = makers.make_series(ines, group, on=first_on, rhythm="picked", picked=picked)
    now = _wall_times(ines, series)
    with time_machine.travel(timezone.now() + timedelta(weeks=20)), as_person(ines):
        recurrence.make_ahead([series])

    assert [moment.date() for moment in now] == picked[:3]
    assert [moment.date() for moment in _wall_times(ines, series)] == picked


def test_what_was_made_stays_as_it_was_when_more_is_made(ines, group):
    series = makers.make_series(ines, group, on=today() - timedelta(days=21))
    with as_person(ines):
        before = list(Meeting.objects.filter(series=series).order_by("starts_at").values())

    with time_machine.travel(timezone.now() + timedelta(weeks=2)), as_person(ines):
        series.starts, series.zone = time(12, 15), PARIS
        made = recurrence.make_ahead([series])
        after = list(Meeting.objects.filter(series=series).order_by("starts_at").values())

    assert len([row for row in before if row["ends_at"] < timezone.now()]) >= 3
    assert after[: len(before)] == before
    assert made == 2
    assert [row["starts_at"].astimezone(ZoneInfo(PARIS)).time() for row in after[-2:]] == [time(12, 15)] * 2


@pytest.mark.parametrize("rhythm", ["weekly", "fortnightly", "monthly", "monthly_last"])
def test_next_dates_are_six_without_an_end(rhythm):
    dates = recurrence.next_dates(rhythm, date(2027, 6, 29 if rhythm == "monthly_last" else 22), None)

    assert len(dates) == 6


def test_next_dates_end_with_the_series():
    first_on = date(2027, 6, 22)

    assert recurrence.next_dates("weekly", first_on, date(2027, 7, 5)) == [first_on, date(2027, 6, 29)]
    assert recurrence.next_dates("once", first_on, None) == [first_on]


def test_next_dates_do_not_count_to_the_end_of_the_calendar():
    started = clock.monotonic()

    dates = recurrence.next_dates("weekly", date(2027, 6, 22), date(9999, 12, 31))

    assert len(dates) == 6
    assert clock.monotonic() - started < 0.5


def _wall_times(member, series):
    zone = ZoneInfo(series.zone)
    with as_person(member):
        starts = Meeting.objects.filter(series=series).order_by("starts_at").values_list("starts_at", flat=True)
        return [starts_at.astimezone(zone).replace(tzinfo=None) for starts_at in starts]
