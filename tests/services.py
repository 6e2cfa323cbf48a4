"""The real servers behind the tests: PostgreSQL, a Redis-protocol broker, a mail server that keeps its mail.

A pytest plugin (`-p tests.services` in pyproject.toml): it starts them before pytest-django reads the
settings and stops them at the end. `python -m tests.services COMMAND ...` runs any command beside them.

What a test finds:

    os.environ             the variables of a web process (docs/operations.md); for tests that try the other
                           logins DATABASE_OWNER_URL, DATABASE_WORKER_URL, DATABASE_ADMIN_URL (superuser)
    web_environment()      what a child of that kind gets, and not a variable more:
    worker_environment()   subprocess.Popen([...], env=worker_environment()); add others with `|`
    beat_environment()
    owner_environment()
    backup_environment()
    admin_environment()    the superuser's, with the web's keys
    migrate()              makes the tables, as their owner; conftest.py calls it once, in django_db_setup
    mailbox()              the folder with one .eml file a mail, names in order of arrival
    superuser(database)    a cursor past every policy, for what no login of ours may do or see
    database_log()         what PostgreSQL logged, each statement included; None for a server from outside
    broker_files()         the folder in which Valkey keeps its files; None for a server from outside

The database is made as in production, by the owner's migrations in a process of their own. The test process
has the web login from its first to its last query, and so meets every row policy.

DATABASE_ADMIN_URL (a superuser) and REDIS_URL from outside replace the built-in servers. There a database
named test_entraide is dropped and made anew, and the entraide roles get new passwords, unless DATABASE_URL
and its siblings say them.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from entraide.demo import variables
from entraide.demo.installation import ADMIN_URL, CHECKOUT, DATABASE_VARIABLES, database_urls
from entraide.lib import processes, roles
from entraide.lib.processes import LOOPBACK
from entraide.lib.servers import Postgres, Valkey

DATABASE = "test_entraide"
RUNNING = "ENTRAIDE_TEST_SERVICES"  # the folder of services that run already
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
TALKATIVE = {"log_statement": "all"}


def web_environment() -> dict[str, str]:
    return variables.for_web(os.environ)


def worker_environment() -> dict[str, str]:
    return variables.for_worker(os.environ)


def beat_environment() -> dict[str, str]:
    return variables.for_beat(os.environ)


def owner_environment() -> dict[str, str]:
    return variables.for_owner(os.environ)


def admin_environment() -> dict[str, str]:
    return variables.for_admin(os.environ)


def backup_environment() -> dict[str, str]:
    return variables.for_backup(os.environ)


def mailbox() -> Path:
    return Path(os.environ["MAILBOX_DIR"])


def database_log() -> Path | None:
    return Path(os.environ["POSTGRES_LOG"]) if "POSTGRES_LOG" in os.environ else None


def superuser(database: str = DATABASE):
    return _autocommit(urlsplit(os.environ[ADMIN_URL])._replace(path=f"/{database}").geturl())


def worker():
    """A cursor with the worker's login; each statement is kept at once."""
    return _autocommit(worker_environment()["DATABASE_WORKER_URL"])


def broker_files() -> Path | None:
    folder = Path(os.environ[RUNNING]) / "valkey"
    return folder if folder.exists() else None


def migrate() -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(command, cwd=CHECKOUT, env=owner_environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


@contextmanager
def services():
    """Start everything, yield the variables, stop everything."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="entraide-test-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o755)  # as root, another account runs PostgreSQL in it
        values = _site(folder)
        begun = [_begin(values, folder, "make_keys", folder / "keys"), _begin(values, folder, "catalogues")]
        values |= _database(stack, folder) | _broker(stack, folder) | _mail(stack, folder)
        for command in begun:
            _finish(command, folder)
        yield values


def _site(folder):
    return {
        RUNNING: str(folder),
        "ENTRAIDE_ENV_FILE": "",  # a demonstration in the same terminal is none of the tests' business
        "ENTRAIDE_DEMO": "",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "SITE_URL": f"http://{LOOPBACK}:8000",
        "ENTRAIDE_KEYS_FILE": str(folder / "keys" / "web.keys"),
        "ENTRAIDE_WORKER_KEY_FILE": str(folder / "keys" / "worker.key"),
    }


def _database(stack, folder):
    admin_url, values = os.environ.get(ADMIN_URL), {}
    if not admin_url:
        _refuse_database_without_admin()
        server = Postgres(folder, QUICK | TALKATIVE)
        stack.callback(server.remove)
        server.start()
        admin_url, values = server.url(), {"POSTGRES_LOG": str(server.log)}
    else:
        _drop_database(admin_url)
        stack.callback(_drop_database, admin_url)
    urls = database_urls(admin_url, _passwords(), DATABASE)
    roles.bootstrap(admin_url, urls)
    return values | urls | {ADMIN_URL: admin_url}


def _refuse_database_without_admin():
    given = [name for name in DATABASE_VARIABLES if os.environ.get(name)]
    if given:
        raise pytest.UsageError(f"{given[0]} is set: the tests need {ADMIN_URL} too, to make a database there")


def _passwords():
    logins = DATABASE_VARIABLES | roles.BACKUP_LOGINS
    given = {role: urlsplit(os.environ.get(name, "")).password for name, role in logins.items()}
    return {role: password or secrets.token_urlsafe(24) for role, password in given.items()}


def _drop_database(admin_url):
    with _autocommit(admin_url) as cursor:
        cursor.execute(f"drop database if exists {DATABASE} with (force)")


@contextmanager
def _autocommit(url):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        yield connection.cursor()


def _broker(stack, folder):
    if os.environ.get("REDIS_URL"):
        return {}
    server = Valkey(folder)
    stack.callback(server.stop)
    server.start()
    return {"REDIS_URL": server.url}


def _mail(stack, folder):
    port, kept = processes.free_port(), folder / "mailbox"
    kept.mkdir(mode=0o700)
    arguments = [sys.executable, "-m", "entraide.demo.smtp", port, kept]
    server = processes.start(arguments, folder / "smtp.log", env=variables.system_variables(), cwd=CHECKOUT)
    stack.callback(processes.stop, server, signal.SIGTERM, 5)
    while processes.is_port_free(port):
        if server.poll() is not None:
            raise RuntimeError(processes.last_lines(folder / "smtp.log"))
        time.sleep(0.05)
    return {"EMAIL_URL": f"smtp://{LOOPBACK}:{port}", "MAILBOX_DIR": str(kept)}


def _begin(values, folder, *command):
    """A management command that needs no database, beside the start of the servers."""
    environment = variables.for_owner(values | {"DATABASE_OWNER_URL": "postgres://none"})
    return processes.start(
        [sys.executable, "manage.py", *command], folder / f"{command[0]}.log", env=environment, cwd=CHECKOUT
    )


def _finish(command, folder):
    if command.wait():
        raise RuntimeError(processes.last_lines(folder / f"{command.args[2]}.log"))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the test
    if RUNNING in os.environ:
        return
    stack = ExitStack()
    os.environ.update(stack.enter_context(services()))
    early_config.add_cleanup(stack.close)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with services() as values:
        return subprocess.run(sys.argv[1:], env=os.environ | values).returncode


if __name__ == "__main__":
    sys.exit(main())
