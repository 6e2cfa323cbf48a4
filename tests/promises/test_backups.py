"""The age and the rights of dumps."""

from datetime import UTC, datetime, timedelta

import pytest

from entraide.promises import CannotLook, backups, judged
from entraide.promises.backups import BEGUN, RULES, archives_are_closed, archives_are_fresh, old_keys_are_gone


@pytest.fixture
def dump(settings, tmp_path):
    """dump(kind, ago) makes a dump of so long ago."""
    settings.BACKUP_DIR = str(tmp_path)

    def make(kind, ago, *, mode=0o600):
        path = tmp_path / f"{datetime.now(UTC) - ago:{BEGUN}}{kind}"
        path.touch()
        path.chmod(mode)
        return path

    return make


@pytest.fixture
def both(dump):
    return [dump(kind, timedelta(hours=25)) for kind in (backups.CONTENT, backups.KEYS)]


def test_dumps_of_the_last_day_keep_every_promise(both, dump):
    dump(backups.CONTENT, timedelta(days=400))
    dump(backups.KEYS, timedelta(days=29))

    assert [verdict.findings for verdict in judged(RULES)] == [[], [], []]


@pytest.mark.parametrize("kind", [backups.CONTENT, backups.KEYS])
def test_a_dump_that_was_not_made_is_noticed(dump, kind):
    [other] = {backups.CONTENT, backups.KEYS} - {kind}
    dump(other, timedelta(hours=1))
    with pytest.raises(CannotLook, match=kind):
        list(archives_are_fresh())

    dump(kind, timedelta(hours=27))

    [finding] = archives_are_fresh()
    assert finding.startswith(f"the newest *{kind} is of 20")


def test_keys_that_were_kept_too_long_are_noticed(both, dump):
    old = dump(backups.KEYS, timedelta(days=30, minutes=1))

    assert list(old_keys_are_gone()) == [f"{old.name} should have been deleted"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o700])
def test_a_dump_that_others_can_read_is_noticed(both, dump, mode):
    open_to_others = dump(backups.CONTENT, timedelta(days=3), mode=mode)

    assert list(archives_are_closed()) == [f"{open_to_others.name} has mode {mode:04o}, not 0600"]


def test_nothing_to_look_at_is_no_success(settings, tmp_path):
    for folder, cause in [("", "is not set"), (tmp_path / "none", "FileNotFoundError"), (tmp_path, "there is no *")]:
        settings.BACKUP_DIR = str(folder)

        for verdict in judged(RULES):
            assert not verdict.is_kept
            assert cause in verdict.findings[0]


def test_a_file_that_does_not_say_when_it_was_made_is_noticed(both, tmp_path):
    (tmp_path / f"latest{backups.CONTENT}").touch(mode=0o600)

    assert [verdict.is_kept for verdict in judged(RULES)] == [False, True, False]
