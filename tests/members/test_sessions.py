"""A session lives in the browser's cookie; what the database keeps of it opens nothing and names nobody."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member, Session
from members.sessions import owner_tag
from tests import makers
from tests.mailbox import code_for
from tests.members.conftest import TELEPHONE, is_inside
from tests.pages import in_french, words_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def camille(db):
    return somebody()


@pytest.fixture
def browser(camille, arrive):
    return arrive(camille)


def somebody(**fields):
    """Under an address of their own: the mailbox keeps the mails of every test."""
    return makers.make_member(f"camille-{uuid4().hex[:8]}", **fields)


def row_of(member):
    return Session.objects.get(owner=owner_tag(member.pk))


# --- What a copy of the database shows --------------------------------------------------------------------------------


def test_a_row_holds_neither_cookie_nor_person_nor_device(camille, browser):
    cookie = browser.cookies["session"].value
    assert browser.session["_auth_user_id"] == str(camille.pk)
    assert browser.session["device"]["name"] == "Firefox, Android"

    row = row_of(camille)

    device = bytes(row.device)
    stored = " ".join([row.session_key, row.session_data, row.owner, device.hex(), device.decode("latin-1")])
    for word in (cookie, str(camille.pk), camille.pk.hex, camille.email, "camille", "_auth_user", "csrf", "Firefox"):
        assert word not in stored and word.encode().hex() not in stored


def test_a_row_tells_no_minute_and_its_size_no_device(camille, arrive, visit):
    visit().get("/account/login/")  # a visitor's
    for agent in ("", TELEPHONE, "x" * 5000):
        arrive(camille, agent)

    rows = Session.objects.all()

    assert len(rows) == 4
    assert {f"{row.expire_date:%M:%S.%f}" for row in rows} == {"00:00.000000"}
    assert len({len(row.device) for row in rows}) == 1


def test_one_person_has_one_tag_and_two_have_two(camille, arrive):
    other = somebody()

    for member in (camille, camille, other):
        arrive(member)

    assert sorted(Session.objects.values_list("owner", flat=True)) == sorted(
        [owner_tag(camille.pk), owner_tag(camille.pk), owner_tag(other.pk)]
    )
    assert len({owner_tag(camille.pk), owner_tag(other.pk)}) == 2


def test_the_dump_of_data_holds_no_session(db):
    with connection.cursor() as cursor:
        for role in ("entraide_backup_data", "entraide_backup_keys"):
            cursor.execute("select has_table_privilege(%s, 'members_session', 'select')", [role])
            assert cursor.fetchone() == (False,)
        cursor.execute("select to_regclass('django_session')")
        assert cursor.fetchone() == (None,)


def test_the_rows_name_is_no_cookie(camille, browser, visit):
    thief = visit()

    thief.cookies["session"] = row_of(camille).session_key

    assert not is_inside(thief)
    assert is_inside(browser)


# --- Whose it is, on every way in -------------------------------------------------------------------------------------


def test_a_visitors_session_has_no_owner(db, visit):
    visit().get("/account/login/")

    assert Session.objects.get().owner == ""


def test_a_sign_up_sets_the_owner(db, visit, arrive):
    browser, address = visit(), f"yasmine-{uuid4().hex[:8]}@people.example"

    page = browser.post("/account/signup/", {"email": address, "device": "personal"}, follow=True)
    browser.post(page.redirect_chain[-1][0], {"code": code_for(address)})

    assert is_inside(browser)
    assert row_of(Member.objects.get(email=address))
    assert browser.session.is_personal


def test_a_second_factor_sets_the_owner_and_keeps_the_answer(db, arrive):
    nadia = somebody(is_staff=True)
    secret = makers.give_second_factor(nadia)
    browser = arrive(nadia, device="personal")
    assert not Session.objects.filter(owner=owner_tag(nadia.pk)).exists()

    browser.post("/account/2fa/authenticate/", {"code": makers.app_code(secret)})

    assert is_inside(browser)
    assert row_of(nadia)
    assert browser.session.is_personal


# --- Rows changed by hand ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["session_data", "device", "owner"])
def test_a_row_with_a_part_of_another_opens_as_nobody(camille, arrive, browser, column):
    other = somebody()
    arrive(other)

    Session.objects.filter(pk=row_of(camille).pk).update(**{column: getattr(row_of(other), column)})

    assert not is_inside(browser)
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("rubbish", [{"session_data": "?"}, {"session_data": ""}, {"device": b""}, {"owner": ""}])
def test_a_row_that_is_broken_opens_as_nobody(camille, browser, rubbish):
    Session.objects.filter(pk=row_of(camille).pk).update(**rubbish)

    assert not is_inside(browser)


def test_a_later_date_of_expiry_brings_no_session_back(camille, browser):
    row = row_of(camille)

    Session.objects.filter(pk=row.pk).update(expire_date=row.expire_date + 30 * DAY)

    with time_machine.travel(31 * MINUTE):
        assert not is_inside(browser)


def test_a_new_secret_key_closes_every_session(camille, browser, settings):
    settings.SECRET_KEY = "another-" * 8

    assert not is_inside(browser)


def test_somebody_made_inactive_or_deleted_is_out_at_once(db, arrive):
    inactive, deleted = somebody(), somebody()
    browsers = [arrive(inactive), arrive(deleted)]
    assert all(map(is_inside, browsers))

    inactive.is_active = False
    inactive.save()
    deleted.delete()

    assert not any(map(is_inside, browsers))


# --- How long ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["login", "signup"])
def test_both_forms_ask_and_preselect_nothing(db, visit, form):
    page = visit().get(f"/account/{form}/")

    assert page.content.decode().count('name="device"') == 2
    assert "checked" not in page.content.decode()
    assert in_french("This device is") in words_of(page)


def test_the_answer_stays_beside_an_error(db, visit):
    page = visit().post("/account/login/", {"login": "camille", "device": "personal"})

    assert page.status_code == 422
    assert page.content.decode().count("checked") == 1


@pytest.mark.parametrize("said", [None, "shared", "", "Personal", "1", "\0", "x" * 999])
def test_anything_but_personal_is_shared_for_30_minutes(camille, arrive, said):
    answer = {} if said is None else {"device": said}
    used, left_alone = arrive(camille, **answer), arrive(camille, **answer)

    assert used.cookies["session"]["max-age"] == used.cookies["session"]["expires"] == ""
    with time_machine.travel(timedelta(minutes=29, seconds=50)):
        assert is_inside(used)
    with time_machine.travel(timedelta(minutes=30, seconds=10)):
        assert not is_inside(left_alone)


def test_the_answer_of_a_sign_in_that_was_given_up_does_not_count(camille, visit, arrive):
    browser = visit()
    browser.post("/account/login/", {"login": camille.email, "device": "personal"})
    browser.post("/account/logout/", {"next": "/account/login/"})

    browser.post("/account/login/", {"login": camille.email})
    browser.post("/account/login/code/confirm/", {"code": code_for(camille.email)})

    assert is_inside(browser)
    assert not browser.session.is_personal


def test_a_shared_device_that_is_used_stays_signed_in(committed, arrive):
    browser = arrive(somebody())

    for used in range(20, 121, 20):
        with time_machine.travel(used * MINUTE):
            assert is_inside(browser), used
    with time_machine.travel(151 * MINUTE):
        assert not is_inside(browser)


def test_a_use_is_written_down_every_five_minutes_only(committed, arrive):
    browser = arrive(somebody())
    browser.get("/me/")  # shows the message of the sign-in, and so changes the session
    written = []

    for used in (1, 4, 6, 7, 10, 12):
        with time_machine.travel(used * MINUTE), CaptureQueriesContext(connection) as asked:
            browser.get("/me/")
        written.append(sum("UPDATE" in query["sql"] for query in asked))

    assert written == [0, 0, 1, 0, 0, 1]


def test_ones_own_device_stays_signed_in_for_14_days_from_the_sign_in(camille, arrive):
    browser = arrive(camille, device="personal")

    assert abs(browser.cookies["session"]["max-age"] - 14 * 24 * 3600) < 60
    for used in range(1, 14):
        with time_machine.travel(used * DAY):
            browser.post("/me/theme/", {"theme": "dark"})  # leaves a message, so the session is written
    with time_machine.travel(14 * DAY - MINUTE):
        assert is_inside(browser)
    with time_machine.travel(14 * DAY + MINUTE):
        assert not is_inside(browser)


# --- The end ----------------------------------------------------------------------------------------------------------


def test_signing_out_needs_a_post_and_ends_the_session(browser):

    asked = browser.get("/account/logout/")
    still = is_inside(browser)
    left = browser.post("/account/logout/", follow=True)

    assert asked.status_code == 200
    assert still
    assert left.redirect_chain == [("/account/signed-out/", 302)]
    assert in_french("Your space is closed on this device. A new code opens it again.") in words_of(left)
    assert in_french("Sign in") in words_of(left)
    assert not is_inside(browser)


def test_signing_out_empties_the_browser_and_starts_no_new_session(browser):
    left = browser.post("/account/logout/")

    assert left["Clear-Site-Data"] == '"cookies", "storage"'
    assert left.cookies["session"]["max-age"] == 0
    assert Session.objects.count() == 0


def test_giving_up_a_sign_in_clears_no_colours(db, visit):
    browser = visit()
    browser.post("/account/login/", {"login": "camille@people.example"})

    left = browser.post("/account/logout/", {"next": "/account/login/"})

    assert "Clear-Site-Data" not in left
