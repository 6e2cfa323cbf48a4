"""Celery tasks: no arguments, no results. The same functions answer to `manage.py`."""

from celery import shared_task

from meetings import reminders, upkeep


@shared_task
def send_due_reminders():
    reminders.send_due()


@shared_task
def look_ahead():
    upkeep.run()
