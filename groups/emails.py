"""The notice as a mail: that a message waits, and a link to sign in. No group, theme or word of the message."""

from email.message import EmailMessage

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from entraide.lib import mail


def notice(message_id, to: dict) -> EmailMessage:
    """`to` is an opened address."""
    with translation.override(to["language"]):
        text = render_to_string("groups/email/notice.txt", {"url": settings.SITE_URL + reverse("my_space")})
        return mail.discreet(message_id, to, notice_subject(), text, timezone.now())


def notice_subject() -> str:
    return _("You have a message about your request")
