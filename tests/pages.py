"""Reading a page as a person reads it: its words, what stands beside a field, what a field holds."""

import re
from html import unescape

from django.utils import translation


def in_french(message: str, plural: str = "", count: int = 0, **values) -> str:
    """The site's own words for this message of the code, whatever their wording is today."""
    with translation.override("fr"):
        words = translation.ngettext(message, plural, count) if plural else translation.gettext(message)
    return _flat(words % {"count": count, "counter": count, **values} if plural or values else words)


def words_of(response) -> str:
    """The page without its tags, blanks made one."""
    return _flat(re.sub(r"<[^>]+>", " ", response.content.decode()))


def error_beside(response, field: str) -> str:
    """What the page says beside this field, as its message is written: without "Erreur :", with its capital."""
    found = re.search(
        rf'<span class="e-error[^"]*" id="id_{field}_error">(.*?)</span>', response.content.decode(), re.S
    )
    assert found, f"no error stands beside « {field} »"
    said = _flat(found[1]).removeprefix(in_french("Error:")).strip()
    return said[:1].upper() + said[1:]


def typed(response, field: str) -> str:
    """What the field holds when the page opens."""
    page = response.content.decode()
    if found := re.search(rf'<textarea name="{field}"[^>]*>\r?\n?(.*?)</textarea>', page, re.S):
        return unescape(found[1])
    found = re.search(rf'<input [^>]*name="{field}"[^>]*>', page)
    assert found, f"no field « {field} »"
    value = re.search(r'value="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


def fingerprint(response) -> tuple:
    """All that tells one answer from another: status, headers and body, but for the ids that were asked for."""
    headers = sorted((name, value) for name, value in response.headers.items() if name != "Set-Cookie")
    return response.status_code, headers, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", response.content.decode())


def _flat(html):
    return " ".join(unescape(html).split())
