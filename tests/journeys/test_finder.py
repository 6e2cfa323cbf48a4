"""The finder in a browser: with a script the results change in place, without one the page is asked for anew."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_budgets import NOTHING, STORED
from tests.pages import in_french
from tests.running import wait_until

FOCUSED = "document.activeElement.id"


@pytest.fixture
def page(visitor, village, request):
    page = visitor(javascript=request.param)
    page.goto("/groups/")
    return page


both = pytest.mark.parametrize("page", [True, False], ids=["script", "no script"], indirect=True)
with_script = pytest.mark.parametrize("page", [True], ids=["script"], indirect=True)


@both
def test_searching_shows_the_results_and_puts_the_focus_on_their_number(page):
    page.get_by_label("Ce que vous vivez").fill("une fois boire")
    page.keyboard.press("Enter")

    expect(page.locator("#t-res")).to_have_text(in_french("%(counter)s group", "%(counter)s groups", 1))
    expect(page.locator("#t-res")).to_be_focused()
    assert "q=une+fois+boire" in page.url
    expect(page.get_by_role("link", name="Un soir à la fois")).to_be_visible()
    expect(page.get_by_role("link", name="une fois boire")).to_have_attribute("href", "/groups/")


@both
def test_an_unknown_city_is_told_and_a_near_one_leads_on(page):
    page.get_by_label("Près de").fill("Sherbroke")
    page.get_by_role("button", name="Voir les groupes").click()

    page.get_by_role("link", name="Sherbrooke, Québec").click()

    expect(page.get_by_label("Près de")).to_have_value("Sherbrooke, Québec")
    expect(page.get_by_role("link", name="Un soir à la fois")).to_be_visible()


@both
def test_a_filter_that_is_taken_away_is_no_longer_ticked(page):
    page.get_by_label("En ligne").check()
    page.get_by_role("button", name="Voir les groupes").click()

    page.locator("#results .e-filters a").click()

    expect(page.get_by_label("En ligne")).not_to_be_checked()


@with_script
def test_with_a_script_only_the_results_change_only_on_submit_and_nothing_is_stored(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/groups/" in request.url else None)
    before = page.evaluate("history.length")
    page.evaluate("document.querySelector('h1').dataset.kept = 'yes'")

    page.get_by_label("Ce que vous vivez").press_sequentially("boire", delay=20)
    assert asked == []
    page.keyboard.press("Enter")
    expect(page.locator("#t-res")).to_be_focused()

    assert len(asked) == 1
    assert page.evaluate("document.querySelector('h1').dataset.kept") == "yes"
    assert page.evaluate("history.length") == before, "one entry of the history"
    assert page.evaluate(STORED) == NOTHING


@pytest.mark.parametrize("trouble", ["no network", "too many searches"])
def test_where_the_answer_is_no_list_the_browser_asks_as_without_a_script(chromium, site, village, trouble):
    page = chromium.new_context(base_url=site, locale="fr-CA").new_page()
    page.goto("/groups/")
    page.evaluate("document.querySelector('h1').dataset.kept = 'yes'")

    def once(route):
        route.abort() if trouble == "no network" else route.fulfill(status=429, body="<h1>Un peu trop vite</h1>")

    page.route("**/groups/?q=*", once, times=1)
    page.get_by_label("Ce que vous vivez").fill("boire")
    wait_until(lambda: page.evaluate("!!window.htmx"))  # the site's policy forbids Playwright's own way of waiting
    page.keyboard.press("Enter")

    expect(page.locator("#t-res")).to_be_focused()
    expect(page.get_by_role("link", name="Un soir à la fois")).to_be_visible()
    assert page.evaluate("document.querySelector('h1').dataset.kept") is None
    page.context.close()


@with_script
def test_a_topic_of_the_list_searches_at_once(page):
    page.get_by_text("Choisir dans une liste").click()
    page.get_by_role("link", name=in_french("addiction"), exact=True).click()

    expect(page.get_by_label("Ce que vous vivez")).to_have_value(in_french("addiction"))
    expect(page.get_by_role("link", name="Un soir à la fois")).to_be_visible()
