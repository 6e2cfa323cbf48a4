"""After the sending: questions and answers, a no and another try, and who enters first. Nothing ties them then."""

from uuid import uuid4

import pytest

from groups import approving, founding
from groups.confidentiality import enter_group
from groups.drafts import KEPT_AS
from groups.models import Group, Proposal
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of
from tests.proposals import STEPS, answered, decline, only_proposal, send, write


def proposals_of(member):
    with as_person(member):
        return Proposal.objects.count()


def test_a_proposer_answers_a_question_and_the_team_reads_it(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    answered("ask", proposal, nadia, "Bonjour. Qui peut venir?")
    browser, desk = visit(yasmine), visit(nadia, second_factor=True)

    page = browser.get(f"/propose/{proposal.pk}/")
    sent = browser.post(
        f"/propose/{proposal.pk}/answer/", {"key": page.context["form"]["key"].value(), "text": "Toutes."}
    )

    assert "Bonjour. Qui peut venir?" in words_of(page)
    assert sent.status_code == 302
    review = words_of(desk.get(f"/staff/proposals/{proposal.pk}/"))
    assert review.index("Qui peut venir?") < review.index("Toutes.")
    assert only_proposal(yasmine).state == "sent"


@pytest.mark.parametrize("text", ["", "\0", "a" * 2001])
def test_an_answer_that_cannot_be_kept_is_given_back(yasmine, nadia, visit, text):
    proposal = makers.make_proposal(yasmine)
    answered("ask", proposal, nadia)

    page = visit(yasmine).post(f"/propose/{proposal.pk}/answer/", {"key": str(proposal.pk), "text": text})

    assert page.status_code == 422
    assert error_beside(page, "text")
    assert typed(page, "text") == text
    assert only_proposal(yasmine).state == "asked"


def test_an_answer_sent_twice_is_one_and_one_that_nobody_waits_for_is_none(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    browser, address = visit(yasmine), f"/propose/{proposal.pk}/answer/"
    early = browser.post(address, {"key": "11111111-1111-4111-8111-111111111111", "text": "Allô?"}, follow=True)
    answered("ask", proposal, nadia)
    form = {"key": "22222222-2222-4222-8222-222222222222", "text": "Toutes."}

    twice = [browser.post(address, form).status_code for _ in range(2)]

    assert in_french("The team waits for no answer any more. Here is where your proposal stands.") in words_of(early)
    assert twice == [302, 302]
    with as_person(yasmine):
        assert [message.text for message in proposal.messages.all()] == ["Bonjour, et merci.", "Toutes."]


def test_asked_about_its_words_a_proposer_changes_them_in_the_same_pages(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    answered("ask", proposal, nadia)
    browser = visit(yasmine)

    begun = browser.post(f"/propose/{proposal.pk}/change/")
    kept = typed(browser.get("/propose/2/"), "for_whom")
    write(browser, 2, for_whom="Pour qui a arrêté de boire.")
    browser.post(f"/propose/{proposal.pk}/change/")
    sent = send(browser)

    assert begun.url == "/propose/6/"
    assert kept == makers.SHEET["for_whom"]
    assert sent.url == f"/propose/{proposal.pk}/"
    changed = only_proposal(yasmine)
    assert (changed.for_whom, changed.name, changed.state) == (
        "Pour qui a arrêté de boire.",
        makers.SHEET["name"],
        "sent",
    )


def test_words_that_come_too_late_become_a_second_proposal_if_one_wishes(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    answered("ask", proposal, nadia)
    browser = visit(yasmine)
    browser.post(f"/propose/{proposal.pk}/change/")
    write(browser, 1, name="Un autre nom")
    answered("accept", proposal, nadia)

    late = send(browser, follow=True)

    assert late.redirect_chain == [("/propose/6/", 302)]
    assert "Un autre nom" in words_of(late)
    assert only_proposal(yasmine).name == makers.SHEET["name"]
    send(browser)
    assert proposals_of(yasmine) == 2


def test_a_draft_in_progress_is_not_overwritten_by_another(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    answered("ask", proposal, nadia)
    browser = visit(yasmine)
    write(browser, 1, name="Commencé hier")

    page = browser.post(f"/propose/{proposal.pk}/change/", follow=True)

    said = "You are already writing a proposal. Send it or erase it, then come back here."
    assert in_french(said) in words_of(page)
    assert typed(browser.get("/propose/1/"), "name") == "Commencé hier"


def test_not_kept_comes_with_its_reason_and_can_be_proposed_again(yasmine, nadia, noor, visit):
    proposal = makers.make_proposal(yasmine)
    decline(proposal, nadia, noor, "Bonjour. Il manque le vécu commun.")
    browser = visit(yasmine)

    page = browser.get(f"/propose/{proposal.pk}/")
    again = browser.post(f"/propose/{proposal.pk}/again/")
    write(browser, 2)
    send(browser)

    assert "Bonjour. Il manque le vécu commun." in words_of(page)
    assert again.url == "/propose/6/"
    with as_person(yasmine):
        states = {row.for_whom: row.state for row in Proposal.objects.all()}
    assert states == {makers.SHEET["for_whom"]: "declined", STEPS[2]["for_whom"]: "sent"}


def test_no_other_proposal_than_one_that_was_not_kept_is_proposed_again(yasmine, visit):
    proposal = makers.make_proposal(yasmine)
    browser = visit(yasmine)

    answers = [browser.post(f"/propose/{proposal.pk}/{act}/").url for act in ("again", "change")]

    assert answers == [f"/propose/{proposal.pk}/"] * 2
    assert KEPT_AS not in browser.session


def test_the_page_of_a_proposal_is_its_proposers_alone(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine)
    others = [visit(makers.make_member("theo")), visit(nadia), visit(nadia, second_factor=True)]

    assert visit(yasmine).get(f"/propose/{proposal.pk}/").status_code == 200
    for browser in others:
        page, acts = f"/propose/{proposal.pk}/", ("answer/", "change/", "again/")
        assert [browser.get(page).status_code, *(browser.post(page + act).status_code for act in acts)] == [404] * 4


# --- the first to enter -----------------------------------------------------------------------------------------------


def group_of(proposal, proposer):
    with as_person(proposer):
        return Group.objects.get(pk=Proposal.objects.get(pk=proposal.pk).group_id)


def test_the_proposer_enters_first_as_facilitator(yasmine, nadia, visit):
    proposal = makers.make_proposal(yasmine, charter_additions=["On peut désherber."])
    answered("accept", proposal, nadia)
    group, browser = group_of(proposal, yasmine), visit(yasmine)

    page = browser.get(f"/propose/{proposal.pk}/")
    browser.post(f"/g/{group.pk}/join/", {"name": "Phare blanc"})
    charter = browser.get(f"/g/{group.pk}/join/charter/")
    browser.post(f"/g/{group.pk}/join/charter/", makers.AGREE)
    home = browser.post(f"/g/{group.pk}/join/reminders/", {"reminders": "none"}, follow=True)

    assert f'href="/g/{group.pk}/join/"' in page.content.decode()
    assert "On peut désherber." in words_of(charter)
    assert home.redirect_chain == [(f"/g/{group.pk}/", 302)]
    assert browser.get(f"/g/{group.pk}/meetings/new/").status_code == 200
    with as_person(yasmine):
        assert enter_group(yasmine, group.pk).rights.facilitate
    group.refresh_from_db()
    assert group.opened_on is not None
    assert "On peut désherber." in words_of(visit().get(f"/groups/{group.slug}/"))


def test_nobody_else_enters_before_the_proposer(yasmine, nadia, visit):
    group = makers.accept(makers.make_proposal(yasmine), nadia)
    other, desk = visit(makers.make_member("theo")), visit(nadia, second_factor=True)
    doors = [f"/g/{group.pk}/join/", f"/g/{group.pk}/join/charter/", f"/g/{group.pk}/join/reminders/"]

    before = [browser.get(door).status_code for browser in (other, desk) for door in doors]
    posted = other.post(doors[0], {"name": "Tilleul"}).status_code
    makers.join(yasmine, group, "Phare blanc")
    after = other.get(doors[0]).status_code

    assert before == [404] * 6
    assert posted == 404
    assert after == 200


def test_who_comes_second_does_not_facilitate(yasmine, visit):
    group = makers.make_group(yasmine, "Phare blanc")
    second = makers.make_member("theo")
    makers.join(second, group, "Tilleul")

    answer = visit(second).get(f"/g/{group.pk}/meetings/new/")

    assert answer.status_code == 403


def test_two_names_with_the_same_letters_have_two_addresses(yasmine):
    groups = [makers.make_group(yasmine, "Phare vert", name=name) for name in ("L’été", "L’été 夏")]

    slugs = [group.slug for group in groups]

    assert slugs[0] == "lete"
    assert slugs[1] == f"lete-{groups[1].pk.hex[:6]}"


def test_entering_destroys_the_link_to_the_proposer_and_what_they_wrote_to_the_team(committed, owner, visit):
    yasmine, nadia = makers.make_member("yasmine"), makers.make_member("nadia", is_staff=True)
    proposal = makers.make_proposal(yasmine, hopes="Chez moi, rue des Lilas.", rhythm_wished="Après mon quart, à 22 h.")
    answered("ask", proposal, nadia, "Bonjour. Qui êtes-vous?")
    visit(yasmine).post(f"/propose/{proposal.pk}/answer/", {"text": "La mère de Léo.", "key": uuid4()})
    with as_person(nadia, staff=True):
        approving.note(proposal, nadia, "Une mère, semble-t-il.")
    answered("accept", proposal, nadia, "Bienvenue à la mère de Léo.")
    before = everything_stored(owner)
    ties = {proposal.proposer_tag: "groups_proposal", bytes(proposal.sealed_address).hex(): "groups_proposal"}
    ties |= {"rue des Lilas": "groups_proposal", "Après mon quart": "groups_proposal"}
    ties |= dict.fromkeys(("Qui êtes-vous", "La mère de Léo", "Bienvenue à la mère"), "groups_proposalmessage")
    ties |= {"Une mère, semble": "groups_staffside"}

    makers.join(yasmine, group_of(proposal, yasmine), "Phare blanc")

    after = everything_stored(owner)
    for tie, place in ties.items():
        assert [table for table, rows in before.items() if tie in rows] == [place], tie
        assert [table for table, rows in after.items() if tie in rows] == [], tie
    assert proposal.name in after["groups_proposal"] and str(proposal.pk) in after["groups_staffact"]
    known_to = {table for table, rows in after.items() if str(yasmine.pk) in rows}
    assert known_to == {"members_member", "account_emailaddress"}


@pytest.mark.parametrize(
    "name", ["Un soir à la fois", "UN  SOIR A LA FOIS", "Un s\u043eir à la fo\u0131s", "Un soir\u200b à la fois."]
)
def test_a_name_that_looks_like_that_of_another_group_is_refused_beside_its_field(yasmine, visit, name):
    makers.make_group(yasmine, "Phare vert", name="Un soir à la fois")

    page = visit().post("/propose/1/", {"lived_experience": "pain", "name": name})

    assert page.status_code == 422
    assert error_beside(page, "name") == in_french(
        "Another group already has this name, or one that looks like it. Choose another one."
    )


def test_of_two_proposals_of_one_name_the_second_is_not_accepted(yasmine, visit):
    first, second = (makers.make_proposal(yasmine, name=name) for name in ("Un soir", "Ün soir"))
    nadia = makers.make_member("nadia", is_staff=True)
    answered("accept", first, nadia)

    with pytest.raises(founding.NameTaken):
        answered("accept", second, nadia)
