"""Pages for everybody that belong to no group: plain words, two languages, nothing kept in the browser."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from entraide.demo.components import components
from tests import makers

TITLES = {
    "how": ("Comment se passe une rencontre", "What a meeting is like"),
    "charter": ("La charte", "The charter"),
    "about": ("Ce qu’est l’entraide", "What mutual aid is"),
    "safety": ("Naviguer en sécurité", "Browse safely"),
    "privacy": ("Confidentialité", "Confidentiality"),
    "accessibility": ("Accessibilité", "Accessibility"),
}
IN_BOTH = [(page, number) for page in TITLES for number in (0, 1)]
CODES = ("fr", "en")


def address(page, number=0):
    with translation.override(CODES[number]):
        return reverse(page)


@pytest.mark.parametrize(("page", "number"), IN_BOTH)
def test_a_page_speaks_its_language_to_everybody(client, db, page, number):
    response = client.get(address(page, number))

    text = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", text) == [TITLES[page][number]]
    assert f'<html lang="{CODES[number]}-CA">' in text
    assert f"<title>{TITLES[page][number]} – Entraide</title>" in text


@pytest.mark.parametrize("page", TITLES)
def test_a_page_leaves_nothing_in_the_browser_and_may_be_cached(client, db, page):
    response = client.get(address(page))

    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert "no-store" not in response["Cache-Control"]
    assert "Cookie" in response["Vary"]  # whoever is signed in, or chose dark, gets a page of their own


@pytest.mark.parametrize("page", TITLES)
def test_a_page_asks_the_database_once_for_a_visitor(client, db, django_assert_max_num_queries, page):
    with django_assert_max_num_queries(3):  # who is asking, inside a savepoint of the tests
        client.get(address(page))


@pytest.mark.parametrize("page", TITLES)
def test_whoever_is_signed_in_gets_a_page_that_no_cache_keeps(circle, visit, page):
    assert visit(circle.malik).get(address(page))["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("page", "number"), IN_BOTH)
def test_every_link_of_a_page_leads_somewhere(client, db, page, number):
    text = client.get(address(page, number)).content.decode()
    ids = set(re.findall(r'id="([^"]+)"', text))

    for link in set(re.findall(r'<a [^>]*href="([^"]+)"', text)) - {reverse("exit")}:
        if link.startswith("#"):
            assert link[1:] in ids, link
        elif not link.startswith("mailto:"):
            assert urlsplit(link).netloc == "", f"{link} leaves the site"
            assert client.get(link).status_code in (200, 302), link


@pytest.mark.parametrize("page", ["landing", "groups:directory", *TITLES])
def test_the_pages_are_one_click_away_from_every_page(client, db, page):
    text = client.get(address(page)).content.decode()

    for linked in TITLES:
        assert f'href="{address(linked)}"' in text, linked


@pytest.mark.parametrize(
    ("said", "page"),
    {"aide": "help_now", "quitter": "exit", "charte": "charter", "groupes": "groups:directory"}.items(),
)
def test_an_address_said_aloud_leads_to_its_page(client, said, page, db):
    for written in (f"/{said}", f"/{said}/"):
        response = client.get(written)

        assert (response.status_code, response["Location"]) == (302, reverse(page))
        assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", ["about", "privacy", "accessibility"])
def test_an_address_to_write_to_is_shown_when_there_is_one_and_never_invented(client, db, settings, page):
    settings.CONTACT_EMAIL = ""
    assert "mailto:" not in client.get(address(page)).content.decode()

    settings.CONTACT_EMAIL = "bonjour@entraide.example"
    assert 'href="mailto:bonjour@entraide.example"' in client.get(address(page)).content.decode()


def test_the_words_about_the_session_follow_the_settings(client, db, settings):
    """The pages say 14 days: whoever changes the one changes the other."""
    days = settings.SESSION_COOKIE_AGE // (24 * 3600)

    assert f"{days}\u00a0jours" in client.get(address("safety")).content.decode()
    assert days == 14, "privacy.html says fourteen"


# --- Light and dark ---------------------------------------------------------------------------------------------------


def chosen(browser, page="how"):
    return re.search(r'<html lang="fr-CA"(?: data-bs-theme="(\w+)")?>', browser.get(address(page)).content.decode())[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_holds_on_every_page_of_this_browser(circle, visit, theme):
    browser = visit(circle.malik)

    answer = browser.post(reverse("theme"), {"theme": theme})

    cookie = answer.cookies["theme"]
    assert (answer.status_code, answer["Location"]) == (302, reverse("my_space"))
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (theme, True, "Lax")
    assert chosen(browser) == chosen(browser, "my_space") == theme
    assert re.search(rf'value="{theme}"[^>]* checked', browser.get(reverse("my_space")).content.decode())


def test_automatic_leaves_no_cookie(circle, visit):
    browser = visit(circle.malik)
    browser.post(reverse("theme"), {"theme": "dark"})

    browser.post(reverse("theme"), {"theme": "auto"})

    assert browser.cookies["theme"].value == ""
    assert browser.cookies["theme"]["max-age"] == 0
    assert chosen(browser) is None


@pytest.mark.parametrize("theme", ["", "blue", '"><script>'])
def test_any_other_word_is_neither_kept_nor_shown(circle, visit, theme):
    browser = visit(circle.malik)

    assert "theme" not in browser.post(reverse("theme"), {"theme": theme}).cookies
    browser.cookies["theme"] = theme
    assert chosen(browser) is None


# --- The page of components ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", CODES)
def test_the_components_show_in_every_state_without_a_database(language):
    request = RequestFactory().get("/demo/components/")
    request.user = AnonymousUser()
    with translation.override(language):
        text = components(request).content.decode()

    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    for part in ("e-group", "e-story-row", "e-note", "e-see", "e-steps", "e-pages", "e-empty", "e-summary", "e-error"):
        assert re.search(rf'class="[^"]*\b{part}\b', text), part
    assert "autofocus" not in text


def test_the_components_are_not_there_outside_the_demonstration(client, db):
    assert client.get("/demo/components/").status_code == 404


def test_nothing_of_any_group_is_on_these_pages(circle, visit):
    for page in TITLES:
        text = visit(circle.malik).get(address(page)).content.decode()
        assert makers.STORY not in text
        assert circle.group.name not in text
