"""Public holidays where a group meets, to be marked beside a date: a notice, never a refusal."""

from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

import holidays
from django.utils.translation import get_language

from groups import places
from groups.models import Group

# A zone lies in several provinces: without a city, the one whose people this site is first for.
LIKELIEST = {"America/Toronto": "QC"}
PROVINCES = {code: short.upper() for short, code in places.PROVINCES.items()}


def of_place(group: Group, on: date) -> str:
    """Its name in the language of the page; empty on any other day, and where nobody knows the country."""
    country, province = _place_of(group.city, group.zone)
    name = _calendar(country, province, get_language() or "fr").get(on) if country else ""
    return (name or "").replace("'", "’")


@lru_cache(maxsize=1000)
def _place_of(city, zone):
    found = places.find(city, zone)[:1] if city else []
    if found:
        country, _, region = found[0].region.partition(".")
        return country, PROVINCES.get(region) if country == "CA" else None
    return _countries().get(zone, ""), LIKELIEST.get(zone)


@cache
def _calendar(country, province, language):
    """Years are computed as they are asked for."""
    names = _languages(country)
    spoken = next((name for name in names if name.startswith(language[:2])), None)
    try:
        return holidays.country_holidays(country, subdiv=province, language=spoken)
    except NotImplementedError:  # a country or a province that the tables do not have
        return {}


def _languages(country):
    try:
        return holidays.country_holidays(country).supported_languages
    except NotImplementedError:
        return ()


@cache
def _countries() -> dict[str, str]:
    lines = files("tzdata").joinpath("zoneinfo/zone.tab").read_text().splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}
