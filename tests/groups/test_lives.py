"""The life of a story: the end that its author chose, the words that it received, the stories that answer it."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import translation

from entraide.lib.days import today
from entraide.lib.times import day
from groups import telling
from groups.confidentiality import enter_group, enter_group_to_act, find_story
from groups.models import Group, Life, Resonance, Story, StoryKey
from groups.models.story import ends
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, words_of

GONE = "Its author has withdrawn it, it has come to its end, or it was never yours to read."


@pytest.fixture
def stories(circle):
    return f"/g/{circle.group.pk}/stories/"


def form(**words):
    return {
        "title": "",
        "text": "Je marche.",
        "note": "",
        "readers": "present",
        "life": "",
        "key": str(uuid4()),
        **words,
    }


def end_today(owner, story):
    """As if the day had come."""
    with owner.cursor() as cursor:
        cursor.execute("alter table groups_story no force row level security")
        cursor.execute("update groups_story set ends_on = current_date where id = %s", [str(story.pk)])
        cursor.execute("alter table groups_story force row level security")
    owner.commit()


# --- Its end ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("life", ["", "month", "meeting"])
def test_a_story_has_the_life_that_its_author_chose(circle, stories, visit, life):
    told = form(life=life)
    circle.group.refresh_from_db()
    after_meeting = circle.group.next_ends_at.astimezone(makers.MONTREAL).date() + timedelta(days=2)  # there, in UTC

    page = visit(circle.malik).post(stories + "new/share/", told, follow=True)

    with as_person(circle.malik):
        ends_on = Story.objects.get(pk=told["key"]).ends_on
    assert ends_on == {"": None, "month": today() + timedelta(days=30), "meeting": after_meeting}[life]
    says = in_french(
        "From %(the_day)s on, nobody reads it any more: it is erased for everyone, you included.", the_day=""
    )
    assert (says.split(",")[1] in words_of(page)) == bool(life)


def test_without_a_meeting_ahead_no_story_lasts_until_the_next(visit, db):
    theo = makers.make_member("theo")
    group = makers.make_group(theo, "Tilleul")
    browser, address = visit(theo), f"/g/{group.pk}/stories/new/"

    page, refused = browser.get(address), browser.post(address + "share/", form(life="meeting"))

    assert 'value="meeting"' not in page.content.decode()
    assert refused.status_code == 422
    said = "This meeting is not planned any more. Choose again how long it stays."
    assert error_beside(refused, "life") == in_french(said)


def test_a_draft_that_outlasts_its_meeting_is_not_shared_until_it_is_withdrawn(circle, stories, visit):
    browser = visit(circle.malik)
    browser.post(stories + "new/keep/", form(life="meeting"))
    with as_person(circle.ines):  # who facilitates
        Group.objects.filter(pk=circle.group.pk).update(next_starts_at=None, next_ends_at=None)

    page = browser.get(stories + "new/")
    assert not re.search(r'name="life"[^>]* checked', page.content.decode()), "no answer, so a browser sends none"
    told = {name: page.context["form"][name].value() or "" for name in ("key", "text", "readers", "window", "upon")}
    answers = [browser.post(f"{stories}new/{step}/", told) for step in ("preview", "share")]

    said = in_french("This meeting is not planned any more. Choose again how long it stays.")
    assert [(answer.status_code, error_beside(answer, "life")) for answer in answers] == [(422, said)] * 2
    with as_person(circle.malik):
        assert not Story.objects.filter(pk=told["key"]).exists()


@pytest.mark.parametrize(
    ("zone", "ends_at", "last_day"),
    [
        ("Pacific/Auckland", "2027-02-03T11:00", "2027-02-03"),  # the day before, in UTC
        ("Europe/Paris", "2027-02-03T20:00", "2027-02-03"),
        ("America/Toronto", "2027-02-03T17:00", "2027-02-04"),  # ends before the day does in UTC, and after it
        ("America/Toronto", "2027-02-03T21:00", "2027-02-04"),
    ],
)
def test_the_day_of_a_meeting_stays_whole_wherever_the_group_is(zone, ends_at, last_day):
    ends_at = datetime.fromisoformat(ends_at).replace(tzinfo=ZoneInfo(zone))
    group = Group(zone=zone, next_ends_at=ends_at.astimezone(UTC))

    assert ends(group)[Life.MEETING] == date.fromisoformat(last_day) + timedelta(days=1)


def test_from_its_last_day_on_nobody_reads_it_not_even_its_author(committed, owner, visit):
    circle = makers.make_circle()
    end_today(owner, circle.story)
    group = f"/g/{circle.group.pk}/"

    for person in (circle.malik, circle.ines):
        browser = visit(person)
        for address in (group, f"{group}stories/", f"{group}stories/{circle.story.pk}/", "/me/stories/"):
            assert makers.STORY not in words_of(browser.get(address))
        assert in_french(GONE) in words_of(browser.get(f"{group}stories/{circle.story.pk}/"))
        for act in ("edit", "withdraw", "resonance"):
            assert browser.post(f"{group}stories/{circle.story.pk}/{act}/").status_code == 404
        with as_person(person):
            assert not Story.objects.exists()
            assert not StoryKey.objects.exists()


def test_the_worker_destroys_it_with_its_key_and_notes_that_it_went(committed, owner):
    circle = makers.make_circle()
    kept = makers.make_story(circle.malik, circle.group, "Je reste.", ends_on=today() + timedelta(days=1))
    with as_person(circle.ines):
        inside = enter_group_to_act(circle.ines, circle.group.pk)
        telling.receive(inside, find_story(inside, circle.story.pk), "hear", said=True)
    end_today(owner, circle.story)

    makers.run_as_worker("from meetings import upkeep; upkeep.run()")

    stored = everything_stored(owner)
    for table in ("groups_story", "groups_storykey", "groups_resonance"):
        assert str(circle.story.pk) not in stored[table]
    assert str(kept.pk) in stored["groups_storykey"]
    assert str(circle.story.pk) in stored["groups_journalentry"]


@pytest.mark.parametrize("choice", ["withdraw", "keep"])
def test_a_story_that_has_ended_keeps_nobody_from_leaving(committed, owner, visit, choice):
    circle = makers.make_circle()
    end_today(owner, circle.story)

    answer = visit(circle.malik).post(f"/g/{circle.group.pk}/leave/", {"stories": choice})

    assert answer.status_code == 302
    stored = everything_stored(owner)
    assert stored["groups_story"] == stored["groups_storykey"] == ""


# --- Received words --------------------------------------------------------------------------------------------------


def test_words_said_to_somebody_who_has_left_are_kept_nowhere(committed, owner, visit):
    circle = makers.make_circle()
    story = f"/g/{circle.group.pk}/stories/{circle.story.pk}/"
    visit(circle.ines).post(f"{story}resonance/", {"say": "me_too"})
    assert everything_stored(owner)["groups_resonance"]

    visit(circle.malik).post(f"/g/{circle.group.pk}/leave/", {"stories": "keep"})

    assert visit(circle.ines).get(story).status_code == 200
    assert everything_stored(owner)["groups_resonance"] == ""


def test_each_word_is_said_and_taken_back_by_the_same_gesture(circle, stories, visit):
    address, browser = f"{stories}{circle.story.pk}/", visit(circle.ines)
    for kind in ("hear", "me_too", "hear"):
        browser.post(address + "resonance/", {"say": kind})

    page = browser.get(address)
    assert [word["kind"] for word in page.context["words"] if word["said"]] == ["hear", "me_too"]
    assert page.content.decode().count('name="unsay"') == 2
    to_author = words_of(visit(circle.malik).get(address))
    assert f"Phare vert {in_french('I hear you')} · {in_french('Me too')}" in to_author

    browser.post(address + "resonance/", {"unsay": "hear"})
    with as_person(circle.malik):
        assert list(Resonance.objects.values_list("kind", flat=True)) == ["me_too"]


@pytest.mark.parametrize("sent", [{}, {"say": ""}, {"say": "bravo"}, {"unsay": "bravo"}, {"say": "\0"}])
def test_a_word_that_is_none_changes_nothing(circle, stories, visit, sent):
    address, browser = f"{stories}{circle.story.pk}/resonance/", visit(circle.ines)
    browser.post(address, {"say": "hear"})

    assert browser.post(address, sent).status_code == 302

    with as_person(circle.ines):
        assert list(Resonance.objects.values_list("kind", flat=True)) == ["hear"]


def test_no_address_or_filter_tells_anybody_else_what_was_received(circle, stories, visit):
    zoe = makers.make_member("zoe")
    makers.join(zoe, circle.group, "Osier")
    story = makers.make_story(circle.malik, circle.group)
    address = f"{stories}{story.pk}/"
    visit(circle.ines).post(address + "resonance/", {"say": "hear"})

    browser = visit(zoe)
    for query in ("", "?open=1", "?received=1", "?said=hear", "?words=all", f"?membership={zoe.pk}"):
        page = browser.get(address + query)
        assert page.context["received"] is None
        assert "Phare vert" not in words_of(page)
        assert 'aria-pressed="true"' not in page.content.decode()
    with as_person(zoe):
        assert not Resonance.objects.exists()


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_is_linked_both_ways(circle, stories, visit):
    told = form(title="Moi aussi, les lampadaires", answers=str(circle.story.pk))
    browser = visit(circle.ines)

    writing = browser.get(f"{stories}new/?answer={circle.story.pk}")
    shared = browser.post(stories + "new/share/", told, follow=True)
    answered = visit(circle.malik).get(f"{stories}{circle.story.pk}/")

    for page in (writing, shared):
        assert in_french("In answer to") in words_of(page)
        assert f"{stories}{circle.story.pk}/" in page.content.decode()
    assert str(writing.context["form"]["answers"].value()) == str(circle.story.pk)
    assert in_french("Stories that answer this one") in words_of(answered)
    assert f"{stories}{told['key']}/" in answered.content.decode()


def test_answers_stand_in_the_order_in_which_they_were_shared(circle, stories, visit):
    titles = ["Un", "Deux", "Trois"]
    for title in titles:
        makers.make_story(circle.ines, circle.group, title=title, answers=circle.story.pk)

    page = visit(circle.malik).get(f"{stories}{circle.story.pk}/")

    assert [card.title.reveal() for card in page.context["linked"].answers] == titles


def test_each_story_is_read_by_its_own_rule(circle, stories, visit):
    hidden = makers.make_story(circle.ines, circle.group, title="Entre nous", answers=circle.story.pk)
    opened = makers.make_story(
        circle.ines, circle.group, title="Pour la suite", answers=circle.story.pk, opened_to_later=True
    )
    zoe = makers.make_member("zoe")
    makers.join(zoe, circle.group, "Osier")
    after = makers.make_story(circle.ines, circle.group, title="Depuis", answers=opened.pk)
    browser = visit(zoe)

    page = browser.get(f"{stories}{opened.pk}/")

    assert page.context["linked"].answered is None
    assert [card.id for card in page.context["linked"].answers] == [after.pk]
    assert str(circle.story.pk) not in page.content.decode()
    assert browser.get(f"{stories}{hidden.pk}/").status_code == 404


def test_a_text_behind_a_note_is_not_told_by_a_link_either(circle, stories, visit):
    makers.make_story(circle.ines, circle.group, "Il pleuvait.", note="grief", answers=circle.story.pk)

    page = visit(circle.malik).get(f"{stories}{circle.story.pk}/")

    assert in_french("This story is about a death.") in words_of(page)
    assert "Il pleuvait" not in page.content.decode()


@pytest.mark.parametrize("gone", ["withdrawn", "foreign", "never there"])
def test_a_story_that_cannot_be_answered_any_more_keeps_no_words_back(circle, stories, visit, gone):
    theo = makers.make_member("theo")
    foreign = makers.make_story(theo, makers.make_group(theo, "Tilleul", name="Les jours gris"))
    key = {"withdrawn": circle.story.pk, "foreign": foreign.pk, "never there": uuid4()}[gone]
    visit(circle.malik).post(f"{stories}{circle.story.pk}/withdraw/")
    browser, told = visit(circle.ines), form(answers=str(key))

    pages = [browser.post(f"{stories}new/{step}/", told) for step in ("preview", "share")]
    again = browser.post(stories + "new/share/", {**told, "answers": pages[1].context["form"]["answers"].value()})

    for page in pages:
        assert page.status_code == 422
        said = "The story that you answer is not there any more. You can share yours by itself."
        assert in_french(said) in words_of(page)
        assert "Je marche." in page.content.decode()
    assert again.status_code == 302


def test_an_answer_stays_when_the_story_that_it_answers_goes(circle, stories, visit):
    answer = makers.make_story(circle.ines, circle.group, "Moi aussi.", answers=circle.story.pk)
    visit(circle.malik).post(f"{stories}{circle.story.pk}/withdraw/")

    page = visit(circle.ines).get(f"{stories}{answer.pk}/")

    assert "Moi aussi." in words_of(page)
    assert page.context["linked"].answered is None


def test_the_database_ties_no_story_to_one_of_another_group(circle):
    theo = makers.make_member("theo")
    foreign = makers.make_story(theo, makers.make_group(theo, "Tilleul", name="Les jours gris"))

    with pytest.raises(telling.NothingToAnswer):
        makers.make_story(circle.ines, circle.group, answers=foreign.pk)


# --- Words of its author ---------------------------------------------------------------------------------------------


def test_a_feeling_in_ones_own_word_counts_among_the_three(circle, stories, visit):
    told = form(feelings=["hope", "joy"], own_feeling="douceur", came_through="on")
    browser = visit(circle.malik)

    refused = browser.post(stories + "new/share/", {**told, "feelings": ["hope", "joy", "fear"]})
    shared = browser.post(stories + "new/share/", told, follow=True)

    assert error_beside(refused, "feelings") == in_french("Keep three words at most.")
    assert "douceur" in words_of(shared)
    assert in_french("Today, I am better") in words_of(shared)
    assert in_french("Today, I am better") in words_of(visit(circle.ines).get(stories))


def test_the_mark_of_somebody_who_is_better_is_sealed_with_the_words(committed, owner):
    circle = makers.make_circle()
    story = makers.make_story(circle.malik, circle.group, came_through=True, own_feeling="zqdouceur")

    stored = everything_stored(owner)

    assert "zqdouceur" not in "".join(stored.values())
    with connection.cursor() as cursor:
        cursor.execute("select column_name from information_schema.columns where table_name = 'groups_story'")
        assert not {name for (name,) in cursor.fetchall()} & {"came_through", "own_feeling", "feelings"}
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        assert inside.keyring.open_story(find_story(inside, story.pk))["came_through"] is True


def test_an_address_is_text_until_the_reader_asks_for_the_link(circle, stories, visit):
    text = 'Voyez (https://exemple.example/page?a=1&b=2). Et JAVASCRIPT:alert(1), ou http://x.example/"><b>.'
    story = makers.make_story(circle.malik, circle.group, text)

    page = visit(circle.ines).get(f"{stories}{story.pk}/").content.decode()
    told, _, links = page.partition("<details")

    assert "https://exemple.example/page?a=1&amp;b=2" in told
    assert 'href="http' not in told.partition("<main")[2]
    assert links.count('rel="noreferrer noopener nofollow external" referrerpolicy="no-referrer"') == 2
    assert 'href="https://exemple.example/page?a=1&amp;b=2"' in links
    assert 'href="http://x.example/"' in links
    assert "javascript:" not in page.casefold().replace("javascript:alert(1), ou", "")


def test_a_story_withdrawn_while_it_is_read_says_so_in_one_sentence(circle, stories, visit):
    address, reader = f"{stories}{circle.story.pk}/", visit(circle.ines)
    assert makers.STORY in words_of(reader.get(address))
    visit(circle.malik).post(f"{address}withdraw/")

    pages = [
        reader.get(address),
        reader.post(f"{address}resonance/", {"say": "hear"}),
        reader.get(f"{stories}{uuid4()}/"),
    ]

    for page in pages:
        assert page.status_code == 404
        assert in_french(GONE) in words_of(page)
        assert makers.STORY not in page.content.decode()


def test_twenty_thousand_and_one_characters_are_one_too_many(circle, stories, visit):
    browser = visit(circle.malik)

    page = browser.post(stories + "new/share/", form(text="é" * 20_001))
    more = browser.post(stories + "new/share/", form(text="é" * 20_500))
    just = browser.post(stories + "new/share/", form(text="é" * 20_000))

    one = "One character too many: this text has %(length)d, and there is room for %(limit)d."
    many = "%(excess)d characters too many: this text has %(length)d, and there is room for %(limit)d."
    numbers = {"excess": 1, "length": 20_001, "limit": 20_000}
    assert error_beside(page, "text") == in_french(one, many, 1, **numbers)
    assert "500" in error_beside(more, "text")
    assert just.status_code == 302


def test_a_story_as_it_was_sealed_before_these_words_existed_still_opens(circle, stories, visit):
    with as_person(circle.malik):
        story = Story.objects.select_related("key").get(pk=circle.story.pk)
        inside = enter_group(circle.malik, circle.group.pk)
        before = {"title": "", "text": "D’avant.", "feelings": ["hope"], "note": ""}
        story.key.delete()
        inside.keyring.seal_story(story, before).save(force_insert=True)
        story.save(update_fields=["sealed"])

    page = visit(circle.ines).get(f"{stories}{story.pk}/")

    assert "D’avant." in words_of(page)


def test_the_next_meeting_is_offered_by_its_day(circle, stories, visit):
    page = visit(circle.malik).get(stories + "new/")

    circle.group.refresh_from_db()
    with translation.override("fr"):
        the_day = day(circle.group.next_ends_at, circle.group.zone)
    says = "Until the next meeting, %(day)s (this day stays, even if the meeting moves)"
    assert in_french(says, day=the_day) in words_of(page)
