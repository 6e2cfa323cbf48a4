"""Every place where words could be left behind, as bytes under a name. What stands before the colon of a name says
which kind of place it is; marks.py says which places may hold which mark in the clear.

A new place is one function in SINKS, and one plant in plants.py that shows it is read.
"""

import base64
import email.policy
import os
import re
import threading
from contextlib import closing, contextmanager, suppress
from email.parser import BytesParser
from importlib import import_module
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2
import redis
from django.conf import settings

from entraide.demo.installation import CHECKOUT
from tests import services
from tests.canaries.marks import ENVELOPES, MAILS, STATEMENTS
from tests.running import wait_until

TABLES = """
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and c.relpersistence != 't' order by 1
"""
IN_LOG, IN_MEMORY = STATEMENTS
SESSIONS = import_module(settings.SESSION_ENGINE).SessionStore().model._meta.db_table
LOG_ENTRY = re.compile(rb"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
LEVELS_OF_ERRORS = (b'"ERROR"', b'"CRITICAL"', b"[ERROR]", b"[CRITICAL]", b"Traceback")
ENVELOPE = ("X-RcptTo", "To")
QUEUE = (b'"celery"', b'"unacked')  # Celery's keys: messages that wait, and messages that are being worked on


@contextmanager
def superuser():
    """A cursor past every policy, in the database of the tests."""
    url = urlsplit(os.environ["DATABASE_ADMIN_URL"])._replace(path=f"/{services.DATABASE}").geturl()
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


class Sinks:
    """`look()` reads them all, as they are now; `seen` is what was ever seen."""

    def __init__(self, site):
        self.site, self.seen = site, {}
        self.valkey = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None)
        self.commands = _Commands(self.valkey)
        self.log = services.database_log()
        self.log_start = self.log.stat().st_size if self.log else 0
        self.old_mails = set(services.mailbox().iterdir())
        self.old_files = dict(_files_of_the_project())

    def look(self) -> dict[str, bytes]:
        now = {name: data for collect in SINKS for name, data in collect(self)}
        for name, data in now.items():
            before = self.seen.get(name, b"")
            self.seen[name] = data if before in data else before + b"\n" + data
        return now

    def close(self):
        self.commands.close()
        self.valkey.close()


# --- The database ---------------------------------------------------------------------------------------------------


def tables(sinks):
    """All of every schema, the catalogue included, as a superuser's dump would have it."""
    with superuser() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            rows = BytesIO()
            cursor.copy_expert(f"copy {table} to stdout", rows)
            yield f"tables: {table}", rows.getvalue()


def sessions(sinks):
    with superuser() as cursor:
        cursor.execute(f"select session_key, session_data from {SESSIONS}")
        rows = [key.encode() + b"\n" + base64.b64decode(data) for key, data in cursor.fetchall()]
    yield "sessions: rows, decoded", b"\n".join(rows)


def database_log(sinks):
    """What PostgreSQL was told to log for this test, each statement, apart from what it logs by itself."""
    if not sinks.log:  # a server from outside
        return
    with sinks.log.open("rb") as file:
        file.seek(sinks.log_start)
        entries = LOG_ENTRY.split(file.read())
    told = [entry for entry in entries if b"LOG:  statement: " in entry]
    yield IN_LOG, b"".join(told)
    yield "PostgreSQL: the rest of its log", b"".join(entry for entry in entries if b"LOG:  statement: " not in entry)


def database_memory(sinks):
    """The last statement of each connection, as a superuser sees it."""
    with superuser() as cursor:
        cursor.execute("select string_agg(query, chr(10)) from pg_stat_activity")
        yield IN_MEMORY, cursor.fetchone()[0].encode()


# --- Valkey -----------------------------------------------------------------------------------------------------------


class _Commands:
    """Valkey's own record of every command, from before the first request on."""

    def __init__(self, valkey):
        self.valkey, self.heard = valkey, bytearray()
        self.line = valkey.connection_pool.make_connection()
        self.line.send_command("MONITOR")
        self.line.read_response()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        with suppress(redis.ConnectionError, OSError, ValueError):  # closed, at the end
            while True:
                self.heard += self.line.read_response(disable_decoding=True) + b"\n"

    def up_to_now(self):
        word = uuid4().hex
        self.valkey.echo(word)
        wait_until(lambda: word.encode() in self.heard)
        return bytes(self.heard)

    def close(self):
        self.line.disconnect()
        self.listener.join(5)


def valkey_memory(sinks):
    valkey = sinks.valkey
    ways = {b"string": valkey.get, b"hash": valkey.hgetall, b"set": valkey.smembers, b"none": lambda key: "gone"}
    ways |= {b"list": lambda key: valkey.lrange(key, 0, -1), b"zset": lambda key: valkey.zrange(key, 0, -1)}
    held = [(key, ways[valkey.type(key)](key)) for key in valkey.scan_iter()]
    yield "Valkey: memory", b"\n".join(_flat([held, valkey.slowlog_get(), valkey.client_list()]))


def valkey_commands(sinks):
    heard = sinks.commands.up_to_now()
    yield "Valkey: commands", heard
    yield "task messages: sent", b"\n".join(line for line in heard.split(b"\n") if any(key in line for key in QUEUE))


def append_only_file(sinks):
    folder = services.broker_files()
    if folder:  # else a server from outside
        yield "Valkey: append-only file", b"".join(_contents(folder / "appendonlydir"))


def _flat(value):
    if isinstance(value, dict):
        value = [*value.items()]
    if isinstance(value, list | tuple | set):
        for one in value:
            yield from _flat(one)
    else:
        yield value if isinstance(value, bytes) else str(value).encode()


# --- Mails, logs and files --------------------------------------------------------------------------------------------


def mails(sinks):
    parser = BytesParser(policy=email.policy.default)
    new = sorted(set(services.mailbox().iterdir()) - sinks.old_mails)
    every = [parser.parsebytes(path.read_bytes()) for path in new]
    yield ENVELOPES, b"\n".join(str(mail[name]).encode() for mail in every for name in ENVELOPE)
    for mail in every:
        for name in ENVELOPE:
            del mail[name]
    said = [mail.get_body(("plain",)).get_content().encode() for mail in every]
    yield MAILS, b"\n".join([*(mail.as_bytes() for mail in every), *said])


def logs(sinks):
    for part in ("web", "worker", "beat"):
        written = b"\n".join(path.read_bytes() for path in sinks.site.logs(part))
        yield f"logs: {part}", written
        yield f"error records: {part}", b"\n".join(_errors(written))
    if sinks.site.errors.exists():
        yield "error records: file", sinks.site.errors.read_bytes()


def _errors(written):
    return (line for line in written.splitlines() if any(level in line for level in LEVELS_OF_ERRORS))


def files(sinks):
    yield "files: temporary", b"\n".join(_contents(sinks.site.temporary))
    if Path("/proc/self/fd").exists():  # elsewhere than on Linux nothing tells
        yield "files: without a name", b"\n".join(_unlinked({child.pid for child in sinks.site.children.values()}))
    yield "files: of beat", b"\n".join(_contents(sinks.site.folder, f"{sinks.site.schedule.name}*"))
    new = [path for path, changed in _files_of_the_project() if sinks.old_files.get(path) != changed]
    yield "files: of the project", b"\n".join(_read(new))


def _contents(folder, pattern="*"):
    return _read(sorted(folder.rglob(pattern)))


def _read(paths):
    for path in paths:
        with suppress(OSError):  # gone in this moment, or a folder
            yield path.name.encode() + b"\n" + path.read_bytes()


def _unlinked(groups):
    """What the processes of these groups hold open after its name is gone."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.getpgid(int(link.parts[2])) in groups and os.readlink(link).endswith(" (deleted)"):
                yield link.read_bytes()


def _files_of_the_project():
    """And when each was changed. A demonstration may be running in the same folder: its files come and go."""
    for path in (CHECKOUT / "var").rglob("*"):
        with suppress(OSError):
            yield path, path.stat().st_mtime_ns


SINKS = [
    *(tables, sessions, database_log, database_memory),
    *(valkey_commands, valkey_memory, append_only_file),
    *(mails, logs, files),
]
