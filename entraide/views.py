"""Pages that belong to no single app: landing, one's own space, a group's home, help, the way out."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from groups import charter as charter_of_the_house
from groups import reading
from groups.confidentiality import (
    enter_every_group,
    enter_group,
    own_proposals,
    readable_stories,
    sheets,
    within,
    within_any,
)
from meetings.models import Meeting

ON_LANDING = 3
ON_MY_SPACE = 5
ON_HOME = 5


@login_not_required
@require_safe
def landing(request):
    soon = sheets().filter(next_starts_at__gt=timezone.now()).by_next_meeting()[:ON_LANDING]
    return render(request, "landing.html", {"groups": soon})


@login_not_required
@require_safe
def charter(request):
    return render(request, "charter.html", {"charter_date": charter_of_the_house.VERSION})


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def help_now(request):
    return render(request, "help_now.html")


@require_safe
def my_space(request):
    insides = enter_every_group(request.user)
    by_group = {inside.group.pk: inside.group for inside in insides}
    upcoming = within_any(insides, Meeting).standing().upcoming()[:ON_MY_SPACE]
    context = {
        "memberships": [{"group": inside.group, "person": inside.person} for inside in insides],
        "meetings": [{"meeting": meeting, "group": by_group[meeting.group_id]} for meeting in upcoming],
        "proposals": own_proposals(request.user),
    }
    return render(request, "my_space.html", context)


@require_safe
def group_home(request, gid):
    inside = enter_group(request.user, gid)
    cards = [reading.card(inside, story) for story in readable_stories(inside).newest_first()[:ON_HOME]]
    upcoming = within(inside, Meeting).standing().upcoming().first()
    context = {"inside": inside, "here": "home", "cards": cards, "next_meeting": upcoming}
    return render(request, "groups/home.html", context)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave_quickly(request):
    """Close the session and show something harmless. It cannot fail, and no other site can use it."""
    response = HttpResponseRedirect(settings.EXIT_URL)
    if request.headers.get("Sec-Fetch-Site") != "cross-site":
        request.session.flush()
        response.delete_cookie(settings.SESSION_COOKIE_NAME)
        response["Clear-Site-Data"] = '"cookies", "storage"'
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def healthz(request):
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok\n", content_type="text/plain")
