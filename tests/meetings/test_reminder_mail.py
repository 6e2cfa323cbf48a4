"""The mail itself: what is put together from bytes says what the library would say, and nobody can slip a line in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from entraide.lib import letters, mail
from meetings import emails
from meetings.models import MailKind

START = datetime(2027, 3, 16, 22, 30, tzinfo=UTC)
TO = {"address": "lea@people.example", "language": "fr", "zone": "America/Toronto", "stop": "tok-en_" * 6}


@dataclass
class Row:
    kind: str = "two_hours"
    starts_at: datetime = START
    zone: str = "America/Toronto"
    due_at: datetime = START
    id: object = None

    def __post_init__(self):
        self.id = self.id or uuid4()


def parsed(row, **to):
    _, words = emails.addressed(row, TO | to)
    return BytesParser(policy=policy.default).parsebytes(words)


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("site", ["https://rv.example", "https://" + "long." * 30 + "example"])
def test_it_reads_as_the_library_would_write_it(settings, kind, language, site):
    settings.SITE_URL = site
    emails._letter.cache_clear(), emails._around_token.cache_clear()
    row = Row(kind=str(kind), zone="Europe/Paris")

    mine = parsed(row, language=language)

    text, html = (mine.get_body((end,)).get_content() for end in ("plain", "html"))
    other = EmailMessage(policy=policy.SMTP)
    for name in mine:
        if name not in ("MIME-Version", "Content-Type"):
            other[name] = str(mine[name])
    other.set_content(text)
    other.add_alternative(html, subtype="html")
    its = BytesParser(policy=policy.default).parsebytes(other.as_bytes())
    for name in set(mine) - {"Content-Type"}:
        assert str(its[name]).strip() == str(mine[name]), name
    assert [its.get_body((end,)).get_content() for end in ("plain", "html")] == [text, html]
    link = f"{site}{'/en' if language == 'en' else ''}/stop/{TO['stop']}/"
    assert link in text
    assert f'<a href="{link}">' in html
    assert mine["List-Unsubscribe"] == f"<{link}>"
    assert not mine.defects
    emails._letter.cache_clear(), emails._around_token.cache_clear()


def test_no_line_is_longer_than_mail_servers_take(settings):
    _, words = emails.addressed(Row(), TO)

    headers, _, body = words.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert max(map(len, headers.split(b"\r\n"))) <= 998
    assert b"\n" not in words.replace(b"\r\n", b"")
    words.decode("ascii")


def test_whoever_has_no_link_gets_a_mail_without_one():
    _, words = emails.addressed(Row(), {name: value for name, value in TO.items() if name != "stop"})

    message = BytesParser(policy=policy.default).parsebytes(words)
    assert message["List-Unsubscribe"] is None
    assert "/stop/" not in message.get_body(("plain",)).get_content()
    assert letters.LINK.encode() not in words


@pytest.mark.parametrize(
    "address",
    [
        "lea@people.example\r\nBcc: x@y.example",
        "lea@people.example\nSubject: x",
        "lea@people.example, x@y.example",
        "<lea@people.example>",
        'lea"@people.example',
        "lea@people.example\x00",
        "léa@people.example",
        "lea",
    ],
)
def test_an_address_that_is_more_than_an_address_gets_no_mail(address):
    with pytest.raises(mail.Refused):
        emails.addressed(Row(), TO | {"address": address})


@pytest.mark.parametrize("token", ["x>\r\nBcc: a@b.example", "x\nSubject: no", 'x"><script>', "x=3D é", "%0d%0a"])
def test_a_link_cannot_end_a_header_or_an_attribute(token):
    message = parsed(Row(), stop=token)

    assert set(message.keys()) == set(parsed(Row()).keys())
    assert len(message.get_all("List-Unsubscribe")) == 1
    assert "\n" not in message["List-Unsubscribe"]
    assert "<script" not in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("broken", [{"zone": "Nowhere/Land"}, {"zone": "../../etc/passwd"}])
def test_a_zone_that_is_none_is_a_trouble_of_this_mail_only(broken):
    with pytest.raises((KeyError, ValueError)):
        emails.addressed(Row(), TO | broken)


def test_the_same_row_gives_the_same_id_and_date():
    row = Row()
    one, two, other = parsed(row), parsed(row), parsed(Row())

    assert (one["Message-ID"], one["Date"]) == (two["Message-ID"], two["Date"])
    assert one["Message-ID"] != other["Message-ID"]
    assert one["Date"].datetime == row.due_at


# --- quiet hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "until"),
    [
        ((13, 20, 59), None),
        ((13, 21, 0), (14, 8)),
        ((13, 23, 59), (14, 8)),
        ((14, 0, 0), (14, 8)),
        ((14, 7, 59), (14, 8)),
        ((14, 8, 0), None),
        ((6, 22, 0), (7, 8)),
    ],
)
@pytest.mark.parametrize("zone", ["America/Toronto", "Europe/Paris"])
def test_quiet_hours_are_those_of_the_place_where_the_member_lives(zone, hour, until):
    """In March 2027, the clocks of Toronto change on the 14th."""
    here = ZoneInfo(zone)
    now = datetime(2027, 3, *hour, tzinfo=here).astimezone(UTC)

    later = emails.quiet_until(now, {"zone": zone, "quiet": True}, "America/Halifax")

    assert later == (datetime(2027, 3, until[0], until[1], tzinfo=here) if until else None)
    assert emails.quiet_until(now, {"zone": zone, "quiet": False}, zone) is None
    assert emails.quiet_until(now, {"zone": zone}, zone) is None
