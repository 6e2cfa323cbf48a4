"""Sealing, padding and keyed hashes. No key is kept here: callers (the vault, the session store) bring theirs.

A sealed value is AES-256-GCM with a random 96-bit nonce in front. The *context* (table, row, group, author, version)
is bound in as associated data, so that a value moved to another row, group or author does not open.
"""

import hmac
import json
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
SMALLEST = 256  # bytes of the smallest padded payload
SCHEME = "entraide/v1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class DoesNotOpen(Exception):
    """The key or the context is not the one that the value was sealed with, or the value was altered."""


class Secret:
    """Words that show themselves only to `reveal()`: never in a repr, a log line or a traceback."""

    __slots__ = ("_words",)

    def __init__(self, words: str):
        self._words = words

    def reveal(self) -> str:
        return self._words

    def __bool__(self) -> bool:
        return bool(self._words)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, *context: object) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, _joined(context))


def unseal(key: bytes, sealed: bytes, *context: object) -> bytes:
    """Raises DoesNotOpen without saying which of key, context and value was wrong."""
    sealed = bytes(sealed)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _joined(context))
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None


def seal_payload(key: bytes, payload: dict, *context: object, smallest: int = SMALLEST) -> bytes:
    return seal(key, padded(json.dumps(payload, ensure_ascii=False).encode(), smallest), *context)


def open_payload(key: bytes, sealed: bytes, *context: object) -> dict:
    return json.loads(unpadded(unseal(key, sealed, *context)))


def padded(plaintext: bytes, smallest: int = SMALLEST) -> bytes:
    """Fill up to the next bucket (the smallest, then steps of 12 %), so that a size does not tell one word from ten."""
    needed = len(plaintext) + 1
    bucket = smallest
    while bucket < needed:
        bucket += max(bucket * 12 // 100, 1)
    return plaintext + b"\x80" + bytes(bucket - needed)


def unpadded(plaintext: bytes) -> bytes:
    return plaintext[: plaintext.rindex(b"\x80")]


def seal_for(public_key: bytes, payload: dict, *context: object) -> bytes:
    """Seal to the holder of a private key (HPKE): the writer itself cannot open it again."""
    recipient = X25519PublicKey.from_public_bytes(public_key)
    return _SUITE.encrypt(padded(json.dumps(payload, ensure_ascii=False).encode()), recipient, _joined(context))


def open_with(private_key: bytes, sealed: bytes, *context: object) -> dict:
    holder = _holder(private_key)
    try:
        return json.loads(unpadded(_SUITE.decrypt(bytes(sealed), holder, _joined(context))))
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None


@lru_cache(maxsize=1)
def _holder(private_key):
    """Making it takes almost as long as opening with it, and the worker has one for all addresses."""
    return X25519PrivateKey.from_private_bytes(private_key)


def public_half(private_key: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def keyed_hash(key: bytes, *parts: object) -> bytes:
    return hmac.digest(key, _joined(parts), sha256)


def derived_key(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"{SCHEME}/{purpose}".encode()).derive(secret)


def _joined(parts) -> bytes:
    """Each part behind its own length, so that ("ab", "c") and ("a", "bc") differ."""
    encoded = [SCHEME.encode(), *(part if isinstance(part, bytes) else str(part).encode() for part in parts)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
