"""The pages that could tell a known address from an unknown one answer no earlier than a constant time."""

import time
from uuid import uuid4

import pytest
from django.conf import settings as site

from entraide import settings as real
from tests import makers

FORMS = {"login": "login", "signup": "email", "email": "email"}
CODE_PAGES = {"login": "/account/login/code/confirm/", "signup": "/account/confirm-email/"}
LONG = 1.5  # seconds: longer than any page here takes by itself


@pytest.fixture(params=["known", "unknown"])
def address(request, db):
    address = f"{request.param}-{uuid4().hex[:8]}"
    return makers.make_member(address).email if request.param == "known" else f"{address}@people.example"


@pytest.fixture
def seconds():
    """seconds(act) is how long it took."""

    def measure(act):
        started = time.monotonic()
        act()
        return time.monotonic() - started

    return measure


@pytest.mark.parametrize("form", FORMS)
def test_each_form_takes_the_constant_time_at_least(address, visit, settings, seconds, form):
    settings.ANSWER_AFTER = real.ANSWER_AFTER
    browser = visit(makers.make_member("camille") if form == "email" else None)

    took = seconds(lambda: browser.post(f"/account/{form}/", {FORMS[form]: address}))

    assert real.ANSWER_AFTER == 0.4
    assert took >= real.ANSWER_AFTER


@pytest.mark.parametrize("form", CODE_PAGES)
def test_the_page_of_the_code_and_its_tries_take_theirs(address, visit, settings, seconds, form):
    browser, page = visit(), CODE_PAGES[form]
    browser.post(f"/account/{form}/", {FORMS[form]: address})
    settings.ANSWER_AFTER, settings.PAGE_AFTER = real.ANSWER_AFTER, real.PAGE_AFTER

    tried = seconds(lambda: browser.post(page, {"code": "000000"}))
    looks = [f"/account/{name}" for name in ("login/", "login/code/", "2fa/authenticate/", "signup/")]
    took = [seconds(lambda look=look: browser.get(look)) for look in (page, *looks)]

    assert tried >= real.ANSWER_AFTER
    assert min(took) >= real.PAGE_AFTER


def test_other_pages_are_not_held_back(db, visit, settings, seconds):
    settings.ANSWER_AFTER = settings.PAGE_AFTER = LONG
    browser = visit(makers.make_member("camille"))

    for address in ("/account/login/", "/account/signup/", "/groups/"):
        assert seconds(lambda address=address: visit().get(address)) < LONG
    assert seconds(lambda: browser.post("/me/theme/", {"theme": "dark"})) < LONG
    assert seconds(lambda: browser.get("/account/email/")) < LONG


def test_whoever_asks_without_end_keeps_no_thread(db, visit, settings, seconds):
    settings.ACCOUNT_RATE_LIMITS = site.ACCOUNT_RATE_LIMITS | {"login": "1/h/ip"}
    settings.ANSWER_AFTER = LONG
    answers = []

    took = [
        seconds(lambda: answers.append(visit().post("/account/login/", {"login": "a@people.example"})))
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [302, 429]
    assert took[0] >= LONG > took[1]


def test_nothing_is_locked_and_nothing_is_left_to_write_while_an_answer_waits():
    order = site.MIDDLEWARE.index

    assert order("members.timing.answers_alike") < order("django.contrib.sessions.middleware.SessionMiddleware")
    assert order("members.timing.answers_alike") < order("entraide.middleware.request_transaction")
