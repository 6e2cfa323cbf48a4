"""The charter that every member accepts on entering. Its words are in templates/groups/_charter.html."""

from datetime import date

VERSION = date(2026, 9, 3)  # the day from which this wording holds


def version_of(group) -> date:
    """The day from which the group's charter holds: the house's wording, or the group's own additions to it."""
    return max(VERSION, group.charter_on or VERSION)
