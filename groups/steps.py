"""What somebody has answered so far on the way into a group. It waits in the session, sealed like all of it."""


def steps_so_far(request, gid) -> dict:
    return request.session.get("joining", {}).get(str(gid), {})


def remember_step(request, gid, **answers) -> None:
    joining = request.session.get("joining", {})
    joining[str(gid)] = {**joining.get(str(gid), {}), **answers}
    request.session["joining"] = joining


def forget_steps(request, gid) -> None:
    joining = request.session.get("joining", {})
    joining.pop(str(gid), None)
    request.session["joining"] = joining
