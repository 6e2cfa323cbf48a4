"""The mailbox of the demonstration, and the code that the welcome team's telephone would show. Never in production:
entraide/urls.py leaves these pages out unless ENTRAIDE_DEMO is set, and the settings refuse it on a public host."""

import email.policy
import time
from email.parser import BytesParser
from pathlib import Path

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

PERIOD = 30  # seconds that a code of an authenticator application is good for
SHOWN = 50


@login_not_required
@require_safe
def inbox(request):
    numbered = list(enumerate(_files(), start=1))
    mails = [_read(number, path) for number, path in reversed(numbered[-SHOWN:])]
    context = {"mails": mails, "staff_code": _staff_code(), "staff_code_seconds": PERIOD - int(time.time()) % PERIOD}
    return render(request, "demo/inbox.html", context)


@login_not_required
@require_safe
def mail(request, number):
    files = _files()
    if not 1 <= number <= len(files):
        raise Http404
    return render(request, "demo/mail.html", {"mail": _read(number, files[number - 1])})


def _files():
    return sorted(Path(settings.MAILBOX_DIR).glob("*.eml"))


def _read(number, path):
    message = BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
    return {
        "number": number,
        "to": message["To"],
        "from": message["From"],
        "subject": message["Subject"],
        "received": message["Date"].datetime,
        "text": message.get_body(("plain",)).get_content(),
    }


def _staff_code():
    kept = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__is_staff=True).first()
    if kept is None:
        return ""
    secret = get_adapter().decrypt(kept.data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD))
