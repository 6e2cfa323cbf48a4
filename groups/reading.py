"""Opened stories, as pages show them. Every word of a member is a Secret until a template reveals it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.days import today
from groups.confidentiality import Inside, Person
from groups.models import ContentNote, Feeling, Story

FIRST_LINE = 160  # characters
NOTHING = {"title": "", "text": "", "feelings": [], "note": ""}


@dataclass(frozen=True)
class Card:
    """A story in a list. Behind a content note not even its first line shows."""

    id: UUID
    person: Person | None  # None: somebody who has left
    title: Secret | None
    first_line: Secret | None
    note: str
    feelings: list[str]
    shared_on: date
    modified: bool
    mine: bool
    opens: bool  # False: what is kept of it was altered, and nobody can read it


@dataclass(frozen=True)
class Told(Card):
    """A story on its own page; `text` is None while it stays closed behind its content note."""

    text: Secret | None
    opened_to_later: bool


def card(inside: Inside, story: Story) -> Card:
    return Card(**_shown(inside, story, _opened(inside, story)))


def told(inside: Inside, story: Story, *, opened: bool) -> Told:
    payload = _opened(inside, story)
    text = Secret(payload["text"]) if payload and (opened or not payload["note"]) else None
    return Told(**_shown(inside, story, payload), text=text, opened_to_later=story.opened_to_later)


def draft(inside: Inside, words: dict) -> Told:
    """What the author is about to share, read over as others would see it."""
    story = Story(author=inside.membership, shared_on=today(), opened_to_later=words["opened_to_later"])
    return Told(**_shown(inside, story, words), text=Secret(words["text"]), opened_to_later=story.opened_to_later)


def words_of(inside: Inside, story: Story) -> dict:
    """What its author is about to change; nothing when it does not open."""
    payload = _opened(inside, story) or {}
    return payload | {"readers": "later" if story.opened_to_later else "present", "version": story.version}


def _opened(inside, story):
    try:
        return inside.keyring.open_story(story)
    except DoesNotOpen:
        return None


def _shown(inside, story, payload):
    opens, payload = payload is not None, payload or NOTHING
    note = ContentNote(payload["note"]) if payload["note"] else None
    return {
        "id": story.pk,
        "person": inside.person_of(story.author) if story.author_id else None,
        "title": Secret(payload["title"]) if payload["title"] else None,
        "first_line": None if note or not opens else Secret(first_line(payload["text"])),
        "note": note_sentence(note) if note else "",
        "feelings": [str(Feeling(code).label) for code in payload["feelings"]],
        "shared_on": story.shared_on,
        "modified": story.is_modified,
        "mine": story.author_id == inside.membership.pk,
        "opens": opens,
    }


def note_sentence(note: ContentNote) -> str:
    return {
        ContentNote.GRIEF: _("This story is about a death."),
        ContentNote.VIOLENCE: _("This story is about violence."),
        ContentNote.SUICIDE: _("This story is about suicide."),
        ContentNote.USE: _("This story is about alcohol or drug use."),
        ContentNote.ILLNESS: _("This story is about illness."),
    }[note]


def first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    if len(line) <= FIRST_LINE:
        return line
    return line[:FIRST_LINE].rsplit(" ", 1)[0] + "…"
