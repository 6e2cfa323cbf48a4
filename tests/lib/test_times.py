"""Days and hours in both languages, written and read back."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from entraide.lib import times

EVENING = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # the day before, 19:00, in Montréal
NIGHT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "expected"), [("fr", "mardi 24 novembre 2026"), ("en", "Tuesday, November 24, 2026")]
)
def test_day_is_told_on_the_clock_of_the_zone(language, expected):
    with translation.override(language):
        assert plain(times.day(EVENING, "America/Toronto")) == expected


def test_day_takes_a_plain_date():
    with translation.override("fr"):
        assert plain(times.day(date(2026, 8, 9))) == "dimanche 9 août 2026"


@pytest.mark.parametrize(("language", "expected"), [("fr", "1er décembre"), ("en", "December 1")])
def test_first_of_the_month_is_an_ordinal_in_french(language, expected):
    with translation.override(language):
        assert plain(times.short_day(date(2026, 12, 1))) == expected


def test_number_and_month_stay_on_one_line():
    with translation.override("fr"):
        assert times.short_day(date(2026, 11, 24)) == "24\u00a0novembre"
        assert times.clock(time(19, 30)) == "19\u00a0h\u00a030"


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (time(19, 0), "19 h", "7:00 p.m."),
        (time(20, 30), "20 h 30", "8:30 p.m."),
        (time(9, 5), "9 h 05", "9:05 a.m."),
        (time(0, 0), "0 h", "12:00 a.m."),
        (time(12, 0), "12 h", "12:00 p.m."),
    ],
)
def test_clock(moment, french, english):
    with translation.override("fr"):
        assert plain(times.clock(moment)) == french
    with translation.override("en"):
        assert plain(times.clock(moment)) == english


def test_hours_in_english():
    with translation.override("en"):
        assert plain(times.hours(EVENING, NIGHT, "America/Toronto")) == "7:00 p.m. to 8:30 p.m."


def test_hours_without_an_end_tell_the_start():
    with translation.override("en"):
        assert plain(times.hours(EVENING, None, "America/Toronto")) == "7:00 p.m."


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/Toronto", "Montréal time"),
        ("Europe/Paris", "Paris time"),
        ("America/St_Johns", "St. John’s time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
    ],
)
def test_city_of_a_zone(zone, expected):
    with translation.override("en"):
        assert times.city(zone) == expected


def test_canonical_zone_has_one_name_for_montreal():
    assert times.canonical_zone("America/Montreal") == "America/Toronto"
    assert times.canonical_zone("Europe/Paris") == "Europe/Paris"


@pytest.mark.parametrize(("old", "name"), times._ZONE_ALIASES.items())
def test_an_old_name_of_a_zone_is_the_same_clock_all_year(old, name):
    moments = [datetime(2026, month, 15, tzinfo=UTC) for month in range(1, 13)]

    assert times.canonical_zone(old) == name
    assert [one.astimezone(ZoneInfo(old)).time() for one in moments] == [
        one.astimezone(ZoneInfo(name)).time() for one in moments
    ]


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../etc/passwd", "/etc/localtime", "America"])
def test_canonical_zone_refuses_what_is_no_zone(name):
    with pytest.raises(ValueError, match="no such time zone"):
        times.canonical_zone(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19 h 30", time(19, 30)),
        ("19\u00a0h\u00a030", time(19, 30)),
        ("19h30", time(19, 30)),
        ("19H30", time(19, 30)),
        ("19:30", time(19, 30)),
        ("19h", time(19, 0)),
        ("19 heures", time(19, 0)),
        ("19 h 30 min", time(19, 30)),
        ("19", time(19, 0)),
        ("9 h 05", time(9, 5)),
        ("0 h", time(0, 0)),
        ("7:30 pm", time(19, 30)),
        ("7:30 p.m.", time(19, 30)),
        ("7 p. m.", time(19, 0)),
        ("12 am", time(0, 0)),
        ("12:15 p.m.", time(12, 15)),
        ("midi", time(12, 0)),
        ("Minuit", time(0, 0)),
    ],
)
def test_parse_time(text, expected):
    assert times.parse_time(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "7", "25h", "19h60", "19h3", "13 pm", "0 am", "half past seven", "19:30:00:00", "1930", "h30"],
)
def test_parse_time_refuses_what_can_be_read_two_ways_or_none(text):
    with pytest.raises(ValueError):
        times.parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "24/11/2026",
        "24-11-2026",
        "24.11.2026",
        "2026-11-24",
        "24 novembre 2026",
        "24\u00a0novembre\u00a02026",
        "24 NOV. 2026",
        "mardi 24 novembre 2026",
        "le mardi 24 novembre 2026",
        "November 24, 2026",
        "Tuesday, November 24, 2026",
        "Nov. 24th 2026",
        "24 November 2026",
    ],
)
def test_parse_date(text):
    assert times.parse_date(text) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1er décembre 2026", date(2026, 12, 1)),
        ("1er aout 2026", date(2026, 8, 1)),
        ("3/4/2026", date(2026, 4, 3)),
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_parse_date_with_accents_ordinals_and_the_day_first(text, expected):
    assert times.parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24/11",
        "24/11/26",
        "11/24/2026",
        "31/11/2026",
        "29/02/2026",
        "24 ju 2026",
        "2 jui 2026",
        "demain",
        "24 brumaire 2026",
    ],
)
def test_parse_date_refuses_what_is_no_day(text):
    with pytest.raises(ValueError):
        times.parse_date(text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_written_can_be_read_back(language):
    with translation.override(language):
        assert times.parse_time(times.clock(time(19, 30))) == time(19, 30)
        assert times.parse_date(times.day(date(2026, 12, 1))) == date(2026, 12, 1)
