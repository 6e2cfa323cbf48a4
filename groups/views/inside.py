"""The stories of a group: read, answered, written, withdrawn."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import reading, telling
from groups.confidentiality import (
    count_members,
    enter_group,
    enter_group_to_act,
    find_own_story,
    find_story,
    hold_own_story,
    own_resonance,
    readable_stories,
    recognised_by,
    require,
)
from groups.forms import StoryChange, StoryForm
from members.limits import in_measure

PAGE = 10


@require_safe
def stories(request, gid):
    inside = enter_group(request.user, gid)
    before = request.GET.get("before", "")
    rows = list(
        readable_stories(inside)
        .newest_first()
        .before(int(before) if before.isdecimal() and len(before) < 19 else None)[: PAGE + 1]
    )
    older = f"{reverse('groups:stories', args=[gid])}?before={rows[PAGE - 1].shared_at}" if len(rows) > PAGE else ""
    cards = [reading.card(inside, story) for story in rows[:PAGE]]
    return render(request, "groups/stories.html", {"inside": inside, "here": "stories", "cards": cards, "older": older})


@require_safe
def story(request, gid, sid):
    inside = enter_group(request.user, gid)
    found = find_story(inside, sid)
    mine = found.author_id == inside.membership.pk
    context = {
        "inside": inside,
        "here": "stories",
        "told": reading.told(inside, found, opened=mine or "open" in request.GET),
        "recognised": not mine and own_resonance(inside, found).exists(),
        "recognised_by": recognised_by(inside, found),
    }
    return render(request, "groups/story.html", context)


@require_POST
def resonance(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    found = find_story(inside, sid)
    said = request.POST.get("say") == "1"
    telling.recognise(inside, found, said=said)
    messages.success(request, _("The person who wrote will know.") if said else _("It is taken back."))
    return redirect(f"{reverse('groups:story', args=[gid, sid])}?open=1")


@require_POST
def withdraw(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    telling.withdraw(find_own_story(inside, sid))
    messages.success(request, _("Your story is withdrawn. Its key is destroyed: nobody can read it any more."))
    return redirect("group_home", gid)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.write)
    mine = hold_own_story(inside, sid)
    form = StoryChange(request.POST if request.method == "POST" else None, initial=reading.words_of(inside, mine))
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _edit_page(request, inside, mine, form)
    try:
        telling.change(inside, mine, form.cleaned_data, version=form.cleaned_data["version"])
    except telling.ChangedMeanwhile:
        form.ask_again(
            mine.version, _("You have changed this story in another window. Your words here are not kept yet.")
        )
        return _edit_page(request, inside, mine, form)
    messages.success(request, _("Your story is changed. The former words are erased for good."))
    return redirect("groups:story", gid, sid)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request, gid):
    """A POST comes back from the preview: the text is shown again as it was."""
    inside = enter_group(request.user, gid)
    require(inside.rights.write)
    form = StoryForm(
        initial=request.POST.dict() | {"feelings": request.POST.getlist("feelings")} if request.POST else None
    )
    return _write_page(request, inside, form)


@require_POST
def preview(request, gid):
    inside = enter_group(request.user, gid)
    require(inside.rights.write)
    form = StoryForm(request.POST)
    if not form.is_valid():
        return _write_page(request, inside, form)
    context = {"inside": inside, "here": "stories", "form": form, "told": reading.draft(inside, form.cleaned_data)}
    return render(request, "groups/preview.html", {**context, "reader_count": count_members(inside)})


@require_POST
def share(request, gid):
    inside = enter_group_to_act(request.user, gid)
    require(inside.rights.write)
    form = StoryForm(request.POST)
    if not form.is_valid() or not in_measure(request, form, "write"):
        return _write_page(request, inside, form)
    try:
        shared = telling.share(inside, form.cleaned_data["key"], form.cleaned_data)
    except telling.AlreadyShared:
        form.start_anew(_("You have shared this story already. Sharing these words makes a second story."))
        return _write_page(request, inside, form)
    messages.success(request, _shared_with(count_members(inside) - 1))
    return redirect("groups:story", gid, shared.pk)


def _shared_with(others):
    if not others:
        return _("Your story is in the group. You are its first member: nobody else reads it yet.")
    words = ngettext(
        "Your story is shared with %(count)d person.", "Your story is shared with %(count)d people.", others
    )
    return words % {"count": others}


def _edit_page(request, inside, story, form):
    context = {"inside": inside, "here": "stories", "form": form, "story": story, "reader_count": count_members(inside)}
    return render(request, "groups/edit.html", context, status=422 if form.errors else 200)


def _write_page(request, inside, form):
    context = {"inside": inside, "here": "stories", "form": form, "reader_count": count_members(inside)}
    return render(request, "groups/write.html", context, status=422 if form.errors else 200)
