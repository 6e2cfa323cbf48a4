"""The speaking round, live for all who are there. A page that is open asks again every five seconds; without a script
there is a link to do so."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from groups.confidentiality import enter_group, enter_group_to_act, find, require
from meetings import rounds
from meetings.models import Meeting
from meetings.round_forms import OpenForm, PlacesForm

CHANGED = gettext_lazy("That has changed meanwhile. Here is the round as it is now.")
NOT_OPEN = "none"  # the mark of a page that waits for a round


@require_safe
def speaking_round(request, gid, mid):
    inside = enter_group(request.user, gid)
    return _page(request, inside, find(inside, Meeting, mid), OpenForm(initial={"minutes": ""}))


@require_POST
def open_round(request, gid, mid):
    inside = enter_group_to_act(request.user, gid)
    found = find(inside, Meeting, mid)
    require(rounds.leads(found))
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _page(request, inside, found, form)
    if found.is_open:
        rounds.open_round(inside, found, form.cleaned_data["minutes"])
    else:
        messages.error(request, _("A round opens from 15 minutes before the meeting until its end."))
    return _back(found)


@require_POST
def sit_down(request, gid, mid):
    inside, found, kept = _held(request, gid, mid)
    form = PlacesForm(request.POST)
    if kept and not form.is_valid():
        return _page(request, inside, found, form)
    if kept and not rounds.sit_down(kept, form.cleaned_data["places"]):
        messages.error(request, _("There is no room for so many in this round."))
    return _back(found)


@require_POST
def end_turn(request, gid, mid):
    """« J’ai terminé » and « Je passe » are the same act: no row says which it was."""
    inside, found, kept = _held(request, gid, mid)
    now = kept and rounds.Table(inside, kept).now
    if not (now and str(now.turn.pk) == request.POST.get("turn") and rounds.end_turn(now.turn)):
        messages.info(request, _("The turn has gone on already."))
    return _back(found)


@require_POST
def go_round(request, gid, mid):
    _inside, found, kept = _held(request, gid, mid)
    laps = request.POST.get("laps", "")
    if not (kept and laps in map(str, range(100)) and rounds.go_round(kept, int(laps))):
        messages.info(request, CHANGED)
    return _back(found)


@require_POST
def last_words(request, gid, mid):
    _inside, found, kept = _held(request, gid, mid)
    require(rounds.leads(found))
    if kept and not rounds.say_last_words(kept):
        messages.info(request, CHANGED)
    return _back(found)


@require_POST
def stand_up(request, gid, mid):
    _inside, found, kept = _held(request, gid, mid)
    if kept:
        rounds.stand_up(kept)
        messages.success(request, _("You have left the round. You can come back as long as it lasts."))
    return _back(found)


@require_POST
def close_round(request, gid, mid):
    inside, found, kept = _held(request, gid, mid)
    require(rounds.leads(found))
    if kept:
        rounds.close_round(inside, kept)
    messages.success(request, _("The round is closed. Nothing is kept of who was there or who spoke."))
    return redirect("meetings:meeting", gid, mid)


def _held(request, gid, mid):
    inside = enter_group_to_act(request.user, gid)
    found = find(inside, Meeting, mid)
    kept = rounds.round_of(inside, found)
    if kept is None and request.resolver_match.url_name != "close_round":
        messages.info(request, _("This round is closed, or not open yet."))
    return inside, found, kept


def _back(meeting):
    return redirect("meetings:speaking_round", meeting.group_id, meeting.pk)


def _page(request, inside, meeting, form):
    kept = rounds.round_of(inside, meeting)
    table = kept and rounds.Table(inside, kept)
    mark = table.mark if table else NOT_OPEN
    if request.GET.get("seen") == mark:
        return HttpResponse(status=204)  # the page that asks shows it already
    context = {
        "inside": inside,
        "here": "meetings",
        "meeting": meeting,
        "table": table,
        "mark": mark,
        "leads": rounds.leads(meeting),
        "can_open": meeting.is_open,
        "form": form,
        "places_form": form if isinstance(form, PlacesForm) else PlacesForm(),
    }
    template = "meetings/_round.html" if "seen" in request.GET else "meetings/speaking_round.html"
    return render(request, template, context, status=422 if form.errors else 200)
