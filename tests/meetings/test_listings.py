"""The next meeting of groups that a public list names: in the zone of the group, kept ahead by the worker."""

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from groups.models import Group
from meetings.listings import next_meeting
from tests import makers
from tests.lists import row
from tests.makers import as_superuser

PARIS = ZoneInfo("Europe/Paris")


def next_in_paris(weekdays, starts, minutes, now):
    starts_at, ends_at = next_meeting(weekdays, starts, minutes, "Europe/Paris", now.astimezone(UTC))
    assert starts_at.tzinfo == ends_at.tzinfo == UTC
    assert ends_at - starts_at == timedelta(minutes=minutes)
    return starts_at.astimezone(PARIS)


def july(day, hour, minute=0):
    return datetime(2026, 7, day, hour, minute, tzinfo=PARIS)


# a Wednesday evening in Paris
NOW = july(8, 19, 30)


@pytest.mark.parametrize(
    ("weekdays", "starts", "minutes", "expected"),
    [
        ([2], time(20), 60, july(8, 20)),
        ([2], time(19), 60, july(8, 19)),  # it is under way
        ([2], time(18, 30), 60, july(15, 18, 30)),  # it has just ended
        ([1], time(20), 60, july(14, 20)),
        ([1], time(20), 24 * 60 - 1, july(7, 20)),  # since yesterday
        ([0, 2, 4], time(9), 60, july(10, 9)),
        ([0, 1, 2, 3, 4, 5, 6], time(9), 60, july(9, 9)),
    ],
)
def test_the_next_one_is_the_first_that_is_not_over(weekdays, starts, minutes, expected):
    assert next_in_paris(weekdays, starts, minutes, NOW) == expected


def test_days_are_those_of_the_group_not_of_greenwich():
    late = datetime(2026, 7, 9, 1, 0, tzinfo=UTC)  # still Wednesday in Edmonton

    starts_at, _ = next_meeting([2], time(20), 60, "America/Edmonton", late)

    assert starts_at == datetime(2026, 7, 9, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("now", [datetime(2026, 3, 26, tzinfo=PARIS), datetime(2026, 10, 22, tzinfo=PARIS)])
def test_the_hour_on_the_wall_holds_when_the_clocks_change(now):
    starts = [next_in_paris([6], time(19), 60, now + timedelta(weeks=week)) for week in range(2)]

    assert [each.time() for each in starts] == [time(19)] * 2
    assert starts[1].date() - starts[0].date() == timedelta(weeks=1)


def test_a_group_that_meets_by_appointment_has_no_next_meeting():
    assert next_meeting([], None, 60, "Europe/Paris", NOW) == (None, None)


@pytest.fixture
def upkeep(worker):
    return lambda: worker("tasks.look_ahead()")


@pytest.fixture
def listed(committed, bring_in, tmp_path):
    """Two groups of a list; that of Monday has just met, that of Tuesday is long forgotten."""
    path = tmp_path / "liste.json"
    path.write_text(json.dumps([row("lundi"), row("mardi", day=2), row("rdv", day=None, time=None)]))
    bring_in(path)
    for slug, over in (("lundi", "1 minute"), ("mardi", "300 days")):
        as_superuser(
            "update groups_group set next_ends_at = now() - %s::interval, next_starts_at = now() - %s::interval"
            " - interval '1 hour' where id = (select group_id from groups_listing where source_slug = %s)",
            *(over, over, slug),
        )


def dates():
    query = "select source_slug, next_starts_at, next_ends_at, rhythm, rhythm_on, awaiting_since from groups_listing"
    rows = as_superuser(f"{query} join groups_group g on g.id = group_id")
    return {slug: tuple(rest) for slug, *rest in rows}


def test_the_worker_keeps_the_next_meeting_ahead(listed, upkeep):
    before = dates()

    assert upkeep() == {}

    after = dates()
    now = timezone.now()
    for slug, weekday in (("lundi", 0), ("mardi", 1)):
        starts_at, ends_at, *sheet = after[slug]
        assert sheet == list(before[slug][2:]), "the rhythm is not the worker's to forget"
        there = starts_at.astimezone(ZoneInfo("America/New_York"))
        assert (there.weekday(), there.time()) == (weekday, time(19))
        assert now < ends_at <= now + timedelta(days=7, hours=1)
    assert after["rdv"] == before["rdv"]
    assert upkeep() == {} and dates() == after


def test_the_worker_leaves_what_left_the_directory_alone(listed, upkeep):
    as_superuser("update groups_group set awaiting_since = null")

    upkeep()

    assert {slug: each[:2] for slug, each in dates().items()} == dict.fromkeys(("lundi", "mardi", "rdv"), (None, None))


def test_a_group_of_our_own_keeps_its_series(listed, upkeep):
    ines = makers.make_member("ines")
    group = makers.make_group(ines, "Phare vert")
    makers.make_series(ines, group)
    before = Group.objects.filter(pk=group.pk).values().get()

    upkeep()

    assert Group.objects.filter(pk=group.pk).values().get() == before
