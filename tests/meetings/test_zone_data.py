"""A government moves the clocks after meetings were made: they stay at their wall time, and the instants follow.

What older zone data left behind is put there by hand: the instants of one zone, an hour away from where they belong.
"""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from entraide.lib.days import today
from meetings import recurrence
from meetings.models import Meeting
from tests import makers, services
from tests.makers import as_person
from tests.meetings.conftest import gather, move

INSTANTS = ("starts_at", "ends_at", "day_before_at")
WRONG = ", ".join(f"{name} = {name} + interval '1 hour'" for name in INSTANTS)


@pytest.fixture
def upkeep(worker):
    return lambda: worker("tasks.look_ahead()")


def meetings_of(gathering):
    with as_person(gathering.ines):
        return list(Meeting.objects.order_by("planned_on").values())


def clocks_move():
    with services.superuser() as cursor:
        cursor.execute(f"update meetings_meeting set {WRONG}")


def test_meetings_to_come_go_back_to_their_wall_time(committed, upkeep):
    gathering = gather(rhythm="weekly")
    before = meetings_of(gathering)
    clocks_move()
    assert meetings_of(gathering) != before

    assert upkeep() == {}

    assert meetings_of(gathering) == before
    walls = {row["starts_at"].astimezone(ZoneInfo(row["zone"])).time() for row in before}
    assert walls == {time(19)}


def test_a_meeting_that_was_moved_or_called_off_stays_at_its_own_hour(committed, upkeep):
    gathering = gather(rhythm="weekly")
    on = today() + timedelta(days=5)
    words = {"on": on, "starts": time(14, 15), "ends": time(16)}
    makers.change_meeting(gathering.ines, gathering.group, gathering.meeting, **words)
    gathering.cancel()
    before = meetings_of(gathering)
    clocks_move()

    upkeep()

    assert meetings_of(gathering) == before
    moved = before[0]
    assert (moved["wall_on"], moved["wall_starts"]) == (on, time(14, 15))
    assert moved["starts_at"] == recurrence.instant(on, time(14, 15), moved["zone"])
    assert moved["ends_at"] - moved["starts_at"] == timedelta(minutes=105)
    assert moved["cancelled_at"]


def test_what_has_begun_stays_as_it_was(committed, upkeep):
    over, under_way = gather(rhythm="once"), gather(rhythm="once")
    move(over.ines, over.meeting, timedelta(hours=-30))
    move(under_way.ines, under_way.meeting, timedelta(minutes=-80))
    clocks_move()
    before = [[row[name] for name in INSTANTS] for one in (over, under_way) for row in meetings_of(one)]

    upkeep()

    assert [[row[name] for name in INSTANTS] for one in (over, under_way) for row in meetings_of(one)] == before


def test_the_public_sheet_follows(committed, upkeep):
    gathering = gather(rhythm="weekly")
    starts_at = gathering.meeting.starts_at
    clocks_move()
    with services.superuser() as cursor:
        cursor.execute("update groups_group set next_starts_at = next_starts_at + interval '1 hour'")

    upkeep()

    gathering.group.refresh_from_db()
    assert gathering.group.next_starts_at == starts_at
    assert gathering.group.next_ends_at == starts_at + timedelta(minutes=90)


def test_twice_is_once(committed, worker):
    counted = "from meetings import zone_data; print('derived:', zone_data.derive_anew())"
    gather(rhythm="weekly")
    gather(rhythm="weekly", on=today() + timedelta(days=4))
    clocks_move()

    first, again = worker(counted), worker(counted)

    assert (first, again) == ({"derived": 52}, {})


def test_a_meeting_that_somebody_is_changing_is_left_to_the_next_run(committed, upkeep):
    gathering = gather(rhythm="once")
    before = meetings_of(gathering)
    clocks_move()
    with as_person(gathering.ines):
        Meeting.objects.select_for_update().get()
        upkeep()
    assert meetings_of(gathering) != before

    upkeep()

    assert meetings_of(gathering) == before
