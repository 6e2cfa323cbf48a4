"""Workers that die: `manage.py send_due_reminders` again and again, killed at a chosen gap with a chosen chance.

    python -m bench.dying "after the dot" 0.25

Nothing in the site knows of it. Each life is a child of this process in which three things are wrapped: Django's cursor
(the statements are recognized by their words), its commit, and what smtplib sends and reads. Two live at a time; when
both are dead or done, the leases that they left are over and whatever was put off is due, as if minutes had passed;
until nothing is open. Prints one line of JSON. Without arguments it reads them from its input, one list a line.
"""

import argparse
import json
import os
import random
import re
import signal
import smtplib
import sys
import time
from contextlib import suppress
from importlib import import_module

import django

# The statements, in the order in which a tick says them.
STATEMENTS = {
    "derive": re.compile(r"insert into meetings_reminder"),
    "claim": re.compile(r"update meetings_reminder set state = case when hands"),
    "recheck": re.compile(r"for share of s, m"),
    "handing": re.compile(r"update meetings_reminder set state = 'handing'"),
    "marks": re.compile(r"update meetings_reminder r set state = v.state"),
}
OF_A_MAIL = ("before DATA", "inside DATA", "after the dot", "after the 250")
GAPS = [
    "before the commit of derive",
    "after the commit of derive",
    "before the commit of claim",
    "after the commit of claim",
    "before the recheck",
    "after the commit of handing",
    *OF_A_MAIL,
    "before the commit of marks",
    "after the commit of marks",
]
# Read once for all lives: a worker of weeks has read them long ago.
ROOMS = ("groups.notices", "meetings.reminders", "django.template.loader", "entraide.urls")
LATER = """
    update meetings_reminder set next_try = now() - make_interval(secs => (state = 'handing')::int)
    where state in ('due', 'claimed', 'handing')
"""
OPEN = "select count(*) from meetings_reminder where state in ('due', 'claimed', 'handing')"


class Death:
    """Comes at one gap. `chance` is thrown each time that a life passes there."""

    def __init__(self, gap: str, chance: float):
        self.gap, self.chance = gap, chance
        self.dice = random.Random(os.urandom(8))  # noqa: S311
        self.handed_words = False

    def comes(self, gap: str) -> bool:
        return gap == self.gap and self.dice.random() < self.chance

    def strike(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def maybe(self, gap: str) -> None:
        if self.comes(gap):
            self.strike()


def wrap_database(death: Death) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    execute, commit = CursorWrapper.execute, BaseDatabaseWrapper._commit

    def dying_execute(cursor, query, params=None):
        name = next((name for name, words in STATEMENTS.items() if words.search(str(query))), None)
        death.maybe(f"before the {name}")
        if death.comes(f"before the commit of {name}"):
            if cursor.db.get_autocommit():
                execute(cursor, "begin")
            execute(cursor, query, params)
            death.strike()
        answer = execute(cursor, query, params)
        if death.comes(f"after the commit of {name}"):
            if cursor.db.get_autocommit():
                death.strike()
            cursor.db.dies_at_commit = True
        return answer

    def dying_commit(connection):
        commit(connection)
        if getattr(connection, "dies_at_commit", False):
            death.strike()

    CursorWrapper.execute, BaseDatabaseWrapper._commit = dying_execute, dying_commit


def wrap_mail(death: Death) -> None:
    send, getreply = smtplib.SMTP.send, smtplib.SMTP.getreply

    def dying_send(conversation, words):
        if isinstance(words, str) and words.lower().startswith("data"):
            death.maybe("before DATA")
        is_mail = isinstance(words, bytes) and words.endswith(b"\r\n.\r\n")
        if is_mail and death.comes("inside DATA"):
            send(conversation, words[: len(words) // 2])
            death.strike()
        send(conversation, words)
        if is_mail:
            death.maybe("after the dot")
        death.handed_words = is_mail

    def dying_getreply(conversation):
        answer = getreply(conversation)
        if death.handed_words and answer[0] == 250:
            death.maybe("after the 250")
        return answer

    smtplib.SMTP.send, smtplib.SMTP.getreply = dying_send, dying_getreply


def live(given) -> int:
    """The exit status; a death has none."""
    from django.conf import settings
    from django.core.management import call_command

    from meetings import ledger

    death = Death(given.gap, given.chance / (given.batch if given.gap in OF_A_MAIL and given.chance < 1 else 1))
    right = time.time
    time.time = lambda: right() + given.ahead
    settings.EMAIL_TIMEOUT = given.patience
    ledger.CLAIM = ledger.CLAIM.replace(f"limit {ledger.BATCH} ", f"limit {given.batch} ")
    wrap_database(death)
    wrap_mail(death)
    try:
        with open(os.devnull, "w") as nowhere:
            call_command("send_due_reminders", stdout=nowhere)
    except Exception as error:  # in life: a task that failed; the next tick begins anew
        sys.stderr.write(f"{type(error).__name__}\n")
        return 1
    return 0


def born(given) -> int:
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        status = live(given)
    finally:
        os._exit(status)


def pass_time() -> int:
    """How many rows are open. Waits for a database that is away."""
    from django.db import Error, connection

    while True:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(LATER)
            cursor.execute(OPEN)
            left = cursor.fetchone()[0]
            connection.close()  # lives do not share it
            return left
        connection.close()
        time.sleep(0.2)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gap", choices=[*GAPS, "nowhere"])
    parser.add_argument("chance", type=float, help="for each batch: of a gap of its mails, each has its part of it")
    parser.add_argument("--deaths", type=int, default=10**6, help="no more than that many; the others live on")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--patience", type=float, default=2, help="seconds until a mail server counts as silent")
    parser.add_argument("--ahead", type=float, default=0, help="seconds by which the clock of the machine is wrong")
    parser.add_argument("--rounds", type=int, default=200, help="at most; after a single one no time passes")
    parser.add_argument("--batch", type=int, default=5, help="mails: small ones, so that deaths come often")
    return parser


def run(given) -> dict[str, int]:
    told = {"deaths": 0, "failures": 0, "rounds": 0}
    while told["rounds"] < given.rounds:
        ends = [os.waitpid(child, 0)[1] for child in [born(given) for _ in range(given.workers)]]
        told["rounds"] += 1
        told["deaths"] += sum(os.WIFSIGNALED(end) for end in ends)
        if told["deaths"] >= given.deaths:
            given.chance = 0
        told["failures"] += sum(os.WIFEXITED(end) and os.WEXITSTATUS(end) != 0 for end in ends)
        if given.rounds > 1 and pass_time() == 0 and not any(ends):
            break
    return told


def main() -> None:
    parser = arguments()
    asked = [sys.argv[1:]] if sys.argv[1:] else map(json.loads, sys.stdin)
    django.setup()
    for room in ROOMS:
        import_module(room)
    for words in asked:
        sys.stdout.write(f"{json.dumps(run(parser.parse_args(words)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
