"""New keys for a new installation: the only moment at which they are made rather than read (groups/vault.py)."""

import base64
import errno
import json
import os
from pathlib import Path

from entraide.lib import crypto
from entraide.lib.files import sync_folder

WEB_FILE, WORKER_FILE = "web.keys", "worker.key"


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
            file.flush()
            os.fsync(file.fileno())
        made.append(folder / name)
    sync_folder(folder)
    return made


def _text(key):
    return base64.b64encode(key).decode()
