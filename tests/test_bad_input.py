"""Whatever is sent: a clear message beside the field, the typed text kept, nothing stored twice, never a 500."""

from datetime import timedelta
from uuid import uuid4

import pytest

from entraide.lib.days import today
from groups.models import Membership, Story
from meetings.models import Series
from tests import makers
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed

EMPTY = "Write a few words before you go on. Nothing has been shared."
HIDDEN = "This text holds a hidden sign that cannot be kept. Please type it by hand."
INVISIBLE = "Nothing shows in this text. Write at least one letter or one digit."
TAKEN = "Somebody in this group already has this name, or one that looks like it. Choose another one."
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(circle, visit):
    browser = visit(circle.malik)
    browser.raise_request_exception = False
    return browser


@pytest.fixture(params=["preview/", "share/"])
def step(request, circle):
    return f"/g/{circle.group.pk}/stories/new/{request.param}"


def told(text, **words):
    return {
        "title": "Un titre",
        "text": text,
        "note": "use",
        "readers": "later",
        "life": "",
        "key": str(uuid4()),
        **words,
    }


def stories_of(circle):
    with as_person(circle.malik):
        return Story.objects.count()


def members_of(circle):
    with as_person(circle.ines):
        return Membership.objects.count()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", EMPTY),
        (" \n\t ", EMPTY),
        ("Une ligne\0cachée", HIDDEN),
        ("Un \x1bmot", HIDDEN),
        ("\u202eretourné", HIDDEN),
        ("\u200b\u200d\u2060", INVISIBLE),
        ("\u3164\u2800", INVISIBLE),
        ("\ufe0f\u0301", INVISIBLE),
    ],
    ids=["empty", "blanks", "NUL", "escape", "turned", "zero width", "blank letters", "marks alone"],
)
def test_a_text_that_cannot_be_a_story_is_given_back(circle, browser, step, text, said):
    page = browser.post(step, told(text))

    assert page.status_code == 422
    assert error_beside(page, "text") == in_french(said)
    assert typed(page, "text") == text
    assert typed(page, "title") == "Un titre"
    assert [page.context["form"][name].value() for name in ("note", "readers")] == ["use", "later"]
    assert stories_of(circle) == 1


def test_25_000_characters_are_too_many_and_all_of_them_come_back(circle, browser, step):
    text = "a" * 24_999 + "é"

    page = browser.post(step, told(text))

    assert page.status_code == 422
    assert "20" in error_beside(page, "text")
    assert "25" in error_beside(page, "text")
    assert typed(page, "text") == text
    assert stories_of(circle) == 1


def test_20_000_characters_are_not_too_many_line_breaks_counted_once(circle, browser):
    text = "a\r\n" * 9_999 + "ab"

    answer = browser.post(f"/g/{circle.group.pk}/stories/new/share/", told(text))

    assert answer.status_code == 302
    assert stories_of(circle) == 2


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"text=%ED%A0%80&readers=present", URLENCODED, INVISIBLE),  # a lone surrogate, as signs that stand for no text
        (b"text=%FF%FE&readers=present", URLENCODED, INVISIBLE),
        (b"text=\xed\xa0\x80&readers=present", URLENCODED, HIDDEN),  # unquoted, Django reads each byte as a letter
        (b"text=\xed\xa0\x80&readers=present", f"{URLENCODED}; charset=utf-16", HIDDEN),
    ],
)
def test_bytes_that_are_no_text_are_refused(circle, browser, step, body, kind, said):
    page = browser.generic("POST", step, body + b"&key=" + str(uuid4()).encode(), content_type=kind)

    assert page.status_code == 422
    assert error_beside(page, "text") == in_french(said)
    assert stories_of(circle) == 1


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("raw-unicode-escape", b"mot \\ud800"),  # a lone surrogate in this charset, and one in the next
        ("utf-7", b"mot +2AA-"),
        ("utf-16", b"\x00\xd8"),
        ("none-such", b"\xed\xa0\x80"),
    ],
)
def test_a_body_that_claims_another_charset_never_breaks_a_page(circle, browser, step, charset, text):
    fields = {"text": text, "readers": b"present", "life": b"", "key": str(uuid4()).encode()}
    parts = [
        b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), v) for n, v in fields.items()
    ]
    kind = f"multipart/form-data; boundary=B; charset={charset}"

    for address in (step, f"/g/{circle.group.pk}/stories/new/"):
        page = browser.generic("POST", address, b"".join(parts) + b"--B--\r\n", content_type=kind)

        assert page.status_code in (200, 302, 422)
        page.content.decode()


@pytest.mark.parametrize(
    "changes", [{"key": "x"}, {"key": ""}, {"feelings": ["none-such"]}, {"note": "x"}, {"readers": "all"}]
)
def test_a_form_changed_by_hand_is_given_back(circle, browser, step, changes):
    page = browser.post(step, told("Ce soir-là.", **changes))

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == changes.keys()
    assert typed(page, "text") == "Ce soir-là."
    assert stories_of(circle) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gué bleu", TAKEN),
        ("GUE  bleu", TAKEN),
        ("Gué-Bleu", TAKEN),
        ("Gué blеu", TAKEN),  # a Cyrillic е
        ("Ｇｕé bleu", TAKEN),  # wide letters
        ("Gué\0bleu", HIDDEN),
        ("Gué\u202ebleu", HIDDEN),
        ("\u200b\u200b", INVISIBLE),
        ("\ufffd", INVISIBLE),
    ],
)
def test_a_name_that_would_deceive_is_given_back(circle, visit, name, said):
    browser = visit(makers.make_member("zoe"))
    browser.raise_request_exception = False

    page = browser.post(f"/g/{circle.group.pk}/join/", {"name": name})

    assert page.status_code == 422
    assert error_beside(page, "name") == in_french(said)
    assert typed(page, "name") == name
    assert "joining" not in browser.session
    assert members_of(circle) == 2


def test_a_name_of_31_characters_is_given_back(circle, visit):
    page = visit(makers.make_member("zoe")).post(f"/g/{circle.group.pk}/join/", {"name": "é" * 31})

    assert page.status_code == 422
    assert "30" in error_beside(page, "name")
    assert typed(page, "name") == "é" * 31


PLAN = {
    "on": "",
    "starts": "19 h 30",
    "ends": "21 h",
    "rhythm": "weekly",
    "until": "",
    "format": "online",
    "place": "",
    "access_note": "",
    "link": "https://rencontre.example/salle",
    "theme": "",
    "kind": "regular",
}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"on": "2020-01-15"}, "on", "Choose a date to come, within a year from now."),
        ({"on": "30/02/2027"}, "on", "Write the date, for example 24/11/2026 or November 24, 2026."),
        ({"on": "\0"}, "on", "Write the date, for example 24/11/2026 or November 24, 2026."),
        ({"ends": "18 h"}, "ends", "The end comes before the beginning. Write a later time."),
        ({"ends": "19 h 30"}, "ends", "The end comes before the beginning. Write a later time."),
        ({"starts": "25 h"}, "starts", "Write the time, for example 7:30 p.m. or 19:30."),
        ({"theme": "a\0b"}, "theme", HIDDEN),
    ],
)
def test_a_plan_that_cannot_be_is_given_back(circle, visit, changes, field, said):
    browser = visit(circle.ines)
    browser.raise_request_exception = False
    first_on = today().replace(year=today().year + 1, day=1)
    plan = PLAN | {"on": first_on.isoformat(), "key": str(uuid4())} | changes
    dates = [(first_on + timedelta(weeks=number)).isoformat() for number in range(6)]

    page = browser.post(f"/g/{circle.group.pk}/meetings/new/confirm/", plan | {"keep": dates, "shown": dates})

    assert page.status_code == 422
    assert error_beside(page, field) == in_french(said)
    assert {name: typed(page, name) for name in ("on", "starts", "ends", "link", "theme")} == {
        name: plan[name] for name in ("on", "starts", "ends", "link", "theme")
    }
    with as_person(circle.ines):
        assert Series.objects.count() == 1


def test_a_version_that_nobody_counts_to_is_one_that_nobody_saw(circle, visit):
    browser = visit(circle.ines)
    browser.raise_request_exception = False
    first_on = today() + timedelta(days=30)
    dates = [(first_on + timedelta(weeks=number)).isoformat() for number in range(6)]
    plan = PLAN | {"on": first_on.isoformat(), "key": str(uuid4()), "keep": dates, "shown": dates}
    plan |= {"of": circle.meeting.pk, "version": "9" * 5000, "series_version": "1"}

    page = browser.post(f"/g/{circle.group.pk}/meetings/new/confirm/", plan)

    assert page.status_code == 422
    with as_person(circle.ines):
        assert Series.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["/groups/?q=%00", "/groups/?q=%ED%A0%80", "/groups/?page=%00", "/?%FF=%00", "/%00/", "/g/%00/"]
)
def test_a_strange_address_is_no_error_of_the_site(circle, browser, address):
    path, _, query = address.partition("?")

    page = browser.generic("GET", path, QUERY_STRING=query)

    assert page.status_code in (200, 404)


def test_an_address_of_sign_in_with_a_hidden_sign_is_given_back(db, visit):
    browser = visit()
    browser.raise_request_exception = False

    pages = [
        browser.post("/account/login/", {"login": "a\0b@people.example"}),
        browser.post("/account/signup/", {"email": "a\0b@people.example"}),
    ]

    assert error_beside(pages[0], "login")
    assert error_beside(pages[1], "email")
