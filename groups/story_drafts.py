"""What somebody is writing in a group, kept on the server for them alone until they share it, erase it, or leave it
untouched for thirty days (app.erase_drafts). Nothing of it is in the browser."""

from datetime import date
from uuid import uuid4

from django.db.models import QuerySet

from entraide.lib.crypto import DoesNotOpen
from entraide.lib.days import today
from groups import vault
from groups.confidentiality import Inside, own_stories, within_any
from groups.models import StoryDraft

LONGEST = 100_000  # characters of everything together: longer than a story may be, so that one too long is not lost


class TooLong(Exception):
    """Nothing was kept, and what was kept before is still there."""


class BegunAlready(Exception):
    """The person has a draft in this group, and it is still there."""


def keep(inside: Inside, typed: dict) -> bool:
    """In the place of the one before. The person must be held (enter_group_to_leave), so that a text that is shared in
    this very moment does not come back as a draft.

    False: there was nothing to keep, and nothing is kept. Raises TooLong.
    """
    if not (typed["title"].strip() or typed["text"].strip()):
        erase_draft(inside)
        return False
    if sum(len(str(value)) for value in typed.values()) > LONGEST:
        raise TooLong
    if not own_stories(inside).filter(pk=typed["key"]).exists():
        sealed = vault.seal_draft(inside.membership.pk, inside.group.pk, typed)
        row = StoryDraft(membership=inside.membership, group=inside.group, sealed=sealed, kept_on=today())
        StoryDraft.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["membership"], update_fields=["sealed", "kept_on"]
        )
    return True


def begin(inside: Inside, text: str, feelings: list[str], *, anew: bool) -> None:
    """A draft of words that the person brings from elsewhere. Raises BegunAlready rather than lose others, unless they
    begin `anew`. The person must be held."""
    draft = None if anew else kept(inside)
    if draft is None:
        keep(inside, {"title": "", "text": text, "feelings": feelings, "key": str(uuid4())})
    elif draft[0]["text"] != text:
        raise BegunAlready


def own_drafts(insides: list[Inside]) -> QuerySet[StoryDraft]:
    return within_any(insides, StoryDraft).filter(membership__in=[inside.membership.pk for inside in insides])


def kept(inside: Inside) -> tuple[dict, date] | None:
    """What was typed, and the day on which it will be erased."""
    row = own_drafts([inside]).first()
    words = row and words_of(row)
    return (words, row.erased_on) if words else None


def words_of(row: StoryDraft) -> dict | None:
    """None: it does not open any more, and new words take its place."""
    try:
        return vault.open_draft(row)
    except DoesNotOpen:
        return None


def erase_draft(inside: Inside) -> None:
    """At once and for good."""
    own_drafts([inside]).delete()
