"""Groups to be found, and what somebody looks for."""

from datetime import UTC, datetime, time, timedelta

from entraide.lib.days import today
from tests import makers

SOON = datetime.now(UTC).replace(microsecond=0)
MORNING_HOUR, EVENING_HOUR = time(9), time(19)


def next_week(weekday, at):
    monday = today() + timedelta(days=7 - today().weekday())
    return datetime.combine(monday + timedelta(days=weekday), at, makers.MONTREAL)


def sheet(name, after=1, weekday=None, at=EVENING_HOUR, **columns):
    """A group whose next meeting comes after so many days; or on that weekday (0 is Monday) of next week, at that time
    in Montréal. In person in Sherbrooke unless said otherwise."""
    starts = SOON + timedelta(days=after) if weekday is None else next_week(weekday, at)
    dates = {"next_starts_at": starts, "next_ends_at": starts + timedelta(hours=1)}
    words = {"for_whom": "Pour qui le vit.", "lived_experience": "other", "format": "in_person"}
    return makers.make_sheet(**{"name": name, **dates, **words, **columns})


EVERY_FILTER = {
    "q": "deuil",
    "where": ["in_person"],
    "city": "Montréal",
    "km": 50,
    "day": [1],
    "moment": ["evening"],
    "language": "fr",
    "access": ["wheelchair"],
    "free": "on",
}
ANSWER = {"lived_experience": "grief", "city": "Laval", "access": ["wheelchair"], "language": "fr"}
ANSWER |= {"weekday": 1, "at": EVENING_HOUR}
