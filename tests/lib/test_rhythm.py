"""Dates of each rhythm against the calendar on the wall, and their words."""

from calendar import Calendar
from datetime import date, timedelta

import pytest
from django.utils import translation

from entraide.lib.rhythm import dates_of, is_last_of_month, nth_of_month, rhythm_sentence

UNTIL = date(2030, 12, 31)  # years with and without a 29th of February lie between
EVERY_DAY_OF_A_MONTH = [date(2027, 1, 1) + timedelta(days=n) for n in range(31)]


def every(days, first_on, until):
    return [first_on + timedelta(days=n) for n in range(0, (until - first_on).days + 1, days)]


def same_weekdays_by_month(first_on, until):
    """For each month the dates that fall on that weekday, read from the leaves of a calendar."""
    leaves = Calendar()
    for year in range(first_on.year, until.year + 1):
        for month in range(1, 13):
            weeks = leaves.monthdatescalendar(year, month)
            yield [week[first_on.weekday()] for week in weeks if week[first_on.weekday()].month == month]


def test_once_is_the_first_date_whatever_the_end():
    first_on = date(2027, 3, 9)

    assert dates_of("once", first_on, UNTIL) == [first_on]
    assert dates_of("once", first_on, first_on - timedelta(days=30)) == [first_on]


@pytest.mark.parametrize(("rhythm", "days"), [("weekly", 7), ("fortnightly", 14)])
@pytest.mark.parametrize("first_on", EVERY_DAY_OF_A_MONTH[:7])
def test_weeks_follow_each_other_over_years(rhythm, days, first_on):
    assert dates_of(rhythm, first_on, UNTIL) == every(days, first_on, UNTIL)


def test_fortnights_keep_their_parity_over_a_year_of_53_weeks():
    dates = dates_of("fortnightly", date(2026, 12, 22), date(2027, 1, 31))

    assert dates == [date(2026, 12, 22), date(2027, 1, 5), date(2027, 1, 19)]


@pytest.mark.parametrize("first_on", EVERY_DAY_OF_A_MONTH[:28])
def test_monthly_keeps_the_rank_of_the_weekday_over_years(first_on):
    rank = (first_on.day + 6) // 7

    expected = [days[rank - 1] for days in same_weekdays_by_month(first_on, UNTIL)]

    assert dates_of("monthly", first_on, UNTIL) == expected
    assert len(expected) == 48


@pytest.mark.parametrize("first_on", EVERY_DAY_OF_A_MONTH[24:])
def test_monthly_last_is_the_last_such_weekday_over_years(first_on):
    expected = [days[-1] for days in same_weekdays_by_month(first_on, UNTIL)]

    assert dates_of("monthly_last", first_on, UNTIL) == expected
    assert len(expected) == 48


def test_monthly_on_a_fifth_weekday_skips_the_months_that_have_none():
    dates = dates_of("monthly", date(2027, 3, 29), date(2027, 12, 31))

    assert dates == [date(2027, 3, 29), date(2027, 5, 31), date(2027, 8, 30), date(2027, 11, 29)]


def test_monthly_last_goes_through_a_29th_of_february():
    dates = dates_of("monthly_last", date(2028, 1, 25), date(2028, 5, 31))

    assert dates == [date(2028, 1, 25), date(2028, 2, 29), date(2028, 3, 28), date(2028, 4, 25), date(2028, 5, 30)]


@pytest.mark.parametrize("rhythm", ["weekly", "fortnightly", "monthly", "monthly_last"])
def test_the_day_of_the_end_is_included_and_an_earlier_end_leaves_nothing(rhythm):
    first_on = date(2027, 6, 29)

    assert dates_of(rhythm, first_on, first_on) == [first_on]
    assert dates_of(rhythm, first_on, first_on - timedelta(days=1)) == []


def test_an_unknown_rhythm_is_refused():
    with pytest.raises(ValueError):
        dates_of("hourly", date(2027, 6, 29), UNTIL)
    with pytest.raises(ValueError):
        rhythm_sentence("", date(2027, 6, 29))


@pytest.mark.parametrize(
    ("day", "rank"), [(1, 1), (7, 1), (8, 2), (14, 2), (15, 3), (21, 3), (22, 4), (28, 4), (29, 5), (31, 5)]
)
def test_rank_of_a_weekday_in_its_month(day, rank):
    assert nth_of_month(date(2027, 1, day)) == rank


@pytest.mark.parametrize(
    ("on", "is_last"),
    [
        (date(2027, 1, 24), False),
        (date(2027, 1, 25), True),
        (date(2027, 2, 21), False),
        (date(2027, 2, 22), True),
        (date(2028, 2, 22), False),  # the 29th follows
        (date(2028, 2, 29), True),
        (date(2027, 12, 31), True),
    ],
)
def test_last_weekday_of_a_month(on, is_last):
    assert is_last_of_month(on) is is_last


@pytest.mark.parametrize(
    ("rhythm", "first_on", "french", "english"),
    [
        ("once", date(2027, 6, 29), "Une seule fois", "Only once"),
        ("weekly", date(2027, 6, 28), "Chaque lundi", "Every Monday"),
        ("fortnightly", date(2027, 6, 30), "Un mercredi sur deux", "Every second Wednesday"),
        ("monthly", date(2027, 6, 1), "Le 1er mardi du mois", "The 1st Tuesday of the month"),
        ("monthly", date(2027, 6, 10), "Le 2e jeudi du mois", "The 2nd Thursday of the month"),
        ("monthly", date(2027, 6, 18), "Le 3e vendredi du mois", "The 3rd Friday of the month"),
        ("monthly", date(2027, 6, 26), "Le 4e samedi du mois", "The 4th Saturday of the month"),
        ("monthly", date(2027, 5, 30), "Le 5e dimanche du mois", "The 5th Sunday of the month"),
        ("monthly_last", date(2027, 6, 29), "Le dernier mardi du mois", "The last Tuesday of the month"),
    ],
)
def test_sentence_in_both_languages(rhythm, first_on, french, english):
    with translation.override("fr"):
        assert rhythm_sentence(rhythm, first_on) == french
    with translation.override("en"):
        assert rhythm_sentence(rhythm, first_on) == english
