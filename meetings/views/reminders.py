"""Which mail a person wants: one page for all their groups, one gesture that stops it all, a link in each mail."""

from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from groups import mail_wanted
from groups.confidentiality import enter_every_group
from meetings import next_mail
from meetings.reminder_forms import RemindersForm
from members import limits


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request):
    insides = [inside for inside in enter_every_group(request.user) if not inside.group.is_closed]
    form = RemindersForm(request.POST if request.method == "POST" else None, member=request.user, insides=insides)
    if request.method == "POST" and form.is_valid():
        mail_wanted.choose(request.user, form.wishes(), **form.of_the_person())
        messages.success(request, _("Your choice is kept. You can change it at any time."))
        return redirect("meetings:reminders")
    context = {
        "form": form,
        "zone": request.user.time_zone,
        "wanted": any(inside.membership.wants_mail for inside in insides),
        "next": next_mail.of(request.user, insides),
        "refused": mail_wanted.is_refused(insides),
        "asked": mail_wanted.is_asked(insides),
    }
    return render(request, "meetings/reminders.html", context, status=422 if form.errors else 200)


@require_POST
def stop_everything(request):
    mail_wanted.stop_everything(request.user)
    messages.success(request, _("Everything is stopped. Only your sign-in codes still come, when you ask for one."))
    return redirect("meetings:reminders")


@require_POST
def still_good(request):
    mail_wanted.still_good(request.user)
    messages.success(request, _("It is noted. We will ask again in six months, here and not by e-mail."))
    return redirect("my_space")


@login_not_required
@csrf_exempt  # asked by mail programs, which have no session: the token is all that they know (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def stop(request, token):
    """The link in each reminder. Opening it stops nothing: mail programs open links to look at them. The answer is the
    same for every token."""
    if request.method == "POST":
        if not limits.may(request, "stop_mail"):
            return respond_429(request)
        mail_wanted.stop_one(token)
    response = render(request, "meetings/stop.html", {"is_done": request.method == "POST"})
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
