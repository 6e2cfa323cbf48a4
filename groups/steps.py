"""What somebody has answered so far on the way into a group. It waits in the session, sealed like all of it."""

from groups.names import three_names


def steps_so_far(request, gid) -> dict:
    return request.session.get("joining", {}).get(str(gid), {})


def suggestions(request, gid) -> list[str]:
    """The same from one look to the next, and others in each group."""
    kept = request.session.get("suggested", {})
    if str(gid) not in kept:
        kept[str(gid)] = three_names({name for names in kept.values() for name in names})
        request.session["suggested"] = kept
    return kept[str(gid)]


def remember_step(request, gid, **answers) -> None:
    joining = request.session.get("joining", {})
    joining[str(gid)] = {**joining.get(str(gid), {}), **answers}
    request.session["joining"] = joining


def forget_steps(request, gid) -> None:
    joining = request.session.get("joining", {})
    joining.pop(str(gid), None)
    request.session["joining"] = joining
