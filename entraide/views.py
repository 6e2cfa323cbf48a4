"""Pages that belong to no single app: landing, pages about the service, one's own space, a group's home, help, the way
out."""

import re
from contextlib import suppress
from datetime import date
from logging import ERROR

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide import copies, look
from entraide.lib.logs import log
from entraide.lib.site_data import clear_site_data
from entraide.middleware import without_session
from groups import asking, deciding, mail_wanted, reading
from groups import charter as charter_of_the_house
from groups.confidentiality import enter_every_group, page_of_stories, sheets, within, within_any
from groups.drafts import Draft
from groups.proposals import own_proposals
from groups.requests import own_requests
from meetings import hosting
from meetings.guide.giving import our_groups
from meetings.models import Meeting
from meetings.own_meetings import with_groups
from meetings.where import lacks_room
from members.sessions import SessionStore

ON_LANDING = 3
ON_MY_SPACE = 5
ON_HOME = 5
HEARD_AT_ONCE, MOST_HEARD_OUT = 2**16, 2**26  # bytes of a body that is too large
LONG_WORDS = re.compile(r"(?=.*\s).{30,}", re.DOTALL)  # what nobody wants to type again; no code, no address
STORY_WORDS = ("title", "text", "own_feeling")  # however short
ACCESSIBILITY_STATED_ON = date(2026, 11, 22)  # the day on which somebody last read that page against the site


def about_the_service(view):
    """A page of plain words for everybody: any cache may keep it for an hour. It holds nothing of anybody; the
    middleware turns this into no-store for whoever is signed in."""
    return login_not_required(require_safe(cache_control(public=True, max_age=3600)(view)))


@login_not_required
@require_safe
def landing(request):
    soon = sheets().opened().filter(next_starts_at__gt=timezone.now()).by_next_meeting()[:ON_LANDING]
    return render(request, "landing.html", {"groups": soon})


@about_the_service
def how(request):
    return render(request, "how.html")


@about_the_service
def charter(request):
    return render(request, "charter.html", {"charter_date": charter_of_the_house.VERSION})


@about_the_service
def about(request):
    return render(request, "about.html", {"contact": settings.CONTACT_EMAIL})


@about_the_service
def safety(request):
    return render(request, "safety.html")


@about_the_service
def privacy(request):
    return render(request, "privacy.html", {"contact": settings.CONTACT_EMAIL})


@about_the_service
def accessibility(request):
    context = {"contact": settings.CONTACT_EMAIL, "stated_on": ACCESSIBILITY_STATED_ON}
    return render(request, "accessibility.html", context)


@without_session
@require_safe
@cache_control(no_store=True)
def in_french(request, page):
    """An address that people say aloud leads to the page."""
    return redirect(page)


@without_session
@require_safe
@gzip_page  # nothing in it is secret
def meetings_json(request):
    """Our groups for other sites, in the Meeting Guide format: the same for everybody who asks."""
    try:
        groups = our_groups()
    except OperationalError:
        return HttpResponse(status=503, headers={"Retry-After": "600", "Cache-Control": "no-store"})
    response = JsonResponse(groups, safe=False, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def my_space(request):
    insides = enter_every_group(request.user)
    upcoming = within_any(insides, Meeting).standing().upcoming()[:ON_MY_SPACE]
    context = {
        "memberships": [{"group": inside.group, "person": inside.person} for inside in insides],
        "meetings": with_groups(insides, upcoming, request.user.time_zone),
        "requests": own_requests(request.user),
        "proposals": own_proposals(request.user),
        "draft": Draft(request),
        "theme_form": look.theme_form(request),
        "mail_refused": mail_wanted.is_refused(insides),
        "mail_asked": mail_wanted.is_asked(insides),
    }
    return render(request, "my_space.html", context)


@require_POST
def theme(request):
    form = look.ThemeForm(request.POST)
    response = redirect("my_space")
    if form.is_valid():
        look.keep_theme(response, form.cleaned_data["theme"])
        messages.success(request, _("It is done. Your choice holds for this device."))
    return response


@require_safe
def group_home(request, gid):
    inside = deciding.enter(request.user, gid)
    cards = [reading.card(inside, story) for story in page_of_stories(inside, ON_HOME)]
    upcoming = hosting.with_hosts(inside, within(inside, Meeting).standing().upcoming()).first()
    context = {"inside": inside, "here": "home", "cards": cards, "next_meeting": upcoming}
    context["needs_room"] = upcoming and lacks_room(inside, upcoming) and hosting.may_arrange(inside, upcoming)
    return render(request, "groups/home.html", {**context, "asking": asking.is_told(inside)})


@without_session
@require_http_methods(["GET", "HEAD", "POST"])
def leave_quickly(request):
    """Close the session and show something harmless. It cannot fail, and no other site can sign anybody out with it."""
    response = HttpResponseRedirect(settings.EXIT_URL, status=303)
    if request.headers.get("Sec-Fetch-Site") != "cross-site":
        _forget(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        for cookie in (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, look.COOKIE):
            response.delete_cookie(cookie)
        clear_site_data(response, "cookies", "storage")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _forget(session_key):
    try:
        SessionStore(session_key).delete()
    except Exception as failure:  # leaving comes first; without its cookie the session serves nobody here
        log("session_not_closed", ERROR, exception=type(failure).__name__)


def unreadable_request(request, exception):
    """handler400: Django's own looks for a session, and a request with a wrong host never gets that far.

    A session that was closed elsewhere while this request was under way is no fault of it: they sign in again."""
    if isinstance(exception, SessionInterrupted):
        return redirect("my_space")
    if isinstance(exception, RequestDataTooBig):
        _hear_out(request)
    return HttpResponse(render_to_string("400.html"), status=400, headers={"Cache-Control": "no-store"})


def _hear_out(request):
    """A browser that is still sending when the answer comes shows an error of its own in the place of our page."""
    with suppress(UnreadablePostError):
        for _ in range(MOST_HEARD_OUT // HEARD_AT_ONCE):
            if not request.read(HEARD_AT_ONCE):
                return


def closed_meanwhile(request, reason=""):
    """CSRF_FAILURE_VIEW: most often the session has ended while somebody was writing. Nothing of it is kept here, so
    their own words go back to them, and the form once more: it passes as soon as they are signed in again. Not when
    another site sent it: its words have no place on our page."""
    is_ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    fields = [(name, text) for name, texts in request.POST.lists() for text in texts if name != "csrfmiddlewaretoken"]
    written = [text for name, text in fields if is_ours and _is_written(name, text)]
    again = fields if written else []
    response = render(request, "403_csrf.html", {"written": "\n\n".join(written), "again": again}, status=403)
    response["Cache-Control"] = "no-store"
    return response


def _is_written(name, text):
    return (name in STORY_WORDS and text.strip()) or LONG_WORDS.fullmatch(text)


def server_error(request):
    """handler500: a file, without context, database or template."""
    return HttpResponse(copies.kept("500.html"), status=500, headers={"Cache-Control": "no-store"})


@login_not_required
@require_safe
def healthz(request):
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok\n", content_type="text/plain")
