"""A hostile page on another site, in a real browser that is signed in to ours: what it can load, and what opens."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests import makers

HOSTILE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title>
<img src="{site}/me/" alt="">
<script src="{site}/g/{gid}/stories/"></script>
<link rel="stylesheet" href="{site}/groups/">
<iframe src="{site}/g/{gid}/"></iframe>
<form method="post" action="{site}/g/{gid}/leave/" target="there"><button>Win</button></form>
<iframe name="there"></iframe>
<a href="{site}/g/{gid}/meetings/">A link</a>"""


@pytest.fixture
def circle(committed):
    return makers.make_circle()


@pytest.fixture
def hostile(site, circle):
    """Its address. `localhost` is another site than the numbers that ours goes by."""
    page = HOSTILE.format(site=site, gid=circle.group.pk).encode()

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("localhost", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium, site, circle):
    client = Client()
    client.force_login(circle.malik)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=site, locale="fr-CA")
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site, "httpOnly": True}])
    yield context.new_page()
    context.close()


def test_it_gets_nothing_that_it_embeds_and_a_link_opens(page, site, hostile, circle):
    answers, failed, said = {}, {}, []
    page.on("response", lambda answer: answers.update({urlsplit(answer.url).path: answer.status}))
    page.on("requestfailed", lambda asked: failed.update({urlsplit(asked.url).path: asked.failure}))
    page.on("console", lambda message: said.append(message.text))
    group = f"/g/{circle.group.pk}/"

    page.goto(hostile, wait_until="networkidle")
    with page.expect_response(f"{site}{group}leave/") as refused:
        page.get_by_role("button", name="Win").click()
    in_a_frame = answers[group]
    page.get_by_role("link", name="A link").click()
    expect(page).to_have_url(f"{site}{group}meetings/")

    assert in_a_frame == refused.value.status == 403
    # an image, a script and a style sheet: the browser itself keeps the answer from the page
    assert {"/me/", f"{group}stories/", "/groups/"} <= failed.keys()
    assert {failed[path].split(".")[-1] for path in ("/me/", f"{group}stories/", "/groups/")} == {"NotSameOrigin"}
    assert answers[f"{group}meetings/"] == 200
    page.goto(f"{site}/me/")
    expect(page.get_by_text("Gué bleu")).to_be_visible()  # still a member
    assert [text for text in said if "Permissions-Policy" in text or "Unrecognized" in text] == []
