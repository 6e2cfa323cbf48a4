"""Backups: two archives of one moment, one with everything but keys, one with the keys, so that a text and its key are
never in one file. docs/operations.md says how to set them up, and how to bring them back (entraide/restoring.py).

Which table goes where is read from PostgreSQL's own grants: what only the role of keys may read is a key.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connections, transaction
from psycopg2 import sql

from entraide.lib import archives
from entraide.lib.files import sync_folder
from entraide.lib.roles import BACKUPS

PARTS = {"content": "default", "keys": "keys"}  # of a backup, and the connection that reads it
NAME = re.compile(r"(\d{8}T\d{6}Z)\.(content|keys)\.age(\.unfinished)?")
STAMP = "%Y%m%dT%H%M%SZ"
# backups are nightly: what would pass its age before the next one goes with this one
REMOVED_AFTER = archives.KEEP - timedelta(days=1)

# Tables of a database that no archive holds, and why.
LEFT_OUT = {
    "django_migrations": "the list is in the header of each archive",
    "members_session": "nobody is signed in by a restore",
    "members_outgoingmail": "most of it had been sent",
    "groups_journalentry": "it says what a restore must not bring back",
    "groups_entryrequest": "a request that was taken back must not come back: people ask again",
    "meetings_calendaraddress": "an address that was given up must not come back: people take a new one",
    "groups_storydraft": "a draft that was erased or shared must not come back",
    "meetings_rsvp": "a reply is gone when its meeting is over: archives would tell it for a month more",
    "meetings_availability": "so is what somebody answered about a date",
    "meetings_round": "a speaking round leaves no trace",
    "meetings_workerclock": "it is about one machine and its clock",
    "meetings_turn": "nothing tells who spoke, or who was there",
}

TABLES = """
    select c.relname,
        has_table_privilege(%s, c.oid, 'select'), has_table_privilege(%s, c.oid, 'select'),
        array(select a.attname::text from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum),
        array(select a.attname::text from pg_index i cross join unnest(i.indkey) with ordinality as k (number, place)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
            where i.indrelid = c.oid and i.indisprimary order by k.place)
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname != all(%s)
    order by c.relname
"""


class NotTaken(Exception):
    """No backup was taken; the text says why."""


@dataclass(frozen=True)
class Table:
    name: str
    columns: list[str]
    key: list[str]

    def copy(self, cursor, output) -> None:
        """By primary key: mostly random ids, so that the order of rows tells nothing."""
        columns, key = ([sql.Identifier(name) for name in names] for names in (self.columns, self.key))
        query = sql.SQL("copy (select {} from {} order by {}) to stdout").format(
            sql.SQL(", ").join(columns), sql.Identifier(self.name), sql.SQL(", ").join(key)
        )
        cursor.copy_expert(query, output)


def take() -> list[Path]:
    """Take one backup. Returns the paths of its archives. Raises NotTaken, OSError or a DatabaseError."""
    folder, to = _folder(), _recipient()
    with _one_snapshot() as cursors:
        tables, header = _tables(cursors["content"]), _header(cursors["content"])
        with _unfinished(folder, datetime.fromisoformat(header["taken_at"])) as files:
            for part, file in files.items():
                _write(file, to, header | {"part": part}, tables[part], cursors[part])
    _forget_old(folder)
    return [file.with_suffix("") for file in files.values()]


def _folder():
    folder = Path(settings.BACKUP_DIR)
    if not settings.BACKUP_DIR or not folder.is_dir():
        raise NotTaken("BACKUP_DIR must name a folder that is there.")
    return folder


def _recipient():
    try:
        return archives.recipient(settings.BACKUP_RECIPIENT)
    except ValueError as error:
        raise NotTaken(f"BACKUP_RECIPIENT: {error}. `manage.py make_backup_key FILE` makes one.") from None


@contextmanager
def _one_snapshot() -> Iterator[dict]:
    """A cursor for each part; all of them see the database as it was at one moment."""
    with ExitStack() as stack:
        cursors = {part: stack.enter_context(_reading(alias)) for part, alias in PARTS.items()}
        cursors["content"].execute("select pg_export_snapshot()")
        cursors["keys"].execute("set transaction snapshot %s", cursors["content"].fetchone())
        yield cursors


@contextmanager
def _reading(alias):
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield cursor


def _tables(cursor) -> dict[str, list[Table]]:
    cursor.execute(TABLES, [*BACKUPS, list(LEFT_OUT)])
    parts = {part: [] for part in PARTS}
    for name, is_content, is_key, columns, key in cursor.fetchall():
        if is_content == is_key or not key:
            raise NotTaken(
                f"The table {name} has no place in a backup: exactly one of {' and '.join(BACKUPS)} must be allowed to"
                " read it, and it must have a primary key. A migration grants that right."
            )
        parts["keys" if is_key else "content"].append(Table(name, columns, key))
    return parts


def _header(cursor) -> dict:
    cursor.execute("select now()")
    taken_at = cursor.fetchone()[0].astimezone(UTC)
    return {"backup": str(uuid4()), "taken_at": taken_at.isoformat(), "migrations": migrations(cursor)}


def migrations(cursor) -> list[list[str]]:
    """Those that made the tables what they are: the version of an archive."""
    cursor.execute("select app, name from django_migrations order by app, name")
    return [list(row) for row in cursor.fetchall()]


@contextmanager
def _unfinished(folder, taken_at):
    """The files to write, by part. They get their names together at the end, or go."""
    stamp = taken_at.strftime(STAMP)
    files = {part: folder / f"{stamp}.{part}.age.unfinished" for part in PARTS}
    if any(file.exists() or file.with_suffix("").exists() for file in files.values()):
        raise NotTaken(f"A backup of {stamp} is there already.")
    try:
        yield files
        for file in files.values():
            file.rename(file.with_suffix(""))
        sync_folder(folder)
    except BaseException:
        for file in files.values():
            file.unlink(missing_ok=True)
            file.with_suffix("").unlink(missing_ok=True)
        raise


def _write(file, to, header, tables, cursor):
    with archives.writing(file, to, header) as archive:
        for table in tables:
            archive.table(table.name, table.columns, lambda output, table=table: table.copy(cursor, output))


def _forget_old(folder):
    """By the name, which a copied file keeps."""
    oldest = datetime.now(UTC) - REMOVED_AFTER
    for file in folder.iterdir():
        found = NAME.fullmatch(file.name)
        if found and datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) < oldest:
            file.unlink()
    sync_folder(folder)
