"""A start with a missing or wrong key refuses, and says what to do."""

import json
import subprocess
import sys

import pytest

from groups import key_files, vault
from tests import services

GUNICORN = ["gunicorn", "entraide.wsgi", "-b", "127.0.0.1:0", "--no-control-socket"]
WORKER = ["celery", "-A", "entraide", "worker", "-c", "1", "--without-gossip", "--without-mingle"]


def start(command, environment):
    """Ends by itself when the process refuses; one that serves is a failure after 30 s."""
    command = [sys.executable, "-m", *command]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


@pytest.fixture
def foreign_keys(tmp_path):
    """Good keys, of another installation."""
    key_files.make_key_files(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def cut_short(tmp_path):
    keys = json.loads(key_files.make_key_files(tmp_path / "whole")[0].read_text())
    keys["edge"] = keys["edge"][:20]
    path = tmp_path / "web.keys"
    path.write_text(json.dumps(keys))
    return path


def test_the_web_refuses_keys_of_another_installation(committed, foreign_keys):
    vault.refuse_wrong_keys()

    refused = start(GUNICORN, services.web_environment() | {"ENTRAIDE_KEYS_FILE": str(foreign_keys / "web.keys")})

    assert refused.returncode != 0
    assert "are not the ones of this database" in refused.stderr
    assert "Bring back the key file" in refused.stderr


def test_the_web_refuses_a_missing_key_file(committed, tmp_path):
    refused = start(GUNICORN, services.web_environment() | {"ENTRAIDE_KEYS_FILE": str(tmp_path / "none")})

    assert refused.returncode != 0
    assert "ENTRAIDE_KEYS_FILE cannot be read" in refused.stderr


def test_the_web_refuses_a_key_file_that_is_cut_short(committed, cut_short):
    refused = start(GUNICORN, services.web_environment() | {"ENTRAIDE_KEYS_FILE": str(cut_short)})

    assert refused.returncode != 0
    assert "cannot be read" in refused.stderr or "cut short" in refused.stderr


def test_the_worker_refuses_a_foreign_key(committed, foreign_keys):
    vault.refuse_wrong_keys()

    refused = start(
        WORKER, services.worker_environment() | {"ENTRAIDE_WORKER_KEY_FILE": str(foreign_keys / "worker.key")}
    )

    assert refused.returncode != 0
    assert "is not the one that addresses are sealed for" in refused.stderr
