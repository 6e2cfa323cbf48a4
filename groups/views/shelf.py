"""« Ce qui m'aide »: the shelf of a group, read by its members; each step is its author's."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import shelf as steps
from groups.confidentiality import enter_group, enter_group_to_act, require
from groups.forms import HelpChange, HelpForm
from groups.paging import before
from groups.telling import AlreadyShared, ChangedMeanwhile
from members.limits import in_measure

PAGE = 20


@require_safe
def shelf(request, gid):
    inside, place = enter_group(request.user, gid), before(request)
    found = steps.helps(inside, before=place, most=PAGE + 1)
    if place is not None and not found:  # what stood there was taken away
        return redirect("groups:shelf", gid)
    older = f"{reverse('groups:shelf', args=[gid])}?before={found[PAGE - 1][0]}" if len(found) > PAGE else ""
    context = {"inside": inside, "here": "shelf", "helps": [one for _place, one in found[:PAGE]], "older": older}
    return render(request, "groups/shelf.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def shelf_add(request, gid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.write)
    form = HelpForm(request.POST if request.method == "POST" else None)
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _form_page(request, inside, form)
    try:
        steps.put(inside, form.cleaned_data["key"], form.cleaned_data["text"])
    except AlreadyShared:
        form.start_anew(_("You have put this on the shelf already. Sending these words puts a second one there."))
        return _form_page(request, inside, form)
    messages.success(request, _("It is on the shelf of the group."))
    return redirect("groups:shelf", gid)


@require_http_methods(["GET", "HEAD", "POST"])
def shelf_change(request, gid, kid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.write)
    mine = steps.find_own(inside, kid)
    words = {"text": mine.text.reveal() if mine.text else "", "version": mine.version}
    form = HelpChange(request.POST if request.method == "POST" else None, initial=words)
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _form_page(request, inside, form, mine)
    try:
        steps.change(inside, kid, form.cleaned_data["text"], version=form.cleaned_data["version"])
    except ChangedMeanwhile:
        form.ask_again(mine.version, _("You have changed this in another window. Your words here are not kept yet."))
        return _form_page(request, inside, form, mine)
    messages.success(request, _("It is changed. The former words are erased for good."))
    return redirect("groups:shelf", gid)


@require_POST
def shelf_take_away(request, gid, kid):
    inside = enter_group_to_act(request.user, gid)
    steps.take_away(inside, kid)
    messages.success(request, _("It is taken away. Its key is destroyed: nobody can read it any more."))
    return redirect("groups:shelf", gid)


def _form_page(request, inside, form, mine=None):
    context = {"inside": inside, "here": "shelf", "form": form, "mine": mine}
    return render(request, "groups/shelf_form.html", context, status=422 if form.errors else 200)
