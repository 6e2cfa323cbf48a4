"""The demonstration itself, on a state folder of its own: it starts, serves, refuses a twin, stops, keeps its
data, and ends with a reason when one of its parts dies. What it shows is the matter of the journeys.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import pytest

from entraide.demo.installation import CHECKOUT, Installation, read_values
from entraide.demo.variables import system_variables
from entraide.lib.processes import LOOPBACK, free_port

pytestmark = pytest.mark.demo

STOP_WITHIN, SECOND_START_WITHIN = 10, 10  # seconds


@dataclass
class Demonstration:
    folder: Path
    port: int
    process: subprocess.Popen

    def serves(self):
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def await_welcome(self):
        """Read to the last line of the welcome; return everything said, and the seconds that it took."""
        begun, said = time.monotonic(), ""
        while "bin/demo --reset starts afresh" not in said:
            line = self.process.stdout.readline()
            assert line, f"it ended before it served:\n{said}"
            said += line
        return said, time.monotonic() - begun

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, name):
        return next(child for child in self.family() if name in child.cmdline())

    def stop(self):
        """Ask it to stop; return its last words, the seconds that it took, and who is left."""
        begun, family = time.monotonic(), self.family()
        self.process.send_signal(signal.SIGTERM)
        last_words = self.process.communicate(timeout=60)[0]
        return last_words, time.monotonic() - begun, alive(family)

    def broken_promises(self):
        """As `check_promises` finds them with the variables of each process."""
        broken = set()
        for name in ("web", "worker"):
            environment = system_variables() | {"ENTRAIDE_ENV_FILE": str(self.folder / f"{name}.env")}
            command = [sys.executable, "manage.py", "check_promises"]
            said = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True).stdout
            assert " kept, " in said, said
            broken |= {line.split("BROKEN  ")[1].split(" -- ")[0] for line in said.splitlines() if "BROKEN" in line}
        return broken

    def newest_table(self):
        """When the last migration ran."""
        connection = psycopg2.connect(read_values(self.folder / "env")["DATABASE_OWNER_URL"])
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("select max(applied) from django_migrations")
            return cursor.fetchone()[0]


def crowd():
    """More than 1 where this computer has more to do than it has processors: everything then takes longer."""
    return max(1, os.getloadavg()[0] / os.cpu_count())


def alive(processes):
    """A dead process that nobody has waited for yet is no process."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def start_demonstration(folder, port):
    process = subprocess.Popen(
        [sys.executable, "-m", "entraide.demo", "--port", str(port)],
        cwd=CHECKOUT,
        env=system_variables() | {"ENTRAIDE_STATE": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Demonstration(folder, port, process)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One state folder for all: the tests below are its life in order."""
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    Installation(folder).reset()


@pytest.fixture
def demonstration(folder):
    demonstration = start_demonstration(folder, free_port())
    yield demonstration
    if demonstration.process.poll() is None:
        demonstration.stop()


def test_first_start_serves_refuses_a_twin_and_stops_without_a_trace(demonstration):
    said, _ = demonstration.await_welcome()
    twin = start_demonstration(demonstration.folder, free_port())
    twin_said, _ = twin.process.communicate(timeout=60)

    served = demonstration.serves()
    backup = {path.suffixes[0] for path in (demonstration.folder / "backups").glob("*.age")}
    broken = demonstration.broken_promises()
    last_words, seconds, left = demonstration.stop()

    assert f"http://127.0.0.1:{demonstration.port}/demo/inbox/" in said
    assert served
    assert backup == {".content", ".keys"}
    assert not broken
    assert twin.process.returncode == 1
    assert "already running" in twin_said
    assert demonstration.process.returncode == 0, last_words
    assert seconds < STOP_WITHIN
    assert left == []
    assert not demonstration.serves()


def test_second_start_is_quick_and_keeps_the_data_until_a_part_dies(demonstration):
    begun = datetime.now(UTC)

    _, seconds = demonstration.await_welcome()
    newest_table, family = demonstration.newest_table(), demonstration.family()
    demonstration.part("worker").kill()
    last_words = demonstration.process.communicate(timeout=60)[0]

    assert seconds < SECOND_START_WITHIN * crowd()
    assert newest_table < begun
    assert demonstration.process.returncode == 1
    assert "worker (signal SIGKILL)" in last_words
    assert alive(family) == []
