"""Scheduling: typed, checked, confirmed, announced; by those who facilitate alone."""

import re
from datetime import time, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from entraide.lib import times
from entraide.lib.days import today
from entraide.lib.rhythm import is_last_of_month, nth_of_month, rhythm_sentence
from groups.confidentiality import enter_group
from meetings.models import Meeting, Series
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
        if attributes["type"] != "radio" or " checked" in control:
            values[attributes["name"]] = unescape(attributes.get("value", ""))
    values.pop("csrfmiddlewaretoken", None)
    return values


def form_to(page, step, group):
    return re.search(rf'<form[^>]*action="{address(step, group)}".*?</form>', page, re.DOTALL)[0]


def is_nothing_stored(member):
    with as_person(member):
        return not Series.objects.exists() and not Meeting.objects.exists()


def test_schedule_from_the_empty_page_to_the_agenda(visit, ines, group):
    browser = visit(ines)

    empty = browser.get(address("schedule", group))
    checked = browser.post(address("check", group), typed())
    done = browser.post(address("confirm", group), shown_in(form_to(checked.text, "confirm", group)))
    agenda = browser.get(done.url)

    assert shown_in(form_to(empty.text, "check", group))["rhythm"] == "weekly"
    assert done.url == address("agenda", group)
    assert "Les rencontres sont au calendrier du groupe." in agenda.text
    with as_person(ines):
        series, meeting = Series.objects.get(), Meeting.objects.order_by("starts_at").first()
        place = enter_group(ines, group.pk).keyring.open(series.sealed, "series", series.pk)
    assert (series.rhythm, series.first_on, series.zone, series.minutes) == ("weekly", FIRST_ON, ZONE, 90)
    assert meeting.starts_at == instant(FIRST_ON, time(19), ZONE)
    assert place == {
        "place": makers.PLACE,
        "access_note": "Porte de côté",
        "link": makers.LINK,
        "theme": "La longue route",
    }


def test_check_shows_the_sentence_and_the_dates_and_stores_nothing(visit, ines, group):
    checked = visit(ines).post(address("check", group), typed())

    dates = re.search(r'<ol class="e-rows">(.*?)</ol>', checked.text, re.DOTALL)[1]
    sentence = re.search(r'<p class="e-sentence">(.*?)</p>', checked.text)[1].replace("\u00a0", " ")
    with translation.override("fr"):
        assert sentence == f"Chaque {times.weekday(FIRST_ON)}, de 19 h à 20 h 30, heure de Montréal."
        assert re.findall("<li>(.*?)</li>", dates) == [times.day(FIRST_ON + timedelta(weeks=n)) for n in range(6)]
    assert is_nothing_stored(ines)


def test_check_shows_one_date_for_a_meeting_that_takes_place_once(post):
    checked = post("check", typed(rhythm="once"))

    assert len(re.findall("<li>[A-Z][a-z]+day, ", checked.text)) == 1
    assert "I schedule this meeting<" in checked.text


def test_change_shows_again_what_was_typed(visit, ines, group):
    words, browser = typed(until=written(FIRST_ON + timedelta(days=70)), format="online"), visit(ines)

    checked = browser.post(address("check", group), words)
    back = browser.post(address("schedule", group), shown_in(form_to(checked.text, "schedule", group)))

    assert back.status_code == 200
    assert shown_in(form_to(back.text, "check", group)) == words


def test_confirm_twice_makes_one_series(post, ines):
    words = typed()

    first, second = post("confirm", words), post("confirm", words)

    assert first.status_code == second.status_code == 302
    with as_person(ines):
        assert Series.objects.count() == 1
        assert Meeting.objects.count() == 26


def test_two_plans_are_two_series(post, ines):
    post("confirm", typed(rhythm="once"))
    post("confirm", typed(rhythm="once"))

    with as_person(ines):
        assert Series.objects.count() == Meeting.objects.count() == 2


def test_the_public_sheet_shows_the_next_meeting_and_the_rhythm_and_never_where(post, group):
    post("confirm", typed())
    starts_at = instant(FIRST_ON, time(19), ZONE)

    sheet = Client().get(reverse("groups:sheet", args=[group.slug])).text

    assert f'datetime="{times.local(starts_at, ZONE).isoformat(timespec="minutes")}"' in sheet
    assert "19\u00a0h à 20\u00a0h\u00a030" in sheet
    with translation.override("fr"):
        assert rhythm_sentence("weekly", FIRST_ON) in sheet
    for secret in (makers.PLACE, "Porte de côté", makers.LINK, "La longue route"):
        assert secret not in sheet


def test_the_public_sheet_prefers_the_regular_meeting_to_one_that_takes_place_once(post, group):
    post("confirm", typed(rhythm="once", on=written(FIRST_ON - timedelta(days=2))))
    group.refresh_from_db()
    alone = group.next_starts_at

    post("confirm", typed())
    post("confirm", typed(rhythm="once", on=written(FIRST_ON - timedelta(days=3))))
    group.refresh_from_db()

    assert alone == instant(FIRST_ON - timedelta(days=2), time(19), ZONE)
    assert (group.next_starts_at, group.rhythm) == (instant(FIRST_ON, time(19), ZONE), "weekly")


@pytest.mark.parametrize("step", ["schedule", "check", "confirm"])
def test_schedule_is_refused_to_a_member_and_hidden_from_others(visit, ines, group, step):
    malik, theo = makers.make_member("malik"), makers.make_member("theo")
    makers.join(malik, group, "Gué bleu")

    assert visit(malik).post(address(step, group), typed()).status_code == 403
    assert visit(theo).post(address(step, group), typed()).status_code == 404
    assert is_nothing_stored(ines)


@pytest.mark.parametrize("step", ["check", "confirm"])
def test_check_and_confirm_answer_to_post_only(visit, ines, group, step):
    assert visit(ines).get(address(step, group)).status_code == 405


FIFTH = first_date(lambda on: nth_of_month(on) == 5)
NOT_LAST = first_date(lambda on: not is_last_of_month(on))
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
    ({"link": "http://rencontre.example/salle"}, "link", NOT_HTTPS),
    ({"link": "javascript:alert(1)"}, "link", "Error: enter a valid URL."),
    ({"link": "https://rencontre.example/a b"}, "link", "Error: enter a valid URL."),
    ({"format": "in_person", "place": ""}, "place", NO_PLACE),
    ({"format": "in_person", "place": " "}, "place", NO_PLACE),
    ({"format": "online", "link": ""}, "link", NO_LINK),
    ({"rhythm": ""}, "rhythm", "Error: choose how often you meet."),
    ({"format": ""}, "format", "Error: choose how you meet."),
    (
        {"on": written(FIFTH), "rhythm": "monthly"},
        "rhythm",
        "Error: few months have a fifth such day. Choose “the last” instead.",
    ),
    (
        {"on": written(NOT_LAST), "rhythm": "monthly_last"},
        "rhythm",
        "Error: the first date is not the last such weekday of its month. Change one of them.",
    ),
    ({"place": "14, rue\r\nBcc: theo@people.example"}, "place", HIDDEN_SIGN),
    ({"theme": "La\r\nroute"}, "theme", HIDDEN_SIGN),
    ({"place": "a" * 201}, "place", "Error: ensure this value has at most 200 characters (it has 201)."),
]


@pytest.mark.parametrize("step", ["check", "confirm"])
@pytest.mark.parametrize(("changes", "field", "message"), REFUSED)
def test_what_cannot_be_is_said_beside_the_field_and_kept(post, ines, group, step, changes, field, message):
    words = typed(**changes)

    page = post(step, words)

    assert page.status_code == 422
    assert error_beside(page.text, field) == message
    shown = shown_in(page.text)
    for name, value in words.items():
        assert shown.get(name, "").split() == value.split(), name
    assert is_nothing_stored(ines)


@pytest.mark.parametrize("field", sorted(typed()))
def test_a_nul_byte_is_refused_in_every_field(post, ines, field):
    words = typed()

    page = post("confirm", {**words, field: words[field] + "\0x"})

    assert page.status_code == 422
    assert 'class="e-summary"' in page.text
    assert is_nothing_stored(ines)


def test_a_meeting_of_today_that_has_begun_is_refused(post, ines):
    today_there = timezone.localdate(timezone=makers.MONTREAL)

    page = post("confirm", typed(on=written(today_there), starts="0 h", ends="0 h 01", rhythm="once"))

    assert error_beside(page.text, "on") == NOT_TO_COME
    assert is_nothing_stored(ines)


def test_a_line_break_at_the_end_of_a_field_is_left_out(post, ines, group):
    post("confirm", typed(place=f"{makers.PLACE}\r\n"))

    with as_person(ines):
        series = Series.objects.get()
        place = enter_group(ines, group.pk).keyring.open(series.sealed, "series", series.pk)
    assert place["place"] == makers.PLACE
