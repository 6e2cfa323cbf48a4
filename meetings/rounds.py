"""The speaking round of a meeting (tour de parole). Everybody in it is offered a turn, and a second one only when all
were offered the first; whoever passes has had their turn like whoever speaks. PostgreSQL keeps those rules (0031 and
0036).
"""

from dataclasses import dataclass
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from entraide.lib.sql import answer
from groups.confidentiality import Inside, Person, within
from meetings.models import Meeting, Round, Turn

MINUTES = (3, 5, 8)  # a mark to choose, or none
MOST_PLACES = 20  # around one phone


@dataclass(frozen=True)
class Place:
    """One place as a page shows it."""

    turn: Turn
    person: Person
    number: int | None  # around a phone that several people share
    is_mine: bool
    state: str  # "now", "had", "next" or ""


class Table:
    """A round as whoever looks at it sees it at this moment."""

    def __init__(self, inside: Inside, kept: Round):
        self.round = kept
        self._turns = list(within(inside, Turn).filter(round=kept).select_related("membership").order_by("seat"))
        queue = [turn for turn in sorted(self._turns, key=_order) if turn.had < kept.laps and not kept.closing_at]
        self._now, self._next = [*queue, None, None][:2]
        self.places = [self._place(inside, turn) for turn in self._turns]
        self.now = next((place for place in self.places if place.state == "now"), None)
        self.is_seated = any(place.is_mine for place in self.places)

    @property
    def stage(self) -> str:
        """opening, speaking, offered (everybody was offered a turn) or closing."""
        if self.round.closing_at:
            return "closing"
        return "opening" if not self.round.laps else "speaking" if self.now else "offered"

    @property
    def minutes_gone(self) -> int | None:
        """Of the present turn, where a mark was chosen."""
        if not self.round.minutes or not self.now:
            return None
        return int((timezone.now() - self.round.turn_since).total_seconds() // 60)

    @property
    def mark(self) -> str:
        """Another one whenever something on the page is another."""
        turns = [(turn.pk.hex, turn.seat, turn.had) for turn in self._turns]
        seen = (self.round.pk.hex, self.round.laps, self.stage, self.minutes_gone, turns)
        return sha256(repr(seen).encode()).hexdigest()[:16]

    def _place(self, inside, turn):
        shared = [other.pk for other in self._turns if other.membership_id == turn.membership_id]
        number = shared.index(turn.pk) + 1 if len(shared) > 1 else None
        mine = turn.membership_id == inside.membership.pk
        return Place(turn, inside.person_of(turn.membership), number, mine, self._state(turn))

    def _state(self, turn):
        if turn in (self._now, self._next):
            return "now" if turn == self._now else "next"
        return "had" if 0 < self.round.laps <= turn.had else ""


def _order(turn):
    return turn.had, turn.seat


def round_of(inside: Inside, meeting: Meeting) -> Round | None:
    return within(inside, Round).filter(meeting=meeting).first()


def leads(meeting: Meeting) -> bool:
    """Whoever facilitates it; everybody, where nobody does."""
    return answer("select app.leads_round(%s)", meeting.pk)


def open_round(inside: Inside, meeting: Meeting, minutes: int | None) -> None:
    """Two people who open it open one."""
    try:
        with transaction.atomic():
            Round(group=inside.group, meeting=meeting, minutes=minutes).save(force_insert=True)
    except IntegrityError:
        if round_of(inside, meeting) is None:
            raise


def sit_down(kept: Round, places: int) -> bool:
    """At the end, with as many places as there are people around this phone. False when there is no room."""
    return answer("select app.take_places(%s, %s)", kept.pk, places)


def stand_up(kept: Round) -> None:
    answer("select app.stand_up(%s)", kept.pk)


def end_turn(turn: Turn) -> bool:
    """False when it is not this turn now: it was ended already, or belongs to somebody else."""
    return answer("select app.end_turn(%s)", turn.pk)


def go_round(kept: Round, laps: int) -> bool:
    """Once more, or for the first time; `laps` is what the person had before their eyes."""
    return answer("select app.go_round(%s, %s)", kept.pk, laps)


def say_last_words(kept: Round) -> bool:
    """False while somebody is owed a turn."""
    return answer("select app.say_last_words(%s)", kept.pk)


def close_round(inside: Inside, kept: Round) -> None:
    """Nothing is left of it. The database takes the turns away, after the round: whoever ends one holds them in that
    order too, and neither waits for the other in a ring."""
    rounds = within(inside, Round).filter(pk=kept.pk)
    rounds._raw_delete(rounds.db)
