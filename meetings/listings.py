"""The next meeting of groups that a public list names: they have no series here, only weekdays and an hour.

It stands in the same two columns as that of other groups (announcing.py), so that the directory sorts them together.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from groups.models import Group, Listing
from meetings.recurrence import instant

AT_A_TIME = 2000  # what one tick renews: after a long pause the next ones go on

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


def hold_listings() -> None:
    """Until this transaction ends, nobody else writes sheets that come from lists."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('listings'))")


@transaction.atomic
def renew() -> None:
    hold_listings()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(STEP_ASIDE)
    over = Listing.objects.filter(group__awaiting_since__isnull=False, group__next_ends_at__lte=now)
    rows = over.values_list("group_id", "weekdays", "starts", "minutes", "group__zone")[:AT_A_TIME]
    groups = [_renewed(pk, *next_meeting(*rhythm, now)) for pk, *rhythm in rows]
    Group.objects.bulk_update(groups, ["next_starts_at", "next_ends_at"], batch_size=200)


def _renewed(pk, starts_at, ends_at):
    return Group(pk=pk, next_starts_at=starts_at, next_ends_at=ends_at)
