"""The next meeting of groups that a public list names: they have no series here, only weekdays and an hour.

It stands in the same two columns as that of other groups (announcing.py), so that the directory sorts them together.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from entraide.lib.sql import answer
from groups.models import Group, Listing
from meetings.recurrence import instant

NEXT = ("next_starts_at", "next_ends_at")  # of Group: what is public of its next meeting
AT_A_TIME = 2000  # what one tick renews: after a long pause the next ones go on

# A group that has closed leaves its row to others: the next import lists it anew.
GIVE_BACK = """
    update groups_listing l set taken_up_by_id = null from groups_group made
    where made.id = l.taken_up_by_id and made.keys_end_on is not null
"""
# Since people have entered the group that was made of it, the sheet of the list is one too many.
STEP_ASIDE = """
    update groups_group g set awaiting_since = null
    from groups_listing l join groups_group made on made.id = l.taken_up_by_id
    where g.id = l.group_id and g.awaiting_since is not null and made.opened_on is not null
"""


def next_meeting(
    weekdays: list[int], starts: time | None, minutes: int, zone: str, now: datetime
) -> tuple[datetime, datetime] | tuple[None, None]:
    """Start and end of the first one that is not over; nothing for a group that meets by appointment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for days in range(-1, 8):  # from yesterday on: a meeting may last past midnight
        on = today + timedelta(days=days)
        if on.weekday() in weekdays:
            starts_at = instant(on, starts, zone)
            ends_at = starts_at + timedelta(minutes=minutes)
            if ends_at > now:
                return starts_at, ends_at
    return None, None


def tell_next_meeting(group: Group, weekdays: list[int], starts: time | None, minutes: int, now: datetime) -> None:
    """Into the columns NEXT, on the group's own clock."""
    group.next_starts_at, group.next_ends_at = next_meeting(weekdays, starts, minutes, group.zone, now)


def hold_listings() -> None:
    """Until this transaction ends, nobody else writes sheets that come from lists."""
    answer("select pg_advisory_xact_lock(hashtext('listings'))")


@transaction.atomic
def renew() -> None:
    hold_listings()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK)
        cursor.execute(STEP_ASIDE)
    over = Listing.objects.filter(group__awaiting_since__isnull=False, group__next_ends_at__lte=now)
    groups = []
    for pk, zone, *rhythm in over.values_list("group", "group__zone", "weekdays", "starts", "minutes")[:AT_A_TIME]:
        groups.append(Group(pk=pk, zone=zone))
        tell_next_meeting(groups[-1], *rhythm, now)
    Group.objects.bulk_update(groups, NEXT, batch_size=200)
