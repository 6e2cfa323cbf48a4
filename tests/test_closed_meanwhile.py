"""A form that comes after its session has ended: nothing is done, and its author gets their own words back. A session
that ends while a request is under way."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from entraide.urls import urlpatterns as addresses_of_the_site
from groups.models import Story, StoryDraft
from members.devices import close_sessions
from members.models import Session
from tests import makers, pages
from tests.pages import in_french, words_of

TEXT = "Ce matin, j’ai fait le tour\ndu pâté de maisons. <b>Puis</b> je suis rentrée."
OURS = {"sec-fetch-site": "same-origin"}


def slow(request):
    """Somewhere else the person closes every session; then this view has something to keep in its own."""
    close_sessions(request.user)
    request.session["joining"] = {}
    return HttpResponse()


handler400 = "entraide.views.unreadable_request"
urlpatterns = [*addresses_of_the_site, path("slow/", slow, name="slow")]


@pytest.fixture
def browser(circle):
    browser = Client(enforce_csrf_checks=True)
    makers.sign_in(browser, circle.malik)
    return browser


@pytest.fixture
def page_of(circle):
    """page_of(step) is the address to which that step of a story is sent."""

    def address(step):
        stories = f"/g/{circle.group.pk}/stories/"
        return f"{stories}{circle.story.pk}/edit/" if step == "edit" else f"{stories}new/{step and step + '/'}"

    return address


@pytest.fixture
def send(browser, page_of):
    """send() posts the form of a story that was opened 31 minutes ago."""

    def post(headers=OURS, step="preview", **fields):
        token = browser.get(page_of("edit" if step == "edit" else "")).context["csrf_token"]
        with time_machine.travel(timedelta(minutes=31)):
            sent = {"csrfmiddlewaretoken": str(token), "title": "Un matin", "text": TEXT, **fields}
            return browser.post(page_of(step), sent, headers=headers)

    return post


def once_more(page):
    """What the form of this page sends when its button is pressed."""
    fields = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.content.decode().partition("<main")[2]
    )
    names = dict.fromkeys(name for name, _value in fields)
    return {name: [unescape(value) for of, value in fields if of == name] for name in names}


def test_the_words_come_back_and_are_kept_nowhere(circle, send):
    rows = Session.objects.count()

    page = send()

    assert page.status_code == 403
    assert in_french("Open your space again in another tab, then come back to this one and go on.") in words_of(page)
    assert "du pâté de maisons. &lt;b&gt;Puis&lt;/b&gt; je suis rentrée.</textarea>" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert Session.objects.count() == rows
    with makers.as_person(circle.malik):
        assert Story.objects.count() == 1
        assert not StoryDraft.objects.exists()


@pytest.mark.parametrize("step", ["", "preview", "share", "keep", "edit"])
def test_whoever_signs_in_again_goes_on_with_every_word_and_choice(circle, browser, send, page_of, step):
    typed = {"text": "Oui.", "feelings": ["hope", "joy"], "own_feeling": "douceur", "readers": "later", "life": "month"}
    typed |= {"version": "1"} if step == "edit" else {"key": str(uuid4()), "answers": str(circle.story.pk)}
    first = send(step=step, **typed)
    with time_machine.travel(timedelta(minutes=31)):
        makers.sign_in(browser, circle.malik)
        still_old = browser.post(page_of(step), once_more(first), headers=OURS)

        done = browser.post(page_of(step), once_more(still_old), headers=OURS, follow=True)

        draft = browser.get(page_of(""))
    for page in (first, still_old):
        assert page.status_code == 403
        assert "Un matin\n\nOui.\n\ndouceur</textarea>" in page.content.decode()
        assert not {"code", "password"} & once_more(page).keys()
    said = "You are signed in again. What you had written is still here, and nothing of it was sent."
    assert in_french(said) in words_of(still_old)
    assert done.status_code == 200
    sent = {name: value if name == "feelings" else [value] for name, value in typed.items()}
    if step in ("", "preview"):
        shown = {field.name: field.value() for field in done.context["form"]}
        assert {name: sent[name] if name == "feelings" else [shown[name]] for name in sent} == sent
        assert shown["feelings"] == typed["feelings"]
    elif step == "keep":
        assert (pages.typed(draft, "title"), pages.typed(draft, "text")) == ("Un matin", "Oui.")
    else:
        assert "<p>Oui.</p>" in done.content.decode() and "Un matin" in words_of(done)


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
def test_words_that_another_site_sent_are_not_shown(send, origin):
    page = send(headers={"sec-fetch-site": origin})

    assert page.status_code == 403
    assert "pâté de maisons" not in page.content.decode()


@pytest.mark.parametrize("origin", ["none", ""])
def test_words_that_may_be_of_another_site_are_not_shown(send, origin):
    page = send(headers={"sec-fetch-site": origin})

    assert page.status_code == 403
    assert "pâté de maisons" not in page.content.decode()
    assert in_french("Before you reload, copy the text you wrote, if there is any.") in words_of(page)


def test_a_code_an_address_and_a_choice_are_not_shown(browser):
    typed = {"login": "camille.tremblay-et-longtemps@people.example", "code": "123456", "stories": "withdraw"}

    page = browser.post("/account/login/", typed, headers=OURS)

    assert page.status_code == 403
    assert once_more(page) == {}
    for text in typed.values():
        assert text not in page.content.decode()


def test_the_next_page_leads_back_through_the_sign_in(browser, send):
    send()

    with time_machine.travel(timedelta(minutes=31)):
        page = browser.get("/me/", follow=True)

    assert page.redirect_chain == [("/account/login/?next=/me/", 302)]
    assert 'name="next" value="/me/"' in page.content.decode()


@pytest.mark.urls(__name__)
def test_a_session_closed_during_a_request_leads_to_the_sign_in_and_does_not_come_back(circle, visit):
    browser = visit(circle.malik)

    page = browser.get("/slow/", follow=True)

    assert page.redirect_chain == [("/me/", 302), ("/account/login/?next=/me/", 302)]
    assert browser.get("/me/").status_code == 302
