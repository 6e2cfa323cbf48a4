"""The drills of bench/reminder_faults.py."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bench import entitled
from bench.dying import GAPS, OF_A_MAIL
from bench.place import MailServer
from entraide.demo.installation import CHECKOUT
from entraide.lib import processes

CELERY = ("-m", "celery", "-A", "entraide")
WORKER = (*CELERY, "worker", "-c", "1", "--without-gossip", "--without-mingle")
CHANCE, OFTEN = 0.25, 0.75  # one statement derives it all, and would else be passed by
FAILED = "cron failed"
# A death while a batch is handed over: what had gone of it goes once more.
TWICE = {*OF_A_MAIL, "before the commit of marks"}


@dataclass
class Drill:
    name: str
    act: Callable
    most_copies: int = 1

    def run(self):
        return self.act()


class Drills:
    """One set of people for all of them: each drill gives their meeting a new hour."""

    notices = False  # nobody's plans change here

    def __init__(self, place, members: int, minutes: float, circles: int = 10):
        self.place, self.minutes = place, minutes
        self.mail, self.idle = MailServer(place), []
        self.circles = entitled.make_circles(circles, members // circles, notices=self.notices)

    def begin(self, mood="fine", due_in: float = 0) -> None:
        self.mail.start(mood)
        entitled.forget(self.mail)
        self.due(self.circles, due_in)

    def due(self, circles, seconds):
        entitled.make_due(circles, seconds)
        self.history, self.wanted = entitled.History(self.circles), entitled.entitled(self.circles)

    def verdict(self, note="", wanted=None):
        return entitled.judge(self.history, self.mail.mails(), self.wanted if wanted is None else wanted), note

    def environment(self) -> dict:
        from tests import services

        settings = {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
        return services.worker_environment() | self.mail.environment | settings

    def lives(self, gap="nowhere", chance: float = 0, **options) -> subprocess.Popen:
        """Begun in a process that has nothing else to do; its start takes a second or two."""
        process = self.idle.pop() if self.idle else self.kennel()
        words = [gap, str(chance), *(f"--{name}={value}" for name, value in options.items())]
        process.stdin.write(f"{json.dumps(words)}\n")
        process.stdin.flush()
        return process

    def kennel(self) -> subprocess.Popen:
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        command = [sys.executable, "-m", "bench.dying"]
        process = subprocess.Popen(command, cwd=CHECKOUT, env=self.environment(), **options)
        self.place.stack.callback(lambda: process.poll() is None and process.communicate(timeout=60))
        return process

    def after(self, lives) -> str:
        told = json.loads(lives.stdout.readline())
        self.idle.append(lives)
        return ", ".join(f"{count} {what}" for what, count in told.items())

    def cron(self) -> str:
        """`manage.py send_due_reminders`, once."""
        command = [sys.executable, "manage.py", "send_due_reminders"]
        done = subprocess.run(command, cwd=CHECKOUT, env=self.environment(), capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else FAILED

    def await_mails(self, count: int, within: float) -> bool:
        deadline = time.monotonic() + within
        while len(self.mail.mails()) < count:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    # --- Deaths ----------------------------------------------------------------------------------------------------

    def death(self, gap: str, chance: float, **options):
        self.begin()
        return self.verdict(self.after(self.lives(gap, chance, **options)))

    def asleep(self, seconds=65):
        """A worker stops in the middle of a mail for longer than it may hold its locks, and wakes when others have
        done its work."""
        self.begin("slow")
        sleeper = self.lives(workers=1)
        self.await_mails(3, 60)
        for pid in children(sleeper.pid):
            signal_to(pid, signal.SIGSTOP)
        time.sleep(seconds)
        note = self.after(self.lives())
        for pid in children(sleeper.pid):
            signal_to(pid, signal.SIGCONT)
        self.after(sleeper)
        return self.verdict(note)

    def clock_jumps(self, hours: int):
        """Of the database, since the worker last looked. Nobody is written to until it is right again."""
        self.begin()
        self.cron()  # it has looked
        self.begin()
        jump = "update meetings_workerclock set at = at - make_interval(hours => %s)"
        entitled.ask(jump, hours)
        self.cron()
        meanwhile = len(self.mail.mails())
        entitled.ask(jump, -hours)
        return self.verdict(f"{meanwhile} sent while the clocks disagreed; then {self.after(self.lives())}")

    def machine_is_wrong(self):
        self.begin()
        self.after(self.lives(ahead=3600))
        meanwhile = len(self.mail.mails())
        return self.verdict(f"{meanwhile} sent while the clocks disagreed; then {self.after(self.lives())}")

    # --- Servers ----------------------------------------------------------------------------------------------------

    def broker_away(self, seconds=20):
        """Across the moment at which everything is due; then it comes back empty."""
        self.begin(due_in=8)
        children = self.celery(1, 1)
        time.sleep(5)
        self.place.stop_broker()
        time.sleep(seconds)
        sent_without = len(self.mail.mails())
        self.place.start_broker()
        self.flush()
        arrived = self.await_mails(len(self.wanted), 90)
        end(children)
        return self.verdict(f"{sent_without} arrived without it, {'all' if arrived else 'NOT ALL'} after it")

    def broker_away_with_cron(self):
        self.begin()
        self.place.stop_broker()
        told = self.cron()
        self.place.start_broker()
        return self.verdict(told.replace("\n", " "))

    def flush(self):
        import redis

        with redis.Redis.from_url(self.place.valkey.url) as client:
            client.flushall()

    def celery(self, workers: int, beats: int) -> list:
        def start(number, kind, *arguments):
            return self.place.child(f"{kind}-{number}", *arguments, env=self.environment())

        schedule = f"{self.place.folder}/schedule-{time.monotonic_ns()}-"
        started = [start(number, "worker", *WORKER, "-n", f"w{number}@bench") for number in range(workers)]
        return started + [
            start(number, "beat", *CELERY, "beat", "-s", f"{schedule}{number}", "--pidfile=") for number in range(beats)
        ]

    def database_stopped(self):
        from django.db import connection

        self.begin("slow")
        lives = self.lives()
        self.await_mails(5, 60)
        self.place.stop_postgres_at_once()
        time.sleep(3)
        self.place.start_postgres()
        connection.close()  # of this process: it was cut as well
        self.mail.start()
        return self.verdict(self.after(lives))

    def mail_server(self, mood: str):
        self.begin(mood)
        lives = self.lives()
        note = self.after(lives)
        refused = (lambda address: address.endswith("7@people.example")) if mood.startswith("never") else None
        wanted = entitled.entitled(self.circles, refused) if refused else self.wanted
        return self.verdict(note, wanted=wanted)

    def mail_server_down(self, seconds=6):
        self.begin()
        self.mail.stop()
        lives = self.lives()
        time.sleep(seconds)
        self.mail.start()
        return self.verdict(self.after(lives))

    # --- All at once, for a while -----------------------------------------------------------------------------------

    def all_at_once(self):
        """Three workers, two beats and the cron command every few seconds, while one group after the other is due."""
        self.begin(due_in=3600)
        step = self.minutes * 60 / len(self.circles)
        for number, circle in enumerate(self.circles):
            self.due([circle], 5 + number * step)
        started, told = self.celery(3, 2), []
        until = time.monotonic() + self.minutes * 60 + 60
        while time.monotonic() < until:
            told.append(self.cron())
            time.sleep(3)
        end(started)
        return self.verdict(f"cron ran {len(told)} times, and failed {told.count(FAILED)} times")


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def signal_to(pid: int, number: int) -> None:
    import os

    with suppress(ProcessLookupError):
        os.kill(pid, number)


def end(started: list) -> None:
    for child in started:
        child.terminate()
    for child in started:
        processes.stop(child, signal.SIGTERM, 10)


def every(place, given):
    drills = Drills(place, given.members, given.minutes)
    for gap in GAPS:
        chance = OFTEN if gap.endswith("derive") else CHANCE
        yield Drill(f"kill -9 {gap}", partial(drills.death, gap, chance), 2 if gap in TWICE else 1)
    yield Drill("SIGSTOP past the lease, SIGCONT", drills.asleep, 2)
    yield Drill("clock of the database jumps ahead by a day", lambda: drills.clock_jumps(24))
    yield Drill("clock of the database jumps back by two hours", lambda: drills.clock_jumps(-2))
    yield Drill("clock of the worker's machine an hour ahead", drills.machine_is_wrong)
    yield Drill("broker stopped across the due time, flushed", drills.broker_away)
    yield Drill("broker away, cron instead", drills.broker_away_with_cron)
    yield Drill("PostgreSQL stopped at once while sending", drills.database_stopped, 2)
    yield Drill("SMTP down, then up", drills.mail_server_down)
    for mood in "slow slow-one later-rcpt later-data never-rcpt never-data silent hangs-up".split():
        copies = 2 if mood in ("silent", "hangs-up") else 1
        yield Drill(f"SMTP {mood}", lambda mood=mood: drills.mail_server(mood), copies)
    yield Drill("three workers, two beats and cron at once", drills.all_at_once)
