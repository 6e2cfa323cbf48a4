"""The day when the database is away: a process whose database is a closed port, asked as a browser would ask."""

import json
import subprocess
import sys

import pytest

from entraide import copies
from entraide.demo.installation import CHECKOUT
from entraide.lib import processes
from tests import services

ASK = """
import json, sys
import django
django.setup()
from django.test import Client
answers = []
for method, address in json.loads(sys.argv[1]):
    browser = Client(raise_request_exception=False)
    browser.cookies["session"] = "abcdefghijklmnopqrstuvwxyz012345"
    answer = getattr(browser, method)(address)
    answers.append([answer.status_code, answer.headers.get("Location", ""), answer.content.decode()])
print(json.dumps(answers))
"""
NUMBERS = ("tel:911", "tel:+18662773553", "tel:988", "tel:3114", "tel:112")


def ask(*requests):
    closed = f"postgres://entraide_web:x@{processes.LOOPBACK}:{processes.free_port()}/none"
    environment = services.web_environment() | {"DATABASE_URL": closed, "DJANGO_SETTINGS_MODULE": "entraide.settings"}
    command = [sys.executable, "-c", ASK, json.dumps(requests)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def copies_written(db):
    copies.write()


def test_every_page_that_fails_shows_the_numbers(copies_written):
    for status, _, page in ask(("get", "/"), ("get", "/me/"), ("post", "/account/login/")):
        assert status == 500
        assert all(number in page for number in NUMBERS)
        assert "Traceback" not in page and "OperationalError" not in page
        assert 'lang="fr-CA"' in page and 'lang="en-CA"' in page


def test_leaving_still_leads_away(copies_written):
    for status, location, _ in ask(("get", "/exit/"), ("post", "/exit/"), ("get", "/quitter")):
        assert status in (302, 303)
        assert location in ("https://meteo.gc.ca/", "/exit/")


def test_help_now_shows_its_copy(copies_written, client):
    (_, _, french), (status, _, english) = ask(("get", "/help-now/"), ("get", "/en/help-now/"))

    assert status == 200
    assert french == client.get("/help-now/").content.decode()
    assert english == client.get("/en/help-now/").content.decode()


def test_even_without_its_files_no_page_is_blank(copies_written):
    for file in copies.FOLDER.glob("*.html"):
        file.unlink()

    answers = ask(("get", "/"), ("get", "/help-now/"))

    assert [status for status, _, _ in answers] == [500, 200]
    assert all(number in page for _, _, page in answers for number in NUMBERS)


def test_the_error_pages_are_whole_and_need_nothing(copies_written):
    for name in ("500.html", "503.html"):
        page = (copies.FOLDER / name).read_text()
        assert page.count("<h1>") == 1 and "<script" not in page and "{%" not in page
        assert all(page.count(f'href="{number}"') >= 2 for number in NUMBERS), "once in each language"
        assert 'action="/exit/"' in page and 'href="/help-now/"' in page


def test_other_sites_are_told_to_ask_for_our_groups_later(copies_written):
    assert ask(("get", "/meetings.json")) == [[503, "", ""]]
