"""Proposing a group; and, for staff with a second factor, reading proposals and opening the group."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import founding
from groups.confidentiality import (
    awaiting_sheet,
    find_own_proposal,
    find_proposal_for_staff,
    proposals_for_staff,
    requests_that_wait,
)
from groups.forms import Checklist, ProposalForm
from members.limits import in_measure
from members.second_factor import staff_only


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request):
    """`?from=` names the sheet of a group that awaits its first person: the form begins with its words."""
    sheet = awaiting_sheet(request.GET.get("from", ""))
    form = ProposalForm(request.POST if request.method == "POST" else None, initial=_beginning(request, sheet))
    if request.method == "POST" and form.is_valid() and in_measure(request, form, "write"):
        try:
            return _send(request, form, sheet)
        except founding.AlreadyProposed:
            form.start_anew(_("You have sent this proposal already. Sending these words makes a second one."))
    return render(request, "groups/propose.html", {"form": form, "sheet": sheet}, status=422 if form.errors else 200)


def _beginning(request, sheet):
    if sheet is None:
        return {"language": request.LANGUAGE_CODE, "format": "online"}
    return {name: getattr(sheet, name) for name in founding.SHEET}


def _send(request, form, sheet):
    form.instance.pk = form.cleaned_data["key"]
    form.instance.listing_id = sheet and sheet.pk
    proposal = founding.propose(request.user, form.instance)
    messages.success(request, _("Your proposal has been received. The welcome team answers within 5 working days."))
    return redirect("groups:proposal", proposal.pk)


@require_safe
def proposal(request, pid):
    return render(request, "groups/proposal.html", {"proposal": find_own_proposal(request.user, pid)})


@staff_only
@require_safe
def queue(request):
    context = {"proposals": proposals_for_staff(), "requests_that_wait": requests_that_wait()}
    return render(request, "groups/queue.html", context)


@staff_only
@require_safe
def review(request, pid):
    return render(request, "groups/review.html", {"proposal": find_proposal_for_staff(pid), "form": Checklist()})


@staff_only
@require_POST
def accept(request, pid):
    found = find_proposal_for_staff(pid)
    form = Checklist(request.POST)
    if not form.is_valid():
        return render(request, "groups/review.html", {"proposal": found, "form": form}, status=422)
    founding.accept(found, request.user)
    messages.success(request, _("The group is accepted. Its proposer can now enter it; it stays closed to the team."))
    return redirect("groups:queue")
