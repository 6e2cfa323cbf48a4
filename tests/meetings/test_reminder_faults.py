"""The drills of bench/reminder_faults.py, with few people: nothing is lost, late or wrong, whatever dies meanwhile."""

from contextlib import ExitStack

import pytest

from bench.drills import TWICE, Drills
from bench.dying import GAPS
from bench.place import Room

MEMBERS = 4


@pytest.fixture
def drills(committed, tmp_path):
    with ExitStack() as stack:
        yield Drills(Room(stack, tmp_path), MEMBERS, minutes=0, circles=1)


@pytest.mark.parametrize("gap", GAPS)
def test_a_worker_that_dies_once_at_a_gap_loses_nothing(drills, gap):
    verdict, note = drills.death(gap, chance=1, deaths=1, workers=1)

    assert "1 deaths" in note
    assert verdict.is_good(2 if gap in TWICE else 1), verdict
    assert verdict.arrived == MEMBERS
    assert verdict.duplicated <= (MEMBERS if gap in TWICE else 0)
    assert verdict.in_doubt == 0
