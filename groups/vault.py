"""The one room that holds keys. Everything private of a group is sealed and opened here, for a membership.

    wrapping key (file of the web process) -> group key -> story key -> a story
                                                        -> names, places, links
    edge key (same file): keyed hashes, so that a copy of the database cannot say who is in which group
    worker's public key (same file): addresses for reminders and notices, which only the worker can open

Other rooms ask for a payload and never see a key.
"""

import json
import os
from contextlib import contextmanager
from logging import ERROR
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from entraide.lib import crypto
from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.files import sync_folder
from entraide.lib.keys import as_bytes as _bytes
from entraide.lib.keys import as_text as _text
from entraide.lib.keys import key_mark, open_as_worker, seal_for_worker
from entraide.lib.keys import web_keys as _keys
from entraide.lib.keys import worker_private as _worker_private
from entraide.lib.logs import log
from entraide.lib.words import name_key
from groups.models import GroupKey, KeyMark, Story, StoryKey

SMALLEST_STORY = 1024  # bytes: 200 signs of any script are as long as one


# --- Key files ---------------------------------------------------------------------------------------------------


def add_wrapping_key() -> int:
    """A new wrapping key in the file of this process, which seals from now on; the older ones still open."""
    path = Path(settings.KEYS_FILE)
    keys = _keys()
    version = keys.newest + 1
    _write_wrapping(path, {**keys.wrapping, version: crypto.new_key()})
    return version


def drop_former_wrapping_keys() -> list[int]:
    """Leave the newest alone in the file. Whatever an older one still wraps is lost: the caller has looked."""
    path, keys = Path(settings.KEYS_FILE), _keys()
    _write_wrapping(path, {keys.newest: keys.wrapping[keys.newest]})
    return sorted(set(keys.wrapping) - {keys.newest})


def _write_wrapping(path, wrapping):
    """The file is whole at every moment, on the disk before this returns, and stays whose it is."""
    if os.geteuid() not in (0, path.stat().st_uid):
        raise ImproperlyConfigured(f"{path} belongs to another account: run this as that one, or as root.")
    content = json.loads(path.read_text())
    content["wrapping"] = {str(version): _text(key) for version, key in wrapping.items()}
    new, owner = path.with_suffix(".new"), path.stat()
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if os.geteuid() == 0:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(json.dumps(content, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def wrapping_versions() -> tuple[int, ...]:
    """Those of the file; the last one seals."""
    return tuple(sorted(_keys().wrapping))


def remember_keys() -> None:
    """After a rotation: the marks in the database become those of the file."""
    marks = _keys().marks()
    KeyMark.objects.exclude(name__in=marks).delete()
    KeyMark.objects.bulk_create([KeyMark(name=name, mark=mark) for name, mark in marks.items()], ignore_conflicts=True)


def refuse_wrong_keys() -> None:
    """Called before the first request. An empty database remembers the keys that it meets; later ones must be those.

    Raises ImproperlyConfigured when the file is missing, unreadable or not the one of this database.
    """
    marks = _keys().marks()
    known = {row.name: bytes(row.mark) for row in KeyMark.objects.all()}
    if not known:
        KeyMark.objects.bulk_create([KeyMark(name=name, mark=mark) for name, mark in marks.items()])
        return
    wrong = sorted(name for name, mark in known.items() if marks.get(name) != mark)
    if wrong:
        raise ImproperlyConfigured(
            f"The keys in ENTRAIDE_KEYS_FILE are not the ones of this database (wrong or missing: {', '.join(wrong)})."
            " Nothing was changed. Bring back the key file that belongs to this database: without it no story opens."
        )


def refuse_wrong_worker_key() -> None:
    """The same for the worker, which has its own half of one key only. Raises ImproperlyConfigured."""
    public = crypto.public_half(_worker_private())
    known = KeyMark.objects.filter(name="worker").first()
    if known and bytes(known.mark) != key_mark("worker", public):
        raise ImproperlyConfigured(
            "The key in ENTRAIDE_WORKER_KEY_FILE is not the one that addresses are sealed for. Nothing was sent."
            " Bring back the worker's key file that was made together with the web's."
        )


# --- Belonging: keyed hashes instead of foreign keys -----------------------------------------------------------------


def member_tag(member_id) -> str:
    return crypto.keyed_hash(_keys().edge, "member", member_id).hex()


def proposer_tag(member_id) -> str:
    """Of another kind than the member's tag, so that a proposal does not point to its founder's membership."""
    return crypto.keyed_hash(_keys().edge, "proposer", member_id).hex()


def name_mark(group_id, name: str) -> bytes:
    """Equal for names of one group that look alike; tells nothing across groups."""
    return crypto.keyed_hash(_keys().edge, "name", group_id, name_key(name))


def seal_address(membership_id, to: dict) -> bytes:
    """For the worker only: the web process cannot open it again."""
    return seal_for_worker(to, "address", membership_id)


def open_address(membership_id, sealed: bytes) -> dict:
    """In the worker's process. Raises DoesNotOpen."""
    return open_as_worker(sealed, "address", membership_id)


def seal_proposer_address(proposal_id, to: dict) -> bytes:
    """The same, of somebody who is in no group yet: so that they learn that the team has written."""
    return seal_for_worker(to, "proposer address", proposal_id)


def open_proposer_address(proposal_id, sealed: bytes) -> dict:
    """In the worker's process. Raises DoesNotOpen."""
    return open_as_worker(sealed, "proposer address", proposal_id)


def seal_asker_address(request_id, to: dict) -> bytes:
    """Of somebody who waits before a door and wants a mail when there is news."""
    return seal_for_worker(to, "asker address", request_id)


def open_asker_address(request_id, sealed: bytes) -> dict:
    """In the worker's process. Raises DoesNotOpen."""
    return open_as_worker(sealed, "asker address", request_id)


# --- Sealed by the web's own key: second factors of staff, requests to enter, drafts -----------------------------


def seal_second_factor(secret: str) -> str:
    return _seal_alone(secret.encode(), "second factor")


def open_second_factor(sealed: str) -> str:
    return _open_alone(sealed, "second factor").decode()


def seal_request(request_id, group_id, words: dict) -> str:
    return _seal_words(words, "request", request_id, group_id)


def open_request(request) -> dict:
    """Raises DoesNotOpen."""
    return _open_words(request.sealed, "request", request.pk, request.group_id)


def seal_draft(author_id, group_id, words: dict) -> str:
    """`author_id` is that of the membership. Not under the group's key, which its other members hold."""
    return _seal_words(words, "draft", author_id, group_id)


def open_draft(draft) -> dict:
    """Raises DoesNotOpen."""
    return _open_words(draft.sealed, "draft", draft.pk, draft.group_id)


def _seal_words(words, *context):
    return _seal_alone(crypto.padded(json.dumps(words).encode()), *context)


def _open_words(sealed, table, row_id, group_id):
    with _told_when_closed(table, row_id):
        return json.loads(crypto.unpadded(_open_alone(sealed, table, row_id, group_id)))


def _seal_alone(plaintext, *context):
    version = _keys().newest
    return f"{version}:{_text(crypto.seal(_keys().wrapping[version], plaintext, *context, version))}"


def _open_alone(sealed, *context):
    version, _, value = sealed.partition(":")
    if int(version) not in _keys().wrapping:
        raise DoesNotOpen
    return crypto.unseal(_keys().wrapping[int(version)], _bytes(value), *context, int(version))


def is_outdated(sealed: str) -> bool:
    """Whether an older wrapping key than the newest seals this."""
    return int(sealed.partition(":")[0]) < _keys().newest


# --- A group's keyring: what the door hands to whoever stands inside --------------------------------------------


class Keyring:
    """The keys of one group, for one membership, for one request. Obtained at the door only.

    What was altered or moved raises DoesNotOpen, and a line of the log says which row.
    """

    def __init__(self, group_id, rows, renew=tuple):
        """`rows` are (version, wrapping_key_version, wrapped) of GroupKey; `renew()` reads them again."""
        self.group_id = group_id
        self._renew = renew
        self._rows, self._opened = _by_version(rows), {}

    def seal(self, payload: dict, table: str, row_id) -> bytes:
        version = max(self._rows)
        sealed = crypto.seal_payload(self._key(version), payload, table, row_id, self.group_id, version)
        return version.to_bytes(2, "big") + sealed

    def open(self, sealed: bytes, table: str, row_id) -> dict:
        sealed = bytes(sealed)
        version = int.from_bytes(sealed[:2], "big")
        with _told_when_closed(table, row_id):
            return crypto.open_payload(self._key(version), sealed[2:], table, row_id, self.group_id, version)

    def open_name(self, membership) -> Secret:
        return Secret(self.open(membership.sealed_name, "membership", membership.pk)["name"])

    def seal_name(self, membership_id, name: str) -> bytes:
        return self.seal({"name": name}, "membership", membership_id)

    def seal_story(self, story: Story, payload: dict) -> StoryKey:
        """Fill `story.sealed` under a fresh key and return the row that keeps that key."""
        key = StoryKey(story_id=story.pk, group_id=self.group_id)
        opened = crypto.new_key()
        story.sealed = crypto.seal_payload(opened, payload, *self._story_context(story), smallest=SMALLEST_STORY)
        self._wrap(key, opened)
        return key

    def open_story(self, story: Story) -> dict:
        with _told_when_closed("story", story.pk):
            return crypto.open_payload(self._unwrap(story.key), story.sealed, *self._story_context(story))

    def rewrap(self, key: StoryKey) -> None:
        """Under the group's newest key."""
        self._wrap(key, self._unwrap(key))

    def _wrap(self, row, key):
        version = max(self._rows)
        row.wrapped = crypto.seal(self._key(version), key, "story key", row.story_id, self.group_id, version)
        row.group_key_version = version

    def _unwrap(self, row):
        version = row.group_key_version
        return crypto.unseal(self._key(version), row.wrapped, "story key", row.story_id, self.group_id, version)

    def _story_context(self, story):
        return ("story", story.pk, self.group_id, story.author_id or "former", story.version)

    def _key(self, version):
        if version not in self._opened:
            try:
                self._opened[version] = self._unwrapped(version)
            except DoesNotOpen:  # keys were rotated since this request passed the door
                self._rows |= _by_version(self._renew())
                self._renew = tuple  # once: what still does not open was altered
                self._opened[version] = self._unwrapped(version)
        return self._opened[version]

    def _unwrapped(self, version):
        if version not in self._rows:
            raise DoesNotOpen
        return _unwrapped(self.group_id, version, *self._rows[version])


def _by_version(rows):
    return {version: (wrapping, wrapped) for version, wrapping, wrapped in rows}


def new_group_key(group_id, version=1) -> GroupKey:
    row = GroupKey(group_id=group_id, version=version)
    _wrap_group_key(row, crypto.new_key())
    return row


def rewrap_group_key(row: GroupKey) -> None:
    """Under the newest wrapping key. Raises DoesNotOpen."""
    _wrap_group_key(row, _unwrapped(row.group_id, row.version, row.wrapping_key_version, row.wrapped))


def _wrap_group_key(row, key):
    newest = _keys().newest
    row.wrapped = crypto.seal(_keys().wrapping[newest], key, "group key", row.group_id, row.version)
    row.wrapping_key_version = newest


def _unwrapped(group_id, version, wrapping, wrapped):
    if wrapping not in _keys().wrapping:
        log("the key file lacks a wrapping key", ERROR, version=wrapping)
        raise DoesNotOpen
    return crypto.unseal(_keys().wrapping[wrapping], wrapped, "group key", group_id, version)


@contextmanager
def _told_when_closed(table, row_id):
    try:
        yield
    except DoesNotOpen:
        log("something sealed does not open", ERROR, table=table, row=str(row_id))
        raise
