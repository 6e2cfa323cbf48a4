"""How fast reminders leave: two workers beside one raw connection to the same mail server; many due in one minute.

    python -m bench.reminders [--sizes 10000 100000 1000000] [--seconds 60]

Servers of its own: PostgreSQL that writes to the disk as it comes, a mail server (aiosmtpd) that notes each recipient,
gunicorn with one worker for a member who looks at pages once in a while. Everything shares the processors of this
machine. The table of memberships holds the largest size all along, with addresses really sealed. Waves of more than
200,000 are derived whole and sent for so many seconds only.
"""

import argparse
import json
import os
import platform
import signal
import smtplib
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from bench import place as places
from bench import reminder_seed as seeds
from entraide.lib import processes

RAW = 2_000
TEXT = "Bonjour,\n\nVous avez un rendez-vous le mardi 24 novembre 2026 à 19 h 00, heure de Montréal.\n\n" * 3
HTML = f"<!doctype html>\n<html lang=fr><body>\n<p>{TEXT}</p>\n</body></html>\n"
DERIVE_ALL = """
import json, time, django
django.setup()
from meetings import ledger
begun = time.monotonic()
print(json.dumps([sum(ledger.derive()), time.monotonic() - begun]))
"""
BETWEEN_VISITS = 0.05  # seconds


def say(words=""):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main():
    given = arguments()
    with places.open_place() as place:
        import django

        django.setup()
        from groups import vault

        vault.refuse_wrong_keys()
        now = datetime.now(UTC)
        say(f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, Python {platform.python_version()}")
        mail = places.MailServer(place)
        mail.start("count")
        most = max(given.sizes)
        begun = time.monotonic()
        seeds.seed(most)
        took = time.monotonic() - begun
        say(f"{most:,} memberships in {most // seeds.EACH:,} groups, sealed and copied in {took:.0f} s")
        with site(place) as web:
            web.rest = web.measure(20)["p95"]
            say(f"the web at rest: p95 {web.rest:.1f} ms")
            for size in given.sizes:
                wave(place, mail, web, size, given)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=60, help="of a wave that is not sent whole")
    parser.add_argument("--whole", type=int, default=200_000, help="the largest wave that is sent whole")
    parser.add_argument("--nice", type=int, default=10, help="how far the workers step back from the web")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


# --- One raw connection -------------------------------------------------------------------------------------------


def built(number: int) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Rappel de rendez-vous", "Rendez-vous <rv@example.org>"
    message["To"] = f"m{number}@people.example"
    message["Date"], message["Message-ID"] = "Tue, 24 Nov 2026 19:00:00 +0000", f"<{number:032x}@example.org>"
    message.set_content(TEXT, cte="quoted-printable")
    message.add_alternative(HTML, subtype="html", cte="quoted-printable")
    return message.as_bytes(policy=SMTP)


def floors(mail) -> dict[str, float]:
    """Messages a second over one connection of smtplib: {ready, built each time}. The better of three runs each."""
    ready = built(0)
    before = processor_time(mail.pid), time.process_time()
    rates = {"ready": max(raw_rate(mail.port, lambda number: ready) for _ in range(3))}
    rates["built each time"] = max(raw_rate(mail.port, built) for _ in range(3))
    spent = [1000 * used / 6 / RAW for used in (processor_time(mail.pid) - before[0], time.process_time() - before[1])]
    for name, rate in rates.items():
        say(f"one connection of smtplib, message {name}: {rate:,.0f} messages/s ({len(ready)} bytes each)")
    say(f"  processor time of a mail, ms: mail server {spent[0]:.2f}, client {spent[1]:.2f} (mean of both kinds)")
    return rates


def raw_rate(port, message) -> float:
    with smtplib.SMTP(processes.LOOPBACK, port) as line:
        begun = time.perf_counter()
        for number in range(RAW):
            line.sendmail("rv@example.org", [f"m{number}@people.example"], message(number))
        return RAW / (time.perf_counter() - begun)


# --- The web beside it --------------------------------------------------------------------------------------------


class Web:
    def __init__(self, port, cookie, gid):
        self.port, self.headers = port, {"Cookie": cookie, "Connection": "close"}
        self.pages = ("/me/", f"/g/{gid}/")

    def visit(self, path) -> float:
        begun = time.perf_counter()
        line = HTTPConnection(processes.LOOPBACK, self.port, timeout=30)
        line.request("GET", path, headers=self.headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status}")
        return 1000 * (time.perf_counter() - begun)

    def measure(self, seconds=None, until=None) -> dict:
        """{p95 (ms), pages} of visits to a member's pages in turn, a twentieth of a second apart."""
        end, took = time.monotonic() + (seconds or 3600), []
        while time.monotonic() < end and not (until and until.is_set()):
            took.append(self.visit(self.pages[len(took) % 2]))
            time.sleep(BETWEEN_VISITS)
        return {"p95": statistics.quantiles(took[5:], n=20)[18], "pages": len(took)}


class site:  # noqa: N801  (read as `with site(place)`)
    def __init__(self, place):
        self.place = place

    def __enter__(self):
        from tests import services

        environment = services.web_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
        told = subprocess.run(
            [sys.executable, "-m", "bench.reminder_seed", "visitor"], env=os.environ | environment, capture_output=True
        )
        visitor, port = json.loads(told.stdout), processes.free_port()
        command = ("-m", "gunicorn", "entraide.wsgi", "--threads", "4", "--no-control-socket")
        self.child = self.place.child("web", *command, "-b", f"{processes.LOOPBACK}:{port}", env=environment)
        while processes.is_port_free(port):
            time.sleep(0.1)
        web = Web(port, visitor["cookie"], visitor["gid"])
        for _ in range(20):
            web.visit(web.pages[0])
        return web

    def __exit__(self, *trouble):
        processes.stop(self.child, signal.SIGTERM, 10)


# --- A wave -------------------------------------------------------------------------------------------------------


def wave(servers, mail, web, size, given):
    from meetings import ledger

    say(f"\n{size:,} due in the same minute (load of the machine {os.getloadavg()[0]:.1f})")
    raw = floors(mail)
    seeds.make_due(size)
    place, meeting_id = ledger.FROM_THE_FIRST
    explain("derive", ledger.BY_INDEX, ledger.DERIVE_TIMES, since=None, place=place, meeting_id=meeting_id)
    with visits(web) as finding:
        mails, took = derive_all(given.nice)
    say(f"all of it derived: {mails:,} in {took:.2f} s, {1_000_000 * took / mails:.0f} us each")
    explain("claim", ledger.IN_ORDER, ledger.CLAIM, lease=uuid4())
    explain("expire", "", ledger.EXPIRE)
    mail.empty()
    whole = size <= given.whole
    step_back(mail.pid, given.nice)  # it stands elsewhere, or gives way to the web as the workers do
    workers = [start_worker(servers, number, mail, given.nice) for number in range(given.workers)]
    before = work(servers, mail)
    with visits(web) as sending:
        memory, own = watch(workers, None if whole else given.seconds)
    after = work(servers, mail)
    if not whole:
        for worker in workers:
            processes.stop(worker, signal.SIGKILL, 5)
    report(mail, size, whole, raw, memory)
    sent = len(mail.mails())
    spent = {"workers": sum(own)} | {name: after[name] - before[name] for name in before}
    say("processor time of a mail, ms: " + ", ".join(f"{name} {1000 * spent[name] / sent:.2f}" for name in spent))
    for name, told in {"deriving": finding, "sending": sending}.items():
        p95, pages = told["p95"], told["pages"]
        say(f"the web while {name}: p95 {p95:.1f} ms of {pages:,} pages = {p95 / web.rest:.2f} of its p95 at rest")


@contextmanager
def visits(web):
    """Somebody looks at pages meanwhile."""
    over, told = threading.Event(), {}
    watching = threading.Thread(target=lambda: told.update(web.measure(until=over)))
    watching.start()
    yield told
    over.set()
    watching.join()


def start_worker(place, number, mail, nice):
    from tests import services

    environment = services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"} | mail.environment
    child = place.child(f"worker-{number}", "manage.py", "send_due_reminders", env=environment)
    step_back(child.pid, nice)
    return child


def step_back(pid, nice):
    """Linux counts `nice` within a session only where sessions share the processors evenly (autogroup)."""
    os.setpriority(os.PRIO_PROCESS, pid, nice)
    session = Path(f"/proc/{pid}/autogroup")
    if session.exists():
        session.write_text(str(nice))


def explain(name, settings, query, **values):
    """Its plan. Rolled back: the workers begin anew. One statement derives the mails of 500 meetings."""
    from tests import services

    with services.worker() as cursor:
        cursor.execute(f"begin; {settings}")
        cursor.execute(f"explain (analyze, costs off) {query}", {"now": None, **values})
        say(f"{name}:")
        for (row,) in cursor.fetchall():
            say(f"    {row}")
        cursor.execute("rollback")


def derive_all(nice) -> tuple[int, float]:
    """Everything that is due, kept: how many mails, in how many seconds of a worker."""
    from tests import services

    environment = os.environ | services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
    command = [sys.executable, "-c", DERIVE_ALL]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True) as child:
        step_back(child.pid, nice)
        mails, took = json.loads(child.stdout.read())
    return mails, took


def watch(workers, seconds) -> tuple[list, list]:
    """Until all are done: (first, largest) MB of each once they have begun, and the processor time of each."""
    begun, sizes, own = time.monotonic(), [[] for _ in workers], [0.0] * len(workers)
    while any(worker.poll() is None for worker in workers):
        for number, worker in enumerate(workers):
            own[number] = max(own[number], processor_time(worker.pid))
            if time.monotonic() > begun + 3 and (size := resident(worker.pid)):
                sizes[number].append(size)
        if seconds and time.monotonic() > begun + seconds:
            break
        time.sleep(0.2)
    for worker in workers:
        if worker.poll():
            sys.exit(processes.last_lines(worker.log))
    return [(seen[0], max(seen)) for seen in sizes if seen], own


def work(place, mail) -> dict[str, float]:
    """Seconds of a processor that each server has used so far; of PostgreSQL, the web's share is in it."""
    postmaster = place.postgres.process.pid
    with open(f"/proc/{postmaster}/task/{postmaster}/children") as file:
        running = sum(processor_time(pid) for pid in file.read().split())
    return {"PostgreSQL": running + processor_time(postmaster, ended=True), "mail server": processor_time(mail.pid)}


def processor_time(pid, ended=False) -> float:
    """Of a process; with `ended`, of its children that have ended as well."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11 : 15 if ended else 13])) / os.sysconf("SC_CLK_TCK")


def resident(pid) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    except (OSError, IndexError):
        return 0


def report(mail, size, whole, raw, memory):
    mails = mail.mails()
    moments = sorted(one["at"] for one in mails)
    rate = (len(mails) - 1) / (moments[-1] - moments[0])
    copies = Counter(one["to"] for one in mails)
    say(
        f"sent: {len(mails):,} in {moments[-1] - moments[0]:.1f} s = {rate:,.0f} messages/s"
        + ("" if whole else f", then stopped: {size - len(mails):,} were left")
    )
    for name, floor in raw.items():
        say(f"  = {100 * rate / floor:.0f} % of one raw connection, message {name}")
    say(f"recipients: {len(copies):,} of {size:,}, most copies {max(copies.values())}; on record: {on_record()}")
    say("memory of a worker, MB at the beginning and at most: " + "; ".join(f"{a} and {b}" for a, b in memory))


def on_record() -> str:
    from tests import services

    with services.superuser() as cursor:
        cursor.execute("select state, count(*) from meetings_reminder group by state order by state")
        return ", ".join(f"{count:,} {state}" for state, count in cursor.fetchall())


if __name__ == "__main__":
    main()
