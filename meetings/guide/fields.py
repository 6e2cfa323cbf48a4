"""One field of a row, of the type that it should have."""

LONGEST = 1000  # characters


class Unreadable(Exception):
    """A row that cannot be read: the reason, counted with its like, and what is wrong in this row."""

    def __init__(self, reason: str, found: object = ""):
        super().__init__(reason)
        self.reason = reason
        self.found = shown(found) if found != "" else ""


def shown(value: object) -> str:
    """Short, and nothing that a terminal would obey. Of what is no text and no number, the type alone."""
    if isinstance(value, str):
        return ascii(value[:60])[:60]
    return ascii(value) if isinstance(value, int | float) else type(value).__name__


def text_of(row: dict, name: str, most: int = LONGEST) -> str:
    """A missing field and null are empty."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not text", value)
    if len(value) > most:
        raise Unreadable(f"{name} is longer than {most} characters")
    return value.strip()
