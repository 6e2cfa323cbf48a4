"""From a note to a story in one gesture: a draft in the group that was chosen, and nothing lost on the way."""

from uuid import uuid4

import pytest

from groups import notebook as own
from groups import story_drafts, vault
from groups.confidentiality import enter_group
from groups.models import Story, StoryDraft
from tests import makers
from tests.groups.test_closing import close
from tests.makers import as_person
from tests.pages import in_french, typed, words_of

TEXT = "Aujourd’hui, j’ai ouvert les volets.\n\nC’est tout."
BEGUN = "Ces jours-ci, je compte les marches."


@pytest.fixture
def note(circle):
    """The address of Malik's note."""
    pk, _step = makers.write_in_notebook(circle.malik, TEXT, ["hope", "fatigue"])
    return f"/me/notebook/{pk}/"


@pytest.fixture
def write(circle):
    return f"/g/{circle.group.pk}/stories/new/"


def tell(browser, note, group, **more):
    return browser.post(f"{note}story/", {"group": str(group.pk), **more}, follow=True)


def draft_of(member, group):
    with as_person(member):
        kept = story_drafts.kept(enter_group(member, group.pk))
        return kept and kept[0]["text"]


def test_a_note_becomes_a_draft_and_stays_a_note(circle, note, write, visit):
    browser = visit(circle.malik)

    page = tell(browser, note, circle.group)

    assert page.redirect_chain == [(write, 302)]
    assert typed(page, "text").replace("\r", "") == TEXT
    assert page.context["form"]["feelings"].value() == ["hope", "fatigue"]
    assert in_french("The words of your note are in this draft. Your note stays in your notebook.") in words_of(page)
    assert draft_of(circle.malik, circle.group) == TEXT, "found again elsewhere"
    assert "C’est tout." in words_of(browser.get(note))
    with as_person(circle.malik):
        assert Story.objects.count() == 1, "nothing is shared"


def test_the_words_stand_in_no_form_on_the_way(circle, note, visit):
    page = visit(circle.malik).get(note).content.decode()

    assert f'action="{note}story/"' in page and f'name="group" value="{circle.group.pk}"' in page
    assert page.count("C’est tout.") == 1


def test_a_draft_that_is_there_is_shown_first_and_goes_only_when_it_is_said(circle, note, write, visit):
    browser = visit(circle.malik)
    makers.keep_draft(circle.malik, circle.group, BEGUN)

    asked = tell(browser, note, circle.group)
    kept = draft_of(circle.malik, circle.group)
    anew = tell(browser, note, circle.group, anew="1")

    assert asked.redirect_chain == [(f"{note}story/?group={circle.group.pk}", 302)]
    assert in_french("You have a draft in this group already") in words_of(asked) and BEGUN in words_of(asked)
    assert f'href="{write}"' in asked.content.decode()
    assert kept == BEGUN
    assert anew.redirect_chain == [(write, 302)]
    assert draft_of(circle.malik, circle.group) == TEXT


def test_the_same_gesture_twice_keeps_what_was_added_to_the_draft(circle, note, visit):
    browser = visit(circle.malik)
    makers.keep_draft(circle.malik, circle.group, TEXT, title="Les volets")

    page = tell(browser, note, circle.group)

    assert typed(page, "title") == "Les volets"
    with as_person(circle.malik):
        assert StoryDraft.objects.count() == 1


def test_a_draft_that_does_not_open_stops_nobody(circle, note, visit):
    makers.keep_draft(circle.malik, circle.group, BEGUN)
    with as_person(circle.malik):
        StoryDraft.objects.update(sealed=vault.seal_draft(uuid4(), circle.group.pk, {"text": "Autre."}))

    tell(visit(circle.malik), note, circle.group)

    assert draft_of(circle.malik, circle.group) == TEXT


def test_into_no_group_but_ones_own(circle, note, visit):
    other = makers.make_group(makers.make_member("theo"), "Tilleul")
    browser = visit(circle.malik)

    assert tell(browser, note, other).status_code == 404
    assert browser.post(f"{note}story/", {"group": str(uuid4())}).status_code == 404
    for rubbish in ("", "x", "\0", "9" * 5000):
        assert browser.post(f"{note}story/", {"group": rubbish}).url == note
    assert browser.get(f"{note}story/").url == note
    assert browser.get(f"{note}story/?group={circle.group.pk}").url == note, "nothing is begun there"
    assert draft_of(circle.malik, circle.group) is None


def test_a_note_of_somebody_else_is_not_there(circle, note, visit):
    assert tell(visit(circle.ines), note, circle.group).status_code == 404
    assert draft_of(circle.ines, circle.group) is None


def test_a_closed_group_is_not_offered_and_takes_nothing(committed, visit):
    circle = makers.make_circle()
    note = f"/me/notebook/{makers.write_in_notebook(circle.malik, TEXT)[0]}/"
    browser, other = visit(circle.malik), makers.make_group(circle.malik, "Osier")
    close(circle.group)

    page = browser.get(note).content.decode()

    assert f'value="{other.pk}"' in page and f'value="{circle.group.pk}"' not in page
    assert tell(browser, note, circle.group).status_code == 403


def test_a_note_that_does_not_open_is_told_nowhere(circle, note, visit):
    with as_person(circle.malik):
        own.own_notebook(circle.malik).notes.update(sealed=b"\0" * 300)

    page = tell(visit(circle.malik), note, circle.group)

    assert page.redirect_chain == [(note, 302)]
    assert draft_of(circle.malik, circle.group) is None
