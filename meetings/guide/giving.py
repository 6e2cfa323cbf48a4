"""Our own groups in the Meeting Guide format. It tells what their public sheets tell, and less: no link, no telephone
number, no street, no name of anybody, and no day on which anything of theirs changed.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from entraide.lib.rhythm import Rhythm
from entraide.lib.times import hours, local
from groups.confidentiality import sheets
from groups.models import Access, Format

OPTIONS = {Format.ONLINE: "online", Format.IN_PERSON: "in_person", Format.BOTH: "hybrid"}
TYPES = {"fr": "FR", "en": "EN"}


def our_groups() -> list[dict]:
    """The groups that people have entered. Those of other lists are not ours to give."""
    with override("fr"):
        address = settings.SITE_URL + reverse("groups:sheet", args=["SLUG"])  # once, not ten thousand times
    return [_row(group, address.replace("SLUG", group.slug)) for group in sheets().opened().order_by("slug")]


def _row(group, url):
    row = {"name": group.name, "slug": group.slug, "timezone": group.zone, "types": _types(group)}
    # of readers, not of the specification; without a link to the room nothing else tells what is online
    row |= {"attendance_option": OPTIONS[group.format], "url": url}
    if group.city:
        row |= {"city": group.city, "region": group.city, "approximate": "yes"}
    return row | _times(group)


def _types(group):
    return [TYPES[group.language], *["X"] * (Access.WHEELCHAIR in group.access)]


def _times(group):
    """Days and times are of weekly meetings only; other rhythms are said in words."""
    if group.next_starts_at is None or not group.rhythm:
        return {}
    starts, ends = local(group.next_starts_at, group.zone), local(group.next_ends_at, group.zone)
    if group.rhythm == Rhythm.WEEKLY:
        return {"day": group.rhythm_on.isoweekday() % 7, "time": f"{starts:%H:%M}", "end_time": f"{ends:%H:%M}"}
    with override(group.language):
        return {"notes": f"{group.rhythm_sentence}, {hours(starts, ends)}"}
