"""What an author received for a story is theirs alone: nobody else obtains it by any address, filter or query."""

import re

import pytest
from django.db import connection

from tests import makers
from tests.test_matrix import BEHIND_A_DOOR, OUTSIDERS, ROUTES, SIGNED_IN, scene, whole_scene

__all__ = ["scene", "whole_scene"]  # fixtures: the same people before the same doors

SAID = {"say": "hear"}
OF_STORIES = ("group_home", "groups:stories", "groups:story")
FILTERS = (
    "open=1 said=hear said=1 received=1 resonance=hear words=all mine=1 author=1 sort=resonance order=-said before=99"
    " kind=hear format=json page=2 q=hear feeling=hope answer=1"
).split()
# DTSTAMP: when a calendar file was asked for, to the second
ALIKE = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|[0-9a-f]{8}-[0-9a-f-]{27}|DTSTAMP:\w+')


def _everything_shown_to(scene, person):
    """{address: what is there}: each page of a group and of one’s own, as it is and with every filter; those of
    stories with each filter; what an echo finds."""
    wanted = (*BEHIND_A_DOOR, SIGNED_IN)
    routes = [name for name, (audience, methods) in ROUTES.items() if audience in wanted and "GET" in methods]
    by = [f"{name}={scene.values['said_by']}" for name in ("membership", "by", "person")]
    shown = {}
    for route in routes:
        single = [*FILTERS, *by] if route in OF_STORIES and person == "facilitator" else []
        for query in ("", "&".join([*FILTERS, *by]), *single):
            page = scene.ask(person, "GET", f"{scene.address(route)}?{query}")
            shown[route, query] = page.status_code, ALIKE.sub("", page.content.decode())
    echo = scene.browsers[person].post(scene.address("groups:echo"), {"words": "Quai neuf"})
    return shown | {"echo": (echo.status_code, ALIKE.sub("", echo.content.decode()))}


@pytest.mark.parametrize("person", [person for person in (*OUTSIDERS, "facilitator") if person != "visitor"])
def test_no_address_and_no_filter_tells_anybody_else(scene, person):
    with makers.as_person(scene.people["member"]):
        scene.values["said_by"] = makers.enter_group(scene.people["member"], scene.values["gid"]).membership.pk
    scene.ask(person, "GET", "/me/")  # the first page signs in
    before = _everything_shown_to(scene, person)

    scene.ask("member", "GET", "/me/")
    assert scene.browsers["member"].post(scene.address("groups:resonance"), SAID).status_code == 302

    assert "Quai neuf" in scene.ask("author", "GET", scene.address("groups:story")).content.decode()
    after = _everything_shown_to(scene, person)
    assert [address for address in before if after[address] != before[address]] == []


@pytest.mark.parametrize(("person", "staff"), [("facilitator", False), ("former", False), ("staff", True)])
def test_no_query_of_anybody_else_finds_it(scene, person, staff):
    scene.ask("member", "GET", "/me/")
    scene.browsers["member"].post(scene.address("groups:resonance"), SAID)
    queries = [
        "select count(*) from groups_resonance",
        "select count(*) from groups_story s join groups_resonance r on r.story_id = s.id",
        "select count(*) from groups_membership m where exists"
        " (select 1 from groups_resonance r where r.membership_id = m.id)",
        "with gone as (delete from groups_resonance returning 1) select count(*) from gone",
    ]

    with makers.as_person(scene.people["author"]), connection.cursor() as cursor:
        cursor.execute(queries[0])
        assert cursor.fetchone() == (1,)
    with makers.as_person(scene.people[person], staff=staff), connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            assert cursor.fetchone() == (0,), query
