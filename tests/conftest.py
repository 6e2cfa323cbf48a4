"""The cast that everyone learns, behind real doors: each of them joined through the same verbs as in life.

The test process has the web's login (tests/services.py), so that every query meets the row policies.
"""

import json

import psycopg2
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

from groups import vault
from tests import lists, makers, services


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    services.migrate()
    with django_db_blocker.unblock():
        vault.refuse_wrong_keys()
    yield


@pytest.fixture(scope="session", autouse=True)
def static_files():
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def answers_at_once():
    """Hundreds of tests sign in; tests/members/test_timing.py brings the real constants back."""
    with override_settings(ANSWER_AFTER=0, PAGE_AFTER=0):
        yield


@pytest.fixture(autouse=True)
def no_limits_left_over():
    """Rate limits live in the cache; one test's attempts are not another's."""
    cache.clear()


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """For tests whose data other processes must see. Everything is emptied afterwards, as the owner."""
    with django_db_blocker.unblock():
        yield
        makers.empty_every_table()


@pytest.fixture(scope="session")
def bring_in(django_db_setup):
    """bring_in(path, *options) is `manage.py import_meetings`, run by whoever runs the site; the lines that it says."""
    importer = lists.Importer()
    yield importer
    importer.end()


@pytest.fixture
def a_list(committed, tmp_path):
    """a_list(rows) is a file that holds them."""

    def write(rows, name="liste.json"):
        path = tmp_path / name
        content = rows if isinstance(rows, str | bytes) else json.dumps(rows)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def owner():
    """The owner's own connection, for looking at tables as a copy of the database would show them."""
    connection = psycopg2.connect(services.owner_environment()["DATABASE_OWNER_URL"])
    yield connection
    connection.close()


@pytest.fixture
def circle(db):
    """« Un soir à la fois »: Inès founded it and facilitates, Malik writes in it, Sofia has left it."""
    return makers.make_circle()


@pytest.fixture
def visit():
    """visit(member) gives a browser of theirs; visit() one of nobody."""

    def open_browser(member=None, *, second_factor=False):
        client = Client()
        if member is not None:
            makers.sign_in(client, member, second_factor=second_factor)
        return client

    return open_browser
