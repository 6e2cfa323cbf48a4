"""Looking for an echo in one's group. Asked by POST only: what somebody looks for stands in no address."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from groups.confidentiality import enter_group
from groups.echo import listen
from groups.forms import EchoForm
from members.limits import in_measure


@require_http_methods(["GET", "HEAD", "POST"])
def echo(request, gid):
    inside = enter_group(request.user, gid)
    form = EchoForm(request.POST if request.method == "POST" else None)
    found = listen(inside, **form.cleaned_data) if form.is_valid() and in_measure(request, form, "echo") else None
    context = {"inside": inside, "here": "stories", "form": form, "found": found}
    return render(request, "groups/echo.html", context, status=422 if form.errors else 200)
