"""« Aide maintenant » and the quick exit, seen by the test client: what they need, and who writes."""

import gzip
import re
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from entraide import copies
from entraide.lib.days import today
from groups import vault
from members import helplines
from members.models import Helpline, Session
from tests import makers

TARGET = "https://meteo.gc.ca/"


@pytest.fixture
def staff(db, visit):
    return visit(makers.make_member("nadia", is_staff=True), second_factor=True)


def fields_of(line, **others):
    names = ("region", "way", "name", "number_or_address", "source", "position")
    return {name: getattr(line, name) for name in names} | {"languages": line.languages} | others


def number(name):
    return Helpline.objects.get(name=name, way="call")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_help_now_is_one_query_and_the_same_for_everybody(circle, visit, django_assert_num_queries):
    with django_assert_num_queries(1):
        for_nobody = visit().get("/help-now/")
    signed_in = visit(circle.malik)
    with django_assert_num_queries(1):
        for_malik = signed_in.get("/help-now/")

    assert for_malik.content == for_nobody.content
    assert for_malik.headers["Cache-Control"] == for_nobody.headers["Cache-Control"]
    assert "public" in for_malik.headers["Cache-Control"]
    assert "Set-Cookie" not in for_malik.headers and "Cookie" not in for_malik.headers.get("Vary", "")
    assert "<script" not in for_malik.content.decode()


@pytest.mark.parametrize("address", ["/help-now/", "/en/help-now/"])
def test_help_now_is_small_with_everything_that_it_loads(db, client, address):
    page = client.get(address, headers={"Accept-Encoding": "gzip"})
    html = gzip.decompress(page.content).decode()

    total = len(page.content)
    for path in re.findall(r'(?:src|<link [^>]*href)="/static/([^"]+)"', html):
        file = copies.FOLDER.parent / path
        packed = file.with_name(f"{file.name}.gz")
        total += (packed if packed.exists() else file).stat().st_size

    assert 4_000 < total < 20_000


def test_every_line_can_be_dialled(db, client):
    html = client.get("/help-now/").content.decode()

    for href in ("tel:+18662773553", "sms:535353", "https://suicide.ca/", "tel:811", "tel:988", "sms:988", "tel:3114"):
        assert f'href="{href}"' in html
    assert "tel:112" in html and "tel:15" in html


def test_nobody_has_checked_a_number_that_nobody_has_checked(db):
    assert not Helpline.objects.filter(checked_on__isnull=False).exists()


# --- staff ------------------------------------------------------------------------------------------------------------


def test_a_line_checked_today_carries_the_day_and_its_hours(staff, client):
    line = number("3114")

    answer = staff.post(
        f"/staff/helplines/{line.pk}/",
        fields_of(line, hours_fr="jour et nuit", hours_en="day and night", checked_today="on"),
    )

    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.checked_on, line.hours_fr) == (today(), "jour et nuit")
    assert "day and night" in client.get("/en/help-now/").content.decode()


def test_a_line_that_changes_loses_its_date(staff):
    line = number("3114")
    staff.post(f"/staff/helplines/{line.pk}/", fields_of(line, checked_today="on"))
    staff.post(f"/staff/helplines/{line.pk}/", fields_of(line, position=5))
    line.refresh_from_db()
    assert (line.checked_on, line.position) == (today(), 5)

    staff.post(f"/staff/helplines/{line.pk}/", fields_of(line, number_or_address="3115"))

    line.refresh_from_db()
    assert (line.checked_on, line.number_or_address) == (None, "3115")


@pytest.mark.parametrize(
    ("way", "typed"),
    [("call", "appelez-moi"), ("text", "https://a.example/"), ("chat", "988"), ("chat", "javascript:1")],
)
def test_a_number_that_cannot_be_dialled_is_not_kept(staff, way, typed):
    line = number("3114")

    answer = staff.post(f"/staff/helplines/{line.pk}/", fields_of(line, way=way, number_or_address=typed))

    assert answer.status_code == 422
    line.refresh_from_db()
    assert line.number_or_address == "3114"


def test_a_line_is_added_and_removed(staff, client):
    line = Helpline(region="belgium", way="call", name="Écoute", number_or_address="1766", source="la page", position=1)
    staff.post("/staff/helplines/new/", fields_of(line))
    assert 'href="tel:1766"' in client.get("/help-now/").content.decode()

    staff.post(f"/staff/helplines/{Helpline.objects.get(name='Écoute').pk}/remove/")

    assert 'href="tel:1766"' not in client.get("/help-now/").content.decode()


def test_the_database_itself_lets_only_staff_write(circle):
    with makers.as_person(circle.malik):
        assert Helpline.objects.count() >= 9
        assert Helpline.objects.update(number_or_address="0") == 0
        assert Helpline.objects.all().delete()[0] == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Helpline.objects.create(region="quebec", way="call", name="x", number_or_address="0", source="x")


def test_the_check_names_what_is_too_old_or_was_never_checked(staff):
    with makers.as_person(makers.make_member("zoe", is_staff=True), staff=True):
        Helpline.objects.update(checked_on=today())
        Helpline.objects.filter(name="3114").update(checked_on=today() - timedelta(days=181))

    found = run_checks(databases=["default"])
    warning = next(message for message in found if message.id == "entraide.W001")

    assert "3114" in warning.msg and "9-8-8" not in warning.msg
    assert [message for message in run_checks() if message.id == "entraide.W001"] == []
    assert [line.name for line in helplines.to_check()] == ["3114"]


# --- the quick exit ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_leaving_forgets_the_session_and_leads_away(circle, visit, method):
    browser = visit(circle.malik)
    assert Session.objects.count() == 1

    answer = getattr(browser, method)("/exit/")

    assert (answer.status_code, answer.headers["Location"]) == (303, TARGET)
    assert Session.objects.count() == 0
    assert answer.headers["Clear-Site-Data"] == '"cookies", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.cookies["session"]["max-age"] == 0
    assert browser.get("/me/").status_code == 302


def test_another_site_can_sign_nobody_out(circle, visit):
    browser = visit(circle.malik)

    answer = browser.post("/exit/", headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.headers["Location"]) == (303, TARGET)
    assert "Clear-Site-Data" not in answer.headers and not answer.cookies
    assert browser.get("/me/").status_code == 200


def test_leaving_asks_for_no_token_and_no_session(db):
    strict = Client(enforce_csrf_checks=True)

    for cookie in ("", "not-a-session", "é" * 300):
        strict.cookies["session"] = cookie
        assert strict.post("/exit/").status_code == 303


def test_pages_with_a_session_keep_their_headers(circle, visit):
    page = visit(circle.malik).get(reverse("my_space"))

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    for address in ("/help-now/", "/exit/"):
        assert visit().get(address).headers["X-Frame-Options"] == "DENY"
    assert vault.member_tag(circle.malik.pk) not in page.content.decode()
