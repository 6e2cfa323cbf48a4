"""Nothing but a keyboard: every stop is seen, errors come first, and so goes the whole way in and out of a group."""

import pytest
from playwright.sync_api import expect

from tests import makers
from tests.journeys import measures
from tests.journeys.every_page import PAGES, SCHEDULE, TITLE, Place, fill_in
from tests.mailbox import code_for, wait_for_mail

ADDRESS = "clavier@people.example"
WORDS = "Ce matin, les volets étaient ouverts avant moi."
MANY = 150  # stops: more than any page has
# With sticky parts above and below, short and long pages, fields and errors.
WALKED = ["landing", "sheet", "directory", "help_now", "join, name", "write, error", "story", "schedule", "my space"]
STOP = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const sticky = (selector) => {
    const part = document.querySelector(selector);
    if (!part || part.contains(element) || getComputedStyle(part).position !== "sticky") return null;
    const {top, bottom, height} = part.getBoundingClientRect();
    return height ? {top, bottom} : null;
  };
  const bar = element.closest(".e-skip") ? null : sticky(".e-bar"), foot = sticky(".e-stickyfoot");
  const meets = foot && box.top < foot.bottom && box.bottom > foot.top;
  const top = bar ? bar.bottom : 0, bottom = meets ? foot.top : innerHeight;
  // of a long text browsers show the line in which one writes
  const needed = element.tagName === "TEXTAREA" ? Math.min(box.height, 48) : box.height;
  const faults = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no outline");
  if (box.left < -0.5 || box.right > innerWidth + 0.5) faults.push("beside the screen");
  if (needed <= bottom - top && (box.top < top - 0.5 || box.top + needed > bottom + 0.5))
    faults.push(`${box.top | 0}–${box.bottom | 0} between ${top | 0} and ${bottom | 0}`);
  return {faults: faults.map((fault) => `${fault}: ${proof.tell(element)}`), words: element.innerText || element.name};
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  if (element === document.body) return "";
  return [...(element.labels || [])].map((label) => label.innerText).join(" ") || element.innerText || "";
}"""


def walk(page, key):
    """Every stop, from where the focus is to where it leaves the page."""
    stops = []
    for _ in range(MANY):
        page.keyboard.press(key)
        stop = page.evaluate(STOP)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError("the keyboard does not come out again")


@pytest.mark.parametrize(("name", "height"), [*((name, 740) for name in WALKED), ("sheet", 420), ("schedule", 420)])
def test_each_stop_is_seen_and_lies_under_nothing(window, go, name, height):
    page = window(PAGES[name].who, javascript=True)
    page.set_viewport_size({"width": 360, "height": height})
    go(page, PAGES[name])
    page.evaluate(measures.LIBRARY)
    page.evaluate("document.activeElement.blur()")

    there = walk(page, "Tab")
    back = walk(page, "Shift+Tab")

    assert [fault for stop in there + back for fault in stop["faults"]] == []
    assert len(there) > 8
    if not name.endswith("error"):  # there the errors come first
        assert [stop["words"] for stop in there[:2]] == ["Aller au contenu", "Quitter ce site"]
    assert len(back) >= len(there) - 1


ERRORS = [name for name in PAGES if name.endswith("error")]
OF_NO_FIELD = "reminders, error"  # one of the groups is no longer theirs: nothing on the page is to be corrected


@pytest.mark.parametrize("javascript", [False, True], ids=["no script", "script"])
@pytest.mark.parametrize("name", ERRORS)
def test_the_summary_of_errors_has_the_focus_and_leads_to_the_fields(window, go, name, javascript):
    page = window(PAGES[name].who, javascript=javascript)

    go(page, PAGES[name])

    expect(page.locator(".e-summary")).to_be_focused()
    assert page.title().startswith("Erreur\u00a0: ")
    links = page.locator(".e-summary a")
    assert (links.count() == 0) == (name == OF_NO_FIELD)
    if name == OF_NO_FIELD:
        return
    field = links.first.get_attribute("href").removeprefix("#")
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{field}")).to_be_focused()
    top, bar = page.locator(f"#{field}").bounding_box()["y"], page.locator(".e-bar").bounding_box()
    assert top >= bar["y"] + bar["height"]


def test_what_was_typed_is_still_there_beside_an_error(window, go):
    late = SCHEDULE | {"starts": "22 h", "ends": "9 h"}
    page = window("ines")
    go(page, Place("ines", "meetings:schedule", ("gid",), then=fill_in(**late), status=422))
    for name, value in late.items():
        expect(page.locator(f"main [name={name}]")).to_have_value(value)

    page = window("pending")
    go(page, Place("pending", "groups:propose_step", ("first",), then=fill_in(name="Vivre avec"), status=422))
    expect(page.locator("main [name=name]")).to_have_value("Vivre avec")


FRAMED = """() => [...document.querySelectorAll(
    "button, .btn, input:not([type=hidden]), select, textarea, .e-chip, .e-choice")]
  .filter((element) => !proof.hidden(element) && !element.matches(".e-btn-quiet, .e-crumb"))
  .filter((element) => { const style = getComputedStyle(element);
    return style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1
      || style.borderTopColor === style.backgroundColor; })
  .map(proof.tell)"""


@pytest.mark.parametrize("name", ["landing", "write", "home", "join, name"])
def test_forced_colours_keep_borders_and_show_where_one_is(window, go, name):
    page = window(PAGES[name].who, javascript=True)
    go(page, PAGES[name])
    page.evaluate(measures.LIBRARY)
    page.emulate_media(forced_colors="active")

    assert page.evaluate(FRAMED) == []
    here = page.locator("nav [aria-current]")
    if name in ("write", "home"):
        assert here.count() == 1
        assert here.evaluate("element => getComputedStyle(element).borderBottom").startswith("3px solid")
    page.keyboard.press("Tab")
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    page.emulate_media(forced_colors="none")


def reach(page, words):
    for _ in range(MANY):
        if words.casefold() in page.evaluate(FOCUSED).casefold():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to « {words} » on {page.url}")


def press(page, words, key="Enter"):
    reach(page, words)
    with page.expect_navigation():
        page.keyboard.press(key)


def write(page, label, text, enter=True):
    reach(page, label)
    page.keyboard.type(text)
    if enter:
        with page.expect_navigation():
            page.keyboard.press("Enter")


def test_the_whole_way_with_a_keyboard_and_without_a_script(window, village):
    page = window(color_scheme="light")
    page.goto("/")
    press(page, "Trouver un groupe")
    write(page, "Ce que vous vivez", "dependance")
    press(page, "Un soir à la fois")
    press(page, "Rejoindre")
    press(page, "Créer un compte")
    write(page, "Courriel", ADDRESS)
    wait_for_mail(ADDRESS, "Votre code", within=10)
    write(page, "Code", code_for(ADDRESS))

    write(page, "Le nom que vous choisissez", "Pont tournant")
    reach(page, "J’ai lu la charte")
    page.keyboard.press("Space")
    press(page, "Continuer", "Space")
    reach(page, "Aucun rappel")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("la veille")).to_be_checked()
    press(page, "J’entre dans le groupe")
    expect(page.locator(".e-banner")).to_contain_text("Bienvenue")

    press(page, TITLE)
    expect(page.get_by_text(makers.STORY)).to_be_visible()
    press(page, "Je m’y reconnais", "Space")
    press(page, "Récits")
    press(page, "Écrire un récit")
    write(page, "Votre récit", WORDS, enter=False)
    reach(page, "espoir")
    page.keyboard.press("Space")
    press(page, "Relire avant de partager")
    press(page, "Je partage avec le groupe")
    expect(page.get_by_text(WORDS)).to_be_visible()

    press(page, "Accueil")
    press(page, "Quitter ce groupe")
    press(page, "Je quitte le groupe")
    assert page.url.endswith("/left/")
    assert page.goto(f"/g/{village.values['gid']}/").status == 404
