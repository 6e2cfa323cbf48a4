"""The list that a search gives: its order, its number, its pages, what it costs, what it keeps."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entraide.lib.days import today
from groups import finding
from tests.groups.sheets import ANSWER, EVERY_FILTER, SOON, sheet
from tests.pages import in_french, words_of


def test_the_next_meeting_comes_first_one_under_way_before_it_and_a_past_one_is_none(db, find):
    sheet("Zoé, sans date", next_starts_at=None, next_ends_at=None)
    sheet("Hier", after=-1)
    sheet("Anne, sans date", next_starts_at=None, next_ends_at=None)
    sheet("Dans trois jours", after=3)
    sheet("Demain", after=1)

    sheet("En ce moment", next_starts_at=SOON - timedelta(minutes=30), next_ends_at=SOON + timedelta(minutes=30))

    assert find() == ["En ce moment", "Demain", "Dans trois jours", "Anne, sans date", "Hier", "Zoé, sans date"]


def test_pages_lose_no_group_at_the_seam(db, find):
    for number in range(13):
        sheet(f"Avec date {number:02}", after=number + 1)
    for number in range(12):
        sheet(f"Sans date {number:02}", next_starts_at=None, next_ends_at=None)

    pages = [find(page=page) for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [10, 10, 5]
    dated = [f"Avec date {number:02}" for number in range(13)]
    assert [name for page in pages for name in page] == dated + [f"Sans date {number:02}" for number in range(12)]


def test_beyond_the_most_that_is_counted_the_page_says_more_and_ends(db, find, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 20)
    for number in range(22):
        sheet(f"Groupe {number:02}", after=number + 1)

    assert len(find()) == 10
    assert in_french("More than %(most)s groups", most=20) in words_of(find.page)
    assert len(find(page=2)) == 10
    end = "The list ends here. Say a little more of what you look for to see other groups."
    assert in_french(end) in words_of(find.page)
    assert find(page=3) == find(page=2)


def test_a_group_that_awaits_its_first_person_claims_no_free_place(db, find):
    sheet("Liste", opened_on=None, awaiting_since=today(), city="Montréal")

    assert find(city="Montréal") == ["Liste"]
    words = words_of(find.page)
    assert in_french("This group awaits a first person to facilitate it") in words
    assert in_french("Places are free") not in words
    assert find(free="on") == []


def test_no_group_is_told_that_was_never_opened(db, find):
    sheet("Pas encore", opened_on=None, lived_experience="grief", city="Montréal")

    for query in ({}, {"q": "deuil"}, {"city": "Montréal"}, {"where": "in_person"}):
        assert find(**query) == []
    assert find.page.context["found"].count() == 0


@pytest.mark.parametrize(
    "query", [{}, {"q": "deuil"}, {"city": "Laval"}, EVERY_FILTER, {"q": "zzz", "city": "Laval"}, {"city": "Lavall"}]
)
def test_a_search_costs_at_most_four_statements_however_many_groups(db, visit, query):
    costs = []
    for number in range(3):
        for other in range(6):
            sheet(f"Groupe {number} {other}", after=other + 1, **ANSWER)
        with CaptureQueriesContext(connection) as captured:
            visit().get("/groups/", query)
        costs.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))

    assert max(costs) <= 4
    assert costs[0] == costs[1] == costs[2]


def test_the_words_of_a_search_are_kept_nowhere(db, find, visit):
    page = visit().get("/groups/", {"q": "deuil", "city": "Montréal"})

    assert page.cookies == {}
    assert "Set-Cookie" not in page.headers
