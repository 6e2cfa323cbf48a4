"""The list of one's devices, and closing them from anywhere."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entraide.lib.days import today
from entraide.lib.times import day
from members.devices import close_sessions, open_devices, rough_name
from members.models import Session
from tests import makers
from tests.members.conftest import COMPUTER, TELEPHONE, is_inside
from tests.pages import in_french, words_of

PAGE = "/me/devices/"


@pytest.fixture
def camille(db):
    return makers.make_member(f"camille-{uuid4().hex[:8]}")


@pytest.fixture
def here(camille, arrive):
    return arrive(camille, TELEPHONE)


@pytest.fixture
def library(camille, arrive):
    return arrive(camille, COMPUTER, device="shared")


@pytest.fixture
def home(camille, arrive):
    return arrive(camille, COMPUTER, device="personal")


def others_in(browser):
    """The handles that the page offers to close."""
    return [device.handle for device in browser.get(PAGE).context["devices"] if not device.is_here]


def test_the_page_lists_each_device_roughly_with_its_day(here, home):
    page = here.get(PAGE)

    said = words_of(page)
    signed_in = in_french("Signed in on %(day)s.", day=day(today()))
    for words in (
        f"Firefox, Android {in_french('this very device')} {signed_in} {in_french('A shared device.')}",
        f"Chrome, Windows {signed_in} {in_french('A device of your own.')}",
    ):
        assert words in said
    for precise in ("131", "128", "127.0.0.1", "Mozilla"):
        assert precise not in page.content.decode().partition("<main")[2]


def test_the_only_device_is_said_to_be_the_only_one(here):
    page = here.get(PAGE)

    assert in_french("Your space is open nowhere else.") in words_of(page)
    for button in ("Close all the others", "Close everything, here too"):
        assert in_french(button) not in words_of(page)
    assert others_in(here) == []


def test_the_devices_of_somebody_else_are_not_listed(here, arrive):
    arrive(makers.make_member(f"theo-{uuid4().hex[:8]}"))

    assert others_in(here) == []


def test_a_device_whose_time_is_over_is_not_listed(here, library, camille):
    home = open_devices(camille, here="")

    with time_machine.travel(timedelta(minutes=31)):
        assert open_devices(camille, here="") == []
    assert len(home) == 2
    assert Session.objects.count() == 2, "the rows are still there"


def test_closing_one_acts_at_its_next_request_and_spares_the_others(here, library, home):
    wanted = next(one.handle for one in here.get(PAGE).context["devices"] if one.is_personal)

    answer = here.post(f"{PAGE}{wanted}/close/", follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert in_french("It is closed. To open your space there again, a new code is needed.") in words_of(answer)
    assert wanted not in others_in(here)
    assert (is_inside(here), is_inside(library), is_inside(home)) == (True, True, False)
    assert home.get("/me/").url == "/account/login/?next=/me/"


def test_closing_all_the_others(here, library, home):
    answer = here.post(f"{PAGE}close-others/", follow=True)

    assert in_french("All the others are closed. Your space is open here only.") in words_of(answer)
    assert (is_inside(here), is_inside(library), is_inside(home)) == (True, False, False)


def test_closing_everything_here_too(here, library, home, arrive):
    theo = arrive(makers.make_member(f"theo-{uuid4().hex[:8]}"))

    answer = here.post(f"{PAGE}close-all/")
    page = here.get(answer.url)

    assert answer["Clear-Site-Data"] == '"cookies", "storage"'
    assert answer.cookies["session"]["max-age"] == 0
    assert in_french("Your space is closed on every device, this one too. A new code opens it again.") in words_of(page)
    assert (is_inside(here), is_inside(library), is_inside(home)) == (False, False, False)
    assert is_inside(theo), "nobody else is signed out"


def test_a_foreign_device_answers_as_one_that_never_was(here, arrive):
    theo = makers.make_member(f"theo-{uuid4().hex[:8]}")
    his = arrive(theo)
    [device] = open_devices(theo, here="")
    here.get(PAGE)  # shows the message of the sign-in

    answers = [here.post(f"{PAGE}{handle}/close/") for handle in (device.handle, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({re.sub(r"[0-9a-f-]{36}", "…", answer.content.decode()) for answer in answers}) == 1
    assert answers[0].headers == answers[1].headers
    assert is_inside(his)


def test_a_handle_is_no_name_of_a_row(here, library):
    [handle] = others_in(here)

    for row in Session.objects.all():
        assert handle.hex not in row.session_key + row.owner and row.session_key not in str(handle)


def test_this_device_can_be_said_to_be_ones_own_and_shared_again(here, camille):
    own = here.post(f"{PAGE}this/", {"device": "personal"}, follow=True)
    [device] = open_devices(camille, here="")
    assert device.is_personal
    assert here.cookies["session"]["max-age"] > 13 * 24 * 3600
    assert 'value="personal" id="id_device_0" checked' in own.content.decode()

    shared = here.post(f"{PAGE}this/", {"device": "shared"}, follow=True)

    [device] = open_devices(camille, here="")
    assert not device.is_personal
    assert here.cookies["session"]["max-age"] == ""
    assert 'value="shared" id="id_device_1" checked' in shared.content.decode()
    with time_machine.travel(timedelta(minutes=31)):
        assert not is_inside(here)


def test_saying_it_again_makes_the_14_days_no_longer(home):
    with time_machine.travel(timedelta(days=13)):
        for said in ("shared", "personal"):
            home.post(f"{PAGE}this/", {"device": said})
        assert home.cookies["session"]["max-age"] < 24 * 3600 + 60
    with time_machine.travel(timedelta(days=14, minutes=1)):
        assert not is_inside(home)


@pytest.mark.parametrize("answer", [{}, {"device": "mine"}, {"device": "\0"}])
def test_an_answer_that_is_none_makes_the_device_shared(home, camille, answer):
    home.post(f"{PAGE}this/", answer)

    [device] = open_devices(camille, here="")
    assert not device.is_personal


def test_sessions_are_closed_in_one_statement(here, library, home, camille):
    with CaptureQueriesContext(connection) as asked:
        close_sessions(camille, but=here.session.session_key)
    assert len(asked) == 1
    assert (is_inside(here), is_inside(library), is_inside(home)) == (True, False, False)

    with CaptureQueriesContext(connection) as asked:
        close_sessions(camille)
    assert len(asked) == 1
    assert not is_inside(here)


APPLE, GOOGLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)", "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {APPLE}"
SAMSUNG = f"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) {GOOGLE} SamsungBrowser/23.0 Chrome/115.0 Mobile"
NAMES = [
    (TELEPHONE, "Firefox, Android"),
    (COMPUTER, "Chrome, Windows"),
    (SAMSUNG, "Samsung Internet, Android"),
    (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari, iOS"),
    (f"{IPHONE} CriOS/128.0 Mobile/15E148 Safari/604.1", "Chrome, iOS"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.4 Safari/605.1.15", "Safari, macOS"),
    ("", ""),
    ("🙂 <b>", ""),
    ("x" * 100_000, ""),
]


@pytest.mark.parametrize(("said", "name"), NAMES)
def test_a_device_has_a_rough_name(said, name):
    assert rough_name(said) == name


def test_a_name_made_up_by_somebody_is_cut_and_escaped(here, camille, arrive):
    invented = "<script>alert(1)</script>" + "W" * 300
    arrive(camille, f"Mozilla/5.0 (X11) Gecko/1 {invented}Browser/3.0 Firefox/3.0")

    page = here.get(PAGE)

    assert all(len(device.name) <= 40 for device in page.context["devices"])
    assert "<script>alert" not in page.content.decode()
