"""Reading one row of a public list: what a sheet may say of it, or why it cannot be read."""

from datetime import time

import pytest

from meetings.guide.address import place_of
from meetings.guide.fields import Unreadable
from meetings.guide.row import Given, read
from tests.lists import row

LIST = Given("Liste de Boston")


def why_not(raw, given=LIST):
    with pytest.raises(Unreadable) as refused:
        read(raw, given)
    return refused.value.reason


DEEP = []
for _ in range(5000):
    DEEP = [DEEP]
BAD = [
    ("soir", "it is not an object"),
    (None, "it is not an object"),
    ([row()], "it is not an object"),
    ({}, "slug is missing"),
    (row(slug=None), "slug is missing"),
    (row(slug=""), "slug is missing"),
    (row(slug="   "), "slug is missing"),
    (row(slug=True), "slug is not text"),
    (row(slug=1.5), "slug is not text"),
    (row(slug=["soir"]), "slug is not text"),
    (row(slug=DEEP), "slug is not text"),
    (row(name=DEEP), "name is not text"),
    (row(day=DEEP), "day is not 0 to 6"),
    (row(slug="a" * 201), "slug is longer than 200 characters"),
    (row(slug="a\0b"), "slug holds signs that do not show"),
    (row(name=None), "name is missing"),
    (row(name=" \t "), "name is missing"),
    (row(name=["Le soir"]), "name is not text"),
    (row(name={"fr": "Le soir"}), "name is not text"),
    (row(name=7), "name is not text"),
    (row(name="Le\0soir"), "name holds signs that do not show"),
    (row(name="Le \ud800 soir"), "name holds signs that do not show"),
    (row(name="Le \u202eriosr"), "name holds signs that do not show"),
    (row(name="\u3164"), "name holds signs that do not show"),
    (row(name="a" * 256), "name is longer than 255 characters"),
    (row(name="a" * 10_000_000), "name is longer than 255 characters"),
    (row(name="Le soir 514 555 0142"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="Le soir (514) 555-0142"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="Le soir 06 12 34 56 78"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="Zoom 55501001990"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="Le soir, passcode: lune"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="soir@example.org"), "name holds a number, an address or a link that is not for everybody"),
    (row(name="voir www.example.org"), "name holds a number, an address or a link that is not for everybody"),
    (row(types="O"), "types is not a list of codes"),
    (row(types={"O": 1}), "types is not a list of codes"),
    (row(types=["O", 5]), "types is not a list of codes"),
    (row(types=[["O"]]), "types is not a list of codes"),
    (row(day="x"), "day is not 0 to 6"),
    (row(day=7), "day is not 0 to 6"),
    (row(day=-1), "day is not 0 to 6"),
    (row(day=1.0), "day is not 0 to 6"),
    (row(day=True), "day is not 0 to 6"),
    (row(day={"on": 1}), "day is not 0 to 6"),
    (row(day=[1, "lundi"]), "day is not 0 to 6"),
    (row(day=[[1]]), "day is not 0 to 6"),
    (row(day=[1, None]), "day is not 0 to 6"),
    (row(time="99"), "time is not a time of the day"),
    (row(time="24:30"), "time is not a time of the day"),
    (row(time="19:60"), "time is not a time of the day"),
    (row(time="soon"), "time is not a time of the day"),
    (row(time="7"), "time is not a time of the day"),
    (row(time="19:00\0"), "time is not a time of the day"),
    (row(time=99), "time is not text"),
    (row(time=["19:00"]), "time is not text"),
    (row(time="1" * 1001), "time is longer than 1000 characters"),
    (row(time=None), "a day without a time"),
    (row(day=None), "a time without a day"),
    (row(day=[]), "a time without a day"),
    (row(end_time="25:00"), "end_time is not a time of the day"),
    (row(end_time=2030), "end_time is not text"),
    (row(end_time="19:00"), "end_time is no end of this meeting"),
    (row(end_time="18:00"), "end_time is no end of this meeting"),
    (row(timezone="America/Bostown"), "timezone does not exist"),
    (row(timezone="../../etc/passwd"), "timezone does not exist"),
    (row(timezone="America"), "timezone does not exist"),
    (row(timezone="localtime"), "timezone does not exist"),
    (row(timezone="posix/UTC"), "timezone does not exist"),
    (row(slug="\u0958" * 110), "slug is longer than 200 characters"),
    (row(timezone="a\0b"), "timezone does not exist"),
    (row(timezone=-5), "timezone is not text"),
    (row(formatted_address=""), "no time zone, and the address tells none: say it with --zone"),
    (row(formatted_address="Austin, TX 78701, USA"), "no time zone, and the address tells none: say it with --zone"),
    (row(formatted_address=["Boston"]), "formatted_address is not text"),
    (row(formatted_address="a," * 501), "formatted_address is longer than 1000 characters"),
    (row(city=5), "city is not text"),
    (row(attendance_option="inactive"), "it does not meet at present (TC or inactive)"),
    (row(attendance_option=None, types=["TC"]), "it does not meet at present (TC or inactive)"),
    (row(attendance_option=["online"]), "attendance_option is not text"),
    (row(types=["S"]), "held in a language that this site does not speak"),
    (row(types=["TUR"]), "held in a language that this site does not speak"),
]


@pytest.mark.parametrize(("raw", "reason"), BAD)
def test_a_row_that_cannot_be_read_is_refused_with_its_reason(raw, reason):
    assert why_not(raw) == reason


def test_what_is_told_of_a_refused_row_is_short_and_obeyed_by_no_terminal():
    with pytest.raises(Unreadable) as refused:
        read(row(time="\x1b[31m" + "soir" * 100), LIST)

    assert refused.value.found.isprintable() and refused.value.found.isascii()
    assert len(refused.value.found) <= 60


def test_a_row_with_nothing_but_a_name_and_a_slug_meets_by_appointment():
    read_row = read({"name": "Le soir", "slug": 12}, Given("Liste", zone="America/Toronto"))

    assert (read_row.slug, read_row.weekdays, read_row.starts) == ("12", [], None)
    assert read_row.sheet["rhythm"] == "" and read_row.sheet["zone"] == "America/Toronto"
    assert read_row.sheet["format"] == "in_person" and read_row.sheet["city"] == ""


def test_fields_that_are_not_kept_may_hold_anything():
    odd = {"notes": {"a": [1]}, "latitude": "north", "updated": 5, "group": [], "contact_1_name": 7, "url": ["a"]}

    assert read(row(**odd), LIST) == read(row(), LIST)


@pytest.mark.parametrize(
    ("written", "weekdays"),
    [(0, [6]), (6, [5]), ([6], [5]), ("0", [6]), ([5, 1, 3, 1], [0, 2, 4]), ([0, 1, 2, 3, 4, 5, 6], list(range(7)))],
)
def test_weeks_begin_on_sunday_in_lists_and_on_monday_here(written, weekdays):
    assert read(row(day=written), LIST).weekdays == weekdays


@pytest.mark.parametrize(
    ("written", "starts"),
    [
        ("19:00", time(19)),
        ("7:30", time(7, 30)),
        ("7:30 PM", time(19, 30)),
        ("12:01 PM", time(12, 1)),
        ("12:15 AM", time(0, 15)),
        ("00:00", time(0)),
        ("19 h 30", time(19, 30)),
    ],
)
def test_times_are_read_on_both_clocks(written, starts):
    assert read(row(time=written), LIST).starts == starts


@pytest.mark.parametrize(
    ("starts", "ends", "minutes"),
    [("19:00", None, 60), ("19:00", "", 60), ("19:00", "20:30", 90), ("22:30", "00:15", 105), ("10:00", "22:00", 720)],
)
def test_a_meeting_lasts_an_hour_unless_the_row_says_more(starts, ends, minutes):
    assert read(row(time=starts, end_time=ends), LIST).minutes == minutes


@pytest.mark.parametrize(
    ("fields", "given", "zone"),
    [
        ({"timezone": "America/Montreal"}, Given("Liste", zone="Europe/Paris"), "America/Toronto"),
        ({}, Given("Liste", zone="America/Montreal"), "America/Toronto"),
        ({}, LIST, "America/New_York"),
        ({"formatted_address": "Edmonton, Alberta, T5B 0S5, Canada"}, LIST, "America/Edmonton"),
        ({"formatted_address": "12 rue X, 75002 Paris, France"}, LIST, "Europe/Paris"),
    ],
)
def test_the_zone_is_that_of_the_row_else_the_one_given_else_that_of_the_address(fields, given, zone):
    assert read(row(**fields), given).sheet["zone"] == zone


ROOM = {"conference_url": "https://video.example.org/j/555"}
CITY_ONLY = {"formatted_address": "Boston, MA, USA"}
HOUSE = {"formatted_address": "12 Main St, Boston, MA, USA"}


@pytest.mark.parametrize(
    ("fields", "meets"),
    [
        ({"attendance_option": "hybrid"}, "both"),
        ({"attendance_option": "online", "types": ["TC"]}, "online"),
        ({**HOUSE}, "in_person"),
        ({**HOUSE, "types": ["ONL"]}, "both"),
        ({**HOUSE, **ROOM}, "both"),
        ({**HOUSE, **ROOM, "types": ["TC"]}, "online"),
        ({**HOUSE, **ROOM, "approximate": "yes"}, "online"),
        ({**CITY_ONLY, **ROOM}, "online"),
        ({**CITY_ONLY, "conference_phone": "5145550142"}, "online"),
        ({**CITY_ONLY}, "in_person"),
        ({"formatted_address": None, "city": "Boston", "state": "MA", "address": "12 Main St", **ROOM}, "both"),
        ({"formatted_address": None, "city": "Boston", "state": "MA", **ROOM}, "online"),
    ],
)
def test_how_a_group_meets_is_told_by_the_row_or_by_its_place_and_room(fields, meets):
    assert read(row(**{"attendance_option": None, **fields}), LIST).sheet["format"] == meets


@pytest.mark.parametrize(
    ("types", "language"),
    [(["O"], "en"), (["FR"], "fr"), (["EN", "S"], "en"), (["fr "], "fr"), (["FR", "EN"], "en"), ([], "en")],
)
def test_the_language_is_that_of_the_row_else_the_one_given(types, language):
    assert read(row(types=types), LIST).sheet["language"] == language


def test_what_the_codes_say_of_access_and_people_is_kept_in_words():
    codes = ["X", "ASL", "W", "Y", "C", "FR"]
    sheet = read(row(types=codes, attendance_option="hybrid", conference_phone="1"), LIST).sheet

    assert sheet["access"] == ["wheelchair", "phone", "sign_language"]
    assert sheet["for_whom"].startswith(("A group of the list “Liste de Boston”.", "Un groupe de la liste"))
    assert sheet["for_whom"].count(".") == 4
    assert read(row(types=["X"], attendance_option="online"), LIST).sheet["access"] == []


def test_words_for_the_whole_list_stand_first_and_nothing_is_cut_in_the_middle():
    given = Given("Liste", for_whom="Pour les proches." * 12)
    for_whom = read(row(types=["W", "M", "Y", "SEN", "LGBTQ", "C", "O"]), given).sheet["for_whom"]

    assert for_whom.startswith(given.for_whom)
    assert len(for_whom) <= 220 and for_whom.endswith(".")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Club   1201 ", "Club 1201"),
        ("a" * 60, "a" * 60),
        ("a" * 61, "a" * 59 + "…"),
        (
            "Les soirs d’hiver (autrefois à la salle paroissiale de la rue)",
            "Les soirs d’hiver (autrefois à la salle paroissiale de la…",
        ),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_a_name_is_shown_as_a_sheet_can_hold_it(name, shown):
    assert read(row(name=name), LIST).sheet["name"] == shown


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://lists.example.org/meetings/soir/", True),
        ("http://www.list.example/meeting-detail?Id=6", True),
        ("https://zoom.us/j/5551234", False),
        ("https://us02web.zoom.us/j/55501001990?pwd=abc", False),
        ("https://video.example.org/about", False),  # the host of the row's own room
        ("https://lists.example.org/m/55501001990", False),
        ("https://lists.example.org/m?pwd=lune", False),
        ("https://me:secret@lists.example.org/", False),
        ("javascript:alert(1)", False),
        ("ftp://lists.example.org/", False),
        ("mailto:marie@example.org", False),
        ("lists.example.org/soir", False),
        ("https://lists.example.org/\0", False),
        ("https://lists.example.org/\ud800", False),
        ("https://[", False),
        ("https://lists.example.org/" + "a" * 300, False),
        (12, False),
        (None, False),
    ],
)
def test_the_page_of_the_list_is_kept_unless_it_may_open_a_room(url, kept):
    assert read(row(url=url, **ROOM), LIST).url == (url if kept else "")


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("12 Main St, Boston, MA 02110, USA", "Boston"),
        ("Historic District, 2 Mayflower St, Provincetown, MA 02657, USA", "Provincetown"),
        ("#201 - 14567-118 Ave NW, Edmonton, Alberta, T5L 2M7, Canada", "Edmonton"),
        ("Edmonton, Alberta, Canada , Edmonton, Alberta, Canada", "Edmonton"),
        ("5502 46th, Camrose , Alberta, T4V1X4, Canada", "Camrose"),
        ("60 Liberton Drive, St. Albert, Alberta, T8N 4L5, Canada", "St. Albert"),
        ("4100, rue Saint-Denis, Montréal, QC H2W 2M5, Canada", "Montréal"),
        ("Québec, QC G1R 2B5, Canada", "Québec"),
        ("New York, NY 10001, USA", "New York"),
        ("123 Main St, San Jose, CA", "San Jose"),
        ("Edmonton, AB, CA", "Edmonton"),
        ("12 rue de la Paix, 75002 Paris, France", "Paris"),
        ("Rue Haute 5, B-1000 Bruxelles, Belgique", "Bruxelles"),
        # not surely a city: nothing is said
        ("12 Main St, MA, USA", ""),
        ("Main Street, MA, USA", ""),
        ("rue de la Paix, QC, Canada", ""),
        ("Suite Royale, QC, Canada", ""),
        ("rue de la Paix, Paris, France", ""),
        ("Église Saint-Jean, France", ""),
        ("12 Main St", ""),
        ("Main Street", ""),
        ("Illinois, USA", ""),
        ("Canada, Canada", ""),
        (", , ,", ""),
        ("", ""),
    ],
)
def test_of_an_address_the_city_alone_is_kept(address, city):
    assert place_of({"formatted_address": address}).city == city


@pytest.mark.parametrize(
    ("fields", "city"),
    [
        ({"city": "Boston", "address": "12 Main St"}, "Boston"),
        ({"city": "12 Main St", "region": "Boston"}, "Boston"),
        ({"city": "Boston\u202e", "region": "Cambridge"}, "Cambridge"),
        ({"region": "Cambridge"}, "Cambridge"),
        ({"regions": ["Massachusetts", "Boston", "Back Bay"]}, "Back Bay"),
        ({"regions": [5]}, ""),
        ({"region": "District 25"}, ""),
        ({"region": "Online"}, ""),
        ({"region": "12 Main St"}, ""),
        ({"region": "a" * 81}, ""),
    ],
)
def test_where_the_address_says_no_city_the_region_may(fields, city):
    assert place_of(fields).city == city
