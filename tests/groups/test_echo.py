"""Looking for an echo: by a feeling, by words, by who came through; kept nowhere."""

import pytest
from django.conf import settings as site
from django.core.cache import cache

from groups import echo as rule
from groups import telling
from groups.confidentiality import enter_group_to_act, hold_own_story
from groups.models import Story, StoryKey
from tests import makers
from tests.makers import as_person
from tests.pages import in_french, typed, words_of


@pytest.fixture
def address(circle):
    return f"/g/{circle.group.pk}/echo/"


def look(browser, address, **sought):
    return browser.post(address, {"words": "", "feeling": "", **sought})


def found(page):
    return [card.title.reveal() for card in page.context["found"].cards]


def come_through(author, group, **words):
    """A story with the mark in what is sealed."""
    story = makers.make_story(author, group, **words)
    with as_person(author):
        inside = enter_group_to_act(author, group.pk)
        held = hold_own_story(inside, story.pk)
        payload = inside.keyring.open_story(held) | {"came_through": True}
        held.key.delete()
        held.version += 1
        inside.keyring.seal_story(held, payload).save(force_insert=True)
        held.save(update_fields=["sealed", "version"])


@pytest.fixture
def told(circle):
    makers.make_story(
        circle.malik, circle.group, "L’été, à Noël, près du FOURNIL, le cœur gros.", title="Un", feelings=["hope"]
    )
    makers.make_story(circle.ines, circle.group, "Rien que la pluie.", title="Deux", feelings=["fear", "hope"])
    come_through(circle.malik, circle.group, text="Je vais mieux.", title="Trois", feelings=["joy"])


@pytest.mark.parametrize(
    ("sought", "titles"),
    [
        ({"words": "ete noel"}, ["Un"]),
        ({"words": "Fournil"}, ["Un"]),
        ({"words": "l'été"}, ["Un"]),
        ({"words": "coeur"}, ["Un"]),
        ({"words": "DEUX"}, ["Deux"]),
        ({"feeling": "hope"}, ["Deux", "Un"]),
        ({"feeling": "hope", "words": "pluie"}, ["Deux"]),
        ({"came_through": "on"}, ["Trois"]),
        ({"came_through": "on", "feeling": "hope"}, []),
        ({"words": "été pluie"}, []),
    ],
)
def test_what_is_found(circle, told, address, visit, sought, titles):
    assert found(look(visit(circle.ines), address, **sought)) == titles


def test_what_is_looked_for_stands_in_no_address(circle, told, address, visit):
    browser = visit(circle.ines)

    by_get = browser.get(address, {"words": "pluie", "feeling": "hope"})
    page = look(browser, address, words="pluie")

    assert by_get.context["found"] is None and typed(by_get, "words") == ""
    assert page.status_code == 200 and "pluie" not in page.headers.get("Location", "")
    assert typed(page, "words") == "pluie"
    assert "?words" not in page.content.decode()
    assert page["Cache-Control"] == "no-store"


def test_a_story_behind_a_content_note_shows_no_line(circle, address, visit):
    makers.make_story(circle.malik, circle.group, "Il pleuvait sur la rue.", title="La rue", note="grief")

    page = look(visit(circle.ines), address, words="pleuvait")

    assert found(page) == ["La rue"]
    assert in_french("This story is about a death.") in words_of(page)
    assert "Il pleuvait" not in page.content.decode()


def test_nobody_finds_what_they_may_not_read(circle, told, address, visit):
    opened = makers.make_story(circle.malik, circle.group, "La pluie encore.", title="Ouvert", opened_to_later=True)
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, circle.group, "Osier")

    assert opened.pk
    assert found(look(visit(newcomer), address, words="pluie")) == ["Ouvert"]
    for person in (circle.sofia, makers.make_member("theo")):
        assert look(visit(person), address, words="pluie").status_code == 404


def test_a_withdrawn_story_is_found_no_more(circle, address, visit):
    story = makers.make_story(circle.malik, circle.group, "La pluie.", title="La pluie")
    with as_person(circle.malik):
        telling.withdraw(hold_own_story(enter_group_to_act(circle.malik, circle.group.pk), story.pk))

    page = look(visit(circle.ines), address, words="pluie")

    assert found(page) == []
    assert in_french("No story says it in these words") in words_of(page)


def test_it_says_how_many_were_looked_through_when_it_stops(circle, told, address, visit, monkeypatch):
    monkeypatch.setattr(rule, "LOOKED_THROUGH", 2)
    stopped = look(visit(circle.ines), address, words="noel")
    monkeypatch.setattr(rule, "LOOKED_THROUGH", 4)
    whole = look(visit(circle.ines), address, words="noel")

    said = (
        "Only the newest story was looked through.",
        "The %(counter)s newest stories were looked through, and not the older ones.",
    )
    assert found(stopped) == [] and in_french(*said, 2) in words_of(stopped)
    assert found(whole) == ["Un"] and in_french(*said, 4) not in words_of(whole)


def test_two_thousand_stories_are_looked_through_and_the_oldest_one_is_not(circle, address, visit):
    makers.make_story(circle.malik, circle.group, "La plus ancienne, près du fournil.", title="Ancien")
    with as_person(circle.malik):
        inside = enter_group_to_act(circle.malik, circle.group.pk)
        rows = [
            Story(group=circle.group, author=inside.membership, shared_at=10_000 + number)
            for number in range(rule.LOOKED_THROUGH)
        ]
        words = {**telling.BLANK, "text": "Rien que la pluie."}
        keys = [inside.keyring.seal_story(row, words) for row in rows]
        Story.objects.bulk_create(rows)
        StoryKey.objects.bulk_create(keys)

    page = look(visit(circle.ines), address, words="fournil")

    said = in_french(
        "Only the newest story was looked through.",
        "The %(counter)s newest stories were looked through, and not the older ones.",
        rule.LOOKED_THROUGH,
    )
    assert found(page) == [] and rule.LOOKED_THROUGH == 2000
    assert said in words_of(page)


def test_more_than_a_page_of_them_is_said(circle, told, address, visit, monkeypatch):
    monkeypatch.setattr(rule, "SHOWN", 1)

    page = look(visit(circle.ines), address, feeling="hope")

    assert found(page) == ["Deux"]
    assert in_french("Only the newest ones stand here. One word more narrows it.") in words_of(page)


def test_looking_for_nothing_asks_for_something(circle, address, visit):
    refused = look(visit(circle.ines), address)

    assert refused.status_code == 422
    assert in_french("Say what you are looking for: a word, a feeling, or somebody who is better.") in words_of(refused)


@pytest.mark.parametrize("words", ["\u00b4", "\u0301", "\u00a8 \u00b8"])
def test_accents_alone_are_no_word(circle, told, address, visit, words):
    assert look(visit(circle.ines), address, words=words).status_code == 422


def test_signs_of_a_pattern_are_words_like_any_other(circle, told, address, visit):
    for words in ("%", ".*", "_", "{{ 7 }}", "<script>"):
        assert found(look(visit(circle.ines), address, words=words)) == []


def test_one_person_cannot_pour_out_searches(circle, told, address, visit):
    browser, limit = visit(circle.ines), int(site.ACCOUNT_RATE_LIMITS["echo"].partition("/")[0])

    answers = [look(browser, address, words="pluie").status_code for _ in range(limit + 1)]

    assert answers == [200] * limit + [422]
    assert look(visit(circle.malik), address, words="pluie").status_code == 200
    cache.clear()


def test_no_log_line_holds_what_was_looked_for(circle, told, address, visit, capfd):
    look(visit(circle.ines), address, words="zzyzx pluie", feeling="hope")

    said = capfd.readouterr()
    assert "zzyzx" not in said.out + said.err
