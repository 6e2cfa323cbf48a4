"""What the worker keeps true between visits, with its own login and keys."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from entraide.lib.days import today
from groups.confidentiality import enter_group
from groups.models import Group
from meetings import coming
from meetings import upkeep as upkeep_of
from meetings.models import Meeting, Rsvp, Series
from members.models import Session
from members.sessions import row_name
from tests import makers, services
from tests.makers import as_person
from tests.meetings.conftest import gather, move

LEDGER = ("meetings_reminder", "meetings_wave")


@pytest.fixture
def upkeep(worker):
    return lambda: worker("tasks.look_ahead()")


def meetings_of(gathering):
    with as_person(gathering.ines):
        return list(Meeting.objects.order_by("starts_at").values())


def test_a_series_is_extended_to_26_weeks(committed, upkeep):
    gathering = gather(rhythm="weekly", until=today() + timedelta(weeks=10))
    before = meetings_of(gathering)
    with as_person(gathering.ines):
        Series.objects.update(until=None)

    counts = upkeep()

    after = meetings_of(gathering)
    assert counts == {}
    assert after[: len(before)] == before
    assert len(before) < 12 and len(after) == 26
    zone = ZoneInfo(gathering.meeting.zone)
    walls = [row["starts_at"].astimezone(zone).replace(tzinfo=None) for row in after]
    assert walls == [walls[0] + timedelta(weeks=n) for n in range(26)]
    with as_person(gathering.ines):
        assert Series.objects.get().made_until == today() + timedelta(weeks=26)


def test_upkeep_twice_changes_nothing(committed, upkeep):
    gathering = gather(rhythm="weekly")
    before = meetings_of(gathering)

    assert upkeep() == upkeep() == {}

    assert meetings_of(gathering) == before


def test_a_series_that_has_an_end_or_takes_place_once_is_not_extended(committed, upkeep):
    ended, once = gather(rhythm="weekly", until=today() + timedelta(weeks=2)), gather(rhythm="once")
    before = meetings_of(ended), meetings_of(once)

    upkeep()

    assert (meetings_of(ended), meetings_of(once)) == before
    assert len(before[1]) == 1


def test_a_series_that_ended_before_its_last_meeting_is_not_extended(committed, upkeep):
    gathering = gather(rhythm="weekly")
    for last in (2, 0):
        with as_person(gathering.ines):
            inside = enter_group(gathering.ines, gathering.group.pk)
            makers.call_off_from(inside, Meeting.objects.select_related("series").order_by("planned_on")[last])
            Series.objects.update(made_until=today() - timedelta(days=1))

        upkeep()

        assert [row["cancelled_at"] is None for row in meetings_of(gathering)] == [True] * last + [False]


def test_exceptions_are_as_they_were_after_the_daily_task(committed, upkeep):
    gathering = gather(rhythm="weekly", skipped=[today() + timedelta(days=3 + 7 * 5)])
    move(gathering.ines, gathering.meeting, timedelta(hours=30))
    gathering.cancel()
    before = meetings_of(gathering)
    with as_person(gathering.ines):
        Series.objects.update(made_until=today())

    upkeep()

    assert meetings_of(gathering) == before


def test_any_number_of_series_takes_the_same_number_of_statements(db):
    ines = makers.make_member("ines")
    counts = []
    for _ in range(3):
        makers.make_series(ines, makers.make_group(ines, "Phare vert"))
        with as_person(ines), CaptureQueriesContext(connection) as queries:
            Series.objects.update(made_until=today())
            Meeting.objects.filter(starts_at__gt=timezone.now()).delete()
            before = len(queries)
            counts.append((upkeep_of.make_meetings_ahead(), len(queries) - before))

    made, asked = zip(*counts, strict=True)
    assert made == (26, 52, 78)
    assert len(set(asked)) == 1


def test_replies_are_erased_after_the_meeting_and_not_before(committed, upkeep):
    over, under_way = gather(rhythm="once"), gather(rhythm="once")
    for gathering, starts_in in ((over, timedelta(minutes=-91)), (under_way, timedelta(minutes=-89))):
        with as_person(gathering.ines):
            coming.say(enter_group(gathering.ines, gathering.group.pk), gathering.meeting, True)
        move(gathering.ines, gathering.meeting, starts_in)

    upkeep()

    with as_person(over.ines):
        assert not Rsvp.objects.exists()
    with as_person(under_way.ines):
        assert Rsvp.objects.count() == 1


def test_the_ledger_forgets_a_meeting_thirty_days_after_it(committed, upkeep, tick):
    kept, gone = gather(rhythm="once"), gather(rhythm="once")
    for gathering in (kept, gone):
        gathering.join("two_hours")
        gathering.move(hours=1)
    assert tick() == {"derived": 2, "sent": 2}
    for gathering, days in ((kept, 29), (gone, 31)):
        gathering.move(days=-days)
        for table in LEDGER:
            moved = f"update {table} set starts_at = %s where meeting_id = %s returning 1"
            assert makers.as_superuser(moved, gathering.meeting.starts_at, str(gathering.meeting.pk))

    upkeep()

    for table in LEDGER:
        assert makers.as_superuser(f"select distinct meeting_id::text from {table}") == [(str(kept.meeting.pk),)]


def test_sessions_that_are_over_are_erased_and_no_others(committed, upkeep, visit):
    gathering = gather(rhythm="once")
    over, under_way = visit(gathering.ines), visit(gathering.ines)
    Session.objects.filter(pk=row_name(over.session.session_key)).update(expire_date=timezone.now())

    upkeep()

    assert [row.pk for row in Session.objects.all()] == [row_name(under_way.session.session_key)]


def test_the_next_date_of_the_sheet_is_refreshed_after_a_meeting(committed, upkeep):
    gathering = gather(rhythm="weekly")
    rows = meetings_of(gathering)
    move(gathering.ines, gathering.meeting, timedelta(minutes=-91))
    with as_person(gathering.ines):
        Meeting.objects.filter(pk=rows[1]["id"]).update(cancelled_at=timezone.now())
    show(gathering, gathering.meeting)

    upkeep()

    gathering.group.refresh_from_db()
    assert gathering.group.next_starts_at == rows[2]["starts_at"]
    assert gathering.group.next_ends_at == rows[2]["ends_at"]


def test_the_sheet_has_no_date_after_the_last_meeting(committed, upkeep):
    gathering = gather(rhythm="once")
    move(gathering.ines, gathering.meeting, timedelta(minutes=-91))
    show(gathering, gathering.meeting)

    upkeep()

    gathering.group.refresh_from_db()
    assert (gathering.group.next_starts_at, gathering.group.next_ends_at) == (None, None)


def test_the_sheet_keeps_a_meeting_that_is_under_way(committed, upkeep):
    gathering = gather(rhythm="weekly")
    move(gathering.ines, gathering.meeting, timedelta(minutes=-89))
    show(gathering, gathering.meeting)

    upkeep()

    gathering.group.refresh_from_db()
    assert gathering.group.next_starts_at == gathering.meeting.starts_at


def show(gathering, meeting):
    """On the public sheet, as it was announced when this meeting was still to come."""
    with as_person(gathering.ines):
        gathering.group.next_starts_at, gathering.group.next_ends_at = meeting.starts_at, meeting.ends_at
        gathering.group.save(update_fields=["next_starts_at", "next_ends_at"])


def test_places_pass_on_and_closed_groups_end(committed, upkeep):
    founder, first, second = (makers.make_member(name) for name in ("ines", "lou", "sam"))
    group = makers.make_group(founder, "Phare vert", joining="welcome", size_min=2, size_max=2)
    closed = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    for member, name in ((first, "Osier"), (second, "Roseau")):
        makers.ask(member, group, name)
        makers.welcome(founder, group, member)
    with services.superuser() as cursor:
        cursor.execute("update groups_entryrequest set place_on = place_on - 7")
        cursor.execute("select app.close_group(%s)", [str(closed.pk)])
        cursor.execute("update groups_group set keys_end_on = current_date where keys_end_on is not null")

    upkeep()

    assert [makers.own_request(member, group).has_place for member in (first, second)] == [False, True]
    assert set(Group.objects.values_list("name", flat=True)) == {group.name}
