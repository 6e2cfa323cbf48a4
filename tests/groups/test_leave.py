"""Leaving: at once, without a reason, and what one wrote goes or stays as one says."""

from uuid import uuid4

import pytest

from groups.confidentiality import enter_group
from groups.models import Membership, Story, StoryKey
from meetings import coming
from meetings.models import Rsvp
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import in_french, words_of


@pytest.fixture
def leave(circle):
    return f"/g/{circle.group.pk}/leave/"


def live_in(circle):
    """Malik has a story, a reply, a resonance on a story of Inès, and one of hers on his own."""
    hers = makers.make_story(circle.ines, circle.group, "Le jardin, au printemps.")
    with as_person(circle.malik):
        coming.say(enter_group(circle.malik, circle.group.pk), circle.meeting, True)
    return hers


def stored_without_journal(owner):
    """The journal names what went: that is what it is for, and all that it says (test_journal.py)."""
    return {table: rows for table, rows in everything_stored(owner).items() if table != "groups_journalentry"}


def recognise(visit, member, circle, story):
    answer = visit(member).post(f"/g/{circle.group.pk}/stories/{story.pk}/resonance/", {"say": "recognise"})
    assert answer.status_code == 302


def test_the_page_asks_about_stories_and_proposes_to_withdraw_them(circle, leave, visit):
    page = visit(circle.malik).get(leave)

    assert in_french("You are free to leave") in words_of(page)
    assert page.context["form"]["stories"].value() == "withdraw"


def test_leaving_empties_the_storage_of_the_browser_and_signs_nobody_out(circle, leave, visit):
    browser = visit(circle.malik)

    answer = browser.post(leave, {"stories": "withdraw"})

    assert answer["Clear-Site-Data"] == '"storage"'
    assert browser.get("/me/").status_code == 200


def test_leaving_closes_every_door_in_the_same_second(circle, leave, visit):
    browser = visit(circle.malik)
    group = f"/g/{circle.group.pk}/"
    inside = [group, f"{group}stories/", f"{group}stories/{circle.story.pk}/", f"{group}meetings/", leave]
    assert [browser.get(address).status_code for address in inside] == [200] * 5

    page = browser.post(leave, {"stories": "withdraw"}, follow=True)

    assert page.redirect_chain == [("/left/", 302)]
    assert in_french("It is done") in words_of(page)
    assert [browser.get(address).status_code for address in inside] == [404] * 5


def test_leaving_twice_and_leaving_a_group_that_never_was_read_alike(circle, leave, visit):
    browser, never = visit(circle.malik), f"/g/{uuid4()}/leave/"
    browser.post(leave, {"stories": "withdraw"})

    answers = [browser.post(address, {"stories": "withdraw"}) for address in (leave, never)]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/left/")] * 2


def test_nothing_says_to_the_others_that_somebody_left(circle, leave, visit):
    visit(circle.malik).post(leave, {"stories": "withdraw"})

    home = visit(circle.ines).get(f"/g/{circle.group.pk}/")

    assert home.status_code == 200
    assert "Gué bleu" not in words_of(home)
    assert in_french("A former member") not in words_of(home)


def test_withdrawn_stories_replies_and_resonances_leave_no_row(committed, owner, visit):
    circle = makers.make_circle()
    hers = live_in(circle)
    recognise(visit, circle.malik, circle, hers)
    recognise(visit, circle.ines, circle, circle.story)
    with as_person(circle.malik):
        membership = str(enter_group(circle.malik, circle.group.pk).membership.pk)
    before = everything_stored(owner)

    visit(circle.malik).post(f"/g/{circle.group.pk}/leave/", {"stories": "withdraw"})

    after = stored_without_journal(owner)
    tied = {table for table, rows in before.items() if membership in rows or str(circle.story.pk) in rows}
    assert {"groups_membership", "groups_story", "groups_storykey", "groups_resonance", "meetings_rsvp"} <= tied
    for table, rows in after.items():
        assert membership not in rows, table
        assert str(circle.story.pk) not in rows, table
    assert str(hers.pk) in after["groups_story"]


def test_kept_stories_have_no_tie_to_a_person(committed, owner, visit):
    circle = makers.make_circle()
    hers = live_in(circle)
    recognise(visit, circle.malik, circle, hers)
    with as_person(circle.malik):
        membership = enter_group(circle.malik, circle.group.pk).membership
        sealed = bytes(Story.objects.get(author=membership).sealed)
        wrapped = bytes(StoryKey.objects.get(story__author=membership).wrapped)

    visit(circle.malik).post(f"/g/{circle.group.pk}/leave/", {"stories": "keep"})

    after = stored_without_journal(owner)
    for table, rows in after.items():
        for tie in (str(membership.pk), membership.member_tag, sealed.hex(), wrapped.hex()):
            assert tie not in rows, table
    assert after["groups_resonance"] == ""
    assert after["meetings_rsvp"] == ""
    assert str(circle.story.pk) in after["groups_story"]
    assert str(circle.story.pk) in after["groups_storykey"]


def test_kept_stories_still_open_for_the_others_as_those_of_a_former_member(circle, leave, visit):
    noted = makers.make_story(
        circle.malik, circle.group, "Sous la pluie.", note="use", feelings=["hope"], title="Pluie"
    )

    visit(circle.malik).post(leave, {"stories": "keep"})

    browser = visit(circle.ines)
    page = browser.get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/")
    opened = words_of(browser.get(f"/g/{circle.group.pk}/stories/{noted.pk}/?open=1"))
    listed = words_of(browser.get(f"/g/{circle.group.pk}/stories/"))
    assert makers.STORY in words_of(page)
    assert in_french("A former member") in words_of(page)
    assert in_french("The person who wrote this has left the group. Their story stays.") in words_of(page)
    assert in_french("I recognise myself") not in words_of(page)
    for words in ("Pluie", "Sous la pluie.", in_french("hope"), in_french("This story is about alcohol or drug use.")):
        assert words in opened
    assert makers.STORY in listed
    assert "Gué bleu" not in listed


def test_a_kept_story_stays_closed_to_those_who_come_later(circle, leave, visit):
    opened = makers.make_story(circle.malik, circle.group, "Pour la suite.", opened_to_later=True)
    visit(circle.malik).post(leave, {"stories": "keep"})
    newcomer = makers.make_member("zoe")

    makers.join(newcomer, circle.group, "Osier")

    answers = [
        visit(newcomer).get(f"/g/{circle.group.pk}/stories/{story.pk}/").status_code for story in (circle.story, opened)
    ]
    assert answers == [404, 200]


def test_the_stories_of_others_stay(circle, leave, visit):
    hers = live_in(circle)

    visit(circle.malik).post(leave, {"stories": "withdraw"})

    with as_person(circle.ines):
        assert list(Story.objects.values_list("pk", flat=True)) == [hers.pk]
        assert Membership.objects.count() == 1
        assert not Rsvp.objects.exists()


def test_leaving_needs_one_of_the_two_answers(circle, leave, visit):
    page = visit(circle.malik).post(leave, {"stories": "burn"})

    assert page.status_code == 422
    with as_person(circle.malik):
        assert Membership.objects.count() == 2
        assert Story.objects.count() == 1


def test_the_last_member_may_leave_too(circle, leave, visit):
    visit(circle.malik).post(leave, {"stories": "keep"})

    answer = visit(circle.ines).post(leave, {"stories": "withdraw"})

    assert (answer.status_code, answer.url) == (302, "/left/")
