"""Meetings of 1,000 groups made ahead for 26 weeks, in one run of the daily task, with the worker's login.

    python -m tests.services python -m bench.meetings [GROUPS]

Invented groups, from a fixed seed: one weekly series each, in five zones, begun up to three years ago. The second run
finds nothing to make; the third one is that of the next day. At the end the instants are derived anew from the wall
times: where they are right already, and where the clocks of one zone have moved.
"""

import io
import os
import random
import subprocess
import sys
import uuid
from datetime import date, timedelta

from tests import services

GROUPS = 1_000
ZONES = ["America/Toronto"] * 4 + ["Europe/Paris", "America/St_Johns", "Europe/Brussels", "America/Vancouver"]
GROUP = (
    "id slug name for_whom lived_experience description language format city zone access size_min size_max opened_on"
    " joining charter_additions rhythm is_full"
).split()
SERIES = "id group_id format kind zone version rhythm first_on starts minutes picked skipped made_until sealed".split()
RUNS = """
import sys, time, django
django.setup()
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from datetime import timedelta
from meetings import upkeep, zone_data
make, derive = upkeep.make_meetings_ahead, zone_data.derive_anew
runs = [("first run", 0, make), ("again", 0, make), ("the next day", 1, make), ("derived anew", 0, derive)]
for name, days, work in [("clocks moved", 0, derive)] if sys.argv[1:] else runs:
    with time_machine.travel(timezone.now() + timedelta(days=days)), CaptureQueriesContext(connection) as queries:
        started = time.perf_counter(), time.process_time()
        made = work()
        took, own = time.perf_counter() - started[0], time.process_time() - started[1]
    asked = sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in queries)
    print(f"{name:13} {made:6} meetings   {took:6.2f} s   of the process alone {own:5.2f} s   {asked} statements")
"""
CLOCKS_MOVE = """
    update meetings_meeting set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour',
        day_before_at = day_before_at + interval '1 hour' where zone = 'Europe/Paris' and starts_at > now()
"""


def rows(count):
    chance, today = random.Random(7), date.today()  # noqa: DTZ011, S311
    for number in range(count):
        group, zone = uuid.UUID(int=chance.getrandbits(128)), chance.choice(ZONES)
        first_on = today - timedelta(days=chance.randrange(1100))
        sheet = [
            group,
            f"groupe-{number}",
            f"Le cercle {number}",
            "Pour nous",
            "grief",
            "Nous parlons.",
            "fr",
            "online",
        ]
        yield (
            [*sheet, "", zone, "{}", 4, 12, today, "open", "{}", "", False],
            [
                *(uuid.UUID(int=chance.getrandbits(128)), group, "online", "regular", zone, 1, "weekly", first_on),
                *(f"{chance.randrange(9, 21)}:30", 90, "{}", "{}", today, "\\\\x00"),
            ],
        )


def copy(cursor, table, columns, lines):
    text = io.StringIO("".join("\t".join(map(str, line)) + "\n" for line in lines))
    cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", text)


def main(groups=GROUPS):
    services.migrate()
    sheets, series = zip(*rows(groups), strict=True)
    with services.superuser() as cursor:
        cursor.execute("alter role entraide_worker set log_statement = 'none'")
        copy(cursor, "groups_group", GROUP, sheets)
        copy(cursor, "meetings_series", SERIES, series)
        cursor.execute("analyze")
    environment = services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
    run = [sys.executable, "-c", RUNS]
    subprocess.run(run, env=os.environ | environment, check=True)
    with services.superuser() as cursor:
        cursor.execute(CLOCKS_MOVE)
    subprocess.run([*run, "moved"], env=os.environ | environment, check=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
