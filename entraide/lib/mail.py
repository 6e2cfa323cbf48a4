"""Handing one message to the mail server in two steps: the recipient is accepted first, the words follow.

Between the two the sender can still turn back, which Django's own mail backend cannot.
"""

import smtplib
import ssl
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.utils.encoding import punycode

from entraide.lib.crypto import keyed_hash


def discreet(row_id, to: dict, subject: str, text: str, at: datetime) -> EmailMessage:
    """`to` is an opened address. A second copy after a crash has the same Message-ID, so that mailboxes can merge the
    two."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = to["address"]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _message_id(row_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _message_id(row_id):
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<{keyed_hash(settings.SECRET_KEY.encode(), 'message', row_id).hex()[:32]}@{domain}>"


class Refused(Exception):
    """The server said no. `code` is its answer; 5xx is final, 4xx may pass."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code

    @property
    def is_final(self) -> bool:
        return self.code >= 500


def ascii_address(address: str) -> str:
    """A domain with accents as mail servers write it."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


@contextmanager
def accepted_recipient(address: str):
    """An open conversation in which the server has accepted this recipient. Raises Refused or OSError."""
    with _server() as conversation:
        if settings.EMAIL_USE_TLS:
            conversation.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            conversation.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        conversation.ehlo_or_helo_if_needed()
        _expect_250(conversation.mail(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
        _expect_250(conversation.rcpt(address))
        yield conversation


def _server():
    place, patience = (settings.EMAIL_HOST, settings.EMAIL_PORT), {"timeout": settings.EMAIL_TIMEOUT}
    if settings.EMAIL_USE_SSL:
        return smtplib.SMTP_SSL(*place, **patience, context=ssl.create_default_context())
    return smtplib.SMTP(*place, **patience)


def hand_over(conversation: smtplib.SMTP, message: EmailMessage) -> int:
    """Give the words. Returns the server's code; raises Refused when it does not take them."""
    try:
        return _expect_250(conversation.data(message.as_bytes()))
    except smtplib.SMTPDataError as error:
        raise Refused(error.smtp_code) from None


def _expect_250(answer):
    code = answer[0]
    if code not in (250, 251):
        raise Refused(code)
    return code
