"""Through a pooler that hands one connection to many people in turn, nobody meets a row of somebody else."""

import http.client
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice

import psycopg2
import pytest
from django.conf import settings
from django.test import Client

from entraide.lib import processes
from entraide.lib.processes import LOOPBACK
from groups import vault
from members.models import Member
from tests import makers, pooler, services
from tests.running import await_site

REQUESTS, AT_ONCE, CONNECTIONS = 500, 8, 2


@dataclass
class Person:
    """`pages` are those of their own group, each with the words that stand on it."""

    member: Member
    cookie: str
    words: tuple
    pages: dict


def make_person(name, name_in_group, title):
    member = makers.make_member(name)
    group = makers.make_group(member, name_in_group)
    story = makers.make_story(member, group, title=title)
    client = Client()
    makers.sign_in(client, member)
    inside = f"/g/{group.pk}/"
    pages = {inside: title, f"{inside}stories/": title, f"{inside}stories/{story.pk}/": title}
    return Person(member, client.cookies[settings.SESSION_COOKIE_NAME].value, (name_in_group, title), pages)


@pytest.fixture
def malik(committed):
    return make_person("malik", "Gué bleu", "La longue route")


@pytest.fixture
def yasmine(committed):
    return make_person("yasmine", "Corneille", "Le jardin d’hiver")


@pytest.fixture(scope="module")
def pool(django_db_setup):
    with pooler.running() as running:
        yield running


@pytest.fixture
def site(pool, static_files, tmp_path):
    """The port of a site that reaches its database through the pooler, with more threads than that has connections."""
    port = processes.free_port()
    environment = services.web_environment() | {"DATABASE_URL": pool.url("site")}
    command = [sys.executable, "-m", "gunicorn", "entraide.wsgi", "--threads", AT_ONCE, "--no-control-socket"]
    child = processes.start([*command, "-b", f"{LOOPBACK}:{port}"], tmp_path / "0.log", env=environment)
    await_site(f"http://{LOOPBACK}:{port}/healthz", tmp_path / "0.log")
    yield port
    processes.stop(child, processes.signal.SIGTERM, 10)


def visits(one, other, count):
    """`count` requests of two people for what is theirs, in turn, and among them some for what is the other's and some
    of nobody: (who asks, address, the words that must be there or none, status)."""
    own = [
        [(person, address, words, 200) for address, words in {**person.pages, "/me/": person.words[0]}.items()]
        for person in (one, other)
    ]
    asked = list(islice((visit for pair in zip(*map(cycle, own), strict=False) for visit in pair), count))
    for person, owner in ((one, other), (other, one)) * 5:
        asked += [(person, address, "", 404) for address in owner.pages]
        asked += [(None, address, "", 302) for address in (*owner.pages, "/me/")]
    random.Random(4).shuffle(asked)  # noqa: S311  (the same order each time)
    return asked


def wrong_answers(port, one, other, count):
    """Ask them all, several at once. Returns what was not right."""

    def ask(visit):
        person, address, words, status = visit
        found, page = _get(port, address, person)
        foreign = {word for owner in (one, other) if owner is not person for word in owner.words if word in page}
        return None if (found, words in page, foreign) == (status, True, set()) else (visit, found, foreign)

    with ThreadPoolExecutor(AT_ONCE) as people:
        return list(filter(None, people.map(ask, visits(one, other, count))))


def _get(port, address, person):
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={person.cookie}"} if person else {}
    line.request("GET", address, headers=cookie)
    answer = line.getresponse()
    page = answer.read().decode()
    line.close()
    return answer.status, page


def test_five_hundred_requests_of_two_people_over_two_connections(site, pool, malik, yasmine):
    assert wrong_answers(site, malik, yasmine, REQUESTS) == []

    clients = [row for row in pool.show("clients") if row["database"] == "site"]
    servers = [row for row in pool.show("servers") if row["database"] == "site"]
    [stats] = [row for row in pool.show("stats") if row["database"] == "site"]
    assert len(clients) > len(servers), "people took turns on the same connection"
    assert len(servers) <= CONNECTIONS
    assert stats["total_xact_count"] > REQUESTS


@contextmanager
def raw(pool, name):
    with closing(psycopg2.connect(pool.url(name))) as connection:
        yield connection, connection.cursor()


STORIES = "select count(*), pg_backend_pid() from groups_story"


def test_what_is_said_for_one_transaction_ends_with_it_and_what_is_said_for_a_session_leaks(pool, malik):
    tag = vault.member_tag(malik.member.pk)

    with raw(pool, "narrow") as (one, ask), raw(pool, "narrow") as (other, ask_elsewhere):
        ask.execute("select set_config('app.tag', %s, true)", [tag])
        ask.execute(STORIES)
        seen, connection = ask.fetchone()
        one.commit()
        ask_elsewhere.execute(STORIES)
        assert (seen, ask_elsewhere.fetchone()) == (1, (0, connection)), "as the site says it"
        other.commit()

        ask.execute("select set_config('app.tag', %s, false)", [tag])
        one.commit()
        ask_elsewhere.execute(STORIES)
        assert ask_elsewhere.fetchone() == (1, connection), "the pooler does share: this is the leak"
        other.commit()
        ask.execute("reset app.tag")
        one.commit()


def test_even_a_connection_that_somebody_spoiled_shows_nobody_a_foreign_row(site, pool, malik, yasmine):
    tag = vault.member_tag(malik.member.pk)
    with raw(pool, "site") as (one, ask), raw(pool, "site") as (other, ask_elsewhere):
        for cursor in (ask, ask_elsewhere):  # each holds one of the two connections until its commit
            cursor.execute("select set_config('app.tag', %s, false), pg_backend_pid()", [tag])
        spoiled = {cursor.fetchone()[1] for cursor in (ask, ask_elsewhere)}
        one.commit()
        other.commit()
        ask.execute(STORIES)
        assert ask.fetchone()[0] == 1, "somebody who says nothing would see"
        one.commit()

    assert len(spoiled) == CONNECTIONS
    assert wrong_answers(site, malik, yasmine, 100) == []
