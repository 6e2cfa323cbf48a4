"""What somebody is writing: kept for them alone, found again elsewhere, gone once shared, erased or left alone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from entraide.lib.days import today
from groups import story_drafts, vault
from groups.confidentiality import enter_group
from groups.models import Story, StoryDraft
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import in_french, typed, words_of

TEXT = "Ces jours-ci, je compte les marches.\n\nIl y en a quarante."
BY_ITSELF = {"accept": "text/plain"}


@pytest.fixture
def writing(circle):
    return f"/g/{circle.group.pk}/stories/new/"


def form(**words):
    return {"title": "", "text": TEXT, "note": "", "readers": "present", "life": "", "key": str(uuid4()), **words}


def kept_by(member, group):
    with as_person(member):
        kept = story_drafts.kept(enter_group(member, group.pk))
        return kept and kept[0]


def test_a_draft_is_found_again_in_another_browser_with_everything_chosen(circle, writing, visit):
    told = form(title="Les marches", feelings=["hope"], own_feeling="douceur", came_through="on", note="use")
    told |= {"readers": "later", "life": "month", "answers": str(circle.story.pk)}

    said = visit(circle.ines).post(writing + "keep/", told, follow=True)
    page = visit(circle.ines).get(writing)

    assert in_french("Your draft is kept. It is visible to you only.") in words_of(said)
    assert (typed(page, "title"), typed(page, "text").replace("\r", "")) == ("Les marches", TEXT)
    shown = {field.name: field.value() for field in page.context["form"]}
    assert shown == told | {"came_through": True, "window": shown["window"], "upon": ""}
    assert page.context["erased_on"] == today() + timedelta(days=30)


def test_a_page_that_keeps_by_itself_gets_no_page(circle, writing, visit):
    answer = visit(circle.malik).post(writing + "keep/", form(), headers=BY_ITSELF)

    assert (answer.status_code, answer.content) == (204, b"")
    assert kept_by(circle.malik, circle.group)["text"] == TEXT


def test_there_is_one_draft_and_the_last_words_are_in_it(circle, writing, visit):
    browser = visit(circle.malik)
    for text in ("Un.", "Deux.", "Deux."):
        browser.post(writing + "keep/", form(text=text))

    assert kept_by(circle.malik, circle.group)["text"] == "Deux."
    with as_person(circle.malik):
        assert StoryDraft.objects.count() == 1


def test_nobody_else_is_given_a_draft(circle, writing, visit):
    visit(circle.malik).post(writing + "keep/", form())

    page = visit(circle.ines).get(writing)

    assert "quarante" not in page.content.decode()
    for person, staff in ((circle.ines, False), (circle.sofia, False), (makers.make_member("nadia"), True)):
        with as_person(person, staff=staff):
            assert not StoryDraft.objects.exists()
            assert StoryDraft.objects.update(kept_on=today()) == 0


def test_a_copy_of_the_database_with_the_key_of_the_group_opens_no_draft(committed, owner, visit):
    circle = makers.make_circle()
    visit(circle.malik).post(f"/g/{circle.group.pk}/stories/new/keep/", form())

    stored = everything_stored(owner)

    assert str(circle.group.pk) in stored["groups_storydraft"]
    assert "quarante" not in "".join(stored.values())
    with as_person(circle.malik):
        draft = StoryDraft.objects.get()
    draft.membership_id = uuid4()
    assert story_drafts.words_of(draft) is None, "the words are bound to their author"


def test_sharing_takes_the_draft_and_a_late_keeping_does_not_bring_it_back(circle, writing, visit):
    browser, told = visit(circle.malik), form()
    browser.post(writing + "keep/", told)

    browser.post(writing + "share/", told)
    late = browser.post(writing + "keep/", told, headers=BY_ITSELF)

    assert late.status_code == 409
    assert kept_by(circle.malik, circle.group) is None
    with as_person(circle.malik):
        assert Story.objects.count() == 2


def test_erasing_and_emptying_leave_nothing(circle, writing, visit):
    browser = visit(circle.malik)

    browser.post(writing + "keep/", form())
    said = browser.post(writing + "erase/", form(), follow=True)
    assert in_french("Your draft is erased.") in words_of(said)
    assert kept_by(circle.malik, circle.group) is None

    browser.post(writing + "keep/", form())
    browser.post(writing + "keep/", form(text=" \n"), headers=BY_ITSELF)
    assert kept_by(circle.malik, circle.group) is None


def test_leaving_the_group_erases_the_draft(committed, owner, visit):
    circle = makers.make_circle()
    visit(circle.ines).post(f"/g/{circle.group.pk}/stories/new/keep/", form())
    assert everything_stored(owner)["groups_storydraft"]

    makers.leave(circle.ines, circle.group)

    assert everything_stored(owner)["groups_storydraft"] == ""


@pytest.mark.parametrize(
    "broken", [{"key": "none"}, {"key": ""}, {"text": "Une\0ligne"}, {"text": "\u202eretourné"}, {"life": "century"}]
)
def test_what_cannot_be_shared_is_kept_all_the_same(circle, writing, visit, broken):
    browser = visit(circle.malik)

    answer = browser.post(writing + "keep/", form(**broken), headers=BY_ITSELF)

    assert answer.status_code == 204
    assert browser.get(writing).status_code == 200
    assert kept_by(circle.malik, circle.group)["text"] == broken.get("text", TEXT)


def test_a_draft_longer_than_any_story_is_given_back_and_the_former_one_stays(circle, writing, visit):
    browser = visit(circle.malik)
    browser.post(writing + "keep/", form())
    endless = form(text="é" * (story_drafts.LONGEST + 1))

    page = browser.post(writing + "keep/", endless)
    by_itself = browser.post(writing + "keep/", endless, headers=BY_ITSELF)

    assert (page.status_code, by_itself.status_code) == (422, 422)
    assert len(typed(page, "text")) == story_drafts.LONGEST + 1
    said = "This text is too long to be kept as a draft. It is still here: keep a part of it elsewhere."
    assert in_french(said) in words_of(page)
    assert kept_by(circle.malik, circle.group)["text"] == TEXT


def test_a_draft_that_does_not_open_keeps_nobody_from_writing(circle, writing, visit):
    browser = visit(circle.malik)
    browser.post(writing + "keep/", form())
    with as_person(circle.malik):
        StoryDraft.objects.update(sealed=vault.seal_draft(uuid4(), circle.group.pk, {"text": "Autre."}))

    page = browser.get(writing)
    browser.post(writing + "keep/", form(text="Depuis."))

    assert typed(page, "text") == ""
    assert kept_by(circle.malik, circle.group)["text"] == "Depuis."


def test_an_untouched_draft_goes_after_thirty_days(committed, visit):
    circle = makers.make_circle()
    for member, days in ((circle.malik, 30), (circle.ines, 29)):
        visit(member).post(f"/g/{circle.group.pk}/stories/new/keep/", form())
        with as_person(member):
            StoryDraft.objects.update(kept_on=today() - timedelta(days=days))

    makers.run_as_worker("from meetings import upkeep; upkeep.run()")

    assert kept_by(circle.malik, circle.group) is None
    assert kept_by(circle.ines, circle.group)["text"] == TEXT


def test_one_page_has_all_of_ones_own_and_nothing_of_others(circle, writing, visit):
    theo = makers.make_member("theo")
    other = makers.make_group(theo, "Tilleul", name="Les jours gris")
    makers.join(circle.malik, other, "Corneille")
    makers.make_story(circle.malik, other, "Ailleurs aussi.")
    makers.make_story(theo, other, "Ce qui est à Théo.")
    browser = visit(circle.malik)
    browser.post(writing + "keep/", form())

    page = words_of(browser.get("/me/stories/"))

    assert makers.STORY in page and "Ailleurs aussi." in page
    assert in_french("The story that you are writing") in page
    assert "Ce qui est à Théo." not in page
    assert in_french("You have written nothing for now.") in words_of(visit(circle.ines).get("/me/stories/"))
