"""Finding words that ask for money. Help is free here, so a group that names a price is stopped and told why.

A list can only find what is said plainly; staff look at the rest. It would rather let something pass than stop people
who speak of their lives: debts, funerals, "at any price". "Free of charge", "sans aucuns frais" ask for nothing.
"""

import re
import unicodedata

# Asked whatever stands before: a sum other than zero, or that it is not free.
CURRENCY = r"(?:\$|€|£|dollars?\b|euros?\b|piastres?\b|francs?\b|cad\b|eur\b|usd\b)"
NUMBER = (
    r"(?:\d[\d .,]*|\b(?:cinq|dix|quinze|vingt|trente|quarante|cinquante|soixante|cent|five|ten|fifteen|twenty|thirty"
    r"|forty|fifty|hundred)\b ?)"
)
SUM = re.compile(rf"(?:\$|€|£|\bcad|\beur|\busd) ?\d[\d .,]*|{NUMBER}{CURRENCY}|\b(?:pas|not) gratuit\w*|\bnot free\b")

LIVED = (
    r"(?! (?:funer|medic|d'obseques|d'avocat|judiciair|de justice|dentair|bancair|veterinair|de scolarite|de garde))"
)
ASKING = re.compile(
    "|".join(
        (
            # French, without accents
            rf"\b(?:des|les|aux|petits|quelques|vos|nos|leurs|certains|modestes) frais\b{LIVED}",
            r"\bfrais (?:d'(?:inscription|adhesion|entree|acces|animation)|de (?:participation|salle|dossier)"
            r"|a partager|a payer|a prevoir|modiques?|minimes?|annuels?|mensuels?|requis|obligatoires?|suggeres?)\b",
            r"\bfrais ?:",
            r"\bcotis(?:ations?|er|ez)\b",
            r"\btarifs?\b",
            r"\bpayante?s?\b",
            r"\bpaie?ments?\b|\bpayements?\b|\bpayable\w*",
            r"\b(?:faut|doit|doivent|devez|devra|devrez|devront) payer\b",
            r"\bpayer (?:pour|une|la|votre|leur|l'entree|l'inscription|par|chaque|a chaque)\b",
            r"\bprix (?:d'entree|d'inscription|libre|par|de participation|modique)\b|\bprix ?:",
            r"\bdons? (?:sugger|volontair|libre|bienvenu|obligatoir|minim|recommand|appreci|en argent)\w*",
            r"\b(?:faire|faites|verser) un don\b",
            r"\bcontributions? (?:volontair|sugger|financier|libre|demand|obligatoir|monetair|minim|recommand)\w*",
            r"\bparticipations? (?:aux frais|financier)\w*",
            r"\bhonoraires\b|\babonnements?\b|\bfactur(?:ons|er|ation|ee?s?)\b",
            r"\b(?:demand\w+|verser|apporter|amasser|ramasser|recolter) (?:de l'|un peu d'|d')argent\b",
            # both
            r"\binterac\b|\bpaypal\b|\bcarte de credit\b|\be-transfer\b|\bvenmo\b",
            # English
            r"\bfees?\b",
            r"\bdues\b",
            r"\bpayments?\b",
            r"\bpaid (?:group|membership|session|meeting|entry)s?\b",
            r"\bpay (?:a|an|for|per|to|what|at|by|your share)\b",
            r"\bpric(?:e|es|ing) (?:is|per|of (?:entry|admission))\b|\bprices? ?:",
            r"(?<!organ )(?<!blood )(?<!egg )(?<!sperm )\bdonat(?:ions?|e)\b",
            r"\b(?:suggested|voluntary|financial|small|minimum) (?:contributions?|gifts?)\b",
            r"\bsubscriptions?\b|\bsliding scale\b|\bcharges? (?:apply|of|per)\b|\bwe charge\b",
        )
    )
)
# "aucuns frais", "we never ask for a fee", "on ne paie pas de cotisation", unless a "but" stands between.
DENIED = re.compile(
    r"(?:\b(?:sans|aucune?s?|zero|ni|ne|jamais|pas|point|no|not|nor|cannot|without|never|nobody|none)\b"
    r"|\bn'|n't\b|\bfree of\b)"
    r"(?:(?!\b(?:mais|but|sauf|except|que|only|seulement|juste)\b|\bqu'|[.!?;:\n]).)*$"
)
NEAR = 4  # words before


def words_that_ask_for_money(text: str) -> str:
    """The first ones, as they were typed; nothing when there are none."""
    plain, places = _plain(text)
    found = [match for match in SUM.finditer(plain) if _is_more_than_nothing(match[0])]
    found += [match for match in ASKING.finditer(plain) if not _is_denied(plain[: match.start()])]
    if not found:
        return ""
    first = min(found, key=lambda match: match.start())
    return text[places[first.start()] : places[first.end() - 1] + 1].strip()


def _plain(text):
    """Small letters without accents, and the place in the text that each comes from."""
    letters, places = [], []
    for place, sign in enumerate(text):
        for letter in unicodedata.normalize("NFKD", sign.casefold().replace("’", "'")):
            if not unicodedata.combining(letter):
                letters.append(" " if letter.isspace() and letter != "\n" else letter)
                places.append(place)
    return "".join(letters), places


def _is_more_than_nothing(words):
    digits = re.sub(r"\D", "", words)
    return not digits or int(digits) > 0


def _is_denied(before):
    near = re.split(r"(?<=\S)(?=\s)", before)[-NEAR - 1 :]
    return bool(DENIED.search("".join(near)))
