"""Log lines say which page, how long and how it ended; never who, where inside, or a word that somebody wrote."""

import json
import logging

import pytest
from django.test import Client
from django.urls import path

from entraide.lib.logs import JsonFormatter, log
from entraide.urls import urlpatterns as addresses_of_the_site
from tests import makers

SECRET = "Ce que personne ne doit lire"
TITLE = "La longue route"


def break_down(request, word):
    raise ValueError(f"{SECRET}: {word}, {request.GET}")


urlpatterns = [*addresses_of_the_site, path("broken/<str:word>/", break_down, name="broken")]


@pytest.fixture
def lines(caplog):
    """What the site's own handler writes, one object a line."""
    [handler] = [found for found in logging.getLogger().handlers if isinstance(found.formatter, JsonFormatter)]
    return lambda: [json.loads(handler.format(record)) for record in caplog.records]


@pytest.fixture
def browser(circle, visit):
    browser = visit(circle.malik)
    browser.raise_request_exception = False
    return browser


def requests(lines):
    return [(line["method"], line["route"], line["status"]) for line in lines() if line.get("event") == "request"]


def test_a_request_leaves_one_line_with_these_fields_and_no_other(circle, browser, lines, caplog):
    caplog.clear()

    browser.get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/?open=1&q={SECRET}")

    [line] = lines()
    assert set(line) == {"at", "level", "event", "route", "method", "status", "ms", "id"}
    assert requests(lines) == [("GET", "groups:story", 200)]
    assert line["ms"] > 0
    assert len(line["id"]) == 12


def test_a_whole_visit_leaves_nothing_that_tells_who_or_what(circle, browser, lines, caplog):
    told = {"text": SECRET, "title": TITLE, "readers": "present", "life": ""}
    told["key"] = "0b0f3e1e-97c1-4b6a-a1b5-4e2f0c6d2f5b"
    group = f"/g/{circle.group.pk}/"
    caplog.clear()

    browser.post("/account/login/", {"login": "unknown@people.example"})
    Client().post("/account/login/", {"login": circle.ines.email}, follow=True)
    browser.get("/groups/", {"q": SECRET})
    browser.get("/me/")
    browser.post(f"{group}stories/new/preview/", told)
    browser.post(f"{group}stories/new/preview/", told | {"text": "\0" + SECRET})
    browser.post(f"{group}stories/new/share/", told, follow=True)
    browser.get(f"{group}{SECRET}/")
    browser.get(f"/groups/{SECRET}/")
    browser.post(f"{group}leave/", {"stories": "keep"}, follow=True)

    written = json.dumps(lines(), ensure_ascii=False)
    assert len(requests(lines)) >= 13
    secrets = [SECRET, SECRET.replace(" ", "%20"), TITLE, "personne", told["key"], "Gué bleu", "people.example"]
    secrets += [str(circle.group.pk), str(circle.malik.pk), circle.malik.email, circle.group.slug, circle.group.name]
    assert [secret for secret in secrets if secret in written] == []


def test_an_address_that_is_none_shows_as_unknown(circle, browser, lines, caplog):
    caplog.clear()

    browser.get(f"/{SECRET}/")

    assert requests(lines) == [("GET", "unknown", 404)]
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


@pytest.mark.urls(__name__)
def test_an_exception_shows_its_class_and_its_place_only(circle, browser, lines, caplog):
    caplog.clear()

    answer = browser.get(f"/broken/{TITLE}/?q={SECRET}")

    assert answer.status_code == 500
    [error] = [line for line in lines() if "exception" in line]
    assert set(error) == {"at", "level", "event", "from", "exception", "file", "line", "route", "id"}
    assert (error["event"], error["level"], error["exception"]) == ("error", "ERROR", "ValueError")
    assert (error["file"], error["line"]) == ("tests/test_logs.py", break_down.__code__.co_firstlineno + 1)
    assert (error["route"], error["id"]) == ("broken", answer["X-Request-Id"])
    assert requests(lines) == [("GET", "broken", 500)]
    assert [line["id"] for line in lines() if line["event"] == "request"] == [error["id"]]
    written = json.dumps(lines(), ensure_ascii=False)
    assert SECRET not in written
    assert TITLE not in written


@pytest.mark.urls(__name__)
def test_the_page_of_an_exception_tells_nothing_either(circle, browser):
    answer = browser.get(f"/broken/{TITLE}/?q={SECRET}")

    assert SECRET not in answer.content.decode()
    assert "ValueError" not in answer.content.decode()


def test_a_foreign_host_and_a_missing_token_leave_no_words(circle, lines, caplog):
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, circle.malik)
    caplog.clear()

    host = browser.get(f"/?q={TITLE}", headers={"host": "evil.example"})
    token = browser.post(f"/g/{circle.group.pk}/leave/?q={TITLE}", {"stories": SECRET})

    assert (host.status_code, token.status_code) == (400, 403)
    written = json.dumps(lines(), ensure_ascii=False)
    assert any(line.get("from", "").startswith("django.security") for line in lines())
    for secret in (SECRET, TITLE, "evil.example", str(circle.group.pk)):
        assert secret not in written


def test_what_other_libraries_say_is_left_out_whole(lines, caplog):
    caplog.clear()

    logging.getLogger("celery.worker").warning("Received task for %s", SECRET)
    log("reminders", sent=3)

    foreign, own = lines()
    assert set(foreign) == {"at", "level", "from"}
    assert foreign["from"].startswith("celery.worker:test_logs:")
    assert (own["event"], own["sent"]) == ("reminders", 3)
