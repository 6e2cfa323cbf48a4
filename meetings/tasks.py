"""Celery tasks: no arguments, no results. The same functions answer to `manage.py`."""

from celery import shared_task

from groups import notices
from meetings import reminders, upkeep

REMINDING = 25  # seconds, of a period of 30: whoever else needs the worker has their turn


@shared_task
def send_due_reminders():
    reminders.send_due(seconds=REMINDING, between=notices.send_due)  # somebody may wait for a code


@shared_task
def look_ahead():
    upkeep.run()
