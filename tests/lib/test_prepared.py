"""Queries that are put together once answer as the queryset would."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from entraide.lib.prepared import Prepared
from groups.models import Group
from tests import makers

pytestmark = pytest.mark.django_db


@Prepared
def groups_since(most, *, day: date, either: UUID):
    return Group.objects.filter(Q(opened_on__gte=day) | Q(pk=either)).order_by("name")[:most]


@pytest.fixture
def names():
    ines = makers.make_member("ines")
    return {name: makers.make_group(ines, "Bouleau", name=name) for name in ("Les jours gris", "Un soir à la fois")}


def test_it_answers_with_the_values_of_each_asking(names):
    grey, evening = names["Les jours gris"], names["Un soir à la fois"]

    assert groups_since(5, day=date.min, either=uuid4()) == [grey, evening]
    assert groups_since(1, day=date.min, either=uuid4()) == [grey]
    assert groups_since(5, day=date.max, either=evening.pk) == [evening]
    assert groups_since.first(5, day=date.max, either=grey.pk).name == "Les jours gris"
    assert groups_since.first(5, day=date.max, either=uuid4()) is None


def test_it_asks_once_and_what_the_queryset_would_ask(names):
    day, either = date(2026, 11, 3), names["Les jours gris"].pk

    with CaptureQueriesContext(connection) as asked:
        groups_since(3, day=day, either=either)
        list(Group.objects.filter(Q(opened_on__gte=day) | Q(pk=either)).order_by("name")[:3])

    assert asked[0]["sql"] == asked[1]["sql"]


def test_a_value_that_the_query_does_not_ask_for_is_an_error():
    @Prepared
    def forgetful(*, name: str):
        return Group.objects.order_by("name")

    with pytest.raises(TypeError, match="name"):
        forgetful(name="Les jours gris")
