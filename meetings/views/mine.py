"""One's own meetings, over all groups: for the member alone."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from groups.confidentiality import enter_every_group, within_any
from meetings import months
from meetings.coming import full_ones
from meetings.models import Meeting
from meetings.own_meetings import with_groups


@require_safe
def mine(request):
    zone, insides = request.user.time_zone, enter_every_group(request.user)
    first_on = months.month_of(request.GET.get("month", ""), zone)
    start, end = months.bounds(first_on, zone)
    found = within_any(insides, Meeting).filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "pk")
    before, after = months.neighbours(first_on, zone)
    context = {
        "zone": zone,
        "month": first_on,
        "weeks": months.weeks(first_on, found, zone),
        "rows": with_groups(insides, found, zone),
        "full": full_ones(found),
        "is_member": bool(insides),
        "before": before,
        "after": after,
    }
    return render(request, "meetings/mine.html", context)
