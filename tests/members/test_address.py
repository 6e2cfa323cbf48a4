"""Changing one's address: the new one proves itself first, and a taken one answers like a free one."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groups.confidentiality import own_memberships
from members.models import Member
from tests import makers
from tests.mailbox import code_for, mails_to, text_of
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of

EMAIL, CODE, CANCEL = "/account/email/", "/account/confirm-email/", "/account/email/cancel/"
CHANGED = "Your address is changed. Codes and reminders go to the new one."
TAKEN = "Another account uses this address. Choose another one; or first sign in to that account, and erase it."


@pytest.fixture
def camille(db):
    return makers.make_member(f"camille-{uuid4().hex[:8]}")


@pytest.fixture
def browser(camille, visit):
    return visit(camille)


def somewhere():
    return f"new-{uuid4().hex[:8]}@people.example"


def ask(browser, address):
    """The present address says yes first; then the new one gets its code."""
    first = browser.post(EMAIL, {"email": address}, follow=True)
    present = first.context["request"].user.email
    return browser.post(first.redirect_chain[-1][0], {"code": code_for(present)}, follow=True)


def address_of(member):
    return Member.objects.get(pk=member.pk).email


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_my_space_leads_to_the_address(camille, browser):
    assert f'href="{EMAIL}"' in browser.get("/me/").content.decode()
    assert camille.email in words_of(browser.get(EMAIL))


def test_the_code_that_the_new_address_got_makes_it_the_address(camille, browser, visit):
    former, new = camille.email, somewhere()

    page = ask(browser, new.upper())
    before = address_of(camille)
    after = browser.post(CODE, {"code": code_for(new)}, follow=True)

    assert page.redirect_chain == [(CODE, 302)]
    assert before == former
    assert after.redirect_chain == [("/me/", 302)]
    assert in_french(CHANGED) in words_of(after)
    assert address_of(camille) == new
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(new, True, True)]
    assert browser.get("/me/").status_code == 200


def test_the_new_address_signs_in_and_the_former_is_unknown(camille, browser, visit):
    former, new = camille.email, somewhere()
    ask(browser, new)
    browser.post(CODE, {"code": code_for(new)})
    other = visit()

    other.post("/account/login/", {"login": new}, follow=True)
    other.post("/account/login/code/confirm/", {"code": code_for(new)})
    visit().post("/account/login/", {"login": former})

    assert other.get("/me/").status_code == 200
    assert re.search(r"\d{6}", text_of(mails_to(former)[-1])) is None


def test_the_former_address_is_told_without_a_word_about_the_site(camille, browser, settings):
    settings.CONTACT_EMAIL = "bonjour@people.example"
    former, new = camille.email, somewhere()
    ask(browser, new)
    told_before = mails_to(former)

    browser.post(CODE, {"code": code_for(new)})

    mail = mails_to(former)[-1]
    assert (len(told_before), len(mails_to(former))) == (1, 2)
    said = " ".join(text_of(mail).split())
    assert in_french("Your account has a new e-mail address. Nothing more will come to this one.") in said
    assert settings.CONTACT_EMAIL in said
    everything = f"{said} {mail['Subject']} {mail['From']}".lower()
    for word in ("http", "entraide", "groupe", "group ", new, "127.0.0.1"):
        assert word not in everything
    assert len(mails_to(new)) == 1


def test_every_membership_is_sealed_anew_for_the_new_address(circle, visit):
    makers.join(circle.malik, makers.make_group(circle.ines, "Tilleul", name="Les jours gris"), "Osier")
    with as_person(circle.malik):
        before = {row.pk: bytes(row.sealed_address) for row in own_memberships(circle.malik)}
    with as_person(circle.ines):
        others = {row.pk: bytes(row.sealed_address) for row in own_memberships(circle.ines)}
    browser, new = visit(circle.malik), somewhere()
    ask(browser, new)

    browser.post(CODE, {"code": code_for(new)})

    with as_person(circle.malik):
        after = {row.pk: bytes(row.sealed_address) for row in own_memberships(circle.malik)}
    with as_person(circle.ines):
        assert {row.pk: bytes(row.sealed_address) for row in own_memberships(circle.ines)} == others
    assert len(after) == 2
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def test_a_wrong_code_stands_beside_its_field_and_changes_nothing(camille, browser):
    former, new = camille.email, somewhere()
    ask(browser, new)

    page = browser.post(CODE, {"code": wrong(code_for(new))})

    assert page.status_code == 422
    assert error_beside(page, "code") == in_french(
        "This is not the code of the last message. Look at it again, or ask for a new one."
    )
    assert address_of(camille) == former


def test_after_five_wrong_codes_the_right_one_changes_nothing(camille, browser):
    former, new = camille.email, somewhere()
    ask(browser, new)
    code = code_for(new)

    pages = [browser.post(CODE, {"code": wrong(code)}, follow=True) for _ in range(5)]
    browser.post(CODE, {"code": code})

    assert in_french("Five codes in a row were wrong. Ask for a new one.") in words_of(pages[-1])
    assert address_of(camille) == former


def test_an_expired_code_is_said_to_be_too_old(camille, browser):
    former, new = camille.email, somewhere()
    ask(browser, new)

    with time_machine.travel(timedelta(minutes=20, seconds=10)):
        page = browser.post(CODE, {"code": code_for(new)}, follow=True)

        assert page.redirect_chain == [(EMAIL, 302)]
        assert in_french("This code is too old: it was good for 20 minutes. Ask for a new one.") in words_of(page)
        assert address_of(camille) == former


def test_a_code_sent_again_replaces_the_first(camille, browser):
    new = somewhere()
    ask(browser, new)
    first = code_for(new)

    browser.post(CODE, {"action": "resend"})
    refused = browser.post(CODE, {"code": first})
    browser.post(CODE, {"code": code_for(new)})

    assert len(mails_to(new)) == 2
    assert refused.status_code == 422
    assert address_of(camille) == new


def test_keeping_the_present_address_forgets_the_code(camille, browser):
    former, new = camille.email, somewhere()
    page = ask(browser, new)

    kept = browser.post(CANCEL, follow=True)
    late = browser.post(CODE, {"code": code_for(new)})

    assert CANCEL in page.content.decode()
    assert in_french("Nothing was changed.") in words_of(kept)
    assert late.url == EMAIL
    assert address_of(camille) == former


@pytest.mark.parametrize("address", ["", " ", "camille", "a b@people.example", "x" * 300 + "@people.example"])
def test_what_is_no_address_is_given_back(camille, browser, address):
    page = browser.post(EMAIL, {"email": address})

    assert page.status_code == 422
    assert error_beside(page, "email")
    assert typed(page, "email") == address


def test_ones_own_address_is_said_to_be_that(camille, browser):
    page = browser.post(EMAIL, {"email": camille.email.upper()})

    assert error_beside(page, "email") == in_french("This is your address already.")
    assert mails_to(camille.email) == []


def shown(page, address):
    text = page.content.decode().replace(address, "…")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def asked_of(browser, address):
    """Everything that somebody without this mailbox can see of it."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        page = ask(browser, address)
    answers = [page, *(browser.post(CODE, {"code": "000000"}) for _ in range(3))]
    answers += [browser.post(CODE, {"action": "resend"}, follow=True), browser.post(EMAIL, {"email": address})]
    told = [(answer.status_code, answer.headers.get("Location"), shown(answer, address)) for answer in answers]
    headers = [{name for name, _ in answer.items()} for answer in answers]
    return page.redirect_chain, told, headers, len(captured), len(mails_to(address))


def test_a_taken_address_answers_like_a_free_one(camille, visit):
    taken = makers.make_member(f"somebody-{uuid4().hex[:8]}").email
    waiting = somewhere()  # of somebody whose sign-up is not finished
    Member.objects.create_user(waiting)

    answers = [asked_of(visit(camille), address) for address in (taken, somewhere(), waiting)]

    assert answers[0] == answers[1]
    assert answers[2] == answers[1]


def test_the_present_address_says_yes_first(camille, browser):
    new = somewhere()

    page = browser.post(EMAIL, {"email": new}, follow=True)
    refused = browser.post(page.redirect_chain[-1][0], {"code": wrong(code_for(camille.email))})

    assert error_beside(refused, "code")
    assert mails_to(new) == []
    assert browser.post(CODE, {"code": "000000"}).status_code == 302
    assert address_of(camille) == camille.email


def test_a_code_for_erasing_changes_no_address(camille, browser):
    browser.post("/me/erase/", {})

    assert browser.get("/account/email/code/").url == EMAIL


def begin_to_sign_in(visit, address):
    stranger = visit()
    page = stranger.post("/account/login/", {"login": address}, follow=True)
    return stranger, page.redirect_chain[-1][0], code_for(address)


@pytest.mark.parametrize("acts", [["code"], ["resend", "code"]])
def test_a_sign_in_begun_at_the_former_address_leads_nowhere(camille, browser, visit, acts):
    former, new = camille.email, somewhere()
    stranger, page, code = begin_to_sign_in(visit, former)
    ask(browser, new)
    browser.post(CODE, {"code": code_for(new)})
    sent = len(mails_to(former))

    for act in acts:
        stranger.post(page, {"action": "resend"} if act == "resend" else {"code": code}, follow=True)

    assert stranger.get("/me/").status_code == 302
    assert len(mails_to(former)) == sent
    assert address_of(camille) == new
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [new]
    again, page, code = begin_to_sign_in(visit, new)
    assert again.post(page, {"code": code}).url == "/me/"


def test_only_who_reads_the_mail_of_a_taken_address_is_told(camille, browser):
    taken = makers.make_member(f"somebody-{uuid4().hex[:8]}").email
    former = camille.email
    ask(browser, taken)

    page = browser.post(CODE, {"code": code_for(taken)})

    assert error_beside(page, "code") == in_french(TAKEN)
    assert address_of(camille) == former


def test_a_visitor_signs_in_first(db, visit):
    assert visit().get(EMAIL).url == f"/account/login/?next={EMAIL}"
    assert visit().post(EMAIL, {"email": somewhere()}).url.startswith("/account/login/")
