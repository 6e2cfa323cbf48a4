"""A group that a public list names: everybody finds its sheet, nobody can be inside, anybody may offer to start it."""

import json
from uuid import uuid4

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from groups.models import Group, Listing, Proposal
from groups.proposals import find_own_proposal, own_proposals
from tests import makers
from tests.lists import row
from tests.makers import as_person, as_superuser
from tests.pages import in_french, typed, words_of
from tests.proposals import STEPS, send, write

AWAITS = "This group awaits a first person to facilitate it"
SHEET = "/groups/les-jeudis-du-port/"
OFFER = "/propose/?from=les-jeudis-du-port"
FIELDS = {
    "name": "Les jeudis du port",
    "types": ["O", "FR", "X"],
    "url": "https://lists.example.org/meetings/jeudis/",
    "timezone": "America/Chicago",
    "attendance_option": "hybrid",
    "conference_url": "https://video.example.org/j/55501001990",
    "notes": "Passcode: phare77",
}


@pytest.fixture
def port(committed, bring_in, tmp_path):
    """« Les jeudis du port », of a list. port(...) brings the list in again, with other fields."""

    def again(**fields):
        path = tmp_path / "liste.json"
        path.write_text(json.dumps([row("jeudis", **FIELDS | fields)]))
        return bring_in(path, "--source", "Rencontres du port", "--for-whom", "Pour les proches.")

    again()
    return again


@pytest.fixture
def upkeep(worker):
    return lambda: worker("tasks.look_ahead()")


def test_the_directory_shows_it_among_the_others_and_says_that_it_waits(port, visit):
    circle = makers.make_circle()

    page = visit().get("/groups/")

    assert [group.name for group in page.context["groups"]] in (
        ["Un soir à la fois", "Les jeudis du port"],
        ["Les jeudis du port", "Un soir à la fois"],
    )
    assert words_of(page).count(in_french(AWAITS)) == 1
    assert words_of(visit().get(f"/groups/{circle.group.slug}/")).count(in_french(AWAITS)) == 0


def test_it_is_found_by_its_words_and_by_how_it_meets(port, visit):
    for query in ("?q=proches+port", "?where=online", "?where=in_person", "?q=jeudis&where=online"):
        assert words_of(visit().get(f"/groups/{query}")).count("Les jeudis du port") == 1
    assert "Les jeudis du port" not in words_of(visit().get("/groups/?q=deuil"))


def test_the_first_page_shows_groups_that_can_be_joined_only(port, visit):
    assert "Les jeudis du port" not in words_of(visit().get("/"))


def test_its_sheet_says_what_waiting_means_and_leads_to_an_offer(port, visit):
    page = visit().get(SHEET)

    words, html = words_of(page), page.content.decode()
    assert page.status_code == 200
    assert in_french(AWAITS) in words and "Rencontres du port" in words and "Pour les proches." in words
    assert in_french("In person, %(city)s", city="Boston") in words
    assert "heure de Chicago" in words and "19 h à 20 h" in words
    assert f'href="{OFFER}"' in html
    assert 'href="https://lists.example.org/meetings/jeudis/" rel="external nofollow noopener"' in html
    assert "/join/" not in html and in_french("Join") not in words.replace(in_french("Join this group"), "")
    for private in ("12 Main", "55501001990", "phare77", "video.example.org", in_french("Size")):
        assert private not in html


def test_its_sheet_costs_little_and_sets_no_cookie(port, visit):
    with CaptureQueriesContext(connection) as captured:
        page = visit().get(SHEET)

    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) <= 6
    assert not page.cookies


def test_a_sheet_with_several_days_or_without_any_says_so(port, visit):
    port(day=[1, 4])
    assert in_french("Every %(day)s", day="lundi et jeudi") in words_of(visit().get(SHEET)).replace(" and ", " et ")

    port(day=None, time=None)
    words = words_of(visit().get(SHEET))
    assert in_french("By appointment") in words and in_french("Rhythm") not in words


def test_nobody_can_join_it(port, visit):
    theo = makers.make_member("theo")
    gid = Group.objects.get().pk
    browser = visit(theo)

    answers = [browser.get(f"/g/{gid}/{end}") for end in ("", "join/", "join/charter/", "join/reminders/", "stories/")]
    answers += [browser.post(f"/g/{gid}/join/", {"name": "Osier"}), visit().get(f"/g/{gid}/join/")]

    assert [answer.status_code for answer in answers] == [404] * 6 + [302]
    with pytest.raises(DatabaseError), transaction.atomic(), as_person(theo), connection.cursor() as cursor:
        cursor.execute(
            "select app.enter_group(%s, %s, 'mark', 'name', 'address', 'stop', true, true, true, current_date,"
            " current_date)",
            [gid, uuid4()],
        )


def test_the_database_itself_holds_that_a_group_waits_or_is_open(port):
    with pytest.raises(psycopg2.errors.CheckViolation, match="an_awaiting_group_holds_nobody"):
        as_superuser("update groups_group set opened_on = current_date")


def test_an_offer_begins_with_the_words_of_the_sheet(port, visit):
    browser = visit()

    page = browser.get(OFFER, follow=True)

    assert page.redirect_chain == [("/propose/1/", 302)]
    assert in_french(BEGINS) in words_of(page)
    pages = [page, *(browser.post(f"/propose/{step}/", STEPS[step] | WORDS[step], follow=True) for step in (1, 2))]
    assert typed(pages[0], "name") == "Les jeudis du port"
    assert typed(pages[1], "for_whom").startswith("Pour les proches.")
    assert typed(pages[2], "city") == "Boston"
    html = pages[2].content.decode()
    assert '<option value="America/Chicago" selected>' in html, "a zone that the form does not offer by itself"
    assert all("phare77" not in page.content.decode() for page in pages)


def test_an_offer_does_not_replace_a_proposal_that_is_being_written(port, visit):
    browser = visit()
    write(browser, 1)

    page = browser.get(OFFER, follow=True)

    assert in_french("You are already writing a proposal. Send it or erase it, then come back here.") in words_of(page)
    assert typed(browser.get("/propose/1/"), "name") == STEPS[1]["name"]


@pytest.mark.parametrize("asked", ["nowhere", "un-soir-a-la-fois", "", "a%00b", "é", "a" * 3000, "../x", "%F0%9F"])
def test_an_offer_from_no_such_sheet_is_an_empty_form(circle, visit, asked):
    page = visit(circle.malik).get(f"/propose/?from={asked}", follow=True)

    assert page.redirect_chain == [("/propose/1/", 302)]
    assert typed(page, "name") == ""


BEGINS = "The form begins with what the public list says of this group. Change whatever you wish."
WORDS = {
    1: {"lived_experience": "other", "name": "Les jeudis du quai"},
    2: {"for_whom": "Pour les proches.", "joining": "open"},
    3: {"format": "both", "city": "Boston", "zone": "America/Chicago"},
    4: {},
    5: {},
}


def offer(browser, **fields):
    browser.get(OFFER)
    write(browser, **{name: said for words in WORDS.values() for name, said in words.items()} | fields)
    assert send(browser).status_code == 302


def proposal_of(member):
    with as_person(member):
        return find_own_proposal(member, own_proposals(member).first().pk)


def test_from_the_offer_to_the_group_and_the_sheet_steps_aside(port, visit, upkeep):
    theo, nadia = makers.make_member("theo"), makers.make_member("nadia", is_staff=True)

    offer(visit(theo))
    group = makers.accept(proposal_of(theo), nadia)

    assert (group.name, group.zone, group.awaiting_since) == ("Les jeudis du quai", "America/Chicago", None)
    upkeep()
    assert in_french(AWAITS) in words_of(visit().get(SHEET)), "until somebody has entered it, the list's sheet stays"
    assert visit().get(f"/groups/{group.slug}/").status_code == 404

    makers.join(theo, group, "Osier")
    upkeep()

    answer = visit().get(SHEET)
    assert (answer.status_code, answer.url) == (302, "/groups/les-jeudis-du-quai/")
    assert typed(visit(theo).get(OFFER, follow=True), "name") == ""
    assert [each.name for each in visit().get("/groups/").context["groups"]] == ["Les jeudis du quai"]


def test_a_group_that_people_have_made_of_it_is_never_overwritten(port, visit, upkeep):
    theo, nadia = makers.make_member("theo"), makers.make_member("nadia", is_staff=True)
    offer(visit(theo))
    group = makers.accept(proposal_of(theo), nadia)
    before = as_superuser("select g::text from groups_group g order by 1")
    assert "taken up   1" in port(name="Autre nom", time="08:00")
    assert as_superuser("select g::text from groups_group g order by 1") == before

    makers.join(theo, group, "Osier")
    upkeep()
    before = as_superuser("select g::text from groups_group g order by 1")
    assert "taken up   1" in port(name="Autre nom", time="08:00")

    assert as_superuser("select g::text from groups_group g order by 1") == before
    assert visit().get(SHEET).status_code == 302


def test_of_two_offers_the_one_accepted_first_takes_the_sheet_over(port, visit):
    theo, zoe = makers.make_member("theo"), makers.make_member("zoe")
    nadia = makers.make_member("nadia", is_staff=True)
    offer(visit(theo))
    offer(visit(zoe), name="Les jeudis du large")

    groups = [makers.accept(proposal_of(member), nadia) for member in (zoe, theo)]

    assert Listing.objects.get().taken_up_by == groups[0]
    assert groups[0].pk != groups[1].pk


def test_a_group_that_closes_leaves_its_row_to_others(port, visit, upkeep):
    theo, nadia = makers.make_member("theo"), makers.make_member("nadia", is_staff=True)
    offer(visit(theo))
    group = makers.accept(proposal_of(theo), nadia)
    makers.join(theo, group, "Osier")
    upkeep()
    as_superuser("update groups_group set keys_end_on = current_date + 30 where id = %s", str(group.pk))
    addresses = ("/groups/", "/groups/les-jeudis-du-quai/", SHEET)

    assert [visit().get(address).status_code for address in addresses] == [200, 404, 404]
    assert "Les jeudis" not in words_of(visit().get("/groups/")) + words_of(visit().get("/"))

    upkeep()
    assert visit().get(SHEET).status_code == 404, "it is listed anew by an import only"
    assert "updated    1" in port()
    upkeep()
    assert in_french(AWAITS) in words_of(visit().get(SHEET))
    offer(visit(theo), name="Les jeudis du large")


def test_an_offer_sent_after_the_sheet_has_gone_is_not_lost(port, visit):
    theo = makers.make_member("theo")
    browser = visit(theo)
    browser.get(OFFER)
    as_superuser("update groups_group set awaiting_since = null")

    offer(browser, zone="America/Toronto")

    assert proposal_of(theo).name == "Les jeudis du quai"
    assert proposal_of(theo).listing_id is None


def test_members_cannot_say_that_a_sheet_was_taken_up(port, circle):
    with as_person(circle.ines):
        assert Listing.objects.update(taken_up_by=circle.group) == 0
    assert Proposal.objects.count() == 0
