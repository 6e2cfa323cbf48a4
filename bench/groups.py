"""The directory against a bare Django page (bare.py), and 100,000 groups against 1,000.

    .venv/bin/python -m tests.services .venv/bin/python -m bench.groups

Groups are invented, from a fixed seed: lived experiences evenly out of the list, words out of the same list, cities by
the order of their size, three in five meeting in person, nine in ten with a next meeting within four weeks. Both
databases lie on one server; every measure goes round all sites in turn, so that a busy machine weighs on all alike.
"""

import io
import json
import os
import random
import subprocess
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from statistics import median
from urllib.parse import urlencode, urlsplit

import django
import psycopg2

from tests import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
django.setup()

from groups import places  # noqa: E402
from groups.experiences import NAMED_BY  # noqa: E402

FEW, MANY = 1_000, 100_000
ROUNDS, VISITS = int(os.environ.get("BENCH_ROUNDS", 15)), 10
SMALL, LARGE = "bench_few", "bench_many"
SEARCHES = {
    "no filter": "",
    "a word: deuil": "?q=deuil",
    "a rare word: fibromyalgie": "?q=fibromyalgie",
    "25 km around Montréal": "?city=Montréal&km=25",
    "25 km around Rimouski": "?city=Rimouski&km=25",
    "words, city, evening, French": "?q=deuil&where=in_person&city=Montréal&km=50&moment=evening&language=fr",
    "page 50": "?page=50",
    "nothing found": "?q=deuil+zzzzz&city=Rimouski&km=25&day=6&language=en&access=sign_language",
}
ACCESS = ["wheelchair", "captions", "phone", "sign_language"]
COLUMNS = (
    "id slug name for_whom lived_experience description language format city zone access size_min size_max opened_on"
    " next_starts_at next_ends_at rhythm rhythm_on latitude longitude is_full joining charter_additions"
).split()


def rows(count, now):
    chance, cities = random.Random(5), places._rows()  # noqa: S311
    cities = [line[:4] for line in cities]
    weights = [1 / (rank + 10) for rank in range(len(cities))]
    codes = list(NAMED_BY)
    words = {code: [" ".join(word.split()) for word in NAMED_BY[code].split(",")] for code in codes}
    for number in range(count):
        code, held = chance.choice(codes), chance.choice(["online", "online", "in_person", "in_person", "both"])
        city = chance.choices(cities, weights)[0] if held != "online" else ["", "", r"\N", r"\N"]
        starts = now + timedelta(minutes=15 * chance.randrange(4 * 24 * 28)) if chance.random() < 0.9 else None
        about = chance.sample(words[code], 4) + chance.sample(words[chance.choice(codes)], 2)
        yield [
            uuid.UUID(int=chance.getrandbits(128)),
            f"groupe-{number}",
            f"Le cercle de {chance.choice(about)} {number}"[:60],
            f"Pour les personnes qui vivent ceci : {', '.join(about[:4])}."[:220],
            code,
            f"Nous parlons à tour de rôle, sans conseil ni jugement. {' '.join(about)}",
            chance.choice(["fr"] * 4 + ["en"]),
            held,
            city[0],
            "America/Toronto",
            "{" + ",".join(chance.sample(ACCESS, chance.randrange(3))) + "}",
            4,
            12,
            now.date(),
            starts or r"\N",
            starts + timedelta(minutes=90) if starts else r"\N",
            "weekly" if starts else "",
            starts.date() if starts else r"\N",
            city[2],
            city[3],
            chance.random() < 0.15,
            "open",
            "{}",
        ]


def seed(database, count):
    text = io.StringIO()
    for row in rows(count, datetime.now(UTC).replace(minute=0, second=0, microsecond=0)):
        text.write("\t".join(map(str, row)) + "\n")
    text.seek(0)
    with closing(psycopg2.connect(at(os.environ["DATABASE_ADMIN_URL"], database))) as admin:
        with admin, admin.cursor() as cursor:
            cursor.copy_expert(f"copy groups_group ({', '.join(COLUMNS)}) from stdin", text)
        admin.autocommit = True
        admin.cursor().execute("vacuum analyze groups_group")


def make_databases():
    services.migrate()
    with closing(psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])) as admin:
        admin.autocommit = True
        for database in (SMALL, LARGE):
            admin.cursor().execute(f"create database {database} template {services.DATABASE}")
            admin.cursor().execute(f"alter database {database} set log_statement = 'none'")


def at(url, database):
    return urlsplit(url)._replace(path=f"/{database}").geturl()


class Site:
    def __init__(self, module, database, *page):
        environment = services.web_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
        environment["DATABASE_URL"] = at(environment["DATABASE_URL"], database)
        command = [sys.executable, "-m", "bench.visits", module, *page]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()  # one after the other: the first on a database marks its keys there

    def visit(self, address, times):
        print(json.dumps({"address": address, "times": times}), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def leave(self):
        self.process.stdin.close()
        self.process.wait()


def measure(visits):
    """{name: the last answer, with every millisecond} of [(name, site, address)], one after the other in each round."""
    told = {}
    for site_round in range(ROUNDS + 1):
        for name, site, address in visits:
            answer = site.visit(address, VISITS)
            kept = told.setdefault(name, {**answer, "ms": [], "own": []})
            for clock in ("ms", "own") if site_round else ():  # the first round warms up
                kept[clock] += answer[clock]
    return told


def say(words=""):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def compare(words, address, bare, site):
    """With the bare page that shows the same groups."""
    same = urlencode({"slug": site.visit(address, 1)["slugs"]}, doseq=True) if "?" in address else ""
    pages = measure([("bare Django page", bare, f"/?{same}"), (words, site, address)])
    for name, told in pages.items():
        times = f"p50 {median(told['ms']):7.2f}, of the process {median(told['own']):6.2f}"
        say(f"{name:32} {times}  {told['statements']} SQL  {told['groups']} groups  {told['bytes']:,} bytes")
    for clock, of_what in (("ms", "in all"), ("own", "work of the process")):
        plain, ours = (median(told[clock]) for told in pages.values())
        say(f"bare Django page / {words}, {of_what}: {100 * plain / ours:.0f} %")
    say()


def main():
    make_databases()
    for database, count in ((SMALL, FEW), (LARGE, MANY)):
        seed(database, count)
    bare, same = Site("bench.bare", SMALL), Site("entraide.wsgi", SMALL, "20")
    few, many = Site("entraide.wsgi", SMALL), Site("entraide.wsgi", LARGE)

    say(f"{ROUNDS} rounds of {VISITS} visits each, in one process without sockets; milliseconds")
    compare("directory", "/groups/", bare, same)
    compare("search, a word and a format", "/groups/?q=deuil&where=online", bare, same)

    visits = [((name, site), site, f"/groups/{query}") for name, query in SEARCHES.items() for site in (few, many)]
    told = measure(visits)
    say(f"{'10 a page, milliseconds':32} {FEW:>9,} {MANY:>9,}   times     p95   SQL")
    for name in SEARCHES:
        one, other = told[name, few], told[name, many]
        low, high = median(one["ms"]), median(other["ms"])
        worst = sorted(other["ms"])[int(0.95 * len(other["ms"]))]
        say(f"{name:32} {low:9.2f} {high:9.2f} {high / low:7.2f} {worst:7.2f} {other['statements']:5}")
    for site in (bare, same, few, many):
        site.leave()


if __name__ == "__main__":
    main()
