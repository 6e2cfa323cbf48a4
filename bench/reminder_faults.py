"""Reminders while everything around them breaks: what was lost, sent twice, sent late, sent to somebody wrong.

    python -m bench.reminder_faults [--minutes 10] [--members 150] [--only WORD ...]

Real servers of its own (PostgreSQL that writes to the disk, Valkey, a mail server that notes each mail and its moment)
and real worker processes. Nothing in the site knows of these drills: bench/dying.py says where it wraps a worker that
dies. The judge (bench/entitled.py) compares what arrived with who was to be told of what at that moment. Rows that the
ledger itself calls in doubt are counted apart.
"""

import argparse
import os
import platform
import sys
import time
from datetime import UTC, datetime

from bench import place as places

HEADS = "entitled arrived lost in_doubt duplicated most_copies late wrong".split()


def say(words=""):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    given = arguments()
    with places.open_place() as place:
        import django

        django.setup()
        from bench import drills, drills_of_people
        from groups import vault

        vault.refuse_wrong_keys()
        table(given)
        bad = 0
        for drill in (*drills.every(place, given), *drills_of_people.every(place, given)):
            if given.only and not any(word in drill.name for word in given.only):
                continue
            begun = time.monotonic()
            verdict, note = drill.run()
            bad += not verdict.is_good(drill.most_copies)
            say(line(drill, verdict, f"{time.monotonic() - begun:.0f} s; {note}"))
    say("all as wanted" if not bad else f"NOT AS WANTED: {bad}")
    return 1 if bad else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="of three workers, two beats and cron at once")
    parser.add_argument("--members", type=int, default=150, help="reminders in each drill (four hundred in the last)")
    parser.add_argument("--only", nargs="*", help="drills with one of these words in their name")
    return parser.parse_args()


def table(given):
    now = datetime.now(UTC)
    say(f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, Python {platform.python_version()}")
    say(f"{'':52}" + "".join(f"{head.replace('_', ' '):>12}" for head in HEADS) + f"{'slowest s':>11}")


def line(drill, verdict, note):
    numbers = "".join(f"{getattr(verdict, head):>12}" for head in HEADS)
    mark = "  " if verdict.is_good(drill.most_copies) else "! "
    return f"{mark}{drill.name:50}{numbers}{verdict.slowest:>11.1f}   {note}"


if __name__ == "__main__":
    sys.exit(main())
