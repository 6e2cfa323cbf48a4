"""Servers of a bench's own, so that it may stop and kill them: PostgreSQL, Valkey, and mail servers that misbehave."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from entraide.demo import variables
from entraide.demo.installation import ADMIN_URL, CHECKOUT, DATABASE_VARIABLES
from entraide.lib import processes
from entraide.lib.processes import LOOPBACK
from entraide.lib.servers import Postgres, Valkey, _await_server

DURABLE = {"shared_buffers": "512MB", "max_wal_size": "4GB"}  # all else as PostgreSQL comes: commits reach the disk


class Room:
    """A folder for logs, and processes that end with it."""

    def __init__(self, stack: ExitStack, folder: Path):
        self.folder, self.stack, self._logs = folder, stack, 0

    def child(self, name: str, *arguments, **options):
        """Python with these arguments."""
        self._logs += 1
        log = self.folder / f"{name}-{self._logs}.log"
        child = processes.start([sys.executable, *arguments], log, cwd=CHECKOUT, **options)
        child.log = log
        self.stack.callback(processes.stop, child, signal.SIGKILL, 5)
        return child


class Place(Room):
    """The site's servers for the time of a bench."""

    def __init__(self, stack: ExitStack, folder: Path):
        super().__init__(stack, folder)
        self.postgres, self.valkey = Postgres(folder, DURABLE), Valkey(folder)
        for server, end in ((self.postgres, self.postgres.remove), (self.valkey, self.valkey.stop)):
            stack.callback(end)
            server.start()

    def stop_postgres_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: nothing is written out, the next start recovers from the log."""
        processes.stop(self.postgres.process, signal.SIGQUIT, 10)

    def start_postgres(self) -> None:
        self._again(self.postgres, parting_signal=signal.SIGINT, cwd="/", **self.postgres.account)

    def stop_broker(self) -> None:
        self.valkey.stop()

    def start_broker(self) -> None:
        self._again(self.valkey)

    def _again(self, server, **options):
        """On the port that everybody knows."""
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        server.process = processes.start(server.process.args, server.log, env=environment, **options)
        _await_server(server, server._answers, patience=60)


class MailServer:
    """bench/sink.py in a process of its own. It can be changed for one of another mood, at the same address."""

    def __init__(self, place: Room):
        self._place, self._child = place, None
        self.port, self.record = processes.free_port(), place.folder / f"mails-{time.monotonic_ns()}"
        self.record.touch()

    def start(self, mood: str = "fine") -> None:
        self.stop()
        arguments = ("-m", "bench.sink", self.port, self.record, mood)
        self._child = self._place.child("sink", *arguments, env=variables.system_variables())
        while processes.is_port_free(self.port):
            if self._child.poll() is not None:
                sys.exit(processes.last_lines(self._child.log))
            time.sleep(0.02)

    def stop(self) -> None:
        if self._child:
            processes.stop(self._child, signal.SIGTERM, 5)
        self._child = None

    @property
    def pid(self) -> int:
        return self._child.pid

    def empty(self) -> None:
        self.record.write_text("")

    def mails(self) -> list[dict]:
        """What it took, in order: at (seconds), to, date, id."""
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    @property
    def environment(self) -> dict[str, str]:
        return {"EMAIL_URL": f"smtp://{LOOPBACK}:{self.port}"}


@contextmanager
def open_place():
    """Sets the variables of the process that calls. It may already stand beside servers of `tests.services`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # nothing stays behind
    for name in (*DATABASE_VARIABLES, "REDIS_URL", "ENTRAIDE_TEST_SERVICES"):
        os.environ.pop(name, None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "entraide.settings"
    from tests import services

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="entraide-bench-"))
        folder.chmod(0o755)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        place = Place(stack, folder)
        os.environ |= {ADMIN_URL: place.postgres.url(), "REDIS_URL": place.valkey.url}
        os.environ |= stack.enter_context(services.services())
        services.migrate()
        yield place
