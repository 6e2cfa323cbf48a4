"""Public lists of meetings, and bringing them in as the person who runs the site does: `manage.py` in a process of its
own, as PostgreSQL's superuser."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

from entraide.demo.installation import CHECKOUT
from tests import services
from tests.makers import as_superuser

# Invented, with every oddity of the real lists: two programs' ways of writing rows, mistakes included.
ODD = Path(__file__).parent / "data" / "meeting-list.json"


LISTEN = """
import io, json, sys, django
django.setup()
from django.core.management import CommandError, call_command
for line in sys.stdin:
    said = io.StringIO()
    try:
        call_command("import_meetings", *json.loads(line), stdout=said)
    except CommandError as error:
        said.write(f"CommandError: {error}")
    print(json.dumps(said.getvalue()), flush=True)
"""


def odd_rows() -> list[dict]:
    return json.loads(ODD.read_text())


def row(slug="soir", **fields) -> dict:
    """A row that can be read."""
    place = {"formatted_address": "12 Main St, Boston, MA 02110, USA", "attendance_option": "in_person"}
    return {"name": "Le soir", "slug": slug, "day": 1, "time": "19:00", "types": ["O"], **place, **fields}


def start(path, *options, stdout=subprocess.PIPE, **environment) -> subprocess.Popen:
    words = [sys.executable, "-u", "manage.py", "import_meetings", str(path), *options]
    environment = services.admin_environment() | environment
    pipes = {"stdout": stdout, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(words, cwd=CHECKOUT, env=environment, preexec_fn=_hear_interrupts, **pipes)


def _hear_interrupts():
    """A shell's background job, as these tests may be, hands on to its children that they are to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def list_one(name: str, **fields) -> None:
    """A group that awaits its people: committed, so whoever calls empties the tables afterwards."""
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([row(name=name, types=["FR", "O"], url="https://lists.example.org/meetings/6", **fields)], file)
        file.flush()
        running = start(file.name, "--source", "Les rencontres du port", "--for-whom", "Pour les proches.")
        said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said


class Importer:
    """The same command in a process that stays: a start takes seconds."""

    def __init__(self):
        environment = services.admin_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTEN], cwd=CHECKOUT, env=environment, text=True, **pipes
        )

    def __call__(self, path, *options) -> list[str]:
        """What it said, line by line."""
        self.process.stdin.write(json.dumps([str(path), *options]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline()).splitlines()

    def end(self):
        self.process.communicate()
        assert self.process.returncode == 0


def groups_kept():
    return as_superuser("select count(*) from groups_group")[0][0]


def counts(said):
    """{what: how many} of the last lines."""
    lines = (re.fullmatch(r"(\w+(?: up)?) +(\d+)(?:: .*)?", line) for line in said)
    return {found[1]: int(found[2]) for found in lines if found}
