"""Two facilitators, or one and the daily task, at the same moment: one outcome, nothing doubled, never a 500."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from uuid import uuid4

import pytest
from django.http import HttpResponse

from entraide.lib.days import today
from entraide.lib.sql import answer
from groups.belonging import hold_clocks
from groups.confidentiality import enter_group_to_act
from groups.models import Group
from meetings.models import Meeting, Series
from tests import makers, services
from tests.makers import as_person
from tests.meetings.test_availability import last_page, say
from tests.meetings.test_exceptions import WEEKS
from tests.meetings.test_schedule import seen, shown_in
from tests.running import wait_until
from tests.test_races import ROUNDS, at_once, browser_of


def plan_form(browser, group, meeting, **changes):
    """What the last page sends, from this meeting on."""
    form = shown_in(browser.get(f"/g/{group.pk}/meetings/{meeting.pk}/change/following/").text)
    on = WEEKS.index(meeting.planned_on)
    form |= {"rhythm": "weekly", "format": "both", "place": makers.PLACE, "kind": "regular"} | seen(*WEEKS[on : on + 6])
    return form | changes


def gather():
    ines = makers.make_member(f"ines-{uuid4().hex}")
    group = makers.make_group(ines, "Phare vert")
    makers.make_series(ines, group, on=WEEKS[0])
    return ines, group, f"/g/{group.pk}/meetings/"


def test_two_who_change_the_following_ones_at_once_are_one_and_a_conflict(committed):
    ines, group, meetings = gather()
    for number in range(ROUNDS):
        with as_person(ines):
            meeting = Meeting.objects.order_by("planned_on")[number]
        browsers = [browser_of(ines) for _ in range(2)]
        forms = [plan_form(one, group, meeting, starts=f"{17 + hour}:0{number}") for hour, one in enumerate(browsers)]

        statuses = at_once(
            *(partial(one.post, f"{meetings}new/confirm/", form) for one, form in zip(browsers, forms, strict=True))
        )

        assert sorted(statuses) == [302, 422]
    with as_person(ines):
        assert Series.objects.count() == ROUNDS + 1
        assert [meeting.planned_on for meeting in Meeting.objects.order_by("planned_on")] == WEEKS


def test_the_same_plan_ten_times_at_once_is_one_series(committed):
    ines, group, meetings = gather()
    with as_person(ines):
        meeting = Meeting.objects.order_by("planned_on")[3]
    browsers = [browser_of(ines) for _ in range(10)]
    form = plan_form(browsers[0], group, meeting, starts="18:00")

    statuses = at_once(*(partial(one.post, f"{meetings}new/confirm/", form) for one in browsers))

    assert statuses == [302] * 10
    with as_person(ines):
        assert (Series.objects.count(), Meeting.objects.count()) == (2, 26)


def test_two_who_change_one_meeting_at_once_are_one_and_a_conflict(committed):
    ines, _, meetings = gather()
    with as_person(ines):
        meeting = Meeting.objects.order_by("planned_on")[3]
    browsers = [browser_of(ines) for _ in range(2)]
    address = f"{meetings}{meeting.pk}/change/"
    for number in range(ROUNDS):
        forms = [shown_in(one.get(address).text) | {"theme": f"{number} {who}"} for who, one in enumerate(browsers)]

        statuses = at_once(*(partial(one.post, address, form) for one, form in zip(browsers, forms, strict=True)))

        assert sorted(statuses) == [302, 422]
    with as_person(ines):
        assert Meeting.objects.get(pk=meeting.pk).version == 1 + ROUNDS


def test_changing_while_the_daily_task_makes_meetings_doubles_none(committed):
    ines, group, meetings = gather()
    browser = browser_of(ines)
    with ThreadPoolExecutor(1) as pool:
        for number in range(4):
            with as_person(ines):
                Series.objects.update(made_until=today())
                meeting = Meeting.objects.order_by("planned_on")[number]
            form = plan_form(browser, group, meeting, starts=f"18:0{number}")

            making = pool.submit(makers.run_as_worker, "from meetings import upkeep; upkeep.make_meetings_ahead()")
            while not making.done():
                sent = browser.post(f"{meetings}new/confirm/", form)
                assert sent.status_code == 302
            making.result()

    with as_person(ines):
        days = [meeting.planned_on for meeting in Meeting.objects.order_by("planned_on")]
        assert days == WEEKS
        assert Series.objects.count() == 5


CLOSE = "select app.close_group(%s)"  # as a decision of its members does


def forms_of_change(browser, group, meeting):
    """Address and form: of this meeting alone; of it and those that follow."""
    meetings = f"/g/{group.pk}/meetings/"
    alone = f"{meetings}{meeting.pk}/change/"
    yield alone, shown_in(browser.get(alone).text) | {"theme": "Marcher"}
    yield f"{meetings}new/confirm/", plan_form(browser, group, meeting, starts="17:00")


def what_is_left():
    tables = ("meetings_series", "meetings_meeting", "meetings_wave", "meetings_reminder")
    return {table for table in tables if makers.as_superuser(f"select * from {table}")}


@pytest.mark.parametrize("which", [0, 1], ids=["alone", "with those that follow"])
@pytest.mark.parametrize("how", ["by a decision", "with its last member"])
def test_saving_a_change_of_a_meeting_while_the_group_closes_leaves_no_meeting(committed, how, which):
    for _ in range(ROUNDS // 2):
        ines, group, _ = gather()
        with as_person(ines):
            meeting = Meeting.objects.order_by("planned_on")[1]
        browser, other = browser_of(ines), browser_of(ines)
        address, form = list(forms_of_change(browser, group, meeting))[which]
        if how == "by a decision":
            close = partial(_closed, group)
        else:
            close = partial(other.post, f"/g/{group.pk}/leave/", {"stories": "withdraw"})

        statuses = at_once(partial(browser.post, address, form), close)

        assert statuses[0] in ({302, 403} if how == "by a decision" else {302, 404})
        assert statuses[1] == 302
        assert Group.objects.get(pk=group.pk).is_closed
        assert what_is_left() == set()
        assert browser.post(address, form).status_code in (403, 404)


def _closed(group):
    makers.as_superuser(CLOSE, str(group.pk))
    return HttpResponse(status=302)


@pytest.mark.parametrize("which", [0, 1], ids=["alone", "with those that follow"])
def test_a_change_of_a_meeting_that_waits_for_the_end_of_its_group_comes_too_late(committed, which):
    ines, group, _ = gather()
    with as_person(ines):
        meeting = Meeting.objects.order_by("planned_on")[1]
    browser, statuses = browser_of(ines), []
    address, form = list(forms_of_change(browser, group, meeting))[which]
    change = Thread(target=lambda: statuses.extend(at_once(partial(browser.post, address, form))))

    with services.superuser() as cursor:
        cursor.execute("begin")
        cursor.execute(CLOSE, [str(group.pk)])
        change.start()
        wait_until(partial(answer, "select exists (select 1 from pg_locks where not granted)"))
        cursor.execute("commit")
    change.join()

    assert statuses == [403]
    assert what_is_left() == set()


def test_offering_to_facilitate_a_meeting_that_is_being_taken_away_finds_it_gone(committed):
    ines, group, meetings = gather()
    malik, statuses = makers.make_member(f"malik-{uuid4().hex}"), []
    makers.join(malik, group, "Gué bleu")
    with as_person(ines):
        second, third = Meeting.objects.order_by("planned_on")[1:3]
    host = Thread(
        target=lambda: statuses.extend(at_once(partial(browser_of(malik).post, f"{meetings}{third.pk}/host/")))
    )

    with as_person(ines):
        inside = enter_group_to_act(ines, group.pk)
        hold_clocks([group.pk])
        host.start()
        wait_until(partial(answer, "select exists (select 1 from pg_locks where not granted)"))
        makers.call_off_from(inside, second)
    host.join()

    assert statuses == [404]
    assert makers.as_superuser("select * from meetings_hosting") == []


def test_answers_that_are_saved_at_once_are_all_kept_once(committed):
    circle = makers.make_circle()
    date = makers.propose_date(circle.ines, circle.group)
    people = [circle.ines, circle.malik] * 3
    browsers = [browser_of(person) for person in people]
    answers = [partial(say, one, circle, (date, "yes")) for one in browsers]

    statuses = at_once(*answers)

    assert statuses == [200] * 6
    assert makers.as_superuser("select can, count(*) from meetings_availability group by can") == [("yes", 2)]


@pytest.mark.parametrize("act", ["schedules", "takes it away"])
def test_saving_answers_while_the_facilitator_settles_leaves_none_behind(committed, act):
    circle = makers.make_circle()
    ines, browsers = browser_of(circle.ines), [browser_of(circle.malik) for _ in range(3)]
    for _ in range(ROUNDS // 2):
        date = makers.propose_date(circle.ines, circle.group)
        if act == "schedules":
            settle = partial(ines.post, f"/g/{circle.group.pk}/meetings/new/confirm/", last_page(ines, circle, date))
        else:
            settle = partial(ines.post, f"/g/{circle.group.pk}/availability/dates/{date.pk}/take-away/")

        statuses = at_once(settle, *(partial(say, one, circle, (date, "yes")) for one in browsers))

        assert statuses == [302] + [200] * 3
        for table in ("meetings_proposeddate", "meetings_availability"):
            assert makers.as_superuser(f"select * from {table}") == []
