"""Meetings of a group, as its members see them."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups.confidentiality import enter_group, enter_group_to_act, find, within
from meetings import hosting, rounds
from meetings.coming import full_ones, replies_to, say
from meetings.models import Meeting
from meetings.where import lacks_room, where

ON_AGENDA = 20
FOLLOWING = 2


@require_safe
def agenda(request, gid):
    inside = enter_group(request.user, gid)
    upcoming = within(inside, Meeting).upcoming().select_related("series")[:ON_AGENDA]
    context = {"inside": inside, "here": "meetings", "meetings": upcoming, "full": full_ones(upcoming)}
    return render(request, "meetings/agenda.html", context)


@require_safe
def meeting(request, gid, mid):
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    people = hosting.hosts_of(inside, [found])[found]
    is_host = inside.person in people
    following = within(inside, Meeting).standing().upcoming(found.ends_at).exclude(pk=found.pk)
    context = {
        "inside": inside,
        "here": "meetings",
        "meeting": found,
        "place": where(inside, found) if inside.rights.see_place else None,
        "lacks_room": lacks_room(inside, found),
        "replies": replies_to(inside, found),
        "hosts": people,
        "is_host": is_host,
        "may_offer": not is_host and hosting.may_offer(found),
        "has_round": found.is_open or rounds.round_of(inside, found) is not None,
        "may_arrange": inside.rights.schedule or is_host,
        "following": following[:FOLLOWING],
    }
    return render(request, "meetings/meeting.html", context)


@require_safe
def enter(request, gid, mid):
    """The address of the room is never in a page: this one sends people there, when the door is open."""
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    link = where(inside, found)["link"]
    if not found.is_open or not link:
        return redirect("meetings:meeting", gid, mid)
    response = redirect(link.reveal())
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def reply(request, gid, mid):
    inside = enter_group_to_act(request.user, gid)
    found = find(inside, Meeting, mid)
    answers = {"yes": True, "no": False, "none": None}
    answer = request.POST.get("answer")
    if answer not in answers or not say(inside, found, answers[answer]):
        messages.error(request, _("This meeting takes no reply any more."))
    elif answer == "yes" and replies_to(inside, found).waits:
        messages.success(request, _("It is noted. All the places are taken: you are on the waiting list."))
    else:
        messages.success(request, _("It is noted. You can change it at any time, or not answer at all."))
    return redirect("meetings:meeting", gid, mid)
