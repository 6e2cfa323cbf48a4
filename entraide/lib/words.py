"""Comparing words as people read them: accents, case, spaces and look-alike letters set aside."""

import unicodedata

# Letters of other scripts that look like Latin ones: the pairs people really meet on a keyboard (Cyrillic, Greek).
LOOK_ALIKES = str.maketrans("аеорсухіјԁһνοα0", "aeopcyxijdhvoao")


def folded(text: str) -> str:
    """`Élan  du Nord` -> `elan du nord`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(kept.split())


def name_key(name: str) -> str:
    """Two names with the same key cannot be told apart at a glance."""
    return folded(name).translate(LOOK_ALIKES).replace(" ", "").replace("-", "").replace("'", "").replace("’", "")
