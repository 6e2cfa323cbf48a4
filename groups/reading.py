"""Opened stories, as pages show them. Every word of a member is a Secret until a template reveals it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.days import today
from groups.confidentiality import Inside, Person, readable_stories
from groups.models import ContentNote, Feeling, Story
from groups.telling import BLANK

FIRST_LINE = 160  # characters
MOST_LINKED = 50


@dataclass(frozen=True)
class Card:
    """A story in a list. Behind a content note not even its first line shows."""

    id: UUID
    person: Person | None  # None: somebody who has left
    title: Secret | None
    first_line: Secret | None
    note: str
    feelings: list[Secret | str]
    came_through: bool
    shared_on: date
    modified: bool
    mine: bool
    opens: bool  # False: what is kept of it was altered, and nobody can read it


@dataclass(frozen=True)
class Told(Card):
    """A story on its own page; `text` is None while it stays closed behind its content note."""

    text: Secret | None
    opened_to_later: bool
    ends_on: date | None


@dataclass(frozen=True)
class Linked:
    """What stands beside a story: the one that it answers, if the person may read that one, and the answers to it."""

    answered: Card | None
    answers: list[Card]


def card(inside: Inside, story: Story) -> Card:
    return Card(**_shown(inside, story, _opened(inside, story)))


def told(inside: Inside, story: Story, *, opened: bool) -> Told:
    payload = _opened(inside, story)
    text = Secret(payload["text"]) if payload and (opened or not payload["note"]) else None
    return Told(**_shown(inside, story, payload), text=text, **_lasting(story))


def linked(inside: Inside, story: Story) -> Linked:
    """Each by its own rule, the oldest first."""
    tied = Q(answers=story) | Q(pk=story.answers_id) if story.answers_id else Q(answers=story)
    cards = [card(inside, row) for row in readable_stories(inside).filter(tied).order_by("shared_at")[:MOST_LINKED]]
    answered = next((one for one in cards if one.id == story.answers_id), None)
    return Linked(answered, [one for one in cards if one.id != story.answers_id])


def draft(inside: Inside, words: dict) -> Told:
    """What the author is about to share, read over as others would see it."""
    story = Story(author=inside.membership, shared_on=today(), opened_to_later=words["opened_to_later"])
    story.ends_on = words["ends_on"]
    return Told(**_shown(inside, story, words), text=Secret(words["text"]), **_lasting(story))


def words_of(inside: Inside, story: Story) -> dict:
    """What its author is about to change; nothing when it does not open."""
    payload = _opened(inside, story) or {}
    return payload | {"readers": "later" if story.opened_to_later else "present", "version": story.version}


def _opened(inside, story):
    try:
        return BLANK | inside.keyring.open_story(story)
    except DoesNotOpen:
        return None


def _shown(inside, story, payload):
    opens, payload = payload is not None, payload or BLANK
    note = ContentNote(payload["note"]) if payload["note"] else None
    return {
        "id": story.pk,
        "person": inside.person_of(story.author) if story.author_id else None,
        "title": Secret(payload["title"]) if payload["title"] else None,
        "first_line": None if note or not opens else Secret(first_line(payload["text"])),
        "note": note_sentence(note) if note else "",
        "feelings": _feelings(payload),
        "came_through": payload["came_through"],
        "shared_on": story.shared_on,
        "modified": story.is_modified,
        "mine": story.author_id == inside.membership.pk,
        "opens": opens,
    }


def _feelings(payload):
    own = [Secret(payload["own_feeling"])] if payload["own_feeling"] else []
    return [str(Feeling(code).label) for code in payload["feelings"]] + own


def _lasting(story):
    return {"opened_to_later": story.opened_to_later, "ends_on": story.ends_on}


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
