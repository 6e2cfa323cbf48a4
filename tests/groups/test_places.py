"""Cities as people write them: accents, old spellings, other languages, namesakes, near misses."""

import pytest
from django.utils import translation

from groups import places


def labels(found):
    with translation.override("fr"):
        return [place.label for place in found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Rimouski", "Rimouski, Québec"),
        ("  rimouski ", "Rimouski, Québec"),
        ("RIMOUSKI", "Rimouski, Québec"),
        ("Montreal", "Montréal, Québec"),
        ("st-jerome", "Saint-Jérôme, Québec"),
        ("St Jérôme", "Saint-Jérôme, Québec"),
        ("Saint Jérôme", "Saint-Jérôme, Québec"),
        ("ste-agathe-des-monts", "Sainte-Agathe-des-Monts, Québec"),
        ("L’Assomption", "L'Assomption, Québec"),
        ("l'assomption", "L'Assomption, Québec"),
        ("Val d’Or", "Val-d'Or, Québec"),
        ("trois rivieres", "Trois-Rivières, Québec"),
        ("Québec", "Québec, Canada"),
        ("Quebec City", "Québec, Canada"),
        ("Ville de Québec", "Québec, Canada"),
        ("Québec, Limoilou", "Québec, Canada"),
        ("Rimouski, quartier Saint-Germain", "Rimouski, Québec"),
        ("Montréal (Verdun)", "Montréal, Québec"),
        ("Montréal - Rosemont", "Montréal, Québec"),
        ("Windsor", "Windsor, Ontario"),
        ("Windsor, Québec", "Windsor, Québec"),
        ("Windsor, QC", "Windsor, Québec"),
        ("Windsor, Canada", "Windsor, Ontario"),
        ("Liège", "Liège, Wallonie"),
        ("Luik", "Luik, Wallonie"),
        ("Bruxelles", "Bruxelles, Belgique"),
        ("Brussels", "Brussels, Ontario"),
        ("Brussels, Belgium", "Brussels, Bruxelles"),
        ("Geneva", "Geneva, Genève"),
        ("Genf", "Genf, Genève"),
        ("Bâle", "Bâle, Bâle-Ville"),
        ("Sion", "Sion, Valais"),
        ("Saint-Denis, La Réunion", "Saint-Denis, La Réunion"),
    ],
)
def test_a_city_is_known_by_its_spellings(typed, found):
    assert labels(places.find(typed))[0] == found


def test_a_label_finds_its_place_again():
    for typed in ("Montréal", "Québec", "Windsor", "Genève", "Lyon", "Saint-Denis", "Trois-Rivières", "Bruxelles"):
        for language in ("fr", "en"):
            with translation.override(language):
                for place in places.find(typed):
                    assert places.find(place.label)[0] == place


def test_the_time_zone_says_on_which_side_of_the_ocean():
    assert labels(places.find("Montréal"))[0] == "Montréal, Québec"
    assert labels(places.find("Montréal", "Europe/Paris"))[0] == "Montréal, Occitanie"
    assert labels(places.find("Lyon", "America/Toronto"))[0] == "Lyon, Auvergne-Rhône-Alpes"


@pytest.mark.parametrize("typed", ["", "   ", ",", "Trifouilly-les-Oies", "東京", "1234", "-", "x" * 80])
def test_what_is_no_city_is_found_nowhere(typed):
    assert places.find(typed) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Sherbroke", "Sherbrooke, Québec"),
        ("Montraial", "Montréal, Québec"),
        ("Rimousky", "Rimouski, Québec"),
        ("Gatinau", "Gatineau, Québec"),
        ("Saint-Hyacinte", "Saint-Hyacinthe, Québec"),
        ("Chicoutimy", "Chicoutimi, Québec"),
        ("Bruxels", "Bruxelles, Belgique"),
        ("Strasbour", "Strasbourg, Grand Est"),
    ],
)
def test_a_near_miss_is_offered_the_city_that_is_meant(typed, meant):
    offered = labels(places.near_spellings(typed))

    assert meant in offered
    assert len(offered) <= 4


@pytest.mark.parametrize("typed", ["", "zzzzzzz", "東京", "saint" + "x" * 75])
def test_nothing_is_offered_where_nothing_comes_near(typed):
    assert places.near_spellings(typed) == []


def test_the_list_is_whole():
    rows = [line.split("\t") for line in places.CITIES.read_text().splitlines()]

    assert len(rows) > 20_000
    assert {row[1] for row in rows} <= places._regions().keys()
    assert all(-90 < float(row[2]) < 90 and -180 <= float(row[3]) <= 180 for row in rows)
    assert all(row[0].strip() == row[0] != "" for row in rows)
