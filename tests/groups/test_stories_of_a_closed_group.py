"""A group that its members have closed: nobody writes any more; they read, withdraw, and take their words with them."""

import pytest

from groups import story_drafts
from groups.models import Resonance, Story, StoryDraft
from tests import makers
from tests.groups.test_closing import close
from tests.makers import as_person
from tests.pages import in_french, words_of

TEXT = "Ce que je voulais encore dire."
CLOSED = "Nobody writes here any more. Stories can still be read, and withdrawn, until its last day."
BY_ITSELF = {"accept": "text/plain"}


@pytest.fixture
def circle(committed):
    """Closed while Malik has a draft and a story, and Inès a page open."""
    circle = makers.make_circle()
    makers.keep_draft(circle.malik, circle.group, "Mon brouillon.", title="Avant la fin")
    makers.make_story(circle.ines, circle.group, "Moi aussi.", answers=circle.story.pk)
    close(circle.group)
    return circle


@pytest.fixture
def stories(circle):
    return f"/g/{circle.group.pk}/stories/"


def form(**words):
    return {"title": "Un mot", "text": TEXT, "readers": "present", "version": 1, **words}


def test_no_page_leads_to_writing(circle, stories, visit):
    for person in (circle.malik, circle.ines):
        browser = visit(person)
        for address in (f"/g/{circle.group.pk}/", stories, f"{stories}{circle.story.pk}/"):
            page = browser.get(address)

            assert page.status_code == 200
            assert makers.STORY in words_of(page)
            for act in ("/stories/new/", "/edit/"):
                assert act not in page.content.decode().partition("<main")[2]


@pytest.mark.parametrize("step", ["new/", "new/preview/", "new/share/", "new/keep/", "edit/"])
def test_what_is_sent_comes_back_and_is_kept_nowhere(circle, stories, visit, step):
    address = f"{stories}{circle.story.pk}/edit/" if step == "edit/" else stories + step

    page = visit(circle.malik).post(address, form())

    assert page.status_code == 403
    assert in_french(CLOSED) in words_of(page)
    assert f"Un mot\n\n{TEXT}</textarea>" in page.content.decode()
    with as_person(circle.malik):
        assert Story.objects.get(pk=circle.story.pk).version == 1
        assert Story.objects.count() == 2
        assert story_drafts.words_of(StoryDraft.objects.get())["text"] == "Mon brouillon."


def test_a_page_that_keeps_by_itself_is_told_to_stop(circle, stories, visit):
    assert visit(circle.ines).post(stories + "new/keep/", form(), headers=BY_ITSELF).status_code == 409

    with as_person(circle.ines):
        assert not StoryDraft.objects.exists()


def test_a_draft_can_be_copied_and_erased(circle, stories, visit):
    browser = visit(circle.malik)
    assert f"{stories}new/" in browser.get("/me/stories/").content.decode()

    page = browser.get(stories + "new/")
    assert "Avant la fin\n\nMon brouillon.</textarea>" in page.content.decode()
    assert f'action="{stories}new/erase/"' in page.content.decode()
    erased = browser.post(stories + "new/erase/", follow=True)

    assert in_french("Your draft is erased.") in words_of(erased)
    with as_person(circle.malik):
        assert not StoryDraft.objects.exists()
    assert "<textarea" not in browser.get(stories + "new/").content.decode()


def test_a_story_is_withdrawn_and_a_word_is_said_and_taken_back(circle, stories, visit):
    address = f"{stories}{circle.story.pk}/"
    reader, author = visit(circle.ines), visit(circle.malik)

    reader.post(address + "resonance/", {"say": "hear"})
    assert "Phare vert" in words_of(author.get(address))
    reader.post(address + "resonance/", {"unsay": "hear"})
    assert author.post(address + "withdraw/").status_code == 302

    assert reader.get(address).status_code == 404
    with as_person(circle.malik):
        assert not Resonance.objects.exists()
        assert Story.objects.count() == 1
