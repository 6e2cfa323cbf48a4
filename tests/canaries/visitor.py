"""A browser without a screen: cookies, redirects, the hidden fields of forms. It remembers all that it ever sent."""

import re
import socket
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, ProxyHandler, Request, build_opener

from tests.canaries.marks import word

COMPLAINT = r"id=\"id_(\w+)_error\""
FORM = "application/x-www-form-urlencoded"


class Visitor:
    """`page`, `status` and `where` are what came last, redirects followed as far as they stay on the site."""

    sent = bytearray()  # by everybody

    def __init__(self, site: str):
        self.site, self.where, self.page, self.status, self.token = site, site, "", 0, ""
        self.cookies = CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.cookies), _Answers)

    def get(self, path: str, **query) -> "Visitor":
        return self._ask(path + ("?" + urlencode(query, doseq=True) if query else ""), None, {})

    def post(self, path: str, typed: dict | None = None, **more) -> "Visitor":
        """With the token that a page showed last."""
        fields = {"csrfmiddlewaretoken": self.token, **(typed or {}), **more}
        return self.send(path, urlencode(fields, doseq=True).encode())

    def send(self, path: str, body: bytes, kind: str = FORM, **headers) -> "Visitor":
        """A body as it is."""
        return self._ask(path, body, {"Content-Type": kind, **headers})

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}"\s+value="([^"]*)"', self.page)
        return unescape(found[1]) if found else ""

    def link(self, pattern: str) -> str:
        return self.links(pattern)[0]

    def links(self, pattern: str) -> list[str]:
        return [unescape(found) for found in re.findall(rf'href="({pattern})"', self.page)]

    def reads(self, *words: str) -> "Visitor":
        """So that a mark that nobody could read proves nothing."""
        assert self.status == 200, f"{self.where}: {self.status} {re.findall(COMPLAINT, self.page)}"
        missing = [wanted for wanted in words if wanted not in unescape(self.page)]
        assert missing == [], f"{self.where} does not show {missing}"
        return self

    def begin(self, request: bytes) -> socket.socket:
        """The first bytes of a request, on a line that stays open."""
        place = urlsplit(self.site)
        line = socket.create_connection((place.hostname, place.port), timeout=10)
        line.sendall(request)
        self.sent.extend(request)
        return line

    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def _ask(self, path, body, headers):
        address = urljoin(self.site, path)
        usual = {"User-Agent": word("browser"), "Referer": f"{self.site}/?q={word('page before')}"}
        usual |= {"Accept-Language": f"fr-CA, {word('language')}", "Sec-Fetch-Site": "same-origin"}
        request = Request(address, body, usual | headers)  # noqa: S310  (our own address)
        self.sent.extend(f"{address}\n{request.headers}\n".encode() + (body or b"") + b"\n")
        with self._opener.open(request, timeout=30) as answer:
            self.page, self.status, self.where = answer.read().decode(), answer.status, address
            further = urljoin(address, answer.headers.get("Location", address))
        self.token = self.hidden("csrfmiddlewaretoken") or self.token
        return self if further == address else self._follow(further)

    def _follow(self, address):
        if address.startswith(self.site):
            return self._ask(address, None, {})
        self.where = address  # another place is meant: the visit ends at the door
        return self


class _Answers(HTTPErrorProcessor):
    """A 302, a 404 or a 422 is an answer like any other."""

    def http_response(self, request, response):
        return response
