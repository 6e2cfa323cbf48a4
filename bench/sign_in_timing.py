"""Does the time of an answer tell a known address from an unknown one?

    python -m tests.services python -m bench.sign_in_timing [N]

The real site (gunicorn, PostgreSQL, broker, mail server), 5 000 accounts. For each form N requests (200) with a known
address and N with an unknown one, in turns, one at a time, each from another network and in a fresh session; first with
answers that leave at once, then as on the site. Times are those of the POST, seen from beside the server, in ms. A
worker sends the mail meanwhile; how long after the click each one lay in its mailbox is told as well.
"""

import os
import re
import sys
import tempfile
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from random import Random
from statistics import fmean, median, quantiles, stdev
from urllib.parse import urlencode
from urllib.request import urlopen

import django

ACCOUNTS = 5_000
FORMS = {"sign-in": ("login/", "login"), "sign-up": ("signup/", "email"), "change of address": ("email/", "email")}
KINDS, TOKEN = ("known", "unknown"), "csrfmiddlewaretoken"
visitors, dice = count(1), Random(2026)  # noqa: S311  (it only mixes the order)
asked_at: dict[str, int] = {}  # {address: ns}


def main(number: int) -> None:
    from tests import services

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
    services.migrate()
    django.setup()
    known = make_accounts(number * len(FORMS) * 2)
    print(f"{ACCOUNTS} accounts, {number} requests of each kind for each form, one at a time")
    for settings in ("bench.unheld", "entraide.settings"):
        with site(settings) as port:
            asked_at.clear()
            report(settings, measured(port, known, number))
            report_mail()


def make_accounts(needed: int) -> list:
    from allauth.account.models import EmailAddress

    from groups import vault
    from members.models import Member

    vault.refuse_wrong_keys()
    wanted = max(ACCOUNTS, needed * 2)
    members = Member.objects.bulk_create([Member(email=f"known-{n}@people.example") for n in range(wanted)])
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=member, email=member.email, verified=True, primary=True) for member in members]
    )
    return members


@contextmanager
def site(settings: str):
    """Behind a proxy, as it were, that says from where each request comes: the limits count by network."""
    from entraide.lib import processes
    from tests import services

    port, log = processes.free_port(), Path(tempfile.mkdtemp()) / "gunicorn.log"
    address = f"http://{processes.LOOPBACK}:{port}"
    environment = services.web_environment() | {"SITE_URL": address, "TRUSTED_PROXIES": "1"}
    command = [sys.executable, "-m", "gunicorn", "entraide.wsgi", "--threads", "4", "--no-control-socket"]
    command += ["-b", f"{processes.LOOPBACK}:{port}"]
    child = processes.start(command, log, env=environment | {"DJANGO_SETTINGS_MODULE": settings})
    celery = [sys.executable, "-m", "celery", "-A", "entraide", "worker", "-c", "2"]
    celery += ["--without-gossip", "--without-mingle"]
    worker = processes.start(celery, log.with_name("worker.log"), env=services.worker_environment())
    try:
        while processes.is_port_free(port):
            time.sleep(0.1)
        urlopen(f"{address}/healthz", timeout=20).close()  # noqa: S310  (our own address)
        yield port
    finally:
        for process in (child, worker):
            processes.stop(process, processes.signal.SIGTERM, 10)


def measured(port: int, members: list, number: int) -> dict[tuple[str, str], list[float]]:
    """{(form, kind): ms}"""
    times, spare = {(form, kind): [] for form in FORMS for kind in KINDS}, iter(members)
    for turn in range(-5, number):
        for form, kind in dice.sample(list(times), len(times)):
            signed_in = next(spare) if form == "change of address" else None
            address = next(spare).email if kind == "known" else f"nobody-{next(visitors)}@people.example"
            took = one_post(port, *FORMS[form], address, signed_in)
            if turn >= 0:  # the first ones warm the site up
                times[form, kind].append(took)
    return times


def one_post(port, page, field, address, signed_in) -> float:
    from tests.mailbox import mails_to

    before = len(mails_to(signed_in.email)) if signed_in else 0
    connection, path = HTTPConnection("127.0.0.1", port, timeout=30), f"/account/{page}"
    visitor = next(visitors)
    headers = {"X-Forwarded-For": f"10.{visitor >> 16 & 255}.{visitor >> 8 & 255}.{visitor & 255}"}
    if signed_in:
        headers["Cookie"] = f"session={session_of(signed_in)}"
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())[1]
    if not signed_in:
        headers["Cookie"] = answer.getheader("Set-Cookie").split(";")[0]
    if signed_in:  # the present address says yes first, and then the new one is asked
        posted(connection, path, headers, {field: address, TOKEN: token})
        path, field, address = f"{path}code/", "code", code_in_mailbox(signed_in.email, before)
        connection.close()  # the server has hung up meanwhile, or not: alike for all
    else:
        asked_at[address] = time.time_ns()
    took = posted(connection, path, headers, {field: address, TOKEN: token})
    connection.close()
    return took


def posted(connection, path, headers, form) -> float:
    headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    started = time.perf_counter()
    connection.request("POST", path, urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - started
    if answer.status != 302:
        raise RuntimeError(f"{path} answered {answer.status}")
    return took * 1000


def code_in_mailbox(address: str, after: int) -> str:
    from tests.mailbox import text_of, wait_for_mail

    return re.search(r"\d{6}", text_of(wait_for_mail(address, "Votre code", within=30, after=after)))[0]


def session_of(member) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(member)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def report(settings: str, times) -> None:
    held = "as on the site" if settings == "entraide.settings" else "not held back"
    print(f"\n{held}\n{'':20}{'known':>9}{'unknown':>9}{'differ.':>9}   known and unknown, p95   mean difference")
    for form in FORMS:
        known, unknown = (times[form, kind] for kind in KINDS)
        middles, late = [median(known), median(unknown)], [quantiles(known, n=20)[-1], quantiles(unknown, n=20)[-1]]
        error = 2 * (stdev(known) ** 2 / len(known) + stdev(unknown) ** 2 / len(unknown)) ** 0.5
        print(
            f"{form:20}{middles[0]:9.1f}{middles[1]:9.1f}{middles[0] - middles[1]:+9.1f}"
            f"   {late[0]:9.1f}{late[1]:9.1f}   {fmean(known) - fmean(unknown):+11.2f} ± {error:.2f}"
        )


def report_mail() -> None:
    """Of those who signed in or up. The names of the files tell when the mail server took each mail."""
    from tests import services

    waited = []
    for path in services.mailbox().glob("*.eml"):
        address = re.search(rb"X-RcptTo: (\S+)", path.read_bytes())[1].decode()
        if address in asked_at:
            waited.append((int(path.name.partition("-")[0]) - asked_at[address]) / 1e6)
    late = quantiles(waited, n=20)[-1]
    print(
        f"mail: {len(waited)} in their mailbox after {median(waited):.0f} ms, p95 {late:.0f}, at most {max(waited):.0f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
