"""The reminder as a mail: a time, a city and a link to sign in. No group, theme, name or place."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from entraide.lib.crypto import keyed_hash


def reminder(row_id, to: dict, starts_at: datetime, zone: str, due_at: datetime) -> EmailMessage:
    """`to` is an opened address. A second copy after a crash has the same Message-ID and Date, so that mailboxes can
    merge the two."""
    with translation.override(to["language"]):
        message = EmailMessage()
        message["Subject"] = _("Appointment reminder")
        message["From"] = settings.DEFAULT_FROM_EMAIL
        message["To"] = to["address"]
        message["Date"] = format_datetime(due_at)
        message["Message-ID"] = _message_id(row_id)
        message["Auto-Submitted"] = "auto-generated"
        context = {"starts_at": starts_at, "zone": zone, "url": settings.SITE_URL + reverse("my_space")}
        message.set_content(render_to_string("meetings/email/reminder.txt", context))
    return message


def _message_id(row_id):
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<{keyed_hash(settings.SECRET_KEY.encode(), 'message', row_id).hex()[:32]}@{domain}>"
