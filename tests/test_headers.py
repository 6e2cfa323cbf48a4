"""What browsers and caches are told with every page; and the quick way out."""

import re
from uuid import uuid4

import pytest
from django.templatetags.static import static
from django.test import Client
from django.urls import path

from entraide.urls import handler400, handler500  # noqa: F401  (the addresses below need them too)
from entraide.urls import urlpatterns as addresses_of_the_site
from members.models import Session
from tests import makers

PUBLIC = ["/", "/help-now/", "/charter/", "/groups/", "/groups/un-soir-a-la-fois/", "/en/groups/", "/left/", "/healthz"]
PRIVATE = [
    "/me/",
    "/propose/1/",
    "/account/2fa/",
    "/g/{gid}/",
    "/g/{gid}/stories/",
    "/g/{gid}/stories/new/",
    "/g/{gid}/meetings/",
]


def break_down(request):
    raise ValueError


urlpatterns = [*addresses_of_the_site, path("broken/", break_down, name="broken")]


@pytest.fixture
def everywhere(circle, visit):
    """Every kind of answer: open, refused, missing, of the wrong method."""
    member, visitor = visit(circle.malik), visit()
    pages = [visitor.get(address) for address in (*PUBLIC, "/me/", "/nowhere/", "/account/login/", "/account/signup/")]
    pages += [member.get(address.format(gid=circle.group.pk)) for address in PRIVATE]
    pages += [member.get("/nowhere/"), member.get("/staff/proposals/"), member.post("/me/"), member.get("/groups/")]
    pages += [member.get(f"/g/{circle.group.pk}/meetings/new/")]
    return pages


def directives(response):
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in parts}


def test_no_answer_allows_anything_from_elsewhere(everywhere):
    for page in everywhere:
        policy = directives(page)

        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
        assert policy["script-src"] == policy["style-src"] == policy["font-src"] == policy["connect-src"] == {"'self'"}
        assert policy["img-src"] == {"'self'", "data:"}
        assert "unsafe" not in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert page["Referrer-Policy"] == "same-origin"
        assert page["Cross-Origin-Opener-Policy"] == "same-origin"
        assert page["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in page["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in page
        assert "ETag" not in page and "Last-Modified" not in page


@pytest.mark.parametrize(
    ("method", "address", "status", "headers"),
    [
        ("post", "/broken/", 500, {}),
        ("get", "/broken/", 500, {}),
        ("get", "/", 400, {"host": "elsewhere.example"}),
        ("get", "/me/", 403, {"sec-fetch-site": "cross-site"}),
        ("delete", "/me/", 405, {}),
    ],
)
@pytest.mark.urls(__name__)
def test_pages_of_errors_are_closed_as_every_other(circle, visit, method, address, status, headers):
    browser = visit(circle.malik)
    browser.raise_request_exception = False

    page = getattr(browser, method)(address, headers=headers)

    assert page.status_code == status
    assert directives(page)["default-src"] == {"'none'"}
    assert page["Cache-Control"] == "no-store"
    assert "Cookie" in page["Vary"]
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]
    assert ("X-Request-Id" in page) == (status == 500)


def test_static_files_are_for_this_site_only(db, visit):
    file = visit().get(static("css/entraide.css"))
    file.close()

    assert file.status_code == 200
    assert file["Cross-Origin-Resource-Policy"] == "same-origin"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in file
    assert "Set-Cookie" not in file


def test_what_is_private_is_not_compressed(circle, visit):
    browser = visit(circle.malik)

    for address in {*PRIVATE, *PUBLIC, "/nowhere/"} - {"/help-now/"}:
        page = browser.get(address.format(gid=circle.group.pk), headers={"accept-encoding": "gzip, br"})

        assert "Content-Encoding" not in page, address


def test_no_page_holds_a_script_or_a_style_of_its_own(everywhere):
    for page in everywhere:
        text = page.content.decode()

        assert (
            re.sub(r'<script src="/static/js/[-.\w]+\.js"( data-htmx="[-.\w/]+")? defer></script>', "", text).count(
                "<script"
            )
            == 0
        )
        for forbidden in ("<style", " style=", " onclick=", " onload=", "javascript:", "//cdn", 'src="http'):
            assert forbidden not in text


def test_pages_of_a_signed_in_person_are_kept_nowhere(circle, visit):
    browser = visit(circle.malik)

    # help-now is the same page for everybody: it knows no session
    for address in {*PRIVATE, *PUBLIC, "/nowhere/"} - {"/help-now/"}:
        page = browser.get(address.format(gid=circle.group.pk))

        assert page["Cache-Control"] == "no-store", address
        assert page["X-Robots-Tag"] == "noindex", address
        assert "Cookie" in page["Vary"], address


def test_what_a_signed_in_person_sends_is_kept_nowhere(circle, visit):
    browser = visit(circle.malik)
    gid = circle.group.pk

    answers = [
        browser.post(f"/g/{gid}/stories/new/preview/", {"text": "a"}),
        browser.post(f"/g/{gid}/stories/{circle.story.pk}/resonance/"),
        browser.post(f"/g/{gid}/leave/", {"stories": "withdraw"}),
    ]

    assert [answer["Cache-Control"] for answer in answers] == ["no-store"] * 3


def test_a_page_that_is_closed_to_somebody_sets_their_cookie_anew(circle, visit):
    """The same one: it makes Chrome forget the pages that it kept whole (tests/journeys/test_open_tabs.py)."""
    browser = visit(circle.sofia)
    cookie = browser.cookies["session"].value

    answers = [browser.get(f"/g/{gid}/") for gid in (circle.group.pk, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [answer.cookies["session"].value for answer in answers] == [cookie, cookie]
    assert not browser.get("/favicon.ico").cookies
    assert not visit().get("/left/nowhere/").cookies


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_may_be_kept_and_set_no_cookie(circle, visit, address):
    page = visit().get(address)

    assert page.status_code == 200
    assert "no-store" not in page.get("Cache-Control", "")
    assert "X-Robots-Tag" not in page
    assert not page.cookies


def test_the_page_that_starts_a_session_is_kept_nowhere(db, visit):
    page = visit().get("/account/login/")

    assert page.cookies["session"].value
    assert page["Cache-Control"] == "no-store"


def test_the_quick_way_out_ends_the_session_without_a_token(circle):
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, circle.malik)
    cookie = browser.cookies["session"].value

    answer = browser.post("/exit/")

    assert (answer.status_code, answer.url) == (303, "https://meteo.gc.ca/")
    assert answer["Clear-Site-Data"] == '"cookies", "storage"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.cookies["session"].value == ""
    assert Session.objects.count() == 0
    browser.cookies["session"] = cookie
    assert browser.get("/me/").status_code == 302


@pytest.mark.parametrize("origin", [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_works_from_our_pages_from_a_bookmark_and_in_old_browsers(circle, visit, origin, method):
    browser = visit(circle.malik)

    getattr(browser, method)("/exit/", headers=origin)

    assert Session.objects.count() == 0
    assert browser.get("/me/").status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_site_cannot_sign_anybody_out(circle, visit, method):
    browser = visit(circle.malik)

    answer = getattr(browser, method)("/exit/", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 303
    assert "Clear-Site-Data" not in answer
    assert not answer.cookies
    assert browser.get("/me/").status_code == 200


def test_the_way_out_works_for_nobody_and_with_a_broken_cookie(db, visit):
    browser = visit()
    browser.cookies["session"] = "broken"

    answers = [visit().post("/exit/"), browser.post("/exit/")]

    assert [answer.url for answer in answers] == ["https://meteo.gc.ca/"] * 2


def test_every_page_offers_the_way_out_and_help(everywhere):
    for page in everywhere:
        if page.status_code in (200, 403, 404) and "text/html" in page["Content-Type"]:
            assert 'action="/exit/"' in page.content.decode()
            assert "/help-now/" in page.content.decode()


def test_our_forms_are_refused_without_their_token(circle):
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, circle.malik)

    answer = browser.post(f"/g/{circle.group.pk}/leave/", {"stories": "withdraw"})

    assert answer.status_code == 403
    assert answer["Cache-Control"] == "no-store"
    assert browser.get(f"/g/{circle.group.pk}/").status_code == 200
