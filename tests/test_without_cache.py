"""The day when the cache is away, which counts how often codes are asked for and tried: those wait until it is back,
and all else goes on. The real server is stopped, or sleeps."""

import os
import signal
import time
from contextlib import suppress
from uuid import uuid4

import pytest
import redis

from entraide.lib import processes
from entraide.lib.servers import Valkey
from groups import shelf
from groups.confidentiality import enter_group, own_memberships
from tests import makers
from tests.mailbox import code_for, mails_to
from tests.makers import as_person
from tests.pages import fingerprint, in_french, words_of
from tests.running import wait_until

CODE = "/account/login/code/confirm/"
TITLE = "Back in a moment"


@pytest.fixture
def broker(tmp_path, settings):
    """One of our own, that a test may stop."""
    broker = Valkey(tmp_path)
    broker.start()
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": broker.url}}
    yield broker
    broker.stop()


@pytest.fixture
def camille(db):
    return makers.make_member(f"camille-{uuid4().hex[:8]}")


def start_again(broker):
    broker.process = processes.start([*broker.process.args], broker.log)
    wait_until(lambda: is_listening(broker))


def is_listening(broker):
    with suppress(redis.ConnectionError, redis.BusyLoadingError), redis.Redis.from_url(broker.url) as client:
        return client.ping()


def says_to_come_back(page):
    return page.status_code == 503 and in_french(TITLE) in words_of(page) and page["Retry-After"] == "60"


@pytest.mark.parametrize(("form", "field"), [("login", "login"), ("signup", "email")])
def test_no_code_is_sent_without_a_count_to_a_known_address_or_another(broker, camille, visit, form, field):
    broker.stop()

    pages = [visit().post(f"/account/{form}/", {field: who}) for who in (camille.email, "nobody@people.example")]

    assert all(says_to_come_back(page) for page in pages)
    assert len({str(fingerprint(page)[2]) for page in pages}) == 1
    assert mails_to(camille.email) == []
    assert visit().get(f"/account/{form}/").status_code == 200


def test_the_page_is_in_the_language_of_the_reader(broker, camille, visit):
    broker.stop()

    page = visit().post("/en/account/login/", {"login": camille.email})

    assert TITLE in words_of(page)
    assert 'lang="en' in page.content.decode()


def test_a_code_is_not_tried_without_a_count_and_stays_good(broker, camille, visit):
    browser = visit()
    browser.post("/account/login/", {"login": camille.email})
    code = code_for(camille.email)
    broker.stop()

    tried = [browser.post(CODE, {"code": typed}) for typed in ("000000", code)]
    again = browser.post(CODE, {"action": "resend"})

    assert all(says_to_come_back(page) for page in [*tried, again])
    assert browser.get("/me/").status_code == 302
    assert len(mails_to(camille.email)) == 1

    start_again(broker)
    browser.post(CODE, {"code": code})

    assert browser.get("/me/").status_code == 200


def test_no_second_factor_is_tried_without_a_count(broker, db, visit):
    nadia, browser = makers.make_member("nadia", is_staff=True), visit()
    secret = makers.give_second_factor(nadia)
    browser.post("/account/login/", {"login": nadia.email})
    browser.post(CODE, {"code": code_for(nadia.email)})
    broker.stop()

    assert says_to_come_back(browser.post("/account/2fa/authenticate/", {"code": makers.app_code(secret)}))
    assert browser.get("/me/").status_code == 302


def test_no_name_at_a_door_is_tried_without_a_count(broker, circle, visit):
    broker.stop()

    browser = visit(makers.make_member("theo"))

    assert says_to_come_back(browser.post(f"/g/{circle.group.pk}/join/", {"name": "Saule"}))


def test_whoever_is_inside_reads_searches_and_writes_as_before(broker, circle, visit):
    browser, group = visit(circle.malik), f"/g/{circle.group.pk}/"
    broker.stop()

    looked = [browser.get(page) for page in ("/me/", group, f"{group}stories/", "/groups/?q=deuil", "/help-now/")]
    wrote = browser.post(f"{group}shelf/new/", {"text": "Marcher dix minutes.", "key": uuid4()})

    assert [page.status_code for page in looked] == [200] * 5
    assert wrote.status_code == 302
    with as_person(circle.malik):
        assert shelf.own_on_shelf(enter_group(circle.malik, circle.group.pk)).exists()


def test_whoever_wants_no_more_mail_and_whoever_leaves_does_not_wait(broker, circle, visit):
    makers.choose_reminders(circle.malik, circle.group, "day_before")
    token = makers.stop_token(circle.malik, circle.group)
    broker.stop()

    assert visit().post(f"/stop/{token}/").status_code == 200
    assert visit(circle.malik).post(f"/g/{circle.group.pk}/leave/", {"stories": "withdraw"}).status_code == 302
    with as_person(circle.malik):
        assert not own_memberships(circle.malik).exists()


def test_a_cache_that_sleeps_is_waited_for_once(broker, camille, visit, settings):
    patience = settings.CACHES["default"]["OPTIONS"]["socket_timeout"]
    os.kill(broker.process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        page = visit().post("/account/login/", {"login": camille.email})
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)

    assert says_to_come_back(page)
    assert time.monotonic() - begun < 2 * patience
