"""Any rhythm, in any zone, in any year from 2026 to 2030: the wall time stays, no date comes twice, none is missing.

The oracle is dateutil's rrule, which runs in the zone itself; ours counts days and derives instants afterwards.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday
from dateutil.tz import datetime_exists, resolve_imaginary
from hypothesis import given, settings
from hypothesis import strategies as st

from entraide.lib.rhythm import Rhythm, is_last_of_month, nth_of_month
from entraide.lib.times import canonical_zone
from meetings.models import Series
from meetings.recurrence import Night, dates_between, instant, night_of, times_on

FROM, UNTIL = date(2026, 1, 1), date(2030, 12, 31)
ZONES = [
    "America/Toronto",
    "America/Montreal",
    "America/St_Johns",
    "America/Vancouver",
    "America/Regina",
    "Europe/Paris",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "UTC",
]
days = st.dates(FROM, UNTIL)
hours = st.one_of(
    st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from([time(hour, minute) for hour in range(4) for minute in (0, 30)]),  # when clocks change
)
many = settings(max_examples=100, deadline=None, database=None)


@st.composite
def series_of_any_kind(draw):
    first_on, rhythm = draw(days), draw(st.sampled_from(Rhythm))
    if rhythm == Rhythm.MONTHLY_LAST:
        first_on = last_such_day(first_on)
    if rhythm == Rhythm.MONTHLY and nth_of_month(first_on) == 5:
        first_on -= timedelta(weeks=1)
    others = draw(st.lists(st.dates(first_on, UNTIL), max_size=60, unique=True)) if rhythm == Rhythm.PICKED else []
    return Series(
        pk=uuid4(),
        rhythm=rhythm,
        first_on=first_on,
        zone=canonical_zone(draw(st.sampled_from(ZONES))),
        starts=draw(hours),
        minutes=draw(st.integers(1, 600)),
        picked=[first_on, *others] if rhythm == Rhythm.PICKED else [],
    )


def last_such_day(on):
    while not is_last_of_month(on):
        on += timedelta(weeks=1)
    return min(on, date(2030, 12, 31 - (date(2030, 12, 31).weekday() - on.weekday()) % 7))


def by_the_oracle(series):
    """Instants of every meeting up to the end of 2030."""
    zone, first = ZoneInfo(series.zone), series.first_on
    if series.rhythm == Rhythm.PICKED:
        walls = [datetime.combine(on, series.starts, zone) for on in sorted(set(series.picked))]
    else:
        on = weekday(first.weekday())
        rule = {
            Rhythm.ONCE: dict(freq=DAILY, count=1),
            Rhythm.WEEKLY: dict(freq=WEEKLY),
            Rhythm.FORTNIGHTLY: dict(freq=WEEKLY, interval=2),
            Rhythm.MONTHLY: dict(freq=MONTHLY, byweekday=on(nth_of_month(first))),
            Rhythm.MONTHLY_LAST: dict(freq=MONTHLY, byweekday=on(-1)),
        }[series.rhythm]
        start = datetime.combine(first, series.starts, zone)
        end = {} if "count" in rule else {"until": datetime.combine(UNTIL, time(23, 59), zone)}
        walls = list(rrule(dtstart=start, **rule, **end))
    return [resolve_imaginary(wall).astimezone(UTC) for wall in walls]


def instants(series, after=date.min, until=UNTIL):
    return [times_on(series, on)[0] for on in dates_between(series, after, until)]


@many
@given(series_of_any_kind())
def test_every_meeting_is_where_the_oracle_puts_it(series):
    assert instants(series) == by_the_oracle(series)


@many
@given(series_of_any_kind())
def test_the_wall_time_stays_and_no_date_comes_twice(series):
    dates, zone = dates_between(series, date.min, UNTIL), ZoneInfo(series.zone)

    assert dates[0] == series.first_on
    assert all(earlier < later for earlier, later in pairwise(dates))
    for on in dates:
        starts_at, ends_at, day_before_at = times_on(series, on)
        wall = datetime.combine(on, series.starts, zone)
        if datetime_exists(wall):
            assert starts_at.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
        else:
            assert night_of(on, series.starts, series.zone) == Night.SKIPPED
            assert starts_at.astimezone(zone).replace(tzinfo=None) > wall.replace(tzinfo=None)
        assert ends_at - starts_at == timedelta(minutes=series.minutes)
        assert timedelta(hours=22) < starts_at - day_before_at < timedelta(hours=26)


@many
@given(series_of_any_kind(), st.lists(st.dates(FROM, UNTIL), max_size=8))
def test_made_in_any_number_of_runs_the_dates_are_the_same(series, stops):
    """The worker goes on from the day up to which it had come, however often it runs."""
    marks = [date.min, *sorted(max(stop, series.first_on) for stop in stops), UNTIL]

    made = [on for after, until in pairwise(marks) for on in dates_between(series, after, until)]

    assert made == dates_between(series, date.min, UNTIL)


@many
@given(series_of_any_kind(), st.data())
def test_a_skipped_date_is_missing_and_no_other_one(series, data):
    whole = dates_between(series, date.min, UNTIL)
    series.skipped = data.draw(st.lists(st.sampled_from(whole), unique=True))

    assert dates_between(series, date.min, UNTIL) == [on for on in whole if on not in series.skipped]


NIGHTS = [
    # forward, at 02:00 in Toronto: 02:30 does not exist
    ("America/Toronto", date(2027, 3, 14), time(1, 30), "2027-03-14T06:30", None),
    ("America/Toronto", date(2027, 3, 14), time(2, 30), "2027-03-14T07:30", Night.SKIPPED),
    ("America/Toronto", date(2027, 3, 14), time(3, 30), "2027-03-14T07:30", None),
    ("America/Toronto", date(2027, 3, 14), time(19, 0), "2027-03-14T23:00", None),
    # back, at 02:00: 01:30 exists twice
    ("America/Toronto", date(2027, 11, 7), time(0, 30), "2027-11-07T04:30", None),
    ("America/Toronto", date(2027, 11, 7), time(1, 30), "2027-11-07T05:30", Night.TWICE),
    ("America/Toronto", date(2027, 11, 7), time(2, 30), "2027-11-07T07:30", None),
    ("America/Toronto", date(2027, 11, 7), time(19, 0), "2027-11-08T00:00", None),
    # forward, at 02:00 in Paris
    ("Europe/Paris", date(2027, 3, 28), time(1, 30), "2027-03-28T00:30", None),
    ("Europe/Paris", date(2027, 3, 28), time(2, 30), "2027-03-28T01:30", Night.SKIPPED),
    ("Europe/Paris", date(2027, 3, 28), time(3, 30), "2027-03-28T01:30", None),
    ("Europe/Paris", date(2027, 3, 28), time(19, 0), "2027-03-28T17:00", None),
    # back, at 03:00: 02:30 exists twice
    ("Europe/Paris", date(2027, 10, 31), time(1, 30), "2027-10-30T23:30", None),
    ("Europe/Paris", date(2027, 10, 31), time(2, 30), "2027-10-31T00:30", Night.TWICE),
    ("Europe/Paris", date(2027, 10, 31), time(3, 30), "2027-10-31T02:30", None),
    ("Europe/Paris", date(2027, 10, 31), time(19, 0), "2027-10-31T18:00", None),
]


@pytest.mark.parametrize(("zone", "on", "at", "expected", "night"), NIGHTS)
def test_the_nights_when_clocks_change(zone, on, at, expected, night):
    assert f"{instant(on, at, zone):%Y-%m-%dT%H:%M}" == expected
    assert night_of(on, at, zone) == night


@pytest.mark.parametrize(
    ("zone", "first_on", "utc_hours"),
    [
        ("America/Toronto", date(2027, 3, 7), [0, 23, 23]),
        ("America/Toronto", date(2027, 10, 31), [23, 0, 0]),
        ("America/Montreal", date(2027, 10, 31), [23, 0, 0]),
        ("Europe/Paris", date(2027, 3, 21), [18, 17, 17]),
        ("Europe/Paris", date(2027, 10, 24), [17, 18, 18]),
    ],
)
def test_a_weekly_meeting_at_seven_stays_at_seven_through_the_change(zone, first_on, utc_hours):
    series = Series(rhythm="weekly", first_on=first_on, zone=zone, starts=time(19), minutes=90)

    made = instants(series, until=first_on + timedelta(weeks=2))

    assert [moment.hour for moment in made] == utc_hours
    assert {moment.astimezone(ZoneInfo(zone)).time() for moment in made} == {time(19)}
