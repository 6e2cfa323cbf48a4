"""An error leaves one line: class, file, line, route and the id of its request. No word of it, wherever it happens."""

import json
import logging
import socket
import stat
import sys

import pytest
from celery.app.trace import build_tracer
from django.conf import settings
from django.template import Context, Template

from entraide.celery import app
from entraide.demo.installation import CHECKOUT
from entraide.lib import processes
from entraide.lib.logs import ErrorsHandler, JsonFormatter, StderrHandler
from tests import services
from tests.running import await_site

SECRET = "Ce que personne ne doit lire"


@pytest.fixture
def record(tmp_path):
    """A record of errors as the settings make it, on the root of all logs; and its lines."""
    path = tmp_path / "errors.log"
    handler = ErrorsHandler(str(path))
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield path
    logging.getLogger().removeHandler(handler)
    handler.close()


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def break_down(word):
    raise ValueError(f"{SECRET}: {word}")


def note_down(word):
    try:
        break_down(word)
    except ValueError:
        logging.getLogger("somewhere").exception("It broke over %s", word)


def test_the_record_is_of_one_account_and_survives_rotation(record):
    note_down(SECRET)
    record.rename(record.with_suffix(".1"))
    note_down(SECRET)

    for path in (record, record.with_suffix(".1")):
        [line] = lines_of(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert set(line) == {"at", "level", "event", "from", "exception", "file", "line"}
        assert (line["exception"], line["file"]) == ("ValueError", "tests/test_errors.py")
        assert line["line"] == break_down.__code__.co_firstlineno + 1
        assert SECRET not in path.read_text()


def test_what_is_no_error_is_not_recorded(record, client, db):
    logging.getLogger("entraide").error("session_not_closed")
    logging.getLogger("celery").warning("Retrying", exc_info=ValueError(SECRET))

    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400
    assert client.get("/nowhere/").status_code == 404

    assert not record.exists()


def test_an_error_in_the_code_of_others_shows_where_it_is_without_naming_this_computer(record):
    try:
        Template("{% include name %}").render(Context({"name": f"{SECRET}.html"}))
    except Exception:
        logging.getLogger("somewhere").exception(SECRET)

    [line] = lines_of(record)
    assert line["exception"] == "TemplateDoesNotExist"
    assert line["file"] == "tests/test_errors.py", "our own line that led there"
    try:
        json.loads(SECRET)
    except ValueError as error:
        error.__traceback__ = error.__traceback__.tb_next
        logging.getLogger("somewhere").error(SECRET, exc_info=error)
    assert lines_of(record)[1]["file"] == "json/decoder.py"
    assert SECRET not in record.read_text()


@app.task(name="tests.break_down")
def broken_task(word):
    break_down(word)


def test_a_task_that_breaks_is_recorded_by_its_name(record):
    tracer = build_tracer(broken_task.name, broken_task, app=app)

    tracer("0b0f3e1e", (SECRET,), {}, {"argsrepr": SECRET, "id": "0b0f3e1e"})

    [line] = lines_of(record)
    assert (line["exception"], line["file"]) == ("ValueError", "tests/test_errors.py")
    assert (line["route"], line["id"]) == ("tests.break_down", "0b0f3e1e")
    assert SECRET not in record.read_text()


class Unwritable:
    def __repr__(self):
        raise RuntimeError(SECRET)


@pytest.mark.parametrize("handler", [StderrHandler, lambda: ErrorsHandler("/nowhere/at/all/errors.log")])
def test_a_line_that_cannot_be_written_is_lost_without_a_word_of_it(handler, capsys):
    handler = handler()
    handler.setFormatter(JsonFormatter())
    record = logging.LogRecord("entraide", logging.ERROR, __file__, 1, SECRET, (), (ValueError, ValueError(), None))
    record.fields = {"words": Unwritable()}

    handler.handle(record)
    handler.close()

    said = capsys.readouterr().err
    assert json.loads(said)["event"] == "log_line_lost"
    assert SECRET not in said


def test_nobody_gets_mail_about_errors():
    assert settings.ADMINS == settings.MANAGERS == []
    for name in ("", "django", "django.request", "django.security"):
        for handler in logging.getLogger(name).handlers:
            assert "mail" not in type(handler).__name__.lower()


AWAY = """
from django.db import connection
from entraide.wsgi import application

connection.settings_dict["PORT"] = "{port}"
connection.close()


def serve(environ, start):
    if environ["PATH_INFO"] == "/breaks/":
        raise ValueError(environ["QUERY_STRING"])
    return application(environ, start)
"""


@pytest.fixture
def site(django_db_setup, tmp_path):
    """The port of a site whose database went away after its start. It writes 0.log and errors.log."""
    port = processes.free_port()
    (tmp_path / "away.py").write_text(AWAY.format(port=processes.free_port()))
    environment = services.web_environment() | {"ERRORS_FILE": str(tmp_path / "errors.log")}
    command = [sys.executable, "-m", "gunicorn", "away:serve", "--pythonpath", f"{CHECKOUT},{tmp_path}"]
    command += ["--threads", "2", "--no-control-socket", "-b", f"{processes.LOOPBACK}:{port}"]
    child = processes.start(command, tmp_path / "0.log", env=environment, cwd=CHECKOUT)
    await_site(f"http://{processes.LOOPBACK}:{port}/help-now/", tmp_path / "0.log")
    yield port
    processes.stop(child, processes.signal.SIGTERM, 10)


def say(port, request):
    """Send these bytes, return what comes back."""
    with socket.create_connection((processes.LOOPBACK, port), timeout=10) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b"")).decode()


def ask(port, address):
    return say(port, f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())


def test_a_site_that_serves_notes_its_errors_and_gunicorn_adds_nothing(site, tmp_path):
    word = "personne-ne-lit"

    broken = ask(site, f"/groups/?q={word}")
    outside = ask(site, f"/breaks/?{word}")
    nonsense = say(site, f"{word} HTTP {word}\r\n\r\n".encode())

    assert [answer.split()[1] for answer in (broken, outside, nonsense)] == ["500", "500", "400"]
    away, raised = [line for line in lines_of(tmp_path / "errors.log") if line["exception"] != "SystemExit"]
    assert (away["exception"], away["route"]) == ("OperationalError", "groups:directory")
    assert f"X-Request-Id: {away['id']}\r\n" in broken
    assert (raised["exception"], raised["from"].split(":")[0]) == ("ValueError", "gunicorn.error")
    written = (tmp_path / "0.log").read_text() + (tmp_path / "errors.log").read_text()
    assert "OperationalError" in written
    assert word not in written
    assert "127.0.0.1:" not in written.split("Booting worker")[1], "nor who asked"
    assert stat.S_IMODE((tmp_path / "errors.log").stat().st_mode) == 0o600
