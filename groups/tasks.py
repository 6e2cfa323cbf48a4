"""Celery tasks: no arguments, no results. The same functions answer to `manage.py`."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from groups import journal, notices
from members import outbox


@shared_task
def keep_journal():
    if settings.BACKUP_DIR:
        journal.keep(Path(settings.BACKUP_DIR))


@shared_task(name=outbox.TASK)
def send_mail_out():
    notices.send_due()
