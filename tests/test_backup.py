"""Two archives of one moment, which nobody reads without the key that is elsewhere."""

import os
import resource
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from entraide.backups import LEFT_OUT, STAMP
from entraide.demo.installation import ADMIN_URL, CHECKOUT
from entraide.lib import archives
from tests import makers, services
from tests.backup_room import Room, column, manage


@pytest.fixture
def room(tmp_path, django_db_setup):
    return Room(tmp_path / "backups")


def test_a_backup_is_two_private_files_named_by_their_moment(room):
    begun = datetime.now(UTC).replace(microsecond=0)

    content, keys = room.backup()

    moment, part, age = content.name.split(".")
    assert begun <= datetime.strptime(moment, STAMP).replace(tzinfo=UTC) <= datetime.now(UTC)
    assert (part, age) == ("content", "age")
    assert keys.name == f"{moment}.keys.age"
    assert {file.name for file in room.folder.iterdir()} == {content.name, keys.name}
    assert {stat.S_IMODE(file.stat().st_mode) for file in (content, keys)} == {0o600}


def test_every_table_is_in_one_archive_and_keys_are_in_their_own(room, owner):
    content, keys = (room.opened(file).keys() for file in room.backup())

    with owner.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
    assert keys == {"groups_groupkey", "groups_notebook", "groups_shelfkey", "groups_storykey"}
    assert content == tables - keys - LEFT_OUT.keys()


def test_an_archive_says_what_it_is_of(room, owner):
    headers = []
    for file in room.backup():
        with archives.reading(file, archives.read_identity(room.identity)) as archive:
            headers.append(archive.header)

    content, keys = headers
    assert (content.pop("part"), keys.pop("part")) == ("content", "keys")
    assert content == keys
    assert content.keys() == {"scheme", "backup", "taken_at", "migrations"}
    with owner.cursor() as cursor:
        cursor.execute("select app, name from django_migrations")
        assert {tuple(one) for one in content["migrations"]} == set(cursor.fetchall())


def test_nothing_is_read_without_the_key(committed, room, tmp_path):
    circle = makers.make_circle()
    archives.make_identity(tmp_path / "another.key")
    another = archives.read_identity(tmp_path / "another.key")

    files = room.backup()

    content, keys = map(room.opened, files)
    assert circle.malik.email in column(content, "members_member", "email")
    assert column(keys, "groups_storykey", "story_id") == [str(circle.story.pk)]
    for file in files:
        written = file.read_bytes()
        assert written.startswith(b"age-encryption.org/v1\n")
        for word in ("malik", "people.example", "groups_", "members_", str(circle.story.pk), circle.group.name):
            assert word.encode() not in written
        with (
            pytest.raises(archives.Unreadable, match="does not open with this identity"),
            archives.reading(file, another),
        ):
            pass


def test_rows_come_in_the_order_of_their_random_ids(committed, room):
    for number in range(12):
        makers.make_member(f"m{number}")

    content = room.opened(room.backup()[0])

    for table in ("members_member", "account_emailaddress"):
        ids = [int(value.replace("-", ""), 16 if "-" in value else 10) for value in column(content, table, "id")]
        assert len(ids) == 12
        assert ids == sorted(ids)


def test_both_archives_are_of_one_moment(committed, room):
    """The keys wait behind a lock, under which one of them goes: the archive of keys still has it."""
    circle = makers.make_circle()
    env = services.backup_environment() | room.variables
    with services.superuser() as cursor:
        cursor.execute("begin")
        cursor.execute("lock table groups_storykey in access exclusive mode")
        backup = subprocess.Popen([sys.executable, "manage.py", "backup"], cwd=CHECKOUT, env=env)
        _await_waiting(cursor)

        cursor.execute("delete from groups_storykey")
        cursor.execute("commit")
    assert backup.wait(timeout=60) == 0

    content, keys = (room.opened(file) for file in sorted(room.archives()))
    assert column(content, "groups_story", "id") == [str(circle.story.pk)]
    assert column(keys, "groups_storykey", "story_id") == [str(circle.story.pk)]


def _await_waiting(cursor):
    deadline = time.monotonic() + 30
    while True:
        cursor.execute(
            "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
            " where not l.granted and a.usename = 'entraide_backup_keys'"
        )
        if cursor.fetchone()[0]:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nobody_reads_the_other_part(django_db_setup, room):
    data, keys = (os.environ[name] for name in ("DATABASE_BACKUP_DATA_URL", "DATABASE_BACKUP_KEYS_URL"))

    refused = room.try_backup(DATABASE_BACKUP_KEYS_URL=data), room.try_backup(DATABASE_BACKUP_DATA_URL=keys)

    for done in refused:
        assert done.returncode == 1
        assert "permission denied" in done.stderr
    assert not [*room.folder.iterdir()]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"BACKUP_DIR": ""}, "BACKUP_DIR must name a folder"),
        ({"BACKUP_DIR": "/nowhere/at/all"}, "BACKUP_DIR must name a folder"),
        ({"BACKUP_RECIPIENT": ""}, "not the public half of a backup key"),
        ({"BACKUP_RECIPIENT": "age1abc"}, "not the public half of a backup key"),
        ({"DATABASE_BACKUP_KEYS_URL": "postgres://entraide_backup_keys@127.0.0.1:1/none"}, "refused"),
    ],
    ids=["no folder", "folder away", "no recipient", "short recipient", "no database"],
)
def test_a_backup_that_cannot_be_says_why(room, wrong, said):
    refused = room.try_backup(**wrong)

    assert refused.returncode == 1
    assert "No backup was taken." in refused.stderr
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not [*room.folder.iterdir()]


@pytest.mark.parametrize("right", [[], ["entraide_backup_data", "entraide_backup_keys"]], ids=["neither", "both"])
def test_a_table_without_a_place_is_refused_by_name(room, owner, right):
    cursor = owner.cursor()
    cursor.execute("create table leaflet (id uuid primary key)")
    cursor.execute("revoke all on leaflet from entraide_backup_data")
    for role in right:
        cursor.execute(f"grant select on leaflet to {role}")
    owner.commit()
    try:
        refused = room.try_backup()
    finally:
        cursor.execute("drop table leaflet")
        owner.commit()

    assert refused.returncode == 1
    assert "The table leaflet has no place in a backup" in refused.stderr
    assert not [*room.folder.iterdir()]


def test_a_full_disk_leaves_no_file(committed, room):
    makers.make_circle()
    env = services.backup_environment() | room.variables

    refused = subprocess.run(
        [sys.executable, "manage.py", "backup"],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )

    assert refused.returncode == 1
    assert "File too large" in refused.stderr
    assert not [*room.folder.iterdir()]


def test_archives_of_last_month_go_after_a_good_backup_only(room):
    def kept(days, part):
        name = (datetime.now(UTC) - timedelta(days=days, minutes=1)).strftime(STAMP)
        (room.folder / f"{name}.{part}").write_bytes(b"an archive")
        return room.folder / f"{name}.{part}"

    old = {kept(days, f"{part}.age") for days in (30, 29, 400) for part in ("content", "keys")}
    old.add(kept(40, "keys.age.unfinished"))
    young = {kept(28, "content.age"), kept(28, "keys.age"), kept(1, "keys.age")}
    others = {kept(90, "txt"), room.folder / "notes"}
    (room.folder / "notes").write_text("of somebody")
    room.try_backup(BACKUP_RECIPIENT="")
    assert {*room.folder.iterdir()} == old | young | others

    taken = {*room.backup()}

    assert {*room.folder.iterdir()} == young | others | taken


def test_a_backup_warns_when_the_journal_is_missing(room):
    without = room.try_backup()
    room.keep_journal()
    beside_it = room.try_backup()

    assert "There is no journal beside it" in without.stderr
    assert (beside_it.returncode, beside_it.stderr) == (0, "")


def test_make_backup_key_never_overwrites(tmp_path):
    file = tmp_path / "backup.key"
    env = services.backup_environment()

    made = manage("make_backup_key", file, env=env)
    again = manage("make_backup_key", file, env=env)

    name, public = made.stdout.strip().split("=")
    assert name == "BACKUP_RECIPIENT"
    assert str(archives.read_identity(file).to_public()) == public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"Move {file} off this machine" in made.stderr
    assert again.returncode == 1
    assert "is there already. It was left alone" in again.stderr
    assert str(archives.read_identity(file).to_public()) == public


def test_the_process_that_takes_backups_knows_no_other_login():
    known = services.backup_environment()

    assert {name for name in known if name.startswith("DATABASE_")} == {
        "DATABASE_BACKUP_DATA_URL",
        "DATABASE_BACKUP_KEYS_URL",
    }
    assert not {ADMIN_URL, "ENTRAIDE_KEYS_FILE", "ENTRAIDE_WORKER_KEY_FILE"} & known.keys()


def test_a_backup_is_never_half_replaced(room):
    """Two in one second have one name: the second is refused."""
    moments = {(datetime.now(UTC) + timedelta(seconds=second)).strftime(STAMP) for second in range(60)}
    for moment in moments:
        (room.folder / f"{moment}.keys.age").write_text("of the first")

    refused = room.try_backup()

    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert {file.read_text() for file in room.folder.iterdir()} == {"of the first"}
    assert len([*room.folder.iterdir()]) == 60
