"""Erasing one's account: confirmed by a code that only one's own mailbox gets, done at once, and nothing is left."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client

from groups import belonging, founding, telling, vault
from groups.confidentiality import enter_group, find_story
from groups.models import Membership, Proposal, Story
from groups.proposals import own_proposals
from meetings import coming
from members.models import Member
from tests import makers
from tests.mailbox import code_for, mails_to, text_of
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, words_of
from tests.proposals import answered, decline

ERASE, CODE, DONE = "/me/erase/", "/me/erase/code/", "/erased/"
WRONG = "This is not the code of the last message. Look at it again, or ask for a new one."
TOO_OLD = "This code is too old: it was good for 20 minutes. Ask for a new one."
USED_UP = "Five codes in a row were wrong. Ask for a new one."
DELETED = "Your account is erased. No message will follow. You can come back one day, with a new account."


@pytest.fixture
def camille(db):
    return somebody()


def somebody(**fields):
    return makers.make_member(f"camille-{uuid4().hex[:8]}", **fields)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def ask(browser, stories="withdraw"):
    return browser.post(ERASE, {"stories": stories}, follow=True)


def erase(browser, member, stories="withdraw"):
    ask(browser, stories)
    return browser.post(CODE, {"code": code_for(member.email)})


def is_there(member):
    return Member.objects.filter(pk=member.pk).exists()


def test_my_space_leads_to_a_page_that_says_what_goes_and_what_stays(circle, visit):
    browser = visit(circle.malik)

    space, page = browser.get("/me/"), browser.get(ERASE)

    assert f'href="{ERASE}"' in space.content.decode()
    assert in_french("What goes") in words_of(page)
    assert in_french("What stays") in words_of(page)
    assert page.context["form"]["stories"].value() == "withdraw"


def test_somebody_without_a_group_is_not_asked_about_stories(camille, visit):
    browser = visit(camille)

    page = browser.get(ERASE)
    browser.post(ERASE, {})
    answer = browser.post(CODE, {"code": code_for(camille.email)})

    assert in_french("My stories") not in words_of(page)
    assert answer.url == DONE
    assert not is_there(camille)


def test_the_code_from_ones_own_mailbox_erases_at_once(camille, visit):
    browser, address = visit(camille), camille.email
    asked = ask(browser)
    before = is_there(camille)

    done = browser.post(CODE, {"code": code_for(address)})
    page = browser.get(done.url)

    assert asked.redirect_chain == [(CODE, 302)]
    assert before
    assert (done.status_code, done.url) == (302, DONE)
    assert done["Clear-Site-Data"] == '"cookies", "storage"'
    assert done["Cache-Control"] == "no-store"
    assert done.cookies["session"].value == ""
    assert in_french("It is done") in words_of(page)
    assert in_french(DELETED) in words_of(page)
    assert 'href="/help-now/"' in page.content.decode() and 'href="/groups/"' in page.content.decode()
    assert in_french("Sign in") in words_of(page)
    assert not is_there(camille)
    assert len(mails_to(address)) == 1, "no mail follows"


def test_the_mail_says_what_the_code_does_and_not_where(camille, visit):
    ask(visit(camille))

    [mail] = mails_to(camille.email)

    said = " ".join(text_of(mail).split())
    assert (
        in_french("It erases your account. It is good for 20 minutes. Write it on the page that you left open.") in said
    )
    for word in ("http", "entraide", "groupe", "camille"):
        assert word not in f"{said} {mail['Subject']} {mail['From']}".lower()


def test_an_open_telephone_is_not_enough(camille, visit):
    browser = visit(camille)

    answers = [browser.post(CODE, {"code": "000000"}), browser.get(CODE)]
    ask(browser)
    session = browser.session["own_code"]

    assert [answer.url for answer in answers] == [ERASE, ERASE]
    assert code_for(camille.email) not in str(session)
    assert is_there(camille)


def test_a_wrong_code_is_said_beside_its_field(camille, visit):
    browser = visit(camille)
    ask(browser)

    page = browser.post(CODE, {"code": wrong(code_for(camille.email))})

    assert page.status_code == 422
    assert error_beside(page, "code") == in_french(WRONG)
    assert is_there(camille)


@pytest.mark.parametrize("code", ["", " ", "abc", "12\0456", "1" * 500, "１２３４５６"])
def test_a_code_that_is_none_is_no_error_of_the_site(camille, visit, code):
    browser = visit(camille)
    ask(browser)

    page = browser.post(CODE, {"code": code})

    assert page.status_code == 422
    assert error_beside(page, "code")
    assert is_there(camille)


def test_an_expired_code_is_said_beside_its_field_and_a_new_one_can_be_asked_for(circle, visit):
    browser = visit(circle.malik)
    ask(browser, "keep")

    with time_machine.travel(timedelta(minutes=20, seconds=10)):
        page = browser.post(CODE, {"code": code_for(circle.malik.email)})

        assert error_beside(page, "code") == in_french(TOO_OLD)
        assert is_there(circle.malik)
        again = browser.post(ERASE, {"stories": page.context["stories"]})
        assert again.url == CODE
        assert browser.session["own_code"]["chosen"] == {"stories": "keep"}


def test_the_code_is_good_for_20_minutes(camille, visit):
    browser = visit(camille)
    ask(browser)

    with time_machine.travel(timedelta(minutes=19, seconds=50)):
        browser.post(CODE, {"code": code_for(camille.email)})

    assert not is_there(camille)


def test_the_right_code_comes_too_late_after_five_wrong_ones(camille, visit):
    browser = visit(camille)
    ask(browser)
    code = code_for(camille.email)

    pages = [browser.post(CODE, {"code": wrong(code)}) for _ in range(5)]
    last = browser.post(CODE, {"code": code})

    said = [error_beside(page, "code") for page in (*pages, last)]
    assert said == [in_french(WRONG)] * 4 + [in_french(USED_UP)] * 2
    assert is_there(camille)


def test_a_code_sent_again_replaces_the_first(camille, visit):
    browser = visit(camille)
    ask(browser)
    first = code_for(camille.email)
    ask(browser)

    refused = browser.post(CODE, {"code": first})
    browser.post(CODE, {"code": code_for(camille.email)})

    assert error_beside(refused, "code") == in_french(WRONG)
    assert not is_there(camille)


def test_a_sign_in_code_erases_nothing_and_the_code_signs_nobody_in(camille, visit):
    browser, other = visit(camille), visit()
    ask(browser)
    own = code_for(camille.email)
    other.post("/account/login/", {"login": camille.email})

    other.post("/account/login/code/confirm/", {"code": own})
    page = browser.post(CODE, {"code": code_for(camille.email)})

    assert other.get("/me/").status_code == 302
    assert error_beside(page, "code") == in_french(WRONG)
    assert is_there(camille)


def test_mails_cannot_be_asked_for_without_end(camille, visit):
    browser = visit(camille)

    pages = [browser.post(ERASE, {}) for _ in range(8)]

    assert len(mails_to(camille.email)) == 3
    assert pages[-1].status_code == 422


def test_every_other_browser_is_a_visitor_at_its_next_request(circle, visit):
    here, there = visit(circle.malik), visit(circle.malik)
    assert there.get(f"/g/{circle.group.pk}/").status_code == 200

    erase(here, circle.malik)

    assert there.get(f"/g/{circle.group.pk}/").url.startswith("/account/login/")
    assert there.get("/me/").url.startswith("/account/login/")
    assert in_french("Sign in") in words_of(there.get("/"))


def test_a_second_tap_reads_that_it_is_done(committed):
    member = somebody()
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, member)
    browser.post(ERASE, {"csrfmiddlewaretoken": token(browser, ERASE)})
    form = {"code": code_for(member.email), "csrfmiddlewaretoken": token(browser, CODE)}
    cookie = browser.cookies["session"].value

    first = browser.post(CODE, form)
    browser.cookies["session"] = cookie
    second = browser.post(CODE, form)

    assert [first.url, second.url] == [DONE, DONE]
    assert not is_there(member)


def test_the_code_needs_the_token_of_its_page(committed):
    member = somebody()
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, member)
    browser.post(ERASE, {"csrfmiddlewaretoken": token(browser, ERASE)})

    answer = browser.post(CODE, {"code": code_for(member.email)})

    assert answer.status_code == 403
    assert is_there(member)


def token(browser, address):
    return browser.get(address).context["csrf_token"]


def live(circle, malik):
    """Malik has a group, a resonance, a reply, a second factor, and proposals: one waits, one was accepted, one not."""
    hers = makers.make_story(circle.ines, circle.group, "Le jardin, au printemps.")
    with as_person(malik):
        inside = enter_group(malik, circle.group.pk)
        telling.receive(inside, find_story(inside, hers.pk), "recognise", said=True)
        coming.say(inside, circle.meeting, True)
    own = makers.make_group(malik, "Tilleul", name="Les jours gris")
    makers.make_proposal(malik, name="Les mains dans la terre")
    nadia = makers.make_member(f"nadia-{uuid4().hex[:8]}", is_staff=True)
    accepted = makers.make_proposal(malik, name="La marche lente", hopes="Moi, Malik, du quai 9.")
    answered("accept", accepted, nadia, "Bonjour Malik.")
    decline(makers.make_proposal(malik, name="Le marché"), nadia, makers.make_member(f"noor-{uuid4().hex[:8]}"))
    makers.give_second_factor(malik)
    return own


def ties(member):
    with as_person(member):
        memberships = list(Membership.objects.filter(member_tag=vault.member_tag(member.pk)))
    known = [str(member.pk), member.pk.hex, member.email, vault.member_tag(member.pk), vault.proposer_tag(member.pk)]
    known += [str(membership.pk) for membership in memberships]
    return known + [bytes(row.name_mark).hex() for row in memberships], len(memberships)


@pytest.mark.parametrize("stories", ["withdraw", "keep"])
def test_no_table_holds_a_tie_to_the_person_any_more(committed, owner, visit, stories):
    circle = makers.make_circle()
    malik = somebody()
    makers.join(malik, circle.group, "Pont neuf", "day_before")
    story = makers.make_story(malik, circle.group, "Sous la pluie.")
    live(circle, malik)
    known, memberships = ties(malik)
    browser = visit(malik)
    before = everything_stored(owner)

    answer = erase(browser, malik, stories)

    after = everything_stored(owner)
    del after["groups_journalentry"]  # the bare ids of what went, for a restore, which no archive holds
    held = {table for table, rows in before.items() if any(tie in rows for tie in known)}
    assert answer.url == DONE
    assert memberships == 2
    assert {"members_member", "account_emailaddress", "mfa_authenticator", "groups_membership"} <= held
    assert {"groups_resonance", "meetings_rsvp", "groups_proposal", "groups_story"} <= held
    assert [(table, tie) for table, rows in after.items() for tie in known if tie in rows] == []
    assert (str(story.pk) in after["groups_story"]) == (stories == "keep")
    assert "La marche lente" in after["groups_proposal"]
    for words in ("Les mains dans la terre", "Le marché", "du quai 9"):
        assert words in before["groups_proposal"] and words not in after["groups_proposal"]
    assert before["groups_proposalmessage"] and not after["groups_proposalmessage"]
    assert before["groups_staffside"] and not after["groups_staffside"]


def test_the_others_still_read_the_kept_stories(circle, visit):
    erase(visit(circle.malik), circle.malik, "keep")

    page = visit(circle.ines).get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/")

    assert makers.STORY in words_of(page)
    assert in_french("A former member") in words_of(page)
    assert "Gué bleu" not in words_of(page)


def test_withdrawn_stories_open_for_nobody(circle, visit):
    erase(visit(circle.malik), circle.malik)

    assert visit(circle.ines).get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/").status_code == 404


def test_what_others_have_stays(circle, visit):
    hers = makers.make_story(circle.ines, circle.group, "Le jardin, au printemps.")
    makers.make_proposal(circle.ines, name="La marche lente")

    erase(visit(circle.malik), circle.malik)

    with as_person(circle.ines):
        assert list(Story.objects.values_list("pk", flat=True)) == [hers.pk]
        assert Membership.objects.count() == 1
        assert [proposal.name for proposal in own_proposals(circle.ines)] == ["La marche lente"]
    assert visit(circle.ines).get("/me/").status_code == 200


def test_the_last_member_of_a_group_may_erase_too(circle, visit):
    with as_person(circle.malik):
        belonging.leave(enter_group(circle.malik, circle.group.pk), keep_stories=True)

    answer = erase(visit(circle.ines), circle.ines)

    assert answer.url == DONE
    assert visit().get(f"/groups/{circle.group.slug}/").status_code == 404  # a group with nobody is closed


@pytest.mark.parametrize("second_factor", [True, False])
def test_the_last_staff_member_may_erase_too(committed, owner, visit, second_factor):
    nadia = somebody(is_staff=True)
    makers.accept(makers.make_proposal(makers.make_member("theo")), nadia)
    browser = visit(nadia, second_factor=second_factor)

    answer = erase(browser, nadia)

    assert answer.url == DONE
    assert not Member.objects.filter(is_staff=True).exists()
    stored = everything_stored(owner)
    del stored["groups_journalentry"]
    assert stored["groups_proposal"].count("\n") == 0 and stored["groups_proposal"]
    assert all(str(nadia.pk) not in rows for rows in stored.values())


def test_the_database_lets_people_forget_their_own_proposals_only(circle):
    theirs = makers.make_proposal(circle.ines, name="La marche lente")
    makers.make_proposal(circle.malik, name="Les jours gris")

    with as_person(circle.malik):
        founding.forget_proposals_of_the_one_who_asks()
        assert not own_proposals(circle.malik).exists()
    founding.forget_proposals_of_the_one_who_asks()  # nobody asks

    with as_person(circle.ines):
        assert Proposal.objects.get().pk == theirs.pk
    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("delete from groups_proposal")


def test_a_visitor_signs_in_first(db, visit):
    assert visit().get(ERASE).url == f"/account/login/?next={ERASE}"
    assert visit().get(CODE).url == "/account/login/"
