"""The reminder as a mail: a time, a city and a link to sign in. No group, theme, name or place."""

from datetime import datetime
from email.message import EmailMessage

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from entraide.lib import mail


def reminder(row_id, to: dict, starts_at: datetime, zone: str, due_at: datetime) -> EmailMessage:
    """`to` is an opened address."""
    with translation.override(to["language"]):
        context = {"starts_at": starts_at, "zone": zone, "url": settings.SITE_URL + reverse("my_space")}
        text = render_to_string("meetings/email/reminder.txt", context)
        return mail.discreet(row_id, to, _("Appointment reminder"), text, due_at)
