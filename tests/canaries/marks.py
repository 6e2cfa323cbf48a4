"""Every kind of words that people entrust to the site, each with a mark of its own, and where it may be found.

A new feature adds one line here, and types `word("…")` in its step of visits.py. What is not said to lie in the clear
somewhere is forbidden everywhere.
"""

import base64
import hashlib
import json
import os
import random
import string
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import UUID

from groups import own_keys, vault

STEM = "zqkxvj"  # every mark begins so: one look tells whether a place holds any of them
STATEMENTS = ("PostgreSQL: statements in its log", "PostgreSQL: statements in its memory")
ENVELOPES, MAILS = "mails: envelopes", "mails: words"


def in_clear(*tables: str) -> tuple[str, ...]:
    """Columns that the database must read. Its own statistics hold samples of them, and the statements that ask for
    them hold the values: psycopg2 puts them in. A log of every statement thus even tells whose tag is whose, which is
    why a real place keeps none (docs/operations.md).
    """
    return *(f"tables: public.{table}" for table in tables), "tables: pg_catalog.pg_statistic", *STATEMENTS


NOWHERE = ()
SHEET = in_clear("groups_group", "groups_proposal")  # the public sheet of a group
ADDRESS = (*in_clear("members_member", "account_emailaddress"), ENVELOPES)
ID = in_clear("members_member", "account_emailaddress", "mfa_authenticator")

MARKS = {
    # stories
    "title of a story": NOWHERE,
    "text of a story": NOWHERE,
    "words that were refused": NOWHERE,
    "words before they were changed": NOWHERE,
    "other words under the same form": NOWHERE,
    "words after a change": NOWHERE,
    "feeling that is none": NOWHERE,
    "words of an echo": NOWHERE,
    "story that was withdrawn": NOWHERE,
    "story of somebody who left": NOWHERE,
    # a notebook
    "note": NOWHERE,
    "note that was refused": NOWHERE,
    "note that was erased": NOWHERE,
    "small step": NOWHERE,
    "small step that was refused": NOWHERE,
    "small step that was erased": NOWHERE,
    # the shelf
    "what helps": NOWHERE,
    "what helps before a change": NOWHERE,
    "what helped and was taken away": NOWHERE,
    "feeling in one's own word": NOWHERE,
    "draft": NOWHERE,
    "draft before it was changed": NOWHERE,
    "draft that was erased": NOWHERE,
    "draft that is no story": NOWHERE,
    "title of a draft": NOWHERE,
    "feeling of a draft": NOWHERE,
    # names in a group
    "name of Inès": NOWHERE,
    "name of Malik": NOWHERE,
    "name of Sofia": NOWHERE,
    "name of Noor, who waits before the door": NOWHERE,
    "name looked at": NOWHERE,
    # meetings
    "place": NOWHERE,
    "access note": NOWHERE,
    "link": NOWHERE,
    "theme": NOWHERE,
    "telephone": NOWHERE,
    "place of one meeting": NOWHERE,
    "place that was refused": NOWHERE,
    # decisions: what was adopted is public; a name is compared with those of other groups before it is proposed
    "why something is proposed": NOWHERE,
    "name that was objected to": STATEMENTS,
    "sentence that was objected to": NOWHERE,
    "reason of an objection": NOWHERE,
    "words of a concern": NOWHERE,
    "words that came too late": NOWHERE,
    "why somebody is excluded": NOWHERE,
    "side of the one excluded": NOWHERE,
    "name that was adopted": in_clear("groups_group"),
    # a proposal: staff read it, and the database has it in the clear
    "name of the group": SHEET,
    "for whom": SHEET,
    "description": SHEET,
    "city": SHEET,
    "sentence for the charter": SHEET,
    "hopes": in_clear("groups_proposal"),
    "rhythm": in_clear("groups_proposal"),
    "message of the team": in_clear("groups_proposalmessage"),
    "answer to the team": in_clear("groups_proposalmessage"),
    "note of the team": in_clear("groups_staffside"),
    "no of the team": in_clear("groups_staffside"),
    "hopes that were refused": STATEMENTS,
    # addresses of people
    "address of Inès": ADDRESS,
    "address of Malik": ADDRESS,
    "address of Sofia": ADDRESS,
    "address of Noor": ADDRESS,
    "address of Nadia, staff": ADDRESS,
    "address without an account": (*STATEMENTS, ENVELOPES),
    "address that is none": NOWHERE,
    # what a browser sends along
    "searched words": STATEMENTS,  # the database searches the directory
    "searched words that are too long": STATEMENTS,
    "browser": NOWHERE,
    "page before": NOWHERE,
    "language": NOWHERE,
    "foreign host": NOWHERE,
    "made-up cookie": NOWHERE,
    "address of a page": NOWHERE,
    "address of a sheet": STATEMENTS,
    "query": NOWHERE,
    # requests that end badly
    "request line that is none": NOWHERE,
    "header that is none": NOWHERE,
    "body that is none": NOWHERE,
    "body of a wrong type": NOWHERE,
    "body that is too large": NOWHERE,
    "file": NOWHERE,
    "words of a request without its token": NOWHERE,
    "words that the database refused": NOWHERE,
    "words of an interrupted request": NOWHERE,
    "words of a killed process": NOWHERE,
}


@dataclass(frozen=True)
class Mark:
    kind: str
    word: str  # or the digits of an id, a key or a digest
    allowed: tuple[str, ...] = NOWHERE

    @property
    def family(self) -> str:
        """One for the ids of all people, and so on."""
        return self.kind.partition(":")[0]

    def may_lie_in(self, place: str) -> bool:
        return any(fnmatchcase(place, pattern) for pattern in self.allowed)


def _new_word():
    return STEM + "".join(random.choices(string.ascii_lowercase, k=8))  # noqa: S311  (a name, not a secret)


_words = {kind: _new_word() for kind in MARKS}


def word(kind: str) -> str:
    return _words[kind]


def address(kind: str) -> str:
    """The e-mail address of somebody, around their mark."""
    return f"{word(kind)}@people.example"


def every_word() -> list[Mark]:
    return [Mark(kind, _words[kind], allowed) for kind, allowed in MARKS.items()]


def new_mark(kind: str) -> Mark:
    """One more, forbidden everywhere."""
    return Mark(kind, _new_word())


# --- Marks that are no words ----------------------------------------------------------------------------------------


def of_person(kind: str, pk: UUID, own_address: str) -> Iterable[Mark]:
    """Their id stays with their sign-in, their tags inside groups: no table may hold both."""
    # by whom a proposal was looked at and accepted
    opened = in_clear("groups_proposal", "groups_staffside", "groups_staffact") if "staff" in kind else ()
    yield Mark(f"id: {kind}", pk.hex, ID + opened)
    yield Mark(f"tag: {kind}", vault.member_tag(pk), in_clear(*TAGGED))
    yield Mark(f"proposer's tag: {kind}", vault.proposer_tag(pk), in_clear("groups_proposal"))
    yield Mark(f"notebook's tag: {kind}", own_keys.notebook_tag(pk), in_clear("groups_notebook"))
    for name in ("md5", "sha1", "sha256"):  # a bare digest is the address, to whoever tries addresses
        yield Mark(f"{name}: {kind}", hashlib.new(name, own_address.encode()).hexdigest())


def of_stop_link(kind: str, token: str) -> Iterable[Mark]:
    """Whoever has it may stop the mail of that membership: its mails say it on purpose, and no other place may. The
    database finds the membership by a hash of it."""
    yield Mark(f"link that stops mail: {kind}", token, (MAILS,))
    yield Mark(f"hash of a link: {kind}", own_keys.stop_hash(token).hex(), in_clear("groups_membership"))


TAGGED = ("groups_membership", "groups_entryrequest", "meetings_calendaraddress")


def of_group(pk: UUID) -> Mark:
    return Mark("id: the group", pk.hex, in_clear("groups_*", "meetings_*"))


def of_keys() -> Iterable[Mark]:
    """What the key files hold, and no other place may."""
    web = json.loads(Path(os.environ["ENTRAIDE_KEYS_FILE"]).read_text())
    worker = Path(os.environ["ENTRAIDE_WORKER_KEY_FILE"]).read_text()
    for name, key in {**web["wrapping"], "edge": web["edge"], "worker": worker}.items():
        yield Mark(f"key: {name}", base64.b64decode(key).hex())
