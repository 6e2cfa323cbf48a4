"""Erasing one's account: what goes is said, a code sent to one's own address confirms it, and it is done at once."""

from contextlib import suppress

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from entraide.lib.site_data import clear_site_data
from groups import belonging, founding, notebook
from groups.confidentiality import own_memberships
from groups.forms import Leave
from members import devices
from members.codes import OwnCode
from members.forms import CodeForm
from members.limits import in_measure


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request):
    form = Leave(request.POST if request.method == "POST" else None)
    if not own_memberships(request.user).exists():
        del form.fields["stories"]
    if request.method == "POST" and form.is_valid() and in_measure(request, form, "own_code"):
        OwnCode.start(request, "erase", stories=form.cleaned_data.get("stories", "withdraw"))
        return redirect("erase_code")
    return render(request, "erase.html", {"form": form}, status=422 if form.errors else 200)


@csrf_exempt
@login_not_required
def erase_code(request):
    """Tapped twice, it has happened once: the second tap comes without a session, so also without the token kept there,
    and reads that it is done. For everybody who is signed in the token is asked for."""
    if request.user.is_authenticated:
        return _code(request)
    return redirect("erased" if request.method == "POST" else "account_login")


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def _code(request):
    code = OwnCode.waiting(request, "erase")
    if code is None:
        return redirect("erase")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and code.opens_with(form):
        return _erased(request, keep_stories=code.chosen["stories"] == "keep")
    return render(request, "erase_code.html", {"form": form, **code.chosen}, status=422 if form.errors else 200)


def _erased(request, *, keep_stories):
    with suppress(Http404):  # it has been done in another window
        forget(request.user, keep_stories=keep_stories)
    logout(request)
    return clear_site_data(redirect("erased"), "cookies", "storage")


def forget(member, *, keep_stories: bool) -> None:
    """Everything of a person, in the one transaction of the request. Nobody is told, and no mail follows."""
    member.hold()
    belonging.leave_every_group(member, keep_stories=keep_stories)
    founding.forget_proposals_of_the_one_who_asks()
    notebook.forget(member)
    devices.close_sessions(member)
    member.delete()


@login_not_required
@require_safe
def erased(request):
    return render(request, "erased.html")
