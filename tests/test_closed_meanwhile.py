"""A form that comes after its session has ended: nothing is done, and its author gets their own words back. A session
that ends while a request is under way."""

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from entraide.urls import urlpatterns as addresses_of_the_site
from groups.models import Story
from members.devices import close_sessions
from members.models import Session
from tests import makers
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
def send(circle, browser):
    """send() posts the form of a story that was opened 31 minutes ago."""
    address = f"/g/{circle.group.pk}/stories/new/"
    token = browser.get(address).context["csrf_token"]

    def post(headers=OURS, **fields):
        with time_machine.travel(timedelta(minutes=31)):
            sent = {"csrfmiddlewaretoken": str(token), "title": "Un matin", "text": TEXT, **fields}
            return browser.post(f"{address}preview/", sent, headers=headers)

    return post


def test_the_words_come_back_and_are_kept_nowhere(circle, send):
    rows = Session.objects.count()

    page = send()

    assert page.status_code == 403
    assert in_french("Here is what you had written. Copy it, open your space again, then paste it.") in words_of(page)
    assert "du pâté de maisons. &lt;b&gt;Puis&lt;/b&gt; je suis rentrée.</textarea>" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert Session.objects.count() == rows
    with makers.as_person(circle.malik):
        assert Story.objects.count() == 1


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


def test_a_code_an_address_and_a_choice_are_not_shown(send):
    page = send(text="camille.tremblay-et-longtemps@people.example", code="123456", stories="withdraw")

    assert page.status_code == 403
    for typed in ("camille.tremblay", "123456", "withdraw"):
        assert typed not in page.content.decode()


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
