"""Looking for a date together."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from entraide.lib.fields import HumanDateField
from entraide.lib.times import clock, local
from groups.belonging import enter_alone
from groups.confidentiality import enter_group, require
from meetings import availability
from meetings.date_forms import AvailabilityForm, DateForm
from meetings.models import Can
from meetings.planning import FOUND
from meetings.recurrence import night_of, span


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, gid):
    if request.method != "POST":
        return _page(request, enter_group(request.user, gid))
    inside = enter_alone(request.user, gid)
    form = _form(request, inside, request.POST)
    if not form.is_valid():
        return _page(request, inside, form=form)
    _tell(request, availability.keep(inside, form.said), form.is_late)
    return redirect("meetings:availability", gid)


@require_POST
def propose(request, gid):
    inside = enter_alone(request.user, gid)
    require(inside.rights.schedule)
    form = DateForm(request.POST, zone=inside.group.zone)
    if form.is_valid() and _is_proposed(inside, form):
        messages.success(request, _("The date is proposed to the group."))
        if night := night_of(form.cleaned_data["on"], form.cleaned_data["starts"], inside.group.zone):
            messages.info(request, night.label)
        return redirect("meetings:availability", gid)
    return _page(request, inside, date_form=form)


@require_POST
def take_away(request, gid, aid):
    inside = enter_alone(request.user, gid)
    require(inside.rights.schedule)
    availability.take_away(inside, aid)
    messages.success(request, _("The date is taken away, with what was answered about it."))
    return redirect("meetings:availability", gid)


def _tell(request, kept, is_late):
    if kept:
        told = ngettext("Your answer is kept.", "Your %(count)s answers are kept.", kept) % {"count": kept}
        messages.success(request, told)
    elif not is_late:
        messages.info(request, _("You chose no answer, so nothing has changed."))
    if is_late:
        messages.info(
            request, _("Meanwhile dates were taken away, or one was chosen. What you said of them is not kept.")
        )


def _is_proposed(inside, form):
    words, zone = form.cleaned_data, inside.group.zone
    try:
        availability.propose(inside, *span(words["on"], words["starts"], words["ends"], zone))
    except availability.TooMany:
        form.add_error(None, _("Twelve dates are proposed already. Take one away before you add another."))
    except availability.OtherEnd:
        form.add_error(
            "ends", _("This date is proposed already, until another hour. To change it, take it away first.")
        )
    return not form.errors


def _form(request, inside, typed=None):
    dates, own = availability.dates(inside), availability.own_answers(inside)
    zones = {"zone": inside.group.zone, "own_zone": request.user.time_zone}
    return AvailabilityForm(typed, dates=dates, own=own, **zones)


def _to_schedule(date, zone):
    """As the first page of scheduling asks for it."""
    starts, ends = local(date.starts_at, zone), local(date.ends_at, zone)
    words = {"on": HumanDateField.write(starts.date()), "starts": clock(starts), "ends": clock(ends), FOUND: date.pk}
    return list(words.items())


def _page(request, inside, form=None, date_form=None):
    refused = any(one is not None and one.errors for one in (form, date_form))
    form, zone = form or _form(request, inside), inside.group.zone
    counts = availability.who_can(inside) if inside.rights.schedule else {}
    nobody = dict.fromkeys(Can.values, 0)
    context = {
        "inside": inside,
        "here": "meetings",
        "form": form,
        "date_form": date_form or DateForm(zone=zone),
        "rows": [(date, counts.get(date.pk, nobody), _to_schedule(date, zone)) for date in form.dates],
    }
    return render(request, "meetings/availability.html", context, status=422 if refused else 200)
