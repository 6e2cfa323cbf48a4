"""Names of what lies in the cache. The counters of rate limits are named after an address, a network or a person: the
broker keeps them under a keyed hash, so that its memory and its file name nobody."""

from functools import lru_cache

from django.conf import settings

from entraide.lib.crypto import derived_key, keyed_hash


def hidden(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION."""
    return f"{key_prefix}:{keyed_hash(_key(), version, key).hex()}"


@lru_cache(maxsize=1)
def _key() -> bytes:
    return derived_key(settings.SECRET_KEY.encode(), "cache keys")
