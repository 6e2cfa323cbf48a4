"""Where a meeting has few places: those who say it first have one, the others wait, and the line moves up by itself."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.urls import reverse

from entraide.lib.days import today
from entraide.lib.sql import answer
from entraide.lib.times import local
from groups import facilitating
from groups.confidentiality import enter_group
from meetings.coming import full_ones, replies_to
from meetings.models import Meeting, Rsvp
from tests import makers
from tests.makers import as_person, everything_stored
from tests.meetings.conftest import move
from tests.pages import in_french, words_of
from tests.test_races import at_once, browser_of

PEOPLE = ("ada", "bela", "ciro", "dana")
WAITS = "You are on the waiting list. It moves up by itself: look here before you set out."


@pytest.fixture
def small(db):
    return make_small()


class Small:
    """A meeting with two places, and five people; `ines` facilitates."""

    def __init__(self, seats):
        self.ines = makers.make_member("ines")
        self.group = makers.make_group(self.ines, "Phare vert")
        self.people = [makers.make_member(name) for name in PEOPLE]
        for number, member in enumerate(self.people):
            makers.join(member, self.group, f"Gué {number}")
        makers.make_series(self.ines, self.group, rhythm="once", seats=seats)
        self.meeting = makers.first_meeting(self.ines, self.group)
        self.address = reverse("meetings:meeting", args=[self.group.pk, self.meeting.pk])

    def say(self, member, answer="yes"):
        browser = browser_of(member)
        browser.post(f"{self.address}reply/", {"answer": answer})
        return browser

    def replies(self, member):
        with as_person(member):
            return replies_to(enter_group(member, self.group.pk), self.meeting)

    def waiting(self):
        return [member.email.split("@")[0] for member in self.people if self.replies(member).waits]

    def change(self, **words):
        makers.change_meeting(self.ines, self.group, self.meeting, **words)


def make_small(seats=2):
    return Small(seats)


def test_those_who_say_it_first_have_a_place_and_the_others_wait(small):
    for member in small.people:
        small.say(member)

    assert small.waiting() == ["ciro", "dana"]
    first, last = (browser_of(small.people[number]).get(small.address) for number in (0, 3))
    assert in_french("You have a place.") in words_of(first)
    assert in_french(WAITS) in words_of(last)


def test_who_comes_to_a_full_meeting_reads_so_before_and_after(small):
    for member in small.people[:2]:
        small.say(member)
    full = in_french(
        "All the places are taken. If you plan to come, you are on the waiting list, and it moves up by itself."
    )
    browser = browser_of(small.people[2])

    assert full in words_of(browser.get(small.address))
    browser.post(f"{small.address}reply/", {"answer": "yes"})
    after = words_of(browser.get(small.address))
    assert in_french("It is noted. All the places are taken: you are on the waiting list.") in after
    assert full not in after


@pytest.mark.parametrize("how", ["takes it back", "says no", "leaves"])
def test_the_line_moves_up_when_somebody(small, how):
    for member in small.people:
        small.say(member)

    if how == "leaves":
        makers.leave(small.people[0], small.group)
    else:
        small.say(small.people[0], {"takes it back": "none", "says no": "no"}[how])

    assert [small.replies(member).waits for member in small.people[1:]] == [False, False, True]


def test_who_changes_their_mind_twice_is_the_last_in_line_and_who_repeats_is_not(small):
    for member in small.people:
        small.say(member)
    small.say(small.people[1])
    assert small.waiting() == ["ciro", "dana"]

    small.say(small.people[0], "no")
    small.say(small.people[0])

    assert small.waiting() == ["ada", "dana"]


def test_the_line_follows_when_the_room_grows_or_shrinks(small):
    for member in small.people:
        small.say(member)

    small.change(seats=3)
    assert small.waiting() == ["dana"]
    small.change(seats=None)
    assert small.waiting() == []
    small.change(seats=2)
    assert small.waiting() == ["ciro", "dana"]


def test_who_facilitates_sees_two_numbers_and_nobody_else_any(small):
    for member in small.people[:3]:
        small.say(member)

    assert small.replies(small.ines)[3:] == (2, 1)
    assert small.replies(small.people[0])[3:] == (None, None)
    page = words_of(browser_of(small.ines).get(small.address))
    assert in_french("One person waits for a place.", "%(counter)s people wait for a place.", 1) in page
    assert "Gué" not in page
    theirs = words_of(browser_of(small.people[0]).get(small.address))
    assert in_french("One person waits for a place.", "%(counter)s people wait for a place.", 1) not in theirs


def test_while_nobody_facilitates_nobody_sees_a_number(small):
    small.say(small.people[0])
    with as_person(small.ines):
        facilitating.stop(enter_group(small.ines, small.group.pk))

    for member in (small.ines, *small.people):
        assert small.replies(member)[3:] == (None, None)


def test_the_lists_of_meetings_say_which_are_full(small):
    agenda = reverse("meetings:agenda", args=[small.group.pk])
    mine = f"/me/meetings/?month={local(small.meeting.starts_at, small.meeting.zone):%Y-%m}"
    reader, seen = browser_of(small.people[3]), []

    for member in small.people[:2]:
        small.say(member)
        seen.append([reader.get(page).context["full"] for page in (agenda, mine)])

    assert seen == [[set(), set()], [{small.meeting.pk}] * 2]
    assert all(in_french("Full") in words_of(reader.get(page)) for page in (agenda, mine))
    with as_person(makers.make_member("theo")):
        assert full_ones([small.meeting]) == set(), "nobody outside the group is told"


def test_without_a_number_of_places_nobody_waits(db):
    room = make_small(seats=None)
    for member in room.people:
        room.say(member)

    assert room.waiting() == []
    assert not room.replies(room.people[0]).is_full


def test_the_last_place_is_given_once_when_four_ask_at_once(committed):
    room = make_small()
    browsers = [browser_of(member) for member in room.people]

    statuses = at_once(*(partial(one.post, f"{room.address}reply/", {"answer": "yes"}) for one in browsers))

    assert statuses == [302] * 4
    assert len(room.waiting()) == 2
    [numbers] = makers.as_superuser("select array_agg(distinct number) from meetings_rsvp")
    assert len(numbers[0]) == 4


def test_a_reply_and_a_cancelling_at_once_never_break(committed):
    for _ in range(4):
        makers.empty_every_table()
        room = make_small()
        cancel = partial(browser_of(room.ines).post, f"{room.address}cancel/")
        replies = [
            partial(browser_of(member).post, f"{room.address}reply/", {"answer": "yes"}) for member in room.people
        ]

        assert at_once(cancel, *replies) == [302] * 5


@pytest.mark.parametrize("typed", ["1", "0", "-3", "1000", "beaucoup", "2.5", "99999999999999999999"])
def test_a_number_of_places_that_is_none_is_refused_beside_its_field(small, typed):
    browser = browser_of(small.ines)
    words = {"on": f"{today() + timedelta(days=3):%d/%m/%Y}", "starts": "19:00", "ends": "20:30", "version": "1"}

    sent = browser.post(
        f"{small.address}change/",
        words | {"format": "both", "kind": "regular", "place": makers.PLACE, "seats": typed},
    )

    assert sent.status_code == 422
    assert 'id="id_seats_error"' in sent.text
    with as_person(small.ines):
        assert Meeting.objects.get().seats == 2


def test_a_series_gives_its_places_to_the_meetings_that_the_worker_makes(committed):
    ines = makers.make_member("ines")
    group = makers.make_group(ines, "Phare vert")
    series = makers.make_series(ines, group, seats=8)
    with as_person(ines):
        type(series).objects.update(made_until=today() + timedelta(days=40))
        Meeting.objects.filter(planned_on__gt=today() + timedelta(days=40)).delete()

    makers.run_as_worker("from meetings import upkeep; upkeep.make_meetings_ahead()")

    with as_person(ines):
        assert set(Meeting.objects.values_list("seats", flat=True)) == {8}
        assert Meeting.objects.count() == 26


def test_nothing_is_left_of_any_reply_after_the_meeting(committed, owner):
    room = make_small()
    for member in room.people:
        room.say(member)
    move(room.ines, room.meeting, timedelta(minutes=-91))
    assert everything_stored(owner)["meetings_rsvp"]

    makers.run_as_worker("from meetings import upkeep; upkeep.run()")

    stored = everything_stored(owner)
    assert stored["meetings_rsvp"] == ""
    assert str(room.meeting.pk) in stored["meetings_meeting"]
    for member in room.people:
        with as_person(member):
            mine = str(enter_group(member, room.group.pk).membership.pk)
        for table in (name for name in stored if name.startswith("meetings_")):
            assert mine not in stored[table], f"{table} tells who was there"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into meetings_rsvp (id, group_id, meeting_id, membership_id, coming, number)"
        " select gen_random_uuid(), m.group_id, t.id, m.id, true, 0 from groups_membership m, meetings_meeting t",
        "update meetings_rsvp set number = 0",
        "update meetings_rsvp set coming = true",
    ],
)
def test_nobody_writes_their_own_number_in_line(small, statement):
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        as_person(small.people[0]),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_outsider_says_and_learns_nothing(small):
    theo = makers.make_member("theo")
    small.say(small.people[0])

    with as_person(theo):
        assert answer("select app.say_coming(%s, true)", small.meeting.pk) is False
        assert answer("select count(*) from app.replies_to(%s)", small.meeting.pk) == 0
    assert browser_of(theo).post(f"{small.address}reply/", {"answer": "yes"}).status_code == 404
    with as_person(small.people[0]):
        assert Rsvp.objects.count() == 1


def test_whoever_leaves_in_another_window_meanwhile_finds_the_meeting_gone(circle):
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
    makers.leave(circle.malik, circle.group)

    with as_person(circle.malik), pytest.raises(Http404):
        replies_to(inside, circle.meeting)
