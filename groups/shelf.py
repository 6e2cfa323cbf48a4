"""« Ce qui m'aide »: what members put on the shelf of their group, each for themselves. No votes, no comments, no
advice to others: the words are in the first person, and their author owns them for their whole life."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404

from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.sql import answer
from groups import own_keys
from groups.confidentiality import CharterDue, Inside, Person, require, within
from groups.models import ShelfStep
from groups.telling import AlreadyShared, ChangedMeanwhile


@dataclass(frozen=True)
class Help:
    """One step of the shelf, as the page shows it."""

    id: UUID
    person: Person
    text: Secret | None  # None: what is kept of it was altered, and nobody can read it
    placed_on: date
    modified: bool
    mine: bool
    version: int


def on_shelf(inside: Inside) -> QuerySet[ShelfStep]:
    """For every member, whenever they came."""
    if not inside.rights.read:
        raise CharterDue(inside.group.pk)
    return within(inside, ShelfStep).select_related("key", "author")


def own_on_shelf(inside: Inside) -> QuerySet[ShelfStep]:
    return on_shelf(inside).filter(author=inside.membership)


def helps(inside: Inside, *, before: int | None, most: int) -> list[tuple[int, Help]]:
    """The newest first, each with its place on the group's clock. No other order exists."""
    rows = on_shelf(inside).order_by("-placed_at")
    rows = rows.filter(placed_at__lt=before) if before is not None else rows
    return [(row.placed_at, _help(inside, row)) for row in rows[:most]]


def find_own(inside: Inside, pk: UUID) -> Help:
    return _help(inside, _find_own(inside, pk))


def put(inside: Inside, pk: UUID, text: str) -> None:
    """Once: the id comes from the form. Raises AlreadyShared."""
    step = ShelfStep(pk=pk, group=inside.group, author=inside.membership)
    try:
        with transaction.atomic():
            step.placed_at = answer("select app.tick(%s)", inside.group.pk)
            key = own_keys.seal_on_shelf(inside.keyring, step, {"text": text})
            step.save(force_insert=True)
            key.save(force_insert=True)
    except IntegrityError:
        found = own_on_shelf(inside).filter(pk=pk).first()
        if found is None:
            raise Http404 from None
        if not _says(inside, found, text):
            raise AlreadyShared from None


def change(inside: Inside, pk: UUID, text: str, *, version: int) -> None:
    """Other words under a fresh key; the former key is destroyed with what it opened. Raises ChangedMeanwhile."""
    step = _hold_own(inside, pk)
    if step.version != version:
        if not _says(inside, step, text):
            raise ChangedMeanwhile
        return  # the same form once more
    step.key.delete()
    step.version += 1
    own_keys.seal_on_shelf(inside.keyring, step, {"text": text}).save(force_insert=True)
    step.save(update_fields=["sealed", "version"])


def take_away(inside: Inside, pk: UUID) -> None:
    """At once and for good: the row goes, and the key with it."""
    _hold_own(inside, pk).delete()


def _find_own(inside, pk):
    """As of stories: what others put there, they alone change, and whoever reads it gets a plain refusal."""
    found = on_shelf(inside).filter(pk=pk).first()
    if found is None:
        raise Http404
    require(found.author_id == inside.membership.pk)
    return found


def _hold_own(inside, pk):
    """Nobody changes it or takes it away in another window before this transaction ends."""
    _find_own(inside, pk)
    step = own_on_shelf(inside).filter(pk=pk).select_for_update(of=("self",)).first()
    if step is None:
        raise Http404
    return step


def _help(inside, step):
    try:
        text = Secret(own_keys.open_on_shelf(inside.keyring, step)["text"])
    except DoesNotOpen:
        text = None
    mine = step.author_id == inside.membership.pk
    return Help(step.pk, inside.person_of(step.author), text, step.placed_on, step.version > 1, mine, step.version)


def _says(inside, step, text):
    try:
        return own_keys.open_on_shelf(inside.keyring, step)["text"] == text
    except DoesNotOpen:
        return False
