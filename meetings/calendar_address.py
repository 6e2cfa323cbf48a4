"""The private address of a person's calendar: one each, made new at will, given up at will or by leaving a group.

It is asked without a session. Whoever knows it learns when that person's meetings are, and nothing else of anything.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.http import Http404

from entraide.lib.sql import answers
from groups import own_keys
from groups.confidentiality import own_memberships
from groups.vault import member_tag
from meetings.models import CalendarAddress


class Entry(NamedTuple):
    """One meeting, as a calendar may know it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    version: int


def secret_of(member) -> str | None:
    """What stands in the person's address, if they have one."""
    row = _own(member).first()
    return None if row is None else own_keys.calendar_secret(row.pk, row.member_tag)


def renew(member) -> bool:
    """The former address is one no more. False for somebody who is in no group: there is nothing to tell a calendar."""
    if not list(own_memberships(member).select_for_update(no_key=True)):  # nobody leaves meanwhile in another window
        return False
    give_up(member)
    row = CalendarAddress(member_tag=member_tag(member.pk))
    row.address_mark = own_keys.calendar_mark(own_keys.calendar_secret(row.pk, row.member_tag))
    row.save(force_insert=True)
    return True


def give_up(member) -> None:
    _own(member).delete()


def entries_at(secret: str) -> list[Entry]:
    """The meetings to come of whose address this is. Raises Http404 for every other one."""
    rows = answers("select * from app.times_for_calendar(%s)", own_keys.calendar_mark(secret))
    if not rows:
        raise Http404
    return [Entry(*row) for row in rows if row[0]]


def _own(member):
    return CalendarAddress.objects.filter(member_tag=member_tag(member.pk))
