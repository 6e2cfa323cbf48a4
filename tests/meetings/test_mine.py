"""One month of one's own meetings, over all groups and on one's own clock."""

import re
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.utils import translation

from entraide.lib.times import day
from meetings.models import Meeting
from tests import makers
from tests.makers import as_person

DECEMBER = datetime(2026, 12, 2, 17, tzinfo=UTC)


@pytest.fixture
def malik(db):
    """In Paris, in two groups of Montréal; a third one is none of his."""
    with time_machine.travel(DECEMBER):
        malik, ines = makers.make_member("malik", time_zone="Europe/Paris"), makers.make_member("ines")
        plans = [
            ("Deux soirs", date(2026, 12, 8), time(19), time(20, 30)),
            ("Le port", date(2026, 12, 4), time(9), time(10)),
        ]
        for name, on, starts, ends in plans:
            group = makers.make_group(ines, "Phare vert", name=name)
            makers.join(malik, group, "Gué bleu")
            makers.make_series(ines, group, on=on, starts=starts, ends=ends)
        foreign = makers.make_group(ines, "Phare vert", name="Sans lui")
        makers.make_series(ines, foreign, on=date(2026, 12, 10))
        yield malik


def rows_of(page):
    rows = re.findall(r'<li class="e-meet[^>]*>.*?</li>', page.text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).replace("\u00a0", " ") for row in rows]


def lit_days(page):
    return [int(number) for number in re.findall(r'<td[^>]*><a href="#m-[0-9a-f-]+">(\d+)<', page.text)]


def test_a_month_over_all_groups_on_ones_own_clock(visit, malik):
    with translation.override("en"):
        page = visit(malik).get("/en/me/meetings/")

    assert lit_days(page) == [4, 9, 11, 16, 18, 23, 25, 30]  # 19:00 in Montréal is the next day in Paris
    rows = rows_of(page)
    assert len(rows) == 8
    with translation.override("en"):
        assert day(date(2026, 12, 9)).replace("\u00a0", " ") in rows[1]
    assert "1:00 a.m. to 2:30 a.m." in rows[1]
    assert "Deux soirs (7:00 p.m. to 8:30 p.m., Montréal time)" in rows[1]
    assert "Sans lui" not in page.text


def test_it_leads_whoever_is_in_a_group_to_their_private_address(visit, malik):
    pages = [visit(person).get("/me/meetings/").text for person in (malik, makers.make_member("zoe"))]

    assert ['href="/me/meetings/calendar/"' in page for page in pages] == [True, False]


def test_each_day_leads_to_its_line(visit, malik):
    page = visit(malik).get("/me/meetings/").text

    leads = re.findall(r'href="#(m-[0-9a-f-]+)"', page)
    assert len(leads) == 8 and all(f'id="{lead}"' in page for lead in leads)


@pytest.mark.parametrize(
    ("month", "title"),
    [
        ("2027-01", "Janvier 2027"),
        ("2027-06", "Juin 2027"),
        ("2027-07", "Décembre 2026"),
        ("2026-11", "Décembre 2026"),
        ("9999-12", "Décembre 2026"),
        ("0001-01", "Décembre 2026"),
        ("2027-13", "Décembre 2026"),
        ("\0", "Décembre 2026"),
        ("2027-01'--", "Décembre 2026"),
    ],
)
def test_the_month_of_the_address_within_reach(visit, malik, month, title):
    page = visit(malik).get("/me/meetings/", {"month": month})

    assert f'<h2 id="t-month">{title}</h2>' in page.text


def test_a_cancelled_meeting_is_still_seen_and_says_so(visit, malik):
    with as_person(malik):
        meeting = Meeting.objects.order_by("starts_at").first()
    with as_person(makers.Member.objects.get(email__startswith="ines")):
        Meeting.objects.filter(pk=meeting.pk).update(cancelled_at=DECEMBER)

    rows = rows_of(visit(malik).get("/me/meetings/"))

    assert ["Annulée" in row for row in rows] == [True] + [False] * 7


def test_without_a_group_there_is_none(visit, malik):
    page = visit(makers.make_member("theo")).get("/me/meetings/")

    assert page.status_code == 200
    assert (lit_days(page), rows_of(page)) == ([], [])


def test_a_visitor_is_asked_to_sign_in(visit, malik):
    assert visit().get("/me/meetings/").status_code == 302


def test_it_leads_to_the_calendar_for_whoever_is_in_a_group(visit, malik):
    theo = makers.make_member("theo")

    pages = [visit(person).get("/me/meetings/").text for person in (malik, theo)]

    assert ['href="/me/meetings/calendar/"' in page for page in pages] == [True, False]
