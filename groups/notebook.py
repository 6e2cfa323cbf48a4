"""The private notebook: what a person writes for themselves alone. No group, no other member and no staff come near it.

Its door is the person's own tag: everything here begins with `own_notebook` and goes through what hangs on that row.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import Http404

from entraide.lib.crypto import DoesNotOpen, Secret
from groups.models import Feeling, Notebook
from groups.models.notebook import MOST_STEPS
from groups.own_keys import Pen, new_notebook, notebook_tag
from groups.reading import first_line

MOST_DRAWN = 2000  # notes


class AlreadyKept(Exception):
    """This form was kept before, with other words."""


class ChangedMeanwhile(Exception):
    """The words are no longer those that the person was changing: another window was faster."""


class Full(Exception):
    """The page of small steps holds as many as it shows."""


@dataclass(frozen=True)
class Page:
    """A note, for the one who wrote it."""

    id: UUID
    on: date | None
    feelings: list[str]  # codes
    text: Secret | None  # None: what is kept of it was altered, and nobody can read it
    version: int

    @property
    def first_line(self) -> Secret | None:
        return self.text and Secret(first_line(self.text.reveal()))

    @property
    def feeling_names(self) -> list[str]:
        return [str(Feeling(code).label) for code in self.feelings]


@dataclass(frozen=True)
class Step:
    id: UUID
    text: Secret | None
    done: bool


def own_notebook(member) -> Notebook | None:
    """The one door: a person's own, in no group; None until they write in it. Nobody else ever has a way to it, and the
    row policies say the same a second time."""
    return Notebook.objects.filter(person_tag=notebook_tag(member.pk)).first()


# --- Notes ---------------------------------------------------------------------------------------------------------


def pages(member, *, before: int | None, most: int) -> list[tuple[int, Page]]:
    """The newest first, each with its number."""
    notebook = own_notebook(member)
    if notebook is None:
        return []
    notes, pen = notebook.notes.order_by("-number"), Pen(notebook)
    rows = notes.filter(number__lt=before) if before is not None else notes
    return [(row.number, _page(pen, row)) for row in rows[:most]]


def all_feelings(member) -> list[tuple[date, list[str]]]:
    """The day of each note and what it names, of as many as the picture needs."""
    return [(page.on, page.feelings) for _n, page in pages(member, before=None, most=MOST_DRAWN) if page.on]


def find_page(member, pk: UUID) -> Page:
    note = _find(member, "notes", pk)
    return _page(Pen(note.notebook), note)


def keep(member, pk: UUID, words: dict) -> None:
    """Once: the id comes from the form. Raises AlreadyKept."""
    notebook = _notebook_to_write_in(member)
    payload, note = _payload(words), notebook.notes.filter(pk=pk).first()
    if note is None:
        _write(notebook, notebook.notes, pk, payload)
    elif Pen(notebook).open(note) != payload:
        raise AlreadyKept


def change(member, pk: UUID, words: dict, *, version: int) -> None:
    """Raises ChangedMeanwhile."""
    member.hold()
    note = _find(member, "notes", pk)
    pen, payload = Pen(note.notebook), _payload(words)
    if note.version == version:
        _write_again(pen, note, payload)
    elif pen.open(note) != payload:
        raise ChangedMeanwhile


def erase(member, pk: UUID) -> None:
    """At once and for good: the row goes, and no restore brings it back."""
    member.hold()
    _find(member, "notes", pk).delete()


def _page(pen, note):
    try:
        words = pen.open(note)
    except DoesNotOpen:
        return Page(note.pk, None, [], None, note.version)
    on = date.fromisoformat(words["on"])
    return Page(note.pk, on, words["feelings"], Secret(words["text"]), note.version)


def _payload(words):
    return {"on": words["on"].isoformat(), "feelings": words["feelings"], "text": words["text"]}


# --- Small steps ---------------------------------------------------------------------------------------------------


def steps(member) -> list[Step]:
    """The newest first."""
    notebook = own_notebook(member)
    pen = notebook and Pen(notebook)
    return [_step(pen, row) for row in notebook.smallsteps.order_by("-number")] if notebook else []


def set_step(member, pk: UUID, text: str) -> None:
    """Once: the id comes from the form. Raises AlreadyKept or Full."""
    notebook = _notebook_to_write_in(member)
    step = notebook.smallsteps.filter(pk=pk).first()
    if step is None:
        if notebook.smallsteps.count() >= MOST_STEPS:
            raise Full
        _write(notebook, notebook.smallsteps, pk, {"text": text, "done": False})
    elif Pen(notebook).open(step)["text"] != text:
        raise AlreadyKept


def mark_step(member, pk: UUID, *, done: bool) -> None:
    """Said twice, it is said once."""
    member.hold()
    step = _find(member, "smallsteps", pk)
    pen = Pen(step.notebook)
    _write_again(pen, step, pen.open(step) | {"done": done})


def erase_step(member, pk: UUID) -> None:
    member.hold()
    _find(member, "smallsteps", pk).delete()


def _step(pen, row):
    try:
        words = pen.open(row)
    except DoesNotOpen:
        return Step(row.pk, None, done=False)
    return Step(row.pk, Secret(words["text"]), words["done"])


# --- The whole of it -----------------------------------------------------------------------------------------------


def forget(member) -> None:
    """With its key: what a copy still holds of it opens for nobody. The member must be held."""
    notebook = own_notebook(member)
    if notebook:
        notebook.delete()


def _notebook_to_write_in(member) -> Notebook:
    """One window of this person writes at a time, and not while another one erases the account."""
    member.hold()
    notebook = own_notebook(member)
    if notebook is None:
        notebook = new_notebook(member.pk)
        notebook.save(force_insert=True)
    return notebook


def _find(member, kind, pk):
    notebook = own_notebook(member)
    row = notebook and getattr(notebook, kind).filter(pk=pk).first()
    if row is None:
        raise Http404
    row.notebook = notebook
    return row


def _write(notebook, rows, pk, payload):
    last = rows.aggregate(last=Max("number"))["last"] or 0
    row = rows.model(pk=pk, notebook=notebook, number=last + 1)
    Pen(notebook).seal(row, payload)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the id of the form is one of somebody else's
        raise Http404 from None


def _write_again(pen, row, payload):
    row.version += 1
    pen.seal(row, payload)
    row.save(update_fields=["version", "sealed"])
