"""The one room that holds keys. Everything private of a group is sealed and opened here, for a membership.

    wrapping key (file of the web process) -> group key -> story key -> a story
                                                        -> names, places, links
    edge key (same file): keyed hashes, so that a copy of the database cannot say who is in which group
    worker's public key (same file): addresses for reminders, which only the worker can open

Other rooms ask for a payload and never see a key.
"""

import base64
import errno
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from entraide.lib import crypto
from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.words import name_key
from groups.models import GroupKey, KeyMark, Story, StoryKey

WEB_FILE, WORKER_FILE = "web.keys", "worker.key"


@dataclass(frozen=True, repr=False)
class _WebKeys:
    wrapping: dict[int, bytes]
    edge: bytes
    worker_public: bytes

    @property
    def newest(self):
        return max(self.wrapping)

    def marks(self):
        named = {f"wrapping-{version}": key for version, key in self.wrapping.items()}
        named |= {"edge": self.edge, "worker": self.worker_public}
        return {name: _mark(name, key) for name, key in named.items()}


# --- Key files ---------------------------------------------------------------------------------------------------


def make_key_files(folder: Path) -> list[Path]:
    """New keys for a new installation. Refuses to overwrite: a lost key file means lost stories."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    present = [folder / name for name in (WEB_FILE, WORKER_FILE) if (folder / name).exists()]
    if present:  # before the first is written: one new file beside one old would be a pair that does not match
        raise FileExistsError(errno.EEXIST, "left alone", str(present[0]))
    worker_private = crypto.new_key()
    web = {"wrapping": {"1": _text(crypto.new_key())}, "edge": _text(crypto.new_key())}
    web["worker_public"] = _text(crypto.public_half(worker_private))
    made = []
    for name, content in ((WEB_FILE, json.dumps(web, indent=1)), (WORKER_FILE, _text(worker_private))):
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content + "\n")
        made.append(folder / name)
    return made


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
    if known and bytes(known.mark) != _mark("worker", public):
        raise ImproperlyConfigured(
            "The key in ENTRAIDE_WORKER_KEY_FILE is not the one that addresses are sealed for. Nothing was sent."
            " Bring back the worker's key file that was made together with the web's."
        )


def _mark(name, key):
    return crypto.keyed_hash(key, "key mark", name)


@lru_cache(maxsize=1)
def _keys() -> _WebKeys:
    if not settings.KEYS_FILE:
        raise ImproperlyConfigured("ENTRAIDE_KEYS_FILE is not set. Make keys once with `manage.py make_keys FOLDER`.")
    try:
        content = json.loads(Path(settings.KEYS_FILE).read_text())
        wrapping = {int(version): _bytes(key) for version, key in content["wrapping"].items()}
        keys = _WebKeys(wrapping, _bytes(content["edge"]), _bytes(content["worker_public"]))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ImproperlyConfigured(
            f"ENTRAIDE_KEYS_FILE cannot be read ({type(error).__name__}). Bring back a copy of the file, or, for a new"
            " installation only, make keys with `manage.py make_keys FOLDER`."
        ) from None
    if not keys.wrapping or {len(key) for key in (*keys.wrapping.values(), keys.edge)} != {crypto.KEY_BYTES}:
        raise ImproperlyConfigured(
            "ENTRAIDE_KEYS_FILE is cut short: a key has the wrong length. Bring back a copy of it."
        )
    return keys


def _text(key):
    return base64.b64encode(key).decode()


def _bytes(text):
    return base64.b64decode(text, validate=True)


# --- Belonging: keyed hashes instead of foreign keys -----------------------------------------------------------------


def member_tag(member_id) -> str:
    return crypto.keyed_hash(_keys().edge, "member", member_id).hex()


def proposer_tag(member_id) -> str:
    """Of another kind than the member's tag, so that a proposal does not point to its founder's membership."""
    return crypto.keyed_hash(_keys().edge, "proposer", member_id).hex()


def name_mark(group_id, name: str) -> bytes:
    """Equal for names of one group that look alike; tells nothing across groups."""
    return crypto.keyed_hash(_keys().edge, "name", group_id, name_key(name))


def seal_address(membership_id, address: str, language: str, zone: str) -> bytes:
    """For the worker only: the web process cannot open it again."""
    payload = {"address": address, "language": language, "zone": zone}
    return crypto.seal_for(_keys().worker_public, payload, "address", membership_id)


def open_address(membership_id, sealed: bytes) -> dict:
    """In the worker's process. Raises DoesNotOpen."""
    return crypto.open_with(_worker_private(), sealed, "address", membership_id)


@lru_cache(maxsize=1)
def _worker_private() -> bytes:
    if not settings.WORKER_KEY_FILE:
        raise ImproperlyConfigured("ENTRAIDE_WORKER_KEY_FILE is not set: the worker cannot open any address.")
    try:
        key = _bytes(Path(settings.WORKER_KEY_FILE).read_text().strip())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"ENTRAIDE_WORKER_KEY_FILE cannot be read ({type(error).__name__}). Bring back a copy of the file."
        ) from None
    if len(key) != crypto.KEY_BYTES:
        raise ImproperlyConfigured("ENTRAIDE_WORKER_KEY_FILE is cut short. Bring back a copy of it.")
    return key


# --- The second factor of staff ---------------------------------------------------------------------------------


def seal_second_factor(secret: str) -> str:
    version = _keys().newest
    sealed = crypto.seal(_keys().wrapping[version], secret.encode(), "second factor", version)
    return f"{version}:{_text(sealed)}"


def open_second_factor(sealed: str) -> str:
    version, _, value = sealed.partition(":")
    return crypto.unseal(_keys().wrapping[int(version)], _bytes(value), "second factor", int(version)).decode()


# --- A group's keyring: what the door hands to whoever stands inside --------------------------------------------


class Keyring:
    """The opened keys of one group, for one membership, for one request. Obtained at the door only."""

    def __init__(self, group_id, rows):
        """`rows` are (version, wrapping_key_version, wrapped) of GroupKey."""
        self.group_id = group_id
        self._keys = {
            version: crypto.unseal(_keys().wrapping[wrapping], wrapped, "group key", group_id, version)
            for version, wrapping, wrapped in rows
        }

    def seal(self, payload: dict, table: str, row_id) -> bytes:
        version = max(self._keys)
        sealed = crypto.seal_payload(self._keys[version], payload, table, row_id, self.group_id, version)
        return version.to_bytes(2, "big") + sealed

    def open(self, sealed: bytes, table: str, row_id) -> dict:
        """Raises DoesNotOpen when the row is not where it was sealed."""
        sealed = bytes(sealed)
        version = int.from_bytes(sealed[:2], "big")
        if version not in self._keys:
            raise DoesNotOpen
        return crypto.open_payload(self._keys[version], sealed[2:], table, row_id, self.group_id, version)

    def open_name(self, membership) -> Secret:
        return Secret(self.open(membership.sealed_name, "membership", membership.pk)["name"])

    def seal_name(self, membership_id, name: str) -> bytes:
        return self.seal({"name": name}, "membership", membership_id)

    def seal_story(self, story: Story, payload: dict) -> StoryKey:
        """Fill `story.sealed` under a fresh key and return the row that keeps that key."""
        key, version = crypto.new_key(), max(self._keys)
        story.sealed = crypto.seal_payload(key, payload, *self._story_context(story))
        wrapped = crypto.seal(self._keys[version], key, "story key", story.pk, self.group_id, version)
        return StoryKey(story_id=story.pk, group_id=self.group_id, group_key_version=version, wrapped=wrapped)

    def open_story(self, story: Story) -> dict:
        kept = story.key
        version = kept.group_key_version
        key = crypto.unseal(self._keys[version], kept.wrapped, "story key", story.pk, self.group_id, version)
        return crypto.open_payload(key, story.sealed, *self._story_context(story))

    def _story_context(self, story):
        return ("story", story.pk, self.group_id, story.author_id or "former")


def new_group_key(group_id) -> GroupKey:
    version, wrapping = 1, _keys().newest
    wrapped = crypto.seal(_keys().wrapping[wrapping], crypto.new_key(), "group key", group_id, version)
    return GroupKey(group_id=group_id, version=version, wrapping_key_version=wrapping, wrapped=wrapped)
