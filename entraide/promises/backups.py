"""The archives in BACKUP_DIR: their names say when they were begun, in UTC. Whoever looks needs to list the folder, and
need not be able to read an archive."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from entraide.backups import STAMP as BEGUN
from entraide.lib.archives import KEEP
from entraide.promises import CannotLook, promise

CONTENT, KEYS = ".content.age", ".keys.age"
NEWEST_WITHIN = timedelta(hours=26)  # one a day, and two hours for the archive itself


@promise("Both archives of the last day are there.")
def archives_are_fresh():
    for kind in (CONTENT, KEYS):
        begun = max(begun for _, begun in _archives(kind))
        if timezone.now() - begun > NEWEST_WITHIN:
            yield f"the newest *{kind} is of {begun:%Y-%m-%d %H:%M} UTC"


@promise("No archive of keys is older than 30 days: what was withdrawn is gone from the archives too.")
def old_keys_are_gone():
    for path, begun in _archives(KEYS):
        if timezone.now() - begun > KEEP:
            yield f"{path.name} should have been deleted"


@promise("Archives are read by one account only.")
def archives_are_closed():
    for path, _ in (*_archives(CONTENT), *_archives(KEYS)):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~0o600:
            yield f"{path.name} has mode {mode:04o}, not 0600"


def _archives(kind):
    """Pairs of path and the moment in its name; at least one, or CannotLook."""
    if not settings.BACKUP_DIR:
        raise CannotLook("BACKUP_DIR is not set")
    try:
        paths = [path for path in sorted(Path(settings.BACKUP_DIR).iterdir()) if path.name.endswith(kind)]
    except OSError as error:
        raise CannotLook(f"BACKUP_DIR cannot be read ({type(error).__name__})") from None
    if not paths:
        raise CannotLook(f"there is no *{kind} in BACKUP_DIR")
    return [(path, _begun(path, kind)) for path in paths]


def _begun(path, kind):
    try:
        return datetime.strptime(path.name.removesuffix(kind), BEGUN).replace(tzinfo=UTC)
    except ValueError:
        raise CannotLook(f"{path.name} in BACKUP_DIR does not say when it was made") from None


RULES = [archives_are_fresh, old_keys_are_gone, archives_are_closed]
