"""Joining in three short pages, and leaving in one. What is typed on the way waits in the (sealed) session."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from entraide.lib.site_data import clear_site_data
from groups import asking, belonging, charter
from groups.confidentiality import (
    count_members,
    enter_group,
    enter_group_to_act,
    enter_group_to_leave,
    group_to_enter,
    is_member,
    terms_in_office,
)
from groups.forms import JoinCharter, JoinName, Leave, RemindersForm, name_taken
from groups.requests import own_request
from groups.steps import forget_steps, remember_step, steps_so_far, suggestions
from groups.views.asking import closed_meanwhile
from members import limits


@require_http_methods(["GET", "HEAD", "POST"])
def join(request, gid):
    group = group_to_enter(gid)
    if is_member(request.user, group):
        return redirect("group_home", gid)
    if own_request(request.user, gid):
        return redirect("groups:request", gid)
    form = JoinName(
        request.POST if request.method == "POST" else None,
        initial=steps_so_far(request, gid),
        suggestions=suggestions(request, gid),
        is_free=lambda name: _is_free(request, group, name),
    )
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        remember_step(request, gid, name=form.cleaned_data["name"])
        return redirect("groups:join_charter", gid)
    return _page(request, "groups/join.html", form, group=group, preview_name=_preview(form))


def _is_free(request, group, name):
    """A name that is taken is somebody's: nobody may try them all."""
    if not limits.may(request, "join_name"):
        raise ValidationError(limits.MANY_TIMES)
    return belonging.is_name_free(group, name)


@require_http_methods(["GET", "HEAD", "POST"])
def join_charter(request, gid):
    group = group_to_enter(gid)
    if "name" not in steps_so_far(request, gid):
        return redirect("groups:join", gid)
    form = JoinCharter(request.POST if request.method == "POST" else None, version=charter.version_of(group))
    if request.method == "POST" and form.is_valid():
        remember_step(request, gid, charter=form.current.isoformat())
        return redirect("groups:join_reminders", gid)
    return _page(request, "groups/join_charter.html", form, group=group, charter_date=charter.version_of(group))


@require_http_methods(["GET", "HEAD", "POST"])
def join_reminders(request, gid):
    group = group_to_enter(gid)
    steps = steps_so_far(request, gid)
    if steps.get("charter") != charter.version_of(group).isoformat():
        return redirect("groups:join_charter", gid)
    form = RemindersForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            waits = "wait" in request.POST and not group.is_entered_at_once  # nobody keeps a free place from outside
            return (_ask if waits else _enter)(request, group, steps["name"], form)
        except belonging.MustWait:
            form.add_error(None, _must_wait(group))
    context = {"group": group, "name": steps["name"], "subject_preview": _("Appointment reminder")}
    return _page(request, "groups/join_reminders.html", form, **context)


def _led_to_another_page(come_in):
    """What may have happened since the first page, and where it leads: the same for entering and for asking."""

    @wraps(come_in)
    def try_it(request, group, name, form):
        try:
            response = come_in(request, group, name=name, reminders=form.cleaned_data["reminders"])
        except belonging.NameTaken:
            messages.error(request, name_taken())
            return redirect("groups:join", group.pk)
        except belonging.AlreadyInside:
            return redirect("group_home", group.pk)
        except belonging.AlreadyAsked:
            return redirect("groups:request", group.pk)
        except belonging.GroupClosed:
            return closed_meanwhile(request)
        forget_steps(request, group.pk)
        return response

    return try_it


@_led_to_another_page
def _enter(request, group, **chosen):
    belonging.join(request.user, group, **chosen)
    messages.success(request, _("Welcome. There is no hurry."))
    return redirect("group_home", group.pk)


@_led_to_another_page
def _ask(request, group, **chosen):
    asking.ask(request.user, group, **chosen)
    return redirect("groups:request", group.pk)


def _must_wait(group):
    if group.welcomes:
        return _("In this group, a member welcomes whoever asks. Everything you chose is kept: you can ask now.")
    return _("The group is full: the last place has just been taken. What you chose is kept, and you can wait in line.")


@require_http_methods(["GET", "HEAD", "POST"])
def accept_charter(request, gid):
    """Where a member comes back to when the charter has changed (entraide/middleware.py leads here)."""
    inside = (enter_group_to_act if request.method == "POST" else enter_group)(request.user, gid)
    form = JoinCharter(request.POST if request.method == "POST" else None, version=charter.version_of(inside.group))
    if form.is_valid():
        belonging.accept_charter(inside)
        return redirect(_safe(request.GET.get("next")) or reverse("group_home", args=[gid]))
    context = {"inside": inside, "charter_date": charter.version_of(inside.group)}
    return _page(request, "groups/accept_charter.html", form, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, gid):
    if request.method == "POST":
        return _leave_now(request, gid)
    return _leave_page(request, enter_group(request.user, gid), Leave())


def _leave_now(request, gid):
    """Tapped twice, it has happened once: whoever is not in the group, or never was, reads that they are out of it."""
    try:
        inside = enter_group_to_leave(request.user, gid)
    except Http404:
        return redirect("groups:left")
    form = Leave(request.POST)
    if form.is_valid():
        belonging.leave(inside, keep_stories=form.cleaned_data["stories"] == "keep")
        forget_steps(request, gid)
        return clear_site_data(redirect("groups:left"), "storage")  # no cookies: the person stays signed in
    return _leave_page(request, inside, form)


def _leave_page(request, inside, form):
    others_facilitate = terms_in_office(inside).exclude(membership=inside.membership).exists()
    context = {
        "inside": inside,
        "is_last": count_members(inside) == 1,
        "is_last_to_facilitate": inside.rights.facilitate and not others_facilitate,
    }
    return _page(request, "groups/leave.html", form, **context)


@login_not_required
@require_safe
def left(request):
    return render(request, "groups/left.html")


def _safe(path):
    return path if path and path[0] == "/" and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else None


def _preview(form):
    if form.is_bound:
        return form.cleaned_data.get("name") or ""
    return form.initial.get("name", "")


def _page(request, template, form, **context):
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
