"""Changing one's story: other words under a fresh key, and nothing of the former ones stays."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from entraide.lib.days import today
from entraide.lib.times import day
from groups.models import Membership, Story, StoryKey
from tests import makers
from tests.makers import as_person
from tests.pages import in_french, words_of

NEW = "Ce soir-là, j’ai pris le dernier autobus."


@pytest.fixture
def page(circle):
    return f"/g/{circle.group.pk}/stories/{circle.story.pk}/"


def form(version=1, **words):
    return {"title": "", "text": NEW, "note": "", "readers": "present", "version": version, **words}


def stored(circle):
    with as_person(circle.malik):
        story = Story.objects.get(pk=circle.story.pk)
        return bytes(story.sealed), bytes(StoryKey.objects.get(pk=story.pk).wrapped), story.version


def text_of(page):
    return re.sub(r"\s+", " ", page.content.decode())


def test_the_form_shows_the_story_as_it_is(circle, visit, page):
    shown = visit(circle.malik).get(f"{page}edit/")

    assert shown.status_code == 200
    assert makers.STORY in shown.content.decode()
    assert 'name="version" value="1"' in shown.content.decode()


def test_changed_words_take_the_place_of_the_former_ones_under_a_fresh_key(circle, visit, page):
    before = stored(circle)
    author, reader = visit(circle.malik), visit(circle.ines)

    done = author.post(f"{page}edit/", form(title="Dix soirs", feelings=["hope"]), follow=True)

    assert in_french("Your story is changed. The former words are erased for good.") in text_of(done)
    read = reader.get(page).content.decode()
    assert NEW in read and "Dix soirs" in read and "modifié" in read and makers.STORY not in read
    after = stored(circle)
    assert before[0] != after[0] and before[1] != after[1] and after[2] == 2


def test_a_story_never_changed_says_nothing_about_it(circle, visit, page):
    assert "modifié" not in visit(circle.ines).get(page).content.decode()


def test_an_older_text_put_back_does_not_open(circle, visit, page, owner):
    sealed, wrapped, _ = stored(circle)
    visit(circle.malik).post(f"{page}edit/", form())
    with as_person(circle.malik):
        Story.objects.filter(pk=circle.story.pk).update(sealed=sealed)
        StoryKey.objects.filter(pk=circle.story.pk).delete()
        StoryKey.objects.create(pk=circle.story.pk, group=circle.group, group_key_version=1, wrapped=wrapped)

    read = visit(circle.ines).get(page)

    assert read.status_code == 200
    assert makers.STORY not in read.content.decode()
    assert (
        in_french("This story does not open.")
        in visit(circle.ines).get(f"/g/{circle.group.pk}/stories/").content.decode()
    )


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "x" * 20_001])
def test_words_that_cannot_be_kept_are_said_beside_the_field(circle, visit, page, text):
    before = stored(circle)

    refused = visit(circle.malik).post(f"{page}edit/", form(text=text, title="Dix soirs"))

    assert refused.status_code == 422
    assert refused.context["form"].errors["text"]
    assert "Dix soirs" in refused.content.decode()
    assert stored(circle) == before


def test_a_change_sent_twice_is_one_change(circle, visit, page):
    author = visit(circle.malik)

    statuses = [author.post(f"{page}edit/", form()).status_code for _ in range(2)]

    assert statuses == [302, 302]
    assert stored(circle)[2] == 2


def test_words_changed_in_another_window_are_not_overwritten_unseen(circle, visit, page):
    author = visit(circle.malik)
    author.post(f"{page}edit/", form())

    slower = author.post(f"{page}edit/", form(text="Autrement."))

    assert slower.status_code == 422
    assert "Autrement." in slower.content.decode()
    assert NEW in author.get(page).content.decode()
    again = author.post(f"{page}edit/", form(text="Autrement.", version=slower.context["form"]["version"].value()))
    assert again.status_code == 302
    assert "Autrement." in author.get(page).content.decode()


@pytest.mark.parametrize("version", ["", "abc", "0", "-1", "99999999999999999999"])
def test_a_version_that_is_none_changes_nothing(circle, visit, page, version):
    before = stored(circle)

    assert visit(circle.malik).post(f"{page}edit/", form(version=version)).status_code == 422

    assert stored(circle) == before


def test_a_withdrawn_story_is_not_brought_back_by_a_change(circle, visit, page):
    author = visit(circle.malik)
    author.post(f"{page}withdraw/")

    assert author.post(f"{page}edit/", form()).status_code == 404

    with as_person(circle.malik):
        assert not Story.objects.filter(pk=circle.story.pk).exists()


def test_only_the_author_changes_a_story(circle, visit, page):
    before = stored(circle)

    for member in (circle.ines, circle.sofia, None):
        browser = visit(member)
        assert browser.post(f"{page}edit/", form()).status_code == {circle.ines: 403, circle.sofia: 404}.get(
            member, 302
        )

    assert stored(circle) == before


def test_opening_a_story_to_later_members_is_the_authors_act(circle, visit, page):
    newcomer = makers.make_member("nouvelle")
    makers.join(newcomer, circle.group, "Bouleau")
    assert visit(newcomer).get(page).status_code == 404

    visit(circle.malik).post(f"{page}edit/", form(readers="later"))

    assert NEW in visit(newcomer).get(page).content.decode()
    visit(circle.malik).post(f"{page}edit/", form(version=2, readers="present"))
    assert visit(newcomer).get(page).status_code == 404


def test_a_story_that_does_not_open_can_be_written_again_and_keeps_nobody_from_leaving(circle, visit, page):
    with as_person(circle.malik):
        Story.objects.filter(pk=circle.story.pk).update(sealed=b"x" * 64)
    author = visit(circle.malik)
    assert author.get(page).status_code == author.get(f"{page}edit/").status_code == 200

    assert author.post(f"{page}edit/", form()).status_code == 302

    assert NEW in visit(circle.ines).get(page).content.decode()
    with as_person(circle.malik):
        Story.objects.filter(pk=circle.story.pk).update(sealed=b"x" * 64)
    assert author.post(f"/g/{circle.group.pk}/leave/", {"stories": "keep"}).status_code == 302
    assert visit(circle.ines).get(f"/g/{circle.group.pk}/").status_code == 200


def test_a_name_that_does_not_open_hides_nothing_else(circle, visit, page):
    with as_person(circle.malik):
        Membership.objects.filter(stories=circle.story.pk).update(sealed_name=b"\x00\x01" + b"x" * 64)

    read = visit(circle.ines).get(page).content.decode()

    assert makers.STORY in read
    assert in_french("A member whose name does not open") in read


# --- Its end ---------------------------------------------------------------------------------------------------------


def as_shared(**words):
    return {"title": "", "text": NEW, "note": "", "readers": "present", "key": str(uuid4()), **words}


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ("month", "as it is", timedelta(days=10)),
        ("month", None, timedelta(days=10)),  # a form that says nothing of it lengthens nothing
        ("month", "", None),
        ("month", "month", timedelta(days=30)),
        ("", "", None),
        ("", None, None),
        ("", "month", timedelta(days=30)),
    ],
)
def test_its_author_gives_it_another_end_or_leaves_it_as_it_is(circle, visit, before, chosen, after):
    told = as_shared(life=before)
    browser = visit(circle.malik)
    browser.post(f"/g/{circle.group.pk}/stories/new/share/", told)
    if before:
        with as_person(circle.malik):
            Story.objects.filter(pk=told["key"]).update(ends_on=today() + timedelta(days=10))
    change = {**told, "text": "Je cours.", "version": 1, "life": chosen}
    if chosen is None:
        del change["life"]

    changed = browser.post(f"/g/{circle.group.pk}/stories/{told['key']}/edit/", change)

    assert changed.status_code == 302
    with as_person(circle.malik):
        assert Story.objects.get(pk=told["key"]).ends_on == (after and today() + after)


def test_the_page_that_changes_a_story_says_which_end_it_has(circle, visit):
    ends_on = today() + timedelta(days=10)
    lasting = makers.make_story(circle.malik, circle.group, ends_on=ends_on)
    browser = visit(circle.malik)

    page = browser.get(f"/g/{circle.group.pk}/stories/{lasting.pk}/edit/")
    endless = browser.get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/edit/")

    with translation.override("fr"):
        assert in_french("As it is: erased on %(day)s", day=day(ends_on)) in words_of(page)
    assert re.search(r'value="as it is"[^>]* checked', page.content.decode())
    assert 'value="as it is"' not in endless.content.decode()


def test_another_end_is_one_more_thing_that_two_windows_may_disagree_on(circle, visit):
    told = as_shared(life="month")
    browser = visit(circle.malik)
    browser.post(f"/g/{circle.group.pk}/stories/new/share/", told)
    change = {**told, "version": 1}
    assert browser.post(f"/g/{circle.group.pk}/stories/{told['key']}/edit/", {**change, "life": ""}).status_code == 302

    slower = browser.post(f"/g/{circle.group.pk}/stories/{told['key']}/edit/", {**change, "life": "month"})

    assert slower.status_code == 422
    with as_person(circle.malik):
        assert Story.objects.get(pk=told["key"]).ends_on is None
