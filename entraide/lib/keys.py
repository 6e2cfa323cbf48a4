"""The two key files, as their processes read them: the web's, and the worker's. Only the rooms that seal and open ask
for a key here (groups/vault.py, groups/own_keys.py); everybody may seal something for the worker.
"""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from entraide.lib import crypto


@dataclass(frozen=True, repr=False)
class WebKeys:
    wrapping: dict[int, bytes]
    edge: bytes
    worker_public: bytes

    @property
    def newest(self):
        return max(self.wrapping)

    def marks(self):
        named = {f"wrapping-{version}": key for version, key in self.wrapping.items()}
        named |= {"edge": self.edge, "worker": self.worker_public}
        return {name: key_mark(name, key) for name, key in named.items()}


def key_mark(name: str, key: bytes) -> bytes:
    """By which a database knows its keys again."""
    return crypto.keyed_hash(key, "key mark", name)


def web_keys() -> WebKeys:
    """As the file says now: while keys are rotated, a process that runs learns the new one without a new start."""
    if not settings.KEYS_FILE:
        raise ImproperlyConfigured("ENTRAIDE_KEYS_FILE is not set. Make keys once with `manage.py make_keys FOLDER`.")
    path = Path(settings.KEYS_FILE)
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(error) from None
    return _read_keys(path, (found.st_ino, found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=1)
def _read_keys(path, seen) -> WebKeys:
    """`seen` tells one writing of the file from the next."""
    try:
        content = json.loads(path.read_text())
        wrapping = {int(version): as_bytes(key) for version, key in content["wrapping"].items()}
        keys = WebKeys(wrapping, as_bytes(content["edge"]), as_bytes(content["worker_public"]))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _unreadable(error) from None
    if not keys.wrapping or {len(key) for key in (*keys.wrapping.values(), keys.edge)} != {crypto.KEY_BYTES}:
        raise ImproperlyConfigured(
            "ENTRAIDE_KEYS_FILE is cut short: a key has the wrong length. Bring back a copy of it."
        )
    return keys


def _unreadable(error):
    return ImproperlyConfigured(
        f"ENTRAIDE_KEYS_FILE cannot be read ({type(error).__name__}). Bring back a copy of the file, or, for a new"
        " installation only, make keys with `manage.py make_keys FOLDER`."
    )


@lru_cache(maxsize=1)
def worker_private() -> bytes:
    if not settings.WORKER_KEY_FILE:
        raise ImproperlyConfigured("ENTRAIDE_WORKER_KEY_FILE is not set: the worker cannot open any address.")
    try:
        key = as_bytes(Path(settings.WORKER_KEY_FILE).read_text().strip())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"ENTRAIDE_WORKER_KEY_FILE cannot be read ({type(error).__name__}). Bring back a copy of the file."
        ) from None
    if len(key) != crypto.KEY_BYTES:
        raise ImproperlyConfigured("ENTRAIDE_WORKER_KEY_FILE is cut short. Bring back a copy of it.")
    return key


def as_text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def as_bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


# --- For the worker ------------------------------------------------------------------------------------------------


def seal_for_worker(payload: dict, *context: object) -> bytes:
    """The web process cannot open it again."""
    return crypto.seal_for(web_keys().worker_public, payload, *context)


def open_as_worker(sealed: bytes, *context: object) -> dict:
    """Raises DoesNotOpen."""
    return crypto.open_with(worker_private(), sealed, *context)
