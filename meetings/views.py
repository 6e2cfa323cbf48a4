"""Meetings of a group: seen by its members, arranged by those who facilitate."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.rhythm import rhythm_sentence
from groups.belonging import hold_clocks
from groups.confidentiality import enter_group, enter_group_to_act, find, require, within
from meetings import recurrence, scheduling
from meetings.coming import count_coming, own_reply, say
from meetings.forms import ScheduleForm
from meetings.models import Meeting

DOOR_OPENS = timedelta(minutes=15)  # before the meeting, until its end
ON_AGENDA = 20
FOLLOWING = 2


@require_safe
def agenda(request, gid):
    inside = enter_group(request.user, gid)
    upcoming = within(inside, Meeting).upcoming().select_related("series")[:ON_AGENDA]
    return render(request, "meetings/agenda.html", {"inside": inside, "here": "meetings", "meetings": upcoming})


@require_safe
def meeting(request, gid, mid):
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    following = within(inside, Meeting).standing().upcoming(found.ends_at).exclude(pk=found.pk)
    context = {
        "inside": inside,
        "here": "meetings",
        "meeting": found,
        "place": _place(inside, found) if inside.rights.see_place else None,
        "opens_at": found.starts_at - DOOR_OPENS,
        "enterable": _is_enterable(found),
        "reply": own_reply(inside, found),
        "coming": count_coming(found) if inside.rights.facilitate else None,
        "following": following[:FOLLOWING],
    }
    return render(request, "meetings/meeting.html", context)


@require_safe
def enter(request, gid, mid):
    """The address of the room is never in a page: this one sends people there, when the door is open."""
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    link = _place(inside, found)["link"]
    if not _is_enterable(found) or not link:
        return redirect("meetings:meeting", gid, mid)
    response = redirect(link.reveal())
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def reply(request, gid, mid):
    inside = enter_group_to_act(request.user, gid)
    found = find(inside, Meeting, mid)
    answers = {"yes": True, "no": False, "none": None}
    if request.POST.get("answer") not in answers or found.is_over or found.is_cancelled:
        messages.error(request, _("This meeting takes no reply any more."))
    else:
        say(inside, found, answers[request.POST["answer"]])
        messages.success(request, _("It is noted. You can change it at any time, or not answer at all."))
    return redirect("meetings:meeting", gid, mid)


def _enter_to_arrange(request, gid):
    """One at a time: meanwhile the group does not close, and nobody else volunteers to facilitate it."""
    enter_group_to_act(request.user, gid)
    hold_clocks([gid])
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    return inside


@require_POST
def cancel(request, gid, mid):
    inside = _enter_to_arrange(request, gid)
    found = find(inside, Meeting, mid)
    if found.is_over:
        messages.error(request, _("This meeting is over: nothing can be changed any more."))
    else:
        scheduling.cancel(inside, found)
        messages.success(request, _("The meeting is called off. Nobody will be reminded of it."))
    return redirect("meetings:meeting", gid, mid)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request, gid):
    """A POST comes back from the check: what was typed is shown again as it was."""
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    typed = request.POST.dict() if request.POST else {"rhythm": "weekly", "format": inside.group.format}
    return _schedule_page(request, inside, ScheduleForm(initial=typed, zone=inside.group.zone))


@require_POST
def check(request, gid):
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    form = ScheduleForm(request.POST, zone=inside.group.zone)
    if not form.is_valid():
        return _schedule_page(request, inside, form)
    plan, zone = form.cleaned_data, inside.group.zone
    dates = recurrence.next_dates(plan["rhythm"], plan["on"], plan["until"])
    context = {
        "inside": inside,
        "here": "meetings",
        "form": form,
        "zone": zone,
        "sentence": rhythm_sentence(plan["rhythm"], plan["on"]),
        "dates": [recurrence.instant(on, plan["starts"], zone) for on in dates],
        "ends_at": recurrence.instant(plan["on"], plan["ends"], zone),
    }
    return render(request, "meetings/check.html", context)


@require_POST
def confirm(request, gid):
    inside = _enter_to_arrange(request, gid)
    form = ScheduleForm(request.POST, zone=inside.group.zone)
    if not form.is_valid():
        return _schedule_page(request, inside, form)
    try:
        scheduling.schedule(inside, form.cleaned_data["key"], form.cleaned_data)
    except scheduling.AlreadyScheduled:
        form.start_anew(_("You have scheduled these meetings already. Going on adds new ones beside them."))
        return _schedule_page(request, inside, form)
    messages.success(
        request, _("The meetings are in the group's calendar. Members who asked for it will get a reminder.")
    )
    return redirect("meetings:agenda", gid)


def _schedule_page(request, inside, form):
    context = {"inside": inside, "here": "meetings", "form": form}
    return render(request, "meetings/schedule.html", context, status=422 if form.errors else 200)


def _place(inside, meeting):
    series = meeting.series
    try:
        opened = inside.keyring.open(series.sealed, "series", series.pk)
    except DoesNotOpen:
        opened = dict.fromkeys(("place", "access_note", "link", "theme"), "")
    return {name: Secret(words) if words else None for name, words in opened.items()}


def _is_enterable(meeting):
    return not meeting.is_cancelled and meeting.starts_at - DOOR_OPENS <= timezone.now() < meeting.ends_at
