"""Whether the clocks can be trusted before anybody is written to: only the database's counts, and a jump of it would
remind everybody at once, or nobody.

The database, this machine, and what this machine counted since the worker last looked have to agree. After an outage
they do, however long it was: a clock that nobody sets has gone on. Of a machine that was started anew only the first
two are known, and that no machine looked later than now.
"""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from entraide.lib.logs import log

MOST = timedelta(minutes=5)
BOOT = Path("/proc/sys/kernel/random/boot_id")
LOOK = """
    select extract(epoch from now())::float8, max(at), extract(epoch from now() - max(at))::float8,
        max(extract(epoch from now() - at) + since_boot) filter (where boot = %s)::float8
    from meetings_workerclock
"""
FORGET = "delete from meetings_workerclock where at > now() or at < now() - interval '30 days'"
REMEMBER = """
    insert into meetings_workerclock (boot, at, since_boot) values (%s, now(), %s)
    on conflict (boot) do update set at = excluded.at, since_boot = excluded.since_boot
"""


class Disagree(Exception):
    """Nothing may be sent until they agree, or until somebody who has looked says that they are right."""


def last_look() -> datetime | None:
    """When the worker last looked, on any machine. Raises Disagree, and leaves an alarm in the log."""
    boot, since_boot = _this_start()
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [boot])
        now, last, since_last, expected = cursor.fetchone()
    apart = {"host": now - time.time(), "last": min(since_last or 0, 0), "boot": (expected or since_boot) - since_boot}
    wrong = {name: round(seconds) for name, seconds in apart.items() if abs(seconds) > MOST.total_seconds()}
    if wrong:
        log("clocks disagree, nothing is sent", logging.ERROR, **wrong)
        raise Disagree
    return last


def remember() -> None:
    """As they are now: they agree, or an operator has looked."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(REMEMBER, _this_start())


def _this_start() -> tuple[str, float]:
    return BOOT.read_text().strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
