"""The vault's second room: the key of a notebook, which is one person's own, those of the steps on a group's shelf, and
what an address of a calendar is made of.

    wrapping key (file of the web process) -> notebook key -> notes and small steps
    group key (vault.Keyring) -> the key of one step -> the step

Like the vault, it hands out payloads and never a key.
"""

import base64
from uuid import UUID

from entraide.lib import crypto
from groups import vault
from groups.models import Notebook, ShelfKey, ShelfStep
from groups.vault import SMALLEST_STORY, Keyring, _keys, _open_alone, _seal_alone, _told_when_closed

SHELF_KEY = "shelf key"  # bound into what Keyring.seal wraps


def notebook_tag(member_id) -> str:
    """Of another kind than the member's tag, so that a notebook does not point to anybody's membership."""
    return crypto.keyed_hash(_keys().edge, "notebook", member_id).hex()


def new_notebook(member_id) -> Notebook:
    notebook = Notebook(person_tag=notebook_tag(member_id))
    _wrap(notebook, crypto.new_key())
    return notebook


def is_outdated(notebook: Notebook) -> bool:
    """Whether an older wrapping key than the newest wraps its key."""
    return vault.is_outdated(notebook.wrapped)


def rewrap_notebook(notebook: Notebook) -> None:
    """Under the newest wrapping key. Raises DoesNotOpen."""
    _wrap(notebook, _unwrap(notebook))


class Pen:
    """Writes and reads in one notebook, for one request. What was altered or moved raises DoesNotOpen."""

    def __init__(self, notebook: Notebook):
        with _told_when_closed("notebook", notebook.pk):
            self._key = _unwrap(notebook)

    def seal(self, row, payload: dict) -> None:
        row.sealed = crypto.seal_payload(self._key, payload, *_context(row), smallest=SMALLEST_STORY)

    def open(self, row) -> dict:
        with _told_when_closed(row._meta.model_name, row.pk):
            return crypto.open_payload(self._key, row.sealed, *_context(row))


def _context(row):
    return row._meta.model_name, row.pk, row.notebook_id, row.version


def _wrap(notebook, key):
    notebook.wrapped = _seal_alone(key, "notebook key", notebook.pk)


def _unwrap(notebook):
    return _open_alone(notebook.wrapped, "notebook key", notebook.pk)


# --- The shelf of a group ------------------------------------------------------------------------------------------


def seal_on_shelf(keyring: Keyring, step: ShelfStep, payload: dict) -> ShelfKey:
    """Fill `step.sealed` under a fresh key and return the row that keeps that key."""
    key = crypto.new_key()
    step.sealed = crypto.seal_payload(key, payload, *_on_shelf(step), smallest=SMALLEST_STORY)
    wrapped = keyring.seal({"key": key.hex()}, SHELF_KEY, step.pk)
    return ShelfKey(step_id=step.pk, group_id=step.group_id, wrapped=wrapped)


def open_on_shelf(keyring: Keyring, step: ShelfStep) -> dict:
    key = bytes.fromhex(keyring.open(step.key.wrapped, SHELF_KEY, step.pk)["key"])
    with _told_when_closed("shelf step", step.pk):
        return crypto.open_payload(key, step.sealed, *_on_shelf(step))


def _on_shelf(step):
    return "shelf step", step.pk, step.group_id, step.author_id, step.version


# --- The private address of a calendar -----------------------------------------------------------------------------


def calendar_secret(address_id, tag: str) -> str:
    """What stands in the address: made again whenever its person looks at it, so that it need not be kept."""
    secret = crypto.keyed_hash(_keys().edge, "calendar address", address_id, tag)
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def calendar_mark(secret: str) -> bytes:
    """By which the database finds the address."""
    return crypto.keyed_hash(_keys().edge, "calendar mark", secret)


def calendar_entry(reader: object, meeting_id) -> UUID:
    """The name of a meeting in one calendar. In another one it has another name: whoever holds the calendars of many,
    an employer or a big provider, cannot tell by it who goes to the same meeting."""
    return UUID(bytes=crypto.keyed_hash(_keys().edge, "calendar entry", reader, meeting_id)[:16], version=4)
