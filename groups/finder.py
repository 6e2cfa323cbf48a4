"""The finder as it is asked and shown: addresses read, choices with those that are made, links that take one away."""

from dataclasses import dataclass, fields

from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from groups import places
from groups.finding import USUAL_KM, Wanted, capped_counts
from groups.models import Access, Format, Group
from groups.models.group import Moment

LONGEST, NAMESAKES = 80, 4
SEVERAL = {  # any of them is enough, but for access: there all are needed
    "where": {Format.ONLINE.value: _("Online"), Format.IN_PERSON.value: _("In person")},
    "day": {str(day): name for day, name in WEEKDAYS.items()},
    "moment": dict(Moment.choices),
    "access": dict(Access.choices),
}
ONE = {
    "km": {str(km): km for km in (10, USUAL_KM, 50, 100)},
    "language": dict(Group._meta.get_field("language").choices),
}


def read(asked: QueryDict) -> Wanted:
    """Whatever an address holds, what cannot be read asks for nothing."""
    several = {name: set(asked.getlist(name)) for name in SEVERAL}
    return Wanted(
        q=_words(asked, "q"),
        city=_words(asked, "city"),
        km=ONE["km"].get(asked.get("km"), USUAL_KM),
        language=asked.get("language") if asked.get("language") in ONE["language"] else "",
        free="free" in asked,
        **{name: tuple(code for code in SEVERAL[name] if code in codes) for name, codes in several.items()},
    )


def _words(asked, name):
    words = asked.get(name, "").replace("\0", " ")[:LONGEST]
    return " ".join(words.split())


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


def options(wanted: Wanted) -> dict[str, list[Option]]:
    """The choices of each field, with those that are made."""
    shown = {}
    for name, choices in (SEVERAL | ONE).items():
        made = getattr(wanted, name) if name in SEVERAL else str(getattr(wanted, name))
        shown[name] = [
            Option(value, label, value in made if name in SEVERAL else value == made)
            for value, label in choices.items()
        ]
    return shown


@dataclass(frozen=True, slots=True)
class Link:
    """To another list: words for it, the end of its address, and how many groups it has where that is told."""

    label: str
    query: str
    count: int | None = None


def removals(wanted: Wanted) -> list[Link]:
    """The same list without one of the choices."""
    return [Link(label, wanted.without(name, value).query) for name, value, label in _choices(wanted)]


def other_cities(wanted: Wanted) -> list[Link]:
    """Where the city is unknown: near spellings. Where it has namesakes: those."""
    others = wanted.cities[1:NAMESAKES] if wanted.cities else places.near_spellings(wanted.city)
    return [Link(place.label, wanted.at(place).query) for place in others]


def ways_out(wanted: Wanted) -> dict:
    """For an empty list: how many groups each choice keeps away, the one choice that does it, if it is one, and how
    many groups online answer to the same words. One statement."""
    left = {}
    for name, value, label in _choices(wanted):
        left.setdefault((name, value if name == "access" else None), []).append(str(label))
    wider = {", ".join(labels): wanted.without(*choice) for choice, labels in left.items()}
    *counts, online = capped_counts([other.groups() for other in (*wider.values(), wanted.online)])
    ways = [Link(label, other.query, count) for (label, other), count in zip(wider.items(), counts, strict=True)]
    helpful = [way for way in ways if way.count]
    culprit = helpful[0] if len(helpful) == 1 else None
    return {"ways_out": ways, "helpful": helpful, "culprit": culprit, "online": Link("", wanted.online.query, online)}


def _choices(wanted):
    """(field, value where it has several, words for it), in the order of the page."""
    for field in fields(Wanted):
        made = getattr(wanted, field.name)
        if field.name in SEVERAL:
            yield from ((field.name, value, SEVERAL[field.name][value]) for value in made)
        elif made and field.name != "km":
            yield field.name, None, _words_for(wanted, field.name)


def _words_for(wanted, name):
    if name == "city" and wanted.cities:
        city = wanted.cities[0]
        return gettext("within %(km)s km of %(city)s") % {
            "km": wanted.km,
            "city": city.label if wanted.cities[1:] else city.name,
        }
    if name == "language":
        return ONE["language"][wanted.language]
    return gettext("places free") if name == "free" else getattr(wanted, name)
