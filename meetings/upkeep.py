"""What the worker keeps true between visits: meetings ahead, public dates, nothing kept longer than promised."""

from logging import ERROR

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from entraide.lib.days import today
from entraide.lib.logs import log
from entraide.lib.rhythm import Rhythm
from meetings import listings, recurrence, zone_data
from meetings.announcing import announce_where_time_has_passed
from meetings.models import Series

AT_A_TIME = 500  # series that one transaction holds
FORGET = (
    "delete from meetings_rsvp r where r.meeting_id in (select m.id from meetings_meeting m where m.ends_at <= now())",
    "delete from meetings_hosting h where h.meeting_id in"
    " (select m.id from meetings_meeting m where m.ends_at <= now())",
    # a round that nobody closed; people may sit on for a while after the hour
    "delete from meetings_round r where r.meeting_id in"
    " (select m.id from meetings_meeting m where m.ends_at <= now() - interval '2 hours')",
    "delete from meetings_proposeddate where ends_at <= now()",
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
    for look_ahead in (make_meetings_ahead, zone_data.derive_anew):
        try:
            look_ahead()
        except DatabaseError as trouble:  # the rest is done all the same
            log("the meetings ahead are not as they should be", ERROR, reason=type(trouble).__name__)
    with connection.cursor() as cursor:
        for forget in FORGET:
            cursor.execute(forget)
    announce_where_time_has_passed()
    listings.renew()


def make_meetings_ahead() -> int:
    """For any number of groups in three statements for every AT_A_TIME series; twice is once. A series that somebody
    is changing at this moment is left to the next run. Returns how many meetings were made."""
    made = 0
    while True:
        with transaction.atomic():
            due = list(_short_of_meetings().select_for_update(skip_locked=True, no_key=True)[:AT_A_TIME])
            made += recurrence.make_ahead(due)
        if len(due) < AT_A_TIME:
            return made


def _short_of_meetings():
    goes_on = Q(until=None) | Q(until__gt=F("made_until"))
    series = Series.objects.defer("sealed").exclude(rhythm=Rhythm.ONCE).filter(goes_on)
    return series.filter(made_until__lt=today() + recurrence.AHEAD).order_by("pk")
