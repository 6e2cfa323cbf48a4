"""One meeting moved, changed or called off; this one and those that follow. What was said of one date alone stays when
the series changes, what took place never changes, and whoever comes second sees it and loses nothing."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from entraide.lib.days import today
from entraide.lib.times import day
from groups.confidentiality import enter_group
from meetings.models import Meeting, Series
from meetings.recurrence import instant
from meetings.where import words_of
from tests import makers
from tests.makers import as_person
from tests.meetings.conftest import move
from tests.meetings.test_schedule import NOT_HTTPS, dates_on, error_beside, seen, shown_in, written

ZONE = "America/Toronto"
FIRST_ON = today() + timedelta(days=7)
WEEKS = [FIRST_ON + timedelta(weeks=n) for n in range(26)]
ELSEWHERE = "9, quai des Brumes"
FIRST = {"version": 1, "series_version": 1}  # of what nobody has changed yet


@pytest.fixture
def ines(db):
    return makers.make_member("ines", time_zone=ZONE)


@pytest.fixture
def group(ines):
    return makers.make_group(ines, "Phare vert")


@pytest.fixture
def series(ines, group):
    return makers.make_series(ines, group, on=FIRST_ON, theme="La route")


@pytest.fixture
def browser(visit, ines):
    return visit(ines)


def address(name, group, *meeting, language="en"):
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[group.pk, *(one.pk for one in meeting)])


def meetings_of(ines):
    with as_person(ines):
        return list(Meeting.objects.select_related("series").order_by("planned_on", "starts_at"))


def walls(meetings):
    return [moment.starts_at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) for moment in meetings]


def typed_for(browser, group, meeting, **changes):
    page = browser.get(address("change", group, meeting))
    return shown_in(page.text) | changes


def change(browser, group, meeting, **changes):
    with translation.override("en"):
        return browser.post(address("change", group, meeting), typed_for(browser, group, meeting, **changes))


def place_of(ines, group, meeting):
    with as_person(ines):
        meeting = Meeting.objects.select_related("series").get(pk=meeting.pk)
        return words_of(enter_group(ines, group.pk), meeting)


def plan_from(browser, group, meeting, without=(), **changes):
    """Through the four pages, from a meeting on; the last answer."""
    form = shown_in(browser.get(address("change_following", group, meeting)).text) | changes
    with translation.override("en"):
        for step in ("rhythm", "check", "place", "confirm"):
            page = browser.post(address(step, group), form)
            if page.status_code != 200:
                return page
            form = shown_in(page.text) | changes
            if step == "check":
                form["keep"] = [on for on in form.get("keep", []) if on not in {on.isoformat() for on in without}]
    raise AssertionError("the last page answered with a page")


def test_one_meeting_is_moved_and_the_others_stay(browser, ines, group, series):
    before = meetings_of(ines)

    sent = change(browser, group, before[2], on=written(WEEKS[2] + timedelta(days=1)), starts="18:15", ends="20:00")

    after = meetings_of(ines)
    moved = after.pop(2)
    assert sent.url == address("meeting", group, moved)
    assert walls([moved]) == [datetime.combine(WEEKS[2] + timedelta(days=1), time(18, 15))]
    assert moved.ends_at - moved.starts_at == timedelta(minutes=105)
    assert moved.day_before_at == instant(WEEKS[2], time(18, 15), ZONE)
    assert (moved.version, moved.is_moved, moved.changed_at, moved.sealed) == (2, True, None, None)
    assert [vars_of(one) for one in after] == [vars_of(one) for one in before[:2] + before[3:]]


def vars_of(meeting):
    return {name: value for name, value in vars(meeting).items() if name != "_state"}


def test_a_moved_meeting_says_so_to_its_members(browser, visit, ines, group, series):
    malik = makers.make_member("malik", time_zone=ZONE)
    makers.join(malik, group, "Gué bleu")
    meeting = meetings_of(ines)[2]
    change(browser, group, meeting, on=written(WEEKS[2] + timedelta(days=1)))

    page = visit(malik).get(address("meeting", group, meeting)).text

    with translation.override("en"):
        assert f"It was planned for {day(WEEKS[2])}." in page
        assert day(WEEKS[2] + timedelta(days=1)) in page


def test_back_at_its_planned_time_a_meeting_follows_its_series_again(browser, ines, group, series):
    meeting = meetings_of(ines)[2]
    change(browser, group, meeting, starts="18:15")

    change(browser, group, meeting, starts="19:00")

    again = meetings_of(ines)[2]
    assert (again.starts_at, again.moved_at, again.is_own) == (meeting.starts_at, None, False)


def test_one_meeting_takes_place_elsewhere_and_keeps_its_room(browser, ines, group, series):
    first, second = meetings_of(ines)[:2]

    form = typed_for(browser, group, first)
    change(browser, group, first, place=ELSEWHERE, kind="social", theme="Au bord de l’eau")

    expected = {"place": ELSEWHERE, "access_note": "", "phone": "", "link": makers.LINK, "theme": "Au bord de l’eau"}
    assert form["link"] == ""  # the address of the room is in no page
    assert place_of(ines, group, first) == expected
    assert place_of(ines, group, second)["place"] == makers.PLACE
    changed = meetings_of(ines)[0]
    assert (changed.kind, changed.is_moved, changed.starts_at) == ("social", False, first.starts_at)
    assert ELSEWHERE.encode() not in bytes(changed.sealed)
    page = browser.get(address("meeting", group, first)).text
    assert ELSEWHERE in page and makers.PLACE not in page and makers.LINK not in page
    with translation.override("en"):
        assert "An evening out, a walk, a meal together" in page
        assert browser.get(address("agenda", group)).text.count("An evening out, a walk, a meal together") == 1


def test_as_its_series_again_a_meeting_keeps_nothing_of_its_own(browser, ines, group, series):
    meeting = meetings_of(ines)[0]
    change(browser, group, meeting, place=ELSEWHERE)

    change(browser, group, meeting, place=makers.PLACE)

    again = meetings_of(ines)[0]
    assert (again.changed_at, again.sealed) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"on": "01/01/0001"}, "on", "Error: choose a date to come, within a year from now."),
        ({"on": "31/12/9999"}, "on", "Error: choose a date to come, within a year from now."),
        ({"on": written(today() - timedelta(days=2))}, "on", "Error: choose a date to come, within a year from now."),
        ({"ends": "18 h"}, "ends", "Error: the end comes before the beginning. Write a later time."),
        ({"link": "javascript:alert(1)"}, "link", NOT_HTTPS),
        ({"link": "pas un lien"}, "link", NOT_HTTPS),
        (
            {"place": "Là\r\nBcc: theo"},
            "place",
            "Error: this text holds a hidden sign that cannot be kept. Please type it by hand.",
        ),
        (
            {"format": "in_person", "place": ""},
            "place",
            "Error: indicate the address, so that members find the door.",
        ),
        (
            {"on": written(WEEKS[3]), "starts": "20 h", "ends": "22 h"},
            "on",
            "Error: another meeting of the group takes place then. Choose another time.",
        ),
    ],
)
def test_a_change_that_cannot_be_is_said_beside_the_field_and_kept(
    browser, ines, group, series, changes, field, message
):
    before = [vars_of(one) for one in meetings_of(ines)]
    with as_person(ines):
        meeting = Meeting.objects.get(planned_on=WEEKS[2])

    page = change(browser, group, meeting, **changes)

    assert page.status_code == 422
    assert error_beside(page.text, field) == message
    for name, value in changes.items():
        assert shown_in(page.text)[name].split() == value.split()
    assert [vars_of(one) for one in meetings_of(ines)] == before


FIELDS = "on starts ends format place access_note link phone theme kind seats version".split()


@pytest.mark.parametrize("field", FIELDS)
def test_a_line_break_inside_is_refused_in_every_field_of_a_change(browser, ines, group, series, field):
    meeting = meetings_of(ines)[2]
    typed = typed_for(browser, group, meeting)
    assert set(FIELDS) == typed.keys()

    page = change(browser, group, meeting, **{field: f"{typed[field] or 'x'}\r\nBcc: theo@people.example"})

    assert page.status_code == 422
    assert 'class="e-summary"' in page.text
    assert vars_of(meetings_of(ines)[2]) == vars_of(meeting)


def test_an_hour_that_does_not_exist_is_said_with_the_rule(visit, ines, group):
    with time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC)):
        makers.make_series(ines, group, on=datetime(2027, 3, 9).date(), rhythm="once")  # noqa: DTZ001
        browser, meeting = visit(ines), meetings_of(ines)[0]

        sent = change(browser, group, meeting, on="2027-03-14", starts="02:30", ends="04:00")
        page = browser.get(sent.url).text

    assert "This hour does not exist that night: the clocks go forward, and the meeting with them." in page
    assert meetings_of(ines)[0].starts_at == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_who_changes_a_meeting_second_sees_it_and_loses_nothing(visit, ines, group, series):
    one, other, meeting = visit(ines), visit(ines), meetings_of(ines)[2]
    late = typed_for(other, group, meeting, theme="Les mots du second")
    change(one, group, meeting, starts="18:00")

    with translation.override("en"):
        refused = other.post(address("change", group, meeting), late)
        form = shown_in(refused.text)
        again = other.post(address("change", group, meeting), form)

    assert refused.status_code == 422
    assert "Somebody else has changed this meanwhile." in refused.text
    assert "6:00\u00a0p.m. to 8:30\u00a0p.m." in refused.text
    assert {name: form[name] for name in late if name != "version"} == {
        name: value for name, value in late.items() if name != "version"
    }
    assert again.status_code == 302
    assert place_of(ines, group, meeting)["theme"] == "Les mots du second"
    assert walls(meetings_of(ines))[2].time() == time(19)


def test_who_changes_a_meeting_that_was_called_off_meanwhile_keeps_their_words(visit, ines, group, series):
    one, other, meeting = visit(ines), visit(ines), meetings_of(ines)[2]
    late = typed_for(other, group, meeting, theme="Les mots du second")
    one.post(address("cancel", group, meeting), FIRST)

    refused = other.post(address("change", group, meeting), late)

    assert refused.status_code == 422
    assert "somebody else has called it off" in refused.text
    assert shown_in(refused.text)["theme"] == "Les mots du second"
    assert meetings_of(ines)[2].changed_at is None


def test_who_changes_a_meeting_that_is_not_there_any_more_keeps_their_words(visit, ines, group, series):
    one, other, meeting = visit(ines), visit(ines), meetings_of(ines)[5]
    late = typed_for(other, group, meeting, theme="Les mots du second", starts="18:20")
    plan_from(one, group, meetings_of(ines)[2], on=written(WEEKS[2] + timedelta(days=1)))

    with translation.override("en"):
        page = other.post(address("change", group, meeting), late)

    assert "sending it once more plans new meetings" in page.text
    kept = shown_in(page.text)
    assert (kept["theme"], kept["place"]) == ("Les mots du second", makers.PLACE)
    assert (kept["starts"], kept["on"]) == ("18:20", late["on"])


def test_the_same_change_twice_is_one(browser, ines, group, series):
    meeting = meetings_of(ines)[2]
    words = typed_for(browser, group, meeting, theme="Deux fois")

    sent = [browser.post(address("change", group, meeting), words).status_code for _ in range(2)]

    assert sent == [302, 302]
    assert meetings_of(ines)[2].version == 2


def test_from_a_meeting_on_the_hour_changes_and_what_was_said_of_one_date_stays(browser, ines, group):
    makers.make_series(ines, group, on=FIRST_ON, skipped=[WEEKS[10]])
    before = {meeting.planned_on: meeting for meeting in meetings_of(ines)}
    change(browser, group, before[WEEKS[5]], on=written(WEEKS[5] + timedelta(days=2)))
    browser.post(address("cancel", group, before[WEEKS[6]]), FIRST)
    change(browser, group, before[WEEKS[7]], place=ELSEWHERE)

    sent = plan_from(browser, group, before[WEEKS[3]], starts="19:30", ends="21:00", theme="Autre route")

    after = {meeting.planned_on: meeting for meeting in meetings_of(ines)}
    assert sent.url == address("agenda", group)
    assert after.keys() == before.keys() and WEEKS[10] not in after
    assert {on: one.pk for on, one in after.items()} == {on: one.pk for on, one in before.items()}
    assert [one.starts_at for one in list(after.values())[:3]] == [before[on].starts_at for on in WEEKS[:3]]
    new = {on: instant(on, time(19, 30), ZONE) for on in WEEKS[3:] if on != WEEKS[10]}
    new |= {WEEKS[5]: instant(WEEKS[5] + timedelta(days=2), time(19), ZONE), WEEKS[6]: before[WEEKS[6]].starts_at}
    assert {on: after[on].starts_at for on in new} == new
    assert after[WEEKS[6]].is_cancelled and after[WEEKS[5]].is_moved
    assert place_of(ines, group, after[WEEKS[7]])["place"] == ELSEWHERE
    themes = [place_of(ines, group, after[on])["theme"] for on in (WEEKS[2], WEEKS[3], WEEKS[5], WEEKS[8])]
    assert themes == ["", "Autre route", "Autre route", "Autre route"]
    assert place_of(ines, group, after[WEEKS[8]])["link"] == makers.LINK
    with as_person(ines):
        former, later = Series.objects.order_by("first_on")
    assert (former.until, later.first_on, later.skipped) == (WEEKS[3] - timedelta(days=1), WEEKS[3], [WEEKS[10]])


def test_from_a_meeting_on_the_day_changes_and_the_former_dates_have_no_meeting(browser, ines, group, series):
    before = meetings_of(ines)
    change(browser, group, before[5], starts="18:00")
    later = [on + timedelta(days=1) for on in WEEKS]

    plan_from(browser, group, before[3], on=written(later[3]))

    after = meetings_of(ines)
    days = [wall.date() for wall in walls(after)]
    assert sorted(days)[:7] == [*WEEKS[:3], later[3], later[4], WEEKS[5], later[5]]
    assert after[3].pk == before[3].pk  # the page of the meeting from which on it changed
    assert not {one.pk for one in before[6:]} & {one.pk for one in after}
    assert len(days) == len(set(days))


def test_skipped_and_own_dates_are_shown_as_they_are_before_anything_is_kept(browser, ines, group):
    makers.make_series(ines, group, on=FIRST_ON, skipped=[WEEKS[3]])
    first, _, third, fourth = meetings_of(ines)[:4]
    browser.post(address("cancel", group, third), {"version": third.version})
    change(browser, group, fourth, on=written(WEEKS[4] + timedelta(days=1)))
    form = shown_in(browser.get(address("change_following", group, first)).text)

    page = browser.post(address("check", group), form)

    told = dates_on(page)
    assert [is_ticked for is_ticked, _ in told] == [True, True, False, False, False, True]
    assert shown_in(page.text)["keep"] == [on.isoformat() for on in (*WEEKS[:3], *WEEKS[4:6])]
    assert "This meeting is cancelled, and stays so." in told[2][1]
    assert "and stays there." in told[4][1]


def test_from_a_meeting_on_dates_can_be_skipped(browser, ines, group, series):
    plan_from(browser, group, meetings_of(ines)[1], without=WEEKS[2:4], starts="18:00")

    days = [wall.date() for wall in walls(meetings_of(ines))]
    assert days == [on for on in WEEKS if on not in WEEKS[2:4]]


def test_what_took_place_never_changes(visit, ines, group):
    series = makers.make_series(ines, group, on=FIRST_ON - timedelta(weeks=3))
    before = meetings_of(ines)
    past = [one for one in before if one.ends_at < timezone.now()]
    coming = next(one for one in before if one.starts_at > timezone.now() + timedelta(days=1))
    browser = visit(ines)

    for name in ("change", "change_following"):
        assert browser.get(address(name, group, past[0])).url == address("meeting", group, past[0])
    for name in ("cancel", "cancel_following", "change"):
        browser.post(address(name, group, past[0]), typed_for(browser, group, coming, place=ELSEWHERE))
    plan_from(browser, group, coming, starts="18:00", place=ELSEWHERE)
    with as_person(ines):
        assert Meeting.objects.filter(pk__in=[one.pk for one in past]).update(version=9) == 0
        assert Meeting.objects.filter(pk__in=[one.pk for one in past]).delete()[0] == 0

    after = [one for one in meetings_of(ines) if one.ends_at < timezone.now()]
    assert len(past) >= 2
    assert [vars_of(one) for one in after] == [vars_of(one) for one in past]
    assert place_of(ines, group, past[0])["place"] == makers.PLACE
    with as_person(ines):
        assert Series.objects.get(pk=series.pk).until == coming.planned_on - timedelta(days=1)


def test_a_date_whose_meeting_was_moved_forward_and_is_over_gets_no_second_one(browser, ines, group, series):
    meetings = meetings_of(ines)
    move(ines, meetings[4], timedelta(hours=-3))

    plan_from(browser, group, meetings[2], starts="18:00")

    on_that_date = [one for one in meetings_of(ines) if one.planned_on == WEEKS[4]]
    assert [one.pk for one in on_that_date] == [meetings[4].pk]


def test_who_changes_the_following_ones_second_sees_it_and_loses_nothing(visit, ines, group, series):
    meetings = meetings_of(ines)
    one, other = visit(ines), visit(ines)
    form = shown_in(other.get(address("change_following", group, meetings[2])).text)
    plan_from(one, group, meetings[4], starts="17:00")

    with translation.override("en"):
        late = form | {"theme": "Les mots du second", "starts": "18:00"} | seen(*WEEKS[2:8])
        late |= {"rhythm": "weekly", "format": "both", "place": makers.PLACE, "kind": "regular"}
        refused = other.post(address("confirm", group), late)
        again = other.post(address("confirm", group), shown_in(refused.text))

    kept = shown_in(refused.text)
    assert refused.status_code == 422
    assert "Somebody else has changed this meanwhile." in refused.text
    assert all(kept[name] == value for name, value in late.items() if name not in ("series_version", "version"))
    assert again.status_code == 302
    with as_person(ines):
        assert Series.objects.count() == 3


def test_a_meeting_that_is_gone_meanwhile_takes_no_words_with_it(visit, ines, group, series):
    meetings = meetings_of(ines)
    one, other = visit(ines), visit(ines)
    form = shown_in(other.get(address("change_following", group, meetings[6])).text)
    one.post(address("cancel_following", group, meetings[2]), FIRST)

    late = form | {"theme": "Les mots du second"} | seen(*WEEKS[6:12])
    late |= {"rhythm": "weekly", "format": "both", "place": makers.PLACE, "kind": "regular", "link": makers.LINK}
    refused = other.post(address("confirm", group), late)
    with as_person(ines):
        before = Series.objects.count()
    again = other.post(address("confirm", group), shown_in(refused.text))

    assert (refused.status_code, before) == (422, 1)
    assert shown_in(refused.text)["theme"] == "Les mots du second"
    assert again.status_code == 302
    with as_person(ines):
        assert Series.objects.filter(first_on=WEEKS[6]).count() == 1


def test_the_same_plan_twice_changes_the_following_ones_once(browser, ines, group, series):
    form = shown_in(browser.get(address("change_following", group, meetings_of(ines)[2])).text) | seen(*WEEKS[2:8])
    form |= {"rhythm": "weekly", "format": "both", "place": makers.PLACE, "kind": "regular", "starts": "18:00"}

    sent = [browser.post(address("confirm", group), form).status_code for _ in range(2)]

    assert sent == [302, 302]
    with as_person(ines):
        assert Series.objects.count() == 2
        assert Meeting.objects.count() == 26


def test_this_one_and_the_following_ones_are_called_off(browser, ines, group, series):
    before = meetings_of(ines)
    change(browser, group, before[5], starts="18:00")

    browser.post(address("cancel_following", group, before[3]), FIRST)

    after = meetings_of(ines)
    assert [one.pk for one in after] == [one.pk for one in before[:4]]
    assert [one.is_cancelled for one in after] == [False, False, False, True]
    with as_person(ines), time_machine.travel(timezone.now() + timedelta(weeks=8)):
        assert Series.objects.get().until == WEEKS[3] - timedelta(days=1)
    group.refresh_from_db()
    assert group.next_starts_at == before[0].starts_at


def test_a_following_one_of_which_somebody_may_have_been_reminded_is_crossed_out(browser, ines, group, series):
    meetings = meetings_of(ines)
    move(ines, meetings[3], timedelta(hours=20))

    browser.post(address("cancel_following", group, meetings[1]), FIRST)

    assert [one.is_cancelled for one in meetings_of(ines)] == [False, True, True]
    assert meetings_of(ines)[2].pk == meetings[3].pk


def button_to(name, browser, group, meeting):
    """What a press of it on the page as it is now sends."""
    page = browser.get(address("meeting", group, meeting)).text
    return shown_in(re.search(rf'<form[^>]*action="{address(name, group, meeting)}".*?</form>', page, re.DOTALL)[0])


def press(name, browser, group, meeting, sent):
    with translation.override("en"):
        return browser.post(address(name, group, meeting), sent, follow=True).text


def called_off(ines):
    """Which meetings are, and of which there is news to send."""
    found = meetings_of(ines)
    return [one.pk for one in found if one.is_cancelled], [one.pk for one in found if one.notice]


@pytest.mark.parametrize("name", ["cancel", "cancel_following"])
def test_a_page_from_before_calls_off_nothing_that_was_moved_meanwhile(visit, ines, group, series, name):
    one, other, meeting = visit(ines), visit(ines), meetings_of(ines)[2]
    late = button_to(name, other, group, meeting)
    change(one, group, meeting, starts="18:00")

    refused = press(name, other, group, meeting, late)
    without_version = press(name, other, group, meeting, {})
    before = called_off(ines), len(meetings_of(ines))
    press(name, other, group, meeting, button_to(name, other, group, meeting))

    for page in (refused, without_version):
        assert "Somebody else has changed this meanwhile." in page and "Nothing is called off" in page
        assert "6:00\u00a0p.m. to 8:30\u00a0p.m." in page
    assert before == (([], [meeting.pk]), 26)  # the news is that it was moved
    assert called_off(ines) == ([meeting.pk], [meeting.pk])
    assert len(meetings_of(ines)) == (26 if name == "cancel" else 3)


def test_a_page_from_before_calls_off_nothing_that_was_planned_anew_meanwhile(visit, ines, group, series):
    one, other, meetings = visit(ines), visit(ines), meetings_of(ines)
    first, *later = [
        (meeting, name, button_to(name, other, group, meeting))
        for meeting, name in (
            (meetings[1], "cancel_following"),
            (meetings[6], "cancel"),
            (meetings[6], "cancel_following"),
        )
    ]
    plan_from(one, group, meetings[4], starts="18:00")

    pages = [press(name, other, group, meeting, late) for meeting, name, late in (first, *later)]

    assert all("Nothing is called off" in page for page in pages)
    assert called_off(ines) == ([], [meetings[4].pk])
    assert len(meetings_of(ines)) == 26


def test_who_calls_off_the_following_ones_of_a_meeting_called_off_meanwhile_is_told(visit, ines, group, series):
    one, other, meeting = visit(ines), visit(ines), meetings_of(ines)[2]
    late = button_to("cancel_following", other, group, meeting)
    press("cancel", one, group, meeting, button_to("cancel", one, group, meeting))

    refused = press("cancel_following", other, group, meeting, late)

    assert "This meeting has begun or was called off" in refused
    assert called_off(ines)[0] == [meeting.pk] and len(meetings_of(ines)) == 26


@pytest.mark.parametrize("name", ["cancel", "cancel_following"])
def test_pressed_twice_it_is_called_off_once(browser, ines, group, series, name):
    meeting = meetings_of(ines)[2]
    sent = button_to(name, browser, group, meeting)
    press(name, browser, group, meeting, sent)
    before = [vars_of(one) for one in meetings_of(ines)]

    again = press(name, browser, group, meeting, sent)

    assert "called off." in again and "changed this meanwhile" not in again
    assert [vars_of(one) for one in meetings_of(ines)] == before
    assert called_off(ines) == ([meeting.pk], [meeting.pk])


@pytest.mark.parametrize("name", ["change", "change_following", "cancel", "cancel_following"])
def test_arranging_is_refused_to_a_member_and_hidden_from_others(visit, ines, group, series, name):
    malik, theo = makers.make_member("malik"), makers.make_member("theo")
    makers.join(malik, group, "Gué bleu")
    meeting, before = meetings_of(ines)[2], [vars_of(one) for one in meetings_of(ines)]

    for person, status in ((malik, 403), (theo, 404)):
        browser = visit(person)
        send = browser.get if name == "change_following" else browser.post
        assert send(address(name, group, meeting)).status_code == status
    assert [vars_of(one) for one in meetings_of(ines)] == before


def test_each_reader_sees_their_own_time_when_it_differs(visit, ines, group, series):
    malik = makers.make_member("malik", time_zone="Europe/Paris")
    makers.join(malik, group, "Gué bleu")
    meeting = meetings_of(ines)[0]

    with translation.override("en"):
        own, other = (visit(one).get(address("meeting", group, meeting)).text for one in (ines, malik))

    assert "Montréal time" in own and "Where you are" not in own
    assert "Montréal time" in other and "Paris time" in other and "Where you are" in other
