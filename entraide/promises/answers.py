"""What the running site really answers at SITE_URL: asked over the network, past every proxy, as browsers ask."""

import http.client
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from entraide.promises import promise

PATIENCE = 10  # seconds for one answer
A_YEAR = 365 * 24 * 3600
MISSING = "/nothing-was-ever-here/"
STALE_COOKIE = "nobody-has-this-session-any-more"
CLOSED = ("camera", "geolocation", "microphone")
OBSOLETE = ("interest-cohort", "browsing-topics", "document-domain")  # browsers complain about each of them
APART_FILE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
APART = {**APART_FILE, "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}
EMBEDDED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


@dataclass(frozen=True)
class Answer:
    name: str
    status: int
    headers: http.client.HTTPMessage

    def says(self, header: str) -> str:
        return ", ".join(self.headers.get_all(header, []))

    def directives(self) -> dict[str, list[str]]:
        """Of the content policy."""
        parts = [part.split() for part in self.says("Content-Security-Policy").split(";") if part.strip()]
        return {name: sources for name, *sources in parts}


class Answers:
    """One answer of each kind. Raises OSError where the site does not answer."""

    def __init__(self):
        cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={STALE_COOKIE}"}
        own = reverse("my_space")
        self.public = ask("a public page", reverse("landing"))
        self.missing = ask("a missing page", MISSING)
        self.sign_in = ask("the page to sign in", reverse(settings.LOGIN_URL))
        self.own = ask("a page of one's own", own, cookie)
        self.public_with_cookie = ask("a public page, asked with a cookie", reverse("landing"), cookie)
        self.missing_with_cookie = ask("a missing page, asked with a cookie", MISSING, cookie)
        self.way_out = ask("the way out", reverse("exit"))
        self.file = ask("a static file", static("css/entraide.css"))
        self.embedded = ask("a page asked by another site", own, cookie | EMBEDDED)

    @property
    def private(self) -> list[Answer]:
        return [self.sign_in, self.own, self.public_with_cookie, self.missing_with_cookie, self.embedded]

    @property
    def pages(self) -> list[Answer]:
        return [self.public, self.missing, *self.private]


def ask(name: str, address: str, headers: dict[str, str] | None = None) -> Answer:
    site = urlsplit(settings.SITE_URL)
    kind = http.client.HTTPSConnection if site.scheme == "https" else http.client.HTTPConnection
    connection = kind(site.hostname, site.port, timeout=PATIENCE)
    try:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip, br", **(headers or {})})
        response = connection.getresponse()
        response.read()
        return Answer(name, response.status, response.headers)
    finally:
        connection.close()


@promise("The site answers, each kind of page as it should.")
def the_site_answers(answers):
    for answer, wanted in [
        (answers.public, 200),
        (answers.missing, 404),
        (answers.sign_in, 200),
        (answers.own, 302),
        (answers.way_out, 303),
        (answers.file, 200),
    ]:
        if answer.status != wanted:
            yield f"{answer.name} answers {answer.status}, not {wanted}"


@promise("No page loads or runs anything from elsewhere, or anything written into it.")
def nothing_comes_from_elsewhere(answers):
    for page in answers.pages:
        policy = page.directives()
        if not policy:
            yield f"{page.name} has no content policy"
            continue
        loose = [name for name in ("default-src", "base-uri", "frame-ancestors") if policy.get(name) != ["'none'"]]
        loose += [name for name in ("script-src", "style-src") if policy.get(name) != ["'self'"]]
        loose += [name for name, sources in policy.items() if re.search(r"unsafe|\*|https?:(?!//)", " ".join(sources))]
        yield from (f"{page.name} leaves {name} open" for name in dict.fromkeys(loose))


@promise("What somebody sees once a session has begun is kept by no cache and marked by nothing.")
def private_pages_are_kept_nowhere(answers):
    for page in answers.private:
        if "no-store" not in page.says("Cache-Control"):
            yield f"{page.name} may be kept"
        if "cookie" not in page.says("Vary").lower():
            yield f"{page.name} does not vary by cookie"
        yield from (f"{page.name} has {mark}" for mark in ("ETag", "Last-Modified") if page.says(mark))


@promise("Pages with secrets are not compressed: their size would tell what is on them.")
def private_pages_are_not_compressed(answers):
    for page in answers.private:
        if page.says("Content-Encoding"):
            yield f"{page.name} is compressed ({page.says('Content-Encoding')})"


@promise("No other site can put a page into its own, read it, or learn from it.")
def other_sites_learn_nothing(answers):
    for answer in (*answers.pages, answers.file):
        for name, value in (APART_FILE if answer is answers.file else APART).items():
            if answer.says(name) != value:
                yield f"{answer.name}: {name} is {answer.says(name) or 'missing'}"
        if answer.says("Access-Control-Allow-Origin"):
            yield f"{answer.name} may be read by {answer.says('Access-Control-Allow-Origin')}"
    if answers.embedded.status != 403 or answers.embedded.says("Set-Cookie"):
        yield f"{answers.embedded.name} is answered ({answers.embedded.status})"


@promise("Pages tell no other site where somebody comes from, and ask for no camera, microphone or place.")
def nothing_is_told_or_asked(answers):
    for page in answers.pages:
        if page.says("Referrer-Policy") not in ("same-origin", "no-referrer"):
            yield f"{page.name}: Referrer-Policy is {page.says('Referrer-Policy') or 'missing'}"
        allowed = page.says("Permissions-Policy")
        yield from (f"{page.name} leaves {name} open" for name in CLOSED if f"{name}=()" not in allowed)
        yield from (f"{page.name} names {name}, which is obsolete" for name in OBSOLETE if name in allowed)


@promise("The site is reached over https only, or from this computer only.")
def the_line_is_private(answers):
    if not settings.HTTPS:
        if not settings.LOCAL_HOSTS.issuperset(settings.ALLOWED_HOSTS):
            yield "SITE_URL is plain http and ALLOWED_HOSTS names a public host"
        return
    for answer in answers.pages:
        found = re.search(r"max-age=(\d+)", answer.says("Strict-Transport-Security"))
        if not found or int(found[1]) < A_YEAR:
            yield f"{answer.name} does not ask for https for a year"


@promise("Cookies stay with this site: no script, no other site and no plain line reads them.")
def cookies_stay_here(answers):
    cookies = SimpleCookie()
    for line in answers.sign_in.headers.get_all("Set-Cookie", []):
        cookies.load(line)
    if settings.SESSION_COOKIE_NAME not in cookies:
        yield f"the page to sign in sets no cookie {settings.SESSION_COOKIE_NAME}"
    for name, cookie in cookies.items():
        if settings.HTTPS and not name.startswith("__Host-"):
            yield f"the name of {name} does not bind it to this host"
        if settings.HTTPS and not cookie["secure"]:
            yield f"{name} travels over plain lines"
        if not cookie["httponly"]:
            yield f"{name} can be read by scripts"
        if cookie["samesite"] not in ("Lax", "Strict"):
            yield f"{name} goes along from other sites"
        if cookie["domain"] or cookie["path"] != "/":
            yield f"{name} is for another domain or path"


@promise("The way out leads away, closes what the browser kept and leaves nothing in any cache.")
def the_way_out_works(answers):
    out = answers.way_out
    if out.says("Location") != settings.EXIT_URL:
        yield f"it leads to {out.says('Location') or 'nowhere'}"
    if '"cookies", "storage"' not in out.says("Clear-Site-Data"):
        yield "it does not clear what the browser kept"
    if out.says("Cache-Control") != "no-store":
        yield "it may be kept"


RULES = [
    the_site_answers,
    nothing_comes_from_elsewhere,
    private_pages_are_kept_nowhere,
    private_pages_are_not_compressed,
    other_sites_learn_nothing,
    nothing_is_told_or_asked,
    the_line_is_private,
    cookies_stay_here,
    the_way_out_works,
]
