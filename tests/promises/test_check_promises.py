"""`manage.py check_promises`, run as whoever looks after a place runs it."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from entraide.demo.installation import CHECKOUT
from entraide.promises import answers, backups, database, logins, place, tables
from entraide.promises.backups import BEGUN, CONTENT, KEYS
from entraide.promises.logins import SERVING
from tests import services

OF_BOTH = (tables, logins, database, place)


def check(environment):
    command = [sys.executable, "manage.py", "check_promises"]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module", autouse=True)
def discreet_server(django_db_setup):
    """The tests' own server logs every statement, on purpose; here it does as a server in a real place."""
    with services.superuser(services.DATABASE) as cursor:
        for role in SERVING:
            cursor.execute(f"alter role {role} set log_statement = 'none'")
        yield
        for role in SERVING:
            cursor.execute(f"alter role {role} reset log_statement")


@pytest.fixture
def well_kept(site, tmp_path):
    """The variables of a web process with dumps and a record of errors."""
    for kind in (CONTENT, KEYS):
        (tmp_path / f"{datetime.now(UTC):{BEGUN}}{kind}").touch(mode=0o600)
    return services.web_environment() | {
        "SITE_URL": site,
        "BACKUP_DIR": str(tmp_path),
        "ERRORS_FILE": str(tmp_path / "errors.log"),
    }


def verdicts(done):
    """{words: what follows them} of the promises that were broken, and of the others."""
    lines = [line.strip().split("  ", 1) for line in done.stdout.splitlines() if line.startswith("  ")]
    broken = dict(line.split(" -- ") for mark, line in lines if mark == "BROKEN")
    return broken, [line.strip() for mark, line in lines if mark == "kept"]


def test_it_says_one_line_for_each_promise_of_the_web(well_kept):
    done = check(well_kept)

    broken, kept = verdicts(done)
    rules = [rule for module in (*OF_BOTH, answers, backups) for rule in module.RULES]
    assert broken == {}
    assert sorted(kept) == sorted(rule.words for rule in rules)
    assert done.stdout.splitlines()[-1] == f"{len(kept)} kept, 0 broken"
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_worker_looks_at_its_own_side(well_kept):
    own = {"ERRORS_FILE": well_kept["ERRORS_FILE"]}

    done = check(services.worker_environment() | own)

    broken, kept = verdicts(done)
    assert broken == {}
    assert sorted(kept) == sorted(rule.words for module in OF_BOTH for rule in module.RULES)
    assert done.returncode == 0


def test_what_is_broken_is_named_and_ends_in_failure(well_kept):
    worker_key = services.worker_environment()["ENTRAIDE_WORKER_KEY_FILE"]
    del well_kept["BACKUP_DIR"]

    done = check(well_kept | {"ENTRAIDE_WORKER_KEY_FILE": worker_key})

    broken, _ = verdicts(done)
    assert done.returncode == 1
    assert broken[place.keys_are_closed.words] == "ENTRAIDE_WORKER_KEY_FILE is set here too"
    assert {broken[rule.words] for rule in backups.RULES} == {"BACKUP_DIR is not set"}


def test_a_site_that_is_away_keeps_no_promise(well_kept):
    done = check(well_kept | {"SITE_URL": "http://127.0.0.1:9"})

    broken, _ = verdicts(done)
    assert {broken[rule.words] for rule in answers.RULES} == {"the site does not answer there (ConnectionRefusedError)"}


def test_a_database_that_is_away_keeps_no_promise(well_kept):
    done = check(well_kept | {"DATABASE_URL": "postgres://entraide_web:p4ss@127.0.0.1:9/none"})

    broken, _ = verdicts(done)
    for rule in (*tables.RULES, *logins.RULES, *database.RULES):
        assert broken[rule.words] == "the database cannot be reached (OperationalError)"
    assert "p4ss" not in done.stdout + done.stderr


def test_the_owner_of_the_tables_is_not_asked():
    done = check(services.owner_environment())

    assert done.returncode == 1
    assert "Run it as the web or as the worker" in done.stderr
