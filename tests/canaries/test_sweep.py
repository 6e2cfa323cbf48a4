"""After a long visit no word that people entrusted to the site lies anywhere in the clear, beyond what marks.py says.

The table of places and bytes stands at the end of the tests' output.
"""

import base64
import json
import re

import pytest

from tests.canaries.marks import ENVELOPES, MAILS, MARKS, word
from tests.canaries.plants import PLANTS
from tests.canaries.sweep import leaks, swept
from tests.canaries.visitor import Visitor

TYPED_BY_NOBODY = {"feeling that is none"}  # no form lets it pass; a maker sealed it
UNUSED_TABLES = {  # of libraries: what they are for, this site does in another way
    *("auth_group", "auth_permission", "auth_group_permissions", "account_emailconfirmation", "django_content_type"),
    *("members_member_groups", "members_member_user_permissions"),
}
MAY_BE_EMPTY = {"files: temporary", "files: of the project", "error records: beat"}


def test_no_mark_lies_where_it_may_not(places):
    assert leaks(places) == []


def test_every_mark_was_typed(scene):
    unused = {kind for kind in MARKS if word(kind).encode() not in Visitor.sent}

    assert unused == TYPED_BY_NOBODY


def test_what_is_said_to_lie_in_the_clear_is_found_there(scene, places):
    """So that the sweep is known to see, and no permission outlives its reason."""
    found = {(mark.family, place.name) for place in places for mark in place.found}
    said = {(mark.family, place) for mark in scene.marks for place in mark.allowed if _is_fixed(place)}

    assert sorted(said - found) == []


def _is_fixed(place):
    return place in (ENVELOPES, MAILS) or (place.startswith("tables: public.") and "*" not in place)


def test_every_place_was_read(places):
    empty = {place.name for place in places if not place.size and place.kind != "tables"}

    assert empty <= MAY_BE_EMPTY


def test_every_table_of_the_site_was_filled(places):
    empty = {place.name for place in places if not place.size and place.name.startswith("tables: public.")}

    assert empty <= {f"tables: public.{table}" for table in UNUSED_TABLES}


def test_task_messages_carry_nothing(scene):
    sent = scene.sinks.seen["task messages: sent"]
    bodies = [json.loads(base64.b64decode(body))[:2] for body in re.findall(rb'\\"body\\": \\"([\w+/=]+)\\"', sent)]

    assert len(bodies) >= 2
    assert all(body == [[], {}] for body in bodies)


def test_whoever_has_left_is_in_no_table(scene, places):
    marks = [mark for mark in scene.marks if mark.kind in scene.gone]
    tables = {name: data for name, data in scene.remains.items() if name.startswith("tables: public.")}

    assert scene.gone <= {mark.kind for place in places for mark in place.found}  # they were there
    assert {place.name: place.found for place in swept(tables, marks) if place.found} == {}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_mark_that_is_planted_is_found_there_and_nowhere_else(planted, plant):
    found = {place.name for place in planted if any(mark.kind == plant.__name__ for mark in place.found)}

    assert found == set(PLANTS[plant]) & {place.name for place in planted}


def test_every_kind_of_place_has_its_plant(places):
    read = {place.name for place in places if place.kind != "tables"}

    assert read <= {name for names in PLANTS.values() for name in names}
