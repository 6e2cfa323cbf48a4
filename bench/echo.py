"""An echo over the 2,000 newest stories of a group that holds 2,100, asked by a member who joined before all of them.

    python -m tests.services python -m bench.echo [ROUNDS]

Stories of 1,500 characters. Each search finds nothing, so that every story is opened and folded: the slowest there is.
"""

import logging
import os
import statistics
import sys
import time

import django
from django.core.cache import cache
from django.test import Client
from django.test.utils import setup_test_environment

from tests import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
ROUNDS, STORIES, WORDS = 20, 2100, 1500
SENTENCE = "Ce soir-là, j’ai compté les lampadaires jusqu’à la maison. "
SEARCHES = {
    "words": {"words": "phare introuvable"},
    "a feeling": {"feeling": "peace"},
    "who came through": {"came_through": "on"},
}


def make_data():
    """A browser of the reader, and the address."""
    from tests import makers

    reader, author = makers.make_member("reader"), makers.make_member("author")
    group = makers.make_group(reader, "Bouleau")
    makers.join(author, group, "Tilleul")
    for number in range(STORIES):
        text = f"{number}. " + (SENTENCE * 40)[:WORDS]
        makers.make_story(author, group, text, title=f"Soir {number}", feelings=["hope"])
    client = Client()
    makers.sign_in(client, reader)
    return client, f"/g/{group.pk}/echo/"


def main(rounds=ROUNDS):
    services.migrate()
    django.setup()
    from groups import vault

    vault.refuse_wrong_keys()
    setup_test_environment()  # so that an answer tells what its page was made of
    logging.disable(logging.INFO)
    client, address = make_data()
    with services.superuser() as cursor:
        cursor.execute("alter role entraide_web set log_statement = 'none'")
        cursor.execute("vacuum analyze")
    for name, sought in SEARCHES.items():
        taken, own = [], []
        for _ in range(rounds + 2):
            cache.clear()  # the limit counts as ever, and stops no round
            started = time.perf_counter(), time.process_time()
            page = client.post(address, {"words": "", "feeling": "", **sought})
            taken.append(time.perf_counter() - started[0])
            own.append(time.process_time() - started[1])
            if page.context["found"].cards or not page.context["found"].looked_through:
                sys.exit("something was found, or not everything looked through: nothing was measured")
        p50, p95 = statistics.median(taken[2:]), statistics.quantiles(taken[2:], n=20)[18]
        of_process = f"of the process alone {statistics.median(own[2:]):5.3f} s"
        sys.stdout.write(f"{name:20} p50 {p50:5.3f} s   p95 {p95:5.3f} s   {of_process}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
