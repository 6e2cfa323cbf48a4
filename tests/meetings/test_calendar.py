"""Meetings in one's own calendar: read back as calendars read them, and searched for what they must not tell."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from icalendar import Calendar

from entraide.erasing import forget
from groups.vault import member_tag
from meetings.models import CalendarAddress, Meeting
from tests import makers, pages
from tests.makers import MONTREAL, as_person, everything_stored
from tests.meetings.conftest import move
from tests.test_races import at_once, browser_of

PAGE = "/me/meetings/calendar/"
WINTER = datetime(2027, 2, 15, 17, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def take_address(browser):
    browser.post(PAGE)
    return shown_address(browser)


def shown_address(browser):
    found = re.search(r'value="(\S+\.ics)"', browser.get(PAGE).text)
    return found and found[1].removeprefix(settings.SITE_URL)


def ask(address):
    """As a calendar does: without a session, knowing the address alone."""
    return Client().get(address)


def answer_to(address):
    """All that tells it from another one, but for the address itself, to which the English page is a link."""
    status, headers, page = pages.fingerprint(ask(address))
    return status, headers, page.replace(address, "…")


def entries(answer):
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def starts(answer, zone=UTC):
    """As a calendar shows them, in the order of time."""
    found = recurring_ical_events.of(entries(answer)).between(date(2020, 1, 1), date(2040, 1, 1))
    return sorted(event.start.astimezone(zone) for event in found)


def file_of(circle, meeting=None):
    return reverse("meetings:calendar_file", args=[circle.group.pk, (meeting or circle.meeting).pk])


def test_a_file_tells_when_and_nothing_else(visit, circle):
    answer = visit(circle.malik).get(file_of(circle))

    [event] = entries(answer).walk("VEVENT")
    assert set(event) == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS"}
    assert (event["SUMMARY"], event["CLASS"]) == ("Rendez-vous", "PRIVATE")
    assert (event.start, event.end) == (circle.meeting.starts_at, circle.meeting.ends_at)
    assert answer["Content-Disposition"] == 'attachment; filename="rendez-vous.ics"'
    assert answer["Cache-Control"] == "no-store"


def test_in_english_it_is_an_appointment(visit, circle):
    with translation.override("en"):
        answer = visit(circle.malik).get(file_of(circle))

    assert [event["SUMMARY"] for event in entries(answer).walk("VEVENT")] == ["Appointment"]
    assert 'filename="appointment.ics"' in answer["Content-Disposition"]


def test_no_file_tells_group_place_people_site_or_id(visit, circle):
    browser = visit(circle.malik)

    for answer in (browser.get(file_of(circle)), ask(take_address(browser))):
        text = answer.content.decode().lower()
        told = [circle.group.name, circle.group.city, makers.PLACE, "rencontre", "gué bleu", "phare vert", "entraide"]
        told += ["america", str(circle.group.pk), str(circle.meeting.pk), settings.SITE_URL, "groupe"]
        for secret in told:
            assert secret.lower() not in text
        assert "dtstart:" in text


def test_two_people_at_one_meeting_have_entries_of_other_names(visit, circle):
    names = set()
    for member in (circle.ines, circle.malik):
        browser = visit(member)
        for answer in (browser.get(file_of(circle)), ask(take_address(browser))):
            [name] = [
                event["UID"] for event in entries(answer).walk("VEVENT") if event.start == circle.meeting.starts_at
            ]
            names.add(name)

    assert len(names) == 4


def test_taken_again_after_it_was_moved_it_is_the_same_entry_and_newer(visit, circle):
    browser = visit(circle.malik)
    [before] = entries(browser.get(file_of(circle))).walk("VEVENT")
    makers.change_meeting(circle.ines, circle.group, circle.meeting, starts=time(20), ends=time(21))

    [after] = entries(browser.get(file_of(circle))).walk("VEVENT")

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.start.astimezone(MONTREAL).time() == time(20)


def test_taken_again_after_it_was_cancelled_it_says_so(visit, circle):
    browser = visit(circle.malik)
    visit(circle.ines).post(reverse("meetings:cancel", args=[circle.group.pk, circle.meeting.pk]), {"version": 1})

    [event] = entries(browser.get(file_of(circle))).walk("VEVENT")

    assert event["STATUS"] == "CANCELLED"
    assert file_of(circle) in browser.get(reverse("meetings:meeting", args=[circle.group.pk, circle.meeting.pk])).text


def test_there_is_no_file_of_a_meeting_that_is_over(visit, circle):
    move(circle.ines, circle.meeting, timedelta(minutes=-91))

    answer = visit(circle.malik).get(file_of(circle))

    assert answer.url == reverse("meetings:meeting", args=[circle.group.pk, circle.meeting.pk])


def test_an_address_follows_every_group_over_the_change_of_clocks(visit, db):
    with time_machine.travel(WINTER):
        malik, ines = makers.make_member("malik"), makers.make_member("ines")
        for name, on in (("Deux soirs", date(2027, 3, 9)), ("Le port", date(2027, 3, 11))):
            group = makers.make_group(ines, "Phare vert", name=name)
            makers.join(malik, group, "Gué bleu")
            makers.make_series(ines, group, on=on, until=on + timedelta(weeks=4))
        foreign = makers.make_group(ines, "Phare vert", name="Sans lui")
        makers.make_series(ines, foreign, on=date(2027, 3, 10))

        answer = ask(take_address(visit(malik)))

        days = [date(2027, 3, 9), date(2027, 3, 11)]
        expected = sorted(on + timedelta(weeks=week) for on in days for week in range(5))
        shown = starts(answer, MONTREAL)
        assert [(one.date(), one.time()) for one in shown] == [(on, time(19)) for on in expected]
        assert starts(answer)[0] == datetime(2027, 3, 10, 0, tzinfo=UTC)  # the clocks go forward on March 14
        assert starts(answer)[2] == datetime(2027, 3, 16, 23, tzinfo=UTC)
        assert [one.hour for one in starts(answer, PARIS)] == [1, 1, 0, 0, 0, 0, 1, 1, 1, 1]  # and in Paris on the 28th


def test_an_address_follows_what_is_moved_cancelled_and_over(visit, circle):
    with as_person(circle.ines):
        over, moved, cancelled, *others = Meeting.objects.order_by("starts_at")
    address = take_address(visit(circle.malik))
    move(circle.ines, over, timedelta(minutes=-91))
    makers.change_meeting(circle.ines, circle.group, moved, starts=time(9), ends=time(10))
    visit(circle.ines).post(reverse("meetings:cancel", args=[circle.group.pk, cancelled.pk]), {"version": 1})

    first, *rest = starts(ask(address))

    assert first.astimezone(MONTREAL).time() == time(9)
    assert first == moved.starts_at.replace(hour=first.hour)
    assert rest == [meeting.starts_at for meeting in others] and len(rest) > 20


def test_an_address_holds_whatever_becomes_of_a_series(visit, circle):
    browser = visit(circle.malik)
    address = take_address(browser)
    with as_person(circle.ines):
        inside = makers.enter_group_to_act(circle.ines, circle.group.pk)
        third = Meeting.objects.order_by("starts_at").select_related("series")[2]
        makers.call_off_from(inside, third)

    with as_person(circle.malik):
        standing = list(
            Meeting.objects.filter(cancelled_at=None).order_by("starts_at").values_list("starts_at", flat=True)
        )
    assert starts(ask(address)) == standing and len(standing) == 2


def test_with_nothing_to_come_it_is_empty_and_still_there(visit, circle):
    browser = visit(circle.malik)
    address = take_address(browser)
    with as_person(circle.ines):
        makers.call_off_from(makers.enter_group_to_act(circle.ines, circle.group.pk), circle.meeting)

    answer = ask(address)

    assert answer.status_code == 200
    assert starts(answer) == []


def test_wrong_revoked_and_former_addresses_answer_alike(visit, circle):
    browser = visit(circle.malik)
    former = take_address(browser)
    current = take_address(browser)
    assert former != current
    stopped = take_address(visit(circle.ines))
    visit(circle.ines).post(f"{PAGE}stop/")
    never, cut_short = reverse("meetings:feed", args=["A" * 43]), current[: -len("x.ics")] + "_.ics"

    first, *others = map(answer_to, (never, former, stopped, cut_short))

    assert first[0] == 404
    assert all(other == first for other in others)
    assert ask(reverse("meetings:feed", args=["é\n\0"])).status_code == 404
    assert shown_address(visit(circle.ines)) is None
    assert ask(current).status_code == 200


def test_it_stops_when_its_person_leaves_a_group_and_for_nobody_else(visit, circle):
    other = makers.make_group(circle.ines, "Phare vert", name="Une autre rive")
    makers.join(circle.malik, other, "Gué bleu")
    browser = visit(circle.malik)
    address, hers = take_address(browser), take_address(visit(circle.ines))

    makers.leave(circle.malik, other)

    assert ask(address).status_code == 404
    assert ask(hers).status_code == 200
    assert shown_address(browser) is None
    assert ask(take_address(browser)).status_code == 200  # of the group that is left


def test_it_goes_with_the_account(visit, circle):
    address = take_address(visit(circle.malik))

    with as_person(circle.malik):
        forget(circle.malik, keep_stories=False)

    assert ask(address).status_code == 404
    assert makers.as_superuser("select count(*) from meetings_calendaraddress")


def test_when_a_group_ends_those_who_are_in_no_other_lose_it(committed, visit):
    circle = makers.make_circle()
    makers.make_group(circle.ines, "Phare vert", name="Une autre rive")
    his, hers = take_address(visit(circle.malik)), take_address(visit(circle.ines))

    makers.as_superuser("delete from groups_group where id = %s", circle.group.pk)

    assert ask(his).status_code == 404
    assert ask(hers).status_code == 200
    [count] = makers.as_superuser("select count(*) from meetings_calendaraddress")
    assert count == (1,)


def test_somebody_in_no_group_has_none(visit, circle):
    browser = visit(makers.make_member("theo"))

    assert take_address(browser) is None
    assert "Dès que vous êtes dans un groupe" in browser.get(PAGE).text


def test_a_copy_of_the_database_does_not_tell_an_address_nor_whose_it_is(committed, owner, visit):
    circle = makers.make_circle()
    address = take_address(visit(circle.malik))
    with as_person(circle.malik):
        row = CalendarAddress.objects.get()

    stored = everything_stored(owner)

    assert str(row.pk) in stored["meetings_calendaraddress"]
    secret = address.rpartition("/")[2].removesuffix(".ics")
    for rows in stored.values():
        assert secret not in rows
    for clear in (str(circle.malik.pk), circle.malik.email, str(circle.group.pk)):
        assert clear not in stored["meetings_calendaraddress"]


def test_members_see_no_address_of_another(visit, circle):
    take_address(visit(circle.malik))

    with as_person(circle.ines):
        assert not CalendarAddress.objects.exists()
        assert CalendarAddress.objects.filter(member_tag=member_tag(circle.malik.pk)).delete()[0] == 0
    with as_person(circle.malik), transaction.atomic():
        assert CalendarAddress.objects.count() == 1


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_an_address_is_only_read(visit, circle, method):
    address = take_address(visit(circle.malik))

    assert getattr(Client(), method)(address).status_code == 405
    assert ask(address).status_code == 200


def test_a_calendar_gets_no_session_and_becomes_nobody(visit, circle):
    answer = ask(take_address(visit(circle.malik)))

    assert not answer.cookies
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    with transaction.atomic():
        assert not Meeting.objects.exists()


def test_ten_new_addresses_at_once_are_one(committed):
    circle = makers.make_circle()
    browsers = [browser_of(circle.malik) for _ in range(10)]

    statuses = at_once(*(partial(one.post, PAGE) for one in browsers))

    assert statuses == [302] * 10
    assert ask(shown_address(browsers[0])).status_code == 200
    assert makers.as_superuser("select count(*) from meetings_calendaraddress") == [(1,)]


def test_taking_an_address_while_leaving_the_only_group_leaves_none(committed):
    for _ in range(4):
        makers.empty_every_table()
        circle = makers.make_circle()
        leaving, taking = browser_of(circle.malik), browser_of(circle.malik)
        leave = partial(leaving.post, f"/g/{circle.group.pk}/leave/", {"stories": "keep"})

        assert at_once(leave, partial(taking.post, PAGE)) == [302, 302]

        assert makers.as_superuser("select count(*) from meetings_calendaraddress") == [(0,)]
