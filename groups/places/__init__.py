"""Cities and their coordinates, without asking anybody: which place a person means, and which spellings come near.

Two files beside this one: cities.tsv (GeoNames, CC BY 4.0; gather.py makes it) and regions.tsv. Nothing here is finer
than a city or one of its quarters.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from entraide.lib.words import folded

CITIES, REGIONS = (Path(__file__).parent / name for name in ("cities.tsv", "regions.tsv"))
# What follows the city: a quarter, a region, a remark.
AFTER_THE_CITY = re.compile(r"[,(/;]|\s[-–—]\s")
SAINT, AROUND = re.compile(r"\bst(e?)\b"), re.compile(r"^(ville de|city of) | city$")
# Spellings offered for another one: how alike at least, from 0 to 1; how many letters longer or shorter; how many.
LIKE, FARTHEST, MOST_NEAR = 0.75, 3, 4
PROVINCES = dict(
    zip("ab bc mb nb nl ns on pe qc sk yt nt nu".split(), "01 02 03 04 05 07 08 09 10 11 12 13 14".split(), strict=True)
)


@dataclass(frozen=True, slots=True)
class Place:
    """A city under the spelling by which it was found; degrees, four decimals."""

    name: str
    region: str
    latitude: float
    longitude: float

    @property
    def label(self) -> str:
        """« Montréal, Québec », « Québec, Canada »: the same words find the same place again."""
        english = get_language() == "en"
        where = _regions()[self.region][english]
        return f"{self.name}, {where if where != self.name else _regions()[self.region[:2]][english]}"


def spelling_key(name: str) -> str:
    """Two spellings with the same key are one name: `St-Jérôme` and `SAINT JEROME`, `L’Île` and `l'ile`."""
    plain = SAINT.sub(r"saint\1", folded(name).replace("œ", "oe").replace("æ", "ae"))
    return "".join(filter(str.isalnum, AROUND.sub("", plain)))


def find(text: str, zone: str = "") -> list[Place]:
    """Every place of that name, the likeliest first: on the side of the ocean where that time zone lies, then the most
    populous. A region or country after the comma (« Windsor, Québec ») leaves out the others; other words do not."""
    name, *rest = AFTER_THE_CITY.split(text, maxsplit=1)
    places = _by_spelling().get(spelling_key(name), [])
    within = [place for place in places if rest and spelling_key(rest[0]) in _names_of(place.region)]
    return sorted(within or places, key=lambda place: not _lies_in(place, zone))


def near_spellings(text: str) -> list[Place]:
    """Places whose name begins with the same letter and looks much alike, the most populous first."""
    wanted = spelling_key(AFTER_THE_CITY.split(text, maxsplit=1)[0])
    names = _names_by_first_letter().get(wanted[:1], ())
    like = dict.fromkeys(key for key in names if abs(len(key) - len(wanted)) <= FARTHEST)
    likest = get_close_matches(wanted, like, 2 * MOST_NEAR, LIKE)
    return [_by_spelling()[key][0] for key in like if key in likest][:MOST_NEAR]


def _lies_in(place, zone):
    across = "America/" if place.region.startswith("CA") else "Europe/"
    return not zone or zone.startswith(across)


@cache
def _names_of(region):
    country, _, part = region.partition(".")
    names = {*_regions()[region], *_regions()[country]}
    names |= {short for short, code in PROVINCES.items() if region == f"CA.{code}"}
    return {spelling_key(name) for name in names} | {part.casefold()}


@cache
def _regions() -> dict[str, tuple[str, str]]:
    lines = (line.split("\t") for line in REGIONS.read_text().splitlines())
    return {code: (french, english) for code, french, english in lines}


@cache
def _by_spelling() -> dict[str, list[Place]]:
    """Names come before other spellings: « Bruges » is first of all itself. In one region a spelling stands for one
    place, so that its label finds it again. Read once a process, in a third of a second, at the first search that
    names a city."""
    found = {}
    for spellings_of in (_name, _other_spellings):
        for columns in _rows():
            for spelling in spellings_of(columns):
                place = Place(spelling, columns[1], float(columns[2]), float(columns[3]))
                found.setdefault(spelling_key(spelling), {}).setdefault(place.region, place)
    return {key: list(by_region.values()) for key, by_region in found.items()}


@cache
def _names_by_first_letter() -> dict[str, list[str]]:
    found = {}
    for columns in _rows():
        key = spelling_key(columns[0])
        found.setdefault(key[:1], []).append(key)
    return found


def _rows():
    return (line.split("\t") for line in CITIES.read_text().splitlines())


def _name(columns):
    return columns[:1]


def _other_spellings(columns):
    return columns[4].split("|") if len(columns) > 4 else []
