"""What has to be on the disk before one goes on."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """The names in it too: a renamed file could have its former name again after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
