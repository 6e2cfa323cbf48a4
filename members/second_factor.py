"""The second factor that staff must have shown in this session."""

from functools import wraps
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse


def has_second_factor(request) -> bool:
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def staff_only(view):
    """Staff with a second factor. Staff without one are led to set it up; for anybody else the page does not exist."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not request.user.is_staff:
            raise Http404
        if has_second_factor(request):
            return view(request, *args, **kwargs)
        step = "mfa_reauthenticate" if is_mfa_enabled(request.user) else "mfa_activate_totp"
        return redirect(f"{reverse(step)}?{urlencode({'next': request.path})}")

    return wrapped
