"""Invented groups of ten with one meeting each, and their memberships with addresses really sealed for the worker.

A process seals its share, 170 us each, and copies it past triggers and policies:

    python -m bench.reminder_seed START STOP

The rows are invented from their number, so that two shares never meet.
"""

import io
import json
import os
import subprocess
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg2

ZONE = "America/Toronto"
EACH = 10  # memberships of a group
MEETING = "id group_id series_id planned_on format kind zone version sealed".split()
MEMBERSHIP = (
    "id group_id member_tag name_mark sealed_name sealed_address day_before two_hours changes stop_hash"
    " entered_at asked_on"
).split()
SHARE = 20_000
MOVE = """
    update meetings_meeting set starts_at = {0}, ends_at = {0} + interval '90 minutes',
        day_before_at = {0} - interval '1 day'
"""


def key(kind: int, number: int) -> uuid.UUID:
    """Scattered as random ids are, and found again by their number."""
    return uuid.uuid5(uuid.UUID(int=kind), str(number))


def memberships(numbers, start):
    from groups import own_keys, vault

    for number in numbers:
        pk, noise = key(1, number), os.urandom(64)
        stop = own_keys.stop_token(pk)
        to = {"address": f"m{number}@people.example", "language": "fr" if number % 2 else "en"}
        to |= {"zone": ZONE, "quiet": False, "stop": stop}
        sealed = vault.seal_address(pk, to)
        tag, mark, name, stop_hash = noise[:32].hex(), noise[:32], noise * 5, own_keys.stop_hash(stop)
        bytes_of = map(_bytes, (mark, name, sealed))
        yield pk, key(2, number // EACH), tag, *bytes_of, "f", "t", "t", _bytes(stop_hash), 1, "2026-11-01"


def _bytes(value):
    return f"\\\\x{value.hex()}"


def copy(cursor, table, columns, rows):
    text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", text)


def past_triggers():
    """A connection of the superuser for whom neither triggers nor keys of other tables count."""
    from tests import services

    url = os.environ["DATABASE_ADMIN_URL"]
    line = psycopg2.connect(url.rpartition("/")[0] + f"/{services.DATABASE}")
    with line.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
    line.commit()
    return line


def seed_share(start: int, stop: int) -> None:
    import django

    django.setup()
    with closing(past_triggers()) as line:
        for begin in range(start, stop, SHARE):
            with line, line.cursor() as cursor:
                numbers = range(begin, min(begin + SHARE, stop))
                copy(cursor, "groups_membership", MEMBERSHIP, memberships(numbers, start))


def seed(count: int) -> None:
    """In as many processes as there are processors."""
    from tests import services

    _groups(count // EACH)
    shares = os.cpu_count()
    environment = os.environ | services.web_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
    bounds = [count * number // shares // EACH * EACH for number in range(shares)] + [count]
    running = [
        subprocess.Popen([sys.executable, "-m", "bench.reminder_seed", str(start), str(stop)], env=environment)
        for start, stop in pairwise(bounds)
    ]
    ends = [child.wait() for child in running]
    if any(ends):
        sys.exit("seeding failed")
    with closing(past_triggers()) as line:
        line.autocommit = True
        line.cursor().execute("vacuum analyze")


def _groups(count):
    from bench.meetings import GROUP, SERIES, rows
    from tests import makers

    made = [
        ([key(2, number), *sheet[1:]], [key(3, number), key(2, number), *series[2:]])
        for number, (sheet, series) in enumerate(rows(count))
    ]
    start = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0)
    times = makers.times_of(start, zone=ZONE)
    with closing(past_triggers()) as line, line, line.cursor() as cursor:
        copy(cursor, "groups_group", GROUP, [sheet for sheet, _ in made])
        copy(cursor, "meetings_series", SERIES, [series for _, series in made])
        rest = (start.date(), "online", "regular", ZONE, 1, "\\N", *times.values())
        meetings = [(*(key(kind, number) for kind in (4, 2, 3)), *rest) for number in range(count)]
        copy(cursor, "meetings_meeting", [*MEETING, *times], meetings)


def make_due(memberships: int, minutes_from_now: float = 0) -> None:
    """The meetings of the first so many memberships start in two hours, in the same minute; all others in 20 days."""
    with closing(past_triggers()) as line, line, line.cursor() as cursor:
        cursor.execute("truncate meetings_reminder, meetings_wave")
        cursor.execute(
            "select date_trunc('second', now()) + interval '2 hours' + make_interval(secs => %s)",
            [60 * minutes_from_now],
        )
        start = cursor.fetchone()[0]
        cursor.execute("create temp table due (id uuid primary key) on commit drop")
        copy(cursor, "due", ["id"], [(key(4, number),) for number in range(memberships // EACH)])
        cursor.execute(MOVE.format("now() + interval '20 days'") + " where starts_at < now() + interval '10 days'")
        cursor.execute(MOVE.format("%(at)s") + " where id in (select id from due)", {"at": start})
    with closing(past_triggers()) as line:
        line.autocommit = True
        line.cursor().execute("vacuum analyze meetings_meeting, meetings_reminder, meetings_wave")


def make_visitor() -> dict:
    """Somebody with a group, a meeting and a session, whose pages are visited: their cookie and their group."""
    from django.conf import settings
    from django.test import Client

    from tests import makers

    member = makers.make_member("visitor")
    group = makers.make_group(member, "Bouleau")
    makers.make_series(member, group)
    client = Client()
    makers.sign_in(client, member)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "gid": str(group.pk)}


if __name__ == "__main__":
    if sys.argv[1] == "visitor":
        import django

        django.setup()
        sys.stdout.write(json.dumps(make_visitor()))
    else:
        seed_share(*map(int, sys.argv[1:]))
