"""Which process gets which variables. Nobody gets a key or a password that belongs to another."""

import os

SYSTEM = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "VIRTUAL_ENV")
SITE = ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "REDIS_URL", "ENTRAIDE_DEMO", "ERRORS_FILE")
WEB = (*SITE, "DATABASE_URL", "ENTRAIDE_KEYS_FILE", "MAILBOX_DIR", "BACKUP_DIR")
WORKER = (*SITE, "EMAIL_URL", "DATABASE_WORKER_URL", "ENTRAIDE_WORKER_KEY_FILE", "BACKUP_DIR")
BEAT = (*SITE, "DATABASE_WORKER_URL")  # it only rings the bell; the settings want an address of the database
OWNER = (*SITE, "DATABASE_OWNER_URL")
ADMIN = (*OWNER, "DATABASE_ADMIN_URL", "ENTRAIDE_KEYS_FILE")
BACKUP = (*SITE, "DATABASE_BACKUP_DATA_URL", "DATABASE_BACKUP_KEYS_URL", "BACKUP_DIR", "BACKUP_RECIPIENT")


def system_variables() -> dict[str, str]:
    return {name: os.environ[name] for name in SYSTEM if name in os.environ}


def for_web(values: dict[str, str]) -> dict[str, str]:
    return _only(WEB, values) | {"ENTRAIDE_ROLE": "web"}


def for_worker(values: dict[str, str]) -> dict[str, str]:
    return _only(WORKER, values) | {"ENTRAIDE_ROLE": "worker"}


def for_beat(values: dict[str, str]) -> dict[str, str]:
    return _only(BEAT, values) | {"ENTRAIDE_ROLE": "worker"}


def for_owner(values: dict[str, str]) -> dict[str, str]:
    return _only(OWNER, values) | {"ENTRAIDE_ROLE": "owner"}


def for_admin(values: dict[str, str]) -> dict[str, str]:
    return _only(ADMIN, values) | {"ENTRAIDE_ROLE": "admin"}


def for_backup(values: dict[str, str]) -> dict[str, str]:
    return _only(BACKUP, values) | {"ENTRAIDE_ROLE": "backup"}


def _only(names, values):
    return system_variables() | {name: values[name] for name in names if name in values}
