"""What anybody may find: groups that are open, by a word, by format, page by page (the rest: test_finder.py)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import makers
from tests.pages import in_french, words_of

GRIEF = {
    "name": "Les dimanches sans elle",
    "for_whom": "Après la mort d’une personne aimée.",
    "lived_experience": "grief",
    "description": "Nous parlons à tour de rôle.",
}


@pytest.fixture
def directory(circle, visit):
    """The circle (addiction, both formats), a group online about grief and one in person about caring."""
    theo = makers.make_member("theo")
    makers.make_group(theo, "Tilleul", **GRIEF, format="online", city="")
    makers.make_group(theo, "Tilleul", **CARING, format="in_person", city="Liège")

    def ask(query=None):
        page = visit().get("/groups/", query or {})
        assert page.status_code == 200
        return page

    return ask


CARING = {
    "name": "Aidants du crépuscule",
    "for_whom": "Pour qui prend soin d’un proche.",
    "lived_experience": "caregiving",
}
EVERY = ["Un soir à la fois", "Aidants du crépuscule", "Les dimanches sans elle"]


def names(page):
    return [group.name for group in page.context["page_obj"]]


def queries_of(browser, address):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


def test_every_open_group_is_listed_the_next_meeting_first(directory):
    page = directory()

    assert names(page) == EVERY
    assert in_french("%(counter)s group", "%(counter)s groups", 3) in words_of(page)


def test_a_group_that_its_founder_has_not_entered_is_not_listed(directory, visit):
    proposal = makers.make_proposal(makers.make_member("yasmine"), name="Les mains dans la terre")
    group = makers.accept(proposal, makers.make_member("nadia", is_staff=True))

    page = directory()

    assert names(page) == EVERY
    assert visit().get(f"/groups/{group.slug}/").status_code == 404


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dépendance", ["Un soir à la fois"]),
        ("dependance", ["Un soir à la fois"]),
        ("DÉPENDANCE", ["Un soir à la fois"]),
        ("deuil", ["Les dimanches sans elle"]),
        ("aimee", ["Les dimanches sans elle"]),
        ("crepuscule", ["Aidants du crépuscule"]),
        ("à tour de role", ["Les dimanches sans elle"]),
        ("soir fois", ["Un soir à la fois"]),
        ("soir deuil", []),
        ("%", []),
        ("_", []),
        ("'; drop table groups_group", []),
        ("   ", EVERY),
    ],
)
def test_a_word_finds_groups_with_and_without_its_accents(directory, words, found):
    assert names(directory({"q": words})) == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["online"], ["Un soir à la fois", "Les dimanches sans elle"]),
        (["in_person"], ["Un soir à la fois", "Aidants du crépuscule"]),
        (["online", "in_person"], EVERY),
    ],
)
def test_a_group_that_meets_both_ways_is_found_under_each(directory, where, found):
    assert names(directory({"where": where})) == found


def test_each_filter_can_be_taken_away_alone(directory, visit):
    page = directory({"q": "l’été & après", "where": ["online", "in_person"]})

    removals = {str(removal.label): removal.query for removal in page.context["removals"]}
    assert removals == {
        "l’été & après": "?where=online&where=in_person",
        in_french("Online"): "?q=l%E2%80%99%C3%A9t%C3%A9+%26+apr%C3%A8s&where=in_person",
        in_french("In person"): "?q=l%E2%80%99%C3%A9t%C3%A9+%26+apr%C3%A8s&where=online",
    }
    assert names(page) == []
    for query in removals.values():
        assert visit().get(f"/groups/{query}").status_code == 200


def test_the_last_filter_leaves_by_the_bare_address(directory):
    page = directory({"q": "soir"})

    leaving = re.findall(r'<a href="/groups/">(.*?)</a>', page.content.decode())
    assert in_french("Clear “%(label)s”", label="soir") in [" ".join(words.split()) for words in leaving]


HUGE = "9" * 5000


@pytest.mark.parametrize(
    "query",
    [
        {"where": "elsewhere"},
        {"page": "x"},
        {"page": "99"},
        {"page": "-1"},
        {"page": str(10**20)},
        {"page": HUGE},
        {"page": "\0"},
        {"page": "²"},
        {"km": "7"},
        {"km": HUGE, "day": [HUGE, "-1", "8"]},
        {"moment": "night", "language": "tlh", "access": ["none", "\0"]},
        {"language": ["x", "y"]},
        {"unknown": "x", "q[]": "y"},
        {"city": "   "},
    ],
)
def test_a_mistyped_address_is_no_error(directory, query):
    assert names(directory(query)) == EVERY


@pytest.mark.parametrize("field", ["q", "city"])
@pytest.mark.parametrize(
    "typed", ["a\0b", "a" * 100_000, "é" * 80, "' or 1=1", "((", "!&|:*<->", "\\", "\u202e", "{", "%s", "💧"]
)
def test_strange_words_are_looked_for_and_break_nothing(directory, field, typed):
    page = directory({field: typed})

    assert names(page) == ([] if field == "q" else EVERY)
    assert len(getattr(page.context["wanted"], field)) <= 80


def test_twelve_groups_stand_on_two_pages_without_a_word_lost(circle, visit):
    theo = makers.make_member("theo")
    for number in range(11):
        makers.make_group(theo, "Tilleul", name=f"Groupe {number:02}")

    first, second = visit().get("/groups/?where=online"), visit().get("/groups/?where=online&page=2")

    assert names(first) == ["Un soir à la fois", *(f"Groupe {number:02}" for number in range(9))]
    assert names(second) == ["Groupe 09", "Groupe 10"]
    assert in_french("%(counter)s group", "%(counter)s groups", 12) in words_of(first)
    links = re.findall(r'<a href="([^"]*)" rel="(?:next|prev)"', first.content.decode() + second.content.decode())
    assert [link.replace("&amp;", "&") for link in links] == ["?where=online&page=2", "?where=online&page=1"]


def test_the_list_costs_the_same_with_one_group_and_with_twelve(circle, visit):
    one = queries_of(visit(), "/groups/?q=soir&where=online")
    theo = makers.make_member("theo")
    for number in range(11):
        makers.make_series(theo, makers.make_group(theo, "Tilleul", name=f"Un soir {number:02}"))

    twelve = queries_of(visit(), "/groups/?q=soir&where=online")

    assert len(one) == len(twelve) <= 4


def test_with_and_without_a_date_the_list_costs_four_statements(circle, visit):
    for number in range(12):
        makers.make_sheet(name=f"Un soir {number:02}")

    costs = {page: len(queries_of(visit(), f"/groups/?q=soir&page={page}")) for page in (1, 2)}

    assert costs == {1: 4, 2: 3}  # who asks, how many, those with a date, the others
