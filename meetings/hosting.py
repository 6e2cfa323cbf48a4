"""Facilitating one meeting, in turn. Nobody is appointed; a meeting that nobody facilitates takes place. One person
takes two at a time at most, of the next eight (app.may_host, migration 0038).
"""

from django.db.models import Exists, OuterRef, QuerySet

from entraide.lib.sql import answer, answers
from groups.confidentiality import Inside, Person, within
from meetings.models import Hosting, Meeting

OFFERED = 8  # as the database counts them


def offered(inside: Inside) -> list[Meeting]:
    """The meetings of the coming weeks that people may say they facilitate."""
    return list(within(inside, Meeting).standing().upcoming().select_related("series")[:OFFERED])


def hosts_of(inside: Inside, meetings: list[Meeting]) -> dict[Meeting, list[Person]]:
    """Those who said that they facilitate them."""
    found = {meeting: [] for meeting in meetings}
    for hosting in within(inside, Hosting).filter(meeting__in=meetings).select_related("membership").order_by("pk"):
        found[Meeting(pk=hosting.meeting_id)].append(inside.person_of(hosting.membership))
    return found


def with_hosts(inside: Inside, meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Each says whether somebody facilitates it (`is_hosted`), in the statement that finds them."""
    return meetings.annotate(is_hosted=Exists(within(inside, Hosting).filter(meeting=OuterRef("pk"))))


def hosts(inside: Inside, meeting: Meeting) -> bool:
    return within(inside, Hosting).filter(meeting=meeting, membership=inside.membership).exists()


def may_arrange(inside: Inside, meeting: Meeting) -> bool:
    """This meeting alone: whoever facilitates it, and whoever may schedule."""
    return inside.rights.schedule or hosts(inside, meeting)


def may_offer(meeting: Meeting) -> bool:
    """Not for a third one, nor long before."""
    return answer("select app.may_host(%s)", meeting.pk)


def offer(inside: Inside, meeting: Meeting) -> bool:
    """Twice is once. Where somebody else offered too, they do it together. False for one too many, or long before it.

    The caller holds the group's clock."""
    if hosts(inside, meeting):
        return True
    if not may_offer(meeting):
        return False
    answer("select app.had_a_turn(%s)", inside.group.pk)
    Hosting.objects.create(group=inside.group, meeting=meeting, membership=inside.membership)
    return True


def take_back(inside: Inside, meeting: Meeting) -> None:
    within(inside, Hosting).filter(meeting=meeting, membership=inside.membership).delete()


def pass_on(inside: Inside) -> None:
    """The same place in the order as after having facilitated."""
    answer("select app.had_a_turn(%s)", inside.group.pk)


def proposed(inside: Inside) -> list:
    """Memberships that have not facilitated for the longest time: oneself, if so; the others for those who arrange."""
    return [pk for (pk,) in answers("select app.proposed_to_host(%s)", inside.group.pk)]
