"""The mails that really went through the mail server of the tests, and the worker that hands them over there."""

import email.policy
import re
import time
from collections import Counter
from contextlib import contextmanager
from email.parser import BytesParser
from uuid import uuid4

from django.db import connection

from groups import notices
from tests import services
from tests.running import wait_until


@contextmanager
def as_worker():
    """The worker's login on the connection of the test, where it sees what the test does not commit. Only for as long
    as this lasts may the web's login become another."""
    with services.superuser() as cursor, connection.cursor() as own:
        cursor.execute("grant entraide_worker to entraide_web")
        try:
            own.execute("select to_regclass(%s)", [uuid4().hex])  # PostgreSQL hears of the grant when it looks one up
            own.execute("set role entraide_worker")
            yield
            own.execute("reset role")
        finally:
            cursor.execute("revoke entraide_worker from entraide_web")


def deliver() -> Counter:
    """One tick of the worker, here and now: what waits in the outbox is handed over."""
    with as_worker():
        return notices.send_due()


def _everything_sent():
    """With a worker beside the test, who of the two was faster is none of the test's business."""
    deliver()
    if not connection.in_atomic_block:
        wait_until(lambda: not _waiting())


def _waiting():
    with services.worker() as cursor:
        cursor.execute("select exists (select from members_outgoingmail where not in_doubt and next_try <= now())")
        return cursor.fetchone()[0]


def ask_for_address(browser, present: str, new: str) -> None:
    """As far as the code that the new address gets: the present one has said yes."""
    browser.post("/account/email/", {"email": new})
    browser.post("/account/email/code/", {"code": code_for(present)})


def mails_to(address: str) -> list:
    """In order of arrival. Of what a test does not commit, only this process can send anything: it does so first."""
    if connection.in_atomic_block:
        deliver()
    parser = BytesParser(policy=email.policy.default)
    every = [parser.parsebytes(path.read_bytes()) for path in sorted(services.mailbox().glob("*.eml"))]
    return [mail for mail in every if mail["X-RcptTo"] == address]


def wait_for_mail(address: str, subject: str, *, within: float, after: int = 0):
    """The first mail with this subject beyond the `after` first ones to this address."""
    deadline = time.monotonic() + within
    while True:
        for mail in mails_to(address)[after:]:
            if subject in mail["Subject"]:
                return mail
        assert time.monotonic() < deadline, f"no « {subject} » for {address} within {within} s"
        time.sleep(0.2)


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def code_for(address: str) -> str:
    """The six digits of the newest mail that holds some."""
    _everything_sent()
    codes = [found for mail in mails_to(address) if (found := re.search(r"\b(\d{6})\b", text_of(mail)))]
    return codes[-1][1]
