"""Scheduling: typed, checked, confirmed, announced; by those who facilitate alone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from itertools import pairwise
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from entraide.lib import times
from entraide.lib.days import today
from entraide.lib.rhythm import is_last_of_month, nth_of_month, rhythm_sentence
from groups.confidentiality import enter_group
from groups.models import Group
from meetings import public_holidays
from meetings.models import Meeting, Series
from meetings.planning import FIELDS
from meetings.recurrence import instant
from tests import makers
from tests.makers import as_person

ZONE = "America/Toronto"
FIRST_ON = today() + timedelta(days=7)
NOT_TO_COME = "Error: choose a date to come, within a year from now."
NOT_HTTPS = "Error: paste the link as the room gives it; it begins with https://."
NO_PLACE = "Error: indicate the address, so that members find the door."
NO_LINK = "Error: paste the link of the room, so that members can come in."
HIDDEN_SIGN = "Error: this text holds a hidden sign that cannot be kept. Please type it by hand."


def written(on):
    return f"{on:%d/%m/%Y}"


def first_date(holds):
    """The first date from next week on of which this is true."""
    return next(on for on in (FIRST_ON + timedelta(days=n) for n in range(120)) if holds(on))


def typed(**changes):
    words = {
        "on": written(FIRST_ON),
        "starts": "19 h",
        "ends": "20h30",
        "rhythm": "weekly",
        "until": "",
        "picked": "",
        "format": "both",
        "place": makers.PLACE,
        "access_note": "Porte de côté",
        "link": makers.LINK,
        "phone": "438 555-0123, code 12#",
        "seats": "8",
        "theme": "La longue route",
        "kind": "regular",
        "key": str(uuid4()),
    }
    return {**words, **changes}


def seen(*dates, without=()):
    """What the page of the dates sends on."""
    return {"shown": [on.isoformat() for on in dates], "keep": [on.isoformat() for on in dates if on not in without]}


WEEKS = [FIRST_ON + timedelta(weeks=n) for n in range(6)]


@pytest.fixture
def ines(db):
    return makers.make_member("ines")


@pytest.fixture
def group(ines):
    return makers.make_group(ines, "Phare vert")


@pytest.fixture
def post(visit, ines, group):
    """post(step, words) as the one who facilitates; in English, where the messages are those of the code."""
    browser = visit(ines)

    def send(step, words, language="en"):
        with translation.override(language):  # a request leaves its language behind
            return browser.post(address(step, group, language), words)

    return send


def address(step, group, language="fr"):
    with translation.override(language):
        return reverse(f"meetings:{step}", args=[group.pk])


def error_beside(page, field):
    found = re.search(rf'<span class="e-error" id="id_{field}_error">(.*?)</span>', page)
    return unescape(found[1]) if found else None


def shown_in(part):
    """What the controls of this piece of a page hold."""
    values = {}
    for control in re.findall(r"<input\b[^>]*>", part):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', control))
        if attributes["type"] not in ("radio", "checkbox") or " checked" in control:
            values.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    for area, words in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', part, re.DOTALL):
        values[area] = [unescape(words).strip()]
    values.pop("csrfmiddlewaretoken", None)
    return {name: value if name in ("keep", "shown") else value[0] for name, value in values.items()}


def form_to(page, step, group, language="fr"):
    return re.search(rf'<form[^>]*action="{address(step, group, language)}".*?</form>', page, re.DOTALL)[0]


def whole(**changes):
    """Everything that the last page sends."""
    words = typed(**changes)
    return words | seen(*([FIRST_ON] if words["rhythm"] == "once" else WEEKS)) | changes


def is_nothing_stored(member):
    with as_person(member):
        return not Series.objects.exists() and not Meeting.objects.exists()


def test_schedule_from_the_empty_page_to_the_agenda(visit, ines, group):
    browser, words = visit(ines), typed()
    pages = [browser.get(address("schedule", group))]
    for step, next_step in pairwise(("schedule", "rhythm", "check", "place", "confirm")):
        form = shown_in(form_to(pages[-1].text, next_step, group))
        mine = {name: words[name] for name in FIELDS[step] if name in words and name != "key"}
        pages.append(browser.post(address(next_step, group), form | mine))
    agenda = browser.get(pages[-1].url)

    assert [page.status_code for page in pages] == [200, 200, 200, 200, 302]
    assert pages[-1].url == address("agenda", group)
    assert "Les rencontres sont au calendrier du groupe." in agenda.text
    with as_person(ines):
        series, meeting = Series.objects.get(), Meeting.objects.order_by("starts_at").first()
        place = enter_group(ines, group.pk).keyring.open(series.sealed, "series", series.pk)
    assert (series.rhythm, series.first_on, series.zone, series.minutes) == ("weekly", FIRST_ON, ZONE, 90)
    assert meeting.starts_at == instant(FIRST_ON, time(19), ZONE)
    assert (series.seats, meeting.seats) == (8, 8)
    assert place == {name: words[name] for name in ("place", "access_note", "phone", "link", "theme")}


def dates_on(page):
    """Each date of the page of the dates, with what is said of it and whether it is ticked."""
    rows = re.findall(r"<li>\s*<input.*?</li>", page.text.replace("\n", " "))
    told = [(" checked" in row, re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip()) for row in rows]
    return [(is_kept, words.replace("\u00a0", " ")) for is_kept, words in told]


def test_check_shows_the_sentence_and_the_dates_and_stores_nothing(visit, ines, group):
    checked = visit(ines).post(address("check", group), typed())

    sentence = re.search(r'<p class="e-sentence">(.*?)</p>', checked.text)[1].replace("\u00a0", " ")
    with translation.override("fr"):
        assert sentence == f"Chaque {times.weekday(FIRST_ON)}, de 19 h à 20 h 30, heure de Montréal."
        days = [times.day(on).replace("\u00a0", " ") for on in WEEKS]
    told = dates_on(checked)
    assert [is_kept for is_kept, _ in told] == [True] * 6
    assert all(words.startswith(on) for (_, words), on in zip(told, days, strict=True))
    assert is_nothing_stored(ines)


def test_check_shows_one_date_for_a_meeting_that_takes_place_once(post):
    assert len(dates_on(post("check", typed(rhythm="once")))) == 1


def test_check_shows_every_date_that_was_picked(post):
    picked = [FIRST_ON + timedelta(days=n) for n in (3, 10, 40, 41, 42, 43, 44)]

    checked = post("check", typed(rhythm="picked", picked="\n".join(map(written, reversed(picked)))))

    with translation.override("en"):
        expected = [times.day(on).replace("\u00a0", " ") for on in (FIRST_ON, *picked)]
    assert [words[: len(on)] for (_, words), on in zip(dates_on(checked), expected, strict=True)] == expected
    assert "On chosen dates, from 7:00" in checked.text


def test_the_rhythms_are_worded_from_the_first_date(post):
    """The 4th Tuesday that is not the last one; a fifth one, which few months have."""
    fourth = first_date(lambda on: on.weekday() == 1 and nth_of_month(on) == 4 and not is_last_of_month(on))
    fifth = first_date(lambda on: nth_of_month(on) == 5)

    pages = [post("rhythm", typed(on=written(on))).text for on in (fourth, fifth)]

    choices = [re.findall(r'name="rhythm".*?<span>(.*?)</span>', page) for page in pages]
    always = ["Only once", "Every Tuesday", "Every second Tuesday"]
    assert choices[0] == [*always, "The 4th Tuesday of the month", "I choose the dates"]
    with translation.override("en"):
        assert choices[1][3:] == [f"The last {times.weekday(fifth)} of the month", "I choose the dates"]


@pytest.mark.parametrize("step", ["schedule", "rhythm", "check", "place"])
def test_back_shows_again_what_was_typed(post, group, step):
    words = whole(until=written(FIRST_ON + timedelta(days=70)), format="online", key=str(uuid4()))

    back = post(step, words)

    following = dict(pairwise(("schedule", "rhythm", "check", "place", "confirm")))
    assert back.status_code == 200
    assert shown_in(form_to(back.text, following[step], group, "en")) == words


def test_a_date_that_is_unticked_has_no_meeting(post, ines, group):
    assert post("confirm", whole() | seen(*WEEKS, without=WEEKS[1:3])).status_code == 302

    with as_person(ines):
        assert Series.objects.get().skipped == WEEKS[1:3]
        starts = Meeting.objects.order_by("starts_at").values_list("starts_at", flat=True)
        assert list(starts[:2]) == [instant(on, time(19), ZONE) for on in (WEEKS[0], WEEKS[3])]


def test_a_picked_date_that_is_unticked_is_not_kept(post, ines):
    picked = [FIRST_ON + timedelta(days=n) for n in (3, 10)]
    words = whole(rhythm="picked", picked="\n".join(map(written, picked))) | seen(FIRST_ON, *picked, without=[FIRST_ON])

    post("confirm", words)

    with as_person(ines):
        series = Series.objects.get()
        assert (series.first_on, series.picked, series.skipped) == (picked[0], picked, [])
        assert [meeting.planned_on for meeting in Meeting.objects.order_by("starts_at")] == picked


def test_a_plan_without_any_date_is_given_back(post, ines):
    page = post("confirm", whole() | seen(*WEEKS, without=WEEKS))

    assert page.status_code == 422
    assert error_beside(page.text, "keep") == "Error: keep at least one date, or go back and choose another one."
    assert [is_kept for is_kept, _ in dates_on(page)] == [False] * 6
    assert is_nothing_stored(ines)


def test_dates_that_nobody_has_looked_at_are_not_kept(post, ines):
    page = post("confirm", whole(on=written(FIRST_ON + timedelta(days=1))))

    assert page.status_code == 422
    assert error_beside(page.text, "keep") == "Error: the dates have changed. Look at them once more."
    assert is_nothing_stored(ines)


@pytest.mark.parametrize(
    ("zone", "city", "on", "name"),
    [
        ("America/Toronto", "", "2026-12-25", "Jour de Noël"),
        ("America/Toronto", "Rimouski", "2027-06-24", "Fête nationale du Québec"),
        ("America/Toronto", "Ottawa", "2027-06-24", ""),
        ("Europe/Paris", "Lyon", "2027-05-01", "Fête du Travail"),
        ("Europe/Brussels", "Liège", "2027-07-21", "Fête nationale"),
        ("Africa/Casablanca", "", "2027-01-01", "Nouvel an"),
        ("Etc/UTC", "", "2027-01-01", ""),
    ],
)
def test_public_holidays_of_the_place_are_marked(zone, city, on, name):
    with translation.override("fr"):
        assert public_holidays.of_place(Group(zone=zone, city=city), date.fromisoformat(on)) == name


def test_a_public_holiday_is_marked_and_stays_ticked(visit, ines, group):
    christmas = next(on for on in (date(today().year + n, 12, 25) for n in (0, 1)) if on > today() + timedelta(days=1))

    told = dates_on(visit(ines).post(address("check", group), typed(on=written(christmas), rhythm="once")))

    assert len(told) == 1 and told[0][0]
    assert "Jour de Noël" in told[0][1]


def test_an_hour_that_does_not_exist_or_exists_twice_is_said_with_the_rule(visit, group, ines):
    with time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC)), translation.override("en"):
        browser = visit(ines)
        spring = typed(on="2027-03-07", starts="02:30", ends="04:00")
        told = dates_on(browser.post(address("check", group, "en"), spring))
        autumn = typed(on="2027-11-07", starts="1 h 30", ends="3 h", rhythm="once")
        twice = dates_on(browser.post(address("check", group, "en"), autumn))

    assert [words for _, words in told[:3]] == [
        "Sunday, March 7, 2027",
        "Sunday, March 14, 2027 This hour does not exist that night: the clocks go forward, and the meeting with them.",
        "Sunday, March 21, 2027",
    ]
    assert twice[0][1].endswith("This hour exists twice that night: the clocks go back. The first one counts.")


def test_such_a_night_is_said_when_it_comes_after_the_dates_that_are_shown(visit, group, ines):
    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC)), translation.override("en"):
        browser = visit(ines)
        sunday = typed(on="2026-11-29", starts="02:30", ends="04:00")
        pages = [
            browser.post(address("check", group, "en"), sunday | changes)
            for changes in ({}, {"until": "2027-03-07"}, {"starts": "03:30", "ends": "05:00"})
        ]

    assert not any("clocks" in words for page in pages for _, words in dates_on(page)), "none of the six"
    told = [re.findall(r"Later, on [^<]*", page.text.replace("\u00a0", " ")) for page in pages]
    assert told == [
        [
            "Later, on Sunday, March 14, 2027: this hour does not exist that night: the clocks go forward,"
            " and the meeting with them."
        ],
        [],
        [],
    ]


def test_another_meeting_at_that_time_is_said(post, ines, group):
    makers.make_series(ines, group, on=WEEKS[2], starts=time(20), ends=time(21), rhythm="once")

    told = dates_on(post("check", typed()))

    said = "Another meeting of the group takes place at that time."
    assert [said in words for _, words in told] == [False, False, True, False, False, False]


def test_the_next_plan_begins_with_the_hours_and_the_place_of_the_last_one(post, group):
    post("confirm", whole())

    first = shown_in(form_to(post("schedule", {}).text, "rhythm", group, "en"))
    last = shown_in(form_to(post("place", whole()).text, "confirm", group, "en"))
    place = post("place", {name: value for name, value in whole().items() if name not in FIELDS["place"]}).text

    assert (first["starts"], first["ends"]) == ("7:00\u00a0p.m.", "8:30\u00a0p.m.")
    assert last["link"] == makers.LINK  # their own, typed a moment ago
    assert makers.PLACE in place and makers.LINK not in place


def test_an_outing_says_nothing_of_the_next_plan(post, group):
    post("confirm", whole())
    post("confirm", whole(key=str(uuid4()), on=written(WEEKS[1]), starts="14 h", ends="16 h", kind="social", seats="4"))

    first = shown_in(form_to(post("schedule", {}).text, "rhythm", group, "en"))
    place = post("place", {name: value for name, value in whole().items() if name not in FIELDS["place"]})

    assert first["starts"] == "7:00\u00a0p.m."
    assert shown_in(form_to(place.text, "confirm", group, "en"))["seats"] == "8"


def test_confirm_twice_makes_one_series(post, ines):
    words = whole()

    first, second = post("confirm", words), post("confirm", words)

    assert first.status_code == second.status_code == 302
    with as_person(ines):
        assert Series.objects.count() == 1
        assert Meeting.objects.count() == 26


def test_other_words_under_the_same_key_are_given_back_and_can_be_sent_again(post, ines, group):
    words = whole()
    post("confirm", words)

    given_back = post("confirm", words | {"theme": "Autre chose"})
    form = shown_in(form_to(given_back.text, "confirm", group, "en"))
    again = post("confirm", form)

    assert given_back.status_code == 422 and form["theme"] == "Autre chose"
    assert again.status_code == 302
    with as_person(ines):
        assert Series.objects.count() == 2


def test_two_plans_are_two_series(post, ines):
    post("confirm", whole(rhythm="once"))
    post("confirm", whole(rhythm="once"))

    with as_person(ines):
        assert Series.objects.count() == Meeting.objects.count() == 2


def test_the_public_sheet_shows_the_next_meeting_and_the_rhythm_and_never_where(post, group):
    post("confirm", whole())
    starts_at = instant(FIRST_ON, time(19), ZONE)

    sheet = Client().get(reverse("groups:sheet", args=[group.slug])).text

    assert f'datetime="{times.local(starts_at, ZONE).isoformat(timespec="minutes")}"' in sheet
    assert "19\u00a0h à 20\u00a0h\u00a030" in sheet
    with translation.override("fr"):
        assert rhythm_sentence("weekly", FIRST_ON) in sheet
    for secret in (makers.PLACE, "Porte de côté", makers.LINK, "La longue route"):
        assert secret not in sheet


def alone_on(on, **changes):
    return whole(on=written(on), rhythm="once", **changes) | seen(on)


def test_the_public_sheet_prefers_the_regular_meeting_to_one_that_takes_place_once(post, group):
    post("confirm", alone_on(FIRST_ON - timedelta(days=2)))
    group.refresh_from_db()
    alone = group.next_starts_at

    post("confirm", whole())
    post("confirm", alone_on(FIRST_ON - timedelta(days=3)))
    group.refresh_from_db()

    assert alone == instant(FIRST_ON - timedelta(days=2), time(19), ZONE)
    assert (group.next_starts_at, group.rhythm) == (instant(FIRST_ON, time(19), ZONE), "weekly")


def test_an_evening_out_is_not_what_the_sheet_announces(post, group):
    post("confirm", alone_on(FIRST_ON - timedelta(days=2), kind="social"))
    group.refresh_from_db()
    only = group.next_starts_at
    post("confirm", alone_on(FIRST_ON, kind="newcomers"))
    group.refresh_from_db()

    assert only == instant(FIRST_ON - timedelta(days=2), time(19), ZONE)
    assert group.next_starts_at == instant(FIRST_ON, time(19), ZONE)


STEPS = ("schedule", "rhythm", "check", "place", "confirm")


@pytest.mark.parametrize("step", STEPS)
def test_schedule_is_refused_to_a_member_and_hidden_from_others(visit, ines, group, step):
    malik, theo = makers.make_member("malik"), makers.make_member("theo")
    makers.join(malik, group, "Gué bleu")

    assert visit(malik).post(address(step, group), whole()).status_code == 403
    assert visit(theo).post(address(step, group), whole()).status_code == 404
    assert is_nothing_stored(ines)


@pytest.mark.parametrize("step", STEPS[1:])
def test_the_pages_after_the_first_answer_to_post_only(visit, ines, group, step):
    assert visit(ines).get(address(step, group)).status_code == 405


FIFTH = first_date(lambda on: nth_of_month(on) == 5)
NOT_LAST = first_date(lambda on: not is_last_of_month(on))
MANY = "\n".join(written(FIRST_ON + timedelta(days=n)) for n in range(1, 401))
NO_DATE = "is no date of the calendar. Write for example 24/11/2026 or November 24, 2026."
TOO_FAR = "comes before the first meeting, or more than a year from now."
REFUSED = [
    ({"on": written(today() - timedelta(days=2))}, "on", NOT_TO_COME),
    ({"on": written(today() + timedelta(days=367))}, "on", NOT_TO_COME),
    ({"on": "01/01/0001"}, "on", NOT_TO_COME),
    ({"on": "31/02/2027"}, "on", "Error: write the date, for example 24/11/2026 or November 24, 2026."),
    ({"on": ""}, "on", "Error: write the date, for example 24/11/2026 or November 24, 2026."),
    ({"starts": "7"}, "starts", "Error: write the time, for example 7:30 p.m. or 19:30."),
    ({"ends": "18 h 30"}, "ends", "Error: the end comes before the beginning. Write a later time."),
    ({"ends": "19 h"}, "ends", "Error: the end comes before the beginning. Write a later time."),
    ({"until": written(FIRST_ON - timedelta(days=1))}, "until", "Error: this date comes before the first meeting."),
    ({"until": "01/01/0001"}, "until", "Error: this date comes before the first meeting."),
    ({"link": "pas un lien"}, "link", NOT_HTTPS),
    ({"link": "http://rencontre.example/salle"}, "link", NOT_HTTPS),
    ({"link": "javascript:alert(1)"}, "link", NOT_HTTPS),
    ({"link": "https://rencontre.example/a b"}, "link", NOT_HTTPS),
    ({"format": "in_person", "place": ""}, "place", NO_PLACE),
    ({"format": "in_person", "place": " "}, "place", NO_PLACE),
    ({"format": "online", "link": ""}, "link", NO_LINK),
    ({"rhythm": ""}, "rhythm", "Error: choose how often you meet."),
    ({"rhythm": "hourly"}, "rhythm", "Error: choose how often you meet."),
    ({"format": ""}, "format", "Error: choose how you meet."),
    ({"kind": ""}, "kind", "Error: choose what it is."),
    ({"on": written(FIFTH), "rhythm": "monthly"}, "rhythm", "Error: choose how often you meet."),
    ({"on": written(NOT_LAST), "rhythm": "monthly_last"}, "rhythm", "Error: choose how often you meet."),
    ({"on": "31/12/9999"}, "on", NOT_TO_COME),
    ({"rhythm": "picked"}, "picked", "Error: write at least one more date, for example 24/11/2026."),
    ({"rhythm": "picked", "picked": "demain"}, "picked", f"Error: “demain” {NO_DATE}"),
    ({"rhythm": "picked", "picked": "01/01/0001"}, "picked", f"Error: “01/01/0001” {TOO_FAR}"),
    ({"rhythm": "picked", "picked": "31/12/9999"}, "picked", f"Error: “31/12/9999” {TOO_FAR}"),
    ({"rhythm": "picked", "picked": MANY}, "picked", "Error: at most 60 dates at a time: this list has 400."),
    ({"phone": "438\r\nBcc: theo"}, "phone", HIDDEN_SIGN),
    ({"place": "14, rue\r\nBcc: theo@people.example"}, "place", HIDDEN_SIGN),
    ({"theme": "La\r\nroute"}, "theme", HIDDEN_SIGN),
    ({"place": "a" * 201}, "place", "Error: ensure this value has at most 200 characters (it has 201)."),
]


@pytest.mark.parametrize(("changes", "field", "message"), REFUSED)
def test_what_cannot_be_is_said_beside_the_field_and_kept(post, ines, group, changes, field, message):
    words = whole(**changes)

    page = post("confirm", words)

    assert page.status_code == 422
    assert error_beside(page.text, field) == message
    shown = shown_in(page.text)
    for name, value in words.items():
        if name not in ("keep", "shown", *changes):
            assert shown.get(name, "").split() == value.split(), name
    for name, value in changes.items():
        kept = shown.get(name, "").split()
        assert kept == value.split() or name in ("rhythm", "format", "kind"), name
    assert is_nothing_stored(ines)


@pytest.mark.parametrize(("step", "field"), [("rhythm", "starts"), ("check", "until"), ("confirm", "place")])
def test_each_page_refuses_its_own_words_before_the_next_one_opens(post, group, step, field):
    page = post(step, whole(**{field: "\0"}))

    assert page.status_code == 422
    assert error_beside(page.text, field)


@pytest.mark.parametrize("field", sorted(typed()))
def test_a_nul_byte_is_refused_in_every_field(post, ines, field):
    words = whole(rhythm="picked", picked=written(WEEKS[1])) | seen(*WEEKS[:2])

    page = post("confirm", {**words, field: words[field] + "\0x"})

    assert page.status_code == 422
    assert 'class="e-summary"' in page.text
    assert is_nothing_stored(ines)


@pytest.mark.parametrize("field", sorted(typed()))
def test_a_line_break_inside_is_refused_in_every_field(post, ines, field):
    """No field is a header of a mail, a line of a calendar file or of a log."""
    words = whole(rhythm="picked", picked=written(WEEKS[1])) | seen(*WEEKS[:2])

    page = post("confirm", {**words, field: words[field] + "\r\nBcc: theo@people.example"})

    assert page.status_code == 422
    assert 'class="e-summary"' in page.text
    assert is_nothing_stored(ines)


def test_a_series_without_an_end_has_one_all_the_same_wherever_dates_are_counted(post, ines, group):
    """Neither the pages nor the table hold more than the weeks that are looked at."""
    far = post("check", typed(until="31/12/9999"))
    post("confirm", whole(until=""))

    assert far.status_code == 200 and far.text.count('name="keep"') == 6
    with as_person(ines):
        assert Series.objects.get().until is None
        assert 25 <= Meeting.objects.count() <= 26


def test_a_meeting_of_today_that_has_begun_is_refused(post, ines):
    today_there = timezone.localdate(timezone=makers.MONTREAL)

    page = post("confirm", alone_on(today_there, starts="0 h", ends="0 h 01"))

    assert error_beside(page.text, "on") == NOT_TO_COME
    assert is_nothing_stored(ines)


def test_a_line_break_at_the_end_of_a_field_is_left_out(post, ines, group):
    post("confirm", whole(place=f"{makers.PLACE}\r\n"))

    with as_person(ines):
        series = Series.objects.get()
        place = enter_group(ines, group.pk).keyring.open(series.sealed, "series", series.pk)
    assert place["place"] == makers.PLACE
