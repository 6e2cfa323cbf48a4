"""What the tests of meetings share: a group that meets, the worker's process, its ledger, rude mail servers."""

import asyncio
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone, translation

from entraide.demo.installation import CHECKOUT
from entraide.lib.processes import LOOPBACK, free_port
from groups import belonging
from groups.confidentiality import enter_group
from groups.models import Group
from meetings import exceptions
from meetings.models import Meeting
from members.models import Member
from tests import makers, services

THEME = "La première semaine"
LISTEN = """
import sys, traceback, django
django.setup()
from django.core.management import call_command
from django.db import connections
from meetings import tasks
for line in sys.stdin:
    try:
        exec(line)
    except Exception:
        traceback.print_exc()
        print("broke: 1")
    connections.close_all()  # as a command does at its end: other tests hang up on whoever is there
    print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def in_french():
    """A page that was visited in English leaves its language to the next test."""
    with translation.override("fr"):
        yield


def move(facilitator: Member, meeting: Meeting, starts_in: timedelta) -> None:
    move_to(facilitator, meeting, timezone.now() + starts_in)


def move_to(facilitator: Member, meeting: Meeting, starts_at: datetime) -> None:
    """To another hour, as whoever facilitates may. It lasts 90 minutes."""
    with makers.as_person(facilitator):
        Meeting.objects.filter(pk=meeting.pk).update(**makers.times_of(starts_at, zone=meeting.zone))
        meeting.refresh_from_db()


@dataclass
class Gathering:
    """A group of its own with one meeting, under names that no other test uses: the mailbox is kept all along."""

    group: Group
    ines: Member
    meeting: Meeting

    def join(self, reminders: str, name: str | None = None, **fields) -> Member:
        member = makers.make_member(f"member-{uuid4().hex}", **fields)
        makers.join(member, self.group, name or f"Gué {uuid4().hex[:8]}", reminders)
        return member

    def leave(self, member: Member) -> None:
        with makers.as_person(member):
            belonging.leave(enter_group(member, self.group.pk), keep_stories=False)

    def choose(self, member: Member, reminders: str = "none", **wishes: bool) -> None:
        makers.choose_reminders(member, self.group, reminders, **wishes)

    def cancel(self) -> None:
        with makers.as_person(self.ines):
            self.meeting.refresh_from_db()
            exceptions.cancel(enter_group(self.ines, self.group.pk), self.meeting, version=self.meeting.version)

    def move(self, **starts_in) -> None:
        move(self.ines, self.meeting, timedelta(**starts_in))


def gather(**plan) -> Gathering:
    ines = makers.make_member(f"ines-{uuid4().hex}")
    group = makers.make_group(ines, "Phare vert")
    makers.make_series(ines, group, **{"rhythm": "once", "theme": THEME, **plan})
    return Gathering(group, ines, makers.first_meeting(ines, group))


@pytest.fixture
def gathering(committed):
    return gather()


@pytest.fixture(scope="session")
def worker(django_db_setup):
    """worker(line) runs a line in a process with the worker's login and keys. It is kept: a start takes a second."""
    process = subprocess.Popen(
        [sys.executable, "-c", LISTEN],
        cwd=CHECKOUT,
        env=services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(line):
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        told = []
        while told[-1:] != ["done\n"]:
            told.append(process.stdout.readline())
            assert told[-1], "the worker ended: its last words are on stderr"
        return _counts(told)

    yield run
    process.communicate()
    assert process.returncode == 0


@pytest.fixture
def tick(worker):
    """Send what is due, once; how many rows ended in which state."""
    return lambda: worker("call_command('send_due_reminders')")


@pytest.fixture
def ledger(committed):
    """ledger() lists the rows of reminders, ledger(changes) changes them all, with the worker's login."""
    with closing(psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])) as connection:
        connection.autocommit = True

        def ask(changes=None):
            with connection.cursor() as cursor:
                if changes:
                    cursor.execute(f"update meetings_reminder set {changes}")
                cursor.execute(
                    "select kind, state, hands, last_code, next_try > now() as is_later from meetings_reminder"
                    " order by kind, starts_at"
                )
                return cursor.fetchall()

        yield ask


class MailServer:
    """It answers as it is told. `kept` are the mails that it took, by address."""

    def __init__(self, on_hello, on_sender, on_address, on_words, on_quit):
        self.on_hello, self.on_sender, self.on_address = on_hello, on_sender, on_address
        self.on_words, self.on_quit, self.kept = on_words, on_quit, []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        await asyncio.to_thread(self.on_hello)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.on_sender

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = await asyncio.to_thread(self.on_address, address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = await asyncio.to_thread(self.on_words)
        if answer.startswith("250"):
            self.kept += envelope.rcpt_tos
        return answer

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        return self.on_quit

    def start_tick(self) -> subprocess.Popen:
        """`manage.py send_due_reminders` in a process of its own, with this mail server."""
        return start_tick(self.port)

    def tick(self) -> dict[str, int]:
        return finish(self.start_tick())


def start_tick(port: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "send_due_reminders"],
        cwd=CHECKOUT,
        env=services.worker_environment() | {"EMAIL_URL": f"smtp://{LOOPBACK}:{port}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> dict[str, int]:
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return _counts(told.splitlines())


@contextmanager
def serve_mail(
    on_hello=lambda: None,
    on_sender="250 fine",
    on_address=lambda address: "250 fine",
    on_words=lambda: "250 kept",
    on_quit="221 bye",
):
    """What is not given is answered well."""
    handler = MailServer(on_hello, on_sender, on_address, on_words, on_quit)
    handler.port = free_port()
    controller = Controller(handler, hostname=LOOPBACK, port=handler.port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@pytest.fixture
def mail_server():
    """`with mail_server(on_hello=…, on_sender=…, on_address=…, on_words=…, on_quit=…) as server`"""
    return serve_mail


def _counts(lines):
    counts = dict(line.strip().split(": ") for line in lines if ": " in line)
    return {state: int(count) for state, count in counts.items() if int(count)}
