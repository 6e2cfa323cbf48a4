"""The drills of bench/reminder_faults.py, with few people: nothing is lost, late or wrong, whatever breaks."""

import os
import signal
from contextlib import ExitStack

import pytest

from bench.drills import TWICE, Drills, children
from bench.drills_of_people import People
from bench.dying import GAPS
from bench.place import Room
from entraide.lib.servers import Valkey
from tests import makers
from tests.meetings.conftest import finish, start_tick

MEMBERS = 8
WORKERS_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'entraide_worker' and state like %s"
)


@pytest.fixture(scope="module")
def room(django_db_setup, django_db_blocker, tmp_path_factory):
    with ExitStack() as stack, django_db_blocker.unblock():
        stack.callback(makers.empty_every_table)
        yield Room(stack, tmp_path_factory.mktemp("drills"))


@pytest.fixture(scope="module")
def drills(room):
    """The same people for all of them: each drill gives their meeting another hour."""
    return Drills(room, MEMBERS, minutes=0, circles=1)


def is_whole(verdict, copies=1):
    assert verdict.is_good(copies), verdict
    assert (verdict.arrived, verdict.in_doubt) == (verdict.entitled, 0), verdict
    return verdict.entitled > 0


@pytest.mark.parametrize("gap", GAPS)
def test_a_worker_that_dies_once_at_a_gap_loses_nothing(drills, gap):
    verdict, note = drills.death(gap, chance=1, deaths=1, workers=1)

    assert "1 deaths" in note
    assert is_whole(verdict, 2 if gap in TWICE else 1)
    assert (verdict.duplicated > 0) == (gap in ("after the dot", "after the 250", "before the commit of marks"))


def test_a_worker_that_dies_twice_in_the_middle_of_the_same_mail_leaves_it_in_doubt(drills):
    verdict, _ = drills.death("after the commit of handing", chance=1, deaths=2, workers=1, batch=1)

    assert (verdict.lost, verdict.in_doubt, verdict.arrived) == (0, 1, MEMBERS - 1)


@pytest.mark.parametrize("mood", ["later-rcpt", "later-data", "never-rcpt", "never-data", "silent", "hangs-up"])
def test_a_mail_server_that_misbehaves_loses_nothing(drills, mood):
    verdict, _ = drills.mail_server(mood)

    assert is_whole(verdict, 2 if mood in ("silent", "hangs-up") else 1)


def test_a_mail_server_that_is_away_for_a_while_loses_nothing(drills):
    assert is_whole(drills.mail_server_down(seconds=2)[0])


def test_a_database_that_hangs_up_while_mails_leave_loses_nothing(drills):
    drills.begin("slow")
    lives = drills.lives(batch=4)
    drills.await_mails(1, 20)
    makers.as_superuser(WORKERS_SESSIONS, "%")

    verdict, _ = drills.verdict(drills.after(lives))

    assert is_whole(verdict, 2)
    assert verdict.duplicated <= 2  # of each worker, the mail that it was handing over


def test_a_worker_that_sleeps_past_its_lease_says_no_more_than_the_word_it_was_at(drills):
    drills.begin("slow")
    sleeper = drills.lives(workers=1)
    drills.await_mails(2, 20)
    (worker,) = children(sleeper.pid)
    os.kill(worker, signal.SIGSTOP)
    makers.as_superuser(WORKERS_SESSIONS, "idle in transaction")  # PostgreSQL does so after a minute
    drills.after(drills.lives(workers=1))
    os.kill(worker, signal.SIGCONT)

    verdict, _ = drills.verdict(drills.after(sleeper))

    assert is_whole(verdict, 2)
    assert verdict.duplicated <= 3  # what had gone of its batch and could not be marked, and the mail under way


def test_cron_sends_when_the_broker_is_away(drills, tmp_path, monkeypatch):
    broker = Valkey(tmp_path)
    broker.start()
    monkeypatch.setenv("REDIS_URL", broker.url)
    broker.stop()
    drills.begin()

    drills.cron()

    assert is_whole(drills.verdict()[0])


def test_workers_and_cron_at_once_send_each_reminder_once(drills):
    drills.begin()
    lives = drills.lives(workers=3, batch=2)
    cron = start_tick(drills.mail.port)
    finish(cron)
    drills.after(lives)

    assert is_whole(drills.verdict()[0])


def test_after_a_day_and_two_hours_of_silence_only_what_is_still_to_come_is_sent(room):
    verdict, _ = People(room, MEMBERS, circles=2).stopped_for_26_hours()

    assert is_whole(verdict)
    assert verdict.entitled == MEMBERS // 2


def test_people_who_leave_and_meetings_that_move_while_reminders_go_out(room):
    verdict, _ = People(room, 40, circles=2).at_random(leaving=8, cancelled=1, moved=3)

    assert verdict.is_good(), verdict
    assert verdict.entitled > 0 and verdict.in_doubt == 0
