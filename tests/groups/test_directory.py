"""What anybody may find: groups that are open, by a word, by format, page by page."""

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
    return [group.name for group in page.context["groups"]]


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

    removals = {removal["label"]: removal["url"] for removal in page.context["removals"]}
    assert removals == {
        "l’été & après": "?where=online&where=in_person",
        in_french("Online"): "?q=l%E2%80%99%C3%A9t%C3%A9+%26+apr%C3%A8s&where=in_person",
        in_french("In person"): "?q=l%E2%80%99%C3%A9t%C3%A9+%26+apr%C3%A8s&where=online",
    }
    assert names(page) == []
    assert in_french("No group answers all of this at once. Clear one choice, or look at all the groups.") in words_of(
        page
    )
    assert in_french("Clear “%(label)s”", label=in_french("Online")) in words_of(page)
    for url in removals.values():
        assert visit().get(f"/groups/{url}").status_code == 200


@pytest.mark.parametrize(
    "query", [{"where": "elsewhere"}, {"q": "a" * 81}, {"q": "a\0b"}, {"page": "x"}, {"page": "99"}]
)
def test_a_mistyped_address_is_no_error(directory, query):
    assert names(directory(query)) == EVERY


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
        makers.make_group(theo, "Tilleul", name=f"Un soir {number:02}")

    twelve = queries_of(visit(), "/groups/?q=soir&where=online")

    assert len(one) == len(twelve) <= 4


def test_the_public_sheet_tells_nothing_from_inside(circle, visit):
    page = visit().get(f"/groups/{circle.group.slug}/")

    assert "Pour les personnes qui ont arrêté de boire, ou qui y pensent." in words_of(page)
    for secret in (makers.PLACE, makers.LINK, makers.STORY, "Phare vert", "Gué bleu"):
        assert secret not in words_of(page)


def test_the_sheet_leads_visitors_to_join_and_members_inside(circle, visit):
    address = f"/groups/{circle.group.slug}/"

    to_join, inside = (f'href="/g/{circle.group.pk}/{end}"' for end in ("join/", ""))

    assert to_join in visit().get(address).content.decode()
    assert to_join in visit(circle.sofia).get(address).content.decode()
    member_page = visit(circle.malik).get(address).content.decode()
    assert inside in member_page
    assert to_join not in member_page
