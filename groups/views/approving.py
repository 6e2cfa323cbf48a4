"""For staff with a second factor: the queue of proposals, one of them, what is answered, and the log of it all."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import approving, founding, letters
from groups.models import ProposalMessage
from groups.proposal_forms import Acceptance, Seen, StaffMessage, TeamNote
from groups.proposals import (
    find_proposal_for_staff,
    names_of_proposals,
    proposals_for_staff,
    requests_that_wait,
    staff_log,
)
from members.second_factor import staff_only

ON_QUEUE, ON_LOG = 20, 50
MEANWHILE = gettext_lazy(
    "A colleague has already answered, or the person has written meanwhile. Nothing of yours was sent."
)


@staff_only
@require_safe
def queue(request):
    page = Paginator(proposals_for_staff(request.user), ON_QUEUE).get_page(request.GET.get("page"))
    return render(request, "groups/queue.html", {"page_obj": page, "requests_that_wait": requests_that_wait()})


@staff_only
@require_safe
def review(request, pid):
    found = find_proposal_for_staff(request.user, pid)
    return _review_page(request, found, TeamNote(initial={"note": found.staff_side.note}))


@staff_only
@require_safe
def log(request):
    page = Paginator(staff_log(request.user), ON_LOG).get_page(request.GET.get("page"))
    names = names_of_proposals(act.proposal_id for act in page)
    lines = [{"act": act, "name": names.get(act.proposal_id)} for act in page]
    return render(request, "groups/log.html", {"lines": lines, "page_obj": page})


@staff_only
@require_POST
def take(request, pid):
    return _act(request, pid, approving.take)


@staff_only
@require_POST
def let_go(request, pid):
    return _act(request, pid, approving.let_go)


@staff_only
@require_POST
def note(request, pid):
    form = TeamNote(request.POST)
    if not form.is_valid():
        return _review_page(request, find_proposal_for_staff(request.user, pid), form)
    return _act(request, pid, approving.note, form.cleaned_data["note"])


@staff_only
@require_POST
def confirm_no(request, pid):
    done = _("It is not kept. The person reads the reason on their page, and can propose the group again.")
    return _act(request, pid, approving.confirm_no, _version(request), done=done)


@staff_only
@require_POST
def give_back(request, pid):
    return _act(request, pid, approving.give_back, _version(request), done=_("The proposal waits for an answer again."))


def _act(request, pid, verb, *words, done=""):
    try:
        verb(find_proposal_for_staff(request.user, pid), request.user, *words)
    except approving.DecidedMeanwhile:
        messages.error(request, MEANWHILE)
    else:
        messages.success(request, done or _("It is noted."))
    return redirect("groups:review", pid)


@dataclass(frozen=True)
class Letter:
    """One of the three answers: how its page speaks, the words to begin with, and what sending it does."""

    route: str
    title: str
    lead: str
    send: str
    done: str
    form: type[StaffMessage]
    begin: Callable
    verb: Callable


ACCEPT = Letter(
    "groups:accept",
    gettext_lazy("Accept this group"),
    gettext_lazy("The group opens when the person who proposed it goes in, first."),
    gettext_lazy("I accept this group"),
    gettext_lazy("The group is accepted. Its proposer can now enter it; it stays closed to the team."),
    Acceptance,
    letters.acceptance,
    approving.accept,
)
ASK = Letter(
    "groups:ask",
    gettext_lazy("Ask for details"),
    gettext_lazy("The person answers on their page. The proposal then comes back to the queue."),
    gettext_lazy("I send this question"),
    gettext_lazy("Your question is sent."),
    StaffMessage,
    letters.question,
    approving.ask,
)
DECLINE = Letter(
    "groups:decline",
    gettext_lazy("Not keep this proposal"),
    gettext_lazy("A second person of the team looks at it first. Nothing is sent before they have confirmed it."),
    gettext_lazy("I ask for a second look"),
    gettext_lazy("A second look is asked for. Nothing was sent."),
    StaffMessage,
    letters.refusal,
    approving.suggest_no,
)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request, pid):
    return _letter(request, find_proposal_for_staff(request.user, pid), ACCEPT)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, pid):
    return _letter(request, find_proposal_for_staff(request.user, pid), ASK)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request, pid):
    return _letter(request, find_proposal_for_staff(request.user, pid), DECLINE)


def _letter(request, found, letter):
    """Written, then read as the person will read it, then sent: `read` comes with the second, `change` goes back."""
    if found.is_answered:
        return _too_late(request, found)
    if request.method != "POST":
        return _letter_page(request, found, letter, letter.form(initial=_beginning(found, letter)))
    form = letter.form(request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _letter_page(request, found, letter, form)
    if "read" not in request.POST:
        return _preview(request, found, letter, form)
    return _send(request, found, letter, form)


def _preview(request, found, letter, form):
    message = ProposalMessage(from_team=True, text=form.cleaned_data["text"])
    context = {"proposal": found, "letter": letter, "form": form, "message": message}
    return render(request, "groups/letter_preview.html", context)


def _send(request, found, letter, form):
    try:
        letter.verb(found, request.user, form.cleaned_data["text"], form.cleaned_data["version"])
    except approving.DecidedMeanwhile:
        form.ask_again(found.version, MEANWHILE)
        return _too_late(request, found) if found.is_answered else _letter_page(request, found, letter, form)
    except founding.NameTaken:
        form.add_error(None, _("Another group has this name by now, or one that looks like it. Ask for another one."))
        return _letter_page(request, found, letter, form)
    messages.success(request, letter.done)
    return redirect("groups:queue")


def _beginning(found, letter):
    return {"text": letter.begin(found), "version": found.version}


def _version(request):
    form = Seen(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else -1  # the version of nothing


def _too_late(request, found):
    messages.error(request, MEANWHILE)
    return redirect("groups:review", found.pk)


def _letter_page(request, found, letter, form):
    context = {"proposal": found, "letter": letter, "form": form}
    return render(request, "groups/letter.html", context, status=422 if form.errors else 200)


def _review_page(request, found, form):
    context = {
        "proposal": found,
        "exchange": found.messages.all(),
        "side": found.staff_side,
        "acts": staff_log(request.user).filter(proposal_id=found.pk),
        "form": form,
    }
    return render(request, "groups/review.html", context, status=422 if form.errors else 200)
