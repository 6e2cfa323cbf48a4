"""One field of a row, of the type that it should have."""

LONGEST = 1000  # characters


class Unreadable(Exception):
    """A row that cannot be read: the reason, counted with its like, and what is wrong in this row."""

    def __init__(self, reason: str, found: object = ""):
        super().__init__(reason)
        self.reason = reason
        # nothing that a terminal would obey
        self.found = ascii(found)[:60] if found != "" else ""


def text_of(row: dict, name: str, most: int = LONGEST) -> str:
    """A missing field and null are empty."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not text", value if isinstance(value, int | float) else type(value).__name__)
    if len(value) > most:
        raise Unreadable(f"{name} is longer than {most} characters")
    return value.strip()
