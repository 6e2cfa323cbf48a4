"""Bringing a backup back into an empty database, then letting go again what had gone since it was taken.

All of it in one transaction of a superuser: a refusal changes nothing. docs/operations.md is the drill.
"""

from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg2 import sql

from entraide.backups import migrations
from entraide.lib import archives
from groups import journal, vault
from meetings import reminders

# The worker writes the journal every minute: one that is much older than the archive is not the newest.
JOURNAL_MAY_LAG = timedelta(hours=1)
# What the migrations and the first start of the web write by themselves. The rows of the archive take its place.
WRITTEN_BY_ITSELF = {
    *("django_migrations", "django_content_type", "auth_permission", "members_session"),
    *("members_helpline", "groups_keymark"),
}

TABLES = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname"
SEQUENCES = """
    select c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname != 'django_migrations'
        and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null
"""


class Refused(Exception):
    """Nothing was changed; the text says why."""


def restore(content: Path, keys: Path, *, identity: Path, kept_journal: Path) -> Counter:
    """Returns how many rows of what came back, and went again. Raises Refused."""
    try:
        went = journal.read(kept_journal)
        with ExitStack() as stack, transaction.atomic():
            secret = archives.read_identity(identity)
            files = {"content": content, "keys": keys}
            parts = {part: stack.enter_context(archives.reading(file, secret)) for part, file in files.items()}
            with connection.cursor() as cursor:
                _refuse_another_backup(parts)
                _refuse_another_time(parts["content"], went)
                _refuse_another_version(parts["content"], cursor)
                return _put_back(parts, went, cursor)
    except (archives.Unreadable, journal.Unreadable, ImproperlyConfigured) as problem:
        raise Refused(str(problem)) from None
    except DatabaseError as problem:  # its text may quote a row
        raise Refused(f"The database did not take it ({type(problem.__cause__ or problem).__name__}).") from None


def _put_back(parts, went, cursor):
    _refuse_rows(cursor)
    told = Counter()
    for archive in parts.values():
        told |= _copy(archive, cursor)
    _count_on(cursor)
    vault.refuse_wrong_keys()
    told |= journal.replay(went.entries)
    cursor.execute("select app.settle(id) from groups_group")  # requests are in no dump: no place is held any more
    told["reminders passed over"] = reminders.pass_over_due()
    return told


# --- Refusals ------------------------------------------------------------------------------------------------------


def _refuse_another_backup(parts):
    for part, archive in parts.items():
        found = archive.header.get("part")
        if found != part:
            raise Refused(f"{archive.file} is the part « {found} » of a backup: give the content first, then the keys.")
    if len({archive.header["backup"] for archive in parts.values()}) > 1:
        raise Refused("The two archives are of different backups: a text would lack its key.")


def _refuse_another_time(archive, went):
    taken_at = datetime.fromisoformat(archive.header["taken_at"])
    if timezone.now() - taken_at > archives.KEEP:
        raise Refused(
            f"This backup is of {taken_at:%Y-%m-%d}: older than the {archives.KEEP.days} days that the journal reaches"
            " back. It would bring back what people erased."
        )
    if taken_at - went.written_at > JOURNAL_MAY_LAG:
        raise Refused(
            f"The journal was written at {went.written_at:%Y-%m-%d %H:%M} UTC, before this backup: it cannot know what"
            " was erased since. Bring the newest journal."
        )


def _refuse_another_version(archive, cursor):
    if "django_migrations" not in connection.introspection.table_names(cursor):
        raise Refused("This database has no tables yet: run `manage.py migrate` first.")
    here, there = ({".".join(one) for one in found} for found in (migrations(cursor), archive.header["migrations"]))
    if here != there:
        first = min(here ^ there)
        side = "the backup does not have" if first in here else "only the backup has"
        raise Refused(f"A dump of another version: {side} the migration {first}. Use the code of that version.")


def _refuse_rows(cursor):
    """Nobody else comes in from here on, not even to look."""
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(_listed(tables)))
    for name in sorted({*tables} - WRITTEN_BY_ITSELF):
        cursor.execute(sql.SQL("select exists (select from {})").format(sql.Identifier(name)))
        if cursor.fetchone()[0]:
            raise Refused(f"This database is not empty: {name} has rows. A restore goes into an empty one.")
    cursor.execute(sql.SQL("truncate {}").format(_listed({*tables} - {"django_migrations"})))


# --- Rows ----------------------------------------------------------------------------------------------------------


def _copy(archive, cursor) -> Counter:
    """Without triggers: rows come in any order, and the journal takes no notice of them."""
    told = Counter()
    cursor.execute("set local session_replication_role = replica")
    for name, columns, rows in archive.tables():
        query = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(name), _listed(columns))
        cursor.copy_expert(query, rows)
        told[name] = cursor.rowcount
    cursor.execute("set local session_replication_role = origin")
    return told


def _count_on(cursor):
    """Numbers go on after those that came back. Undone with the rest, which setval would not be."""
    cursor.execute(SEQUENCES)
    for table, column, sequence in cursor.fetchall():
        highest = sql.SQL("select coalesce(max({}), 0) + 1 from {}")
        cursor.execute(highest.format(sql.Identifier(column), sql.Identifier(table)))
        restart = sql.SQL("alter sequence {} restart with {}")
        cursor.execute(restart.format(sql.SQL(sequence), sql.Literal(cursor.fetchone()[0])))


def _listed(names):
    return sql.SQL(", ").join(map(sql.Identifier, names))
