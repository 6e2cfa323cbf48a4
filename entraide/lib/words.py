"""Comparing words as people read them: accents, case, spaces and look-alike letters set aside."""

import re
import unicodedata

# Letters of other scripts that look like Latin ones (Cyrillic, Greek), and Latin signs that look like each other.
# Capitals come first: some of them look like a Latin letter that their small form does not.
CAPITALS = str.maketrans("АВЕКМНОРСТУХІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJABEZHIKMNOPTYX")
SMALL = str.maketrans("аеорсухіјԁһνοαρτυ01ı|", "aeopcyxijdhvoaptyolll")
# Everything that a name shows nothing of: joiners, marks, spaces, punctuation.
UNSEEN = {"Cf", "Mn", "Me", "Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"}
# Whole stories are folded, thousands at a time: what Latin letters carry is taken off at once, the rest is looked for.
LATIN_MARKS = re.compile("[\u0300-\u036f]+")
OTHER_SCRIPTS = re.compile("[\u0483-\u1fff\u20d0-\U0010ffff]")
BLANK_LETTERS = set("\u115f\u1160\u2800\u3164\uffa0")


def folded(text: str) -> str:
    """`Élan  du Nord` -> `elan du nord`."""
    kept = LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if OTHER_SCRIPTS.search(kept):
        kept = "".join(letter for letter in kept if not unicodedata.combining(letter))
    return " ".join(kept.split())


def name_key(name: str) -> str:
    """Two names with the same key cannot be told apart at a glance."""
    key = folded(name.translate(CAPITALS)).translate(SMALL).replace("i", "l")
    seen = (letter for letter in key if unicodedata.category(letter) not in UNSEEN and letter not in BLANK_LETTERS)
    return "".join(seen)
