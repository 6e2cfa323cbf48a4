"""Handing messages to the mail server, one recipient each, over one conversation; and the headers that ours have."""

import re
import smtplib
import ssl
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from time import monotonic

from django.conf import settings
from django.utils.encoding import punycode

from entraide.lib.crypto import keyed_hash


def message_id(row_id) -> str:
    return f"<{keyed_hash(settings.SECRET_KEY.encode(), 'message', row_id).hex()[:32]}@{own_domain()}>"


def own_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")


NO_SUCH_ADDRESS = 553  # what a mail server would say to it; ours is not asked
# Nothing that could end a command or a header, or name a second address.
_ADDRESS = re.compile(r"([\w!#$%&'*+/=?^`{|}~.-]+|\"[!#-;=?-\[\]-~]+\")@[A-Za-z0-9:.\[\]-]+", re.ASCII)

# What some say after RCPT of our sender, our name, our words or their trust in us (RFC 3463): no address is at fault.
_OF_US = re.compile(rb"5\.(1\.[78]|5\.[1-9]|6\.|7\.)")


class Refused(Exception):
    """The server said no to this recipient or to these words. `code` is its answer; 5xx is final, 4xx may pass."""

    def __init__(self, code: int, *, at_recipient: bool = False):
        super().__init__(code)
        self.code, self.at_recipient = code, at_recipient

    @property
    def is_final(self) -> bool:
        return self.code >= 500


class Away(OSError):
    """The server is not there, or takes no mail from us at present: no fault of any recipient."""


class Post:
    """One conversation with the mail server for many mails: opened for the first one, and anew after trouble.

    `patience` is how many seconds a mail may take until its words are asked for. The answer to the words is waited for
    as long as settings.EMAIL_TIMEOUT says: who hangs up then does not know. `in_doubt` tells it after an OSError:
    whether the final dot had gone, so that the server may have kept the mail. `is_away` tells it after Away.
    """

    def __init__(self, patience: float | None = None):
        self.patience, self.in_doubt, self.is_away = patience or settings.EMAIL_TIMEOUT, False, False
        self._conversation, self._deadline = None, 0.0

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self._hang_up()

    def open(self) -> None:
        """Now, rather than for the first mail. Raises Away."""
        self._deadline = monotonic() + self.patience
        if self._conversation is None:
            with self._or_away():
                self._conversation = _server(self.patience)
                self._or_hang_up(self._introduce)

    def send(self, address: str, message: bytes) -> int:
        """The server's code. `message` has CRLF line ends. Raises Refused; Away before a word
        of this mail was said; or another OSError (smtplib's own are OSErrors)."""
        self.in_doubt, was_open = False, self._conversation is not None
        checked(address)
        self.open()
        with self._or_away():
            try:
                self._or_hang_up(self._begin)
            except OSError:
                if not was_open:
                    raise
                self.open()  # it had had enough of the former conversation; nothing of this mail was said in it
                self._or_hang_up(self._begin)
        return self._or_hang_up(self._hand_over, address, message)

    @contextmanager
    def _or_away(self):
        try:
            yield
            self.is_away = False
        except OSError as error:
            self.is_away = True
            raise Away(type(error).__name__) from None

    def _introduce(self):
        if settings.EMAIL_USE_TLS:
            self._conversation.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            self._conversation.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        self._conversation.ehlo_or_helo_if_needed()

    def _begin(self):
        sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        code, _ = self._say(f"MAIL FROM:<{sender}>")
        if code != 250:
            raise Away(code)

    def _hand_over(self, address, message):
        code, words = self._say(f"RCPT TO:<{address}>")
        if code not in (250, 251):
            raise self._refused(code, at_recipient=not _OF_US.match(words))
        code, _ = self._say("DATA")
        if code != 354:
            raise self._refused(code)
        self._conversation.sock.settimeout(settings.EMAIL_TIMEOUT)
        self._conversation.send(message.replace(b"\n.", b"\n..") + b".\r\n")
        self.in_doubt = True
        code, _ = self._answer()
        self.in_doubt = False
        if code != 250:
            raise Refused(code)
        return code

    def _say(self, command):
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._conversation.sock.settimeout(left)
        self._conversation.putcmd(command)
        return self._answer()

    def _answer(self):
        """What is no answer, smtplib gives a number of its own: it would be taken for a refusal."""
        code, words = self._conversation.getreply()
        if not 200 <= code < 600:
            raise smtplib.SMTPServerDisconnected("no answer")
        return code, words

    def _refused(self, code, **at):
        """What was begun is taken back, so that the next mail starts anew."""
        with suppress(OSError):
            if self._say("RSET")[0] == 250:
                return Refused(code, **at)
        self._hang_up(politely=False)
        return Refused(code, **at)

    def _or_hang_up(self, step, *values):
        try:
            return step(*values)
        except OSError:
            self._hang_up(politely=False)
            raise

    def _hang_up(self, politely=True):
        conversation, self._conversation = self._conversation, None
        if conversation is None:
            return
        with suppress(OSError):
            if politely:
                conversation.putcmd("QUIT")  # nobody waits for the answer: what it took, it took
        conversation.close()


def checked(address: str) -> str:
    """The address itself. Raises Refused when no server could take it."""
    if not _ADDRESS.fullmatch(address):
        raise Refused(NO_SUCH_ADDRESS, at_recipient=True)
    return address


def ascii_address(address: str) -> str:
    """A domain with accents as mail servers write it."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{punycode(domain)}"


def _server(patience):
    place, patience = (settings.EMAIL_HOST, settings.EMAIL_PORT), {"timeout": patience}
    if settings.EMAIL_USE_SSL:
        return smtplib.SMTP_SSL(*place, **patience, context=ssl.create_default_context())
    return smtplib.SMTP(*place, **patience)
