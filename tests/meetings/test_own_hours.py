"""Pages beside those of a meeting: the group's hours, and one's own with the city named when they are others."""

import pytest
from django.urls import reverse

from entraide.lib.times import city, day, hours
from tests import makers
from tests.meetings.test_availability import address, dates  # noqa: F401 (a fixture)
from tests.pages import in_french, words_of

PARIS, VANCOUVER = "Europe/Paris", "America/Vancouver"
WHERE_YOU_ARE = "Where you are: %(own_hours)s, %(city)s."
ANOTHER_DAY = "Where you are: %(the_day)s, %(own_hours)s, %(city)s."


def said_to(zone, event):
    """Of an evening in Montréal: it is the next day in Paris, and the same one in Vancouver."""
    words = {"own_hours": hours(event.starts_at, event.ends_at, zone), "city": city(zone)}
    words["the_day"] = day(event.starts_at, zone)
    sentence = ANOTHER_DAY if zone == PARIS else WHERE_YOU_ARE
    return " ".join((in_french(sentence) % words).split())


def says_nothing(page):
    return in_french(WHERE_YOU_ARE).split("%")[0] not in words_of(page)


@pytest.fixture
def far(circle):
    """One member in each of the two cities."""
    people = {zone: makers.make_member(zone.rpartition("/")[2], time_zone=zone) for zone in (PARIS, VANCOUVER)}
    for zone, person in people.items():
        makers.join(person, circle.group, f"Osier {zone[0]}")
    return people


def test_my_space_tells_meetings_on_ones_own_clock_with_the_city_and_the_hours_of_the_group(visit, circle, far):
    meeting, zone = circle.meeting, circle.group.zone
    theirs = " ".join(f"({hours(meeting.starts_at, meeting.ends_at, zone)}, {city(zone)})".split())

    for own_zone, person in far.items():
        page = visit(person).get(reverse("my_space"))
        listed = page.text[page.text.index('id="meetings"') : page.text.index('id="groups"')]
        assert city(own_zone).lower() in " ".join(words_of(page).lower().split())
        assert hours(meeting.starts_at, meeting.ends_at, own_zone) in listed
        assert day(meeting.starts_at, own_zone) in listed
        assert theirs in words_of(page)
    near = words_of(visit(circle.malik).get(reverse("my_space")))
    assert theirs not in near and city(zone).lower() in near.lower()


@pytest.mark.parametrize("has_stories", [True, False])
def test_the_home_of_a_group_tells_the_hours_where_one_is(visit, circle, far, has_stories):
    home, near = reverse("group_home", args=[circle.group.pk]), makers.make_member("near")
    makers.join(near, circle.group, "Osier N")
    if has_stories:  # those who came after the first story do not see it
        makers.make_story(circle.malik, circle.group)

    for zone, person in far.items():
        page = visit(person).get(home)
        assert bool(page.context["cards"]) is has_stories
        assert said_to(zone, circle.meeting) in words_of(page)
        assert city(circle.group.zone) in words_of(page)
    near_page = visit(near).get(home)
    assert bool(near_page.context["cards"]) is has_stories and says_nothing(near_page)


def test_the_poll_of_dates_tells_the_hours_where_one_is_beside_each_date(visit, circle, far, dates):  # noqa: F811
    for zone, person in far.items():
        words = words_of(visit(person).get(address(circle)))
        assert all(said_to(zone, proposed) in words for proposed in dates)
    assert says_nothing(visit(circle.malik).get(address(circle)))
