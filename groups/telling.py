"""What an author and a reader do with a story. The author owns it for its whole life."""

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from groups.confidentiality import Inside, find_own_story, own_resonance
from groups.models import Resonance, Story


def share(inside: Inside, story_id: UUID, words: dict) -> Story:
    """Share once: the id comes from the form, so that a form posted twice finds the story that is there."""
    story = Story(pk=story_id, group=inside.group, author=inside.membership, opened_to_later=words["opened_to_later"])
    try:
        with transaction.atomic():
            story.shared_at = _tick(inside)
            key = inside.keyring.seal_story(story, _payload(words))
            story.save(force_insert=True)
            key.save(force_insert=True)
    except IntegrityError:
        return find_own_story(inside, story_id)
    return story


def withdraw(story: Story) -> None:
    """At once and for good: the row goes, and with it the key and the resonances."""
    story.delete()


def toggle_resonance(inside: Inside, story: Story) -> bool:
    """Say or take back "I recognise myself". Returns whether it is said now."""
    taken_back, _ = own_resonance(inside, story).delete()
    if not taken_back:
        resonance = Resonance(group=inside.group, story=story, membership=inside.membership)
        Resonance.objects.bulk_create([resonance], ignore_conflicts=True)
    return not taken_back


def leave_behind(inside: Inside, story: Story) -> None:
    """Keep a story in the group without any tie to its author: sealed anew, as of nobody, under a fresh key."""
    words = inside.keyring.open_story(story)
    story.key.delete()
    story.author = None
    inside.keyring.seal_story(story, words).save(force_insert=True)  # while the row still says whose it is
    story.save(update_fields=["author", "sealed"])


def _payload(words):
    return {name: words[name] for name in ("title", "text", "feelings", "note")}


def _tick(inside):
    with connection.cursor() as cursor:
        cursor.execute("select app.tick(%s)", [inside.group.pk])
        return cursor.fetchone()[0]
