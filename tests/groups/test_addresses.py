"""An address in a story, a note or on the shelf is text, and a link by the reader's gesture only, without referrer."""

import re

from tests import makers
from tests.pages import in_french, words_of

TEXT = "J’ai trouvé ceci : https://example.org/marche?a=1&b=2, et \"https://example.org/'><script>alert(1)</script>."
AWAY = 'rel="noreferrer noopener nofollow external" referrerpolicy="no-referrer"'
LINK = f'<a href="https://example.org/marche?a=1&amp;b=2" {AWAY}>'


def outside(page):
    """The page without what opens by a gesture only."""
    return re.sub(r"<details.*?</details>", "", page.content.decode(), flags=re.S)


def test_it_is_text_until_the_reader_asks(circle, visit):
    story = makers.make_story(circle.malik, circle.group, TEXT)
    makers.put_on_shelf(circle.malik, circle.group, TEXT)
    note, _step = makers.write_in_notebook(circle.ines, TEXT)
    browser, group = visit(circle.ines), f"/g/{circle.group.pk}"

    for address in (f"{group}/stories/{story.pk}/", f"{group}/shelf/", f"/me/notebook/{note}/"):
        page = browser.get(address)

        assert "https://example.org/marche?a=1&amp;b=2" in outside(page)
        assert 'href="https://example.org' not in outside(page)
        assert LINK in page.content.decode()
        assert "<script>alert" not in page.content.decode()
        assert in_french("This leads to %(host)s", host="example.org") in words_of(page)


def test_lists_and_previews_hold_no_link(circle, visit):
    makers.make_story(circle.malik, circle.group, TEXT)
    browser, stories = visit(circle.ines), f"/g/{circle.group.pk}/stories/"

    for page in (browser.get(stories), browser.get(f"/g/{circle.group.pk}/")):
        assert "https://example.org" in page.content.decode()
        assert 'href="https://example.org' not in page.content.decode()


def test_a_story_behind_its_content_note_names_no_address(circle, visit):
    story = makers.make_story(circle.malik, circle.group, TEXT, note="grief")

    page = visit(circle.ines).get(f"/g/{circle.group.pk}/stories/{story.pk}/")

    assert "example.org" not in page.content.decode()
