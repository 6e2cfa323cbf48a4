"""Which promises each process answers for. The web looks at everything that it can reach; the worker has the one key
file that the web must not see, and looks at its own side."""

from collections.abc import Iterator
from http.client import HTTPException

from django.conf import settings
from django.db import DatabaseError, connection

from entraide.promises import Verdict, answers, backups, database, judged, logins, place, tables, unseen

WEB, WORKER = "web", "worker"


def inspect() -> Iterator[tuple[str, list[Verdict]]]:
    """Chapters, each with the verdicts on its promises."""
    yield "The database refuses", _of_catalogue(tables.RULES)
    yield "Logins of the database", _of_catalogue(logins.RULES)
    yield "The database's own log", _of_catalogue(database.RULES)
    yield f"The process of the {settings.ROLE}", judged(place.RULES)
    if settings.ROLE == WEB:
        yield f"What {settings.SITE_URL} answers", _of_answers()
        yield "Backups", judged(backups.RULES)


def _of_catalogue(rules):
    try:
        with connection.cursor() as cursor:
            return judged(rules, cursor)
    except DatabaseError as failure:
        return unseen(rules, f"the database cannot be reached ({type(failure).__name__})")


def _of_answers():
    try:
        seen = answers.Answers()
    except (OSError, HTTPException) as failure:
        return unseen(answers.RULES, f"the site does not answer there ({type(failure).__name__})")
    return judged(answers.RULES, seen)
