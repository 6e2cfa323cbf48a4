"""What somebody is writing in a group, kept on the server for them alone until they share it, erase it, or leave it
untouched for thirty days (app.erase_drafts). Nothing of it is in the browser."""

from datetime import date
from uuid import uuid4

from django.db.models import Count, Max, QuerySet

from entraide.lib.crypto import DoesNotOpen
from groups import vault
from groups.confidentiality import Inside, own_stories, within, within_any
from groups.models import Membership, StoryDraft

LONGEST = 100_000  # characters of everything together: longer than a story may be, so that one too long is not lost


class NotKept(Exception):
    """What was kept before is still there."""


class TooLong(NotKept):
    """More than a draft holds."""


class KeptElsewhere(NotKept):
    """Another window has kept other words since this one was opened; `window` is that one."""

    def __init__(self, window: str):
        super().__init__()
        self.window = window


class SharedAlready(NotKept):
    """The story of this form is shared: the page that goes on writing must not say that a draft of it is kept."""


class BegunAlready(Exception):
    """The person has a draft in this group, and it is still there."""


def keep(inside: Inside, typed: dict, *, by_itself: bool = False) -> bool:
    """In the place of the one before. The person must be held (enter_group_to_leave), so that a text that is shared in
    this very moment does not come back as a draft. Asked for by the person, and not `by_itself`, words are kept after
    their story was shared too: as another story.

    False: there was nothing to keep, and nothing is kept. Raises TooLong, KeptElsewhere or SharedAlready.
    """
    if sum(len(str(value)) for value in typed.values()) > LONGEST:
        raise TooLong
    if own_stories(inside).filter(pk=typed["key"]).exists():
        if by_itself:
            raise SharedAlready
        typed = typed | {"key": str(uuid4())}
    draft = own_drafts([inside]).first()
    if is_of_another_window(draft, typed):
        raise KeptElsewhere(words_of(draft).get("window", ""))
    if not (typed["title"].strip() or typed["text"].strip()):
        erase_draft(inside)
        return False
    _write(StoryDraft(**_of(inside), sealed=vault.seal_draft(inside.membership.pk, inside.group.pk, typed)))
    return True


def is_of_another_window(draft: StoryDraft | None, typed: dict) -> bool:
    """Whether this draft holds words that the one who typed these has never had before their eyes: neither this window
    has kept them, nor did it begin upon them. What does not open has no words left to lose."""
    words = draft and words_of(draft)
    return bool(words) and words.get("window", "") not in (typed.get("window", ""), typed.get("upon", ""))


def before_sharing(inside: Inside, typed: dict) -> tuple[int, StoryDraft | None]:
    """How many people the group has, and the draft that has to outlive the sharing of these words, if there is one: in
    one statement, for nobody's draft but their own can be seen by the one who asks."""
    columns = {"sealed": Max("draft__sealed"), "kept_on": Max("draft__kept_on")}
    seen = within(inside, Membership).aggregate(readers=Count("pk"), **columns)
    draft = StoryDraft(**_of(inside), sealed=seen["sealed"], kept_on=seen["kept_on"]) if seen["sealed"] else None
    return seen["readers"], draft if is_of_another_window(draft, typed) else None


def bring_back(draft: StoryDraft | None) -> None:
    """A story takes with it whatever draft there is (app.shared_is_no_draft): this one holds other words. They may have
    begun as that same story, and become another one now."""
    if draft:
        words = words_of(draft) | {"key": str(uuid4())}
        draft.sealed = vault.seal_draft(draft.pk, draft.group_id, words)
        _write(draft)


def begin(inside: Inside, text: str, feelings: list[str], *, anew: bool) -> None:
    """A draft of words that the person brings from elsewhere. Raises BegunAlready rather than lose others, unless they
    begin `anew`. The person must be held."""
    if anew:
        erase_draft(inside)
    draft = kept(inside)
    if draft is None:
        new = {"key": str(uuid4()), "window": str(uuid4())}
        keep(inside, {"title": "", "text": text, "feelings": feelings, **new})
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


def _of(inside):
    return {"membership": inside.membership, "group": inside.group}


def _write(draft):
    StoryDraft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["membership"], update_fields=["sealed", "kept_on"]
    )
