"""« Aide maintenant »: the page that must always show, and the pages where staff keep its numbers right."""

from logging import ERROR

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide import copies
from entraide.lib.logs import log
from entraide.middleware import without_session
from members import helplines as lines
from members.forms import HelplineForm
from members.second_factor import staff_only

LAST_POSITION = 100


@without_session
@require_safe
@gzip_page  # nothing on it is secret, and it must be quick on a bad line
@cache_control(public=True, max_age=600, stale_if_error=86400)
def help_now(request):
    """Never blank: whatever fails while the page is made, its copy is shown."""
    try:
        page = copies.help_page()
    except Exception as failure:
        log("help_now_from_its_copy", ERROR, exception=type(failure).__name__)
        page = copies.kept(copies.help_file())
    return HttpResponse(page)


@staff_only
@require_safe
def helplines(request):
    return render(request, "helplines.html", {"places": lines.by_region()})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def helpline(request, hid):
    return _edit(request, lines.find(hid), "helpline.html")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def helpline_add(request):
    return _edit(request, None, "helpline_add.html")


@staff_only
@require_POST
def helpline_remove(request, hid):
    lines.remove(hid)
    _publish()
    messages.success(request, _("The line is removed. Help now no longer shows it."))
    return redirect("helplines")


def _edit(request, line, template):
    form = HelplineForm(
        request.POST if request.method == "POST" else None,
        instance=line,
        initial=None if line else {"position": LAST_POSITION},
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        _publish()
        messages.success(request, _("The line is saved. Help now shows it within ten minutes."))
        return redirect("helplines")
    return render(request, template, {"form": form, "line": line}, status=422 if form.errors else 200)


def _publish():
    """The copies say the same numbers. Where this process may write no file, cron calls `manage.py error_pages`."""
    transaction.on_commit(copies.write, robust=True)
