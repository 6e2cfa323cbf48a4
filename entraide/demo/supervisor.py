"""Starts the parts of the demonstration in order, watches them, stops them in order."""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from entraide.demo import variables
from entraide.demo.installation import (
    ADMIN_URL,
    CHECKOUT,
    Installation,
    Refused,
    database_urls,
    outside_database_urls,
    write_private,
)
from entraide.demo.progress import say, step
from entraide.lib import archives, processes, roles
from entraide.lib.processes import LOOPBACK, free_port, is_port_free
from entraide.lib.servers import Postgres, ServerFailed, Valkey

DATABASE = "entraide"
LOOK_EVERY = 0.2
# A stop lasts 10 s at most: these three, one after the other.
PATIENCE_WITH_CHILDREN, PATIENCE_WITH_VALKEY, PATIENCE_WITH_POSTGRES = 5.5, 1, 2.5
PATIENCE_WITH_START = 60


class StopAsked(Exception):
    """Ctrl-C, SIGTERM, or the terminal was closed."""


class PartDied(Exception):
    """A process that has to live ended by itself."""

    def __init__(self, part):
        code = part.process.returncode
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
        super().__init__(f"{part.name} ({how})\n{processes.last_lines(part.log)}")


@dataclass
class Child:
    name: str
    process: subprocess.Popen
    log: Path
    ends: bool = False  # a command, whose end is no death


class Supervisor:
    def __init__(self, installation: Installation, wanted_port: int):
        self.installation = installation
        self.wanted_port = wanted_port
        self.values: dict[str, str] = {}
        self.servers: list[Valkey | Postgres] = []
        self.children: list[Child] = []
        self.stop_asked = False

    def heed_signals(self) -> None:
        # set by hand: a job in the background begins with SIGINT ignored
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember_to_stop)

    def start(self) -> None:
        self._settle_address()
        self._start_database()
        self._start_broker()
        self._settle_keys_and_mail()
        self._write_variables()
        self._prepare("owner", variables.for_owner(self.values))
        self._prepare("web", variables.for_web(self.values))
        backup = self._begin_backup()
        self._start_processes()
        if backup:
            with step("Sauvegarde / backup"):
                self._await_end(backup)

    def watch(self) -> None:
        """Return never: raise StopAsked or PartDied."""
        while True:
            self._pause()

    def stop(self) -> None:
        for child in self.children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + PATIENCE_WITH_CHILDREN
        for child in self.children:
            processes.await_end(child.process, deadline)
        for server in reversed(self.servers):
            server.stop(PATIENCE_WITH_VALKEY if isinstance(server, Valkey) else PATIENCE_WITH_POSTGRES)

    def _settle_address(self):
        port = self.wanted_port
        if not is_port_free(port):
            port = free_port()
            say(f"  Le port {self.wanted_port} est pris / port {self.wanted_port} is busy: {port}")
        self.port = port
        self.values |= {
            "SECRET_KEY": self.installation.secrets()["SECRET_KEY"],
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SITE_URL": f"http://{LOOPBACK}:{port}",
            "ENTRAIDE_DEMO": "1",
        }

    def _start_database(self):
        urls, admin_url = outside_database_urls(), os.environ.get(ADMIN_URL)
        if not urls:
            if not admin_url:  # our own server: whoever tries `manage.py` beside the demonstration finds it in the file
                admin_url = self.values[ADMIN_URL] = self._start_server(Postgres(self.installation.folder)).url()
            urls = database_urls(admin_url, self.installation.secrets(), DATABASE)
        self.values |= urls
        if admin_url:  # without it the roles of an outside server exist already (docs/operations.md)
            with step("Comptes de la base / database roles"):
                _make_roles(admin_url, urls)

    def _start_broker(self):
        outside = os.environ.get("REDIS_URL")
        self.values["REDIS_URL"] = outside or self._start_server(Valkey(self.installation.folder)).url

    def _start_server(self, server):
        with step(server.name):
            self.servers.append(server)
            server.start()
        self._check()
        return server

    def _settle_keys_and_mail(self):
        self.mail_port = free_port()
        self.values |= {
            "ENTRAIDE_KEYS_FILE": str(self.installation.keys / "web.keys"),
            "ENTRAIDE_WORKER_KEY_FILE": str(self.installation.keys / "worker.key"),
            "MAILBOX_DIR": str(self.installation.mailbox),
            "BACKUP_DIR": str(self.installation.backups),
            "BACKUP_RECIPIENT": self._settle_backups(),
            "ERRORS_FILE": str(self.installation.log("errors")),
            "EMAIL_URL": os.environ.get("EMAIL_URL") or f"smtp://{LOOPBACK}:{self.mail_port}",
        }

    def _settle_backups(self):
        """The public half of the key that opens backups. A real installation keeps the other half elsewhere."""
        self.installation.backups.mkdir(mode=0o700, exist_ok=True)
        if not self.installation.backup_key.exists():
            archives.make_identity(self.installation.backup_key)
        return str(archives.read_identity(self.installation.backup_key).to_public())

    def _write_variables(self):
        """All of them for whoever looks after the demonstration, and a file for each process: a command that reads the
        web's file runs as the web does (`ENTRAIDE_ENV_FILE=var/demo/web.env manage.py check_promises`)."""
        write_private(self.installation.environment_file, self.values)
        for name, environment in (("web", variables.for_web), ("worker", variables.for_worker)):
            own = {key: value for key, value in environment(self.values).items() if key not in variables.SYSTEM}
            write_private(self.installation.folder / f"{name}.env", own)

    def _prepare(self, login, environment):
        """Run management commands to their end; they print their own progress."""
        name, keys = f"prepare-{login}", self.installation.keys
        command = ("entraide.demo.prepare", login, keys)
        self._await_end(self._spawn(name, environment, *command, shows_output=True, ends=True))

    def _begin_backup(self):
        """Beside the start of the site, which it would delay."""
        if "DATABASE_BACKUP_DATA_URL" not in self.values:  # an outside server, without the logins for backups
            return None
        return self._spawn("backup", variables.for_backup(self.values), "manage", "backup", ends=True)

    def _await_end(self, child):
        while child.process.poll() is None:
            self._check_stop()
            time.sleep(0.05)
        if child.process.returncode:
            raise PartDied(child)
        self.children.remove(child)

    def _start_processes(self):
        with step("Courrier, site / mail, web"):
            if not os.environ.get("EMAIL_URL"):
                self._spawn("smtp", variables.system_variables(), *self._mail_command())
            self._spawn("web", variables.for_web(self.values), *self._web_command())
            self._await_first_page()
        # after the first page: starting beside it they would only delay it
        with step("Tâches / worker, beat"):
            self._spawn("worker", variables.for_worker(self.values), *_worker_command())
            self._spawn("beat", variables.for_beat(self.values), *self._beat_command())

    def _mail_command(self):
        return "entraide.demo.smtp", self.mail_port, self.installation.mailbox

    def _web_command(self):
        return (
            *("gunicorn", "entraide.wsgi:application", "--bind", f"{LOOPBACK}:{self.port}"),
            *("--worker-class", "gthread", "--workers", 1, "--threads", 8),
            *("--no-control-socket", "--graceful-timeout", 4, "--log-level", "warning"),
        )

    def _beat_command(self):
        schedule = self.installation.folder / "beat-schedule"
        return "celery", "-A", "entraide", "beat", "--schedule", schedule, "--pidfile="

    def _spawn(self, name, environment, module, *arguments, shows_output=False, ends=False):
        log = self.installation.log(name)
        command = [sys.executable, "-m", module, *arguments]
        process = processes.start(command, log, shows_output=shows_output, env=environment, cwd=CHECKOUT)
        self.children.append(Child(name, process, log, ends))
        return self.children[-1]

    def _await_first_page(self):
        deadline = time.monotonic() + PATIENCE_WITH_START
        while not _answers(self.port):
            if time.monotonic() > deadline:
                log = processes.last_lines(self.installation.log("web"))
                raise Refused(f"Le site ne répond pas / the site does not answer.\n{log}")
            self._pause()

    def _pause(self):
        self._check()
        time.sleep(LOOK_EVERY)

    def _check(self):
        self._check_stop()
        for part in (*self.servers, *self.children):
            if _has_died(part):
                raise PartDied(part)

    def _check_stop(self):
        if self.stop_asked:
            raise StopAsked

    def _remember_to_stop(self, *_):
        # only remembered: an exception could come between the start of a child and its entry in the list
        self.stop_asked = True


def _has_died(part):
    code = part.process.poll()
    return code is not None and (code != 0 or not getattr(part, "ends", False))


def _make_roles(admin_url, urls):
    try:
        roles.bootstrap(admin_url, urls)
    except psycopg2.Error as error:
        raise Refused(f"{ADMIN_URL}: {error}") from error


def _worker_command():
    return (
        *("celery", "-A", "entraide", "worker", "--concurrency", 2, "--prefetch-multiplier", 1),
        *("--without-gossip", "--without-mingle"),
    )


def _answers(port):
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(folder: Path, port: int, *, fresh: bool, welcome) -> int:
    """The whole life of one demonstration; the result is the exit code."""
    supervisor = Supervisor(Installation(folder), port)
    supervisor.heed_signals()
    try:
        supervisor.installation.open()
        if fresh:
            with step("Remise à zéro / reset"):
                supervisor.installation.reset()
        supervisor.start()
        say(welcome(supervisor.values["SITE_URL"]))
        supervisor.watch()
    except StopAsked:
        say("\nArrêt / stopping…")
        return 0
    except PartDied as death:
        say(f"\nLa démonstration s'arrête, une partie est tombée / stopping, a part died: {death}")
        return 1
    except (Refused, ServerFailed) as problem:
        say(f"\n{problem}")
        return 1
    finally:
        supervisor.stop()
