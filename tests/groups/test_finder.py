"""What people look for and find: their own words, a place, a day, a time of day, a language, access, free places."""

from datetime import time, timedelta

import pytest
from django.db import connection

from entraide.lib.days import today
from groups import places
from groups.models import Group
from tests import makers
from tests.groups.sheets import ANSWER, EVERY_FILTER, MORNING_HOUR, sheet
from tests.pages import in_french, words_of

# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def library(db):
    sheet("Les dimanches sans elle", 1, lived_experience="grief", description="Nous parlons à tour de rôle.")
    sheet("After the Fire", 2, lived_experience="burnout", language="en", description="We lie on the floor if we need.")
    sheet("Un soir à la fois", 3, lived_experience="addiction")
    sheet("Grandmothers Who Knit", 4, language="en", for_whom="For women whose children have gone far away.")
    sheet("Les grands départs", 5, description="Des traversées, des chevaux endeuillés, un œil sur la mer.")


GRIEF, FIRE, EVENING = "Les dimanches sans elle", "After the Fire", "Un soir à la fois"
KNIT, FAR = "Grandmothers Who Knit", "Les grands départs"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dimanche", [GRIEF]),
        ("dimanches", [GRIEF]),
        ("DIMANCHES", [GRIEF]),
        ("role", [GRIEF]),
        ("rôles", [GRIEF]),
        ("traversee", [FAR]),
        ("traversée", [FAR]),
        ("depart", [FAR]),
        ("cheval", [FAR]),
        ("chevaux", [FAR]),
        ("oeil", [FAR]),
        ("œil", [FAR]),
        ("grandmother", [KNIT]),
        ("knitting", [KNIT]),
        ("woman", []),
        ("women", [KNIT]),
        ("floors", [FIRE]),
        ("soir fois", [EVENING]),
        ("soir dimanche", []),
        ("l’œil sur la mer", [FAR]),
    ],
)
def test_accents_and_plurals_are_forgiven_in_both_languages(library, find, words, found):
    assert find(q=words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("deuil", [GRIEF]),
        ("deuils", [GRIEF]),
        ("endeuillé", [GRIEF, FAR]),
        ("endeuillee", [GRIEF, FAR]),
        ("endeuillées", [GRIEF, FAR]),
        ("mort", [GRIEF]),
        ("veuve", [GRIEF]),
        ("Veufs", [GRIEF]),
        ("widow", [GRIEF]),
        ("bereaved", [GRIEF]),
        ("perdre quelqu'un", [GRIEF]),
        ("perdre quelqu’un", [GRIEF]),
        ("j’ai perdu mon mari", [GRIEF]),
        ("I lost my sister", [GRIEF]),
        ("deuil dimanche", [GRIEF]),
        ("deuil soir", []),
        ("épuisé", [FIRE]),
        ("burn-out", [FIRE]),
        ("burnt out", [FIRE]),
        ("alcool", [EVENING]),
        ("my brother drinks", [EVENING]),
        ("grief", [GRIEF]),
        ("dépendance", [EVENING]),
    ],
)
def test_a_word_of_ones_own_finds_the_lived_experience_that_it_names(library, find, words, found):
    assert find(q=words) == found


def test_words_are_no_wild_cards_and_alone_little_words_find_nothing(library, find):
    for words in ("%", "_", "*", "à la", "the", "lived:grief", "'lived:grief'"):
        assert find(q=words) == [], words


def test_little_words_beside_others_ask_for_nothing(library, find):
    assert find(q="pour le dimanche et avec elle") == [GRIEF]


def test_words_changed_on_a_sheet_are_found_at_once(library, find):
    with connection.cursor() as cursor:
        cursor.execute("select words from groups_group where name = %s", [GRIEF])
        assert "'lived:grief'" in cursor.fetchone()[0]

    sheet("Le phare", description="Une lumière.")

    assert find(q="lumières") == ["Le phare"]


# --- Place -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cities(db):
    sheet("Montréal", 1, city="Montréal, Verdun")
    sheet("Laval", 2, city="Laval")  # some 15 km away
    sheet("Saint-Jérôme", 3, city="Saint-Jérôme")  # 45 km
    sheet("Sherbrooke", 4, city="Sherbrooke")  # 130 km
    sheet("Québec et en ligne", 5, city="Québec", format="both")
    sheet("En ligne", 6, city="", format="online")
    sheet("Lyon", 7, city="Lyon", zone="Europe/Paris")
    sheet("Nulle part", 8, city="Trifouilly")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"city": "Montréal", "km": 10}, ["Montréal"]),
        ({"city": "Montréal", "km": 25}, ["Montréal", "Laval"]),
        ({"city": "Montréal"}, ["Montréal", "Laval"]),
        ({"city": "Montréal", "km": 50}, ["Montréal", "Laval", "Saint-Jérôme"]),
        ({"city": "montreal", "km": 10}, ["Montréal"]),
        ({"city": "st-jerome", "km": 10}, ["Saint-Jérôme"]),
        ({"city": "SAINT JÉRÔME, Québec", "km": 10}, ["Saint-Jérôme"]),
        ({"city": "Quebec City", "km": 10}, ["Québec et en ligne"]),
        ({"city": "Lyon", "km": 100}, ["Lyon"]),
        ({"city": "Genève", "km": 100}, []),
        ({"city": "Montréal", "where": "in_person"}, ["Montréal", "Laval"]),
        ({"city": "Québec", "where": "online"}, ["Québec et en ligne", "En ligne"]),
        ({"city": "Lyon", "where": "online"}, ["Québec et en ligne", "En ligne"]),
        (
            {"city": "Montréal", "where": ["online", "in_person"]},
            ["Montréal", "Laval", "Québec et en ligne", "En ligne"],
        ),
        ({"city": "Lyon", "where": "in_person"}, ["Lyon"]),
        ({"km": 10}, ["Montréal", "Laval", "Saint-Jérôme", "Sherbrooke", "Québec et en ligne", "En ligne", "Lyon"]),
    ],
)
def test_a_city_narrows_the_groups_that_meet_in_person(cities, find, query, found):
    assert find(**query)[:7] == found


def test_distances_are_those_of_the_globe(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.km_between(45.5088, -73.5878, 46.8123, -71.2145), app.km_between(45.749, 4.848, 48.853, 2.349),"
            " app.km_between(0, 179.9, 0, -179.9), app.km_between(45.5, -73.5, 45.5, -73.5)"
        )
        assert [round(km) for km in cursor.fetchone()] == [233, 393, 22, 0]


def test_a_circle_is_no_square(db, find):
    montreal = places.find("Montréal")[0]
    sheet("Au nord", 1, latitude=montreal.latitude + 0.89, longitude=montreal.longitude)  # 99 km
    sheet("Au coin du carré", 2, latitude=montreal.latitude + 0.85, longitude=montreal.longitude + 1.2)

    assert find(city="Montréal", km=100) == ["Au nord"]


def test_an_unknown_city_leaves_the_other_filters_and_offers_near_spellings(cities, find, visit):
    assert find(city="Sherbroke", where="online") == ["Québec et en ligne", "En ligne"]

    words = words_of(find.page)
    unknown = "We do not know the city “%(city)s”. The other choices hold."
    assert in_french(unknown, city="Sherbroke") in words
    offered = find.page.context["other_cities"]
    assert [other.label for other in offered] == ["Sherbrooke, Québec"]
    there = visit().get(f"/groups/{offered[0].query}").context
    assert (there["wanted"].cities[0].name, there["wanted"].where) == ("Sherbrooke", ("online",))


def test_a_city_that_looks_like_none_says_so(cities, find):
    assert len(find(city="Xzqwvjk")) == 8

    assert in_french("Write the name of a bigger city nearby.") in words_of(find.page)


def test_namesakes_are_offered(cities, find):
    assert find(city="Saint-Jérôme", km=10) == ["Saint-Jérôme"]

    assert [other.label for other in find.page.context["other_cities"]] == ["Saint-Jérôme, Provence-Alpes-Côte d’Azur"]


def test_a_proposal_that_is_accepted_is_found_near_its_city(circle, find):
    assert find(city="Sherbrooke", km=10) == [circle.group.name]
    group = Group.objects.get(pk=circle.group.pk)
    assert (round(group.latitude, 1), round(group.longitude, 1)) == (45.4, -71.9)


# --- Day and hour ----------------------------------------------------------------------------------------------------


@pytest.fixture
def week(db):
    sheet("Lundi matin", weekday=0, at=MORNING_HOUR)
    sheet("Lundi midi", weekday=0, at=time(12))
    sheet("Mardi 16 h 59", weekday=1, at=time(16, 59))
    sheet("Dimanche 17 h", weekday=6, at=time(17))
    sheet("Sans date", 5, next_starts_at=None, next_ends_at=None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"day": 0}, ["Lundi matin", "Lundi midi"]),
        ({"day": [0, 6]}, ["Lundi matin", "Lundi midi", "Dimanche 17 h"]),
        ({"day": 3}, []),
        ({"moment": "morning"}, ["Lundi matin"]),
        ({"moment": "afternoon"}, ["Lundi midi", "Mardi 16 h 59"]),
        ({"moment": "evening"}, ["Dimanche 17 h"]),
        ({"moment": ["morning", "evening"]}, ["Lundi matin", "Dimanche 17 h"]),
        ({"day": 0, "moment": "afternoon"}, ["Lundi midi"]),
    ],
)
def test_a_day_and_a_time_of_day_are_those_of_the_next_meeting(week, find, query, found):
    assert find(**query) == found


@pytest.mark.parametrize(
    ("zone", "starts", "on_clock"),
    [("America/Toronto", time(19, 30), 1170), ("Europe/Paris", time(0, 15), 15), ("America/St_Johns", time(23), 1380)],
)
def test_announced_meetings_are_kept_on_the_groups_own_clock(db, find, zone, starts, on_clock):
    theo = makers.make_member("theo")
    group = makers.make_group(theo, "Tilleul", zone=zone)
    on = today() + timedelta(days=3)

    makers.make_series(theo, group, on=on, starts=starts, ends=time(23, 59))

    group.refresh_from_db()
    assert (group.next_weekday, group.next_minute) == (on.weekday(), on_clock)


def test_a_meeting_called_off_takes_its_day_and_hour_away(db, find, visit):
    theo = makers.make_member("theo")
    group = makers.make_group(theo, "Tilleul", name="Une seule fois")
    on = today() + timedelta(days=3)
    makers.make_series(theo, group, on=on, rhythm="once")
    evening = {"day": on.weekday(), "moment": "evening"}
    assert find(**evening) == ["Une seule fois"]

    meeting = makers.first_meeting(theo, group)
    visit(theo).post(f"/g/{group.pk}/meetings/{meeting.pk}/cancel/", {"version": 1})

    assert find(**evening) == []


# --- The rest, and everything together -------------------------------------------------------------------------------


@pytest.fixture
def fair(db):
    sheet("Tout", 1, access=["wheelchair", "captions"], language="fr")
    sheet("Complet", 2, access=["wheelchair"], is_full=True, language="fr")
    sheet("English", 3, access=[], language="en")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"language": "fr"}, ["Tout", "Complet"]),
        ({"language": "en"}, ["English"]),
        ({"access": "wheelchair"}, ["Tout", "Complet"]),
        ({"access": ["wheelchair", "captions"]}, ["Tout"]),
        ({"free": "on"}, ["Tout", "English"]),
        ({"free": "on", "language": "fr"}, ["Tout"]),
    ],
)
def test_language_access_and_free_places(fair, find, query, found):
    assert find(**query) == found


AROUND_MONTREAL = in_french("within %(km)s km of %(city)s", km=50, city="Montréal, Québec")
OTHERWISE = [
    ("deuil", {"lived_experience": "pain"}),
    ("In person", {"format": "online"}),
    ("city", {"city": "Lyon"}),
    ("Tuesday", {"weekday": 2}),
    ("evening", {"at": MORNING_HOUR}),
    ("French", {"language": "en"}),
    ("wheelchair access", {"access": []}),
    ("places free", {"is_full": True}),
]


def test_all_filters_together_find_the_one_that_answers(db, find):
    for number, (_, otherwise) in enumerate(OTHERWISE):
        sheet(f"Autre {number}", **{**ANSWER, **otherwise})
    sheet("Le bon", **ANSWER)

    assert find(**EVERY_FILTER) == ["Le bon"]


@pytest.mark.parametrize(("filter_name", "otherwise"), [pair for pair in OTHERWISE if pair[0] != "In person"])
def test_an_empty_list_names_the_filter_that_empties_it(db, find, filter_name, otherwise):
    sheet("Presque", **{**ANSWER, **otherwise})

    assert find(**EVERY_FILTER) == []

    words = " ".join(str(find.page.context["culprit"].label).split())
    assert words == (AROUND_MONTREAL if filter_name == "city" else in_french(filter_name))
    assert find.page.context["culprit"].count == 1
    assert in_french("It is “%(label)s” that leaves no group.", label=words) in words_of(find.page)


def test_each_way_out_of_an_empty_list_finds_as_many_as_it_says(db, find, visit):
    sheet("Au loin", **{**ANSWER, "city": "Lyon"})
    sheet("En ligne", **{**ANSWER, "format": "online", "city": ""})
    sheet("Un autre jour", **{**ANSWER, "weekday": 3})
    sheet("Un autre jour encore", **{**ANSWER, "weekday": 4})

    assert find(**EVERY_FILTER) == []

    helpful = {" ".join(str(way.label).split()): way.count for way in find.page.context["helpful"]}
    assert helpful == {AROUND_MONTREAL: 1, in_french("Tuesday"): 2}
    for way in [*find.page.context["helpful"], find.page.context["online"]]:
        there = visit().get(f"/groups/{way.query}")
        assert there.context["found"].count() == way.count > 0
    assert find.page.context["online"].query == "?q=deuil&where=online"
    together = "Together, these choices leave no group. Clear one of them:"
    assert in_french(together) in words_of(find.page)


def test_where_no_single_filter_is_to_blame_the_page_says_so_and_offers_the_rest(db, find):
    sheet("Rien de cela", city="Lyon", language="en")

    assert find(q="deuil", language="fr") == []

    assert find.page.context["helpful"] == []
    words = words_of(find.page)
    assert in_french("No group answers to this, not even with one choice less.") in words
    assert in_french("See all groups") in words
    assert in_french("Propose a group") in words


def test_days_of_an_empty_list_leave_together(db, find):
    sheet("Un samedi", weekday=5)

    assert find(day=[0, 1]) == []

    monday_or_tuesday = f"{in_french('Monday')}, {in_french('Tuesday')}"
    assert [(way.label, way.query, way.count) for way in find.page.context["helpful"]] == [(monday_or_tuesday, "", 1)]


def test_with_no_group_at_all_the_page_says_so(find):
    assert find() == []
    assert in_french("No group is open yet.") in words_of(find.page)
