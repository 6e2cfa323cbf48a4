"""The journal of what went: kept as a file beside the archives, and replayed after a restore of an older one.

An id in it names a row that is nowhere any more. Only beside an older archive, opened, does it tell that this row went.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from entraide.lib.archives import KEEP
from entraide.lib.days import today
from entraide.lib.sql import answer
from groups import own_keys, telling, vault
from groups.models import (
    Decision,
    Group,
    GroupKey,
    JournalEntry,
    Membership,
    Note,
    Notebook,
    Proposal,
    ShelfStep,
    SmallStep,
    Story,
)
from groups.models.decision import STANDING
from members.models import Member

FILE = "journal.jsonl"
# Entries bear the first day of their month, so that two of one person do not stand out by their day. This is longer
# than a month and the time that any archive is kept, so that a restore on the last day still finds every entry.
REACH = 3 * KEEP
Kind = JournalEntry.Kind


class Unreadable(Exception):
    """The file is missing or not a whole journal; the text says so."""


@dataclass(frozen=True)
class Journal:
    written_at: datetime
    entries: list[JournalEntry]


# --- The file ------------------------------------------------------------------------------------------------------


def keep(folder: Path) -> int:
    """Write the whole journal into this folder. Returns the number of entries. Raises Unreadable and OSError.

    What the file holds already stays until its time: after a disaster the database may be a new one, and the file all
    that is left.
    """
    JournalEntry.objects.filter(gone_on__lt=today() - REACH).delete()
    file, known = folder / FILE, {}
    if file.exists():
        known = {entry.pk: entry for entry in read(file).entries if entry.gone_on >= today() - REACH}
    known |= {entry.pk: entry for entry in JournalEntry.objects.all()}
    # by id: an order of time would tell who went together
    _write(file, [known[pk] for pk in sorted(known)])
    return len(known)


def read(file: Path) -> Journal:
    try:
        first, *rest = [json.loads(line) for line in file.read_text().splitlines()]
        entries = [_entry(**line) for line in rest]
        journal = Journal(datetime.fromisoformat(first["written_at"]), entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{file}: no journal can be read there ({type(error).__name__}).") from None
    if len(entries) != first.get("entries"):
        raise Unreadable(f"{file} is cut short: {len(entries)} entries of {first.get('entries')}.")
    return journal


def _entry(*, id, kind, gone_on):
    return JournalEntry(pk=UUID(id), kind=Kind(kind), gone_on=date.fromisoformat(gone_on))


def _write(file, entries):
    lines = [{"written_at": timezone.now().isoformat(), "entries": len(entries)}]
    lines += [{"id": str(entry.pk), "kind": entry.kind, "gone_on": entry.gone_on.isoformat()} for entry in entries]
    descriptor, fresh = mkstemp(dir=file.parent, prefix=".journal-")  # two workers may write at the same moment
    with open(descriptor, "w") as output:
        output.writelines(f"{json.dumps(line)}\n" for line in lines)
        output.flush()
        os.fsync(output.fileno())
    os.replace(fresh, file)  # never half a journal


# --- The replay ----------------------------------------------------------------------------------------------------


def replay(entries: list[JournalEntry]) -> Counter:
    """Let go again what had gone. Returns how many rows of which kind were there to go.

    Runs after a restore, past the row policies, in its transaction.
    """
    JournalEntry.objects.bulk_create(entries)
    gone = {kind: [entry.pk for entry in entries if entry.kind == kind] for kind in Kind}
    replayed = Counter()
    replayed["withdrawn stories"] = _delete(Story.objects.filter(pk__in=gone[Kind.STORY]))
    replayed["steps taken from a shelf"] = _delete(ShelfStep.objects.filter(pk__in=gone[Kind.SHELF]))
    departed = Membership.objects.filter(pk__in=gone[Kind.MEMBERSHIP])
    replayed["stories left behind"] = _leave_behind(Story.objects.filter(author__in=departed))
    replayed["departed memberships"] = _delete(departed)  # whose last member went is closed by this
    replayed["closed groups"] = _close(Group.objects.filter(pk__in=gone[Kind.CLOSED], keys_end_on=None))
    replayed["ended groups"] = _delete(Group.objects.filter(pk__in=gone[Kind.GROUP]))
    replayed["erased members"] = _delete(Member.objects.filter(pk__in=gone[Kind.MEMBER]))
    replayed["proposals of erased members"] = _forget_proposals(gone[Kind.MEMBER])
    tags = [own_keys.notebook_tag(pk) for pk in gone[Kind.MEMBER]]
    replayed["notebooks of erased members"] = _delete(Notebook.objects.filter(person_tag__in=tags))
    replayed["erased notes"] = _delete(Note.objects.filter(pk__in=gone[Kind.NOTE]))
    replayed["erased small steps"] = _delete(SmallStep.objects.filter(pk__in=gone[Kind.NOTE]))
    replayed["reminders turned off"] = _turn_off(Membership.objects.filter(pk__in=gone[Kind.REMINDERS]))
    replayed["decisions begun anew"] = _begin_anew(Decision.objects.filter(outcome__in=STANDING))
    return replayed


def _begin_anew(decisions: QuerySet[Decision]) -> int:
    """Nobody knows who objected since: silence is no consent before everybody has had their days again."""
    rows = list(decisions)
    for row in rows:
        row.opened_on, row.closes_on = today(), today() + timedelta(days=row.days)
    Decision.objects.bulk_update(rows, ["opened_on", "closes_on"])
    return len(rows)


def _turn_off(memberships: QuerySet[Membership]) -> int:
    told = memberships.exclude(day_before=False, two_hours=False, changes=False)
    return told.update(day_before=False, two_hours=False, changes=False)


def _delete(queryset: QuerySet) -> int:
    """Rows of this kind; what hangs on them goes too."""
    return queryset.delete()[1].get(queryset.model._meta.label, 0)


def _close(groups: QuerySet[Group]) -> int:
    """Their members have thirty days again, from today."""
    open_ones = list(groups)
    for group in open_ones:
        answer("select app.close_group(%s)", group.pk)
    return len(open_ones)


def _forget_proposals(member_ids) -> int:
    """Of those that staff have not accepted; an accepted one only forgets whose it was."""
    proposed = Proposal.objects.filter(proposer_tag__in=[vault.proposer_tag(pk) for pk in member_ids])
    count = _delete(proposed.filter(accepted_on=None))
    proposed.update(proposer_tag="")
    return count


def _leave_behind(stories: QuerySet[Story]) -> int:
    """Those that their author kept in the group at leaving: a withdrawn one would be in the journal itself."""
    kept = list(stories.select_related("key"))
    for story in kept:
        telling.leave_behind(_keyring(story.group_id), story)
    return len(kept)


def _keyring(group_id):
    rows = GroupKey.objects.filter(group=group_id).values_list("version", "wrapping_key_version", "wrapped")
    return vault.Keyring(group_id, rows)
