"""A real pgbouncer for the tests. `python -m tests.pooler` finds or installs one; having none is a failure.

In this order: $PGBOUNCER, one on this system, Debian's package when root, else the same package unpacked into
var/pgbouncer.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from entraide.lib import processes
from entraide.lib.processes import LOOPBACK
from tests import services

FOLDER = Path(__file__).resolve().parents[1] / "var" / "pgbouncer"
CONSOLE = "console"  # the login that asks the pooler itself
LIBRARIES = r"^\s*\|?Depends: (libevent\S*|libc-ares\S*)$"  # those of its package that not every system has
SETTINGS = """
[databases]
site = host={host} port={port} dbname={database} pool_size=2
narrow = host={host} port={port} dbname={database} pool_size=1

[pgbouncer]
listen_addr = {loopback}
listen_port = {own_port}
unix_socket_dir =
pool_mode = transaction
auth_type = scram-sha-256
auth_file = {users}
admin_users = {console}
"""


@dataclass
class Pooler:
    """`site` has two connections to the database for all who come, `narrow` has one."""

    port: int
    password: str

    def url(self, pool: str) -> str:
        """For the login of the web."""
        return urlsplit(os.environ["DATABASE_URL"])._replace(netloc=self._netloc(), path=f"/{pool}").geturl()

    def show(self, what: str) -> list[dict]:
        """Rows of one of the pooler's own tables: clients, servers, stats."""
        address = {"host": LOOPBACK, "port": self.port, "dbname": "pgbouncer"}
        with closing(psycopg2.connect(user=CONSOLE, password=self.password, **address)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"show {what}")
                names = [column.name for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _netloc(self):
        return f"{urlsplit(os.environ['DATABASE_URL']).netloc.rpartition('@')[0]}@{LOOPBACK}:{self.port}"


@contextmanager
def running() -> Iterator[Pooler]:
    """One in front of the tests' database. Like PostgreSQL it refuses to run as root: there `nobody` runs it."""
    program = installed()
    if not program:
        raise RuntimeError("no pgbouncer: run `python -m tests.pooler`, or set PGBOUNCER")
    pooler = Pooler(processes.free_port(), secrets.token_urlsafe(24))
    folder = Path(os.environ[services.RUNNING]) / "pgbouncer"
    account = _account()
    settings = _write_settings(folder, pooler, account)
    log = folder.with_suffix(".log")
    child = processes.start([program, settings], log, env=_environment(program), cwd="/", **account)
    try:
        _await(pooler, child, log)
        yield pooler
    finally:
        processes.stop(child, signal.SIGINT, 10)
        shutil.rmtree(folder)


def _write_settings(folder, pooler, account):
    folder.mkdir(mode=0o700)
    web = urlsplit(os.environ["DATABASE_URL"])
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    values = {"host": web.hostname, "port": web.port or 5432, "database": web.path.lstrip("/"), "loopback": LOOPBACK}
    values |= {"own_port": pooler.port, "users": users, "console": CONSOLE}
    settings.write_text(SETTINGS.format(**values))
    users.write_text(f'"{web.username}" "{web.password}"\n"{CONSOLE}" "{pooler.password}"\n')
    for path in (folder, users, settings) if account else ():
        os.chown(path, account["user"], account["group"])
    return settings


def _account():
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _await(pooler, child, log):
    deadline = time.monotonic() + 20
    while True:
        with suppress(psycopg2.OperationalError):
            return pooler.show("version")
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(processes.last_lines(log))
        time.sleep(0.05)


# --- Finding or installing one -----------------------------------------------------------------------------------


def installed() -> Path | None:
    return next((program for program in _places() if _works(program)), None)


def install() -> Path:
    for way in (_with_apt, _unpack):
        program = installed()
        if program:
            return program
        with suppress(subprocess.CalledProcessError):
            way()
    program = installed()
    if not program:
        sys.exit("No pgbouncer could be installed. Install one, then: PGBOUNCER=/path/to/pgbouncer bin/test")
    return program


def _places():
    if os.environ.get("PGBOUNCER"):
        yield Path(os.environ["PGBOUNCER"])
        return
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")  # not every PATH has it
    if found:
        yield Path(found)
    yield FOLDER / "usr" / "sbin" / "pgbouncer"


def _works(program):
    with suppress(OSError):
        options = {"env": _environment(program), "capture_output": True, "timeout": 60}
        return subprocess.run([program, "--version"], **options).returncode == 0
    return False


def _environment(program):
    if not program.is_relative_to(FOLDER):
        return dict(os.environ)
    libraries = {str(library.parent) for library in FOLDER.rglob("lib*.so*")}
    return os.environ | {"LD_LIBRARY_PATH": ":".join(sorted(libraries))}


def _with_apt():
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing pgbouncer ...", flush=True)
    _run("apt-get", "update", "-qq")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "pgbouncer", env=environment)


def _unpack():
    if not shutil.which("apt-get"):
        return
    print(f"Unpacking pgbouncer into {FOLDER} ...", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    needed = subprocess.run(["apt-cache", "depends", "pgbouncer"], capture_output=True, text=True, check=True).stdout
    _run("apt-get", "download", "-qq", "pgbouncer", *re.findall(LIBRARIES, needed, re.M), cwd=FOLDER)
    for package in FOLDER.glob("*.deb"):
        _run("dpkg-deb", "-x", package, FOLDER)
        package.unlink()


def _run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


if __name__ == "__main__":
    print(install())
