"""The private notebook: one's own notes and small steps, and what one's feelings were. For oneself alone."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide.lib.crypto import Secret
from entraide.lib.times import local
from groups import feelings as months
from groups import notebook as own
from groups import story_drafts
from groups.confidentiality import enter_group_to_leave, own_memberships, require
from groups.notebook_forms import NoteChange, NoteForm, StepForm
from groups.paging import before
from groups.reading import first_line
from members.limits import in_measure

PAGE = 10


@require_safe
def notebook(request):
    place = before(request)
    found = own.pages(request.user, before=place, most=PAGE + 1)
    if place is not None and not found:  # what stood there is erased
        return redirect("groups:notebook")
    older = f"{reverse('groups:notebook')}?before={found[PAGE - 1][0]}" if len(found) > PAGE else ""
    return render(request, "notebook/notebook.html", {"pages": [page for _n, page in found[:PAGE]], "older": older})


@require_http_methods(["GET", "HEAD", "POST"])
def note_add(request):
    on = local(timezone.now(), request.user.time_zone).date()
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"on": on})
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _note_form(request, form)
    try:
        own.keep(request.user, form.cleaned_data["key"], form.cleaned_data)
    except own.AlreadyKept:
        form.start_anew(_("You have kept this note already. Keeping these words makes a second one."))
        return _note_form(request, form)
    messages.success(request, _("Your note is kept, for you alone."))
    return redirect("groups:notebook")


@require_safe
def note(request, nid):
    groups = [one.group for one in own_memberships(request.user).select_related("group") if not one.group.is_closed]
    return render(request, "notebook/note.html", {"page": own.find_page(request.user, nid), "groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def note_tell(request, nid):
    """Its words become the draft of a story, and stay where they are. What is begun already in that group is shown
    first: it goes when the person says so."""
    page, gid = own.find_page(request.user, nid), _uuid(request.POST.get("group") or request.GET.get("group", ""))
    if not (gid and page.text):
        return redirect("groups:notebook_note", nid)
    inside = enter_group_to_leave(request.user, gid)
    require(inside.rights.write)
    if request.method != "POST":
        return _note_or_draft(request, page, inside)
    try:
        story_drafts.begin(inside, page.text.reveal(), page.feelings, anew="anew" in request.POST)
    except story_drafts.BegunAlready:
        return redirect(f"{reverse('groups:note_tell', args=[nid])}?group={gid}")
    messages.success(request, _("The words of your note are in this draft. Your note stays in your notebook."))
    return redirect("groups:write", gid)


@require_http_methods(["GET", "HEAD", "POST"])
def note_change(request, nid):
    page = own.find_page(request.user, nid)
    form = NoteChange(request.POST if request.method == "POST" else None, initial=_as_typed(page))
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _note_form(request, form, page)
    try:
        own.change(request.user, nid, form.cleaned_data, version=form.cleaned_data["version"])
    except own.ChangedMeanwhile:
        newest = own.find_page(request.user, nid).version
        form.ask_again(newest, _("You have changed this note in another window. Your words here are not kept yet."))
        return _note_form(request, form, page)
    messages.success(request, _("Your note is changed. The former words are erased."))
    return redirect("groups:notebook_note", nid)


@require_POST
def note_erase(request, nid):
    own.erase(request.user, nid)
    messages.success(request, _("Your note is erased, for good."))
    return redirect("groups:notebook")


@require_safe
def feelings(request):
    return render(request, "notebook/feelings.html", {"picture": months.picture(own.all_feelings(request.user))})


@require_http_methods(["GET", "HEAD", "POST"])
def steps(request):
    form = StepForm(request.POST if request.method == "POST" else None)
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _steps_page(request, form)
    try:
        own.set_step(request.user, form.cleaned_data["key"], form.cleaned_data["text"])
    except own.Full:
        form.add_error(None, _("This page is full. Erase a step that is over, then send this one again."))
        return _steps_page(request, form)
    except own.AlreadyKept:
        form.start_anew(_("You have set this step already. Sending these words sets a second one."))
        return _steps_page(request, form)
    messages.success(request, _("Your step is set, for you alone."))
    return redirect("groups:steps")


@require_POST
def step_mark(request, tid):
    done = request.POST.get("done") == "1"
    own.mark_step(request.user, tid, done=done)
    messages.success(request, _("It is noted as done.") if done else _("It waits again, without hurry."))
    return redirect("groups:steps")


@require_POST
def step_erase(request, tid):
    own.erase_step(request.user, tid)
    messages.success(request, _("This step is erased, for good."))
    return redirect("groups:steps")


def _uuid(text):
    try:
        return UUID(text)
    except ValueError:
        return None


def _as_typed(page):
    return {
        "on": page.on,
        "feelings": page.feelings,
        "text": page.text.reveal() if page.text else "",
        "version": page.version,
    }


def _note_or_draft(request, page, inside):
    words, _erased_on = story_drafts.kept(inside) or (None, None)
    if words is None:
        return redirect("groups:notebook_note", page.id)
    begun = Secret(words["title"] or first_line(words["text"]))
    return render(request, "notebook/note_tell.html", {"page": page, "inside": inside, "begun": begun})


def _note_form(request, form, page=None):
    context = {"form": form, "page": page}
    return render(request, "notebook/note_form.html", context, status=422 if form.errors else 200)


def _steps_page(request, form):
    every = own.steps(request.user)
    context = {"form": form, "open": [one for one in every if not one.done], "done": [one for one in every if one.done]}
    return render(request, "notebook/steps.html", context, status=422 if form.errors else 200)
