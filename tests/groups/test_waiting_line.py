"""A full group: whoever asked first enters first, a place is held for seven days, and nobody is told how many wait."""

import re

import pytest

from groups import belonging
from groups.confidentiality import enter_group
from groups.models import EntryRequest, Group
from tests import makers, services
from tests.groups.test_requests import a_day_later, grown_older, walk_to_the_end
from tests.makers import as_person
from tests.pages import fingerprint, in_french, words_of


@pytest.fixture
def full(db):
    return make_full_group()


def make_full_group():
    """Two places, taken by Inès and Malik."""
    ines, malik = makers.make_member("ines"), makers.make_member("malik")
    group = makers.make_group(ines, "Phare vert", size_min=2, size_max=2)
    makers.join(malik, group, "Gué bleu")
    group.refresh_from_db()
    group.ines, group.malik = ines, malik
    return group


def line_up(group, *names):
    people = [makers.make_member(name) for name in names]
    for number, member in enumerate(people):
        makers.ask(member, group, f"Osier {number}")
    return people


def places(group, people):
    return [makers.own_request(member, group).has_place for member in people]


def is_full(group):
    return Group.objects.get(pk=group.pk).is_full


def test_a_group_is_full_when_its_last_place_is_taken_and_no_more_when_somebody_leaves(full):
    before = is_full(full)
    makers.leave(full.malik, full)

    assert (before, is_full(full)) == (True, False)


def test_the_sheet_says_full_and_nothing_of_how_many(full, visit):
    line_up(full, "lou", "sam", "noor")

    page = words_of(visit().get(f"/groups/{full.slug}/"))

    assert in_french("Full for now.") in page
    assert in_french("Wait for a place") in page
    assert "3" not in page


def test_whoever_comes_too_late_keeps_what_they_chose_and_may_wait(full, visit):
    zoe = makers.make_member("zoe")
    browser = visit(zoe)

    refused = walk_to_the_end(browser, full)
    waiting = browser.post(f"/g/{full.pk}/join/reminders/", {"reminders": "day_before", "wait": "1"}, follow=True)

    said = "The group is full: the last place has just been taken. What you chose is kept, and you can wait in line."
    assert refused.status_code == 422
    assert in_french(said) in words_of(refused)
    assert "Osier" in words_of(refused)
    assert in_french("You wait for a place") in words_of(waiting)


def test_the_first_in_line_is_expected_and_nobody_passes_before_them(full, visit):
    first, second = line_up(full, "lou", "sam")
    makers.leave(full.malik, full)

    newcomer = makers.make_member("zoe")
    with pytest.raises(belonging.MustWait):
        makers.join(newcomer, full, "Roseau")
    entered = visit(first).post(f"/g/{full.pk}/request/", {"act": "enter"})
    too_early = visit(second).post(f"/g/{full.pk}/request/", {"act": "enter"})

    assert entered.url == f"/g/{full.pk}/"
    assert too_early.url == f"/g/{full.pk}/request/"
    assert is_full(full)
    with as_person(first):
        assert enter_group(first, full.pk).person.name.reveal() == "Osier 0"


def test_members_do_not_see_who_waits_for_a_place(full):
    line_up(full, "lou")

    with as_person(full.ines):
        assert not EntryRequest.objects.exists()


def test_nobody_is_told_how_many_wait_before_them(full, visit):
    people = line_up(full, "lou", "sam", "noor")

    pages = [visit(member).get(f"/g/{full.pk}/request/") for member in people]

    first, *others = [fingerprint(page)[2].replace(f"Osier {number}", "") for number, page in enumerate(pages)]
    without_tokens = [_without_tokens(page) for page in (first, *others)]
    assert without_tokens[0] == without_tokens[1] == without_tokens[2]


def _without_tokens(page):
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", page)


def test_a_place_that_is_taken_back_passes_on_at_once(full, visit):
    people = line_up(full, "lou", "sam")
    makers.leave(full.malik, full)
    before = places(full, people)

    visit(people[0]).post(f"/g/{full.pk}/request/", {"act": "back"})

    assert before == [True, False]
    assert places(full, people[1:]) == [True]


def test_a_place_is_held_for_seven_days_then_passes_to_the_next_and_its_person_waits_again(committed, visit):
    group = make_full_group()
    people = line_up(group, "lou", "sam")
    makers.leave(group.malik, group)
    grown_older(group, 6)
    a_day_later()
    on_the_last_day = places(group, people)
    grown_older(group, 1)
    too_late = visit(people[0]).post(f"/g/{group.pk}/request/", {"act": "enter"}, follow=True)
    a_day_later()

    assert on_the_last_day == [True, False]
    assert in_french("The place is no longer held for you. You wait in line again.") in words_of(too_late)
    assert places(group, people) == [False, True]
    with as_person(people[0]):
        late = EntryRequest.objects.get()
    assert late.number > makers.own_request(people[1], group).number


def test_a_place_comes_back_at_once_when_nobody_else_waits(committed):
    group = make_full_group()
    people = line_up(group, "lou")
    makers.leave(group.malik, group)
    grown_older(group, 7)

    a_day_later()

    assert places(group, people) == [True]


def test_a_request_in_its_last_days_keeps_its_place_for_seven(committed):
    group = make_full_group()
    people = line_up(group, "lou")
    grown_older(group, 29)
    makers.leave(group.malik, group)
    request = makers.own_request(people[0], group)

    assert request.until == request.place_ends_on


def test_a_larger_group_has_places_for_those_in_line(committed):
    group = make_full_group()
    people = line_up(group, "lou", "sam", "noor")
    with services.superuser() as cursor:
        cursor.execute("update groups_group set size_max = 4 where id = %s", [str(group.pk)])

    assert places(group, people) == [True, True, False]


def test_somebody_who_left_waits_like_everybody_else(full):
    [first] = line_up(full, "lou")
    makers.leave(full.malik, full)

    with pytest.raises(belonging.MustWait):
        makers.join(full.malik, full, "Gué bleu")
    makers.ask(full.malik, full, "Gué bleu")

    assert places(full, [first, full.malik]) == [True, False]
