"""Signing in by a code that really goes through the mail; what it tells to somebody who tries addresses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from members.models import Member
from tests import makers
from tests.mailbox import code_for, mails_to, text_of
from tests.pages import error_beside, in_french

CODE = "/account/login/code/confirm/"
WRONG = "This is not the code of the last message. Look at it again, or ask for a new one."


@pytest.fixture
def camille(db):
    return make_somebody()


def make_somebody(**fields):
    """Under an address of their own: the mailbox keeps the mails of every test."""
    return makers.make_member(f"camille-{uuid4().hex[:8]}", **fields)


@pytest.fixture
def browser(visit):
    return visit()


def ask_for_code(browser, address):
    """Returns the page that takes the code."""
    sent = len(mails_to(address))
    page = browser.post("/account/login/", {"login": address}, follow=True)
    assert page.redirect_chain[-1][0].startswith(CODE)
    assert len(mails_to(address)) == sent + 1
    return page


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def is_inside(browser):
    return browser.get("/me/").status_code == 200


def test_a_code_by_mail_opens_ones_own_space(camille, browser):
    ask_for_code(browser, camille.email)

    page = browser.post(CODE, {"code": code_for(camille.email)}, follow=True)

    assert page.redirect_chain == [("/me/", 302)]
    assert is_inside(browser)


def test_the_mail_says_nothing_but_the_code(camille, browser):
    ask_for_code(browser, camille.email)

    mail = mails_to(camille.email)[-1]

    code = code_for(camille.email)
    assert re.fullmatch(r"\d{6}", code)
    assert mail["Subject"].split() == in_french("Your code: %(code)s", code=code).split()
    assert "http" not in text_of(mail)
    for word in ("entraide", "groupe", "camille"):
        assert word not in text_of(mail).lower() + mail["Subject"].lower() + mail["From"].lower()


def test_a_new_address_signs_up_and_is_kept_once(db, browser):
    address = "yasmine@people.example"
    page = browser.post("/account/signup/", {"email": "Yasmine@people.example"}, follow=True)
    form = page.redirect_chain[-1][0]

    after = browser.post(form, {"code": code_for(address)}, follow=True)

    assert after.status_code == 200
    assert is_inside(browser)
    [member] = Member.objects.all()
    assert (member.email, member.language) == (address, "fr")
    assert not member.has_usable_password()


def test_a_sign_up_tapped_twice_sends_one_code_that_opens(db, browser):
    address = f"yasmine-{uuid4().hex[:8]}@people.example"

    pages = [browser.post("/account/signup/", {"email": address}, follow=True) for _ in range(2)]
    browser.post(pages[-1].redirect_chain[-1][0], {"code": code_for(address)})

    assert [page.status_code for page in pages] == [200, 200]
    assert len(mails_to(address)) == 1
    assert is_inside(browser)


def test_a_known_address_signed_up_twice_gets_the_same_answers(camille, visit):
    answers = []
    for address in (camille.email, f"nobody-{uuid4().hex[:8]}@people.example"):
        browser = visit()
        pages = [browser.post("/account/signup/", {"email": address}, follow=True) for _ in range(2)]
        answers.append([(page.redirect_chain, page.status_code, without_token(page, address)) for page in pages])
        assert len(mails_to(address)) == 1

    assert answers[0] == answers[1]


def test_a_wrong_code_is_said_beside_its_field(camille, browser):
    ask_for_code(browser, camille.email)

    page = browser.post(CODE, {"code": wrong(code_for(camille.email))})

    assert error_beside(page, "code") == in_french(WRONG)
    assert not is_inside(browser)
    browser.post(CODE, {"code": code_for(camille.email)})
    assert is_inside(browser)


@pytest.mark.parametrize("code", ["", " ", "abc", "12\0456", "1" * 500, "１２３４５６"])
def test_a_code_that_is_none_is_no_error_of_the_site(camille, browser, code):
    ask_for_code(browser, camille.email)

    page = browser.post(CODE, {"code": code})

    assert page.status_code == 422
    assert error_beside(page, "code")
    assert not is_inside(browser)


def test_a_code_opens_for_20_minutes(camille, browser):
    ask_for_code(browser, camille.email)

    with time_machine.travel(timedelta(minutes=19, seconds=50)):
        browser.post(CODE, {"code": code_for(camille.email)})

        assert is_inside(browser)


def test_the_code_of_a_new_account_opens_for_20_minutes(db, browser):
    address = f"yasmine-{uuid4().hex[:8]}@people.example"
    page = browser.post("/account/signup/", {"email": address}, follow=True)

    with time_machine.travel(timedelta(minutes=19, seconds=50)):
        browser.post(page.redirect_chain[-1][0], {"code": code_for(address)})

        assert is_inside(browser)


def test_an_expired_code_opens_nothing(camille, browser):
    ask_for_code(browser, camille.email)

    with time_machine.travel(timedelta(minutes=20, seconds=10)):
        page = browser.post(CODE, {"code": code_for(camille.email)}, follow=True)

        assert page.redirect_chain[-1][0].startswith("/account/login/")
        assert not is_inside(browser)


def test_the_right_code_comes_too_late_after_five_wrong_ones(camille, browser):
    ask_for_code(browser, camille.email)
    code = code_for(camille.email)

    answers = [browser.post(CODE, {"code": wrong(code)}) for _ in range(5)]
    last = browser.post(CODE, {"code": code}, follow=True)

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 302]
    assert last.redirect_chain[-1][0].startswith("/account/login/")
    assert not is_inside(browser)


def test_a_code_opens_once(camille, browser, visit):
    ask_for_code(browser, camille.email)
    code = code_for(camille.email)
    browser.post(CODE, {"code": code})
    other = visit()
    ask_for_code(other, camille.email)

    page = other.post(CODE, {"code": code})

    assert error_beside(page, "code") == in_french(WRONG)
    assert not is_inside(other)


def test_a_code_opens_only_where_it_was_asked_for(camille, browser, visit):
    ask_for_code(browser, camille.email)

    visit().post(CODE, {"code": code_for(camille.email)})

    assert not is_inside(visit())
    assert not is_inside(browser)


def test_a_code_sent_again_replaces_the_first(camille, browser):
    ask_for_code(browser, camille.email)
    first = code_for(camille.email)

    with time_machine.travel(timedelta(seconds=31)):
        browser.post(CODE, {"action": "resend"})
        second = code_for(camille.email)
        refused = browser.post(CODE, {"code": first})
        browser.post(CODE, {"code": second})

        assert len(mails_to(camille.email)) == 2
        assert first != second
        assert error_beside(refused, "code") == in_french(WRONG)
        assert is_inside(browser)


def test_mails_cannot_be_asked_for_without_end(camille, browser):
    ask_for_code(browser, camille.email)

    for _ in range(30):
        browser.post(CODE, {"action": "resend"})

    assert len(mails_to(camille.email)) <= 6


def test_signing_in_changes_the_cookie(camille, browser):
    ask_for_code(browser, camille.email)
    before = browser.cookies["session"].value

    browser.post(CODE, {"code": code_for(camille.email)})

    assert browser.cookies["session"].value != before
    assert browser.cookies["session"]["httponly"]
    assert browser.cookies["session"]["samesite"] == "Lax"


SECOND_ACTS = [
    (CODE,),
    ("/account/confirm-email/",),
    ("/account/inactive/",),
    ("/account/2fa/authenticate/",),
    ("/account/email/code/",),
    ("/account/logout/", {}),
    ("/account/email/cancel/", {}),
    (CODE, {"action": "change", "email": "another@people.example"}),
    ("/account/confirm-email/", {"action": "change", "email": "another@people.example"}),
    ("/account/confirm-email/", {"action": "resend"}),
    ("/account/confirm-email/", {"code": ""}),
    (CODE, {"code": "000000"}),
]


def without_token(page, address):
    text = page.content.decode().replace(address, "…")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


@pytest.mark.parametrize("form", ["login", "signup"])
def test_known_and_unknown_addresses_get_the_same_page(camille, visit, form):
    field = {"login": "login", "signup": "email"}[form]
    pages = []
    for address in (camille.email, f"nobody-{uuid4().hex[:8]}@people.example"):
        page = visit().post(f"/account/{form}/", {field: address}, follow=True)
        pages.append((page.redirect_chain, page.status_code, without_token(page, address)))
        assert len(mails_to(address)) == 1

    assert pages[0] == pages[1]


@pytest.mark.parametrize("act", SECOND_ACTS)
@pytest.mark.parametrize("form", ["login", "signup"])
def test_whatever_is_done_next_known_and_unknown_addresses_are_told_alike(camille, visit, form, act):
    field, path, told = {"login": "login", "signup": "email"}[form], act[0], []
    for address in (camille.email, f"nobody-{uuid4().hex[:8]}@people.example"):
        browser, pages = visit(), []
        waits = browser.post(f"/account/{form}/", {field: address}).headers["Location"]
        pages.append(browser.get(path) if len(act) == 1 else browser.post(path, act[1]))
        pages += [browser.get(waits), browser.get("/account/login/"), browser.get("/account/signup/")]
        told.append([(page.status_code, page.headers.get("Location"), without_token(page, address)) for page in pages])

    assert told[0] == told[1]


def test_a_script_gets_the_page_that_everybody_gets(db, visit):
    """allauth would answer it in another form, which says more."""
    page = visit().post(
        "/account/login/", {"login": "x@people.example"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )

    assert page.status_code == 302


@pytest.mark.parametrize("form", ["login", "signup"])
def test_sending_again_sends_to_known_and_unknown_addresses_alike(camille, visit, form):
    field, told = {"login": "login", "signup": "email"}[form], []
    for address in (camille.email, f"nobody-{uuid4().hex[:8]}@people.example"):
        browser = visit()
        page = browser.post(f"/account/{form}/", {field: address}, follow=True)
        again = browser.post(page.redirect_chain[-1][0], {"action": "resend"}, follow=True)
        told.append((again.redirect_chain, without_token(again, address), len(mails_to(address))))

    assert told[0] == told[1]
    assert told[0][-1] == 2


def test_a_wrong_code_for_an_unknown_address_gets_the_same_words(camille, visit):
    answers = []
    for address in (camille.email, "nobody-knows@people.example"):
        browser = visit()
        browser.post("/account/login/", {"login": address}, follow=True)
        pages = [browser.post(CODE, {"code": "000000"}) for _ in range(5)]
        answers.append(
            [(page.status_code, page.headers.get("Location"), without_token(page, address)) for page in pages]
        )

    assert answers[0] == answers[1]


def test_the_mail_to_an_unknown_address_holds_no_code(db, browser):
    address = "nobody-at-all@people.example"

    browser.post("/account/login/", {"login": address}, follow=True)

    [mail] = mails_to(address)
    assert re.search(r"\d{6}", text_of(mail)) is None
    assert Member.objects.count() == 0


def test_staff_without_a_second_factor_are_led_to_it(db, browser):
    nadia = make_somebody(is_staff=True)
    ask_for_code(browser, nadia.email)
    browser.post(CODE, {"code": code_for(nadia.email)})

    page = browser.get("/staff/proposals/")

    assert (page.status_code, page.url) == (302, "/account/2fa/totp/activate/?next=%2Fstaff%2Fproposals%2F")
    assert browser.get(page.url).status_code == 200


def test_staff_show_their_second_factor_before_the_proposals_open(db, browser):
    nadia = make_somebody(is_staff=True)
    secret = makers.give_second_factor(nadia)
    ask_for_code(browser, nadia.email)

    step = browser.post(CODE, {"code": code_for(nadia.email)}, follow=True)
    before = browser.get("/staff/proposals/").status_code
    refused = browser.post("/account/2fa/authenticate/", {"code": wrong(makers.app_code(secret))})
    browser.post("/account/2fa/authenticate/", {"code": makers.app_code(secret)})

    assert step.redirect_chain[-1][0].startswith("/account/2fa/authenticate/")
    assert before == 302
    assert error_beside(refused, "code")
    assert browser.get("/staff/proposals/").status_code == 200


def test_a_member_finds_no_staff_page(camille, browser):
    ask_for_code(browser, camille.email)
    browser.post(CODE, {"code": code_for(camille.email)})

    assert browser.get("/staff/proposals/").status_code == 404
