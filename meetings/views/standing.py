"""How the mails stand: the numbers for staff, and one word for whoever watches from outside."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from meetings import standing
from members.second_factor import staff_only


@staff_only
@require_safe
def numbers(request):
    return render(request, "meetings/standing.html", {"mails": standing.now()})


@login_not_required
@require_safe
@cache_control(no_store=True)
def health(request):
    """No number: how many people are reminded, and of how much, is nobody's business."""
    late = standing.is_late()
    return HttpResponse("late\n" if late else "ok\n", status=503 if late else 200, content_type="text/plain")
