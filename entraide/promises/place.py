"""This process as it is set up: Django's settings, its logs, its key file."""

import logging
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.utils.log import AdminEmailHandler

from entraide.celery import app
from entraide.lib.logs import JsonFormatter
from entraide.promises import promise

KEY_VARIABLES = {"web": "ENTRAIDE_KEYS_FILE", "worker": "ENTRAIDE_WORKER_KEY_FILE"}
OUR_PACKAGES = ("entraide.", "members.")
ROOT = 0
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


@promise("Nothing of a trial is left on: no debugging pages, no demonstration on a public host.")
def nothing_of_a_trial():
    if settings.DEBUG:
        yield "DEBUG is on: an error shows the code and its values"
    hosts = {*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname}
    if settings.DEMO and not settings.LOCAL_HOSTS.issuperset(hosts):
        yield "ENTRAIDE_DEMO is set on a public host: it shows every mail to everybody"


@promise("Django's own checks for a public place find nothing.")
def django_finds_nothing():
    found = checks.run_checks(include_deployment_checks=settings.HTTPS)
    yield from (message.id or "a check without a name" for message in found if not message.is_silenced())


@promise("Sessions are kept under a hash and sealed; Celery keeps no result; there is no Django admin.")
def nothing_is_parked():
    if not settings.SESSION_ENGINE.startswith(OUR_PACKAGES):
        yield f"SESSION_ENGINE is {settings.SESSION_ENGINE}"
    if app.conf.result_backend or not app.conf.task_ignore_result:
        yield "Celery keeps results"
    if apps.is_installed("django.contrib.admin"):
        yield "django.contrib.admin is installed"


@promise("Links in mails come from SITE_URL, and the site answers to the names given to it only.")
def names_are_given():
    host = urlsplit(settings.SITE_URL).hostname
    if host not in settings.ALLOWED_HOSTS:
        yield f"ALLOWED_HOSTS does not name {host}, the host of SITE_URL"
    yield from (f"ALLOWED_HOSTS lets {name} in" for name in settings.ALLOWED_HOSTS if name.startswith(("*", ".")))
    if settings.USE_X_FORWARDED_HOST:
        yield "USE_X_FORWARDED_HOST lets the browser choose the name"


@promise("Behind a proxy, visitors are told apart: a limit slows one of them and not all.")
def visitors_are_told_apart():
    if settings.HTTPS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield "TRUSTED_PROXIES is 0 on a site behind a proxy: all its visitors count as one"


@promise("Errors are reported by no mail and to nobody else, and logs hold chosen fields only.")
def logs_are_dry():
    if settings.ADMINS or settings.MANAGERS:
        yield "ADMINS or MANAGERS get mail with what people typed"
    for name in ("", *logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, AdminEmailHandler):
                yield f"the log « {name or 'root'} » sends mail"
            elif not isinstance(handler, logging.NullHandler) and not isinstance(handler.formatter, JsonFormatter):
                yield f"the log « {name or 'root'} » writes whole messages"


@promise("The record of errors can be written, and is read by this account only.")
def errors_are_recorded():
    if not settings.ERRORS_FILE:
        yield "ERRORS_FILE is not set: errors stand in the log only"
        return
    path = Path(settings.ERRORS_FILE)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        yield "this account cannot write ERRORS_FILE"
    if path.exists() and path.stat().st_mode & OTHERS_MAY:
        yield "other accounts can read ERRORS_FILE"


@promise("This process has its own key file, which no other account reads, and no other key.")
def keys_are_closed():
    own = KEY_VARIABLES[settings.ROLE]
    yield from (f"{name} is set here too" for name in KEY_VARIABLES.values() if name != own and os.environ.get(name))
    if not os.environ.get(own):
        yield f"{own} is not set"
        return
    path = Path(os.environ[own]).resolve()
    if not path.is_file():
        yield f"{own} names no file"
        return
    yield from (f"{own}: {what}" for what in _open_to_others(path))


def _open_to_others(path):
    file, folder = path.stat(), path.parent.stat()
    if file.st_mode & (OTHERS_MAY | stat.S_IXUSR):
        yield f"the file has mode {stat.S_IMODE(file.st_mode):04o}, not 0600"
    if file.st_uid not in (os.geteuid(), ROOT):
        yield "the file belongs to another account"
    if folder.st_mode & OTHERS_MAY:
        yield f"its folder has mode {stat.S_IMODE(folder.st_mode):04o}, not 0700"
    if folder.st_uid not in (os.geteuid(), ROOT):
        yield "its folder belongs to another account"


RULES = [
    nothing_of_a_trial,
    django_finds_nothing,
    nothing_is_parked,
    names_are_given,
    visitors_are_told_apart,
    logs_are_dry,
    errors_are_recorded,
    keys_are_closed,
]
