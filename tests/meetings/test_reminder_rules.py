"""The table of rules of docs/operations.md, each under the name that it has there."""

from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone, translation

from entraide.lib import times
from groups import belonging
from groups.confidentiality import enter_group, enter_group_to_act
from meetings import exceptions, scheduling
from tests import makers
from tests.mailbox import mails_to, text_of
from tests.meetings.conftest import gather, move_to
from tests.pages import in_french

REMINDER, CHANGED, CANCELLED = map(in_french, ("Appointment reminder", "Appointment changed", "Appointment called off"))


def subjects(member):
    return [mail["Subject"] for mail in mails_to(member.email)]


def change(gathering, **words):
    makers.change_meeting(gathering.ines, gathering.group, gathering.meeting, **words)


def change_hour(gathering, moment):
    here = times.local(moment, gathering.meeting.zone)
    midnight = here.replace(hour=23, minute=59, second=59)
    change(gathering, on=here.date(), starts=here.time(), ends=min(here + timedelta(minutes=5), midnight).time())


def next_week(hour=12):
    here = timezone.now().astimezone(ZoneInfo("America/Toronto")).date() + timedelta(days=7)
    return datetime(here.year, here.month, here.day, hour, tzinfo=ZoneInfo("America/Toronto"))


@pytest.mark.parametrize("kind", ["day_before", "two_hours"])
def test_late_joiner(gathering, tick, kind):
    gathering.join(kind)
    gathering.move(hours=1)
    tick()

    late, chose_late = gathering.join(kind), gathering.join("none")
    gathering.choose(chose_late, kind)
    counts = tick()

    assert counts == {}
    assert subjects(late) == subjects(chose_late) == []


def test_late_joiner_hears_nothing_of_a_change_before_their_time(gathering, tick):
    present = gathering.join("two_hours")
    change_hour(gathering, next_week())

    late = gathering.join("two_hours")
    tick()

    assert subjects(present) == [CHANGED]
    assert subjects(late) == []


# --- moved ---------------------------------------------------------------------------------------------------------


def test_moved(gathering, tick):
    member, silent = gathering.join("two_hours"), gathering.join("none")
    gathering.move(hours=1)
    tick()

    change_hour(gathering, next_week())
    told = [tick(), tick()]
    gathering.move(minutes=90)
    tick()

    assert told == [{"derived": 1, "sent": 1}, {}]
    assert subjects(member) == [REMINDER, CHANGED, REMINDER]
    with translation.override("fr"):
        moment = next_week(), "America/Toronto"
        text = text_of(mails_to(member.email)[1])
        assert times.day(*moment) in text
        assert times.clock(*moment) in text
    assert subjects(silent) == []
    assert len({mail["Message-ID"] for mail in mails_to(member.email)}) == 3


def test_moved_twice_before_anybody_was_told(gathering, tick):
    member = gathering.join("two_hours")

    change_hour(gathering, next_week(10))
    change_hour(gathering, next_week(15))
    tick()

    [mail] = mails_to(member.email)
    assert "15 h," in text_of(mail).replace("\u00a0", " ")


def test_moved_while_the_notice_of_the_former_change_waits(gathering, tick, ledger, mail_server):
    member = gathering.join("two_hours")
    change_hour(gathering, next_week(10))
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    change_hour(gathering, next_week(15))
    ledger("next_try = now()")
    tick()

    assert sorted(row[:2] for row in ledger()) == [("changed", "sent"), ("changed", "void")]
    assert subjects(member) == [CHANGED]


def test_moved_to_another_place_is_told_and_another_theme_is_not(gathering, tick):
    member = gathering.join("two_hours")
    move_to(gathering.ines, gathering.meeting, next_week())

    change(gathering, theme="La deuxième semaine", seats=12)
    theme = tick()
    change(gathering, place="12, rue des Marronniers")
    place = tick()

    assert (theme, place) == ({}, {"derived": 1, "sent": 1})
    assert subjects(member) == [CHANGED]


def test_moved_back(gathering, tick):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    first_hour = gathering.meeting.starts_at
    tick()

    gathering.move(minutes=90)
    moved = [tick(), tick()]
    move_to(gathering.ines, gathering.meeting, first_hour)
    moved_back = tick()

    assert moved == [{"derived": 1, "sent": 1}, {}]
    assert moved_back == {}
    assert subjects(member) == [REMINDER, REMINDER]


def test_moved_back_before_anybody_was_reminded(gathering, tick, ledger, mail_server):
    member = gathering.join("two_hours")
    gathering.choose(member, "two_hours", changes=False)
    gathering.move(hours=1)
    first_hour = gathering.meeting.starts_at
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    change_hour(gathering, next_week())
    ledger("next_try = now()")
    away = tick()
    change_hour(gathering, first_hour)
    back = [tick(), tick()]

    assert (away, back) == ({"void": 1}, [{"sent": 1}, {}])
    assert subjects(member) == [REMINDER]


# --- a whole series, cancelled ---------------------------------------------------------------------------------------


@pytest.fixture
def weekly(committed):
    return gather(rhythm="weekly")


@pytest.mark.parametrize("weeks", [0, 1])
def test_a_whole_series_changed_or_called_off(weekly, tick, weeks):
    """Also when it begins a week later, on a date that it has already: the meeting in between is gone."""
    member = weekly.join("two_hours")
    first_on = weekly.meeting.planned_on + timedelta(weeks=weeks)
    with makers.as_person(weekly.ines):
        inside = enter_group_to_act(weekly.ines, weekly.group.pk)
        former = weekly.meeting.series
        plan = {"on": first_on, "starts": time(17), "ends": time(18), "rhythm": "weekly", "until": None}
        plan |= {"format": "online", "place": "", "access_note": "", "link": makers.LINK, "theme": ""}
        scheduling.change_from(inside, weekly.meeting, uuid4(), plan, seen=(weekly.meeting.version, former.version))

    counts = tick()

    assert counts == {"derived": 1, "sent": 1}
    [mail] = mails_to(member.email)
    assert mail["Subject"] == CHANGED
    with translation.override("fr"):
        assert times.day(first_on) in text_of(mail)


def test_a_whole_series_changed_or_called_off_is_not_another_theme(weekly, tick):
    member = weekly.join("two_hours")
    with makers.as_person(weekly.ines):
        inside = enter_group_to_act(weekly.ines, weekly.group.pk)
        former = weekly.meeting.series
        plan = exceptions.words_now(inside, weekly.meeting) | {"rhythm": "weekly", "until": None, "theme": "Letters"}
        scheduling.change_from(inside, weekly.meeting, uuid4(), plan, seen=(weekly.meeting.version, former.version))

    assert tick() == {}
    assert mails_to(member.email) == []


def test_a_whole_series_changed_or_called_off_twice_is_told_once(weekly, tick):
    member = weekly.join("two_hours")

    for _ in range(2):
        with makers.as_person(weekly.ines):
            weekly.meeting.refresh_from_db()
            makers.call_off_from(enter_group_to_act(weekly.ines, weekly.group.pk), weekly.meeting)
        tick()

    assert subjects(member) == [CANCELLED]


def test_cancelled(gathering, tick, ledger):
    member, silent = gathering.join("two_hours"), gathering.join("none")
    only_reminders = gathering.join("two_hours")
    gathering.choose(only_reminders, "two_hours", changes=False)
    gathering.move(hours=1)

    gathering.cancel()
    counts = [tick(), tick()]

    assert counts == [{"derived": 1, "sent": 1}, {}]
    assert subjects(member) == [CANCELLED]
    assert subjects(silent) == subjects(only_reminders) == []


def test_cancelled_while_the_notice_that_it_was_moved_waits(gathering, tick, ledger, mail_server):
    member = gathering.join("two_hours")
    change_hour(gathering, next_week())
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    gathering.cancel()
    ledger("next_try = now()")
    tick()

    assert subjects(member) == [CANCELLED]


# --- left, off, stopped, bounced -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["left", "off", "stopped"])
def test_left_off_stopped_by_the_link_in_the_mail(gathering, tick, ledger, mail_server, rule):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()
    ledger("next_try = now()")

    if rule == "left":
        gathering.leave(member)
    elif rule == "off":
        gathering.choose(member, "none")
    else:
        Client().post(f"/stop/{makers.stop_token(member, gathering.group)}/")
    counts = tick()

    assert counts == ({} if rule == "left" else {"void": 1})
    assert subjects(member) == []


def test_bounced(gathering, tick, mail_server):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    with mail_server(on_address=lambda address: "550 nobody here") as server:
        bounced = server.tick()

    gathering.move(minutes=90)
    still = tick()
    gathering.choose(member, "two_hours")  # they have looked at their address
    gathering.move(minutes=80)
    again = tick()

    assert bounced == {"derived": 1, "failed": 1}
    assert still == {}
    assert again == {"derived": 1, "sent": 1}


def test_bounced_is_about_one_address_and_not_about_its_successor(gathering, mail_server):
    member = gathering.join("two_hours")
    gathering.move(hours=1)

    with mail_server(on_address=lambda address: "550 nobody here") as server:
        server.tick()
    with makers.as_person(member):
        refused = enter_group(member, gathering.group.pk).membership.address_refused
        member.email = f"new-{uuid4().hex}@people.example"
        member.save(update_fields=["email"])
        belonging.keep_address(member)
        now = enter_group(member, gathering.group.pk).membership.address_refused

    assert refused
    assert not now


@pytest.mark.parametrize(
    "answer",
    [
        "554 5.7.1 relay access denied",
        "550 5.1.8 sender address rejected: domain not found",  # Postfix says what it thinks of us at RCPT
        "504 5.5.2 helo command rejected: need fully-qualified hostname",
        "451 4.2.1 later",
    ],
)
def test_bounced_is_an_address_and_no_refusal_of_something_else(gathering, mail_server, answer):
    member = gathering.join("two_hours")
    gathering.move(hours=1)

    with mail_server(on_address=lambda address: answer) as server:
        server.tick()

    with makers.as_person(member):
        assert not enter_group(member, gathering.group.pk).membership.address_refused


# --- both reminders, quiet hours, too late, a closed group ----------------------------------------------------------


def test_both_reminders_due_at_once_are_one(gathering, tick, ledger):
    member = gathering.join("none")
    gathering.choose(member, "none", day_before=True, two_hours=True)
    gathering.move(hours=1)

    tick()

    assert [row[:2] for row in ledger()] == [("two_hours", "sent")]


def test_both_reminders_that_wait_for_the_mail_server_are_one(gathering, tick, ledger, mail_server):
    member = gathering.join("none")
    gathering.choose(member, "none", day_before=True, two_hours=True)
    gathering.move(hours=20)
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    for table in ("meetings_meeting", "meetings_wave", "meetings_reminder"):  # nineteen hours later
        makers.as_superuser(f"update {table} set starts_at = starts_at - interval '19 hours'")
    ledger("next_try = now()")
    counts = tick()

    assert counts == {"derived": 1, "sent": 1, "void": 1}
    assert [row[:2] for row in ledger()] == [("day_before", "void"), ("two_hours", "sent")]
    assert subjects(member) == [REMINDER]


def test_both_reminders_in_their_time_are_two(gathering, tick, ledger):
    member = gathering.join("none")
    gathering.choose(member, "none", day_before=True, two_hours=True)
    gathering.move(hours=20)

    first = tick()

    assert first == {"derived": 1, "sent": 1}
    assert [row[:2] for row in ledger()] == [("day_before", "sent")]


def test_quiet_hours(gathering, tick):
    night = makers.where_it_is_late()
    asleep, awake = (gathering.join("two_hours", time_zone=night, quiet=quiet) for quiet in (True, False))

    gathering.move(hours=1)
    counts = tick()

    assert counts == {"derived": 2, "sent": 1, "expired": 1}, "the meeting begins before the morning"
    assert (subjects(asleep), subjects(awake)) == ([], [REMINDER])


def test_quiet_hours_put_off_until_the_morning_there(gathering, tick):
    night = makers.where_it_is_late()
    asleep = gathering.join("day_before", time_zone=night, quiet=True)

    gathering.move(hours=20)
    counts = [tick(), tick()]

    assert counts == [{"derived": 1, "due": 1}, {}]
    assert subjects(asleep) == []
    [(waits_until, due_at)] = makers.as_superuser("select next_try, due_at from meetings_reminder")
    morning = waits_until.astimezone(ZoneInfo(night))
    assert (morning.hour, morning.minute) == (8, 0) and waits_until == due_at
    assert timedelta(hours=8) < waits_until - timezone.now() <= timedelta(hours=11)


@pytest.mark.parametrize("starts_in", [timedelta(minutes=4, seconds=50), timedelta(0), timedelta(minutes=-30)])
def test_too_late(gathering, tick, ledger, starts_in):
    member = gathering.join("two_hours")
    gathering.move(seconds=starts_in.total_seconds())

    counts = tick()

    assert (counts, ledger(), subjects(member)) == ({}, [], [])


@pytest.mark.parametrize("starts_in", [timedelta(minutes=4), timedelta(minutes=-10)])
def test_too_late_for_a_notice(gathering, tick, starts_in):
    member = gathering.join("none")
    gathering.choose(member, "none", changes=True)
    gathering.move(seconds=starts_in.total_seconds())

    gathering.cancel()

    assert (tick(), subjects(member)) == ({}, [])


def test_too_late_is_a_notice_that_is_a_day_old(gathering, tick, ledger, mail_server):
    member = gathering.join("two_hours")
    change_hour(gathering, next_week())
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    ledger("next_try = now(), due_at = now() - interval '25 hours'")
    counts = tick()

    assert (counts, subjects(member)) == ({"expired": 1}, [])


def test_a_closed_group(gathering, tick, ledger):
    gathering.join("two_hours")
    gathering.move(hours=1)
    makers.as_superuser(f"update groups_group set keys_end_on = current_date + 30 where id = '{gathering.group.pk}'")

    assert (tick(), ledger()) == ({}, [])
