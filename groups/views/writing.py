"""A story before it is shared: written, kept as a draft, read over, shared."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from groups import reading, story_drafts, telling
from groups.confidentiality import (
    StoryGone,
    count_members,
    enter_group,
    enter_group_to_act,
    enter_group_to_leave,
    find_story,
)
from groups.forms import StoryForm
from members.limits import in_measure, may

LATER = gettext_lazy(
    "Your text was kept many times in a short time. It is still here. Wait a little, then keep it once more."
)
TOO_LONG = gettext_lazy("This text is too long to be kept as a draft. It is still here: keep a part of it elsewhere.")
ELSEWHERE = gettext_lazy(
    "Since you opened this page, other words were kept as your draft, in another window or on another device. They are"
    " still there, and these are not kept yet. Keep these once more to put them in the place of the others."
)
# What the page hears that keeps by itself (js/writing.js).
HEARD = {story_drafts.TooLong: 422, story_drafts.KeptElsewhere: 412, story_drafts.SharedAlready: 409}
NOTHING_TO_ANSWER = gettext_lazy("The story that you answer is not there any more. You can share yours by itself.")


@require_http_methods(["GET", "HEAD", "POST"])
def write(request, gid):
    """A POST comes back from the preview: the text is shown again as it was."""
    inside = enter_group(request.user, gid)
    if not inside.rights.write:
        return too_late(request, inside)
    if request.POST:
        return _write_page(request, inside, _form(inside, StoryForm(request.POST).typed()))
    draft, erased_on = story_drafts.kept(inside) or ({}, None)
    draft["upon"] = draft.pop("window", "")
    if "answer" in request.GET:
        answered = _answered(inside, request.GET["answer"])
        draft["answers"] = answered.pk if answered else ""
    return _write_page(request, inside, _form(inside, draft), erased_on=erased_on)


@require_POST
def keep_draft(request, gid):
    """By the button, or by the page itself while somebody writes (js/writing.js), which asks for no page."""
    inside = enter_group_to_leave(request.user, gid)
    by_itself = not request.accepts("text/html")
    if not inside.rights.write:
        return HttpResponse(status=409) if by_itself else too_late(request, inside)
    form = StoryForm(request.POST, group=inside.group)
    if not may(request, "draft"):
        return HttpResponse(status=429) if by_itself else _not_kept(request, inside, form, LATER)
    try:
        kept = story_drafts.keep(inside, form.typed(), by_itself=by_itself)
    except story_drafts.NotKept as trouble:
        return HttpResponse(status=HEARD[type(trouble)]) if by_itself else _refused(request, inside, form, trouble)
    if by_itself:
        return HttpResponse(status=204)
    if kept:
        messages.success(request, _("Your draft is kept. It is visible to you only."))
    return redirect("groups:write", gid)


@require_POST
def erase_draft(request, gid):
    inside = enter_group_to_leave(request.user, gid)
    typed = StoryForm(request.POST).typed()
    if typed["window"] and story_drafts.is_of_another_window(story_drafts.own_drafts([inside]).first(), typed):
        messages.success(request, _("These words are gone. What you kept in another window is still here."))
        return redirect("groups:write", gid)
    story_drafts.erase_draft(inside)
    messages.success(request, _("Your draft is erased."))
    return redirect("groups:stories", gid)


@require_POST
def preview(request, gid):
    inside = enter_group(request.user, gid)
    if not inside.rights.write:
        return too_late(request, inside)
    form = StoryForm(request.POST, group=inside.group)
    if not form.is_valid() or not _answers_a_story(inside, form):
        return _write_page(request, inside, form)
    context = {"inside": inside, "here": "stories", "form": form, "told": reading.draft(inside, form.cleaned_data)}
    return render(request, "groups/preview.html", {**context, "reader_count": count_members(inside)})


@require_POST
def share(request, gid):
    inside = enter_group_to_act(request.user, gid)
    if not inside.rights.write:
        return too_late(request, inside)
    form = StoryForm(request.POST, group=inside.group)
    if not form.is_valid() or not in_measure(request, form, "write") or not _answers_a_story(inside, form):
        return _write_page(request, inside, form)
    readers, other_draft = story_drafts.before_sharing(inside, form.typed())
    try:
        shared = telling.share(inside, form.cleaned_data["key"], form.cleaned_data)
    except telling.AlreadyShared:
        form.start_anew(_("You have shared this story already. Sharing these words makes a second story."))
        return _write_page(request, inside, form)
    except telling.NothingToAnswer:
        form.answer_nothing(NOTHING_TO_ANSWER)
        return _write_page(request, inside, form)
    story_drafts.bring_back(other_draft)
    messages.success(request, _shared_with(readers - 1))
    return redirect("groups:story", gid, shared.pk)


def too_late(request, inside):
    """The group is closed: nobody writes any more, and nobody's words are lost for that. What they are sending, or the
    draft that they had kept, stands here to be copied."""
    draft, _erased_on = story_drafts.kept(inside) or ({}, None)
    typed = StoryForm(request.POST).typed() if request.POST else draft
    words = [typed[name] for name in ("title", "text") if typed.get(name, "").strip()]
    context = {"inside": inside, "here": "stories", "written": "\n\n".join(words), "draft": bool(draft)}
    return render(request, "groups/too_late.html", context, status=403)


def _form(inside, typed):
    return StoryForm(initial=typed, group=inside.group)


def _answered(inside, key):
    """The story that this one answers; None: there is none, or none any more."""
    try:
        return find_story(inside, UUID(str(key)))
    except (ValueError, StoryGone):
        return None


def _answers_a_story(inside, form):
    if not form.cleaned_data["answers"] or _answered(inside, form.cleaned_data["answers"]):
        return True
    form.answer_nothing(NOTHING_TO_ANSWER)
    return False


def _shared_with(others):
    if not others:
        return _("Your story is in the group. You are its first member: nobody else reads it yet.")
    words = ngettext(
        "Your story is shared with %(count)d person.", "Your story is shared with %(count)d people.", others
    )
    return words % {"count": others}


def _refused(request, inside, form, trouble):
    if isinstance(trouble, story_drafts.TooLong):
        return _not_kept(request, inside, form, TOO_LONG)
    form.begin_upon(trouble.window)
    return _not_kept(request, inside, form, ELSEWHERE)


def _not_kept(request, inside, form, reason):
    form.full_clean()
    form.errors.clear()  # what only sharing asks for is not asked here
    form.add_error(None, reason)
    return _write_page(request, inside, form)


def _write_page(request, inside, form, *, erased_on=None):
    answered = _answered(inside, form["answers"].value())
    context = {
        "inside": inside,
        "here": "stories",
        "form": form,
        "answered": answered and reading.card(inside, answered),
        "erased_on": erased_on,
        "reader_count": count_members(inside),
    }
    return render(request, "groups/write.html", context, status=422 if form.errors else 200)
