"""The browsers in which somebody is signed in: which they are, and closing them."""

from members.models import Member, Session
from members.sessions import owner_tag, row_name


def close_sessions(member: Member, *, but: str = "") -> None:
    """Sign somebody out at once, in every browser or in all but the one with the session key `but`.

    Whoever closes the session of the request too calls `logout(request)` besides: Django would want to save it.
    """
    Session.objects.filter(owner=owner_tag(member.pk)).exclude(pk=row_name(but)).delete()
