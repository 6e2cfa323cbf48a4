"""Staff look, ask, accept, or do not keep, which takes two of them; all of it is logged, and they stay outside."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from entraide.lib.days import today
from groups import founding
from groups.models import Group, Proposal, ProposalMessage, StaffAct
from tests import makers
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of
from tests.proposals import LETTER, POINTS, answered, at, letter, only_proposal, send, write

MEANWHILE = "A colleague has already answered, or the person has written meanwhile. Nothing of yours was sent."


def acts_of(staff):
    with as_person(staff, staff=True):
        return [act.act for act in StaffAct.objects.filter(staff=staff).order_by("done_at")]


def said_to(proposer):
    with as_person(proposer):
        return [message.text for message in ProposalMessage.objects.all()]


def make_old(proposal, day):
    """As if the team had been awaited since that day."""
    with as_person(makers.make_member(f"staff-{uuid4().hex[:6]}", is_staff=True), staff=True):
        Proposal.objects.filter(pk=proposal.pk).update(answered_on=day)


# --- the queue --------------------------------------------------------------------------------------------------------


def test_the_queue_says_since_when_what_and_who(proposal, desk, second_desk):
    second_desk.post(at(proposal, "take/"))

    words = words_of(desk.get("/staff/proposals/"))
    own = words_of(second_desk.get("/staff/proposals/"))

    for said in ("Les mains dans la terre", "Sherbrooke", in_french("since today"), in_french("received")):
        assert said in words
    assert in_french("Another person") in words
    assert in_french("You") in own and in_french("Another person") not in own


def test_what_waits_longer_than_promised_says_so_in_words(proposal, nadia, visit):
    with time_machine.travel("2026-11-25T12:00:00Z"):
        desk = visit(nadia, second_factor=True)
        make_old(proposal, date(2026, 11, 18))
        in_time = words_of(desk.get("/staff/proposals/"))
        make_old(proposal, date(2026, 11, 17))
        late = words_of(desk.get("/staff/proposals/"))

    said = ("%(days)s working day: longer than promised", "%(days)s working days: longer than promised")
    assert in_french("%(days)s working day", "%(days)s working days", 5, days=5) in in_time
    assert in_french(*said, 5, days=5) not in in_time
    assert in_french(*said, 6, days=6) in late


def test_the_one_that_waits_longest_comes_first(proposal, yasmine, desk):
    older = makers.make_proposal(yasmine, name="La plus ancienne")
    make_old(older, today() - timedelta(days=3))

    words = words_of(desk.get("/staff/proposals/"))

    assert words.index("La plus ancienne") < words.index("Les mains dans la terre")


def test_an_empty_queue_says_so(desk):
    assert in_french("No proposal is waiting.") in words_of(desk.get("/staff/proposals/"))


def test_staff_read_who_asks_nowhere(yasmine, proposal, desk):
    desk.post(at(proposal, "ask/"), letter())

    for address in ("/staff/proposals/", at(proposal), at(proposal, "accept/"), "/staff/log/"):
        page = desk.get(address).content.decode()
        for tie in ("yasmine", str(yasmine.pk), proposal.proposer_tag):
            assert tie not in page


def test_nobody_of_the_team_looks_at_or_answers_what_they_propose_themselves(nadia, noor, desk, second_desk):
    own = makers.make_proposal(nadia, name="Le cercle de Nadia")

    assert "Le cercle de Nadia" not in words_of(desk.get("/staff/proposals/"))
    assert desk.get(at(own)).status_code == 404
    for act in ("accept/", "ask/", "decline/", "decline/confirm/", "take/", "note/"):
        assert desk.post(at(own, act), letter(**POINTS)).status_code == 404
    assert second_desk.get(at(own)).status_code == 200
    assert only_proposal(nadia).version == 0


# --- the three answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "more"), [("accept", POINTS), ("ask", {}), ("decline", {})])
def test_an_answer_is_written_then_read_then_sent(proposal, yasmine, desk, act, more):
    page = desk.get(at(proposal, f"{act}/"))
    prepared = typed(page, "text").replace("[…]", "Une chose.")
    preview = desk.post(at(proposal, f"{act}/"), {"text": prepared, "version": 0, **more})
    again = desk.post(at(proposal, f"{act}/"), {"text": prepared, "version": 0, "change": "1", **more})
    before = said_to(yasmine)
    sent = desk.post(at(proposal, f"{act}/"), {"text": prepared, "version": 0, "read": "1", **more})

    assert len(prepared) > 100
    for line in filter(None, prepared.split("\n")):
        assert " ".join(line.split()) in words_of(preview)
    assert in_french("You have a message about your request") in words_of(preview)
    assert typed(again, "text") == prepared
    assert before == []
    assert (sent.status_code, sent.url) == (302, "/staff/proposals/")
    assert said_to(yasmine) == ([] if act == "decline" else [prepared])


@pytest.mark.parametrize("act", ["ask", "decline"])
def test_a_prepared_message_does_not_leave_with_its_gap(proposal, desk, act):
    page = desk.get(at(proposal, f"{act}/"))

    refused = desk.post(at(proposal, f"{act}/"), {"text": typed(page, "text"), "version": 0, "read": "1"})

    assert refused.status_code == 422
    assert error_beside(refused, "text") == in_french("Put your own words in the place of %(place)s.", place="[…]")


@pytest.mark.parametrize("text", ["", " ", "\0", "a" * 2001])
def test_a_message_that_cannot_be_kept_is_given_back(proposal, desk, text):
    page = desk.post(at(proposal, "ask/"), letter(text=text))

    assert page.status_code == 422
    assert error_beside(page, "text")
    assert typed(page, "text") == text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_prepared_message_speaks_the_language_of_the_group(yasmine, desk, language):
    proposal = makers.make_proposal(yasmine, language=language)

    text = typed(desk.get(at(proposal, "accept/")), "text")

    assert ("Thank you" in text) == (language == "en")


def test_markup_in_a_message_is_words(proposal, yasmine, desk, visit):
    words = "<b>gras</b> <script>alert(1)</script>"
    preview = desk.post(at(proposal, "ask/"), {"text": words, "version": 0})
    desk.post(at(proposal, "ask/"), letter(text=words))

    for page in (preview, visit(yasmine).get(f"/propose/{proposal.pk}/"), desk.get(at(proposal))):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content.decode()
        assert "<script>alert" not in page.content.decode()


def test_accepting_opens_the_group_for_its_proposer_and_tells_them(proposal, yasmine, desk, visit):
    accepted = desk.post(at(proposal, "accept/"), letter(**POINTS), follow=True)

    said = "The group is accepted. Its proposer can now enter it; it stays closed to the team."
    assert in_french(said) in words_of(accepted)
    assert in_french("No proposal is waiting.") in words_of(accepted)
    [group] = Group.objects.filter(name="Les mains dans la terre")
    page = visit(yasmine).get(f"/propose/{proposal.pk}/")
    assert f'href="/g/{group.pk}/join/"' in page.content.decode()
    assert LETTER in words_of(page)
    assert (group.slug, group.opened_on) == ("les-mains-dans-la-terre", None)


def test_the_group_is_what_was_proposed_on_every_line_of_its_sheet(yasmine, nadia, visit):
    browser = visit(yasmine)
    write(browser)
    send(browser)

    answered("accept", only_proposal(yasmine), nadia)

    proposal, group = only_proposal(yasmine), Group.objects.get()
    assert (group.joining, group.charter_additions) == ("welcome", ["On peut rester sans parler."])
    for name in founding.SHEET:
        assert getattr(group, name) == getattr(proposal, name), name


@pytest.mark.parametrize("missing", POINTS)
def test_every_point_must_hold(proposal, desk, missing):
    points = {name: "on" for name in POINTS if name != missing}

    page = desk.post(at(proposal, "accept/"), letter(**points))

    assert page.status_code == 422
    assert error_beside(page, missing)
    assert typed(page, "text") == LETTER
    assert not Group.objects.exists()


def test_the_points_ticked_travel_through_the_preview(proposal, desk):
    preview = desk.post(at(proposal, "accept/"), {"text": LETTER, "version": 0, **POINTS}).content.decode()

    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', preview))
    sent = desk.post(at(proposal, "accept/"), {**hidden, "read": "1"})

    assert set(POINTS) <= set(hidden)
    assert sent.status_code == 302
    assert Group.objects.count() == 1


def test_asking_gives_the_proposal_to_its_proposer_and_their_answer_gives_it_back(proposal, yasmine, desk, visit):
    desk.post(at(proposal, "ask/"), letter())
    asked = words_of(desk.get("/staff/proposals/"))
    visit(yasmine).post(f"/propose/{proposal.pk}/answer/", {"key": str(uuid4()), "text": "Oui."})

    assert in_french("waits for the person’s answer") in asked
    assert in_french("since today") in words_of(desk.get("/staff/proposals/"))


# --- not keeping takes two --------------------------------------------------------------------------------------------


def test_the_first_no_asks_for_a_second_look_and_tells_the_proposer_nothing(
    proposal, yasmine, desk, second_desk, visit
):
    desk.post(at(proposal, "decline/"), letter())

    page = words_of(visit(yasmine).get(f"/propose/{proposal.pk}/"))
    assert in_french("received").capitalize() in page and LETTER not in page
    assert in_french("a second look is asked for") in words_of(second_desk.get("/staff/proposals/"))
    assert LETTER in words_of(second_desk.get(at(proposal)))


def test_nobody_confirms_their_own_no(proposal, nadia, desk):
    desk.post(at(proposal, "decline/"), letter())

    answer = desk.post(at(proposal, "decline/confirm/"), {"version": 1})

    assert answer.status_code == 403
    assert "decline/confirm/" not in desk.get(at(proposal)).content.decode()
    assert acts_of(nadia) == ["suggested"]


def test_a_second_person_confirms_and_the_proposer_reads_the_reason(proposal, yasmine, desk, second_desk):
    desk.post(at(proposal, "decline/"), letter())

    done = second_desk.post(at(proposal, "decline/confirm/"), {"version": 1})

    assert done.status_code == 302
    assert said_to(yasmine) == [LETTER]
    assert only_proposal(yasmine).state == "declined"
    assert in_french("No proposal is waiting.") in words_of(desk.get("/staff/proposals/"))


def test_a_second_person_gives_it_back_and_it_waits_again(proposal, yasmine, desk, second_desk):
    desk.post(at(proposal, "decline/"), letter())

    second_desk.post(at(proposal, "decline/give-back/"), {"version": 1})

    assert said_to(yasmine) == []
    assert in_french("a second look is asked for") not in words_of(desk.get("/staff/proposals/"))
    assert second_desk.post(at(proposal, "decline/confirm/"), {"version": 2}).status_code == 403
    assert second_desk.post(at(proposal, "decline/give-back/"), {"version": 2}).status_code == 403


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999"])
def test_a_no_is_confirmed_as_it_was_read_or_not_at_all(proposal, yasmine, desk, second_desk, version):
    desk.post(at(proposal, "decline/"), letter())

    page = second_desk.post(at(proposal, "decline/confirm/"), {"version": version}, follow=True)

    assert in_french(MEANWHILE) in words_of(page)
    assert only_proposal(yasmine).state == "sent"


# --- a colleague was first --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "more"), [("accept", POINTS), ("ask", {}), ("decline", {})])
def test_whoever_comes_second_is_told_and_keeps_their_words(proposal, yasmine, desk, second_desk, act, more):
    desk.post(at(proposal, "ask/"), letter())

    late = second_desk.post(at(proposal, f"{act}/"), letter(text="Autrement dit.", **more))

    assert late.status_code == 422
    assert in_french(MEANWHILE) in words_of(late)
    assert typed(late, "text") == "Autrement dit."
    assert typed(late, "version") == "1"
    assert said_to(yasmine) == [LETTER]


def test_after_a_final_answer_there_is_nothing_to_send(proposal, yasmine, desk, second_desk):
    desk.post(at(proposal, "accept/"), letter(**POINTS))

    for act, more in (("accept", POINTS), ("ask", {}), ("decline", {})):
        late = second_desk.post(at(proposal, f"{act}/"), letter(**more), follow=True)
        opened = second_desk.get(at(proposal, f"{act}/"), follow=True)
        for page in (late, opened):
            assert page.redirect_chain == [(at(proposal), 302)]
            assert in_french(MEANWHILE) in words_of(page)
    assert said_to(yasmine) == [LETTER]
    assert Group.objects.count() == 1


def test_words_changed_since_the_page_was_opened_are_read_before_they_are_accepted(proposal, yasmine, desk, visit):
    desk.post(at(proposal, "ask/"), letter())
    visit(yasmine).post(f"/propose/{proposal.pk}/answer/", {"key": str(uuid4()), "text": "Oui."})

    late = desk.post(at(proposal, "accept/"), letter(version=1, **POINTS))

    assert late.status_code == 422
    assert in_french(MEANWHILE) in words_of(late)
    assert not Group.objects.exists()
