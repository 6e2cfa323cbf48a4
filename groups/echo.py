"""An echo: the stories of one's group in which somebody finds again what they feel, or words of their own.

Everything is opened in the request of the one who asks and forgotten with it. What is looked for stands in no address,
no log and no table.
"""

from dataclasses import dataclass

from entraide.lib.crypto import DoesNotOpen
from entraide.lib.words import folded
from groups.confidentiality import Inside, page_of_stories
from groups.reading import Card, card

LOOKED_THROUGH = 2000  # stories of one search, the newest ones
SHOWN = 30  # of those in which it is found


@dataclass(frozen=True)
class Echo:
    cards: list[Card]
    more: bool  # found in others too
    looked_through: int | None  # how many stories, when older ones were left out


def listen(inside: Inside, *, words: str, feeling: str, came_through: bool) -> Echo:
    """Each of the words stands somewhere in the title or the text, accents and case forgiven. What is left empty is not
    asked for."""
    stories = page_of_stories(inside, LOOKED_THROUGH + 1)
    wanted = _flat(words).split()
    found = []
    for story in stories[:LOOKED_THROUGH]:
        try:
            payload = inside.keyring.open_story(story)
        except DoesNotOpen:
            continue
        if _answers(payload, wanted, feeling, came_through):
            found.append(story)
            if len(found) > SHOWN:
                break
    cards = [card(inside, story) for story in found[:SHOWN]]
    more = len(found) > SHOWN
    return Echo(cards, more, LOOKED_THROUGH if len(stories) > LOOKED_THROUGH and not more else None)


def _answers(payload, wanted, feeling, came_through):
    if feeling and feeling not in payload["feelings"]:
        return False
    if came_through and not payload.get("came_through"):
        return False
    if not wanted:
        return True
    text = _flat(f"{payload['title']} {payload['text']} {payload.get('own_feeling', '')}")
    return all(word in text for word in wanted)


def _flat(text):
    """Apostrophes and ligatures too: each keyboard has its own."""
    return folded(text).replace("’", "'").replace("œ", "oe").replace("æ", "ae")
