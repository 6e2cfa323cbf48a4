"""Looking for a date: some are proposed, everybody says for themselves which ones do. Whoever arranges meetings sees
how many can, and never who. A meeting that is scheduled from a date ends the search (docs/decisions/0010).

Dates and answers are kept under the group's clock: nobody answers about a date that is being taken away.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from entraide.lib.sql import answers
from groups.confidentiality import Inside, within
from meetings.models import Availability, Can, ProposedDate

MOST_DATES = 12


class TooMany(Exception):
    """A list that nobody would fill in."""


class OtherEnd(Exception):
    """A date with this beginning is proposed, with another end. People have answered about that one."""


def dates(inside: Inside) -> list[ProposedDate]:
    return list(within(inside, ProposedDate).filter(ends_at__gt=timezone.now()).order_by("starts_at"))


def propose(inside: Inside, starts_at: datetime, ends_at: datetime) -> None:
    """Twice is once. Raises TooMany, OtherEnd. The caller holds the group's clock."""
    proposed = {date.starts_at: date for date in dates(inside)}
    if starts_at in proposed:
        if proposed[starts_at].ends_at != ends_at:
            raise OtherEnd
    elif len(proposed) >= MOST_DATES:
        raise TooMany
    else:
        ProposedDate.objects.create(group=inside.group, starts_at=starts_at, ends_at=ends_at)


def take_away(inside: Inside, proposed: UUID) -> None:
    """With what was answered about it. Twice is once."""
    within(inside, ProposedDate).filter(pk=proposed).delete()


def end_search(inside: Inside) -> None:
    """All the dates go, with what was answered about them."""
    within(inside, ProposedDate).delete()


def own_answers(inside: Inside) -> dict[UUID, str]:
    own = within(inside, Availability).filter(membership=inside.membership)
    return dict(own.values_list("proposed_date_id", "can"))


def keep(inside: Inside, said: Iterable[tuple[ProposedDate, str]]) -> int:
    """Returns how many answers are kept now."""
    rows = [
        Availability(group=inside.group, proposed_date=proposed, membership=inside.membership, can=can)
        for proposed, can in said
    ]
    unique = ["proposed_date", "membership"]
    Availability.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["can"])
    return len(rows)


def who_can(inside: Inside) -> dict[UUID, dict[str, int]]:
    """How many said what of each date; nothing for somebody who arranges no meetings."""
    found = {}
    for proposed, can, people in answers("select * from app.who_can(%s)", inside.group.pk):
        found.setdefault(proposed, dict.fromkeys(Can.values, 0))[can] = people
    return found
