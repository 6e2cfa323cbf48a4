"""All mail but reminders: written in the transaction of what it tells, sealed, sent once by the worker, and gone."""

import logging
import socket
import subprocess
import sys
import time
from contextlib import closing
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from entraide.demo.installation import CHECKOUT
from entraide.lib import bell
from entraide.lib.processes import free_port
from members import delivering, outbox
from tests import makers, services
from tests.mailbox import as_worker, deliver, mails_to, text_of
from tests.makers import everything_stored
from tests.meetings.conftest import finish, serve_mail, start_tick

SHORT = 2.0  # seconds: longer than a bell that nobody hears takes


@pytest.fixture
def address():
    """The mailbox keeps the mails of every test."""
    return f"yasmine-{uuid4().hex[:8]}@people.example"


@pytest.fixture
def tick():
    """tick() is one of the worker, with the mail server of the tests; how many mails ended how."""
    return lambda: {f"mail {how}": count for how, count in deliver().items() if count}


def write(address, kind="login_code", language="fr", **parameters):
    with transaction.atomic():
        outbox.write(kind, address, language, **{"code": "123456", **parameters})


def rows(changes=None):
    """[(hands, put off, in doubt, is sealed, is later)], after these changes, with the worker's login."""
    with services.worker() as cursor:
        if changes:
            cursor.execute(f"update members_outgoingmail set {changes}")
        cursor.execute(
            "select hands, put_off, in_doubt, sealed <> '', next_try > now() from members_outgoingmail order by id"
        )
        return cursor.fetchall()


FORGED = """
    insert into members_outgoingmail (id, kind, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)
"""


# --- Writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "select sealed from members_outgoingmail",
        "select count(*) from members_outgoingmail",
        "update members_outgoingmail set hands = 0",
        "delete from members_outgoingmail",
        f"{FORGED} values (gen_random_uuid(), 'login_code', '', now(), now(), now() + interval '1 hour', 2, 0, false)",
        f"{FORGED} values (gen_random_uuid(), 'login_code', '', now(), now(), now() + interval '1 year', 0, 0, false)",
    ],
)
def test_the_web_writes_a_mail_and_can_neither_read_nor_change_nor_forge_one(db, address, statement):
    write(address)

    with pytest.raises(DatabaseError, match=r"permission denied|row-level security"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_request_that_is_undone_sends_nothing(committed, address, tick):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.write("login_code", address, "fr", code="123456")
        1 / 0  # noqa: B018

    assert rows() == []
    assert tick() == {}


def test_nobody_reads_an_address_or_a_code_in_the_table(committed, address, owner):
    write(address, code="918273")

    stored = everything_stored(owner)["members_outgoingmail"]

    assert "login_code" in stored
    for secret in (address, address.encode().hex(), "918273", b"918273".hex(), "people.example"):
        assert secret not in stored


@pytest.mark.parametrize(("path", "field"), [("login", "login"), ("signup", "email")])
def test_a_known_and_an_unknown_address_leave_the_same_row(db, path, field):
    member, told = makers.make_member(f"camille-{uuid4().hex[:8]}"), []
    for address in (member.email, f"nobody0-{uuid4().hex[:8]}@people.example"):
        Client().post(f"/account/{path}/", {field: address})
        with as_worker(), connection.cursor() as cursor:
            cursor.execute("select length(sealed), about, expires_at - written_at, hands from members_outgoingmail")
            told.append(cursor.fetchall())
        deliver()

    assert len(told[0]) == 1
    assert told[0] == told[1]


def test_a_row_moved_to_another_mail_does_not_open(committed, address, tick, caplog):
    write(address)
    with services.superuser() as cursor:
        cursor.execute("update members_outgoingmail set id = gen_random_uuid()")

    assert tick() == {"mail failed": 1}
    assert (rows(), mails_to(address)) == ([], [])


# --- Sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "subject"), [("fr", "Votre code"), ("en", "Your code")])
def test_a_mail_is_sent_in_the_language_that_was_asked_for_and_nothing_stays(db, address, language, subject):
    write(address, language=language)

    counts = deliver()

    assert counts["sent"] == 1
    [mail] = mails_to(address)
    assert mail["Subject"].startswith(subject)
    assert "123456" in text_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("select count(*) from members_outgoingmail")
        assert cursor.fetchone() == (0,)


def test_every_kind_has_its_words(db, address):
    sealed = [kind for kind in outbox.KINDS if kind not in ("notice", "answer")]
    for kind in sealed:
        write(address, kind=kind, contact="bonjour@people.example")

    deliver()

    mails = mails_to(address)
    assert len(mails) == len(sealed)
    for mail in mails:
        assert mail["Subject"] and len(text_of(mail)) > 40
        assert "entraide" not in text_of(mail).lower() + mail["Subject"].lower()


def test_codes_go_before_news(committed, address):
    write(address, kind="email_changed")
    write(f"first-{address}")

    with serve_mail() as server:
        server.tick()

        assert server.kept == [f"first-{address}", address]


def test_three_workers_at_once_send_each_mail_once(committed, address):
    every = [f"{number}-{address}" for number in range(20)]
    for one in every:
        write(one)
    with serve_mail() as server:
        processes = [server.start_tick() for _ in range(3)]

        counts = [finish(process) for process in processes]

        assert sorted(server.kept) == sorted(every)
    assert sum(count.get("mail sent", 0) for count in counts) == 20
    assert rows() == []


# --- Trouble ----------------------------------------------------------------------------------------------------------


def test_what_waits_for_a_mail_server_that_is_away_leaves_as_soon_as_it_is_back(committed, address, tick):
    write(address)

    away, waiting = [finish(start_tick(free_port())) for _ in range(2)], rows()

    assert (away, waiting) == ([{"mail given back": 1}] * 2, [(0, 0, False, True, False)])
    assert tick() == {"mail sent": 1}
    assert (len(mails_to(address)), rows()) == (1, [])


@pytest.mark.parametrize(
    "refusal", [{"on_address": lambda address: "451 come back"}, {"on_words": lambda: "451 come back"}]
)
def test_a_mail_server_that_is_busy_is_tried_again_later(committed, address, tick, refusal):
    write(address)
    with serve_mail(**refusal) as server:
        first = server.tick()
    too_early, waiting = tick(), rows()

    rows("next_try = now()")

    assert (first, too_early, waiting) == ({"mail put off": 1}, {}, [(0, 1, False, True, True)])
    assert tick() == {"mail sent": 1}
    assert (len(mails_to(address)), rows()) == (1, [])


@pytest.mark.parametrize(
    "refusal", [{"on_address": lambda address: "550 nobody here"}, {"on_words": lambda: "554 not these words"}]
)
def test_what_is_refused_for_good_is_gone(committed, address, tick, refusal):
    write(address)
    with serve_mail(**refusal) as server:
        assert server.tick() == {"mail failed": 1}

    assert (rows(), tick(), mails_to(address)) == ([], {}, [])


def test_one_refused_address_holds_up_nobody_else(committed, address):
    write(f"gone-{address}")
    write(address)

    with serve_mail(on_address=lambda to: "550 nobody here" if to.startswith("gone") else "250 fine") as server:
        assert server.tick() == {"mail failed": 1, "mail sent": 1}
        assert server.kept == [address]


def test_a_code_that_is_too_old_is_not_sent(committed, address, tick):
    write(address)
    rows("expires_at = now()")

    assert tick() == {"mail expired": 1}
    assert (rows(), mails_to(address)) == ([], [])


def killed_while_handing_over(copies):
    """The worker loses its power when its words are with the server, and before it can note that they are."""
    held = {}

    def keep_and_kill():
        held["process"].kill()
        return "250 kept"

    with serve_mail(on_words=keep_and_kill) as server:
        held["process"] = server.start_tick()
        held["process"].communicate(timeout=30)
        copies += server.kept
    rows("lease_until = now() - interval '1 second'")


def test_after_a_kill_inside_the_hand_over_there_is_one_extra_copy(committed, address, tick):
    copies = []
    write(address)
    killed_while_handing_over(copies)

    assert copies == [address]
    assert rows() == [(1, 0, False, True, False)]
    assert tick() == {"mail sent": 1}
    assert (len(mails_to(address)), rows()) == (1, [])


def test_after_two_kills_it_is_in_doubt_and_there_is_no_third_copy(committed, address, tick):
    copies = []
    write(address)
    for _ in range(2):
        killed_while_handing_over(copies)

    last = tick()

    assert copies == [address, address]
    assert last == {"mail in doubt": 1}
    assert rows() == [(2, 0, True, False, False)]
    assert mails_to(address) == []
    assert tick() == {}


def test_both_copies_have_the_same_message_id_and_date(db, address):
    """A crash between the dot and the note is a rollback of the note."""
    write(address)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), as_worker():
        delivering.send_due({})
        connection.cursor().execute("reset role")
        1 / 0  # noqa: B018
    time.sleep(1.1)
    deliver()

    first, second = mails_to(address)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_mail_that_a_worker_had_only_claimed_when_it_ended_is_sent(committed, address, tick):
    write(address)
    rows("lease = gen_random_uuid(), lease_until = now() + interval '1 second'")

    held = tick()
    rows("lease_until = now()")

    assert (held, tick()) == ({}, {"mail sent": 1})
    assert len(mails_to(address)) == 1


# --- The bell ---------------------------------------------------------------------------------------------------------


def test_a_broker_that_is_away_keeps_nobody_waiting_and_the_tick_takes_the_mail(
    committed, address, settings, caplog, tick
):
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        for port in (free_port(), silent.getsockname()[1]):
            bell._celery.cache_clear()
            settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}/0"
            started = time.monotonic()
            with caplog.at_level(logging.WARNING):
                write(address)
            assert time.monotonic() - started < SHORT
    bell._celery.cache_clear()

    assert caplog.text.count("the bell was not heard") == 2
    assert address not in caplog.text
    assert tick() == {"mail sent": 2}


def test_a_web_process_carries_no_celery_before_the_first_bell(committed):
    lines = "import sys, entraide.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
    command = [sys.executable, "-c", f"{lines}; print('celery' in sys.modules, 'members.outbox' in sys.modules)"]

    told = subprocess.run(command, cwd=CHECKOUT, env=services.web_environment(), capture_output=True, text=True)

    assert told.stdout.split() == ["False", "True"], told.stderr
