"""From an address to what the public sheet may say of it: a city, never a street, a building or a postal code.

What is not surely a city is left out.
"""

import re
from dataclasses import dataclass

from meetings.guide.fields import text_of
from meetings.guide.regions import COUNTRIES, REGIONS, key

POSTAL = r"\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d"  # of the United States, of Canada
AFTER_A_NAME = re.compile(rf"(.*?) *(?:{POSTAL})?", re.IGNORECASE)
BEFORE_A_CITY = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5} +(\D+)")  # 75002 Paris, 1000 Bruxelles, CH-1201 Genève
# what a street, or a part of a house, ends or begins with; a city too now and then, which is then left out
ENDS = set(
    "street st avenue ave av road rd drive dr boulevard blvd lane ln way highway hwy court ct place pl square sq trail"
    " parkway pkwy terrace crescent circle cir turnpike route rte n s e w nw ne sw se north south east west northwest"
    " northeast southwest southeast".split()
)
BEGINNINGS = set(
    "rue avenue av boulevard boul bd chemin allee quai impasse cours rang route place building suite room unit floor"
    " corner".split()
)
NOWHERE = {"online", "virtual", "zoom", "phone", "telephone", "en", "district"}


@dataclass(frozen=True)
class Place:
    city: str = ""
    zone: str = ""  # of the province or country, where it has one
    is_exact: bool = False  # people can go there


def place_of(row: dict) -> Place:
    found = _in_fields(row) if text_of(row, "city") else _in_one_line(row)
    city = found.city if _is_city(found.city) else _region(row)
    exact = {"yes": False, "no": True}.get(text_of(row, "approximate").lower(), found.is_exact)
    return Place(city, found.zone, exact)


def _in_fields(row):
    zones = REGIONS.get(key(text_of(row, "state"))), COUNTRIES.get(key(text_of(row, "country")))
    return Place(text_of(row, "city"), next(filter(None, zones), ""), bool(text_of(row, "address")))


def _in_one_line(row):
    line = text_of(row, "formatted_address") or text_of(row, "address")
    parts = [" ".join(part.split()) for part in line.split(",") if part.strip()]
    zone = COUNTRIES[key(parts.pop())] if _ends_with_a_country(parts) else ""
    while parts and not _name(parts[-1]):  # a postal code by itself
        parts.pop()
    if parts and _name(parts[-1]) in REGIONS:
        zone = REGIONS[_name(parts.pop())]
        city = parts.pop() if parts else ""
    else:
        before = BEFORE_A_CITY.fullmatch(parts.pop()) if parts else None
        city = before[1] if before else ""
    return Place(city, zone, any(re.search(r"\d", part) for part in parts))


def _ends_with_a_country(parts):
    """CA is Canada after a province, and California after a city."""
    if len(parts) < 2 or key(parts[-1]) not in COUNTRIES:
        return False
    return key(parts[-1]) not in REGIONS or not _name(parts[-2]) or _name(parts[-2]) in REGIONS


def _name(part):
    return key(AFTER_A_NAME.fullmatch(part)[1])


def _region(row):
    """A city or a neighbourhood, as most lists have it there."""
    regions = row.get("regions")
    last = regions[-1] if isinstance(regions, list) and regions and isinstance(regions[-1], str) else ""
    region = last.strip() or text_of(row, "region")
    return region if _is_city(region) and key(region).split()[0] not in NOWHERE else ""


def _is_city(text):
    words = key(text).split()
    if not words or len(text) > 80 or not text.isprintable() or re.search(r"[\d#@/:()]", text):
        return False
    return words[0] not in BEGINNINGS and words[-1] not in ENDS
