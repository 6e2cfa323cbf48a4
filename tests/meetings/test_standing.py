"""How the mails stand: numbers for whoever runs the place, and one word for whoever watches from outside."""

import html
import re
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
    select gen_random_uuid(), s.group_id, %s, s.id, 'two_hours', now() + %s, 0, %s, 0, %s, now() - %s, now() - %s,
        now() - %s::interval
    from groups_membership s where s.group_id = %s limit 1
"""
# In a table of a few rows any index serves. Of nobody: taken back before it is looked at again.
MANY_OPEN = """
    set local session_replication_role = replica;
    insert into meetings_reminder (id, group_id, meeting_id, membership_id, kind, starts_at, version, state, hands,
        put_off, due_at, next_try)
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'two_hours', now(), 0, 'due', 0,
        0, now(), now()
    from generate_series(1, 5000);
    analyze meetings_reminder
"""
OUTBOX = """
    insert into members_outgoingmail
        (id, kind, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)
    values (gen_random_uuid(), 'login_code', '', now() - %s, now(), now() + interval '1 day', 0, %s, %s)
"""
ON_THE_PAGE = {
    "due": "Reminders that are due",
    "sent": "Sent",
    "expired": "Expired: the meeting would have begun",
    "failed": "Failed: the mail server said no",
    "in doubt": "In doubt: sent or not, nobody knows",
    "oldest due": "The oldest has been due for, also of what no worker has looked for yet",
    "rate": "Sent in a minute, over the last hour",
    "p95 lateness": "95 in 100 were sent within, over the last day",
    "other mail": "Other mail that waits: codes, answers",
    "other mail, in doubt": "Other mail, in doubt",
}
WELL, LATE = (200, "ok\n"), (503, "late\n")


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
def write(gathering):
    """write(state, due=, ended=, again=): a row of the ledger that fell due, ended, or was to be tried again after the
    mail server had put it off, so many minutes ago."""
    counted = iter(range(1, 100))

    def row(state, *, due, ended=None, again=None):
        put_off, next_try = (0, minutes(0)) if again is None else (3, minutes(again))
        last = None if ended is None else minutes(ended)
        times = state, put_off, minutes(due), next_try, last
        makers.as_superuser(
            LEDGER, str(gathering.meeting.pk), timedelta(hours=next(counted)), *times, str(gathering.group.pk)
        )

    return row


def health(visit):
    answer = visit().get(HEALTH)
    return answer.status_code, answer.content.decode()


def test_health_is_well_when_nothing_is_due(gathering, visit):
    assert health(visit) == WELL


@pytest.mark.parametrize("state", ["due", "claimed", "handing"])
def test_health_turns_red_when_a_reminder_has_been_due_for_ten_minutes(write, visit, state):
    write(state, due=9)
    before = health(visit)
    write(state, due=11)

    assert (before, health(visit)) == (WELL, LATE)


@pytest.mark.parametrize("state", ["sent", "void", "expired", "failed", "in_doubt"])
def test_health_does_not_mind_what_has_ended(write, visit, state):
    write(state, due=90, ended=1)

    assert health(visit) == WELL


def test_health_does_not_mind_what_waits_for_the_morning(write, visit):
    write("due", due=-300)

    assert health(visit) == WELL


def test_health_does_not_mind_one_full_mailbox_while_the_server_takes_other_mail(write, visit):
    write("sent", due=50, ended=49)
    write("due", due=50, again=-20)

    assert health(visit) == WELL


@pytest.mark.parametrize("ended", [None, 51])
def test_health_turns_red_when_the_server_has_taken_nothing_since(write, visit, ended):
    write("due", due=50, again=-20)
    if ended:
        write("sent", due=52, ended=ended)

    assert health(visit) == LATE


def test_health_turns_red_when_what_was_put_off_is_not_tried_again(write, visit):
    write("sent", due=50, ended=49)
    write("due", due=50, again=9)
    before = health(visit)
    write("due", due=50, again=11)

    assert (before, health(visit)) == (WELL, LATE)


@pytest.mark.parametrize(("refused", "expected"), [("one", WELL), ("all", LATE)])
def test_health_tells_a_mailbox_that_is_full_from_a_server_that_takes_nothing(
    gathering, visit, mail_server, refused, expected
):
    full, _ = gathering.join("two_hours"), gathering.join("two_hours")
    gathering.move(hours=1)
    with mail_server(on_address=lambda to: "452 full" if refused == "all" or to == full.email else "250 ok") as server:
        server.tick()

    makers.as_superuser("update meetings_reminder set due_at = due_at - interval '12 minutes'")

    assert health(visit) == expected


def test_health_does_not_mind_a_code_that_was_put_off_before_the_server_was_back(write, visit):
    makers.as_superuser(OUTBOX, minutes(15), 4, False)
    before = health(visit)

    write("sent", due=2, ended=1)

    assert (before, health(visit)) == (LATE, WELL)


def test_health_turns_red_when_a_code_has_waited_for_ten_minutes(gathering, visit):
    makers.as_superuser(OUTBOX, minutes(40), 0, True)
    before = health(visit)
    makers.as_superuser(OUTBOX, minutes(11), 0, False)

    assert (before, health(visit)) == (WELL, LATE)


def test_health_turns_red_when_no_worker_has_looked_for_what_is_due(gathering, visit, tick):
    gathering.join("two_hours")
    gathering.move(hours=1, minutes=49)
    before = health(visit)

    tick()

    assert before == LATE, "no row is due: nobody has made any"
    assert health(visit) == WELL


def test_health_gives_a_worker_that_has_just_looked_its_time(gathering, visit, tick):
    tick()
    gathering.move(hours=1, minutes=40)  # planned, or moved, since

    assert health(visit) == WELL


def test_health_does_not_mind_a_notice_that_was_sent_before_the_clocks_of_the_zone_were_changed(gathering, tick, visit):
    gathering.choose(gathering.join("none"), "none", changes=True)
    gathering.move(days=3)
    gathering.cancel()
    sent = tick()

    makers.as_superuser(
        "update meetings_meeting set starts_at = starts_at + interval '1 hour', ends_at = ends_at +"
        " interval '1 hour', notice_at = notice_at - interval '1 hour'"
    )
    makers.as_superuser("delete from meetings_workerclock")

    assert sent == {"derived": 1, "sent": 1}
    assert health(visit) == WELL


def test_health_is_found_by_indexes(django_db_setup):
    """Where it is asked each minute, beside a million rows and the meetings of half a year ahead."""
    [(question,)] = makers.as_superuser("select prosrc from pg_proc where proname = 'oldest_due_mail'")
    with services.superuser(connection.settings_dict["NAME"]) as cursor:
        cursor.execute(f"begin; {MANY_OPEN}; set enable_seqscan = off; set role entraide_policy")
        cursor.execute(f"explain {question}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
        cursor.execute("rollback")

    for index in ("open_reminder_by_due", "ended_reminder", "standing_meeting_by_start", "meeting_by_notice"):
        assert index in plan
    for table in ("meetings_reminder", "meetings_meeting", "meetings_wave"):
        assert f"Seq Scan on {table}" not in plan


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
        makers.as_superuser(OUTBOX, minutes(3), 0, is_in_doubt)

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


@pytest.fixture
def one_of_each(write):
    """Each number is another one."""
    for state, count in {"due": 2, "expired": 3, "failed": 4, "in_doubt": 5, "sent": 6}.items():
        for _ in range(count):
            write(state, due=8, ended=None if state == "due" else 1)
    for is_in_doubt, count in ((False, 7), (True, 9)):
        for _ in range(count):
            makers.as_superuser(OUTBOX, minutes(3), 0, is_in_doubt)


def test_the_page_shows_each_number(one_of_each, visit):
    page = visit(makers.make_member("nadia", is_staff=True), second_factor=True).get("/staff/mail/")

    facts = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page.content.decode())
    told = {" ".join(html.unescape(words).split()): " ".join(value.split()) for words, value in facts}
    shown = {name: told[in_french(words)] for name, words in ON_THE_PAGE.items()}
    assert re.fullmatch(r"48\d secondes", shown.pop("oldest due"))
    assert shown == {
        "due": "2",
        "sent": "6",
        "expired": "3",
        "failed": "4",
        "in doubt": "5",
        "rate": "0,1",
        "p95 lateness": "420 secondes",
        "other mail": "7",
        "other mail, in doubt": "9",
    }


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_command_prints_numbers_only(one_of_each, role):
    environment = {"web": services.web_environment, "worker": services.worker_environment}[role]()

    told = subprocess.run(
        [sys.executable, "manage.py", "reminders"], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )

    assert told.returncode == 0, told.stderr
    lines = dict(line.split(": ") for line in told.stdout.splitlines())
    assert 480 <= int(lines.pop("seconds since the oldest fell due")) < 500
    assert lines == {
        "due": "2",
        "sent": "6",
        "expired": "3",
        "failed": "4",
        "in doubt": "5",
        "sent a minute, over the last hour": "0.1",
        "seconds late, p95 of the last day": "420",
        "other mail, waiting": "7",
        "other mail, in doubt": "9",
    }
