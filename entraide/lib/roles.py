"""The database logins of entraide, made once by a superuser of PostgreSQL; migrations grant them their rights.

owner   makes and owns the tables; used by migrations only; the row policies hold for it too (FORCE)
web     every request; sees what the policies let the asking person see
worker  reminders; no right at all on stories, names and keys
backup_data, backup_keys  read-only, past the policies, on separate tables: a text and its key are never in one dump
policy  nobody signs in as it; owns the few functions that answer for the policies
"""

import os
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql

OWNER, WEB, WORKER = "entraide_owner", "entraide_web", "entraide_worker"
BACKUPS = ("entraide_backup_data", "entraide_backup_keys")
POLICY = "entraide_policy"
LOGINS = {"DATABASE_OWNER_URL": OWNER, "DATABASE_URL": WEB, "DATABASE_WORKER_URL": WORKER}
BACKUP_LOGINS = dict(zip(("DATABASE_BACKUP_DATA_URL", "DATABASE_BACKUP_KEYS_URL"), BACKUPS, strict=True))


def bootstrap(admin_url: str, urls: dict[str, str]) -> None:
    """Make or refresh roles and database. Idempotent. Without their addresses the backup roles get no password."""
    database = urlsplit(urls["DATABASE_URL"]).path.lstrip("/")
    with _autocommit(admin_url) as cursor:
        _make_roles(cursor, urls)
        cursor.execute("select 1 from pg_database where datname = %s", [database])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("create database {} owner {}").format(_name(database), _name(OWNER)))
        cursor.execute(sql.SQL("revoke all on database {} from public").format(_name(database)))
        for role in (WEB, WORKER, *BACKUPS):
            cursor.execute(sql.SQL("grant connect on database {} to {}").format(_name(database), _name(role)))
    with _autocommit(urlsplit(admin_url)._replace(path=f"/{database}").geturl()) as cursor:
        # before version 16 the right to make tables there reaches the owner by inheritance only
        cursor.execute(sql.SQL("alter schema public owner to {}").format(_name(OWNER)))


def _make_roles(cursor, urls):
    # noinherit: the owner may hand functions over to the policy role without getting that role's view of the rows
    _role(cursor, POLICY, "nologin")
    _role(cursor, OWNER, "login noinherit", _password(urls, "DATABASE_OWNER_URL"))
    _role(cursor, WEB, "login", _password(urls, "DATABASE_URL"))
    _role(cursor, WORKER, "login", _password(urls, "DATABASE_WORKER_URL"))
    for variable, backup in BACKUP_LOGINS.items():
        _role(cursor, backup, "login bypassrls", _password(urls, variable) if variable in urls else None)
    cursor.execute(sql.SQL("grant {} to {}").format(_name(POLICY), _name(OWNER)))


def _role(cursor, name, attributes, password=None):
    cursor.execute("select 1 from pg_roles where rolname = %s", [name])
    verb = "alter" if cursor.fetchone() else "create"
    cursor.execute(sql.SQL("{} role {} {}").format(sql.SQL(verb), _name(name), sql.SQL(attributes)))
    if password:
        cursor.execute(sql.SQL("alter role {} password %s").format(_name(name)), [password])


def _password(urls, variable):
    url, login = urlsplit(urls[variable]), (LOGINS | BACKUP_LOGINS)[variable]
    if url.username != login:
        raise ValueError(f"{variable} must sign in as {login}, not as {url.username}")
    return unquote(url.password or "")


def _name(name):
    return sql.Identifier(name)


@contextmanager
def _autocommit(url):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


if __name__ == "__main__":
    given = {variable: os.environ[variable] for variable in LOGINS}
    given |= {variable: os.environ[variable] for variable in BACKUP_LOGINS if os.environ.get(variable)}
    bootstrap(os.environ["DATABASE_ADMIN_URL"], given)
