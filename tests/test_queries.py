"""A page costs the same however full a group is: counted in SQL statements, those of transactions apart."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from groups import deciding, telling
from groups.confidentiality import enter_group, enter_group_to_act, find, find_decision, find_story
from meetings import hosting, rounds
from meetings.models import Meeting
from tests import makers
from tests.makers import as_person
from tests.proposals import answered

FEW, MORE = 6, 12  # shared/design.md: feed, story and directory pages; others
PAGES = [
    ("malik", "/g/{gid}/", FEW),
    ("malik", "/g/{gid}/stories/", FEW),
    ("malik", "/g/{gid}/stories/{sid}/", FEW),  # the author's own
    ("ines", "/g/{gid}/stories/{sid}/", FEW),
    ("nobody", "/groups/", FEW),
    ("malik", "/groups/", FEW),
    ("nobody", "/groups/?q=soir&city=Sherbrooke&km=100&language=fr", FEW),
    ("nobody", "/groups/?q=zzz&city=Sherbrooke&day=0", FEW),
    ("nobody", "/groups/{slug}/", FEW),
    ("malik", "/groups/{slug}/", FEW),
    ("nobody", "/", FEW),
    ("malik", "/", FEW),
    ("malik", "/me/", MORE),
    ("malik", "/me/devices/", MORE),
    ("malik", "/me/notebook/", FEW),
    ("malik", "/me/notebook/{nid}/", FEW),
    ("malik", "/me/notebook/{nid}/edit/", FEW),
    ("malik", "/me/notebook/steps/", FEW),
    ("malik", "/me/notebook/feelings/", FEW),
    ("malik", "/g/{gid}/shelf/", FEW),
    ("malik", "/g/{gid}/shelf/{kid}/edit/", MORE),
    ("malik", "/g/{gid}/stories/new/", MORE),
    ("malik", "/g/{gid}/decisions/", MORE),
    ("malik", "/g/{gid}/decisions/new/", MORE),
    ("malik", "/g/{gid}/decisions/new/?what=exclusion", MORE),
    ("malik", "/g/{gid}/decisions/{dec}/", MORE),
    ("ines", "/g/{gid}/decisions/{dec}/", MORE),
    ("malik", "/me/meetings/", FEW),
    ("malik", "/me/meetings/calendar/", FEW),
    ("nobody", "/calendar/{cal}.ics", FEW),
    ("malik", "/g/{gid}/meetings/{mid}/calendar.ics", FEW),
    ("malik", "/g/{gid}/meetings/", MORE),
    ("malik", "/g/{gid}/meetings/{mid}/", MORE),
    ("ines", "/g/{gid}/meetings/{mid}/", MORE),
    ("ines", "/g/{gid}/meetings/new/", MORE),
    ("ines", "/g/{gid}/meetings/{mid}/change/", MORE),
    ("ines", "/g/{gid}/meetings/{mid}/change/following/", MORE),
    ("malik", "/g/{gid}/meetings/{mid}/round/", MORE),
    ("malik", "/g/{gid}/availability/", MORE),
    ("ines", "/g/{gid}/availability/", MORE),
    ("malik", "/g/{gid}/rotation/", MORE),
    ("ines", "/g/{gid}/rotation/", MORE),
    ("malik", "/g/{gid}/leave/", MORE),
    ("malik", "/g/{gate}/", FEW),
    ("malik", "/g/{gate}/welcome/", MORE),
    ("theo", "/g/{gate}/request/", MORE),
    ("malik", "/me/reminders/", MORE),
    ("malik", "/account/email/", MORE),
    ("malik", "/me/erase/", MORE),
    ("theo", "/g/{gid}/join/", MORE),
    ("malik", "/propose/1/", MORE),
    ("malik", "/propose/{pid}/", MORE),
    ("nadia", "/staff/proposals/", MORE),
    ("nadia", "/staff/proposals/{pid}/", MORE),
    ("nadia", "/staff/log/", MORE),
    ("nadia", "/staff/mail/", MORE),
]


@pytest.fixture(scope="module")
def costs(django_db_setup, django_db_blocker):
    """{page: (its statements with one row of everything, with eight)}"""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _measured()
        transaction.set_rollback(True)


def _measured():
    ines, malik, theo = (makers.make_member(name) for name in ("ines", "malik", "theo"))
    people = {"nobody": None, "ines": ines, "malik": malik, "theo": theo}
    people["nadia"] = makers.make_member("nadia", is_staff=True)
    group = makers.make_group(ines, "Phare vert")
    makers.join(malik, group, "Gué bleu")
    readers = [makers.make_member(f"reader-{number}") for number in range(8)]
    for number, reader in enumerate(readers):
        makers.join(reader, group, f"Osier {number}")
    values = {"gid": group.pk, "slug": group.slug, "sid": makers.make_story(malik, group).pk}
    values["kid"] = makers.put_on_shelf(malik, group, "Je marche.")
    values["nid"], _step = makers.write_in_notebook(malik, "Les volets ouverts.")
    makers.make_series(ines, group, rhythm="once")
    values["mid"] = makers.first_meeting(ines, group).pk
    values["cal"] = makers.take_calendar_address(malik)
    values["dec"] = makers.make_decision(ines, group).pk
    proposal = makers.make_proposal(malik)
    values["pid"] = proposal.pk
    answered("ask", proposal, people["nadia"])
    gate = makers.make_group(malik, "Gué bleu", name="Les mardis lents", joining="welcome")
    makers.make_story(malik, gate)
    makers.ask(theo, gate, "Pont tournant")
    values["gate"] = gate.pk
    _recognise(readers[0], group, values["sid"])
    _take_part(readers[0], group, values["mid"])

    few = _cost_of_every_page(people, values)
    for number, reader in enumerate(readers[1:]):
        _add_one_of_everything(group, ines, malik, reader, number)
        answered("ask", proposal, people["nadia"])
        makers.ask(reader, gate, f"Osier {number}")
        _recognise(reader, group, values["sid"])
        _take_part(reader, group, values["mid"])
        _have_a_concern(reader, group, values["dec"])
    many = _cost_of_every_page(people, values)

    return {page: (few[page], many[page]) for page in few}


def _recognise(reader, group, story):
    with as_person(reader):
        inside = enter_group(reader, group.pk)
        telling.receive(inside, find_story(inside, story), "recognise", said=True)


def _take_part(reader, group, meeting):
    """In facilitating it, and in its round."""
    with as_person(reader):
        inside = enter_group_to_act(reader, group.pk)
        found = find(inside, Meeting, meeting)
        hosting.offer(inside, found)
        rounds.open_round(inside, found, 5)
        rounds.sit_down(rounds.round_of(inside, found), 2)


def _have_a_concern(reader, group, decision):
    with as_person(reader):
        inside = enter_group_to_act(reader, group.pk)
        deciding.take_position(inside, find_decision(inside, decision), "concern", "Et si nous attendions ?")


def _add_one_of_everything(group, ines, malik, reader, number):
    makers.make_story(malik, group, f"Le soir {number}.", title=f"Soir {number}")
    makers.make_story(reader, group, f"Le matin {number}.", note="grief", feelings=["hope"])
    makers.make_series(ines, group)
    makers.propose_date(ines, group)
    makers.put_on_shelf(reader, group, f"Je marche {number} fois.")
    makers.write_in_notebook(malik, f"Le jour {number}.")
    other = makers.make_group(reader, "Tilleul", name=f"Les jours gris {number}")
    makers.make_series(reader, other)
    makers.join(malik, other, "Gué bleu")
    former = makers.make_decision(malik, group, "closing")
    with as_person(malik):
        deciding.take_back(former)
    other_proposal = makers.make_proposal(malik, name=f"Les mains dans la terre {number}")
    answered("suggest_no", other_proposal, makers.make_member(f"staff-{number}", is_staff=True))
    makers.sign_in(Client(), malik)


def _cost_of_every_page(people, values):
    costs = {}
    for person, address, _ in PAGES:
        browser = Client()
        if people[person]:
            makers.sign_in(browser, people[person], second_factor=person == "nadia")
        browser.get(address.format(**values))  # the first visit may still write its suggestions or a message
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(address.format(**values))
        assert page.status_code == 200, address
        costs[person, address] = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    return costs


@pytest.mark.django_db
def test_a_story_is_shared_in_nine_statements_a_draft_and_an_answer_included():
    ines, zoe = makers.make_member("ines"), makers.make_member("zoe")
    group = makers.make_group(ines, "Bouleau")
    makers.join(zoe, group, "Tilleul")
    answered_story = makers.make_story(ines, group, "Ce soir.")
    browser = Client()
    makers.sign_in(browser, zoe)
    form = {"key": uuid4(), "text": "Moi aussi.", "readers": "present", "life": ""}
    browser.post(f"/g/{group.pk}/stories/new/keep/", form)
    alone = _cost_of_sharing(browser, group, form)
    answer = _cost_of_sharing(browser, group, form | {"key": uuid4(), "answers": answered_story.pk})

    assert len(alone) <= 9, "\n".join(statement[:200] for statement in alone)
    assert len(answer) == len(alone) + 1  # the story that it answers, which must be there to read


def _cost_of_sharing(browser, group, form):
    with CaptureQueriesContext(connection) as captured:
        page = browser.post(f"/g/{group.pk}/stories/new/share/", form)
    assert page.status_code == 302
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize(("person", "address", "most"), PAGES)
def test_a_page_costs_the_same_with_one_row_and_with_eight(costs, person, address, most):
    few, many = costs[person, address]

    assert 1 <= len(many) <= most, "\n".join(statement[:200] for statement in many)
    assert len(few) == len(many)
