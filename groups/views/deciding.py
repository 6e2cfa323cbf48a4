"""Consent: what is proposed, what it changes, and each member's position on it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import changes, deciding, paging
from groups.confidentiality import decisions as decisions_of
from groups.confidentiality import find_decision, others, own_position, require
from groups.decision_forms import FORMS, PositionForm, SecondForm, SideForm
from groups.models import Kind, Stance
from groups.models.decision import STANDING
from members.limits import in_measure

PAGE = 20


@require_safe
def decisions(request, gid):
    inside = deciding.enter(request.user, gid)
    rows, before = decisions_of(inside), paging.before(request)
    past = rows.exclude(outcome__in=STANDING)
    past = list((past if before is None else past.filter(number__lt=before))[: PAGE + 1])
    older = f"{reverse('groups:decisions', args=[gid])}?before={past[PAGE - 1].number}" if len(past) > PAGE else ""
    context = {
        "inside": inside,
        "here": "decisions",
        "standing": [changes.shown(inside, row) for row in rows.filter(outcome__in=STANDING)],
        "past": [changes.shown(inside, row) for row in past[:PAGE]],
        "older": older,
    }
    return render(request, "groups/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request, gid):
    """Without `what` in its address the page asks what; the open ones of a kind lead to what is proposed already."""
    inside = (deciding.enter_to_act if request.method == "POST" else deciding.enter)(request.user, gid)
    kind = request.GET.get("what", "")
    if kind not in FORMS:
        return _choice(request, inside)
    form = _change_form(request, inside, Kind(kind))
    if request.method == "POST" and form.is_valid() and in_measure(request, form, "write"):
        try:
            return _proposed(request, inside, form)
        except deciding.Busy:
            form.start_anew(_("A proposal about this is open already. Answer that one first; yours is not sent."))
        except deciding.Closing:
            form.start_anew(_("The group is closed: nothing of it changes any more."))
        except deciding.Gone:
            form.start_anew(_("Somebody whom you name has left, or is leaving. Nothing is sent."))
    context = {"inside": inside, "here": "decisions", "form": form, "title": form.kind.label}
    return render(request, "groups/decide.html", context, status=422 if form.errors else 200)


def _proposed(request, inside, form):
    deciding.propose(inside, form.kind, form.cleaned_data)
    if form.kind == Kind.EXCLUSION:
        messages.success(request, _("It waits for the person whom you ask. Until then nobody else sees it."))
    else:
        messages.success(request, _("It is proposed. Each member can take a position; silence is consent."))
    return redirect("groups:decision", inside.group.pk, form.cleaned_data["key"])


def _change_form(request, inside, kind):
    form = FORMS[kind]
    again = request.GET.get("again", "")
    values = deciding.proposed(inside, _found(inside, again)) if again else deciding.present(inside.group, kind)
    return form(
        request.POST if request.method == "POST" else None,
        initial=form.typed(values),
        group=inside.group,
        people=others(inside) if kind == Kind.EXCLUSION else (),
    )


def _found(inside, pk):
    try:
        return find_decision(inside, UUID(pk))
    except ValueError:
        raise Http404 from None


def _choice(request, inside):
    busy = {one.kind: one.id for one in inside.decisions if one.is_open and one.kind != Kind.EXCLUSION}
    kinds = [{"kind": kind, "open": busy.get(kind)} for kind in Kind]
    return render(request, "groups/decide_what.html", {"inside": inside, "here": "decisions", "kinds": kinds})


@require_safe
def decision(request, gid, dec):
    inside = deciding.enter(request.user, gid)
    found = find_decision(inside, dec)
    return _page(request, inside, found)


@require_POST
def position(request, gid, dec):
    inside = deciding.enter_to_act(request.user, gid)
    found = find_decision(inside, dec)
    if not deciding.may_answer(inside, found):
        return _too_late(request, inside, found)
    form = _position_form(inside, found, request.POST)
    if not form.is_valid():
        return _page(request, inside, found, form)
    if not deciding.take_position(inside, found, form.cleaned_data["stance"], form.cleaned_data["reason"]):
        return _too_late(request, inside, found)
    if form.cleaned_data["stance"] == Stance.OBJECT:
        messages.success(request, _("It is noted. The proposal goes back to discussion, with your reason."))
    else:
        messages.success(request, _("It is noted. You can change it until the last day."))
    return redirect("groups:decision", gid, dec)


def _too_late(request, inside, found):
    if found.is_open and deciding.proposes(inside, found):
        messages.info(request, _("You propose it yourself. If you have changed your mind, withdraw it."))
    else:
        messages.error(request, _("This decision was closed meanwhile. Your answer was not kept."))
    return redirect("groups:decision", inside.group.pk, found.pk)


@require_POST
def second(request, gid, dec):
    """The second person of an exclusion says yes, in their own words; saying no is taking it back (below)."""
    inside = deciding.enter_to_act(request.user, gid)
    found = find_decision(inside, dec)
    if not deciding.is_asked(inside, found):
        messages.error(request, _("It was taken back meanwhile. Nothing changed."))
        return redirect("groups:decision", gid, dec)
    form = SecondForm(request.POST)
    if not form.is_valid():
        return _page(request, inside, found, form)
    try:
        deciding.stand_for(inside, found, form.cleaned_data["why"])
        messages.success(request, _("It is proposed to the group, by the two of you."))
    except deciding.Busy:
        messages.error(request, _("A proposal about this person is open already. Nothing changed."))
    except deciding.Gone:
        messages.error(request, _("It was taken back meanwhile. Nothing changed."))
        return redirect("groups:decisions", gid)
    return redirect("groups:decision", gid, dec)


@require_POST
def withdraw(request, gid, dec):
    inside = deciding.enter_to_act(request.user, gid)
    found = find_decision(inside, dec)
    require(deciding.may_withdraw(inside, found))
    if deciding.take_back(found):
        messages.success(request, _("It is withdrawn. Nothing changed."))
    else:
        messages.error(request, _("This decision was closed meanwhile. Nothing changed."))
    return redirect("groups:decisions", gid)


def _answer_form(inside, found, own):
    """None for whoever proposes it, and once it is closed."""
    if deciding.is_asked(inside, found):
        return SecondForm()
    if not deciding.may_answer(inside, found):
        return None
    said = {"stance": own.stance, "reason": deciding.words(inside, own)} if own else {}
    return _position_form(inside, found, initial=said)


def _position_form(inside, found, data=None, **options):
    return (SideForm if deciding.is_about(inside, found) else PositionForm)(data, **options)


def _page(request, inside, found, form=None):
    """`form` is one that was sent and has errors."""
    own = own_position(inside, found)
    form = form or _answer_form(inside, found, own)
    context = {
        "inside": inside,
        "here": "decisions",
        "shown": changes.shown(inside, found),
        "changes": changes.changes(inside, found),
        "said": changes.said(inside, found),
        "proposer": inside.person_of(found.proposer) if found.proposer_id else None,
        "asked": inside.person_of(found.second) if found.second_id else None,
        "own": own and Stance(own.stance),
        "form": form,
        "is_asked": deciding.is_asked(inside, found),
        "is_about": deciding.is_about(inside, found),
        "may_withdraw": deciding.may_withdraw(inside, found) and deciding.can_be_withdrawn(found),
    }
    return render(request, "groups/decision.html", context, status=422 if form and form.errors else 200)
