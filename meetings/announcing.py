"""What the public sheet says of the meetings: the next regular one, else the next one, and the rhythm. An evening out
is announced only where there is nothing else.

Kept in four columns of the group because the directory is sorted by it. One statement, for whoever changes a meeting
and for the worker.
"""

from django.db import connection

ANNOUNCE = """
    update groups_group g set (next_starts_at, next_ends_at) = (
        select m.starts_at, m.ends_at from meetings_meeting m join meetings_series s on s.id = m.series_id
        where m.group_id = g.id and m.cancelled_at is null and m.ends_at > now()
        order by m.kind = 'social', s.rhythm = 'once', m.starts_at limit 1),
    (rhythm, rhythm_on) = (
        select coalesce(max(r.rhythm), ''), max(r.first_on) from (
            select s.rhythm, s.first_on from meetings_meeting m join meetings_series s on s.id = m.series_id
            where m.group_id = g.id and m.cancelled_at is null and m.ends_at > now() and s.rhythm != 'once'
            and m.kind != 'social'
            order by m.starts_at limit 1) r)
"""


OWN = "where g.awaiting_since is null"  # the dates of an awaiting group come from its list (listings.py)


def announce(group_id) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{ANNOUNCE} where g.id = %s", [group_id])


def announce_anew(group_ids: list) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{ANNOUNCE} {OWN} and g.id = any(%s::uuid[])", [[str(group_id) for group_id in group_ids]])


def announce_where_time_has_passed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{ANNOUNCE} {OWN} and (g.next_ends_at is null or g.next_ends_at <= now())")
