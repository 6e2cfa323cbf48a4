"""Web addresses in what people write. A page shows them as text; a link comes only by the reader's own gesture."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST = 20  # of one text
FOUND = re.compile(r"\b(?:https?://|www\.)[^\s<>\"«»“”]+", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?")
# What stands after an address in a sentence, and is no part of it.
AFTER = ".,;:!?…'’)]}"


@dataclass(frozen=True)
class Address:
    url: str
    host: str  # where it really leads, in the letters that machines compare

    def __str__(self):
        return self.url


def addresses_in(text: str) -> list[Address]:
    """Each once, in their order. What no browser could follow is left out."""
    found = {}
    for match in FOUND.finditer(text):
        address = _address(match[0])
        if address:
            found.setdefault(address.url, address)
    return list(found.values())[:MOST]


def _address(words):
    url = _without_what_follows(words)
    url = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # a port or a host that is none; UnicodeError is one of them
        return None
    if not HOST.fullmatch(host) or parts.username or parts.password:
        return None
    # these letters in the link too: browsers read some signs of a host otherwise than we do
    return Address(parts._replace(netloc=f"{host}:{port}" if port else host).geturl(), host)


def _without_what_follows(words):
    end = len(words)
    while words[end - 1] in AFTER and not _closes(words, end):
        end -= 1
    return words[:end]


def _closes(words, end):
    """Whether the last sign is a bracket that was opened inside the address."""
    return words[end - 1] == ")" and words.count("(", 0, end) >= words.count(")", 0, end)
