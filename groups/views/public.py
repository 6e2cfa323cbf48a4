"""What anybody may read: the directory and the public sheet of a group."""

from functools import cache

from allauth.core.ratelimit import respond_429
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from groups import experiences, finder
from groups.confidentiality import find_sheet, is_member
from groups.finding import Found, Wanted
from groups.requests import own_request
from members.limits import may_search

PAGE = 10


@login_not_required
@require_safe
def directory(request):
    if request.GET and not may_search(request):
        return respond_429(request)
    wanted = finder.read(request.GET)
    found = Found(wanted.groups(), timezone.now())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "options": finder.options(wanted),
        "topics": _drawn("_topics", request.LANGUAGE_CODE),
        "more": "" if wanted.is_detailed else _drawn("_more_choices", request.LANGUAGE_CODE),
        "other_cities": finder.other_cities(wanted) if wanted.city else [],
        "removals": finder.removals(wanted),
        "found": found,
        "page_obj": page,
        "page_link": f"{wanted.query}&page=" if wanted.query else "?page=",
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
    }
    if not found.count():
        context |= finder.ways_out(wanted)
    return render(request, "groups/directory.html", context)


@cache
def _drawn(part, language):
    """A part of the form as most people meet it, where nothing depends on who asks: drawn once in each language."""
    context = {"topics": experiences.topics(language), "options": finder.options(Wanted()), "wanted": Wanted()}
    return render_to_string(f"groups/{part}.html", context)


@login_not_required
@require_safe
def sheet(request, slug):
    group = find_sheet(slug)
    if group.slug != slug:
        return redirect("groups:sheet", group.slug)
    if group.is_awaiting:
        return render(request, "groups/awaiting.html", {"group": group})
    context = {"is_member": is_member(request.user, group), "asked": own_request(request.user, group.pk)}
    return render(request, "groups/sheet.html", {"group": group, **context})
