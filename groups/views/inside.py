"""The stories of a group: read, received, changed, withdrawn. views/writing.py has what comes before."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import paging, reading, story_drafts, telling
from groups.confidentiality import (
    enter_every_group,
    enter_group,
    enter_group_to_act,
    find_story,
    find_told_story,
    hold_own_story,
    own_stories_of_all,
    page_of_stories,
    words_received,
    words_said,
)
from groups.forms import StoryChange
from groups.models import Resonance
from groups.views.writing import too_late
from members.limits import in_measure

PAGE = 10
MOST_OF_ONES_OWN = 200


@require_safe
def stories(request, gid):
    inside = enter_group(request.user, gid)
    rows = page_of_stories(inside, PAGE + 1, before=paging.before(request))
    older = f"{reverse('groups:stories', args=[gid])}?before={rows[PAGE - 1].shared_at}" if len(rows) > PAGE else ""
    cards = [reading.card(inside, story) for story in rows[:PAGE]]
    return render(request, "groups/stories.html", {"inside": inside, "here": "stories", "cards": cards, "older": older})


@require_safe
def story(request, gid, sid):
    inside = enter_group(request.user, gid)
    found = find_told_story(inside, sid)
    mine = found.author_id == inside.membership.pk
    context = {
        "inside": inside,
        "here": "stories",
        "told": reading.told(inside, found, opened=mine or "open" in request.GET),
        "linked": reading.linked(inside, found),
        "words": [] if mine else _words_to_say(inside, found),
        "received": words_received(inside, found),
    }
    return render(request, "groups/story.html", context)


@require_POST
def resonance(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    found = find_story(inside, sid)
    said = "say" in request.POST
    kind = request.POST.get("say" if said else "unsay")
    telling.receive(inside, found, kind, said=said)
    if kind in Resonance.Kind.values:
        messages.success(request, _("The person who wrote will know.") if said else _("It is taken back."))
    return redirect(f"{reverse('groups:story', args=[gid, sid])}?open=1")


@require_POST
def withdraw(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    telling.withdraw(hold_own_story(inside, sid))
    messages.success(request, _("Your story is withdrawn. Its key is destroyed: nobody can read it any more."))
    return redirect("group_home", gid)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, gid, sid):
    inside = enter_group_to_act(request.user, gid)
    mine = hold_own_story(inside, sid)
    if not inside.rights.write:
        return too_late(request, inside)
    form = _change_form(request, inside, mine)
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


@require_safe
def own(request):
    """All of one's own stories and drafts, of every group."""
    insides = {inside.group.pk: inside for inside in enter_every_group(request.user)}
    rows = list(own_stories_of_all([*insides.values()])[: MOST_OF_ONES_OWN + 1])
    shelves = {gid: {"group": inside.group, "cards": [], "draft": None} for gid, inside in insides.items()}
    for row in rows[:MOST_OF_ONES_OWN]:
        shelves[row.group_id]["cards"].append(reading.card(insides[row.group_id], row))
    for draft in story_drafts.own_drafts([*insides.values()]):
        shelves[draft.group_id]["draft"] = draft
    shown = [shelf for shelf in shelves.values() if shelf["cards"] or shelf["draft"]]
    more = MOST_OF_ONES_OWN if len(rows) > MOST_OF_ONES_OWN else 0
    return render(request, "groups/own_stories.html", {"shelves": shown, "more": more})


def _words_to_say(inside, story):
    said = words_said(inside, story)
    return [{"kind": kind.value, "label": kind.label, "said": kind in said} for kind in Resonance.Kind]


def _change_form(request, inside, story):
    typed = request.POST if request.method == "POST" else None
    initial = reading.words_of(inside, story)
    return StoryChange(typed, initial=initial, group=inside.group, ends_on=story.ends_on)


def _edit_page(request, inside, story, form):
    context = {"inside": inside, "here": "stories", "form": form, "story": story}
    return render(request, "groups/edit.html", context, status=422 if form.errors else 200)
