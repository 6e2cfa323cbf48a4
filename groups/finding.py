"""Finding a group: what somebody looks for, and the groups that answer to it."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet

from groups import experiences, places
from groups.confidentiality import sheets
from groups.models import Format, Group

USUAL_KM = 25
MOST = 1000  # groups that are counted and listed; beyond, a page says that there are more


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for, named as in the address. An empty field leaves every group in."""

    q: str = ""
    where: tuple[str, ...] = ()
    city: str = ""
    km: int = USUAL_KM
    day: tuple[str, ...] = ()
    moment: tuple[str, ...] = ()
    language: str = ""
    access: tuple[str, ...] = ()
    free: bool = False

    @cached_property
    def cities(self) -> list[places.Place]:
        """Every city that may be meant; distances are counted from the first."""
        return places.find(self.city) if self.city else []

    def at(self, place: places.Place) -> "Wanted":
        return replace(self, city=place.label)

    @property
    def is_detailed(self) -> bool:
        return bool(self.day or self.moment or self.language or self.access or self.free)

    @property
    def online(self) -> "Wanted":
        return Wanted(q=self.q, where=(Format.ONLINE.value,))

    def groups(self) -> QuerySet[Group]:
        found = sheets()
        if self.q:
            found = found.matching(experiences.terms(self.q))
        if self.cities:
            found = found.near(self.cities[0], self.km, or_online=Format.ONLINE in self.where)
        if self.day:
            found = found.filter(next_weekday__in=self.day)
        if self.moment:
            found = found.at_moments(self.moment)
        if self.language:
            found = found.filter(language=self.language)
        if self.access:
            found = found.filter(access__contains=self.access)
        if self.free:
            found = found.filter(is_full=False, awaiting_since=None)  # of others nobody knows
        return found.held(self.where)

    @property
    def query(self) -> str:
        """The end of an address that asks for this; empty where nothing is asked."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        asked |= {"km": self.km if self.city else "", "free": "on" if self.free else ""}
        query = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
        return query and f"?{query}"

    def without(self, name: str, value=None) -> "Wanted":
        """One filter less; or, of one that has several values, one value less."""
        left = NOTHING[name] if value is None else tuple(one for one in getattr(self, name) if one != value)
        return replace(self, **{name: left})


NOTHING = {field.name: field.default for field in fields(Wanted)}


class Found:
    """The groups of a list, the next meeting first, for Django's paginator. Two statements, three at the seam."""

    def __init__(self, groups: QuerySet[Group], now):
        self.coming, self.undated = groups.coming(now), groups.undated(now)

    @cached_property
    def _counts(self) -> list[int]:
        """Of the others only where their number is asked for: where those with a date are fewer than MOST."""
        (coming, for_coming), (undated, for_undated) = _capped_count(self.coming), _capped_count(self.undated)
        others = f"case when dated > {MOST} then 0 else {undated} end"
        return _row(f"select dated, {others} from (select {coming}) list (dated)", [*for_undated, *for_coming])

    @property
    def are_more(self) -> bool:
        return sum(self._counts) > MOST

    def count(self) -> int:
        return min(sum(self._counts), MOST)

    def __getitem__(self, part: slice) -> list[Group]:
        dated = self._counts[0]
        found = list(self.coming[part]) if part.start < dated else []
        if part.stop > dated and self._counts[1]:
            found += self.undated[max(part.start - dated, 0) : part.stop - dated]
        return found


def capped_counts(lists: list[QuerySet]) -> list[int]:
    """How many rows each list has, up to one more than MOST, in one statement."""
    counts, values = zip(*map(_capped_count, lists), strict=True)
    return _row(f"select {', '.join(counts)}", chain(*values))


def _capped_count(groups):
    statement, values = groups.order_by().values("pk")[: MOST + 1].query.sql_with_params()
    return f"(select count(*) from ({statement}) list)", values


def _row(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchone())
