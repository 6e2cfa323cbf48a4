"""The list of a group's stories against two bare pages (bare_stories.py), and many stories against a thousand.

    .venv/bin/python -m tests.services .venv/bin/python -m bench.stories [MANY]

Every page shows the 20 newest texts of 1.5 kB; the bare ones whole, ours by its first line. Words are the same for all,
and sealed where they are shown; of the rest of a million, sealed columns hold as many random bytes. One group has nine
tenths of the table. Each site stands behind a gunicorn of its own with one worker, as bin/demo starts it, and every
visit is a connection. Milliseconds are those of a visitor alone; requests a second are counted with several visitors at
once. Every measure goes round all sites in turn, so that a busy machine weighs on all alike; "own" is the processor
time of the worker for a visitor alone, which it changes less.
"""

import io
import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from http.client import HTTPConnection
from socket import socket
from statistics import median, quantiles
from urllib.parse import urlsplit

import psycopg2

from bench.bare_stories import SHOWN

FEW, MANY = 1_000, 1_000_000
ROUNDS, VISITS, VISITORS = int(os.environ.get("BENCH_ROUNDS", 15)), 10, 4
SMALL, LARGE = "bench_few_stories", "bench_many_stories"
TEXT = ("Ce soir-là, j’ai compté les lampadaires jusqu’à la maison. " * 30)[:1500]
STORY = "id group_id author_id shared_at shared_on opened_to_later sealed version".split()
KEY = "story_id group_id wrap_type group_key_version wrapped".split()
BARE = """
    create table bench_story (id bigint primary key, grp text, shared bigint, title text, words text, shared_on date);
    create index on bench_story (grp, shared, id);
    create table bench_member (grp text, member bigint, primary key (grp, member));
    create table django_session (session_key varchar(40) primary key, session_data text, expire_date timestamptz);
    insert into bench_member values ('bench', 1);
    grant select, insert, update on bench_story, bench_member, django_session to entraide_web;
"""


def say(words=""):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


# --- Data, in a process of the web's login --------------------------------------------------------------------------


def make(count):
    """Prints where to look: the session of somebody who reads everything, their group, a place far down the list."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from groups import vault
    from tests import makers

    vault.refuse_wrong_keys()
    people = [makers.make_member(f"m{number}") for number in range(8)]
    group, other = (makers.make_group(people[0], "Bouleau", name=name) for name in ("Un soir à la fois", "Ailleurs"))
    for number, person in enumerate(people[1:]):
        makers.join(person, group, f"Tilleul {number}")
    _copy_stories(makers, people[0], group, other, count)
    client = Client()
    makers.sign_in(client, people[0])
    with makers.as_person(people[0]):
        makers.make_series(people[0], group)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    say(json.dumps({"cookie": cookie, "gid": str(group.pk), "deep": FIRST + count * 9 // 20}))


FIRST = 100  # on the group's clock: after everybody has entered


def _copy_stories(makers, author, group, other, count):
    from groups.confidentiality import enter_group

    with makers.as_person(author):
        insides = [enter_group(author, one.pk) for one in (group, other)]
    sizes, shown = (count * 9 // 10, count - count * 9 // 10), {}
    deep = sizes[0] // 2
    near = [*range(sizes[0] - 2 * SHOWN, sizes[0]), *range(deep - 2 * SHOWN, deep + SHOWN)]
    with closing(psycopg2.connect(at(os.environ["DATABASE_ADMIN_URL"]))) as admin:
        for inside, size in zip(insides, sizes, strict=True):
            shown = {number: sealed(inside, number) for number in near} if inside is insides[0] else {}
            for start in range(0, size, 20_000):
                _copy(admin, inside, range(start, min(start + 20_000, size)), shown)
        with admin.cursor() as cursor:
            cursor.execute("update groups_groupclock set now = %s", [FIRST + count])
            rows = [(n, "bench", n, f"Soir {n}", TEXT) for n in range(FEW)]
            cursor.execute(BARE)
            cursor.executemany("insert into bench_story values (%s, %s, %s, %s, %s, current_date)", rows)
        admin.commit()
        admin.autocommit = True
        admin.cursor().execute("vacuum analyze")


def sealed(inside, number):
    from groups.models import Story

    story = Story(group=inside.group, author=inside.membership)
    words = {"title": f"Soir {number}", "text": TEXT, "feelings": ["hope"], "note": ""}
    key = inside.keyring.seal_story(story, words)
    return story.pk, story.sealed, bytes(key.wrapped)


def _copy(admin, inside, numbers, shown):
    stories, keys, noise = io.StringIO(), io.StringIO(), os.urandom(4096)
    for number in numbers:
        at_byte = number % 2000
        filler = uuid.uuid4(), noise[at_byte : at_byte + 1800], noise[at_byte : at_byte + 60]
        pk, words, wrapped = shown.get(number, filler)
        group, by = inside.group.pk, inside.membership.pk
        stories.write(f"{pk}\t{group}\t{by}\t{FIRST + number}\t2026-11-01\tf\t\\\\x{words.hex()}\t1\n")
        keys.write(f"{pk}\t{group}\tgroup\t1\t\\\\x{wrapped.hex()}\n")
    with admin.cursor() as cursor:
        for table, columns, text in (("groups_story", STORY, stories), ("groups_storykey", KEY, keys)):
            text.seek(0)
            cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", text)


# --- A site ---------------------------------------------------------------------------------------------------------


def application(kind):
    """For gunicorn, and for `count` below."""
    import logging

    from bench import bare_stories

    if kind == "wsgi":
        return bare_stories.Wsgi()
    if kind == "django":
        return bare_stories.django_application()
    from entraide.wsgi import application
    from groups.views import inside

    logging.disable()
    inside.PAGE = SHOWN
    return application


def count(kind, address, cookie):
    """Prints a line of JSON: the statements of a page, their milliseconds, its bytes and texts, the cookie it took."""
    site = application(kind)
    from django.db import connection

    cookie = cookie or (kind == "django" and _bare_cookie()) or ""
    asked = []

    def note(execute, sql, params, many, context):
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            asked.append(1000 * (time.perf_counter() - begun))

    for _ in range(10):
        asked.clear()
        with connection.execute_wrapper(note) if kind != "wsgi" else nullcontext():
            body = _page(site, address, cookie)
    told = {"sql": len(asked) or 1, "database": sum(asked), "bytes": len(body), "shown": body.count(b"<article")}
    say(json.dumps(told | {"cookie": cookie}))


def _bare_cookie():
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store["member"] = 1
    store.save()
    return f"bare={store.session_key}"


def _page(site, address, cookie):
    path, _, query = address.partition("?")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": cookie}
    environ |= {"SERVER_NAME": "testserver", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1"}
    answer = site(
        environ | {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}, lambda status, headers, _=None: None
    )
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return body


# --- The measure ------------------------------------------------------------------------------------------------------


class Site:
    def __init__(self, kind, database):
        self.kind, self.environment, self.port = kind, _environment(database), _free_port()
        command = [sys.executable, "-m", "gunicorn", f"bench.stories:application('{kind}')"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "8"]
        command += ["--no-control-socket", "--log-level", "warning"]
        self.process = subprocess.Popen(command, env=self.environment)
        while not self._worker():
            time.sleep(0.1)

    def counted(self, address, cookie):
        command = [sys.executable, "-m", "bench.stories", "count", self.kind, address, cookie]
        counted = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, check=True)
        return json.loads(counted.stdout.splitlines()[-1])

    def visit(self, address, cookie):
        """Milliseconds of each visit, and of the worker's own work in all of them."""
        before, took = self._worked(), [self._asked(address, cookie) for _ in range(VISITS)]
        return took, self._worked() - before

    def crowd(self, address, cookie):
        """Milliseconds until each of VISITORS at once has made its VISITS."""
        begun = time.perf_counter()
        with ThreadPoolExecutor(VISITORS) as visitors:
            list(visitors.map(lambda _: self._asked(address, cookie), range(VISITORS * VISITS)))
        return 1000 * (time.perf_counter() - begun)

    def _asked(self, address, cookie):
        begun = time.perf_counter()
        line = HTTPConnection("127.0.0.1", self.port)
        line.request("GET", address, headers={"Host": "testserver", "Cookie": cookie, "Connection": "close"})
        answer = line.getresponse()
        body = answer.read()
        line.close()
        if answer.status != 200 or body.count(b"<article") != SHOWN:
            sys.exit(f"{address}: {answer.status}")
        return 1000 * (time.perf_counter() - begun)

    def memory(self):
        """Resident, of the worker, in kB."""
        with open(f"/proc/{self._worker()}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def leave(self):
        self.process.terminate()
        self.process.wait()

    def _worked(self):
        with open(f"/proc/{self._worker()}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _worker(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().strip()


def _free_port():
    with socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def at(url, database=None):
    return urlsplit(url)._replace(path=f"/{database or urlsplit(os.environ['DATABASE_URL']).path[1:]}").geturl()


def _environment(database):
    from tests import services

    environment = services.web_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
    return environment | {"DATABASE_URL": at(environment["DATABASE_URL"], database)}


def _made(database, count):
    from tests import services

    with closing(psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])) as admin:
        admin.autocommit = True
        admin.cursor().execute(f"create database {database} template {services.DATABASE}")
        admin.cursor().execute(f"alter database {database} set log_statement = 'none'")
    environment = _environment(database) | {"DATABASE_ADMIN_URL": os.environ["DATABASE_ADMIN_URL"]}
    command = [sys.executable, "-m", "bench.stories", "make", str(count)]
    made = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(made.stdout.splitlines()[-1])


def measure(visits):
    """{name: its counts, every millisecond and the worker's own} of [(name, site, address, cookie)]."""
    told = {}
    for name, site, address, cookie in visits:
        told[name] = site.counted(address, cookie) | {"all": [], "own": 0, "crowd": []}
    for site_round in range(ROUNDS + 1):
        for name, site, address, _ in visits:
            took, own = site.visit(address, told[name]["cookie"])
            crowd = site.crowd(address, told[name]["cookie"])
            if site_round:  # the first round warms up
                told[name]["all"] += took
                told[name]["crowd"].append(crowd / VISITORS / VISITS)
                told[name]["own"] += own / (ROUNDS * VISITS)
            told[name]["kB"] = site.memory()
    return told


def main(many=MANY):
    from tests import services

    services.migrate()
    few, lots = _made(SMALL, FEW), _made(LARGE, many)
    bare, plain = Site("wsgi", SMALL), Site("django", SMALL)
    small, large = Site("site", SMALL), Site("site", LARGE)
    page = "/g/{gid}/stories/"
    told = measure(
        [
            ("bare WSGI page", bare, "/", ""),
            ("bare Django page", plain, "/", ""),
            (f"ours, {FEW:,}", small, page.format(**few), few["cookie"]),
            (f"ours, {many:,}", large, page.format(**lots), lots["cookie"]),
            (f"ours, {FEW:,}, a later page", small, f"{page}?before={{deep}}".format(**few), few["cookie"]),
            (f"ours, {many:,}, a later page", large, f"{page}?before={{deep}}".format(**lots), lots["cookie"]),
        ]
    )
    _report(told, many)
    for site in (bare, plain, small, large):
        site.leave()


WORK = {
    "requests a second": lambda one: median(one["crowd"]),
    "a visitor alone, p50": lambda one: median(one["all"]),
    "work of the worker": lambda one: one["own"],
}


def _report(told, many):
    say(f"{ROUNDS} rounds of {VISITS} visits alone and {VISITS} by each of {VISITORS}; load {os.getloadavg()[0]:.1f}")
    heads = {"req/s": 8, "p50 ms": 8, "p95 ms": 8, "own ms": 8, "SQL": 5, "SQL ms": 8, "kB page": 9, "MB": 7}
    say(f"{'':34}" + "".join(f"{head:>{width}}" for head, width in heads.items()))
    for name, answer in told.items():
        p50, p95 = median(answer["all"]), quantiles(answer["all"], n=20)[18]
        line = f"{name:34}{1000 / median(answer['crowd']):>8.0f}{p50:>8.2f}{p95:>8.2f}"
        line += f"{answer['own']:>8.2f}{answer['sql']:>5}{answer['database']:>8.2f}"
        line += f"{answer['bytes'] / 1000:>9.1f}{answer['kB'] / 1000:>7.1f}"
        say(f"{line}  {answer['shown']} texts")
    few, lots, later = f"ours, {FEW:,}", f"ours, {many:,}", ", a later page"
    for words, work in WORK.items():
        took = {name: work(answer) for name, answer in told.items()}
        say(f"{words}:")
        say(f"  of the bare Django page: {100 * took['bare Django page'] / took[few]:.0f} % (wanted 60)")
        say(f"  of the bare WSGI page: {100 * took['bare WSGI page'] / took[few]:.0f} % (wanted 20)")
        say(f"  growth, first page: {took[lots] / took[few]:.2f} (wanted 1.15 at most)")
        say(f"  growth, a later page: {took[lots + later] / took[few + later]:.2f} (the same)")
    memory = told[few]["kB"] / told["bare Django page"]["kB"]
    say(f"memory of the worker: {memory:.2f} of the bare Django one's (wanted 1.8 at most)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(int(sys.argv[2]))
    elif sys.argv[1:2] == ["count"]:
        count(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
