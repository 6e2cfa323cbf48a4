"""Every page in real Chromium: what axe finds, what leaves the screen, what is too small for a finger, what is told.

Each page is opened once a language; everything is measured there, then asked for by the tests one by one.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys import every_page, measures
from tests.journeys.conftest import AXE_RULES, DESK, PHONE
from tests.journeys.every_page import PAGES

# 7:1 (large words 4.5:1) includes the rule that asks for 4.5:1 (3:1)
EVERYTHING = {
    "runOnly": {"type": "tag", "values": AXE_RULES},
    "rules": {"color-contrast": {"enabled": False}, "color-contrast-enhanced": {"enabled": True}},
}
NARROW, ZOOMED = {"width": 320, "height": 740}, {"width": 320, "height": 256}
every = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def survey(window, go):
    """survey(name) measures a page, once."""
    kept = {}

    def measured(name, language="fr"):
        if (name, language) not in kept:
            place = PAGES[name]
            page = window(place.who, javascript=True)
            kept[name, language] = _measure(page, go(page, place, language), language)
        return kept[name, language]

    return measured


def _measure(page, answer, language):
    page.set_viewport_size(PHONE)  # the page before may have left it narrow
    page.evaluate(measures.LIBRARY)
    page.evaluate(Axe().axe_script)
    focused = page.evaluate("document.activeElement.className")
    page.evaluate("scrollTo(0, 0)")  # nothing is half under the bar
    found = {
        "cache": answer.headers.get("cache-control", ""),
        "title": page.title(),
        "url": page.url,
        "lang": page.evaluate("document.documentElement.lang"),
        "structure": page.evaluate("proof.structure()"),
        "moving": page.evaluate("proof.moving()"),
        "help": page.evaluate("proof.box('.e-help')"),
        "exit": page.evaluate("proof.box('.e-exit')"),
        "focus": focused,
        "axe 360 light": _axe(page, EVERYTHING),
        "small 360": page.evaluate("proof.small()"),
        "outside 360": page.evaluate("proof.outside()"),
    }
    found |= _in_other_lights(page)
    if language == "fr":
        found |= _in_other_sizes(page)
    return found


def _in_other_lights(page):
    page.emulate_media(color_scheme="dark")
    found = {"axe 360 dark": _axe(page, EVERYTHING)}
    page.set_viewport_size(DESK)
    found["axe 1280 dark"] = _axe(page, EVERYTHING)
    page.emulate_media(color_scheme="light")
    found["axe 1280 light"] = _axe(page, EVERYTHING)
    found["small 1280"] = page.evaluate("proof.small()")
    page.set_viewport_size(NARROW)
    found["outside 320"] = page.evaluate("proof.outside()")
    found["small 320"] = page.evaluate("proof.small()")
    return found


def _in_other_sizes(page):
    found = {}
    page.set_viewport_size(ZOOMED)
    found["outside 320 × 256"] = page.evaluate("proof.outside()")
    found["bar 320 × 256"] = page.evaluate("getComputedStyle(document.querySelector('.e-bar')).position")
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found["outside 200 %"] = page.evaluate("proof.outside()")
    found["exit 200 %"] = page.evaluate("proof.box('.e-exit')")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(measures.AIR)
    found["outside with air"] = page.evaluate("proof.outside()")
    return found


def _axe(page, rules):
    return page.evaluate(measures.AXE, rules)


def _faults(measured, kind):
    return {what: found for what, found in measured.items() if what.startswith(kind) and found}


@every
def test_axe_finds_nothing_and_words_stand_out_seven_to_one(survey, name):
    assert _faults(survey(name), "axe") == {}


@every
def test_nothing_leaves_the_screen_sideways(survey, name):
    assert _faults(survey(name), "outside") == {}


@every
def test_a_finger_finds_every_control(survey, name):
    assert _faults(survey(name), "small") == {}


@every
def test_headings_language_and_the_bar_are_in_order(survey, name):
    found = survey(name)

    assert found["structure"] == []
    assert found["lang"] == "fr-CA"


@every
def test_help_and_exit_stay_in_their_place(survey, name):
    found, usual = survey(name), survey("how")

    near = 0 if name not in ("help_now", "broken") else 14  # these two have the system's fonts, a little wider
    for side, where in zip(found["help"] + found["exit"], usual["help"] + usual["exit"], strict=True):
        assert abs(side - where) <= near
    assert found["exit"][2] == usual["exit"][2]
    assert found["bar 320 × 256"] == "static"
    left, top, right, bottom = found["exit 200 %"]
    assert left >= 0 and top >= 0 and right <= PHONE["width"] and bottom <= PHONE["height"]


@every
def test_nothing_moves_for_who_asked_for_rest(survey, name):
    assert survey(name)["moving"] == []


@pytest.mark.parametrize("name", every_page.MEMBER_PAGES)
def test_a_member_page_is_kept_nowhere_and_its_title_says_nothing(survey, name):
    found = survey(name)

    assert found["cache"] == "no-store"
    told = (found["title"] + found["url"]).casefold()
    for word in (*every_page.NAMES, "un soir", "un-soir", "malik", "ines"):
        assert word.casefold() not in told


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith("error")])
def test_errors_are_told_first(survey, name):
    found = survey(name)

    assert found["title"].startswith("Erreur\u00a0: ")
    assert found["focus"] == "e-summary"


@every
def test_in_english(survey, name):
    found = survey(name, "en")

    assert _faults(found, "axe") | _faults(found, "outside") | _faults(found, "small") == {}
    assert found["structure"] == []
    assert found["lang"] == ("fr-CA" if name == "broken" else "en-CA")
