"""The Celery application. Its messages carry no data; the work is found in the database (meetings/reminders.py)."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")

app = Celery("entraide")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_sites_logging(**_):
    """Celery would otherwise install its own format, with task arguments and exception texts in it."""
