"""Two people, or two windows of one person, at the same moment: one clear outcome, nothing half-done, never a 500."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from entraide.lib.sql import answer
from groups import telling
from groups.confidentiality import enter_group, enter_group_to_act, hold_own_story
from groups.models import Membership, Proposal, Resonance, Story, StoryDraft
from tests import makers
from tests.makers import as_person
from tests.proposals import POINTS, answered, write
from tests.running import wait_until

ROUNDS = 8


def at_once(*acts):
    """The status of each, done in real parallel, each over a connection of its own."""

    def done(act):
        try:
            return act().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(done, acts))


def browser_of(member=None, *, second_factor=False):
    client = Client(raise_request_exception=False)
    if member is not None:
        makers.sign_in(client, member, second_factor=second_factor)
    return client


def story_form(**words):
    return {"text": "Je marche.", "note": "", "readers": "present", "life": "", "key": str(uuid4()), **words}


@pytest.mark.parametrize("choice", ["withdraw", "keep"])
def test_sharing_while_leaving_in_another_window_breaks_nothing(committed, choice):
    circle = makers.make_circle()
    group = f"/g/{circle.group.pk}/"
    for number in range(ROUNDS):
        member = makers.make_member(f"m{number}")
        makers.join(member, circle.group, f"Nom{number}")
        windows = browser_of(member), browser_of(member)

        statuses = at_once(
            partial(windows[0].post, f"{group}stories/new/share/", story_form()),
            partial(windows[1].post, f"{group}leave/", {"stories": choice}),
        )

        assert 500 not in statuses and 503 not in statuses
    assert browser_of(circle.ines).get(f"{group}stories/").status_code == 200
    with as_person(circle.ines):
        assert Membership.objects.count() == 2
        if choice == "withdraw":
            assert Story.objects.exclude(pk=circle.story.pk).count() == 0


def test_recognising_oneself_in_a_story_that_is_being_withdrawn(committed):
    circle = makers.make_circle()
    for _ in range(ROUNDS):
        story = makers.make_story(circle.malik, circle.group)
        address = f"/g/{circle.group.pk}/stories/{story.pk}/"
        reader, author = browser_of(circle.ines), browser_of(circle.malik)

        statuses = at_once(
            partial(reader.post, f"{address}resonance/", {"say": "recognise"}),
            partial(author.post, f"{address}withdraw/"),
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
    with as_person(circle.malik):
        assert Story.objects.count() == 1
        assert not Resonance.objects.exists()


def test_two_people_take_the_same_name_at_once(committed):
    circle = makers.make_circle()
    people = [makers.make_member(name) for name in ("zoe", "yan")]
    browsers = [browser_of(person) for person in people]
    join = f"/g/{circle.group.pk}/join/"
    for browser in browsers:
        browser.post(join, {"name": "Pont neuf"})
        browser.post(f"{join}charter/", makers.AGREE)

    statuses = at_once(*(partial(one.post, f"{join}reminders/", {"reminders": "none"}) for one in browsers))

    assert statuses == [302, 302]
    with as_person(circle.ines):
        names = [
            makers.enter_group(circle.ines, circle.group.pk).keyring.open_name(row).reveal()
            for row in Membership.objects.all()
        ]
    assert sorted(names) == ["Gué bleu", "Phare vert", "Pont neuf"]


def test_a_story_shared_ten_times_at_once_is_one_story(committed):
    circle = makers.make_circle()
    form, browsers = story_form(), [browser_of(circle.malik) for _ in range(10)]
    address = f"/g/{circle.group.pk}/stories/new/share/"

    statuses = at_once(*(partial(one.post, address, form) for one in browsers))

    assert statuses == [302] * 10
    with as_person(circle.malik):
        assert Story.objects.count() == 2


def test_a_draft_that_is_being_shared_does_not_come_back(committed):
    circle = makers.make_circle()
    address = f"/g/{circle.group.pk}/stories/new/"
    for number in range(1, ROUNDS + 1):
        form, browsers = story_form(), [browser_of(circle.malik) for _ in range(6)]
        keeps = [partial(one.post, f"{address}keep/", form, headers={"accept": "text/plain"}) for one in browsers[:5]]

        statuses = at_once(*keeps[:3], partial(browsers[5].post, f"{address}share/", form), *keeps[3:])

        assert statuses.pop(3) == 302
        assert set(statuses) <= {204, 409}
        with as_person(circle.malik):
            assert (Story.objects.count(), StoryDraft.objects.count()) == (1 + number, 0)


def test_withdrawing_a_story_that_is_being_changed_waits_for_the_change(committed):
    """A deadlock would answer one of the two with an error, and leave the story where it was."""
    circle, statuses = makers.make_circle(), []
    page = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    withdraw = Thread(
        target=lambda: statuses.extend(at_once(partial(browser_of(circle.malik).post, f"{page}withdraw/")))
    )

    with as_person(circle.malik):
        inside = enter_group_to_act(circle.malik, circle.group.pk)
        story = hold_own_story(inside, circle.story.pk)
        withdraw.start()
        wait_until(partial(answer, "select exists (select 1 from pg_locks where not granted)"))
        telling.change(inside, story, {"text": "Je cours.", "opened_to_later": False}, version=1)
    withdraw.join()

    assert statuses == [302]
    with as_person(circle.malik):
        assert not Story.objects.exists()


def test_changing_a_story_at_once_in_many_windows_and_withdrawing_it(committed):
    circle = makers.make_circle()
    page = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    words = {"title": "", "note": "", "readers": "present", "version": 1}
    changes = [
        partial(browser_of(circle.malik).post, f"{page}edit/", words | {"text": f"Version {number}."})
        for number in range(5)
    ]

    assert sorted(at_once(*changes)) == [302, 422, 422, 422, 422]

    statuses = at_once(*changes, partial(browser_of(circle.malik).post, f"{page}withdraw/"))
    assert set(statuses) <= {302, 404, 422} and 302 in statuses
    with as_person(circle.malik):
        assert not Story.objects.exists()


def desks(*names):
    """Browsers of staff who have shown their second factor."""
    for name in names:
        client = Client(raise_request_exception=False)
        makers.sign_in(client, makers.make_member(name, is_staff=True), second_factor=True)
        yield client


def answers_of(proposer, proposal):
    with as_person(proposer):
        return Proposal.objects.get(pk=proposal.pk), [message.text for message in proposal.messages.all()]


@pytest.mark.parametrize(
    ("acts", "statuses"),
    [
        (("accept", "accept"), {(302, 302)}),
        (("accept", "ask"), {(302, 302), (422, 302)}),
        (("ask", "ask"), {(302, 422), (422, 302)}),
        (("decline", "decline"), {(302, 422), (422, 302)}),
        (("accept", "decline"), {(302, 302), (422, 302)}),
    ],
)
def test_two_staff_members_decide_at_once_and_one_of_them_does(committed, acts, statuses):
    proposer, browsers = makers.make_member("yasmine"), list(desks("nadia", "omar"))
    for number in range(ROUNDS):
        proposal = makers.make_proposal(proposer, name=f"Cercle {number}")
        page = f"/staff/proposals/{proposal.pk}/"
        letters = [POINTS | {"text": f"Réponse {one}.", "version": 0, "read": "1"} for one in range(2)]

        seen = at_once(
            *(
                partial(browser.post, f"{page}{act}/", letter)
                for browser, act, letter in zip(browsers, acts, letters, strict=True)
            )
        )

        assert tuple(seen) in statuses
        found, texts = answers_of(proposer, proposal)
        assert found.version == 1
        assert len(texts) == (0 if found.state == "sent" else 1)
        assert (found.group_id is not None) == (found.state == "accepted")


def test_a_no_is_confirmed_while_a_colleague_accepts(committed):
    proposer, (first, *others) = makers.make_member("yasmine"), list(desks("nadia", "omar", "lea"))
    for number in range(ROUNDS):
        proposal = makers.make_proposal(proposer, name=f"Cercle {number}")
        page = f"/staff/proposals/{proposal.pk}/"
        first.post(f"{page}decline/", {"text": "Non.", "version": 0, "read": "1"})

        statuses = at_once(
            partial(others[0].post, f"{page}decline/confirm/", {"version": 1}),
            partial(others[1].post, f"{page}accept/", POINTS | {"text": "Oui.", "version": 1, "read": "1"}),
        )

        assert statuses == [302, 302]
        found, texts = answers_of(proposer, proposal)
        assert (found.state, texts) in [("declined", ["Non."]), ("accepted", ["Oui."])]
        assert (found.group_id is not None) == (found.state == "accepted")


def test_words_are_changed_while_staff_accept(committed):
    proposer, nadia = makers.make_member("yasmine"), makers.make_member("nadia", is_staff=True)
    desk, browser = next(desks("omar")), browser_of(proposer)
    for number in range(ROUNDS):
        proposal = makers.make_proposal(proposer, name=f"Cercle {number}")
        answered("ask", proposal, nadia)
        browser.post(f"/propose/{proposal.pk}/change/")
        write(browser, 1, name=f"Autre cercle {number}")
        letter = POINTS | {"text": "Oui.", "version": 1, "read": "1"}

        statuses = at_once(
            partial(browser.post, "/propose/6/", {"key": proposal.pk}),
            partial(desk.post, f"/staff/proposals/{proposal.pk}/accept/", letter),
        )

        assert statuses[0] == 302 and statuses[1] in (302, 422)
        found, _ = answers_of(proposer, proposal)
        accepted = statuses[1] == 302
        assert (found.state, found.name) == (
            ("accepted", f"Cercle {number}") if accepted else ("sent", f"Autre cercle {number}")
        )
        browser.post("/propose/erase/")


def test_a_proposal_sent_ten_times_at_once_is_one_proposal(committed):
    proposer = makers.make_member("yasmine")
    browser = browser_of(proposer)
    write(browser)
    key = browser.get("/propose/6/").context["draft"].key
    twins = [Client(raise_request_exception=False) for _ in range(10)]
    for twin in twins:
        twin.cookies = browser.cookies

    assert at_once(*(partial(one.post, "/propose/6/", {"key": key}) for one in twins)) == [302] * 10

    with as_person(proposer):
        assert Proposal.objects.count() == 1


def test_a_sign_up_tapped_twice_makes_one_account(committed):
    for number in range(ROUNDS):
        address = f"lou{number}@people.example"
        browser = Client(raise_request_exception=False)
        browser.get("/account/signup/")
        twins = [Client(raise_request_exception=False) for _ in range(2)]
        for twin in twins:
            twin.cookies = browser.cookies

        assert at_once(*(partial(one.post, "/account/signup/", {"email": address}) for one in twins)) == [302, 302]

        assert makers.Member.objects.filter(email=address).count() == 1


def test_words_changed_after_the_browsers_back_are_not_lost(circle, visit):
    browser, form = visit(circle.malik), story_form(text="Première version.")
    address = f"/g/{circle.group.pk}/stories/new/share/"
    browser.post(address, form)

    changed = browser.post(address, {**form, "text": "Seconde version."})

    assert changed.status_code == 422
    assert "Seconde version." in changed.content.decode()
    again = browser.post(address, {**form, "text": "Seconde version.", "key": changed.context["form"]["key"].value()})
    assert again.status_code == 302
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        told = {inside.keyring.open_story(story)["text"] for story in Story.objects.select_related("key")}
    assert told == {makers.STORY, "Première version.", "Seconde version."}
