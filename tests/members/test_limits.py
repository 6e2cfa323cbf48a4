"""Limits slow whoever tries addresses or pours out words; the person whose address is tried still signs in."""

import re
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings as site
from django.core.cache import cache
from redis import Redis

from groups.models import Story
from tests import makers
from tests.mailbox import code_for, mails_to
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of
from tests.proposals import answered, write
from tests.test_races import story_form

HOME, ATTACKER = "203.0.113.5", "198.51.100.7"
CODE, ADDRESS_CODE = "/account/login/code/confirm/", "/account/confirm-email/"
MANY_CODES = "Several messages were asked for with this address. Look at the mailbox, or try again in a few minutes."
MANY_TIMES = "You have sent a lot in a short time. Everything is still here. Wait a little, then send it again."
FORMS = {"login": "login", "signup": "email"}


@pytest.fixture
def camille(db):
    return makers.make_member(f"camille-{uuid4().hex[:8]}")


@pytest.fixture
def ask(visit):
    """ask(form, address, network) in a fresh browser."""

    def post(form, address, network, browser=None):
        browser = browser or visit()
        return browser.post(f"/account/{form}/", {FORMS[form]: address}, REMOTE_ADDR=network)

    return post


def somewhere():
    return f"new-{uuid4().hex[:8]}@people.example"


def signs_in(browser, member, network):
    browser.post("/account/login/", {"login": member.email}, REMOTE_ADDR=network)
    browser.post(CODE, {"code": code_for(member.email)}, REMOTE_ADDR=network)
    return browser.get("/me/").status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_one_network_gets_three_codes_a_minute_for_one_address(camille, ask, form):
    answers = [ask(form, camille.email, ATTACKER) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert error_beside(answers[-1], FORMS[form]) == in_french(MANY_CODES)
    assert typed(answers[-1], FORMS[form]) == camille.email
    # a sign-up tapped again within ten seconds sends no second message
    assert len(mails_to(camille.email)) == (1 if form == "signup" else 3)


def test_and_ten_an_hour(camille, ask):
    statuses = []
    for minute in range(15):
        with time_machine.travel(timedelta(minutes=minute), tick=False):
            statuses.append(ask("login", camille.email, ATTACKER).status_code)

    assert statuses == [302] * 10 + [422] * 5


@pytest.mark.parametrize("form", FORMS)
def test_the_victim_of_an_attacker_signs_in_from_another_network(camille, ask, visit, form):
    for minute in range(11):
        with time_machine.travel(timedelta(minutes=minute), tick=False):
            answer = ask(form, camille.email, ATTACKER)

    with time_machine.travel(timedelta(minutes=10)):
        assert answer.status_code == 422
        assert signs_in(visit(), camille, HOME)


def test_somebody_signs_up_while_an_attacker_signs_their_address_up(db, ask, visit):
    address, browser = somewhere(), visit()
    for _ in range(4):
        ask("signup", address, ATTACKER)

    page = ask("login", address, HOME, browser)
    browser.post(page.url, {"code": code_for(address)}, REMOTE_ADDR=HOME)

    assert browser.get("/me/").status_code == 200


def test_many_networks_do_not_flood_a_mailbox(camille, ask):
    answers = [ask("login", camille.email, f"198.51.100.{number}") for number in range(40)]

    assert len(mails_to(camille.email)) == 30
    assert {answer.status_code for answer in answers[30:]} == {422}


def test_one_network_tries_few_addresses(db, ask):
    statuses = [ask("login", somewhere(), ATTACKER).status_code for _ in range(40)]

    assert statuses.count(302) <= 30
    assert set(statuses[-5:]) <= {422, 429}
    assert ask("login", somewhere(), HOME).status_code == 302


def test_a_subnet_of_ipv6_is_one_network(camille, ask):
    statuses = [ask("login", camille.email, f"2001:db8::{number:x}").status_code for number in range(1, 5)]

    assert statuses == [302, 302, 302, 422]


def shown(page, address):
    text = page.content.decode().replace(address, "…")
    return page.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


@pytest.mark.parametrize("form", FORMS)
def test_limits_do_not_tell_known_from_unknown(camille, ask, visit, form):
    """Resent codes count too, also those that are not sent because nobody has the address."""
    told = []
    for address in (camille.email, somewhere()):
        browser = visit()
        page = browser.post(f"/account/{form}/", {FORMS[form]: address}, REMOTE_ADDR=ATTACKER)
        pages = [browser.post(page.url, {"action": "resend"}, REMOTE_ADDR=ATTACKER, follow=True) for _ in range(4)]
        pages += [ask(form, address, ATTACKER) for _ in range(2)]
        told.append([shown(page, address) for page in pages])

    assert told[0] == told[1]
    assert in_french(MANY_CODES) in words_of(pages[3])
    assert pages[-1].status_code == 422


def test_resending_keeps_the_way_back(camille, visit):
    browser = visit()
    browser.post("/account/login/?next=/propose/", {"login": camille.email, "next": "/propose/"})
    for _ in range(2):
        browser.post(CODE, {"action": "resend", "next": "/propose/"})

    page = browser.post(CODE, {"action": "resend", "next": "/propose/"})

    assert page.url == f"{CODE}?next=%2Fpropose%2F"


def test_a_new_address_is_asked_for_in_measure(camille, visit):
    browser, answers = visit(camille), []
    for _ in range(4):
        address = somewhere()
        answers.append(browser.post("/account/email/", {"email": address}))

    assert [answer.status_code for answer in answers] == [302] * 3 + [422]
    assert in_french(MANY_TIMES) in words_of(answers[-1])
    assert typed(answers[-1], "email") == address


def test_thirty_stories_an_hour_and_nothing_typed_is_lost(circle, visit):
    browser, address = visit(circle.malik), f"/g/{circle.group.pk}/stories/new/share/"
    for _ in range(30):
        assert browser.post(address, story_form()).status_code == 302

    page = browser.post(address, story_form(text="Encore un soir.", title="Un titre", note="use"))
    other = visit(circle.ines).post(address, story_form())
    with time_machine.travel(timedelta(minutes=61)):
        later = visit(circle.malik).post(address, story_form(text="Encore un soir."))

    assert page.status_code == 422
    assert in_french(MANY_TIMES) in words_of(page)
    assert (typed(page, "text"), typed(page, "title")) == ("Encore un soir.", "Un titre")
    assert page.context["form"]["note"].value() == "use"
    assert (other.status_code, later.status_code) == (302, 302)
    with as_person(circle.malik):
        assert Story.objects.count() == 1 + 30 + 1 + 1


def test_thirty_answers_to_the_team_an_hour_and_nothing_typed_is_lost(camille, visit):
    browser, proposal = visit(camille), makers.make_proposal(camille)
    page, nadia = f"/propose/{proposal.pk}/", makers.make_member("nadia", is_staff=True)
    for _ in range(30):
        browser.post(f"{page}answer/", {"key": str(uuid4()), "text": "À six."})
    answered("ask", proposal, nadia)

    refused = browser.post(f"{page}answer/", {"key": str(uuid4()), "text": "Au parc."})

    assert refused.status_code == 422
    assert in_french(MANY_TIMES) in words_of(refused)
    assert typed(refused, "text") == "Au parc."


def test_the_pages_of_a_proposal_are_measured_and_keep_what_is_typed(db, visit):
    browser = visit()
    for _ in range(60):
        write(browser, 1)

    page = write(browser, 1, name="Les jours gris")

    assert page.status_code == 422
    assert in_french(MANY_TIMES) in words_of(page)
    assert typed(page, "name") == "Les jours gris"


def test_names_cannot_be_tried_without_end(circle, visit):
    browser, join = visit(makers.make_member("theo")), f"/g/{circle.group.pk}/join/"
    for number in range(20):
        assert browser.post(join, {"name": f"Osier {number}"}).status_code == 302

    taken, free = browser.post(join, {"name": "Gué bleu"}), browser.post(join, {"name": "Saule"})

    assert [page.status_code for page in (taken, free)] == [422, 422]
    assert in_french(MANY_TIMES) in words_of(taken)
    assert typed(taken, "name") == "Gué bleu"
    assert words_of(taken).replace("Gué bleu", "Saule") == words_of(free)


def test_searching_is_measured_and_looking_is_not(circle, visit):
    browser = visit()
    for _ in range(60):
        assert browser.get("/groups/", {"q": "deuil"}).status_code == 200

    refused = browser.get("/groups/", {"q": "deuil"})

    assert refused.status_code == 429
    assert in_french("A little too fast") in words_of(refused)
    assert "deuil" in refused.content.decode(), "the way to try again keeps the words"
    assert browser.get("/groups/").status_code == 200
    assert browser.get("/groups/", {"q": "deuil"}, REMOTE_ADDR=HOME).status_code == 200


def test_nothing_in_the_broker_names_anybody(camille, ask, visit):
    address, browser = somewhere(), visit()
    assert signs_in(browser, camille, HOME)
    ask("signup", address, HOME)
    browser.post("/account/email/", {"email": address})
    browser.post("/me/erase/", {})
    browser.get("/groups/", {"q": "deuil"}, REMOTE_ADDR=HOME)

    kept = b"\n".join(everything_in_the_broker())

    names = [camille.email, address, str(camille.pk), camille.pk.hex, HOME, "127.0.0.1", "people.example", "allauth"]
    names += [sha256(text.encode()).hexdigest() for text in (camille.email, address, f"{HOME} {camille.email}")]
    assert kept.count(b"e:") >= 8, "the counters must be there"
    assert [name for name in names if name.encode() in kept] == []


def everything_in_the_broker():
    server = Redis.from_url(site.REDIS_URL)
    for key in server.keys("*"):
        yield key
        yield server.get(key) if server.type(key) == b"string" else server.dump(key)
    server.close()


def test_a_counter_is_found_again_under_its_hidden_name(db):
    cache.set("camille@people.example", 1, 60)

    assert cache.get("camille@people.example") == 1
    assert cache.get("camille@people.exampl") is None
