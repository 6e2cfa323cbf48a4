"""Governments move clocks, and the zone data of this machine follow. A meeting stays at its wall time, so the instants
of those to come are derived anew; what has begun stays as it was. Nobody is told: on the clock nothing has changed.
"""

from django.db import connection, transaction

from entraide.lib.sql import answers
from meetings.announcing import announce_anew
from meetings.recurrence import start_and_day_before

WALLS = "select distinct zone, wall_on, wall_starts from meetings_meeting where starts_at > now()"
ARRAYS = "%s::text[], %s::date[], %s::time[], %s::timestamptz[], %s::timestamptz[]"


@transaction.atomic
def derive_anew() -> int:
    """In three statements for any number of meetings; twice is once. A meeting that somebody is changing at this moment
    is left to the next run. Returns how many were at another instant."""
    walls = answers(WALLS)
    derived = [(zone, on, at, *start_and_day_before(on, at, zone)) for zone, on, at in walls]
    if not derived:
        return 0
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*derived, strict=True)]
        cursor.execute(f"select app.derive_meetings({ARRAYS})", columns)
        changed = [group_id for (group_id,) in cursor.fetchall()]
    announce_anew(list(set(changed)))
    return len(changed)
