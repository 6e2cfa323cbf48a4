"""The Celery application. Its messages carry no data; the work is found in the database (meetings/reminders.py)."""

import os
import sys

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")

app = Celery("entraide")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_wrong_keys(**_):
    from groups import vault  # the applications are loaded by now, and not when this file is read

    try:
        vault.refuse_wrong_worker_key()
    except ImproperlyConfigured as error:
        sys.exit(str(error))  # Celery would only note another exception and go on


@setup_logging.connect
def keep_the_sites_logging(**_):
    """Celery would otherwise install its own format, with task arguments and exception texts in it."""
