"""What an author and a reader do with a story. The author owns it for its whole life."""

from uuid import UUID

from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models import Func, Value
from django.http import Http404
from psycopg2.errors import InsufficientPrivilege

from entraide.lib.crypto import DoesNotOpen
from groups.confidentiality import Inside, StoryGone, find_own_story, own_resonances
from groups.models import Resonance, Story
from groups.vault import Keyring

# What is sealed of a story, each part as it is when nothing was said.
BLANK = {"title": "", "text": "", "feelings": [], "own_feeling": "", "note": "", "came_through": False}
UNTIED = "groups_story_answers_one_of_its_group"


class AlreadyShared(Exception):
    """This form was shared before, with other words."""


class NothingToAnswer(Exception):
    """The story that this one answers was withdrawn in this very moment."""


class ChangedMeanwhile(Exception):
    """The story is no longer the one that the author was changing: another window was faster."""


def share(inside: Inside, story_id: UUID, words: dict) -> Story:
    """Share once: the id comes from the form, so that a form posted twice finds the story that is there.

    The draft goes with it (app.shared_is_no_draft). Raises AlreadyShared or NothingToAnswer.
    """
    story = Story(pk=story_id, group=inside.group, author=inside.membership, opened_to_later=words["opened_to_later"])
    story.ends_on, story.answers_id = words.get("ends_on"), words.get("answers")
    story.shared_at = Func(Value(inside.group.pk), function="app.tick")
    try:
        with transaction.atomic():
            key = inside.keyring.seal_story(story, _payload(words))
            story.save(force_insert=True)
            key.save(force_insert=True)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == UNTIED:
            raise NothingToAnswer from None
        return _shared_before(inside, story_id, words)
    return story


def _shared_before(inside, story_id, words):
    """The same form once more; or, after the browser's Back, other words under the same id: those are not lost."""
    story = find_own_story(inside, story_id)
    if not _says(inside, story, words):
        raise AlreadyShared
    return story


def change(inside: Inside, story: Story, words: dict, *, version: int) -> None:
    """Other words in the place of these, under a fresh key; the former key is destroyed with what it opened.

    `version` is the one that the author had before their eyes. Raises ChangedMeanwhile when it is another one and says
    something else. The caller holds the story (hold_own_story).
    """
    if story.version != version:
        if not _says(inside, story, words):
            raise ChangedMeanwhile
        return  # the same form once more
    story.key.delete()
    story.version += 1
    story.opened_to_later, story.ends_on = words["opened_to_later"], words.get("ends_on")
    inside.keyring.seal_story(story, _payload(words)).save(force_insert=True)
    story.save(update_fields=["sealed", "version", "opened_to_later", "ends_on"])


def withdraw(story: Story) -> None:
    """At once and for good: the row goes, and with it the key and the resonances. The caller holds the story, or its
    author: its key goes first, and whoever changes the story would wait for it with the story in their hands."""
    story.delete()


def receive(inside: Inside, story: Story, kind: str | None, *, said: bool) -> None:
    """Say one of the received words, or take it back. Saying it twice says it once; an unknown word is none.

    The author is told, so it is said of somebody else's story whose author is still there: else Http404.
    """
    if story.author_id in (None, inside.membership.pk):
        raise Http404
    if kind not in Resonance.Kind.values:
        return
    if not said:
        own_resonances(inside, story).filter(kind=kind).delete()
        return
    try:
        with transaction.atomic():
            resonance = Resonance(group=inside.group, story=story, membership=inside.membership, kind=kind)
            Resonance.objects.bulk_create([resonance], ignore_conflicts=True)
    except (IntegrityError, ProgrammingError) as error:
        if isinstance(error, ProgrammingError) and not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise StoryGone(inside) from None  # withdrawn in this very moment: the key, or the row policy, says so


def leave_behind(keyring: Keyring, story: Story) -> None:
    """Keep a story in the group without any tie to its author: sealed anew, as of nobody, under a fresh key. What was
    said to the author goes: nobody hears it any more, and nobody could take it back."""
    try:
        words = keyring.open_story(story)
    except DoesNotOpen:  # nobody can read it any more, and nobody is kept from leaving
        withdraw(story)
        return
    story.resonances.all().delete()
    story.key.delete()
    story.author = None
    keyring.seal_story(story, words).save(force_insert=True)  # while the row still says whose it is
    story.save(update_fields=["author", "sealed"])


def _says(inside, story, words):
    """The same words for the same readers, until the same day."""
    if (story.opened_to_later, story.ends_on) != (words["opened_to_later"], words.get("ends_on")):
        return False
    try:
        return BLANK | inside.keyring.open_story(story) == _payload(words)
    except DoesNotOpen:
        return False


def _payload(words):
    return {name: words.get(name, unsaid) for name, unsaid in BLANK.items()}
