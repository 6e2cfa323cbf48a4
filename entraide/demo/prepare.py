"""`python -m entraide.demo.prepare owner|web KEYS_FOLDER`: the commands of one login, in one process.

Starting Django takes longer than most of them.
"""

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import django
from django.core.management import call_command

from entraide.demo.progress import speak_any_terminal, step


def as_owner(keys: Path) -> None:
    if not keys.exists():
        _run("Clés / keys", "make_keys", keys)
    _run("Tables / migrations", "migrate", interactive=False)


def as_web(_keys: Path) -> None:
    _run("Traductions / catalogues", "catalogues")
    _run("Fichiers statiques / static files", "collectstatic", interactive=False)
    _run("Pages d’erreur / error pages", "error_pages")
    _run("Données / demonstration data", "demo_data")


def _run(label, command, *arguments, **options):
    # the terminal sees the step, the log (standard error) what the command says
    with step(label), redirect_stdout(sys.stderr):
        call_command(command, *map(str, arguments), **options)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
    speak_any_terminal()
    django.setup()
    {"owner": as_owner, "web": as_web}[sys.argv[1]](Path(sys.argv[2]))
