"""What the worker keeps true between visits: meetings ahead, the public next date, no reply kept after its meeting."""

from django.db import connection, transaction

from entraide.lib.days import today
from meetings import recurrence
from meetings.models import Series

NEXT_MEETING = """
    update groups_group g set (next_starts_at, next_ends_at) = (
        select m.starts_at, m.ends_at from meetings_meeting m join meetings_series s on s.id = m.series_id
        where m.group_id = g.id and m.cancelled_at is null and m.ends_at > now()
        order by s.rhythm = 'once', m.starts_at limit 1)
    where g.next_ends_at is null or g.next_ends_at <= now()
"""
FORGET_REPLIES = """
    delete from meetings_rsvp r where r.meeting_id in (select m.id from meetings_meeting m where m.ends_at <= now())
"""


def run() -> None:
    due = Series.objects.defer("sealed").exclude(rhythm="once").filter(made_until__lt=today() + recurrence.AHEAD)
    for series in due:
        with transaction.atomic():
            recurrence.look_ahead(series)
            series.save(update_fields=["made_until"])
    with connection.cursor() as cursor:
        cursor.execute(NEXT_MEETING)
        cursor.execute(FORGET_REPLIES)
