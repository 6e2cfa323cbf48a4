"""People who come in as in life: by a code that went through the mail."""

import pytest
from django.test import Client

from tests.mailbox import code_for

TELEPHONE = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"
COMPUTER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
)


@pytest.fixture
def arrive():
    """arrive(member, device="personal") gives a browser of theirs, signed in."""

    def come_in(member, user_agent=TELEPHONE, **answer):
        browser = Client(headers={"user-agent": user_agent})
        browser.post("/account/login/", {"login": member.email, **answer})
        browser.post("/account/login/code/confirm/", {"code": code_for(member.email)})
        return browser

    return come_in


def is_inside(browser):
    return browser.get("/me/").status_code == 200
