"""One mark of its own into each place, as a leak would put it there: the sweep must find it there and nowhere else."""

import base64
import gzip
import json
import os
import smtplib
import sys
import zlib
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from email.message import EmailMessage
from io import StringIO
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings

from entraide.celery import app
from entraide.demo.installation import CHECKOUT
from entraide.lib import processes
from meetings.tasks import send_due_reminders
from tests.canaries.marks import ENVELOPES, MAILS, STATEMENTS
from tests.canaries.scene import Scene
from tests.canaries.sinks import SESSIONS, superuser
from tests.running import wait_until

HOLD_A_FILE = """
import sys, tempfile, time
with tempfile.TemporaryFile() as file:
    file.write(sys.argv[1].encode())
    file.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


def into_a_table(scene, word, stack):
    """COPY keeps the words out of the statement: the table alone has them."""
    with superuser() as cursor:
        cursor.execute("create table public.planted (sealed bytea)")
        stack.callback(_drop_the_table)
        cursor.copy_expert("copy public.planted from stdin", StringIO(rf"\\x{zlib.compress(word.encode()).hex()}"))


def into_a_session(scene, word, stack):
    payload = base64.b64encode(json.dumps({"name": word}).encode()).decode()
    with superuser() as cursor:
        cursor.execute("create temp table payload (words text)")
        cursor.copy_expert("copy payload from stdin", StringIO(f"{payload}\n"))
        cursor.execute(f"update {SESSIONS} set session_data = words from payload")


def into_a_statement(scene, word, stack):
    line = stack.enter_context(closing(psycopg2.connect(os.environ["DATABASE_URL"])))
    stack.enter_context(line.cursor()).execute(f"select '{word}'")


def into_a_refusal_of_the_database(scene, word, stack):
    url = urlsplit(os.environ["DATABASE_URL"])
    with suppress(psycopg2.OperationalError):
        psycopg2.connect(url._replace(netloc=f"{word}:none@{url.hostname}:{url.port}").geturl())


def into_valkey(scene, word, stack):
    scene.sinks.valkey.rpush("planted", word)
    stack.callback(scene.sinks.valkey.delete, "planted")


def through_valkey(scene, word, stack):
    scene.sinks.valkey.set("planted-for-a-moment", gzip.compress(word.encode()))
    scene.sinks.valkey.delete("planted-for-a-moment")


def into_a_task(scene, word, stack):
    app.send_task(send_due_reminders.name, args=[word])
    wait_until(lambda: b"TypeError" in scene.site.logs("worker")[-1].read_bytes())  # the worker has refused it
    wait_until(lambda: not scene.sinks.valkey.exists("celery", "unacked"))


def into_a_mail(scene, word, stack):
    _send("somebody@people.example", f"Été : {word}")


def into_an_envelope(scene, word, stack):
    _send(f"{word}@people.example", "Bonjour.")


def into_the_log_of_the_web(scene, word, stack):
    _append(scene, "web", "INFO", word.upper())


def into_an_error_of_the_worker(scene, word, stack):
    _append(scene, "worker", "ERROR", word)


def into_an_error_of_the_web(scene, word, stack):
    _append(scene, "web", "ERROR", base64.b64encode(word.encode()).decode())


def into_an_error_of_beat(scene, word, stack):
    _append(scene, "beat", "CRITICAL", word)


def into_the_file_of_errors(scene, word, stack):
    if scene.site.errors.exists():
        with scene.site.errors.open("a") as file:
            file.write(word)


def into_the_log_of_beat(scene, word, stack):
    _append(scene, "beat", "INFO", "".join(f"\\u{ord(letter):04x}" for letter in word))


def into_a_temporary_file(scene, word, stack):
    folder = scene.site.temporary / "upload"
    folder.mkdir()
    (folder / "a.txt").write_bytes(word.encode("utf-16"))


def into_a_file_without_a_name(scene, word, stack):
    child = processes.start([sys.executable, "-c", HOLD_A_FILE, word], scene.site.folder / "planted")
    scene.site.children["planted"] = child
    stack.callback(lambda: processes.stop(scene.site.children.pop("planted"), processes.signal.SIGKILL, 5))
    wait_until((scene.site.folder / "planted").read_bytes)


def into_the_files_of_beat(scene, word, stack):
    scene.site.schedule.with_name(f"{scene.site.schedule.name}.old").write_text(word)


def into_a_file_of_the_project(scene, word, stack):
    path = CHECKOUT / "var" / f"planted-{os.getpid()}"
    stack.callback(path.unlink)
    path.write_text(word)


def _drop_the_table():
    with superuser() as cursor:
        cursor.execute("drop table public.planted")


def _send(to, words):
    mail = EmailMessage()
    mail["To"], mail["From"], mail["Subject"] = to, "nobody@people.example", "Planted"
    mail.set_content(words, cte="base64")
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:
        line.send_message(mail)


def _append(scene, part, level, words):
    with scene.site.logs(part)[-1].open("a") as log:
        log.write(f'{{"level": "{level}", "event": "{words}"}}\n')


PLANTS: dict[Callable[[Scene, str, ExitStack], None], tuple[str, ...]] = {
    into_a_table: ("tables: public.planted",),
    into_a_session: (f"tables: public.{SESSIONS}", "sessions: rows, decoded"),
    into_a_statement: STATEMENTS,
    into_a_refusal_of_the_database: ("PostgreSQL: the rest of its log",),
    into_valkey: ("Valkey: memory", "Valkey: commands", "Valkey: append-only file"),
    through_valkey: ("Valkey: commands", "Valkey: append-only file"),
    into_a_task: ("task messages: sent", "Valkey: commands", "Valkey: append-only file"),
    into_a_mail: (MAILS,),
    into_an_envelope: (ENVELOPES,),
    into_the_log_of_the_web: ("logs: web",),
    into_an_error_of_the_worker: ("logs: worker", "error records: worker"),
    into_an_error_of_the_web: ("logs: web", "error records: web"),
    into_an_error_of_beat: ("logs: beat", "error records: beat"),
    into_the_file_of_errors: ("error records: file",),
    into_the_log_of_beat: ("logs: beat",),
    into_a_temporary_file: ("files: temporary",),
    into_a_file_without_a_name: ("files: without a name",),
    into_the_files_of_beat: ("files: of beat",),
    into_a_file_of_the_project: ("files: of the project",),
}
