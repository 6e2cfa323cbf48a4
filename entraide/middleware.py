"""What happens around every request: one transaction, who is asking, private headers, one dry log line."""

import time
import uuid
from logging import ERROR
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path
from redis.exceptions import RedisError

from entraide.lib.crypto import DoesNotOpen
from entraide.lib.logs import log, route_name
from entraide.lib.sql import tell_who_asks
from groups import own_keys, vault
from groups.confidentiality import CharterDue, StoryGone
from members.second_factor import has_second_factor

# Nothing here needs any of them. Names that browsers no longer know would only make them complain.
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
REFUSED = "Cette adresse ne s’ouvre que depuis ce site. / This address opens from this site only.\n"
NOT_KEPT = {"Cache-Control": "no-store"}


def access_log(get_response):
    """One line a request. The id of one that broke goes along with its answer too, so that a person can quote it."""

    def middleware(request):
        request.id = uuid.uuid4().hex[:12]
        request.encoding = "utf-8"  # whatever a body claims: another charset could bring signs that no page can show
        started = time.monotonic()
        response = get_response(request)
        elapsed = round((time.monotonic() - started) * 1000, 1)
        log(
            "request",
            route=route_name(request),
            method=request.method,
            status=response.status_code,
            ms=elapsed,
            id=request.id,
        )
        if response.status_code >= 500:  # every other answer is the same for the same thing, headers included
            response["X-Request-Id"] = request.id
        return response

    return middleware


def apart_from_other_sites(get_response):
    """No answer is readable across sites, static files included; none may ask for a camera or a place."""

    def middleware(request):
        response = get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = PERMISSIONS
        return response

    return middleware


def private_pages(get_response):
    """Pages of a signed-in person are kept by no cache and no index."""

    def middleware(request):
        response = get_response(request)
        if _is_private(request):
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex"
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


class form_errors:  # noqa: N801
    """A page that shows a form with errors answers 422, also where a library's view would say 200: the status tells
    caches, tests and scripts what the page tells people."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if response.status_code == 200 and getattr(form, "is_bound", False) and form.errors:
            response.status_code = 422
        return response


class sealed_rooms:  # noqa: N801
    """A group whose key was altered or is not in the key file can be read around, not written in: say so, change
    nothing. What does not open and can be left out of a page is left out there (groups/reading.py)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return render(request, "sealed.html", status=503) if isinstance(exception, DoesNotOpen) else None


class counted_first:  # noqa: N801
    """While the cache is away, which counts how often something is done, what must not be done without a count waits:
    sign-in codes, tries of a code, names at a door (members/limits.py). Everything else goes on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, RedisError):
            return None
        log("what must be counted waits", ERROR, exception=type(exception).__name__)
        response = render(request, "back_soon.html", status=503)
        response["Retry-After"] = "60"
        return response


class charter_first:  # noqa: N801
    """A member whose charter has changed reads it before any story opens again, and comes back to where they were."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, CharterDue):
            return None
        here = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return redirect(f"{reverse('groups:accept_charter', args=[exception.group_id])}?{urlencode({'next': here})}")


class gone_stories:  # noqa: N801
    """Somebody inside asks for a story that is not there: one sentence says that an author may withdraw theirs, and the
    group is one click away. The same for every id that is none of theirs to read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, StoryGone):
            return None
        return render(request, "groups/story_gone.html", {"inside": exception.inside, "here": "stories"}, status=404)


def without_session(view):
    """Mark a view that knows nobody: `pages_without_session` answers it. What it does, it must be able to do while the
    database is away."""
    view.without_session = view.csrf_exempt = True
    view.login_required = False
    return view


def pages_without_session(get_response):
    """Answer the views marked so here, ahead of the session, the sign-in, the CSRF check (which looks for its token in
    the session) and the transaction: each of them asks the database."""

    def middleware(request):
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        if not getattr(match.func, "without_session", False):
            return get_response(request)
        request.resolver_match = match
        return match.func(request, *match.args, **match.kwargs)

    return middleware


def no_other_site(get_response):
    """Refuse what another site makes a browser ask for, except a link that somebody follows: frames, images, scripts
    and forms over there learn nothing from what we answer, and no session is looked up for them. Browsers that do not
    say where a request comes from pass; the cookie's own rule (SameSite) holds for them.

    The pages without session stand before this: they are the same for everybody, and the quick exit has its own rule.
    """

    def middleware(request):
        if _is_asked_by_another_site(request) and not _is_a_link_followed(request):
            return HttpResponseForbidden(REFUSED, content_type="text/plain; charset=utf-8", headers=NOT_KEPT)
        return get_response(request)

    return middleware


def pages_that_ask_again(get_response):
    """A page that is open asks by itself what is new since it was `seen` (meetings/views/rounds.py). That is no sign of
    anybody before it, so it does not put off the end of an idle session. And once the page is closed to them (signed
    out, no longer of the group, another charter to read) the browser opens it anew and comes to where it leads now: a
    script follows redirects out of sight, and would go on asking for ever."""

    def middleware(request):
        asks_again = "seen" in request.GET and "HX-Request" in request.headers
        request.session.is_unattended = asks_again
        response = get_response(request)
        if asks_again and response.status_code in (302, 404) and request.resolver_match:
            return HttpResponse(status=204, headers={"HX-Redirect": escape_uri_path(request.path)})
        return response

    return middleware


class request_transaction:  # noqa: N801  (reads as the functions beside it)
    """One transaction around the whole request, rendering included: Django's ATOMIC_REQUESTS would end it before a
    lazy template renders, and the row policies would then answer as for nobody."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def who_asks(get_response):
    """Tell the database who is asking. It is said on every request, also when nobody is, so that no earlier answer
    of the same connection can hold."""

    def middleware(request):
        member = request.user
        if member.is_authenticated:
            tell_who_asks(
                tag=vault.member_tag(member.pk),
                proposer=vault.proposer_tag(member.pk),
                notebook=own_keys.notebook_tag(member.pk),
                staff=member.is_staff and has_second_factor(request),
            )
        else:
            tell_who_asks()
        return get_response(request)

    return middleware


def nothing_from_memory(get_response):
    """Chrome keeps even `no-store` pages whole for some minutes, one Back away, until an HttpOnly cookie is set. So a
    page that is closed to a signed-in person sets theirs anew: of a group that they left on another device, this one
    shows nothing more either. (With JavaScript, js/exit.js asks for such pages again.) An address that is no page of
    ours does nothing: browsers ask for a favicon by themselves, beside what a person is sending."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 404 and request.resolver_match and request.user.is_authenticated:
            request.session.modified = True
        return response

    return middleware


def _is_asked_by_another_site(request):
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _is_a_link_followed(request):
    top_level = request.headers.get("Sec-Fetch-Dest", "document") in ("document", "empty")
    return request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate" and top_level


def _is_private(request):
    if getattr(request.resolver_match and request.resolver_match.func, "without_session", False):
        return False  # the same for everybody, whatever cookie came along
    session = getattr(request, "session", None)
    return settings.SESSION_COOKIE_NAME in request.COOKIES or (session is not None and not session.is_empty())
