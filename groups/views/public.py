"""What anybody may read: the directory and the public sheet of a group."""

from urllib.parse import urlencode

from allauth.core.ratelimit import respond_429
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from groups.confidentiality import find_sheet, is_member, own_request, sheets
from groups.forms import Finder
from members.limits import may

PAGE = 10


@login_not_required
@require_safe
def directory(request):
    if request.GET and not may(request, "search"):
        return respond_429(request)
    form = Finder(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {"q": "", "where": []}
    groups = sheets().matching(wanted["q"]).held(wanted["where"]).by_next_meeting()
    page = Paginator(groups, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "groups": page.object_list, "page_obj": page, "count": page.paginator.count}
    return render(request, "groups/directory.html", {**context, "removals": _removals(form, wanted)})


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


def _removals(form, wanted):
    """Each filter as a link to the same list without it."""
    labels = dict(form.fields["where"].choices)
    removals = []
    if wanted["q"]:
        removals.append({"label": wanted["q"], "url": "?" + urlencode({"where": wanted["where"]}, doseq=True)})
    for code in wanted["where"]:
        others = [other for other in wanted["where"] if other != code]
        query = urlencode({"q": wanted["q"], "where": others}, doseq=True)
        removals.append({"label": labels[code], "url": f"?{query}"})
    return removals
