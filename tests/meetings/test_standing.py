"""How the mails stand: numbers for whoever runs the place, and one word for whoever watches from outside."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from entraide.demo.installation import CHECKOUT
from meetings import standing
from tests import makers, services
from tests.pages import in_french, words_of

HEALTH = "/healthz/mail"
LEDGER = """
    insert into meetings_reminder (id, group_id, meeting_id, membership_id, kind, starts_at, version, state, hands,
        put_off, due_at, next_try, ended_at)
    select gen_random_uuid(), s.group_id, %s, s.id, 'two_hours', now() + %s, 0, %s, 0, 0, now() - %s, now(),
        now() - %s::interval
    from groups_membership s where s.group_id = %s limit 1
"""
OUTBOX = """
    insert into members_outgoingmail
        (id, kind, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)
    values (gen_random_uuid(), 'login_code', '', now() - %s, now(), now() + interval '1 day', 0, 0, %s)
"""


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
def write(gathering):
    """write(state, due=, ended=): a row of the ledger that fell due, and ended, so many minutes ago."""
    counted = iter(range(1, 100))

    def row(state, *, due, ended=None):
        last = None if ended is None else minutes(ended)
        meeting, group = str(gathering.meeting.pk), str(gathering.group.pk)
        makers.as_superuser(LEDGER, meeting, timedelta(hours=next(counted)), state, minutes(due), last, group)

    return row


def health(visit):
    answer = visit().get(HEALTH)
    return answer.status_code, answer.content.decode()


def test_health_is_well_when_nothing_is_due(gathering, visit):
    assert health(visit) == (200, "ok\n")


@pytest.mark.parametrize("state", ["due", "claimed", "handing"])
def test_health_turns_red_when_a_reminder_has_been_due_for_ten_minutes(write, visit, state):
    write(state, due=9)
    before = health(visit)
    write(state, due=11)

    assert (before, health(visit)) == ((200, "ok\n"), (503, "late\n"))


@pytest.mark.parametrize("state", ["sent", "void", "expired", "failed", "in_doubt"])
def test_health_does_not_mind_what_has_ended(write, visit, state):
    write(state, due=90, ended=1)

    assert health(visit) == (200, "ok\n")


def test_health_does_not_mind_what_waits_for_the_morning(write, visit):
    write("due", due=-300)

    assert health(visit) == (200, "ok\n")


def test_health_turns_red_when_a_code_has_waited_for_ten_minutes(gathering, visit):
    makers.as_superuser(OUTBOX, minutes(40), True)
    before = health(visit)
    makers.as_superuser(OUTBOX, minutes(11), False)

    assert (before, health(visit)) == ((200, "ok\n"), (503, "late\n"))


def test_health_turns_red_when_no_worker_has_looked_for_what_is_due(gathering, visit, tick):
    gathering.join("two_hours")
    gathering.move(hours=1, minutes=49)
    before = health(visit)

    tick()

    assert before == (503, "late\n"), "no row is due: nobody has made any"
    assert health(visit) == (200, "ok\n")


def test_health_gives_a_worker_that_has_just_looked_its_time(gathering, visit, tick):
    tick()
    gathering.move(hours=1, minutes=40)  # planned, or moved, since

    assert health(visit) == (200, "ok\n")


@pytest.mark.parametrize("told", [False, True])
def test_health_turns_red_when_no_worker_has_looked_for_a_change(gathering, visit, tick, told):
    gathering.choose(gathering.ines, changes=True)
    if told:
        gathering.cancel()
        tick()
    makers.as_superuser("update meetings_workerclock set at = now() - interval '1 hour'")
    if not told:
        gathering.cancel()
    makers.as_superuser(
        "update meetings_meeting set notice_at = now() - interval '11 minutes' where notice is not null"
    )

    assert health(visit) == ((200, "ok\n") if told else (503, "late\n"))


def test_health_tells_no_number_and_is_kept_nowhere(write, visit):
    write("due", due=1234)

    answer = visit().get(HEALTH)

    assert not any(sign.isdigit() for sign in answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_the_numbers_are_those_of_the_ledger_and_of_the_outbox(write):
    for state in ("due", "handing", "expired", "failed", "in_doubt"):
        write(state, due=2, ended=None if state in ("due", "handing") else 1)
    for late in range(1, 21):
        write("sent", due=late + 5, ended=5)
    write("sent", due=100, ended=90)
    for is_in_doubt in (False, False, True):
        makers.as_superuser(OUTBOX, minutes(3), is_in_doubt)

    found = standing.now()

    assert (found.due, found.sent, found.expired, found.failed, found.in_doubt) == (2, 21, 1, 1, 1)
    assert (found.waiting, found.doubtful) == (2, 1)
    assert float(found.a_minute) == 0.3, "20 in an hour"
    assert found.late_p95 == 19 * 60 or found.late_p95 == 20 * 60
    assert 180 <= found.oldest_due < 240


def test_the_web_learns_the_numbers_and_sees_no_row(write):
    write("sent", due=2, ended=1)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from meetings_reminder")
        assert cursor.fetchone() == (0,)
    assert standing.now().sent == 1


def test_staff_read_the_numbers_and_nothing_else(write, visit):
    write("failed", due=20, ended=12)
    write("due", due=15)
    staff = makers.make_member("nadia", is_staff=True)

    page = visit(staff, second_factor=True).get("/staff/mail/")

    assert in_french("Something has been due for more than ten minutes: the worker is away, or the mail server.") in (
        words_of(page)
    )
    for secret in ("Un soir à la fois", "Phare vert", "people.example"):
        assert secret not in page.content.decode()


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_command_prints_numbers_only(write, role):
    write("sent", due=2, ended=1)
    environment = {"web": services.web_environment, "worker": services.worker_environment}[role]()

    told = subprocess.run(
        [sys.executable, "manage.py", "reminders"], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )

    assert told.returncode == 0, told.stderr
    lines = dict(line.split(": ") for line in told.stdout.splitlines())
    assert lines["sent"] == "1" and lines["seconds since the oldest fell due"] == "-"
    assert all(value == "-" or float(value) >= 0 for value in lines.values())
