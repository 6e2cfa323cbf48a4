"""A session lives in the browser's cookie; what the database keeps of it opens nothing."""

import pytest

from members.models import Session
from tests import makers
from tests.pages import in_french, words_of


@pytest.fixture
def camille(db):
    return makers.make_member("camille")


@pytest.fixture
def browser(camille, visit):
    return visit(camille)


def is_inside(browser):
    return browser.get("/me/").status_code == 200


def test_the_row_of_a_session_holds_neither_the_cookie_nor_a_readable_word(camille, browser):
    cookie = browser.cookies["session"].value
    assert browser.session["_auth_user_id"] == str(camille.pk)

    [row] = Session.objects.all()

    stored = row.session_key + row.session_data
    assert cookie not in stored
    for word in (str(camille.pk), camille.pk.hex, "_auth_user", "camille", "csrf"):
        assert word not in stored


def test_the_rows_name_is_no_cookie(camille, browser, visit):
    thief = visit()

    thief.cookies["session"] = Session.objects.get().session_key

    assert not is_inside(thief)
    assert is_inside(browser)


def test_signing_out_needs_a_post_and_ends_the_session(browser):

    asked = browser.get("/account/logout/")
    still = is_inside(browser)
    left = browser.post("/account/logout/", follow=True)

    assert asked.status_code == 200
    assert still
    assert left.redirect_chain == [("/account/signed-out/", 302)]
    assert in_french("Sign in") in words_of(left)
    assert not is_inside(browser)
