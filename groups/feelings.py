"""The picture of one's feelings over the months, from one's own notes and for oneself alone. It holds no number: a
larger drop says "more often", and the same months stand below it in words."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils.dates import MONTHS, MONTHS_AP
from django.utils.text import capfirst

from entraide.lib.days import today
from groups.models import Feeling

REACH = 12  # months, the present one included
COLUMN, ROW, LEFT, TOP = 48, 40, 132, 44  # of the drawing, in its own units
LARGEST = 4  # named four times in a month, or more often
RADIUS = 3  # of a drop, for each time and once more: 6, 9, 12, 15


@dataclass(frozen=True)
class Drop:
    x: int
    y: int
    r: int


@dataclass(frozen=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True)
class Felt:
    name: str
    size: int  # of its drop, from 1 to 4


@dataclass(frozen=True)
class Month:
    name: str
    feelings: list[Felt]  # the one named most often first


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    columns: list[Label]
    rows: list[Label]
    drops: list[Drop]
    months: list[Month]  # those with a feeling, the newest first

    def __bool__(self):
        return bool(self.months)


def picture(named: list[tuple[date, list[str]]]) -> Picture:
    """`named`: the day of each note, and the codes of what it names."""
    keys = _months_until(today())
    counts = {key: Counter() for key in keys}
    for on, codes in named:
        if (on.year, on.month) in counts:
            counts[on.year, on.month].update(codes)
    shown = [code for code in Feeling.values if any(count[code] for count in counts.values())]
    return Picture(
        width=LEFT + COLUMN * REACH,
        height=TOP + ROW * len(shown),
        columns=[Label(_x(n), TOP - 20, str(MONTHS_AP[month])) for n, (_year, month) in enumerate(keys)],
        rows=[Label(0, _y(n) + 5, str(Feeling(code).label)) for n, code in enumerate(shown)],
        drops=list(_drops(keys, shown, counts)),
        months=[_in_words(key, counts[key]) for key in reversed(keys) if counts[key]],
    )


def _months_until(last):
    """(year, month), the oldest first."""
    numbers = range(last.year * 12 + last.month - REACH, last.year * 12 + last.month)
    return [(number // 12, number % 12 + 1) for number in numbers]


def _drops(keys, shown, counts):
    for row, code in enumerate(shown):
        for column, key in enumerate(keys):
            if times := counts[key][code]:
                yield Drop(_x(column), _y(row), RADIUS * (min(times, LARGEST) + 1))


def _x(column):
    return LEFT + COLUMN * column + COLUMN // 2


def _y(row):
    return TOP + ROW * row + ROW // 2


def _in_words(key, count):
    year, month = key
    feelings = [Felt(str(Feeling(code).label), min(times, LARGEST)) for code, times in count.most_common()]
    return Month(capfirst(f"{MONTHS[month]} {year}"), feelings)
