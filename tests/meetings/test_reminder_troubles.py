"""Reminders when something goes wrong: mail servers that refuse, workers that die, people who leave meanwhile."""

import threading
from contextlib import closing

import psycopg2
import pytest
from django.db import OperationalError, connection

from entraide.lib.processes import free_port
from groups.confidentiality import enter_group
from tests import makers, services
from tests.mailbox import mails_to
from tests.makers import as_person
from tests.meetings.conftest import finish, start_tick

LEASE_OVER = "next_try = now() - interval '1 second'"


@pytest.fixture
def member(gathering):
    """Their reminder is due."""
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    return member


class Pause:
    """Somebody waits here in the middle until they are let go."""

    def __init__(self):
        self.reached, self.let_go = threading.Event(), threading.Event()

    def answer(self, words=None):
        self.reached.set()
        self.let_go.wait(20)
        return words


def test_an_address_that_is_refused_for_good_is_not_tried_again(member, tick, ledger, mail_server):
    with mail_server(on_address=lambda address: "550 nobody here") as server:
        counts = server.tick()

    ledger("next_try = now()")

    assert counts == {"derived": 1, "failed": 1}
    assert ledger() == [("two_hours", "failed", 0, 550, False)]
    assert tick() == {}
    assert mails_to(member.email) == []


def test_an_address_that_is_refused_for_now_is_tried_again_later(member, tick, ledger, mail_server):
    with mail_server(on_address=lambda address: "451 come back") as server:
        counts = server.tick()
    waiting = ledger()
    too_early = tick()

    ledger("next_try = now()")
    later = tick()

    assert counts == {"derived": 1, "due": 1}
    assert waiting == [("two_hours", "due", 0, 451, True)]
    assert too_early == {}
    assert later == {"sent": 1}
    assert len(mails_to(member.email)) == 1


def test_an_address_that_was_refused_for_hours_is_tried_once_more_before_the_meeting(member, tick, ledger, mail_server):
    with mail_server(on_address=lambda address: "451 come back") as server:
        server.tick()
        ledger("put_off = 6, next_try = now()")
        server.tick()

    makers.as_superuser("update meetings_reminder set next_try = next_try - interval '52 minutes'")

    assert ledger()[0][4] is False, "eight minutes before the meeting it is due again"
    assert tick() == {"sent": 1}
    assert len(mails_to(member.email)) == 1


def test_words_that_are_refused_for_good_are_not_sent_again(member, tick, ledger, mail_server):
    with mail_server(on_words=lambda: "554 not these words") as server:
        counts = server.tick()

    ledger("next_try = now()")

    assert counts == {"derived": 1, "failed": 1}
    assert [row[1:4:2] for row in ledger()] == [("failed", 554)]
    assert tick() == {}


def test_words_that_are_refused_for_now_are_in_no_doubt(member, tick, ledger, mail_server):
    with mail_server(on_words=lambda: "451 come back") as server:
        for _ in range(3):
            server.tick()
            refused = ledger("next_try = next_try")
            ledger("next_try = now()")

    later = tick()

    assert [(row[1], row[3], row[4]) for row in refused] == [("due", 451, True)]
    assert later == {"sent": 1}
    assert len(mails_to(member.email)) == 1


def test_a_mail_server_that_is_away_loses_nothing(member, tick, ledger):
    counts = finish(start_tick(free_port()))
    waiting = ledger()

    later = tick()

    assert counts == {"derived": 1, "due": 1}
    assert waiting == [("two_hours", "due", 0, None, False)]
    assert later == {"sent": 1}
    assert len(mails_to(member.email)) == 1


def test_a_mail_server_that_hangs_up_rudely_after_the_mail_gets_no_second_copy(member, tick, ledger, mail_server):
    with mail_server(on_quit="421 closing") as server:
        server.tick()

    ledger("next_try = now()")

    assert server.kept == [member.email]
    assert ledger() == [("two_hours", "sent", 1, 250, False)]
    assert tick() == {}


def test_one_address_that_cannot_be_opened_does_not_stop_the_others(gathering, member, tick, ledger):
    broken = gathering.join("two_hours")
    with as_person(broken):
        membership = enter_group(broken, gathering.group.pk).membership
        membership.sealed_address = b"not an address"
        membership.save(update_fields=["sealed_address"])

    counts = tick()

    assert counts == {"derived": 2, "sent": 1, "failed": 1}
    assert len(mails_to(member.email)) == 1


def test_a_domain_with_accents_is_reached(gathering, tick, ledger):
    member = gathering.join("two_hours")
    member.email = member.email.replace("people.example", "forêt.example")
    member.save(update_fields=["email"])
    gathering.leave(member)
    makers.join(member, gathering.group, "Forêt", "two_hours")
    gathering.move(hours=1)

    counts = tick()

    assert counts == {"derived": 1, "sent": 1}
    assert len(mails_to(member.email.replace("forêt", "xn--fort-ipa"))) == 1


def test_a_worker_that_dies_while_it_hands_over_is_replaced(member, tick, ledger, mail_server):
    pause = Pause()
    with mail_server(on_words=lambda: pause.answer("451 too late")) as server:
        process = server.start_tick()
        assert pause.reached.wait(20)
        process.kill()
        process.communicate()
        pause.let_go.set()
    left, too_early = ledger(), tick()

    ledger(LEASE_OVER)
    later = tick()

    assert [row[:3] for row in left] == [("two_hours", "handing", 1)]
    assert too_early == {}
    assert later == {"sent": 1}
    assert ledger() == [("two_hours", "sent", 2, 250, False)]
    assert len(mails_to(member.email)) == 1


def test_a_claim_whose_lease_is_over_is_taken_over(member, tick, ledger, mail_server):
    with mail_server(on_address=lambda address: "451 come back") as server:
        server.tick()
    ledger("state = 'claimed', lease = gen_random_uuid(), next_try = now() + interval '1 minute'")
    held = tick()

    ledger(LEASE_OVER)
    later = tick()

    assert (held, later) == ({}, {"sent": 1})
    assert len(mails_to(member.email)) == 1


def test_a_second_copy_is_the_same_message_and_there_is_no_third(member, tick, ledger):
    tick()
    ledger(f"state = 'handing', {LEASE_OVER}")  # as after a death between the answer of the mail server and the mark
    again = tick()
    ledger(f"state = 'handing', {LEASE_OVER}")
    doubtful = tick()

    assert again == {"sent": 1}
    first, second = mails_to(member.email)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert doubtful == {"in_doubt": 1}
    assert [row[:3] for row in ledger()] == [("two_hours", "in_doubt", 2)]
    assert tick() == {}


def test_a_second_copy_that_waits_for_the_morning_keeps_its_date(gathering, tick, ledger):
    gathering.join("day_before", time_zone=makers.where_it_is_late(), quiet=True)
    gathering.move(hours=20)
    tick()
    ledger(f"state = 'handing', hands = 1, due_at = now() - interval '1 minute', {LEASE_OVER}")
    handed_over = makers.as_superuser("select due_at from meetings_reminder")

    assert tick() == {"due": 1}

    assert makers.as_superuser("select due_at from meetings_reminder") == handed_over


def test_a_row_that_another_worker_is_claiming_is_passed_over(gathering, tick, ledger, mail_server):
    members = [gathering.join("two_hours") for _ in range(2)]
    gathering.move(hours=1)
    with mail_server(on_address=lambda address: "451 come back") as server:
        server.tick()
    ledger("next_try = now()")

    with closing(psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])) as other_worker:
        with other_worker.cursor() as cursor:
            cursor.execute("set idle_in_transaction_session_timeout = '5s'")  # who waits for it gets a second mail
            cursor.execute("select 1 from meetings_reminder limit 1 for update")
        counts = tick()

    assert counts == {"sent": 1}
    assert sorted(len(mails_to(member.email)) for member in members) == [0, 1]


@pytest.mark.parametrize("change", ["leaves", "cancelled", "moved"])
def test_what_happens_while_the_mail_server_greets_stops_the_mail(gathering, member, ledger, mail_server, change):
    pause = Pause()
    with mail_server(on_hello=pause.answer) as server:
        process = server.start_tick()
        assert pause.reached.wait(20)
        if change == "leaves":
            gathering.leave(member)
        elif change == "cancelled":
            gathering.cancel()
        else:
            gathering.move(days=2)
        pause.let_go.set()
        counts = finish(process)

    assert counts == {"derived": 1} | ({} if change == "leaves" else {"void": 1})
    assert server.kept == []
    assert [row[1] for row in ledger()] == ([] if change == "leaves" else ["void"])


@pytest.mark.parametrize("change", ["leave", "cancel"])
def test_leaving_and_cancelling_wait_for_the_mail_that_is_being_handed_over(gathering, member, mail_server, change):
    pause = Pause()

    def act():
        gathering.leave(member) if change == "leave" else gathering.cancel()

    with mail_server(on_words=lambda: pause.answer("250 kept")) as server:
        process = server.start_tick()
        assert pause.reached.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            act()
        pause.let_go.set()
        counts = finish(process)
    act()

    assert counts == {"derived": 1, "sent": 1}
    assert server.kept == [member.email]
