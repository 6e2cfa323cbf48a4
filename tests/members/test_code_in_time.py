"""A code is in its mailbox before anybody looks, and it comes when the broker is away too. The whole site runs."""

import subprocess
import sys
import time
from uuid import uuid4

import pytest

from entraide.demo.installation import CHECKOUT
from entraide.lib import processes
from entraide.lib.servers import Valkey
from tests import makers, services
from tests.canaries.visitor import Visitor
from tests.mailbox import code_for, mails_to, wait_for_mail
from tests.running import Site

IN_TIME = 2  # seconds


@pytest.fixture
def site(committed, static_files, tmp_path):
    """site(**variables) is one that runs, without beat: no tick helps the bell."""
    begun = []

    def begin(**variables):
        begun.append(Site(tmp_path, **variables))
        begun[0].start("web", "worker")
        return begun[0]

    yield begin
    for one in begun:
        one.stop()


def ask_for_code(site, address):
    visitor = Visitor(site.address).get("/account/login/")
    visitor.post("/account/login/", login=address)
    assert visitor.status == 200
    return visitor


def somebody():
    return makers.make_member(f"camille-{uuid4().hex[:8]}").email


def test_a_code_is_in_the_mailbox_within_two_seconds(site):
    running = site()
    ask_for_code(running, warm := somebody())
    wait_for_mail(warm, "Votre code", within=30)  # the worker has started

    for address in (somebody(), somebody()):
        asked = time.monotonic()
        ask_for_code(running, address)
        wait_for_mail(address, "Votre code", within=max(0.1, IN_TIME - (time.monotonic() - asked)))


def test_while_the_broker_is_away_cron_sends_the_code_and_then_the_bell_is_heard_again(site, tmp_path):
    broker = Valkey(tmp_path)
    broker.start()
    running, address = site(REDIS_URL=broker.url), somebody()
    inside = ask_for_code(running, address)
    wait_for_mail(address, "Votre code", within=30)
    inside.post("/account/login/code/confirm/", code=code_for(address)).reads("Mon espace")
    inside.get("/me/erase/")
    try:
        broker.stop()
        inside.post("/me/erase/").reads("Code")  # signing in counts in the broker's memory how often one tries
        assert len(mails_to(address)) == 1
        send_by_cron(running)
        assert len(mails_to(address)) == 2
    finally:
        broker.process = processes.start([*broker.process.args], broker.log)
    wait_for_bell(running)
    broker.stop()


def send_by_cron(site):
    command = [sys.executable, "manage.py", "send_due_reminders"]
    environment = services.worker_environment() | site.variables
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True)


def wait_for_bell(site):
    """The worker comes back to its broker by itself, a little later each time that it tries."""
    ask_for_code(site, address := somebody())
    wait_for_mail(address, "Votre code", within=60)
