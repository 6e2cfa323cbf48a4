"""Facilitating in turn: who does it for which coming meeting, and the guide that helps whoever does, or everybody."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups.belonging import enter_alone
from groups.confidentiality import enter_group, enter_group_to_act, find, others, require
from meetings import hosting
from meetings.models import Meeting


@require_safe
def rotation(request, gid):
    inside = enter_group(request.user, gid)
    coming = hosting.offered(inside)
    found, proposed = hosting.hosts_of(inside, coming), hosting.proposed(inside)
    context = {
        "inside": inside,
        "here": "meetings",
        "rows": [(meeting, people, inside.person in people) for meeting, people in found.items()],
        "may_offer": bool(coming) and hosting.may_offer(coming[0]),
        "is_proposed": inside.membership.pk in proposed,
        "proposed": [person for person in others(inside) if person.id in proposed],
    }
    return render(request, "meetings/rotation.html", context)


@require_safe
def guide(request, gid):
    return render(request, "meetings/guide.html", {"inside": enter_group(request.user, gid), "here": "meetings"})


@require_POST
def host(request, gid, mid):
    inside = enter_alone(request.user, gid)
    require(inside.rights.write)
    found = find(inside, Meeting, mid)
    if found.is_over or found.is_cancelled:
        messages.error(request, _("This meeting does not take place any more."))
    elif not hosting.offer(inside, found):
        messages.error(
            request, _("One person takes two coming meetings at most, among the next eight: others may want one too.")
        )
    else:
        messages.success(request, _("Thank you, it is noted. You can take it back at any time, without a reason."))
    return redirect("meetings:rotation", gid)


@require_POST
def unhost(request, gid, mid):
    inside = enter_group_to_act(request.user, gid)
    hosting.take_back(inside, find(inside, Meeting, mid))
    messages.success(request, _("It is noted. The meeting takes place all the same."))
    return redirect("meetings:rotation", gid)


@require_POST
def pass_hosting(request, gid):
    hosting.pass_on(enter_group_to_act(request.user, gid))
    messages.success(request, _("It is noted. It will be proposed to others first."))
    return redirect("meetings:rotation", gid)
