"""The state folder of one demonstration: its lock, its secrets, and the variables that its processes read."""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from entraide.lib.roles import BACKUP_LOGINS, BACKUPS, OWNER, WEB, WORKER
from entraide.lib.servers import Postgres

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE_VARIABLES = {"DATABASE_URL": WEB, "DATABASE_OWNER_URL": OWNER, "DATABASE_WORKER_URL": WORKER}
ADMIN_URL = "DATABASE_ADMIN_URL"
MADE_HERE = (
    "env",
    "*.env",
    "secrets",
    "keys",
    "backup.key",
    "backups",
    "mailbox",
    "pg",
    "valkey",
    "*.log",
    "beat-schedule*",
)


class Refused(Exception):
    """The demonstration cannot start here; the text tells the person why."""


class Installation:
    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.keys = self.folder / "keys"
        self.mailbox = self.folder / "mailbox"
        self.backups = self.folder / "backups"
        self.backup_key = self.folder / "backup.key"
        self.environment_file = self.folder / "env"
        self._secrets_file = self.folder / "secrets"
        self.lock = None

    def open(self) -> None:
        """Take the folder for this process alone; the lock goes with the process, however that ends."""
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        if self.folder.stat().st_uid != os.geteuid():
            raise Refused(f"{self.folder} appartient à un autre compte / belongs to another account.")
        self.folder.chmod(0o700)
        self.lock = os.open(self.folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(self._already_running()) from None
        if not self._secrets_file.exists():
            self.reset()  # the folder was deleted by hand, its data in /var/lib may have stayed

    def reset(self) -> None:
        """Delete what demonstrations made, and nothing else that somebody may keep in this folder."""
        Postgres(self.folder).remove()  # its data may lie outside of the folder
        for pattern in MADE_HERE:
            for path in self.folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def secrets(self) -> dict[str, str]:
        """Made once: SECRET_KEY and a password for each database login."""
        kept = read_values(self._secrets_file) if self._secrets_file.exists() else {}
        names = ("SECRET_KEY", OWNER, WEB, WORKER, *BACKUPS)
        if not kept.keys() >= set(names):
            kept = {name: secrets.token_urlsafe(48) for name in names} | kept
            write_private(self._secrets_file, kept)
        return kept

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _already_running(self):
        values = read_values(self.environment_file) if self.environment_file.exists() else {}
        return (
            f"Une démonstration tourne déjà dans {self.folder} / a demonstration is already running there. "
            f"{values.get('SITE_URL', '')}"
        )


def database_urls(server_url: str, passwords: dict[str, str], database: str) -> dict[str, str]:
    """The addresses of all logins on the server that `server_url` leads to."""
    server = urlsplit(server_url)
    host = server.netloc.rpartition("@")[2]
    return {
        variable: urlunsplit((server.scheme, f"{role}:{passwords[role]}@{host}", database, server.query, ""))
        for variable, role in (DATABASE_VARIABLES | BACKUP_LOGINS).items()
    }


def outside_database_urls() -> dict[str, str]:
    """The addresses given from outside: all three, or none. Those of the backup roles may be missing."""
    given = {name: os.environ[name] for name in DATABASE_VARIABLES if os.environ.get(name)}
    if given and len(given) < len(DATABASE_VARIABLES):
        missing = ", ".join(sorted(DATABASE_VARIABLES.keys() - given.keys()))
        raise Refused(f"{missing}: manquant / missing. Give the three database addresses, or none of them.")
    return given and given | {name: os.environ[name] for name in BACKUP_LOGINS if os.environ.get(name)}


def read_values(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def write_private(file: Path, values: dict[str, str]) -> None:
    unfinished = file.with_suffix(".new")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.writelines(f"{name}={value}\n" for name, value in values.items())
    unfinished.rename(file)
