"""Meetings in one's own calendar: a file of one of them, or a private address that a calendar asks by itself."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.confidentiality import enter_group, find, own_memberships
from meetings import calendar_address, calendar_file
from meetings.models import Meeting


@require_safe
def one(request, gid, mid):
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    if found.is_over:
        return redirect("meetings:meeting", gid, mid)
    return _answer(calendar_file.file_of(found, reader=inside.membership.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def address(request):
    """POST makes a new one."""
    if request.method == "POST":
        if calendar_address.renew(request.user):
            messages.success(request, _("Your address is ready. If there was one before, it has stopped."))
        return redirect("meetings:calendar")
    secret = calendar_address.secret_of(request.user)
    context = {"address": secret and _whole(secret), "is_member": own_memberships(request.user).exists()}
    return render(request, "meetings/calendar.html", context)


@require_POST
def give_up(request):
    calendar_address.give_up(request.user)
    messages.success(
        request, _("The address has stopped. What your calendar holds already goes as soon as you remove it.")
    )
    return redirect("meetings:calendar")


@login_not_required
@require_safe
def feed(request, secret):
    """Asked by a calendar, which has no session: the address is all that it knows."""
    return _answer(calendar_file.feed(calendar_address.entries_at(secret), reader=secret))


def _whole(secret):
    return settings.SITE_URL + reverse("meetings:feed", args=[secret])


def _answer(content):
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    name = _("appointment")  # not inside the f-string: there the catalogue would not find it
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
