"""Meetings arranged by those who facilitate: a plan on four pages; and what concerns one meeting, or it and the
following ones."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide.lib.times import day, hours
from groups.belonging import enter_alone
from groups.confidentiality import enter_group, find, require, within
from meetings import availability, exceptions, recurrence, scheduling
from meetings.forms import ChangeForm
from meetings.hosting import may_arrange
from meetings.models import Meeting
from meetings.planning import Plan, versions_in
from meetings.scheduling import AlreadyScheduled, ChangedMeanwhile
from meetings.where import words_of

TITLES = {
    "schedule": gettext_lazy("When"),
    "rhythm": gettext_lazy("Does it come back?"),
    "check": gettext_lazy("Check the dates"),
    "place": gettext_lazy("Where, and for whom"),
}

OVER = gettext_lazy("This meeting is over: nothing can be changed any more.")
GONE = gettext_lazy(
    "Meanwhile this meeting has begun, or somebody else has called it off. What you typed is below and is not kept."
)
BESIDE = gettext_lazy(
    "Meanwhile somebody else has called this meeting off or planned others in its place, or it has begun."
    " What you typed is below and is not kept yet: sending it once more plans new meetings."
)
CHANGED = gettext_lazy(
    "Somebody else has changed this meanwhile. Now it is on %(day)s, %(hours)s. What you typed is below and is not kept"
    " yet: sending it once more puts it in the place of theirs."
)
STANDS = gettext_lazy(
    "Somebody else has changed this meanwhile. Now it is on %(day)s, %(hours)s. Nothing is called off: pressing once"
    " more calls it off."
)
REFUSED = gettext_lazy("This meeting has begun or was called off: it cannot be changed any more.")


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request, gid):
    """A POST comes back from a later page: what was typed is shown again as it was."""
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    return _page(request, Plan(inside, request.POST), "schedule")


@require_safe
def change_following(request, gid, mid):
    """The same pages, filled in with the series as it is from this meeting on."""
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    found = find(inside, Meeting, mid)
    if refused := _refused(request, found):
        return refused
    return _page(request, Plan.to_change(inside, found), "schedule")


@require_POST
def rhythm(request, gid):
    return _step(request, gid, "rhythm")


@require_POST
def check(request, gid):
    return _step(request, gid, "check")


@require_POST
def place(request, gid):
    return _step(request, gid, "place")


@require_POST
def confirm(request, gid):
    inside = _enter_to_arrange(request, gid)
    plan = Plan(inside, request.POST)
    if refused := plan.refused_before(None):
        return _page(request, plan, refused)
    try:
        _keep(inside, plan)
    except AlreadyScheduled:
        plan.start_anew(_("You have scheduled these meetings already. Going on adds new ones beside them."))
        return _page(request, plan, "place")
    except ChangedMeanwhile:
        plan.ask_again(_what_stands(plan.former, BESIDE))
        return _page(request, plan, "place")
    messages.success(
        request, _("The meetings are in the group's calendar. Members who asked for it will get a reminder.")
    )
    if plan.found:
        availability.end_search(inside)
        messages.info(request, _("The search for a date is over: the proposed dates are gone, with all the answers."))
    return redirect("meetings:agenda", gid)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request, gid, mid):
    """One meeting alone."""
    if request.method == "POST":
        return _change(request, gid, mid)
    inside = enter_group(request.user, gid)
    found = find(inside, Meeting, mid)
    require(may_arrange(inside, found))
    return _refused(request, found) or _change_page(request, inside, found, _change_form(inside, found))


@require_POST
def cancel(request, gid, mid):
    inside = enter_alone(request.user, gid)
    found = find(inside, Meeting, mid)
    require(may_arrange(inside, found))
    version, _series_version = versions_in(request.POST)
    called_off = _("The meeting is called off. Nobody will be reminded of it.")
    return _call_off(request, found, partial(exceptions.cancel, inside, found, version=version), called_off)


@require_POST
def cancel_following(request, gid, mid):
    inside = _enter_to_arrange(request, gid)
    found = find(inside, Meeting, mid)
    seen, called_off = versions_in(request.POST), _("This meeting and those that follow it are called off.")
    return _call_off(request, found, partial(scheduling.cancel_from, inside, found, seen=seen), called_off)


def _call_off(request, meeting, act, called_off):
    """Not what somebody else has just moved or planned: its page shows it as it is now, with the button."""
    if meeting.is_over:
        messages.error(request, OVER)
        return redirect("meetings:meeting", meeting.group_id, meeting.pk)
    try:
        act()
    except ChangedMeanwhile:
        messages.error(request, _what_stands(meeting, REFUSED, STANDS))
    else:
        messages.success(request, called_off)
    return redirect("meetings:meeting", meeting.group_id, meeting.pk)


def _enter_to_arrange(request, gid):
    inside = enter_alone(request.user, gid)
    require(inside.rights.schedule)
    return inside


def _step(request, gid, step):
    inside = enter_group(request.user, gid)
    require(inside.rights.schedule)
    plan = Plan(inside, request.POST)
    return _page(request, plan, plan.refused_before(step) or step)


def _page(request, plan, step):
    titles, number = list(TITLES.values()), list(TITLES).index(step) + 1
    beside = {"number": number, "of": len(titles), "title": titles[number - 1], "next": (*titles[number:], "")[0]}
    context = {
        "inside": plan.inside,
        "here": "meetings",
        "plan": plan,
        "form": plan.show(step),
        "carried": plan.carried(step),
        "step": beside,
    }
    return render(request, f"meetings/{step}.html", context, status=422 if context["form"].errors else 200)


def _keep(inside, plan):
    words = plan.words()
    if plan.typed.get("of"):
        if plan.former is None:
            raise ChangedMeanwhile
        scheduling.change_from(inside, plan.former, words["key"], words, seen=plan.seen)
    else:
        scheduling.schedule(inside, words["key"], words)


def _refused(request, meeting):
    """What has begun, or was called off, is nobody's to change."""
    if meeting.is_open_to_change:
        return None
    messages.error(request, REFUSED)
    return redirect("meetings:meeting", meeting.group_id, meeting.pk)


def _change(request, gid, mid):
    inside = enter_alone(request.user, gid)
    found = within(inside, Meeting).select_related("series").filter(pk=mid).first()
    require(may_arrange(inside, found) if found else inside.rights.schedule)
    if found is None:  # its series took another course meanwhile; what was typed is not lost
        messages.error(request, BESIDE)
        return _page(request, Plan(inside, request.POST), "schedule")
    form = _change_form(inside, found, request.POST)
    if not form.is_valid() or not _is_changed(inside, found, form):
        return _change_page(request, inside, found, form)
    messages.success(request, _("The meeting is changed, and this one alone."))
    if night := recurrence.night_of(form.cleaned_data["on"], form.cleaned_data["starts"], found.zone):
        messages.info(request, night.label)
    return redirect("meetings:meeting", gid, mid)


def _change_form(inside, meeting, typed=None):
    words = exceptions.words_now(inside, meeting)
    return ChangeForm(
        typed,
        initial=words | {"link": "", "version": meeting.version},
        zone=meeting.zone,
        has_room=bool(words["link"]),
        is_taken=lambda words: exceptions.is_taken(inside, meeting, words),
    )


def _is_changed(inside, meeting, form):
    words = form.cleaned_data
    words["link"] = words["link"] or words_of(inside, meeting)["link"]
    try:
        exceptions.change(inside, meeting, words, version=words["version"])
    except ChangedMeanwhile:
        form.ask_again(meeting.version, _what_stands(meeting, GONE))
        return False
    return True


def _change_page(request, inside, meeting, form):
    context = {"inside": inside, "here": "meetings", "meeting": meeting, "form": form}
    return render(request, "meetings/change.html", context, status=422 if form.errors else 200)


def _what_stands(meeting, gone, changed=CHANGED):
    """Somebody else was faster: what they made of it is told, and what was typed is kept on the page."""
    if meeting is None or not meeting.is_open_to_change:
        return gone
    words = {"day": day(meeting.starts_at, meeting.zone)}
    words["hours"] = hours(meeting.starts_at, meeting.ends_at, meeting.zone)
    return changed % words
