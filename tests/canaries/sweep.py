"""Looking for marks in bytes, in every form in which words travel: quoted, escaped, encoded, compressed, digested."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache

from tests.canaries.marks import STEM, Mark

HEX_RUN = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
ESCAPED = re.compile(rb"\\+x([0-9a-fA-F]{2})")
MEMBER = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")  # how gzip and zlib begin
LINE_BREAKS = re.compile(rb"=?(?:\r\n|\n|\\r\\n|\\n)[\t ]*")  # of mails, JSON and dumps, in the middle of a word
ESCAPES = ("\\u{:04x}", "%{:02x}", "={:02x}", "\\x{:02x}", "\\{:03o}", "&#{};", "&#x{:x};")
URL_SAFE = bytes.maketrans(b"-_", b"+/")
DEEPEST = 2  # an encoding inside an encoding
MOST = 8_000_000  # bytes that one compressed member may grow to
AROUND = 400  # bytes beside the beginning of a mark, in its longest form


def found(data: bytes, marks: Iterable[Mark]) -> set[str]:
    """The kinds of the marks that these bytes hold in any form."""
    looked = _Looked(data)
    return {mark.kind for mark in marks if looked.holds(mark)}


class _Looked:
    """Words are looked for beside their common stem only; ids and digests among all digits: both are quick."""

    def __init__(self, data):
        self.layers = list(_layers(data))
        self.digits = b" ".join(run for layer in self.layers for run in HEX_RUN.findall(_undashed(layer)))
        views = (view for layer in self.layers for view in (layer, LINE_BREAKS.sub(b"", layer)))
        self.near = b"\0".join(_beside_stems(views))
        self.near_small = self.near.lower()

    def holds(self, mark):
        if mark.word.startswith(STEM):
            small, exact = _forms(mark.word)
            return any(form in self.near_small for form in small) or any(form in self.near for form in exact)
        code = bytes.fromhex(mark.word)
        return mark.word.encode() in self.digits or any(code in layer for layer in self.layers)


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
            start = view.find(form, start + 1)


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
    return b"\0".join(bytes.fromhex(run.decode()) for run in HEX_RUN.findall(data))


def _from_base64(data):
    runs = [*BASE64_RUN.findall(data), *BASE64_RUN.findall(LINE_BREAKS.sub(b"", data))]
    return b"\0".join(base64.b64decode(_filled_up(run.translate(URL_SAFE))) for run in runs)


def _filled_up(run):
    """To whole groups of four; a single sign too many says nothing."""
    return run[:-1] if len(run) % 4 == 1 else run + b"=" * (-len(run) % 4)


def _unescaped(data):
    """As a repr, or Valkey's record of commands, writes bytes."""
    return ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), data) if ESCAPED.search(data) else b""


def _decompressed(data):
    return b"\0".join(_member(memoryview(data)[match.start() :]) for match in MEMBER.finditer(data))


def _member(data):
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, MOST)
    return b""
