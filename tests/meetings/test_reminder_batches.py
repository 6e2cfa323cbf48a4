"""Many at once: in few statements, over one conversation, and none waits for another."""

import subprocess
import sys
import threading
import time
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

from entraide.demo.installation import CHECKOUT
from entraide.lib.processes import LOOPBACK
from groups.confidentiality import enter_group
from meetings import ledger as ledgers
from tests import makers, services
from tests.mailbox import mails_to
from tests.meetings.conftest import finish, gather
from tests.meetings.test_reminder_troubles import Pause


def due(gathering, count):
    members = [gathering.join("two_hours") for _ in range(count)]
    gathering.move(hours=1)
    return members


def test_what_the_time_of_a_batch_does_not_allow_is_given_back_and_sent_in_the_next_one(gathering, ledger, mail_server):
    members = due(gathering, 4)

    with mail_server(on_words=lambda: time.sleep(3) or "250 kept") as server:
        counts = server.tick()

    assert counts == {"derived": 4, "sent": 4, "due": 2}
    assert sorted(server.kept) == sorted(member.email for member in members)
    assert {row[1:3] for row in ledger()} == {("sent", 1)}


def test_a_code_goes_between_two_batches_and_does_not_wait_for_the_last_reminder(gathering, mail_server, visit):
    due(gathering, 3)
    waiting = makers.make_member(f"camille-{uuid4().hex}").email
    begun, asked = threading.Event(), threading.Event()

    def take_long():
        begun.set()
        asked.wait(8)  # the code is asked for while the first batch goes out
        time.sleep(3)  # the time of a batch is over after two of them
        return "250 kept"

    with mail_server(on_words=take_long) as server:
        process = start_task(server.port)
        assert begun.wait(30)
        visit().post("/account/login/", {"login": waiting})
        asked.set()
        assert process.wait(60) == 0

    assert len(server.kept) == 4
    assert 0 < server.kept.index(waiting) < 3


def start_task(port):
    """What beat asks of the worker every 30 s, in a process of its own."""
    script = "import django; django.setup(); from meetings.tasks import send_due_reminders; send_due_reminders()"
    variables = {"DJANGO_SETTINGS_MODULE": "entraide.settings", "EMAIL_URL": f"smtp://{LOOPBACK}:{port}"}
    return subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, env=services.worker_environment() | variables)


def test_a_slow_recipient_is_cut_off_and_delays_nobody_else(gathering, ledger, mail_server):
    slow, *others = due(gathering, 3)
    let_go = threading.Event()

    def wait_for_one(address):
        if address == slow.email:
            let_go.wait(20)
        return "250 fine"

    with mail_server(on_address=wait_for_one) as server:
        counts = server.tick()
        let_go.set()

    assert sorted(server.kept) == sorted(member.email for member in others)
    assert counts["sent"] == 2
    assert sorted(row[1:3] for row in ledger()) == [("due", 0), ("sent", 1), ("sent", 1)]


def test_a_server_that_is_silent_after_the_dot_may_have_kept_the_mail(gathering, tick, ledger, mail_server):
    [member] = due(gathering, 1)
    let_go = threading.Event()
    with mail_server(on_words=lambda: let_go.wait(20) and "250 kept") as server:
        counts = server.tick()
        let_go.set()
    waiting = ledger()

    ledger("next_try = now()")
    second = tick()

    assert counts == {"derived": 1, "due": 1}
    assert waiting == [("two_hours", "due", 1, None, True)]
    assert second == {"sent": 1}
    assert ledger() == [("two_hours", "sent", 2, 250, False)]
    assert len(mails_to(member.email)) == 1


def test_an_answer_that_is_none_does_not_undo_what_the_others_of_the_batch_got(gathering, tick, ledger, mail_server):
    strange, *others = due(gathering, 5)

    with mail_server(on_address=lambda to: "what?" if to == strange.email else "250 fine") as server:
        counts = server.tick()
    waiting = ledger()
    ledger("next_try = now()")
    later = tick()

    assert counts == {"derived": 5, "sent": 4, "due": 1}
    assert sorted(row[1:3] for row in waiting) == [("due", 0), *[("sent", 1)] * 4]
    assert later == {"sent": 1}
    assert sorted(server.kept) == sorted(member.email for member in others)
    assert len(mails_to(strange.email)) == 1


def test_a_server_that_refuses_everything_for_now_costs_nobody_anything(gathering, tick, ledger, mail_server):
    """It takes no mail from us at all: not one row is at fault, and the tick does not try them one by one."""
    members = due(gathering, 3)
    with mail_server(on_sender="452 full") as server:
        counts = server.tick()
    waiting = ledger()

    later = tick()

    assert counts == {"derived": 3, "due": 3}
    assert {row[1:] for row in waiting} == {("due", 0, None, False)}
    assert later == {"sent": 3}
    assert all(len(mails_to(member.email)) == 1 for member in members)


def test_a_tick_whose_time_is_up_leaves_the_rest_to_the_next_one(gathering, worker, tick):
    members = due(gathering, 2)

    short = worker("print('derived:', tasks.reminders.send_due(seconds=0.001)['derived'])")

    assert (short, tick()) == ({"derived": 2}, {"sent": 2})
    assert all(len(mails_to(member.email)) == 1 for member in members)


@pytest.fixture
def changing():
    """changing(member): a transaction that has changed their membership, and has not ended."""
    with closing(psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])) as other:

        def begin(gathering, member, *, leaves=False):
            with makers.as_person(member):
                own = enter_group(member, gathering.group.pk).membership.pk
            with other.cursor() as cursor:
                cursor.execute("set idle_in_transaction_session_timeout = '20s'")
                if leaves:
                    cursor.execute("select 1 from groups_membership where id = %s for update", [str(own)])
                else:
                    cursor.execute("update groups_membership set address_refused = false where id = %s", [str(own)])
            return other

        yield begin


def test_whoever_is_changing_something_at_this_moment_is_not_waited_for(gathering, tick, ledger, changing):
    member, other = due(gathering, 2)
    change = changing(gathering, member)

    counts = tick()
    change.rollback()
    ledger("next_try = now()")
    later = tick()

    assert counts == {"derived": 2, "sent": 1, "due": 1}
    assert later == {"sent": 1}
    assert len(mails_to(member.email)) == len(mails_to(other.email)) == 1


def test_whoever_is_leaving_at_this_moment_goes_first(gathering, tick, changing):
    member, other = due(gathering, 2)
    leaving = changing(gathering, member, leaves=True)

    counts = tick()
    leaving.rollback()
    later = tick()

    assert counts == {}
    assert later == {"derived": 2, "sent": 2}
    assert len(mails_to(member.email)) == len(mails_to(other.email)) == 1


def test_a_batch_takes_as_many_statements_as_one_mail(gathering, worker, ledger):
    def statements():
        return worker(
            "from django.db import connections; from django.test.utils import CaptureQueriesContext as C; "
            "from contextlib import ExitStack; from meetings import reminders; s = ExitStack(); "
            "c = [s.enter_context(C(connections[a])) for a in ('default', 'ledger')]; reminders.send_due(); "
            "s.close(); print('statements:', sum(len(one) for one in c))"
        )["statements"]

    due(gathering, 1)
    one = statements()
    others = [gather() for _ in range(3)]
    for other in others:
        due(other, 5)

    assert statements() == one


def test_a_claim_follows_the_index_and_sorts_nothing(gathering):
    with services.worker() as cursor:
        cursor.execute("begin")
        cursor.execute(ledgers.IN_ORDER)
        cursor.execute(f"explain {ledgers.CLAIM}", {"now": None, "lease": uuid4()})
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "open_reminder_by_next_try" in plan
    assert "Sort" not in plan


def test_what_is_due_is_found_by_indexes_alone(gathering):
    with services.worker() as cursor:
        cursor.execute("begin")
        cursor.execute(ledgers.BY_INDEX)
        start = dict(zip(("place", "meeting_id"), ledgers.FROM_THE_FIRST, strict=True))
        cursor.execute(f"explain {ledgers.DERIVE_TIMES}", {"now": None, "since": None, **start})
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "standing_meeting_by_start" in plan
    assert "Seq Scan" not in plan


def test_leaving_waits_for_the_batch_and_for_no_longer(gathering, mail_server):
    first, *_ = due(gathering, 3)
    pause = Pause()

    with mail_server(on_words=lambda: pause.answer("250 kept")) as server:
        process = server.start_tick()
        assert pause.reached.wait(20)
        leaving = threading.Timer(0, pause.let_go.set)
        leaving.start()
        gathering.leave(first)
        counts = finish(process)

    assert counts["sent"] + counts.get("due", 0) >= 3
    assert len(server.kept) == len(set(server.kept)) == 3


def test_who_leaves_and_the_worker_do_not_wait_for_each_other(gathering, ledger, mail_server):
    leaver, _ = due(gathering, 2)
    pause = Pause()

    with mail_server(on_words=lambda: pause.answer("250 kept")) as server:
        process = server.start_tick()
        assert pause.reached.wait(20)
        threading.Timer(1, pause.let_go.set).start()  # by then the rows of who leaves are gone from the ledger
        begun = time.monotonic()
        gathering.leave(leaver)
        took = time.monotonic() - begun
        counts = finish(process)

    assert took < 10
    assert counts["sent"] == len(server.kept) == 2
    assert [row[1] for row in ledger()] == ["sent"]


@pytest.mark.parametrize("workers", [3])
def test_several_workers_send_many_batches_once_each(workers, committed, ledger, mail_server):
    gatherings = [gather() for _ in range(10)]
    members = [member for gathering in gatherings for member in due(gathering, 11)]

    with mail_server() as server:
        processes = [server.start_tick() for _ in range(workers)]
        counts = [finish(process) for process in processes]

    assert sorted(server.kept) == sorted(member.email for member in members)
    assert sum(count.get("sent", 0) for count in counts) == len(members)
    assert sum(count.get("derived", 0) for count in counts) == len(members)
    assert {row[1:4] for row in ledger()} == {("sent", 1, 250)}
