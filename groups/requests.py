"""Who sees a request to enter a group: the one who asks, and the members who may welcome them.

As groups/confidentiality.py does for what is inside; PostgreSQL's row policies say the same a second time.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from entraide.lib.crypto import DoesNotOpen, Secret
from groups.confidentiality import Inside, Person, within
from groups.models import EntryRequest
from groups.vault import member_tag, open_request


def requests_to_welcome(inside: Inside) -> QuerySet[EntryRequest]:
    """The oldest first. Those who are welcome and wait for a place are nobody's to see."""
    return within(inside, EntryRequest).filter(welcomed_on__isnull=True).order_by("number")


def asker(request: EntryRequest) -> Person:
    """Under the name that they chose for this group, for its members and for themselves."""
    try:
        name = Secret(open_request(request)["name"])
    except DoesNotOpen:
        name = Secret(_("Somebody whose name does not open"))
    return Person(request.pk, name)


def own_requests(member) -> QuerySet[EntryRequest]:
    tag = member_tag(member.pk)
    return EntryRequest.objects.filter(member_tag=tag).select_related("group").order_by("pk")


def own_request(member, group_id: UUID) -> EntryRequest | None:
    return own_requests(member).filter(group=group_id).first() if member.is_authenticated else None
