"""One draft, and two windows or two devices of one person: what one of them holds is not lost for the other."""

import pytest

from groups import story_drafts
from groups.confidentiality import enter_group
from tests import makers
from tests.makers import as_person
from tests.pages import in_french, typed, words_of

LONG = "Ces jours-ci, je compte les marches. Il y en a quarante, et le soir elles sont plus hautes."
BY_ITSELF = {"accept": "text/plain"}
ELSEWHERE = (
    "Since you opened this page, other words were kept as your draft, in another window or on another device. They are"
    " still there, and these are not kept yet. Keep these once more to put them in the place of the others."
)


@pytest.fixture
def writing(circle):
    return f"/g/{circle.group.pk}/stories/new/"


def opened(browser, address):
    """What the form of that page sends when nothing more is typed."""
    form = browser.get(address).context["form"]
    return {name: form[name].value() or "" for name in form.fields if name not in ("feelings", "came_through")}


def kept_by(member, group):
    with as_person(member):
        kept = story_drafts.kept(enter_group(member, group.pk))
        return kept and kept[0]["text"]


@pytest.mark.parametrize("stale", ["Un mot.", ""])
def test_a_window_that_was_opened_before_does_not_take_the_place_of_what_another_kept(circle, writing, visit, stale):
    browser = visit(circle.malik)
    first, second = opened(browser, writing), opened(browser, writing)
    browser.post(writing + "keep/", second | {"text": LONG}, headers=BY_ITSELF)

    by_itself = browser.post(writing + "keep/", first | {"text": stale}, headers=BY_ITSELF)
    page = browser.post(writing + "keep/", first | {"text": stale})

    assert (by_itself.status_code, page.status_code) == (412, 422)
    assert kept_by(circle.malik, circle.group) == LONG
    assert in_french(ELSEWHERE) in words_of(page)
    assert typed(page, "text") == stale


def test_whoever_says_it_once_more_keeps_these_words(circle, writing, visit):
    browser = visit(circle.malik)
    first, second = opened(browser, writing), opened(browser, writing)
    browser.post(writing + "keep/", second | {"text": LONG})
    page = browser.post(writing + "keep/", first | {"text": "Un mot."})

    form = page.context["form"]
    again = {name: form[name].value() or "" for name in first}

    assert browser.post(writing + "keep/", again).status_code == 302
    assert kept_by(circle.malik, circle.group) == "Un mot."


def test_a_window_goes_on_from_what_it_kept_and_from_what_it_found(circle, writing, visit):
    browser = visit(circle.malik)
    here = opened(browser, writing)
    for text in ("Un.", "Un. Deux."):
        assert browser.post(writing + "keep/", here | {"text": text}, headers=BY_ITSELF).status_code == 204
    read_over = browser.post(writing + "preview/", here | {"text": "Un. Deux."})
    back = browser.post(writing, {name: read_over.context["form"][name].value() or "" for name in here})
    here = {name: back.context["form"][name].value() or "" for name in here}
    assert browser.post(writing + "keep/", here | {"text": "Trois."}, headers=BY_ITSELF).status_code == 204

    elsewhere = opened(visit(circle.malik), writing)

    assert elsewhere["text"] == "Trois."
    assert visit(circle.malik).post(writing + "keep/", elsewhere | {"text": "Quatre."}).status_code == 302
    assert kept_by(circle.malik, circle.group) == "Quatre."


def test_sharing_in_one_window_leaves_what_another_one_keeps(circle, writing, visit):
    browser = visit(circle.malik)
    first, second = opened(browser, writing), opened(browser, writing)
    browser.post(writing + "keep/", second | {"text": LONG}, headers=BY_ITSELF)

    shared = browser.post(writing + "share/", first | {"text": "Un mot."})

    assert shared.status_code == 302
    assert kept_by(circle.malik, circle.group) == LONG
    last = opened(browser, writing)
    assert last["text"] == LONG
    assert browser.post(writing + "share/", last).status_code == 302
    assert kept_by(circle.malik, circle.group) is None


def test_a_draft_that_was_found_and_shared_on_another_device_goes(circle, writing, visit):
    visit(circle.malik).post(writing + "keep/", opened(visit(circle.malik), writing) | {"text": LONG})
    telephone = visit(circle.malik)

    telephone.post(writing + "share/", opened(telephone, writing))

    assert kept_by(circle.malik, circle.group) is None


def test_a_page_that_goes_on_after_its_story_was_shared_elsewhere_never_says_that_a_draft_is_kept(
    circle, writing, visit
):
    browser = visit(circle.malik)
    browser.post(writing + "keep/", opened(browser, writing) | {"text": LONG})
    computer, telephone = opened(browser, writing), opened(visit(circle.malik), writing)
    browser.post(writing + "share/", computer)
    longer = telephone | {"text": f"{LONG} Et la rampe est froide."}

    assert browser.post(writing + "keep/", longer, headers=BY_ITSELF).status_code == 409
    browser.post(writing + "keep/", longer)

    assert kept_by(circle.malik, circle.group) == longer["text"]
    assert browser.post(writing + "share/", opened(browser, writing)).status_code == 302


def test_erasing_in_one_window_leaves_what_another_one_keeps(circle, writing, visit):
    browser = visit(circle.malik)
    first, second = opened(browser, writing), opened(browser, writing)
    browser.post(writing + "keep/", second | {"text": LONG}, headers=BY_ITSELF)

    page = browser.post(writing + "erase/", first | {"text": "Un mot."}, follow=True)

    assert in_french("These words are gone. What you kept in another window is still here.") in words_of(page)
    assert typed(page, "text") == LONG
    browser.post(writing + "erase/", opened(browser, writing))
    assert kept_by(circle.malik, circle.group) is None


def test_a_note_that_becomes_a_draft_is_not_written_over_by_an_older_window(circle, writing, visit):
    browser = visit(circle.malik)
    older = opened(browser, writing)
    note, _ = makers.write_in_notebook(circle.malik, LONG)
    browser.post(f"/me/notebook/{note}/story/", {"group": circle.group.pk})

    answer = browser.post(writing + "keep/", older | {"text": "Un mot."}, headers=BY_ITSELF)

    assert answer.status_code == 412
    assert kept_by(circle.malik, circle.group) == LONG
