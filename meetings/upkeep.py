"""What the worker keeps true between visits: meetings ahead, public dates, nothing kept longer than promised."""

from logging import ERROR

from django.db import DatabaseError, connection, transaction

from entraide.lib.days import today
from entraide.lib.logs import log
from meetings import listings, recurrence
from meetings.announcing import announce_where_time_has_passed
from meetings.models import Series

FORGET = (
    "delete from meetings_rsvp r where r.meeting_id in (select m.id from meetings_meeting m where m.ends_at <= now())",
    # the ledger would in time become a record of who belongs where
    "delete from meetings_reminder where starts_at < now() - interval '30 days'",
    # who proposed a group that was not kept (groups/migrations/0009)
    "select app.forget_declined()",
    "delete from members_session where expire_date < now()",
    "select app.pass_places_on()",  # to the next in line, when one was held for seven days; requests go after thirty
    "select app.end_closed_groups()",
    "select app.end_stories()",  # whose author gave them an end (groups/migrations/0013)
    "select app.erase_drafts()",  # untouched for thirty days
)


def run() -> None:
    due = Series.objects.defer("sealed").exclude(rhythm="once").filter(made_until__lt=today() + recurrence.AHEAD)
    for series in due:
        try:
            with transaction.atomic():
                recurrence.look_ahead(series)
                series.save(update_fields=["made_until"])
        except DatabaseError as trouble:  # its group has just closed, for one
            log("no meetings were made ahead", ERROR, reason=type(trouble).__name__)
    with connection.cursor() as cursor:
        for forget in FORGET:
            cursor.execute(forget)
    announce_where_time_has_passed()
    listings.renew()
