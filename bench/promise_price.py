"""What the promise costs: the time of a group's home and of its list of stories, with and without its two layers.

    .venv/bin/python -m bench.promise_price [ROUNDS]

Four copies of the site answer in turn, each a gunicorn with one process, on the same database: as it is; through a
login that the row policies do not hold for (BYPASSRLS); with words kept as they are, by sealing that does nothing;
with neither. Measured from outside, one request at a time, from sending it to the last byte of the page; beside it
stand the processor time of the site's own process, which a busy computer changes less, and the time in the database.
"""

import http.client
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

GROUPS, STORIES, MEMBERS, WORDS = 50, 1000, 12, 1500
ON_A_PAGE = 20
FREE = "entraide_bench"
PLAIN = "ENTRAIDE_BENCH_PLAIN"
VARIANTS = {  # name: (policies, sealing)
    "as it is": (True, True),
    "without row policies": (False, True),
    "without sealing": (True, False),
    "without both": (False, False),
}
ROUNDS, WARM_UP = 300, 20
SENTENCE = "Ce soir-là, j’ai compté les lampadaires jusqu’à la maison. "


# --- In a copy of the site ---------------------------------------------------------------------------------------


def site():
    """For gunicorn: the site, which also says what a page took: ms of processor, ms in the database, SQL statements."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
    from entraide.wsgi import application

    keep_words_as_asked()
    from django.db import connection

    from groups.views import inside

    inside.PAGE = ON_A_PAGE

    def serve(environ, start):
        asked, begun = [], time.process_time()

        def count(execute, *statement):
            asked_at = time.perf_counter()
            try:
                return execute(*statement)
            finally:
                asked.append((time.perf_counter() - asked_at) * 1000)

        def start_counted(status, headers, exc_info=None):
            took = f"{(time.process_time() - begun) * 1000:.2f} {sum(asked):.2f} {len(asked)}"
            return start(status, [*headers, ("X-Took", took)], exc_info)

        with connection.execute_wrapper(count):
            return application(environ, start_counted)

    return serve


def keep_words_as_asked():
    """Without sealing: nothing is encrypted, padded or derived. Only here; the site itself has no such switch."""
    if not os.environ.get(PLAIN):
        return
    from entraide.lib import crypto
    from members import sessions

    crypto.seal = lambda key, plaintext, *context: plaintext
    crypto.unseal = lambda key, sealed, *context: bytes(sealed)
    crypto.padded = crypto.unpadded = lambda plaintext, *_: plaintext
    sessions.derived_key = lambda secret, purpose: b""


# --- Data, made once sealed and once plain -----------------------------------------------------------------------


def make_data():
    """Prints where to look: the session of somebody who reads everything, and their group."""
    import django

    django.setup()
    keep_words_as_asked()
    from django.conf import settings
    from django.test import Client

    from groups.models import Story
    from tests import makers

    kind = os.environ.get(PLAIN) or "sealed"
    reader, group = _make_group(makers, f"{kind}-0", STORIES)
    for number in range(1, GROUPS):
        _make_group(makers, f"{kind}-{number}", ON_A_PAGE)
    client = Client()
    makers.sign_in(client, reader)
    with makers.as_person(reader):
        if Story.objects.count() != STORIES:
            sys.exit("the reader does not read everything: nothing would be measured")
    print(
        json.dumps(
            {"cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies.popitem()[1].value}", "gid": str(group.pk)}
        )
    )


def _make_group(makers, name, stories):
    people = [makers.make_member(f"{name}-{number}") for number in range(MEMBERS)]
    group = makers.make_group(people[0], "Bouleau", name=f"Groupe {name}")
    for number, person in enumerate(people[1:]):
        makers.join(person, group, f"Tilleul {number}")
    for number in range(stories):
        text = f"{number}. " + (SENTENCE * 40)[:WORDS]
        makers.make_story(people[number % MEMBERS], group, text, title=f"Soir {number}", feelings=["hope"])
    makers.make_series(people[0], group)
    return people[0], group


# --- The measure -------------------------------------------------------------------------------------------------


def main(rounds=ROUNDS):
    from tests import services

    with services.services() as values, ExitStack() as stack:
        os.environ |= values
        services.migrate()
        data = {sealed: _made(services, sealed) for sealed in (True, False)}
        free = _free_login(services)
        ports = {name: stack.enter_context(_served(services, free, *kept)) for name, kept in VARIANTS.items()}
        pages = {"home": "/g/{gid}/", f"{ON_A_PAGE} stories": "/g/{gid}/stories/"}
        taken = {(page, name): [] for page in pages for name in VARIANTS}
        for count in range(rounds + WARM_UP):
            for page, address in pages.items():
                for name in sorted(VARIANTS, key=lambda name: (count + list(VARIANTS).index(name)) % len(VARIANTS)):
                    where = data[VARIANTS[name][1]]
                    taken[page, name].append(_ask(ports[name], address.format(**where), where["cookie"]))
        _report(taken, rounds, services)


def _made(services, sealed):
    environment = services.web_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"} | _sealing(sealed)
    made = subprocess.run(
        [sys.executable, "-m", "bench.promise_price", "make"], env=environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(made.stdout.splitlines()[-1])


def _sealing(sealed):
    return {} if sealed else {PLAIN: "plain"}


def _free_login(services):
    """The address of a login with the web's rights that passes the policies. No statement is logged, as in life."""
    web = urlsplit(os.environ["DATABASE_URL"])
    with services.superuser() as cursor:
        cursor.execute(f"create role {FREE} login bypassrls in role entraide_web password %s", [web.password])
        for role in (FREE, "entraide_web"):
            cursor.execute(f"alter role {role} set log_statement = 'none'")
        cursor.execute("vacuum analyze")
    return web._replace(netloc=web.netloc.replace("entraide_web:", f"{FREE}:")).geturl()


@contextmanager
def _served(services, free, has_policies, sealed):
    from entraide.lib import processes

    port, log = processes.free_port(), Path(os.environ[services.RUNNING]) / f"site-{has_policies}-{sealed}.log"
    environment = services.web_environment() | _sealing(sealed) | ({} if has_policies else {"DATABASE_URL": free})
    command = [sys.executable, "-m", "gunicorn", "bench.promise_price:site()", "--no-control-socket"]
    child = processes.start([*command, "-b", f"{processes.LOOPBACK}:{port}"], log, env=environment)
    while processes.is_port_free(port):
        if child.poll() is not None:
            sys.exit(processes.last_lines(log))
        time.sleep(0.1)
    yield port
    processes.stop(child, signal.SIGTERM, 5)


def _ask(port, address, cookie):
    """Milliseconds until the page was there, those of the processor, those in the database, statements, bytes."""
    started = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", address, headers={"Cookie": cookie})
    answer = line.getresponse()
    body = answer.read()
    elapsed = (time.perf_counter() - started) * 1000
    line.close()
    if answer.status != 200 or body.count(b"Soir ") < 5:
        sys.exit(f"{address} answered {answer.status}: nothing was measured")
    processor, database, statements = answer.headers["X-Took"].split()
    return elapsed, float(processor), float(database), int(statements), len(body)


def _report(taken, rounds, services):
    with services.superuser() as cursor:
        cursor.execute("select split_part(version(), ' on ', 1), (select count(*) from groups_story)")
        database, stories = cursor.fetchone()
    print(
        f"\n{database}, Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    print(f"the group: {STORIES} stories of {WORDS} characters, {MEMBERS} members; {GROUPS} groups of each kind,")
    print(f"{stories} stories in the table; {rounds} requests for each line, in turn\n")
    print(f"{'page':<12}{'':<24}{'p50 ms':>8}{'p95 ms':>8}{'CPU ms':>8}{'SQL ms':>8}{'SQL':>5}{'kB':>7}")
    for (page, name), asked in taken.items():
        times, processor, in_database, statements, size = zip(*asked[WARM_UP:], strict=True)
        p95 = statistics.quantiles(times, n=20)[18]
        print(f"{page:<12}{name:<24}{statistics.median(times):>8.1f}{p95:>8.1f}", end="")
        print(f"{statistics.median(processor):>8.1f}{statistics.median(in_database):>8.2f}", end="")
        print(f"{statements[-1]:>5}{size[-1] / 1000:>7.1f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make_data()
    else:
        main(*map(int, sys.argv[1:]))
