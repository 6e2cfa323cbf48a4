"""The mails that really went through the mail server of the tests."""

import email.policy
import re
import time
from email.parser import BytesParser

from tests import services


def ask_for_address(browser, present: str, new: str) -> None:
    """As far as the code that the new address gets: the present one has said yes."""
    browser.post("/account/email/", {"email": new})
    browser.post("/account/email/code/", {"code": code_for(present)})


def mails_to(address: str) -> list:
    """In order of arrival."""
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
    codes = [found for mail in mails_to(address) if (found := re.search(r"\b(\d{6})\b", text_of(mail)))]
    return codes[-1][1]
