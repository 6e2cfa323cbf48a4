"""Where a meeting takes place and what it is about: sealed, in the series or, for one date alone, in the meeting."""

from entraide.lib.crypto import DoesNotOpen, Secret
from groups.confidentiality import Inside
from meetings.models import Gathering, Meeting, Series

BLANK = {"place": "", "access_note": "", "phone": "", "link": "", "theme": ""}


def seal_words(inside: Inside, gathering: Gathering, words: dict) -> None:
    """Into the row; `words` may hold other things too."""
    payload = {name: words.get(name, "") for name in BLANK}
    gathering.sealed = inside.keyring.seal(payload, gathering._meta.model_name, gathering.pk)


def words_of(inside: Inside, gathering: Meeting | Series) -> dict[str, str]:
    """Of a meeting its own, else those of its series. What does not open any more is blank."""
    if isinstance(gathering, Meeting) and gathering.sealed is None:
        gathering = gathering.series
    try:
        return BLANK | inside.keyring.open(gathering.sealed, gathering._meta.model_name, gathering.pk)
    except DoesNotOpen:
        return BLANK


def where(inside: Inside, meeting: Meeting) -> dict[str, Secret | None]:
    """For a page: what is not said is None."""
    return {name: Secret(words) if words else None for name, words in words_of(inside, meeting).items()}


def lacks_room(inside: Inside, meeting: Meeting) -> bool:
    """From the moment on at which its door would open until it begins, while a link can still be given."""
    soon = meeting.is_open and not meeting.has_begun
    return soon and meeting.is_online and not words_of(inside, meeting)["link"]
