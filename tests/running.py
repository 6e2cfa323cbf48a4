"""The whole site, running as docs/operations.md starts it: gunicorn, a Celery worker, beat. Each keeps a log."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from entraide.lib import processes
from tests import services

CELERY = [sys.executable, "-m", "celery", "-A", "entraide"]


class Site:
    """`variables` are added to those of each process. Start the parts, stop them all."""

    def __init__(self, folder: Path, **variables: str):
        port = processes.free_port()
        self.folder, self.address = folder, f"http://{processes.LOOPBACK}:{port}"
        self.schedule, self.temporary, self.errors = folder / "schedule", folder / "tmp", folder / "errors"
        self.temporary.mkdir()
        own = {"SITE_URL": self.address, "TMPDIR": str(self.temporary), "ERRORS_FILE": str(self.errors)}
        self.variables = own | variables
        self.children = {}
        gunicorn = [sys.executable, "-m", "gunicorn", "entraide.wsgi", "--threads", "4", "--no-control-socket"]
        self._commands = {
            "web": ([*gunicorn, "-b", f"{processes.LOOPBACK}:{port}"], services.web_environment),
            "worker": (
                [*CELERY, "worker", "-c", "1", "--without-gossip", "--without-mingle"],
                services.worker_environment,
            ),
            "beat": ([*CELERY, "beat", "-s", self.schedule, "--pidfile="], services.beat_environment),
        }

    def start(self, *parts: str) -> None:
        for part in parts:
            command, environment = self._commands[part]
            log = self.folder / f"{part}-{len(self.logs(part)) + 1}.log"
            self.children[part] = processes.start(command, log, env=environment() | self.variables)
        if "web" in parts:
            await_site(f"{self.address}/healthz", self.logs("web")[-1])

    def logs(self, part: str) -> list[Path]:
        """One file a start."""
        return sorted(self.folder.glob(f"{part}-*.log"))

    def kill(self, part: str) -> None:
        """As a machine that loses its power."""
        processes.stop(self.children.pop(part), signal.SIGKILL, 10)

    def stop(self) -> None:
        deadline = time.monotonic() + 10
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            processes.await_end(child, deadline)


def await_site(address: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return urlopen(address, timeout=5).close()  # noqa: S310  (our own address)
        except (URLError, OSError):
            if time.monotonic() > deadline:
                pytest.fail(processes.last_lines(log))
            time.sleep(0.1)


def wait_until(question: Callable, *, within: float = 20):
    """The first answer that is not empty. Seconds."""
    deadline = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)
    return answer
