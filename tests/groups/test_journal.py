"""Whichever way something goes, its id is noted outside of the dumps, and kept as a file that only grows old."""

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg2
import pytest
from django.conf import settings

from entraide.celery import app
from entraide.demo.installation import CHECKOUT
from entraide.lib.days import today
from groups import belonging, journal, telling
from groups.confidentiality import enter_group, find_own_story
from tests import makers, services
from tests.backup_room import Room
from tests.makers import as_person


@pytest.fixture
def room(tmp_path, committed):
    return Room(tmp_path / "backups")


@pytest.fixture
def noted(committed):
    """noted() is the table as a superuser sees it; noted(statement) changes it first."""
    with services.superuser() as cursor:

        def ask(statement=None):
            if statement:
                cursor.execute(statement)
            cursor.execute("select id, kind, gone_on from groups_journalentry")
            return {pk: (kind, gone_on) for pk, kind, gone_on in cursor.fetchall()}

        yield ask


def entries(room):
    head, *lines = [json.loads(line) for line in room.journal.read_text().splitlines()]
    assert head["entries"] == len(lines)
    return lines


def test_withdrawing_leaving_erasing_and_turning_off_are_noted_and_nothing_else(noted):
    circle = makers.make_circle()
    sofia_left = set(noted())
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        telling.withdraw(find_own_story(inside, circle.story.pk))
    zoe = makers.make_member("zoe")
    makers.join(zoe, circle.group, "Osier", "day_before")
    makers.choose_reminders(circle.ines, circle.group, "two_hours")
    with as_person(zoe):
        inside = enter_group(zoe, circle.group.pk)
        osier, zoe_id = inside.membership.pk, zoe.pk
    makers.choose_reminders(zoe, circle.group, "none")
    turned_off = noted()
    with as_person(zoe):
        belonging.leave(inside, keep_stories=False)
    zoe.delete()

    assert len(sofia_left) == 1
    assert turned_off[osier] == ("reminders", today().replace(day=1))
    kinds = {pk: kind for pk, (kind, _day) in noted().items() if pk not in sofia_left}
    assert kinds == {circle.story.pk: "story", osier: "membership", zoe_id: "member"}


def test_a_story_that_stays_is_not_noted(noted):
    circle = makers.make_circle()
    with as_person(circle.malik):
        belonging.leave(enter_group(circle.malik, circle.group.pk), keep_stories=True)

    assert circle.story.pk not in noted()


def test_the_file_is_private_whole_and_tells_no_order(room, noted):
    noted("insert into groups_journalentry select gen_random_uuid(), 'story', current_date from generate_series(1, 50)")

    done = room.keep_journal()

    assert (done.returncode, done.stdout) == (0, "50 entries\n")
    ids = [entry["id"] for entry in entries(room)]
    assert ids == sorted(ids)
    assert {UUID(pk) for pk in ids} == noted().keys()
    assert entries(room)[0].keys() == {"id", "kind", "gone_on"}
    assert stat.S_IMODE(room.journal.stat().st_mode) == 0o600
    assert [*room.folder.iterdir()] == [room.journal]


def test_the_file_outlives_the_database(room, noted):
    """On the day of the disaster a worker may wake on a new database before anybody brings the old one back."""
    makers.make_circle()
    room.keep_journal()
    before = entries(room)
    noted("truncate groups_journalentry")

    room.keep_journal()

    assert entries(room) == before != []


def test_what_is_older_than_any_archive_goes_from_table_and_file(room, noted):
    young, old = uuid4(), uuid4()
    add = "insert into groups_journalentry values ('{}', 'story', current_date - {})"
    noted(add.format(young, 90))
    noted(add.format(old, 90))
    room.keep_journal()
    noted(f"update groups_journalentry set gone_on = gone_on - 1 where id = '{old}'")
    day, the_day_before = (str(today() - timedelta(days=days)) for days in (90, 91))
    head, *lines = room.journal.read_text().splitlines(keepends=True)
    aged = [line.replace(day, the_day_before) if str(old) in line else line for line in lines]
    room.journal.write_text("".join([head, *aged]))

    room.keep_journal()

    assert noted().keys() == {young}
    assert [entry["id"] for entry in entries(room)] == [str(young)]


@pytest.mark.parametrize("broken", ["", "{}\n", '{"written_at": "2026-01-01", "entries": 3}\n'])
def test_a_file_that_cannot_be_read_is_left_alone(room, broken):
    room.journal.write_text(broken)

    refused = room.keep_journal()

    assert refused.returncode == 1
    assert "The journal was left as it is." in refused.stderr
    assert room.journal.read_text() == broken


def test_a_folder_that_is_away_is_not_made(room):
    room.folder.rmdir()

    refused = room.keep_journal()

    assert refused.returncode == 1
    assert "The journal was left as it is." in refused.stderr
    assert not room.folder.exists()


def test_the_worker_keeps_it_every_minute(room):
    makers.make_circle()
    plan = settings.CELERY_BEAT_SCHEDULE["keep-journal"]
    app.loader.import_default_modules()
    script = "import django; django.setup(); from groups.tasks import keep_journal; keep_journal()"
    environment = services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}

    for variables in ({}, room.variables):
        assert not room.journal.exists()
        subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, env=environment | variables, check=True)

    assert len(entries(room)) == 1
    assert plan["task"] in app.tasks
    assert plan["options"]["expires"] < plan["schedule"] == 60


FORBIDDEN = {
    "DATABASE_URL": ["select 1 from groups_journalentry", "delete from groups_journalentry"],
    "DATABASE_BACKUP_DATA_URL": ["select 1 from groups_journalentry"],
    "DATABASE_BACKUP_KEYS_URL": ["select 1 from groups_journalentry"],
    "DATABASE_WORKER_URL": ["insert into groups_journalentry values (gen_random_uuid(), 'story', current_date)"],
}


@pytest.mark.parametrize(("login", "statement"), [(login, one) for login, all_ in FORBIDDEN.items() for one in all_])
def test_nobody_else_may(django_db_setup, login, statement):
    connection = psycopg2.connect(os.environ[login])

    with connection, connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


def test_the_worker_may_not_forget_before_time(noted):
    noted("insert into groups_journalentry select gen_random_uuid(), 'story', current_date - 60")
    worker = psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])

    with worker, worker.cursor() as cursor:
        cursor.execute("delete from groups_journalentry")
        assert cursor.rowcount == 0
    worker.close()


def test_the_journal_reaches_a_month_further_than_archives_are_kept():
    """The row policy of migration 0004 writes the days out."""
    assert journal.REACH.days == 90
