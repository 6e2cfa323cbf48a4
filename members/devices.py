"""The devices on which somebody is signed in."""


def close_sessions(member) -> None:
    """On every device at once. A session whose member is gone opens nothing: its next request is that of a visitor."""
