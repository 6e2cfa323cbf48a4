"""What the running site answers, looked at over the network; and a proxy before it that spoils one header at a time."""

import pytest

from entraide.promises import answers
from entraide.promises.answers import RULES, Answers


def without(name):
    return lambda headers: [(key, value) for key, value in headers if key != name]


def changed(name, value):
    return lambda headers: [*without(name)(headers), (name, value)]


def replaced(name, old, new):
    return lambda headers: [(key, value.replace(old, new) if key == name else value) for key, value in headers]


def spoiling(change, path=None, status=None):
    """On every address, or on this one."""

    def spoil(asked, found, headers):
        if path and asked != path:
            return found, headers
        return status or found, change(headers)

    return spoil


POLICY = "Content-Security-Policy"
SPOILED = [
    (answers.the_site_answers, spoiling(list, "/", 500), "a public page answers 500"),
    (answers.the_site_answers, spoiling(list, "/nothing-was-ever-here/", 302), "a missing page answers 302"),
    (answers.nothing_comes_from_elsewhere, spoiling(without(POLICY), "/"), "a public page has no content policy"),
    (
        answers.nothing_comes_from_elsewhere,
        spoiling(replaced(POLICY, "script-src 'self'", "script-src 'self' 'unsafe-inline'")),
        "leaves script-src open",
    ),
    (
        answers.nothing_comes_from_elsewhere,
        spoiling(replaced(POLICY, "img-src 'self'", "img-src *")),
        "leaves img-src open",
    ),
    (
        answers.nothing_comes_from_elsewhere,
        spoiling(replaced(POLICY, "frame-ancestors 'none'", "")),
        "leaves frame-ancestors open",
    ),
    (answers.private_pages_are_kept_nowhere, spoiling(without("Cache-Control")), "the page to sign in may be kept"),
    (
        answers.private_pages_are_kept_nowhere,
        spoiling(changed("Cache-Control", "public, max-age=60"), "/me/"),
        "a page of one's own may be kept",
    ),
    (answers.private_pages_are_kept_nowhere, spoiling(without("Vary")), "does not vary by cookie"),
    (answers.private_pages_are_kept_nowhere, spoiling(changed("ETag", '"1"')), "a page of one's own has ETag"),
    (
        answers.private_pages_are_not_compressed,
        spoiling(changed("Content-Encoding", "gzip")),
        "the page to sign in is compressed (gzip)",
    ),
    (answers.other_sites_learn_nothing, spoiling(without("X-Frame-Options")), "X-Frame-Options is missing"),
    (answers.other_sites_learn_nothing, spoiling(without("X-Content-Type-Options")), "a static file: X-Content-Type-"),
    (answers.other_sites_learn_nothing, spoiling(without("Cross-Origin-Resource-Policy")), "a static file: Cross-Or"),
    (
        answers.other_sites_learn_nothing,
        spoiling(changed("Cross-Origin-Opener-Policy", "unsafe-none"), "/account/login/"),
        "the page to sign in: Cross-Origin-Opener-Policy is unsafe-none",
    ),
    (answers.other_sites_learn_nothing, spoiling(changed("Access-Control-Allow-Origin", "*")), "may be read by *"),
    (answers.nothing_is_told_or_asked, spoiling(changed("Referrer-Policy", "unsafe-url")), "unsafe-url"),
    (
        answers.nothing_is_told_or_asked,
        spoiling(changed("Permissions-Policy", "geolocation=(), microphone=()")),
        "leaves camera open",
    ),
    (
        answers.nothing_is_told_or_asked,
        spoiling(changed("Permissions-Policy", "interest-cohort=()")),
        "names interest-cohort, which is obsolete",
    ),
    (answers.cookies_stay_here, spoiling(replaced("Set-Cookie", "HttpOnly; ", "")), "session can be read by scripts"),
    (answers.cookies_stay_here, spoiling(replaced("Set-Cookie", "SameSite=Lax", "SameSite=None")), "goes along from"),
    (
        answers.cookies_stay_here,
        spoiling(replaced("Set-Cookie", "Path=/", "Path=/; Domain=example.org")),
        "another dom",
    ),
    (answers.cookies_stay_here, spoiling(replaced("Set-Cookie", "session=", "sid=")), "sets no cookie session"),
    (
        answers.the_way_out_works,
        spoiling(changed("Location", "/account/login/"), "/exit/"),
        "it leads to /account/login",
    ),
    (answers.the_way_out_works, spoiling(without("Clear-Site-Data")), "it does not clear"),
    (answers.the_way_out_works, spoiling(without("Cache-Control")), "it may be kept"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_site_as_it_runs_keeps_the_promise(proxy, rule):
    assert list(rule(Answers())) == []


@pytest.mark.parametrize(("rule", "spoil", "finding"), SPOILED, ids=[finding for _, _, finding in SPOILED])
def test_each_promise_notices_a_header_that_is_spoiled(proxy, rule, spoil, finding):
    proxy.spoil = spoil

    assert any(finding in found for found in rule(Answers()))


def test_a_proxy_that_hides_where_a_request_comes_from_is_noticed(proxy):
    proxy.forgets = ("sec-fetch-site",)

    assert list(answers.other_sites_learn_nothing(Answers())) == ["a page asked by another site is answered (302)"]


def test_a_public_site_asks_for_https_and_binds_its_cookie(proxy, settings):
    settings.HTTPS = True
    plain = Answers()
    assert "a public page does not ask for https for a year" in answers.the_line_is_private(plain)
    assert list(answers.cookies_stay_here(plain)) == [
        "the name of session does not bind it to this host",
        "session travels over plain lines",
    ]

    settings.SESSION_COOKIE_NAME = "__Host-session"
    proxy.spoil = spoiling(
        lambda headers: [
            *replaced("Set-Cookie", "session=", "__Host-session=")(
                replaced("Set-Cookie", "Path=/", "Path=/; Secure")(headers)
            ),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ]
    )
    private = Answers()

    assert list(answers.the_line_is_private(private)) == []
    assert list(answers.cookies_stay_here(private)) == []


def test_plain_http_is_for_this_computer_only(proxy, settings):
    settings.ALLOWED_HOSTS = ["entraide.example"]

    assert list(answers.the_line_is_private(Answers())) == [
        "SITE_URL is plain http and ALLOWED_HOSTS names a public host"
    ]


def test_every_promise_about_answers_is_broken_once_above():
    assert {rule for rule, _, _ in SPOILED} | {answers.the_line_is_private} == set(RULES)
