"""Missing, foreign, withdrawn, left and not opened yet: one and the same answer, which costs the same queries."""

import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groups import telling
from groups.confidentiality import enter_group, find_own_story
from tests import makers, pages
from tests.makers import as_person


@pytest.fixture
def hidden(circle):
    """People, and what is kept from them. Malik is in both groups, Théo in the other one only, Zoé came last."""
    theo, zoe, staff = makers.make_member("theo"), makers.make_member("zoe"), makers.make_member("nadia", is_staff=True)
    other = makers.make_group(theo, "Tilleul", name="Les jours gris")
    makers.join(circle.malik, other, "Corneille")
    makers.join(zoe, circle.group, "Osier")
    withdrawn = makers.make_story(circle.malik, circle.group)
    with as_person(circle.malik):
        telling.withdraw(find_own_story(enter_group(circle.malik, circle.group.pk), withdrawn.pk))
    closed = makers.accept(makers.make_proposal(circle.ines, name="La maison vide"), staff)
    values = {"gid": circle.group.pk, "other": other.pk, "sid": circle.story.pk, "mid": circle.meeting.pk}
    values |= {"withdrawn": withdrawn.pk, "closed": closed.pk, "closed_slug": closed.slug}
    values |= {"pid": makers.make_proposal(circle.ines).pk}
    people = {"ines": circle.ines, "malik": circle.malik, "sofia": circle.sofia, "theo": theo, "zoe": zoe}
    return people | {"nobody": None}, values


CASES = [
    ("theo", "/g/{gid}/", "foreign"),
    ("theo", "/g/{gid}/stories/{sid}/", "foreign"),
    ("theo", "/g/{gid}/meetings/{mid}/", "foreign"),
    ("theo", "/g/{gid}/meetings/{mid}/calendar.ics", "foreign"),
    ("sofia", "/g/{gid}/meetings/{mid}/calendar.ics", "left"),
    ("theo", "POST /g/{gid}/stories/new/share/", "foreign"),
    ("theo", "POST /g/{gid}/meetings/{mid}/reply/", "foreign"),
    ("sofia", "/g/{gid}/", "left"),
    ("sofia", "/g/{gid}/stories/{sid}/", "left"),
    ("sofia", "/g/{gid}/meetings/{mid}/", "left"),
    ("sofia", "POST /g/{gid}/stories/{sid}/withdraw/", "left"),
    ("theo", "/g/{closed}/join/", "not opened yet"),
    ("theo", "POST /g/{closed}/join/", "not opened yet"),
    ("theo", "/g/{closed}/", "not opened yet"),
    ("nobody", "/groups/{closed_slug}/", "not opened yet"),
    ("theo", "/groups/{closed_slug}/", "not opened yet"),
    ("ines", "/g/{gid}/stories/{withdrawn}/", "withdrawn"),
    ("malik", "/g/{gid}/stories/{withdrawn}/", "withdrawn by oneself"),
    ("ines", "POST /g/{gid}/stories/{withdrawn}/resonance/", "withdrawn"),
    ("malik", "POST /g/{gid}/stories/{withdrawn}/withdraw/", "withdrawn"),
    ("zoe", "/g/{gid}/stories/{sid}/", "from before"),
    ("zoe", "POST /g/{gid}/stories/{sid}/resonance/", "from before"),
    ("zoe", "POST /g/{gid}/stories/{sid}/withdraw/", "from before"),
    ("malik", "/g/{other}/stories/{sid}/", "of one's other group"),
    ("malik", "POST /g/{other}/stories/{sid}/withdraw/", "of one's other group"),
    ("malik", "/g/{other}/meetings/{mid}/", "of one's other group"),
    ("malik", "/g/{other}/meetings/{mid}/join/", "of one's other group"),
    ("malik", "POST /g/{other}/meetings/{mid}/reply/", "of one's other group"),
    ("theo", "POST /g/{other}/meetings/{mid}/cancel/", "of another group, for who facilitates"),
    ("theo", "/g/{other}/stories/{sid}/", "of another group"),
    ("malik", "/propose/{pid}/", "foreign"),
    ("malik", "/staff/proposals/{pid}/", "for staff"),
    ("malik", "POST /staff/proposals/{pid}/accept/", "for staff"),
]
OWN_ROOMS = {"gid", "other"}  # a group that the person is in stays in the address


@pytest.mark.parametrize(("person", "address", "why"), CASES, ids=[f"{who} {what}, {why}" for who, what, why in CASES])
def test_it_answers_as_what_never_was_and_costs_the_same(hidden, visit, person, address, why):
    people, values = hidden
    browser = visit(people[person])
    method, _, path = address.rpartition(" ")
    never = {name: f"never-{uuid4().hex[:8]}" if name == "closed_slug" else uuid4() for name in values}
    if why not in ("foreign", "left"):
        never |= {name: values[name] for name in OWN_ROOMS}
    browser.get("/left/")  # what the first page of a session costs is paid

    there, missing = (_weighed(browser, method or "GET", path.format(**some)) for some in (values, never))

    assert there == missing
    assert there[0][0] == 404


def _weighed(browser, method, address):
    """The answer, and the statements that it took, their values left out."""
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = browser.generic(method, address)
    status, headers, body = pages.fingerprint(answer)
    statements = [re.sub(r"'[^']*'|s\d+_x\d+", "…", query["sql"]) for query in asked]
    return (status, headers, body.replace(address, "…")), len(asked), statements


def test_who_may_see_them_finds_them(hidden, visit):
    """What is asked for above is really there."""
    people, values = hidden
    seen = [("malik", "/g/{gid}/stories/{sid}/"), ("ines", "/g/{gid}/meetings/{mid}/"), ("ines", "/propose/{pid}/")]
    seen += [("ines", "/g/{closed}/join/"), ("malik", "/g/{other}/"), ("malik", "/g/{gid}/")]

    answers = [visit(people[person]).get(address.format(**values)) for person, address in seen]

    assert [answer.status_code for answer in answers] == [200] * len(seen)


def test_insiders_without_the_right_get_a_plain_refusal(hidden, visit):
    people, values = hidden
    refused = [("malik", "GET", "/g/{gid}/meetings/new/"), ("malik", "POST", "/g/{gid}/meetings/{mid}/cancel/")]
    refused += [("ines", "POST", "/g/{gid}/stories/{sid}/withdraw/")]

    for person, method, address in refused:
        answer = visit(people[person]).generic(method, address.format(**values))

        assert answer.status_code == 403
        assert "Gué bleu" not in answer.content.decode()
