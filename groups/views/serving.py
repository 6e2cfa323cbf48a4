"""Facilitating as a service: volunteering for a term, going on, stopping, asking another member to take over."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups import facilitating
from groups.confidentiality import (
    enter_group,
    enter_group_to_act,
    find,
    hand_over_from,
    hand_overs_to,
    others,
    require,
    terms_in_office,
)
from groups.forms import HandOverForm
from groups.models import Membership


@require_safe
def facilitation(request, gid):
    inside = enter_group(request.user, gid)
    people = others(inside) if inside.rights.facilitate else ()  # nobody else has a term to hand over
    return _page(request, inside, HandOverForm(people=people))


@require_POST
def volunteer(request, gid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.write)
    facilitating.volunteer(inside)
    messages.success(request, _("Thank you, it is noted. You can stop at any time, without a reason."))
    return redirect("groups:facilitation", gid)


@require_POST
def stop_facilitating(request, gid):
    inside = enter_group_to_act(request.user, gid)
    facilitating.stop(inside)
    messages.success(request, _("It is done. Thank you for the time that you gave."))
    return redirect("groups:facilitation", gid)


@require_POST
def hand_over(request, gid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.facilitate)
    form = HandOverForm(request.POST, people=others(inside))
    if not form.is_valid():
        return _page(request, inside, form)
    try:
        facilitating.ask_to_take_over(inside, find(inside, Membership, form.cleaned_data["to"]))
        messages.success(request, _("It is asked. Until they say yes, nothing changes."))
    except facilitating.AlreadyAsked:
        messages.error(request, _("You have asked somebody already. Take it back first, or wait for their answer."))
    except facilitating.Gone:
        messages.error(request, _("This person is no longer in the group. Choose another one."))
    return redirect("groups:facilitation", gid)


@require_POST
def answer_hand_over(request, gid):
    """Whoever asked takes it back; whoever is asked says yes or no. Too late changes nothing, and says so."""
    inside = enter_group_to_act(request.user, gid)
    answer = request.POST.get("answer")
    if answer == "yes":
        done = facilitating.take_over(inside)
        said = (
            _("Thank you. You facilitate from now on.") if done else _("It was taken back meanwhile. Nothing changed.")
        )
        messages.success(request, said)
    else:
        facilitating.take_back(inside) if answer == "back" else facilitating.decline(inside)
        messages.success(request, _("It is done. Nothing else changed."))
    return redirect("groups:facilitation", gid)


def _page(request, inside, form):
    ends_on = facilitating.term_ends_on(inside)
    asked = hand_over_from(inside).first()
    context = {
        "inside": inside,
        "here": "meetings",
        "form": form,
        "terms": [(inside.person_of(term.membership), term.ends_on) for term in terms_in_office(inside)],
        "ends_on": ends_on,
        "can_renew": facilitating.can_renew(ends_on),
        "asked": asked and inside.person_of(asked.taker),
        "asked_by": [inside.person_of(one.giver) for one in hand_overs_to(inside)],
    }
    return render(request, "groups/facilitation.html", context, status=422 if form.errors else 200)
