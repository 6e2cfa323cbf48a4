"""A mail that is built once and addressed many times: what differs from one recipient to the next is put in as bytes.

Nothing that is put in can end a header or a line: addresses are looked at, links are quoted, the rest is made here.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings

from entraide.lib import mail

LINK = "THELINKTHATSTOPSIT"  # where the link of one recipient goes, in both parts
LINE = re.compile(r"(?:=3D|[^=]){1,24}")  # in quoted-printable a line has 76 signs at most


@dataclass(frozen=True)
class Letter:
    """Everything but the recipient."""

    headers: bytes
    pieces: tuple[bytes, ...]  # between the places of the link

    def addressed(self, row_id, address: str, at: datetime, link: str = "") -> bytes:
        """With CRLF line ends, for mail.Post. A second copy has the same Message-ID and Date as the first, so that
        mailboxes can merge the two. Raises mail.Refused for an address that no server could take."""
        headers = f"To: {mail.checked(address)}\r\nDate: {_date(at)}\r\nMessage-ID: {mail.message_id(row_id)}\r\n"
        if link:
            link = quote(link, safe=":/?&=._~-")
            headers += f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        return headers.encode("ascii") + self.headers + _folded(link).join(self.pieces)


def letter(subject: str, text: str, html: str, *, of_a_list: bool = True) -> Letter:
    """`text` and `html` have LINK where the link goes, if there is one. A code is of no list."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=76))
    message["Subject"] = subject
    message["From"] = settings.DEFAULT_FROM_EMAIL
    if of_a_list:
        message["List-ID"] = f"<appointments.{mail.own_domain()}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    headers, end, body = message.as_bytes().partition(b"\r\n\r\n")
    return Letter(headers + end, tuple(body.split(LINK.encode())))


def _folded(link: str) -> bytes:
    """In quoted-printable, on lines of its own that are none to whoever reads it."""
    if not link:
        return b""
    coded = link.replace("=", "=3D")
    return b"=\r\n" + b"".join(f"{line}=\r\n".encode() for line in LINE.findall(coded))


@lru_cache(maxsize=64)
def _date(at: datetime) -> str:
    """To the minute: its second would tie all those together who are told of the same change."""
    return format_datetime(at.replace(second=0, microsecond=0))
