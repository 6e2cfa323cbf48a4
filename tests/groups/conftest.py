"""Circles whose days can pass; whoever proposes a group, the team who look at it, and whoever looks for one."""

import pytest

from tests import makers


@pytest.fixture
def village(committed):
    """As `circle`, for real: its days can pass. Léa is a third member, who came last."""
    circle = makers.make_circle()
    circle.lea = makers.make_member("lea")
    makers.join(circle.lea, circle.group, "Bouleau")
    return circle


@pytest.fixture
def page(village):
    return f"/g/{village.group.pk}/decisions/"


@pytest.fixture
def yasmine(db):
    return makers.make_member("yasmine")


@pytest.fixture
def nadia(db):
    return makers.make_member("nadia", is_staff=True)


@pytest.fixture
def noor(db):
    return makers.make_member("noor", is_staff=True)


@pytest.fixture
def desk(nadia, visit):
    """A browser of staff who have shown their second factor."""
    return visit(nadia, second_factor=True)


@pytest.fixture
def second_desk(noor, visit):
    return visit(noor, second_factor=True)


@pytest.fixture
def proposal(yasmine):
    return makers.make_proposal(yasmine, name="Les mains dans la terre", hopes="Le mardi soir.")


@pytest.fixture
def find(db, visit):
    """find(q="deuil") gives the names of the groups, in the order of the page; find.page is that page."""

    def names(**query):
        names.page = visit().get("/groups/", query)
        assert names.page.status_code == 200
        return [group.name for group in names.page.context["page_obj"]]

    return names
