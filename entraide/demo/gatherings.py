"""What the meetings of the known group show at once: dates that are an exception, a walk that is full, a meeting that
begins, with its round."""

from collections.abc import Callable
from datetime import time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from entraide.lib.days import today
from groups.confidentiality import Inside, within
from groups.models import Format
from meetings import coming, exceptions, hosting, rounds, scheduling
from meetings.models import Kind, Meeting

FACILITATOR, MEMBER = "Bouleau", "Tilleul"  # the two whom the terminal names (welcome.py)
WALK = {
    "kind": Kind.SOCIAL,
    "format": Format.IN_PERSON,
    "place": "Le quai, devant le kiosque à musique",
    "access_note": "Chemin plat, deux bancs à mi-parcours.",
    "link": "",
    "theme": "Une marche lente, puis un chocolat chaud",
    "seats": 4,
}
WALKERS = ("Velours", "Mésange", "Cèdre", "Corneille", "Marée basse")
IN_THE_ROUND = (FACILITATOR, MEMBER, "Velours", "Mésange")
BEGINS_IN = timedelta(minutes=4)  # so late nobody is reminded of it any more (meetings/reminders.py)


def bring_in(inside_of: Callable[[str], Inside], plan: dict) -> None:
    """`inside_of` enters as somebody, by their name in the group; `plan` is that of its series."""
    inside = inside_of(FACILITATOR)
    dates = list(within(inside, Meeting).upcoming())
    _move_by_a_day(inside, dates[1])
    exceptions.cancel(inside, dates[3], version=dates[3].version)
    _schedule_in(timedelta(days=1), inside, plan)  # its reminder "the day before" is due when beat first looks
    begins = _schedule_in(BEGINS_IN, inside, plan)
    walk = _schedule(inside, plan | WALK, on=today() + timedelta(days=11), starts=time(14), ends=time(16))
    for name in WALKERS:
        coming.say(inside_of(name), walk, coming=True)
    hosting.offer(inside_of("Mésange"), dates[0])
    _begin_a_round(inside_of, begins)


def _move_by_a_day(inside, meeting):
    words = exceptions.words_now(inside, meeting)
    words["on"] += timedelta(days=1)
    exceptions.change(inside, meeting, words, version=meeting.version)


def _schedule_in(ahead, inside, plan):
    """For an hour at most: a meeting ends on the day on which it begins."""
    at = (timezone.now() + ahead).astimezone(ZoneInfo(inside.group.zone)).replace(second=0, microsecond=0)
    starts = min(at, at.replace(hour=23, minute=50))
    ends = min(starts + timedelta(minutes=60), starts.replace(hour=23, minute=59))
    return _schedule(inside, plan, on=starts.date(), starts=starts.time(), ends=ends.time())


def _schedule(inside, plan, **when):
    series = scheduling.schedule(inside, uuid4(), plan | when | {"rhythm": "once"})
    return within(inside, Meeting).get(series=series)


def _begin_a_round(inside_of, meeting):
    """The facilitator has spoken; it is the member's turn."""
    inside = inside_of(FACILITATOR)
    hosting.offer(inside, meeting)
    rounds.open_round(inside, meeting, 5)
    for name in IN_THE_ROUND:
        rounds.sit_down(rounds.round_of(inside_of(name), meeting), 1)
    inside = inside_of(FACILITATOR)
    rounds.go_round(rounds.round_of(inside, meeting), 0)
    rounds.end_turn(rounds.Table(inside, rounds.round_of(inside, meeting)).now.turn)
