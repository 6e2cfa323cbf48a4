"""The demonstration shows every mail to everybody: it must not be able to start in public."""

import subprocess
import sys

import pytest
from django.urls import NoReverseMatch, reverse

from tests import services


def start(**values):
    command = [sys.executable, "manage.py", "check"]
    environment = services.web_environment() | values
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "place", [{"ALLOWED_HOSTS": "entraide.example"}, {"SITE_URL": "https://entraide.example"}, {"ALLOWED_HOSTS": "*"}]
)
def test_the_demonstration_refuses_a_public_host_and_says_why(place):
    started = start(ENTRAIDE_DEMO="1", **place)

    assert started.returncode != 0
    assert "it only runs on this computer" in started.stderr


def test_a_public_host_refuses_plain_http():
    started = start(ALLOWED_HOSTS="entraide.example", SITE_URL="http://entraide.example")

    assert started.returncode != 0
    assert "https://" in started.stderr


def test_the_mailbox_does_not_exist_outside_the_demonstration(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("demo_inbox")

    assert client.get("/demo/inbox/").status_code == 404


def test_the_demonstration_starts_on_this_computer():
    started = start(ENTRAIDE_DEMO="1", ALLOWED_HOSTS="127.0.0.1,localhost")

    assert started.returncode == 0, started.stderr
