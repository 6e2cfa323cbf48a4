"""A person who erases their account, or changes its address, while another window of theirs does something else."""

from functools import partial
from uuid import uuid4

import pytest

from groups import vault
from groups.models import Membership, Proposal, ProposalMessage, Story
from members.models import Member
from tests import makers
from tests.mailbox import ask_for_address, code_for, deliver, mails_to
from tests.makers import as_person, everything_stored
from tests.proposals import POINTS, answered, write
from tests.test_races import at_once, browser_of, story_form

ERASE = "/me/erase/code/"
ROUNDS = 4
LETTER = {"text": "Bonjour.", "version": 0, "read": "1"}


def about_to_erase(member, stories="withdraw"):
    """A browser, and the form that erases."""
    browser = browser_of(member)
    browser.post("/me/erase/", {"stories": stories})
    return partial(browser.post, ERASE, {"code": code_for(member.email)})


def about_to_change(member):
    browser, new = browser_of(member), f"new-{uuid4().hex[:8]}@people.example"
    ask_for_address(browser, member.email, new)
    return partial(browser.post, "/account/confirm-email/", {"code": code_for(new)}), new


def somebody():
    return makers.make_member(f"camille-{uuid4().hex[:8]}")


@pytest.mark.parametrize("choice", ["withdraw", "keep"])
def test_sharing_while_erasing_in_another_window(committed, owner, choice):
    circle = makers.make_circle()
    group = f"/g/{circle.group.pk}/"
    for number in range(ROUNDS):
        member = somebody()
        makers.join(member, circle.group, f"Nom{number}")
        share = partial(browser_of(member).post, f"{group}stories/new/share/", story_form())

        statuses = at_once(share, about_to_erase(member, choice))

        assert statuses[0] in (302, 404) and statuses[1] == 302
        assert not Member.objects.filter(pk=member.pk).exists()
    with as_person(circle.ines):
        assert Membership.objects.count() == 2
        authors = set(Story.objects.values_list("author", flat=True))
    assert browser_of(circle.ines).get(f"{group}stories/").status_code == 200
    left_behind = set() if choice == "withdraw" else {None}
    assert authors - left_behind == {circle.story.author_id}


def test_joining_while_erasing_leaves_no_membership_of_nobody(committed, owner):
    circle = makers.make_circle()
    join = f"/g/{circle.group.pk}/join/"
    for number in range(ROUNDS):
        member = somebody()
        browser = browser_of(member)
        browser.post(join, {"name": f"Pont {number}"})
        browser.post(f"{join}charter/", makers.AGREE)

        statuses = at_once(
            partial(browser.post, f"{join}reminders/", {"reminders": "day_before"}), about_to_erase(member)
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
    with as_person(circle.ines):
        assert Membership.objects.count() == 2


def about_to_propose(member):
    browser = browser_of(member)
    write(browser)
    key = browser.get("/propose/6/").context["draft"].key
    return partial(browser.post, "/propose/6/", {"key": key})


def test_proposing_while_erasing_leaves_no_proposal_of_nobody(committed, owner):
    for _ in range(ROUNDS):
        member = somebody()

        statuses = at_once(about_to_propose(member), about_to_erase(member))

        assert statuses[0] in (302, 404) and statuses[1] == 302
    assert everything_stored(owner)["groups_proposal"] == ""


def test_answering_the_team_while_erasing_leaves_no_word_behind(committed, owner):
    nadia = makers.make_member("nadia", is_staff=True)
    for _ in range(ROUNDS):
        member = somebody()
        proposal = makers.make_proposal(member)
        answered("ask", proposal, nadia)
        words = {"text": "Le mardi.", "key": str(uuid4())}

        statuses = at_once(
            partial(browser_of(member).post, f"/propose/{proposal.pk}/answer/", words), about_to_erase(member)
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
    stored = everything_stored(owner)
    assert stored["groups_proposal"] == stored["groups_proposalmessage"] == ""


def test_accepting_while_the_proposer_erases(committed):
    nadia = makers.make_member("nadia", is_staff=True)
    for number in range(ROUNDS):
        member = somebody()
        proposal = makers.make_proposal(member, name=f"Un soir {number}")
        staff = browser_of(nadia, second_factor=True)

        statuses = at_once(
            partial(staff.post, f"/staff/proposals/{proposal.pk}/accept/", POINTS | LETTER), about_to_erase(member)
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
    with as_person(nadia, staff=True):
        assert set(Proposal.objects.values_list("proposer_tag", flat=True)) <= {""}
        assert not Proposal.objects.waiting().exists()
        assert not ProposalMessage.objects.exists()


@pytest.mark.parametrize("act", ["accept", "ask", "decline", "take"])
def test_staff_who_act_while_they_erase(committed, owner, act):
    for number in range(ROUNDS):
        nadia = makers.make_member(f"nadia-{uuid4().hex[:8]}", is_staff=True)
        proposal = makers.make_proposal(makers.make_member(f"proposer-{number}"), name=f"Un soir {number}")
        desk = browser_of(nadia, second_factor=True)

        statuses = at_once(
            partial(desk.post, f"/staff/proposals/{proposal.pk}/{act}/", POINTS | LETTER), about_to_erase(nadia)
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
        assert not Member.objects.filter(pk=nadia.pk).exists()
        for table in ("groups_proposal", "groups_staffside", "groups_staffact"):
            assert str(nadia.pk) not in everything_stored(owner)[table]


def test_erasing_in_two_windows(committed):
    for _ in range(ROUNDS):
        member = somebody()

        assert at_once(about_to_erase(member), about_to_erase(member)) == [302, 302]

        assert not Member.objects.filter(pk=member.pk).exists()


def test_joining_while_the_address_changes_seals_the_new_one(committed):
    circle = makers.make_circle()
    join = f"/g/{circle.group.pk}/join/"
    for number in range(ROUNDS):
        member = somebody()
        browser = browser_of(member)
        browser.post(join, {"name": f"Pont {number}"})
        browser.post(f"{join}charter/", makers.AGREE)
        change, new = about_to_change(member)

        assert at_once(partial(browser.post, f"{join}reminders/", {"reminders": "none"}), change) == [302, 302]

        assert Member.objects.get(pk=member.pk).email == new
        with as_person(member):
            membership = Membership.objects.get(member_tag=vault.member_tag(member.pk))
        assert vault.open_address(membership.pk, membership.sealed_address)["address"] == new


def test_proposing_while_the_address_changes_seals_the_new_one(committed):
    for _ in range(ROUNDS):
        member = somebody()
        send = about_to_propose(member)
        change, new = about_to_change(member)

        assert at_once(send, change) == [302, 302]

        with as_person(member):
            proposal = Proposal.objects.get()
        assert vault.open_proposer_address(proposal.pk, proposal.sealed_address)["address"] == new


def test_erasing_while_the_address_changes(committed):
    for _ in range(ROUNDS):
        member = somebody()
        change, _new = about_to_change(member)

        statuses = at_once(change, about_to_erase(member))

        assert statuses[0] in (302, 404) and statuses[1] == 302
        assert not Member.objects.filter(pk=member.pk).exists()


def test_two_accounts_take_the_same_address_at_once(committed):
    for _ in range(ROUNDS):
        new, people = f"new-{uuid4().hex[:8]}@people.example", [somebody(), somebody()]
        acts = []
        for member in people:
            browser = browser_of(member)
            ask_for_address(browser, member.email, new)
            acts.append(partial(browser.post, "/account/confirm-email/", {"code": code_for(new)}))

        statuses = at_once(*acts)

        assert set(statuses) <= {302, 422}
        assert Member.objects.filter(email=new).count() == 1


def test_a_change_tapped_twice_changes_once(committed):
    for _ in range(ROUNDS):
        member = somebody()
        former = member.email
        change, new = about_to_change(member)

        assert set(at_once(change, change)) <= {302}

        assert Member.objects.get(pk=member.pk).email == new
        deliver()
        assert len(mails_to(former)) == 2, "its code, and that it was changed"


def test_five_tries_are_five_also_all_at_once(committed):
    member = somebody()
    browser = browser_of()
    browser.post("/account/login/", {"login": member.email})
    right = code_for(member.email)
    codes = [f"{(int(right) + step) % 1_000_000:06}" for step in range(1, 13)]

    statuses = at_once(*(partial(browser.post, "/account/login/code/confirm/", {"code": code}) for code in codes))

    assert statuses.count(429) >= 7, statuses
