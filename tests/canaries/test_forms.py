"""A mark is found in whatever form it hides: else a sweep that finds nothing would prove nothing."""

import base64
import gzip
import hashlib
import json
import pickle
import quopri
import zlib
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest

from tests.canaries.marks import Mark, new_mark
from tests.canaries.sweep import ESCAPES, escape_all, found

MARK = new_mark("a story")
SAID = f"Été : « {MARK.word} », dit-elle.\n"
FORMS = {
    "plain": SAID.encode(),
    "in another charset": SAID.encode("cp1252"),
    "in capitals": SAID.upper().encode(),
    "with one capital": MARK.word.capitalize().encode(),
    "in UTF-16": SAID.encode("utf-16"),
    "in UTF-16, the other way round": SAID.encode("utf-16-be"),
    "in UTF-32": SAID.encode("utf-32"),
    "in JSON": json.dumps({"text": SAID}).encode(),
    "in a repr": repr(SAID.encode("utf-16")).encode(),
    "in a query": urlencode({"q": SAID}).encode(),
    "in an address": quote(SAID).encode(),
    "in a mail": quopri.encodestring(("é" * 22 + SAID).encode()),
    "in the base64 of a mail": base64.encodebytes(("é" * 22 + SAID).encode()),
    "in a bytea": rb"\\x" + SAID.encode().hex().encode(),
    "in a bytea, in UTF-16": rb"\\x" + SAID.encode("utf-16").hex().encode(),
    "in a pickle": pickle.dumps({"text": SAID}),
    "in gzip": b"\0\1" + gzip.compress(SAID.encode()) + b"\2",
    "in zlib": b"\0\1" + zlib.compress(SAID.encode()) + b"\2",
    "in zlib in base64": b'{"body": "' + base64.urlsafe_b64encode(zlib.compress(SAID.encode())) + b'"}',
    "in zlib in a bytea": rb"\\x" + zlib.compress(SAID.encode()).hex().encode(),
    "in base64 twice": base64.b64encode(b"x" + base64.b64encode(SAID.encode())),
    **{f"in base64 behind {n} bytes": base64.b64encode(b"x" * n + SAID.encode()) for n in range(3)},
    **{f"with every letter as {sign}": escape_all(MARK.word, sign) for sign in ESCAPES},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_mark_is_found(form):
    noise = bytes(range(256)) * 4

    assert found(noise + FORMS[form] + noise, [MARK, new_mark("another")]) == {MARK}


def test_a_mark_that_is_not_there_is_not_found():
    others = b"".join(FORMS.values())

    assert found(others, [new_mark("another")]) == set()
    assert found(b"", [MARK]) == set()


@pytest.mark.parametrize("form", [str, lambda pk: pk.hex.upper(), lambda pk: b"\0" + pk.bytes, lambda pk: f"u:{pk}:5"])
def test_an_id_is_found(form):
    pk = uuid4()
    mark, written = Mark("id", pk.hex), form(pk)

    assert found(written if isinstance(written, bytes) else written.encode(), [mark]) == {mark}
    assert found(base64.b64encode(f"user={pk}".encode()), [mark]) == {mark}
    assert found(str(uuid4()).encode(), [mark]) == set()


def test_a_digest_is_found_as_digits_and_as_bytes():
    digest = hashlib.sha256(b"ines@people.example")
    mark = Mark("digest", digest.hexdigest())

    for form in (digest.digest(), digest.hexdigest().encode(), base64.b64encode(digest.digest())):
        assert found(form, [mark]) == {mark}
