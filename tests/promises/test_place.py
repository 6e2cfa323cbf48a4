"""Settings, logs and the key file of the process that looks."""

import logging
from pathlib import Path

import pytest
from django.core import checks
from django.utils.log import AdminEmailHandler

from entraide.celery import app
from entraide.promises import place


def test_debugging_pages_are_noticed(settings):
    assert list(place.nothing_of_a_trial()) == []

    settings.DEBUG = True

    assert list(place.nothing_of_a_trial()) == ["DEBUG is on: an error shows the code and its values"]


def test_a_demonstration_on_a_public_host_is_noticed(settings):
    settings.DEMO = True
    assert list(place.nothing_of_a_trial()) == []

    settings.ALLOWED_HOSTS = ["entraide.example"]

    assert "ENTRAIDE_DEMO is set on a public host" in " ".join(place.nothing_of_a_trial())


def test_what_django_finds_is_told(settings):
    assert list(place.django_finds_nothing()) == []

    settings.HTTPS = True

    assert {"security.W004", "security.W008"} <= set(place.django_finds_nothing())


def test_warnings_of_our_own_checks_are_told_too():
    def complains(app_configs, **_):
        return [checks.Warning("…", id="entraide.W999")]

    checks.register(complains)
    try:
        assert list(place.django_finds_nothing()) == ["entraide.W999"]
    finally:
        checks.registry.registry.registered_checks.discard(complains)


def test_what_would_park_secrets_is_noticed(settings, monkeypatch):
    assert list(place.nothing_is_parked()) == []

    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django.contrib.admin"]
    monkeypatch.setattr(app.conf, "result_backend", "redis://localhost")

    assert list(place.nothing_is_parked()) == [
        "SESSION_ENGINE is django.contrib.sessions.backends.cache",
        "Celery keeps results",
        "django.contrib.admin is installed",
    ]


def test_names_that_a_browser_could_choose_are_noticed(settings):
    assert list(place.names_are_given()) == []

    settings.ALLOWED_HOSTS = ["*", ".example.org"]
    settings.USE_X_FORWARDED_HOST = True

    assert list(place.names_are_given()) == [
        "ALLOWED_HOSTS does not name 127.0.0.1, the host of SITE_URL",
        "ALLOWED_HOSTS lets * in",
        "ALLOWED_HOSTS lets .example.org in",
        "USE_X_FORWARDED_HOST lets the browser choose the name",
    ]


@pytest.fixture
def planted():
    """planted(handler) puts a handler into a log of somebody else's, for the length of a test."""
    log, added = logging.getLogger("django.request"), []

    def plant(handler):
        added.append(handler)
        log.addHandler(handler)

    yield plant
    for handler in added:
        log.removeHandler(handler)


def test_logs_that_would_mail_or_write_whole_messages_are_noticed(settings, planted):
    usual = set(place.logs_are_dry())  # pytest listens at the root

    planted(AdminEmailHandler())
    planted(logging.StreamHandler())
    settings.ADMINS = ["staff@example.org"]

    assert set(place.logs_are_dry()) - usual == {
        "the log « django.request » sends mail",
        "the log « django.request » writes whole messages",
        "ADMINS or MANAGERS get mail with what people typed",
    }


def test_a_record_of_errors_that_is_missing_closed_or_open_to_others_is_noticed(settings, tmp_path):
    settings.ERRORS_FILE = ""
    assert list(place.errors_are_recorded()) == ["ERRORS_FILE is not set: errors stand in the log only"]
    settings.ERRORS_FILE = str(tmp_path / "none" / "errors.log")
    assert list(place.errors_are_recorded()) == ["this account cannot write ERRORS_FILE"]
    path = tmp_path / "errors.log"
    settings.ERRORS_FILE = str(path)
    assert list(place.errors_are_recorded()) == []

    path.touch(mode=0o600)
    assert list(place.errors_are_recorded()) == []
    path.chmod(0o644)

    assert list(place.errors_are_recorded()) == ["other accounts can read ERRORS_FILE"]


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    path = folder / "web.keys"
    path.touch(mode=0o600)
    monkeypatch.setenv("ENTRAIDE_KEYS_FILE", str(path))
    monkeypatch.delenv("ENTRAIDE_WORKER_KEY_FILE")
    return path


def test_a_key_file_of_one_account_is_well_kept(key_file):
    assert list(place.keys_are_closed()) == []


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o700])
def test_a_key_file_that_others_can_read_is_noticed(key_file, mode):
    key_file.chmod(mode)

    assert list(place.keys_are_closed()) == [f"ENTRAIDE_KEYS_FILE: the file has mode {mode:04o}, not 0600"]


def test_a_folder_of_keys_that_others_can_enter_is_noticed(key_file):
    key_file.parent.chmod(0o755)

    assert list(place.keys_are_closed()) == ["ENTRAIDE_KEYS_FILE: its folder has mode 0755, not 0700"]


def test_keys_of_another_account_are_noticed(key_file, monkeypatch):
    monkeypatch.setattr(place.os, "geteuid", lambda: key_file.stat().st_uid + 1)
    monkeypatch.setattr(place, "ROOT", key_file.stat().st_uid + 2)

    assert list(place.keys_are_closed()) == [
        "ENTRAIDE_KEYS_FILE: the file belongs to another account",
        "ENTRAIDE_KEYS_FILE: its folder belongs to another account",
    ]


def test_a_missing_key_file_is_noticed(key_file, monkeypatch):
    key_file.unlink()
    assert list(place.keys_are_closed()) == ["ENTRAIDE_KEYS_FILE names no file"]

    monkeypatch.delenv("ENTRAIDE_KEYS_FILE")

    assert list(place.keys_are_closed()) == ["ENTRAIDE_KEYS_FILE is not set"]


@pytest.mark.parametrize(("role", "other"), [("web", "ENTRAIDE_WORKER_KEY_FILE"), ("worker", "ENTRAIDE_KEYS_FILE")])
def test_the_other_process_s_key_is_noticed(key_file, monkeypatch, settings, role, other):
    settings.ROLE = role
    monkeypatch.setenv("ENTRAIDE_WORKER_KEY_FILE", str(key_file))

    assert list(place.keys_are_closed()) == [f"{other} is set here too"]


def test_a_link_to_a_key_file_counts_as_the_file(key_file, monkeypatch, tmp_path):
    open_folder = tmp_path / "open"
    open_folder.mkdir(mode=0o755)
    (open_folder / "link").symlink_to(key_file)
    monkeypatch.setenv("ENTRAIDE_KEYS_FILE", str(open_folder / "link"))

    assert list(place.keys_are_closed()) == []
    assert Path(open_folder / "link").is_symlink()
