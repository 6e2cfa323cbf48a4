"""Proposing a group in six pages, and the proposer's own page afterwards. Staff's side is in approving.py."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import founding
from groups.confidentiality import awaiting_sheet
from groups.drafts import LAST, Draft
from groups.forms import OnceForm
from groups.models import Proposal
from groups.proposal_forms import STEPS, AnswerForm
from groups.proposals import find_own_proposal, own_proposals
from members.limits import MANY_TIMES, in_measure, may

ANOTHER_FIRST = gettext_lazy("You are already writing a proposal. Send it or erase it, then come back here.")
TITLES = [*(step.title for step in STEPS), gettext_lazy("Check and send")]


@login_not_required
@require_safe
def propose(request):
    """To the page where one had come to. `?from=` names the sheet of a group that awaits its first person: one begins
    with its words."""
    draft, sheet = Draft(request), awaiting_sheet(request.GET.get("from", ""))
    if sheet is None or draft.sheet == sheet:
        return _to_step(draft.open_step)
    if draft.is_begun:
        messages.error(request, ANOTHER_FIRST)
        return _to_step(draft.open_step)
    draft.begin_with_sheet(sheet)
    return _to_step(1)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose_step(request, step):
    if not 1 <= step < LAST:
        raise Http404
    draft = Draft(request)
    if request.method == "POST":
        form = STEPS[step - 1](request.POST)
        if form.is_valid() and in_measure(request, form, "draft"):
            return _keep(draft, step, form)
    elif step > draft.open_step:
        return _back_to_what_is_open(request, draft)
    else:
        form = draft.form(step)
    context = {"form": form, "step": step, "total": LAST, "next_title": TITLES[step], "back": step - 1, "draft": draft}
    return render(request, "groups/propose_step.html", context, status=422 if form.errors else 200)


def _keep(draft, step, form):
    """On to the next page; straight back to the check for whoever came from there."""
    next_step = LAST if draft.is_whole else step + 1
    draft.keep(step, form)
    return _to_step(min(next_step, draft.open_step))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose_check(request):
    draft = Draft(request)
    if request.method == "POST" and request.user.is_authenticated:
        return _send(request, draft)
    if not draft.is_whole:
        return _back_to_what_is_open(request, draft)
    if request.method == "POST":  # the sign-in ended while the page was open
        return redirect_to_login(request.path)
    context = {"draft": draft, "proposal": draft.proposal(), "step": LAST, "total": LAST, "back": LAST - 1}
    return render(request, "groups/propose_check.html", context)


def _send(request, draft):
    sent = own_proposals(request.user).filter(pk=_key(request)).first()
    if sent and draft.key != sent.pk:  # tapped twice
        return redirect("groups:proposal", sent.pk)
    if not draft.is_whole:
        return _back_to_what_is_open(request, draft)
    if not may(request, "propose"):
        messages.error(request, MANY_TIMES)
        return redirect("groups:propose_check")
    try:
        proposal = founding.propose(request.user, draft.proposal())
    except founding.AlreadyProposed:
        draft.start_anew()
        messages.error(request, _("The team has answered meanwhile. Sending these words makes a second proposal."))
        return redirect("groups:propose_check")
    draft.forget()
    messages.success(request, _("Your proposal has been received. The welcome team answers within 5 working days."))
    return redirect("groups:proposal", proposal.pk)


def _key(request):
    form = OnceForm(request.POST)
    return form.cleaned_data["key"] if form.is_valid() else None


def _back_to_what_is_open(request, draft):
    if not draft.is_begun:
        gone = _("A proposal begins here. What you write is kept 14 days at most, and goes when your session ends.")
        messages.info(request, gone)
    return _to_step(draft.open_step)


def _to_step(step):
    return redirect("groups:propose_check") if step == LAST else redirect("groups:propose_step", step)


@login_not_required
@require_POST
def erase_draft(request):
    Draft(request).forget()
    messages.success(request, _("What you had written is erased."))
    return redirect("groups:directory")


@require_safe
def proposal(request, pid):
    return _page(request, find_own_proposal(request.user, pid), AnswerForm())


@require_POST
def answer(request, pid):
    found = find_own_proposal(request.user, pid)
    form = AnswerForm(request.POST)
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _page(request, found, form)
    try:
        founding.answer(request.user, found, form.cleaned_data["key"], form.cleaned_data["text"])
    except founding.NothingAsked:
        messages.error(request, _("The team waits for no answer any more. Here is where your proposal stands."))
    else:
        messages.success(request, _("Your answer has reached the welcome team. They answer within 5 working days."))
    return redirect("groups:proposal", pid)


@require_POST
def change_proposal(request, pid):
    """The words of a proposal that the team has asked about, in the pages where they were typed."""
    return _write_again(request, find_own_proposal(request.user, pid), Proposal.State.ASKED, anew=False)


@require_POST
def propose_again(request, pid):
    """A new draft, filled with the words of one that was not kept."""
    return _write_again(request, find_own_proposal(request.user, pid), Proposal.State.DECLINED, anew=True)


def _write_again(request, found, state, *, anew):
    """Nothing that is in the draft is lost: what was changed before goes on, another proposal comes first."""
    draft = Draft(request)
    if found.state != state:
        messages.error(request, _("Your proposal has moved on meanwhile. Here is where it stands."))
        return redirect("groups:proposal", found.pk)
    if not draft.is_begun:
        draft.begin_with(found, anew=anew)
    elif anew or draft.key != found.pk:
        messages.error(request, ANOTHER_FIRST)
        return redirect("groups:proposal", found.pk)
    return redirect("groups:propose_check")


def _page(request, found, form):
    context = {"proposal": found, "exchange": found.messages.all(), "form": form}
    return render(request, "groups/proposal.html", context, status=422 if form.errors else 200)
