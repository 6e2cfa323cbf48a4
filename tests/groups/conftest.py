"""Circles whose days can pass: committed, so that the superuser may move their dates."""

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
