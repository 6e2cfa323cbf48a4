"""Looking for marks in bytes, in every form in which words travel: quoted, escaped, encoded, compressed, digested."""

import base64
import re
import string
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from tests.canaries.marks import STEM, Mark

DIGITS, SIGNS = string.hexdigits.encode(), (string.ascii_letters + string.digits + "+/-_").encode()
SHORTEST = {DIGITS: 24, SIGNS: 16}  # a run that could hold a word
URL_SAFE = bytes.maketrans(b"-_", b"+/")
LINE_BREAKS = (b"=\r\n", b"\r\n", b"=\n", b"\n\t", b"\n ", b"\n", rb"\r\n", rb"\n")  # of mails, logs, JSON, dumps
ESCAPED = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([abfnrtv\"\\]))")
UNESCAPED = dict(zip(b'abfnrtv"\\', b'\a\b\f\n\r\t\v"\\', strict=True))
MEMBER = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")  # how gzip and zlib begin
ESCAPES = ("\\u{:04x}", "%{:02x}", "={:02x}", "\\x{:02x}", "\\{:03o}", "&#{};", "&#x{:x};")
DEEPEST = 2  # an encoding inside an encoding
MOST = 8_000_000  # bytes that one compressed member may grow to
AROUND = 400  # bytes beside the beginning of a mark, in its longest form


def found(data: bytes, marks: Iterable[Mark]) -> frozenset[Mark]:
    """The marks that these bytes hold in any form."""
    looked = _Looked(data)
    return frozenset(mark for mark in marks if looked.holds(mark))


class _Looked:
    """Words are looked for beside their common stem only, ids and digests among all digits: both are quick. What is
    neither, as a cookie, is looked for as it is."""

    def __init__(self, data):
        self.layers = list(_layers(data))
        self.digits = b" ".join(run for layer in self.layers for run in _runs(_undashed(layer), DIGITS))
        views = (view for layer in self.layers for view in (layer, _in_one_line(layer)))
        self.near = b"\0".join(set(_beside_stems(views)))
        self.near_small = self.near.lower()

    def holds(self, mark):
        if mark.word.startswith(STEM):
            small, exact = _forms(mark.word)
            return any(form in self.near_small for form in small) or any(form in self.near for form in exact)
        with suppress(ValueError):
            code = bytes.fromhex(mark.word)
            return mark.word.encode() in self.digits or any(code in layer for layer in self.layers)
        return any(mark.word.encode() in layer for layer in self.layers)


def _undashed(layer):
    return layer.replace(b"-", b"").lower()


def _beside_stems(views):
    small, exact = _forms(STEM)
    for view in views:
        for forms, searched in ((small, view.lower()), (exact, view)):
            for start in _starts(forms, searched):
                yield view[max(start - 4, 0) : start + AROUND]


def _starts(forms, view):
    for form in forms:
        start = view.find(form)
        while start >= 0:
            yield start
            start = view.find(form, start + AROUND // 2)  # what lies between is in the same part


# --- Forms of one word --------------------------------------------------------------------------------------------


@cache
def _forms(word: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Those in which small and capital letters are one, in small letters; and base64, where they are not."""
    small, exact = [], []
    for text in (word.lower(), word.upper(), word.capitalize()):
        small += [escape_all(text, sign) for sign in ESCAPES]
        for code in (text.encode(), _wide(text, 2), _wide(text, 4)):
            small += [code.lower(), code.hex().encode()]
            exact += _in_base64(code)
    return tuple(dict.fromkeys(small)), tuple(dict.fromkeys(exact))


def escape_all(text: str, sign: str) -> bytes:
    return "".join(sign.format(ord(letter)) for letter in text).encode()


def _wide(text, width):
    """The part that UTF-16 or UTF-32 of either byte order have in common."""
    return bytes(width - 1).join(letter.encode() for letter in text)


def _in_base64(code):
    """What stays the same whatever stands before and after, at each of the three places where it can begin."""
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(code)) // 6
        yield base64.b64encode(bytes(before) + code + bytes(2))[first:last]


# --- Layers ---------------------------------------------------------------------------------------------------------


def _layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes themselves; then what they hold in hexadecimal, in base64 and in compressed members."""
    yield data
    if depth < DEEPEST:
        for decode in (_from_hex, _from_base64, _unescaped, _decompressed):
            if inner := decode(data):
                yield from _layers(inner, depth + 1)


def _from_hex(data):
    return b"\0".join(bytes.fromhex(run[: len(run) // 2 * 2].decode()) for run in _runs(data, DIGITS))


def _from_base64(data):
    runs = _runs(data, SIGNS) + _runs(_in_one_line(data), SIGNS)
    return b"\0".join(base64.b64decode(_filled_up(run.translate(URL_SAFE))) for run in runs)


def _runs(data, alphabet):
    return [run for run in data.translate(_blanks(alphabet)).split() if len(run) >= SHORTEST[alphabet]]


@cache
def _blanks(alphabet):
    return bytes(code if code in alphabet else 32 for code in range(256))


def _in_one_line(data):
    """Without the line breaks that may stand in the middle of a word."""
    for line_break in LINE_BREAKS:
        data = data.replace(line_break, b"")
    return data


def _filled_up(run):
    """To whole groups of four; a single sign too many says nothing."""
    return run[:-1] if len(run) % 4 == 1 else run + b"=" * (-len(run) % 4)


def _unescaped(data):
    """Without the marks that a repr, or Valkey's record of commands, puts before some bytes."""
    return ESCAPED.sub(_unescaped_byte, data) if ESCAPED.search(data) else b""


def _unescaped_byte(match):
    return bytes.fromhex(match[1].decode()) if match[1] else bytes([UNESCAPED[match[2][0]]])


def _decompressed(data):
    return b"\0".join(_member(memoryview(data)[match.start() :]) for match in MEMBER.finditer(data))


def _member(data):
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, MOST)
    return b""


# --- Every place ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    name: str
    size: int
    found: frozenset[Mark]

    @property
    def kind(self):
        return self.name.partition(":")[0]

    @property
    def leaks(self):
        return {mark.kind for mark in self.found if not mark.may_lie_in(self.name)}


def swept(seen: dict[str, bytes], marks: list[Mark]) -> list[Place]:
    return [Place(name, len(data), found(data, marks)) for name, data in seen.items()]


def leaks(places: list[Place]) -> list[str]:
    return [f"{kind} lies in {place.name}" for place in places for kind in sorted(place.leaks)]


def table(places: list[Place]) -> Iterator[str]:
    """What is shown at the end of the tests: each kind of place, what was read of it, what was found."""
    yield f"{'place':<40}{'read':>8}{'bytes':>12}{'in the clear, as said':>24}{'leaks':>8}"
    for name, group in _lines(places).items():
        count, size = len(group), sum(place.size for place in group)
        said = {mark.kind for place in group for mark in place.found if mark.may_lie_in(place.name)}
        yield f"{name:<40}{count:>8}{size:>12}{len(said):>24}{sum(len(place.leaks) for place in group):>8}"


def _lines(places):
    """Tables by their schema, other places one by one."""
    lines = {}
    for place in places:
        lines.setdefault(place.name.partition(".")[0] if place.kind == "tables" else place.name, []).append(place)
    return lines
