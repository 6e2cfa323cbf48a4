"""A story from the first word to its end: written, read over, shared, read, recognised, withdrawn."""

import re
from functools import partial
from uuid import uuid4

import pytest

from groups.models import Resonance, Story
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of

TEXT = "Ce matin, j’ai fait le tour du pâté de maisons.\n\nSans compter mes pas."
TO_PRESENT = (
    "Visible to the one member of this group today. To nobody else, and not to those who come later."
    " You can withdraw it whenever you want.",
    "Visible to the %(counter)s members of this group today. To nobody else, and not to those who come later."
    " You can withdraw it whenever you want.",
)
TO_LATER = (
    "Visible to the one member of this group today, and to those who come later. To nobody else."
    " You can withdraw it whenever you want.",
    "Visible to the %(counter)s members of this group today, and to those who come later. To nobody else."
    " You can withdraw it whenever you want.",
)


@pytest.fixture
def stories(circle):
    return f"/g/{circle.group.pk}/stories/"


def written(**words):
    return {"title": "", "text": TEXT, "note": "", "readers": "present", "life": "", "key": str(uuid4()), **words}


def test_writing_reading_over_and_sharing(circle, stories, visit):
    browser = visit(circle.malik)
    told = written(title="Le tour", feelings=["hope", "fatigue"], note="use")

    page = browser.get(stories + "new/")
    preview = browser.post(stories + "new/preview/", told)
    shared = browser.post(stories + "new/share/", told, follow=True)

    assert typed(page, "text") == ""
    assert in_french(*TO_PRESENT, 2) in words_of(preview)
    note = in_french("This story is about alcohol or drug use.")
    assert f"Le tour {note} Ce matin, j’ai fait le tour" in words_of(preview)
    assert typed(preview, "text").replace("\r\n", "\n") == TEXT
    assert shared.redirect_chain == [(f"{stories}{told['key']}/", 302)]
    assert in_french(
        "Your story is shared with %(count)d person.", "Your story is shared with %(count)d people.", 1
    ) in words_of(shared)
    assert (
        "<p>Ce matin, j’ai fait le tour du pâté de maisons.</p>\n<p>Sans compter mes pas.</p>"
        in shared.content.decode()
    )
    assert in_french("fatigue") in words_of(shared)
    assert in_french("hope") in words_of(shared)


def test_the_preview_shares_nothing(circle, stories, visit):
    visit(circle.malik).post(stories + "new/preview/", written())

    with as_person(circle.malik):
        assert Story.objects.count() == 1


def test_the_preview_says_when_later_members_will_read_it_too(circle, stories, visit):
    preview = visit(circle.malik).post(stories + "new/preview/", written(readers="later"))

    assert in_french(*TO_LATER, 2) in words_of(preview)
    assert in_french(*TO_PRESENT, 2) not in words_of(preview)


def test_coming_back_from_the_preview_keeps_every_word(circle, stories, visit):
    told = written(title="Le tour", feelings=["hope"], note="use", readers="later")
    told |= {"own_feeling": "douceur", "came_through": True, "life": "month", "answers": str(circle.story.pk)}

    page = visit(circle.malik).post(stories + "new/", told)

    assert page.status_code == 200
    assert (typed(page, "title"), typed(page, "text"), typed(page, "key")) == ("Le tour", TEXT, told["key"])
    assert {field.name: field.value() for field in page.context["form"]} == told | {"window": "", "upon": ""}
    assert page.content.decode().count("checked") == 5


def test_another_member_reads_it_and_others_do_not(circle, stories, visit):
    makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    address = f"{stories}{circle.story.pk}/"

    read = visit(circle.ines).get(address)
    refused = [visit(person).get(address) for person in (circle.sofia, makers.make_member("zoe"))]

    assert makers.STORY in words_of(read)
    assert "Gué bleu" in words_of(read)
    assert [answer.status_code for answer in refused] == [404, 404]


def test_markup_in_a_story_is_shown_and_does_nothing(circle, stories, visit):
    story = makers.make_story(circle.malik, circle.group, "<script>alert(1)</script>", title="<b>Gras</b>")

    pages = [visit(circle.ines).get(address).content.decode() for address in (stories, f"{stories}{story.pk}/")]

    for page in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "&lt;b&gt;Gras&lt;/b&gt;" in page
        assert "<script>alert" not in page


def test_a_content_note_hides_the_text_until_it_is_opened(circle, stories, visit):
    story = makers.make_story(circle.malik, circle.group, "Il pleuvait sur la rue.", title="La rue", note="grief")
    browser = visit(circle.ines)

    lists = [browser.get(address) for address in (stories, f"/g/{circle.group.pk}/")]
    closed = browser.get(f"{stories}{story.pk}/")
    opened = browser.get(f"{stories}{story.pk}/?open=1")
    own = visit(circle.malik).get(f"{stories}{story.pk}/")

    for page in (*lists, closed):
        assert in_french("This story is about a death.") in words_of(page)
        assert "Il pleuvait" not in page.content.decode()
    assert in_french("I recognise myself") not in words_of(closed)
    assert 'href="?open=1#story"' in closed.content.decode()
    assert "Il pleuvait sur la rue." in words_of(opened)
    assert "Il pleuvait sur la rue." in words_of(own)


def test_behind_a_content_note_the_text_stands_on_no_other_page_either(circle, stories, visit):
    words = {"title": "La rue", "note": "grief", "feelings": ["hope"]}
    noted = makers.make_story(circle.malik, circle.group, "Il pleuvait.", answers=circle.story.pk, **words)
    answer = makers.make_story(circle.ines, circle.group, "Moi aussi.", answers=noted.pk)
    browser = visit(circle.ines)

    linked = browser.get(f"{stories}{circle.story.pk}/")
    answering = browser.get(f"{stories}{answer.pk}/?open=1")
    writing = browser.get(f"{stories}new/?answer={noted.pk}")
    found = browser.post(f"/g/{circle.group.pk}/echo/", {"feeling": "hope"})

    for page in (linked, answering, writing, found):
        assert page.status_code == 200
        assert "La rue" in words_of(page)
        assert "Il pleuvait" not in page.content.decode()


def test_reading_leaves_no_trace_and_no_number(committed, owner, visit):
    circle = makers.make_circle()
    address = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    author, reader = visit(circle.malik), visit(circle.ines)
    without_tokens = partial(re.sub, r'name="csrfmiddlewaretoken" value="\w+"', "")
    before = everything_stored(owner), without_tokens(author.get(address).content.decode())

    for _ in range(3):
        assert makers.STORY in words_of(reader.get(address))

    after = everything_stored(owner), without_tokens(author.get(address).content.decode())
    changed = {name for name in before[0] if before[0][name] != after[0][name]}
    assert changed <= {"members_session"}  # which knows that somebody is there, and not what they look at
    assert before[1] == after[1]


def test_only_the_author_sees_who_recognised_themselves(circle, stories, visit):
    makers.join(makers.make_member("zoe"), circle.group, "Osier")
    story = makers.make_story(circle.malik, circle.group)
    address = f"{stories}{story.pk}/"
    zoe = makers.Member.objects.get(email="zoe@people.example")

    said = visit(circle.ines).post(address + "resonance/", {"say": "recognise"}, follow=True)
    to_author, to_reader = visit(circle.malik).get(address), visit(zoe).get(address)

    assert said.redirect_chain == [(f"{address}?open=1", 302)]
    assert in_french("The person who wrote will know.") in words_of(said)
    assert 'aria-pressed="true"' in said.content.decode()
    assert "Phare vert" in words_of(to_author)
    assert "Phare vert" not in words_of(to_reader)
    assert said.context["received"] is to_reader.context["received"] is None
    assert 'aria-pressed="false"' in to_reader.content.decode()


def test_a_resonance_is_taken_back_by_the_second_press(circle, stories, visit):
    address = f"{stories}{circle.story.pk}/"
    browser = visit(circle.ines)
    browser.post(address + "resonance/", {"say": "recognise"})

    again = browser.post(address + "resonance/", {"unsay": "recognise"}, follow=True)

    assert in_french("It is taken back.") in words_of(again)
    assert 'aria-pressed="false"' in again.content.decode()
    assert "Phare vert" not in words_of(visit(circle.malik).get(address))
    with as_person(circle.ines):
        assert Resonance.objects.count() == 0


def test_withdrawing_destroys_the_story_its_key_and_its_resonances(committed, owner, visit):
    circle = makers.make_circle()
    address = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    visit(circle.ines).post(address + "resonance/", {"say": "recognise"})
    before = everything_stored(owner)

    page = visit(circle.malik).post(address + "withdraw/", follow=True)

    assert in_french("Your story is withdrawn. Its key is destroyed: nobody can read it any more.") in words_of(page)
    assert visit(circle.malik).get(address).status_code == 404
    after = everything_stored(owner)
    for table in ("groups_story", "groups_storykey", "groups_resonance"):
        assert str(circle.story.pk) in before[table]
        assert after[table] == ""


def test_nobody_else_can_withdraw_a_story(circle, stories, visit):
    answer = visit(circle.ines).post(f"{stories}{circle.story.pk}/withdraw/")

    assert answer.status_code == 403
    assert visit(circle.ines).get(f"{stories}{circle.story.pk}/").status_code == 200


def test_a_story_posted_twice_is_one_story(circle, stories, visit):
    browser = visit(circle.malik)
    told = written()

    answers = [browser.post(stories + "new/share/", told) for _ in range(2)]

    assert [answer.url for answer in answers] == [f"{stories}{told['key']}/"] * 2
    with as_person(circle.malik):
        assert Story.objects.count() == 2


def test_the_key_of_somebody_elses_story_changes_nothing(circle, stories, visit):
    answer = visit(circle.ines).post(stories + "new/share/", written(key=str(circle.story.pk)))

    assert answer.status_code == 403
    assert makers.STORY in words_of(visit(circle.ines).get(f"{stories}{circle.story.pk}/"))


def test_a_later_member_reads_what_was_opened_to_them_only(circle, stories, visit):
    opened = makers.make_story(circle.malik, circle.group, "Pour la suite.", opened_to_later=True)
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, circle.group, "Osier")
    after = makers.make_story(circle.malik, circle.group, "Depuis hier.")
    browser = visit(newcomer)

    listed = words_of(browser.get(stories))
    answers = {story.pk: browser.get(f"{stories}{story.pk}/").status_code for story in (circle.story, opened, after)}

    assert makers.STORY not in listed
    assert "Pour la suite." in listed
    assert "Depuis hier." in listed
    assert answers == {circle.story.pk: 404, opened.pk: 200, after.pk: 200}


def test_older_stories_follow_on_a_second_page(circle, stories, visit):
    made = [makers.make_story(circle.malik, circle.group, f"Le soir {number}.") for number in range(12)]
    browser = visit(circle.ines)

    first = browser.get(stories)
    second = browser.get(first.context["older"])

    pages = [[card.id for card in page.context["cards"]] for page in (first, second)]
    assert pages == [[story.pk for story in made[:1:-1]], [made[1].pk, made[0].pk, circle.story.pk]]
    assert second.context["older"] == ""


@pytest.mark.parametrize("before", ["", "abc", "-1", "0", "²", "9" * 30])
def test_a_mistyped_place_in_the_list_is_no_error(circle, stories, visit, before):
    page = visit(circle.ines).get(stories, {"before": before})

    assert page.status_code == 200


def test_a_fourth_feeling_is_refused(circle, stories, visit):
    page = visit(circle.malik).post(stories + "new/preview/", written(feelings=["hope", "fear", "joy", "pride"]))

    assert page.status_code == 422
    assert error_beside(page, "feelings") == in_french("Keep three words at most.")
    assert typed(page, "text") == TEXT
