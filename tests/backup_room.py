"""What the tests of backups share: a folder of archives with its key, the commands in processes of their own, and
empty databases to restore into."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import connection

from entraide.demo.installation import ADMIN_URL, CHECKOUT
from entraide.lib import archives
from entraide.lib.roles import OWNER
from tests import services

BLANK = f"{services.DATABASE}_blank"  # migrated and empty: the others are copies of it


def manage(command: str, *arguments, env: dict) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", command, *map(str, arguments)]
    return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=60)


@dataclass
class Room:
    """One folder of archives, and the key that opens them."""

    folder: Path

    def __post_init__(self):
        self.folder.mkdir()
        self.identity = self.folder.parent / f"{self.folder.name}.key"
        self.public = archives.make_identity(self.identity)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def variables(self) -> dict[str, str]:
        return {"BACKUP_DIR": str(self.folder), "BACKUP_RECIPIENT": self.public}

    def try_backup(self, **env):
        return manage("backup", env=services.backup_environment() | self.variables | env)

    def backup(self) -> tuple[Path, Path]:
        """Take one; return its two archives."""
        before = self.archives()
        done = self.try_backup()
        assert done.returncode == 0, done.stderr
        content, keys = sorted(self.archives() - before)
        return content, keys

    def archives(self) -> set[Path]:
        return set(self.folder.glob("*.age"))

    def keep_journal(self, database: str = services.DATABASE):
        env = in_database(services.worker_environment(), database) | self.variables
        return manage("keep_journal", env=env)

    def opened(self, file: Path) -> dict[str, tuple[list[str], list[list[str]]]]:
        """Columns and rows of each table of an archive, as whoever has the key reads them."""
        with archives.reading(file, archives.read_identity(self.identity)) as archive:
            return {name: (columns, _rows(rows)) for name, columns, rows in archive.tables()}

    def remade(self, file: Path, **header) -> Path:
        """The same archive with another first line."""
        to = archives.recipient(self.public)
        fresh = self.folder / f"{uuid4().hex}.remade"
        with (
            archives.reading(file, archives.read_identity(self.identity)) as old,
            archives.writing(fresh, to, old.header | header) as new,
        ):
            for name, columns, rows in old.tables():
                new.table(name, columns, lambda output, rows=rows: output.writelines(rows))
        return fresh


def column(tables: dict, table: str, name: str) -> list[str]:
    columns, rows = tables[table]
    return [row[columns.index(name)] for row in rows]


def _rows(rows):
    return [line.decode().rstrip("\n").split("\t") for line in rows]


# --- Databases -----------------------------------------------------------------------------------------------------


def in_database(environment: dict[str, str], database: str) -> dict[str, str]:
    """The same logins in another database."""
    return {
        name: urlsplit(value)._replace(path=f"/{database}").geturl()
        if name.startswith("DATABASE_") and name != ADMIN_URL
        else value
        for name, value in environment.items()
    }


def _as_superuser(statement: str, database: str = "postgres") -> None:
    with services.superuser(database) as cursor:
        cursor.execute(statement)


@contextmanager
def blank_database():
    _as_superuser(f"drop database if exists {BLANK} with (force)")
    _as_superuser(f"create database {BLANK} owner {OWNER}")
    try:
        _as_superuser(f"alter schema public owner to {OWNER}", BLANK)
        done = manage("migrate", "--verbosity", "0", env=in_database(services.owner_environment(), BLANK))
        assert done.returncode == 0, done.stderr
        yield BLANK
    finally:
        _as_superuser(f"drop database {BLANK} with (force)")


@contextmanager
def copy_of(template: str):
    name = f"{services.DATABASE}_{uuid4().hex[:8]}"
    _as_superuser(f"create database {name} template {template} owner {OWNER}")
    try:
        yield name
    finally:
        _as_superuser(f"drop database {name} with (force)")


@contextmanager
def moved_into(database: str):
    """The test process itself, as the web, in another database."""
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = services.DATABASE


def rows_of(database: str) -> dict[str, int]:
    """How many rows each table holds, those without any left out."""
    with services.superuser(database) as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        counts = {}
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            [(counts[table],)] = cursor.fetchall()
    return {table: count for table, count in counts.items() if count}
