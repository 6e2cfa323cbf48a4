"""Lists that go on where the page before ended (`?before=`)."""

MOST_DIGITS = 18  # of a number that fits into a column, whatever its digits are


def before(request) -> int | None:
    """None: from the beginning, as for whatever is no place in a list."""
    asked = request.GET.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) <= MOST_DIGITS else None
