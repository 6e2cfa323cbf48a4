"""A list becomes sheets of groups that await a first person. Run as PostgreSQL's superuser (ENTRAIDE_ROLE=admin): the
row policies let nobody else write what everybody reads.

One row of the list is one group, told from the others by the name of its list and its slug there. Each batch is a
transaction: stopped anywhere and run again, the import goes on, and what has not changed is not touched.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from entraide.lib.days import today
from groups.founding import SHEET
from groups.models import Group, Listing
from meetings.guide.fields import Unreadable, shown
from meetings.guide.lists import rows_of
from meetings.guide.row import Given, Row, read
from meetings.listings import NEXT, hold_listings, tell_next_meeting

BATCH = 500
FATES = ("new", "updated", "unchanged", "taken up")  # the last: people of this site have made a group of it
OF_A_LISTING = ("url", "weekdays", "starts", "minutes")
OF_A_GROUP = (*SHEET, "rhythm", "rhythm_on", *NEXT, "latitude", "longitude", "awaiting_since")


@dataclass
class Told:
    """Whom to tell while an import runs: of a refused row (its number, its slug, why); of how far it is."""

    refused: Callable[[int, str, Unreadable], None]
    done: Callable[[int, int], None]


@dataclass
class Count:
    read: int = 0
    refused: Counter = field(default_factory=Counter)
    kept: Counter = field(default_factory=Counter)  # by fate
    numbers: dict[str, int] = field(default_factory=dict)  # of the row of each slug
    gone: int = 0  # no longer in the list, or no longer readable


def bring_in(path: Path, given: Given, told: Told, *, withdraw: bool = False) -> Count:
    """Raises NotAList; before anything is changed, unless the file changes meanwhile."""
    count, total = Count(), sum(1 for _ in rows_of(path))
    rows = enumerate(rows_of(path), 1)
    while batch := list(islice(rows, BATCH)):
        readable = [row for number, raw in batch if (row := _read(number, raw, given, count, told))]
        count.kept += _keep(readable, given.source)
        count.read += len(batch)
        told.done(count.read, total)
    count.gone = _missing(given.source, count.numbers, withdraw)
    return count


def _read(number, raw, given, count, told):
    try:
        row = read(raw, given)
        if row.slug in count.numbers:
            raise Unreadable("its slug stands in the list before", f"row {count.numbers[row.slug]}")
    except Unreadable as error:
        count.refused[error.reason] += 1
        told.refused(number, shown(raw["slug"]) if isinstance(raw, dict) and "slug" in raw else "none", error)
        return None
    count.numbers[row.slug] = number
    return row


@transaction.atomic
def _keep(rows: list[Row], source: str) -> Counter:
    hold_listings()
    known = Listing.objects.filter(source=source, source_slug__in=[row.slug for row in rows]).select_related("group")
    known = {listing.source_slug: listing for listing in known}
    fates = {fate: [] for fate in FATES}
    for row in rows:
        listing = known.get(row.slug)
        fates[_fate(listing, row)].append((row, listing))
    changed = [_brought_up_to_date(row, listing) for row, listing in fates["updated"]]
    _save([_made(row, source) for row, _ in fates["new"]], changed)
    return Counter({fate: len(of_it) for fate, of_it in fates.items()})


def _fate(listing, row):
    if listing is None:
        return "new"
    if listing.taken_up_by_id or listing.group.opened_on:
        return "taken up"  # their group is theirs, whatever the list says
    same = all(getattr(listing.group, name) == value for name, value in row.sheet.items())
    same = same and all(getattr(listing, name) == getattr(row, name) for name in OF_A_LISTING)
    return "unchanged" if same and listing.group.awaiting_since else "updated"


def _made(row, source):
    return _brought_up_to_date(row, Listing(group=Group(pk=uuid4()), source=source, source_slug=row.slug))


def _brought_up_to_date(row, listing):
    group = listing.group
    for name, value in row.sheet.items():
        setattr(group, name, value)
    group.locate()
    for name in OF_A_LISTING:
        setattr(listing, name, getattr(row, name))
    tell_next_meeting(group, row.weekdays, row.starts, row.minutes, timezone.now())
    group.awaiting_since = group.awaiting_since or today()
    return listing


def _save(new, changed):
    slugs = Group.objects.free_slugs([listing.group for listing in new])
    for listing in new:
        listing.group.slug = slugs[listing.group.pk]
    listings = new + changed
    _upsert(Group, [listing.group for listing in listings], "id", OF_A_GROUP)
    _upsert(Listing, listings, "group", OF_A_LISTING)


def _upsert(model, rows, key, columns):
    """What is there already changes in these columns only: who took a listing up is said by others meanwhile."""
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=[key], update_fields=columns)


@transaction.atomic
def _missing(source, numbers, withdraw):
    hold_listings()
    listed = Listing.objects.filter(source=source, group__awaiting_since__isnull=False, taken_up_by=None)
    gone = [pk for pk, slug in listed.values_list("pk", "source_slug").iterator() if slug not in numbers]
    for start in range(0, len(gone) if withdraw else 0, BATCH):
        Group.objects.filter(pk__in=gone[start : start + BATCH]).update(awaiting_since=None)
    return len(gone)
