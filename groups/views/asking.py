"""Waiting before the door of a group, and welcoming whoever waits."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups import asking, belonging
from groups.confidentiality import (
    enter_group,
    enter_group_to_act,
    group_to_enter,
)
from groups.forms import WelcomeForm
from groups.requests import asker, own_request, requests_to_welcome


@require_http_methods(["GET", "HEAD", "POST"])
def request(request, gid):
    """Whoever has no request there any more is led to the door, which leads members inside."""
    own = own_request(request.user, gid)
    if own is None:
        return redirect("groups:join", group_to_enter(gid).pk)
    if request.method == "POST":
        return _ACTS.get(request.POST.get("act"), _look_again)(request, own)
    return render(request, "groups/request.html", {"own": own, "group": own.group, "person": asker(own)})


def _enter(request, own):
    try:
        asking.enter(request.user, own)
    except belonging.AlreadyInside:
        return redirect("group_home", own.group_id)
    except belonging.MustWait:
        messages.error(request, _("The place is no longer held for you. You wait in line again."))
        return redirect("groups:request", own.group_id)
    except belonging.GroupClosed:
        return closed_meanwhile(request)
    messages.success(request, _("Welcome. There is no hurry."))
    return redirect("group_home", own.group_id)


def _take_back(request, own):
    belonging.take_back(own.group_id)
    messages.success(request, _("It is done. Nothing is left of your request."))
    return redirect("my_space")


def _keep(request, own):
    asking.keep(request.user, own.group_id)
    messages.success(request, _("Your request waits for thirty days more."))
    return redirect("groups:request", own.group_id)


def _look_again(request, own):
    return redirect("groups:request", own.group_id)


def _tell(request, own):
    wanted = "by_mail" in request.POST
    request.user.hold()
    asking.tell_by_mail(request.user, wanted=wanted, group_id=own.group_id)
    messages.success(request, _("A mail tells you when there is news.") if wanted else _("No mail tells you about it."))
    return redirect("groups:request", own.group_id)


_ACTS = {"enter": _enter, "keep": _keep, "back": _take_back, "tell": _tell}


def closed_meanwhile(request):
    messages.error(request, _("This group has just closed. Nothing of what you typed is kept."))
    return redirect("groups:directory")


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request, gid):
    """Any member, alone. There is no button to refuse: nobody judges."""
    if request.method == "POST":
        return _welcome(request, gid)
    return _welcome_page(request, enter_group(request.user, gid), WelcomeForm())


def _welcome(request, gid):
    inside = enter_group_to_act(request.user, gid)
    form = WelcomeForm(request.POST)
    if not form.is_valid():
        return _welcome_page(request, inside, form)
    if asking.welcome(inside, form.cleaned_data["request"]):
        messages.success(request, _("It is done. They find it the next time they come by."))
    else:
        messages.success(request, _("Somebody else was faster, or the request was taken back. Nothing is left to do."))
    return redirect("groups:welcome", gid)


def _welcome_page(request, inside, form):
    waiting = [(asker(one), one.asked_on) for one in requests_to_welcome(inside)]
    context = {"inside": inside, "here": "home", "form": form, "waiting": waiting}
    return render(request, "groups/welcome.html", context, status=422 if form.errors else 200)
