"""A process that answers for one site, without sockets: python -m bench.visits MODULE, then a line of JSON a wish.

{"address": "/groups/", "times": 20} -> the milliseconds of each answer ("ms") and those of this process's own work in
it ("own", which a busy machine changes less), its statements, its size, how many groups it shows, and which
"""

import json
import logging
import re
import sys
import time
from importlib import import_module
from itertools import count

from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

SHEETS = re.compile(r'<h3><a href="/groups/([^"/]+)/">')
# Each visit comes from elsewhere: the limit of searches is counted as ever, and stops none.
networks = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count())


def visit(application, address):
    environ = RequestFactory(REMOTE_ADDR=next(networks)).get(address).environ
    told = []
    clocks = time.perf_counter, time.process_time
    started = [clock() for clock in clocks]
    answer = application(environ, lambda status, headers: told.append(status))
    body = b"".join(answer)
    answer.close()
    elapsed = [1000 * (clock() - since) for clock, since in zip(clocks, started, strict=True)]
    if told != ["200 OK"]:
        raise SystemExit(f"{address}: {told}")
    return elapsed, body


def say(words):
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


def main(module, page=None):
    application = import_module(module).application
    logging.disable()
    if page:  # as many groups as the page to compare with
        import_module("groups.views.public").PAGE = int(page)
    say("ready")
    for line in sys.stdin:
        wish = json.loads(line)
        with CaptureQueriesContext(connection) as captured:
            _, body = visit(application, wish["address"])
        statements = sum("set_config" in query["sql"] or " from " in query["sql"].casefold() for query in captured)
        elapsed, own = zip(*[visit(application, wish["address"])[0] for _ in range(wish["times"])], strict=True)
        told = {
            "ms": elapsed,
            "own": own,
            "statements": statements,
            "bytes": len(body),
            "groups": body.count(b"<article"),
            "slugs": SHEETS.findall(body.decode()),
        }
        say(told)


if __name__ == "__main__":
    main(*sys.argv[1:])
