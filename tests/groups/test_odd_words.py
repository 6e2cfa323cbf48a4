"""What nobody should have to type, in each field of a story and at each step of it: a clear word beside the field, all
that was typed still there, nothing shared and nothing changed, never a 500."""

from html import escape
from unicodedata import normalize
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from groups.models import Story
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of

URLENCODED = "application/x-www-form-urlencoded"
TEXT = "Ce matin, je marche."
EMPTY = "Write a few words before you go on. Nothing has been shared."
HIDDEN = "This text holds a hidden sign that cannot be kept. Please type it by hand."
INVISIBLE = "Nothing shows in this text. Write at least one letter or one digit."
ZALGO = "".join(letter + "".join(map(chr, range(0x300, 0x34F))) for letter in "lentement")
ODD = {
    "NUL": ("un\0mot", HIDDEN),
    "turned": ("\u202emot", HIDDEN),
    "isolated": ("\u2066mot", HIDDEN),
    "zero width": ("\u200b\u200d\u2060", INVISIBLE),
    "blank letters": ("\u3164\u2800", INVISIBLE),
    "marks alone": ("\ufe0f\u0301", INVISIBLE),
}
MARKUP = "<img src=x onerror=alert(1)>{{ settings.SECRET_KEY }}{% load i18n %}${7*7}&amp;"


@pytest.fixture
def browser(circle, visit):
    browser = visit(circle.malik)
    browser.raise_request_exception = False
    return browser


@pytest.fixture
def send(circle, browser):
    """send(step, …) sends the form of that step as a browser does."""

    def post(step, **words):
        stories = f"/g/{circle.group.pk}/stories/"
        form = {"title": "Un titre", "text": TEXT, "note": "use", "readers": "later", "feelings": "hope", **words}
        form |= {"version": "1", "life": ""} if step == "edit" else {"key": str(uuid4()), "life": "month"}
        address = f"{stories}{circle.story.pk}/edit/" if step == "edit" else f"{stories}new/{step and step + '/'}"
        return browser.generic("POST", address, urlencode(form).encode(), content_type=URLENCODED)

    return post


def told(circle):
    """Everything that the group holds of Malik's."""
    with as_person(circle.malik):
        return list(Story.objects.order_by("pk").values_list("pk", "version", "sealed"))


@pytest.mark.parametrize("step", ["preview", "share", "edit"])
@pytest.mark.parametrize("field", ["title", "own_feeling", "text"])
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_sign_is_said_beside_its_field_and_everything_comes_back(circle, send, step, field, odd):
    before, (word, said) = told(circle), ODD[odd]

    page = send(step, **{field: word})

    assert page.status_code == 422
    assert error_beside(page, field) == in_french(said)
    assert typed(page, field) == word
    assert typed(page, "title" if field == "text" else "text") == ("Un titre" if field == "text" else TEXT)
    shown = page.context["form"]
    assert [shown[name].value() for name in ("note", "readers", "feelings")] == ["use", "later", ["hope"]]
    assert told(circle) == before


@pytest.mark.parametrize("step", ["preview", "share", "edit"])
@pytest.mark.parametrize(
    ("field", "length", "room"), [("title", 121, 120), ("own_feeling", 31, 30), ("text", 20_001, 20_000)]
)
def test_what_is_too_long_says_how_long_it_is_and_comes_back_whole(circle, send, step, field, length, room):
    before = told(circle)

    page = send(step, **{field: "é" * length})

    assert page.status_code == 422
    said = error_beside(page, field)
    assert str(room) in said and str(length) in said
    assert typed(page, field) == "é" * length
    assert told(circle) == before


@pytest.mark.parametrize("text", ["", " ", "\r\n\t \r\n"])
@pytest.mark.parametrize("step", ["preview", "share", "edit"])
def test_a_text_without_a_word_is_none(circle, send, step, text):
    before = told(circle)

    page = send(step, text=text)

    assert (page.status_code, error_beside(page, "text")) == (422, in_french(EMPTY))
    assert typed(page, "title") == "Un titre"
    assert told(circle) == before


@pytest.mark.parametrize("odd", [*ODD, "too long", "zalgo", "markup"])
@pytest.mark.parametrize("field", ["title", "own_feeling", "text"])
def test_a_draft_keeps_it_as_it_was_typed(browser, send, circle, field, odd):
    word = {"too long": "é" * 20_001, "zalgo": ZALGO, "markup": MARKUP}.get(odd) or ODD[odd][0]
    if field == "own_feeling":
        word = word[:2_000]

    kept = send("keep", **{field: word})

    assert kept.status_code == 302
    page = browser.get(kept.url)
    assert typed(page, field) == word
    assert typed(page, "title" if field == "text" else "text") == ("Un titre" if field == "text" else TEXT)


@pytest.mark.parametrize("odd", [*ODD, "zalgo", "markup"])
def test_coming_back_to_the_form_changes_nothing_of_it(send, odd):
    word = {"zalgo": ZALGO, "markup": MARKUP}.get(odd) or ODD[odd][0]

    page = send("", title=word, text=word, own_feeling=word)

    assert page.status_code == 200
    assert [typed(page, name) for name in ("title", "text", "own_feeling")] == [word] * 3


@pytest.mark.parametrize("step", ["", "preview", "share", "edit", "keep"])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_million_characters_come_back(circle, browser, send, step, letter):
    before, endless = told(circle), letter * 1_000_000

    page = send(step, text=endless)

    assert page.status_code == (200 if step == "" else 422)
    assert typed(page, "text") == endless
    if step not in ("", "keep"):
        one = "One character too many: this text has %(length)d, and there is room for %(limit)d."
        many = "%(excess)d characters too many: this text has %(length)d, and there is room for %(limit)d."
        numbers = {"excess": 980_000, "length": 1_000_000, "limit": 20_000}
        assert error_beside(page, "text") == in_french(one, many, 980_000, **numbers)
    assert told(circle) == before


@pytest.mark.parametrize("step", ["", "preview", "share", "edit", "keep"])
def test_ten_megabytes_are_refused_in_one_sentence(circle, send, step):
    before = told(circle)

    page = send(step, text="a" * 10_000_000)

    assert page.status_code == 400
    assert "Elle était incomplète, ou trop longue." in words_of(page)
    assert told(circle) == before


@pytest.mark.parametrize("step", ["preview", "share", "edit"])
@pytest.mark.parametrize(("field", "text"), [("text", MARKUP), ("title", MARKUP), ("own_feeling", MARKUP[:28])])
def test_markup_and_template_signs_are_shown_as_they_are(browser, circle, visit, send, step, field, text):
    answer = send(step, **{field: text, "note": ""})
    pages = [answer] if step == "preview" else [browser.get(answer.url), visit(circle.ines).get(answer.url)]

    for page in pages:
        assert page.status_code == 200
        assert escape(text) in page.content.decode()
        assert "<img src=x" not in page.content.decode()


@pytest.mark.parametrize("step", ["share", "edit"])
def test_letters_under_a_heap_of_marks_are_a_story_like_another(browser, circle, visit, send, step):
    answer = send(step, text=ZALGO, note="")

    assert answer.status_code == 302
    for address in (answer.url, f"/g/{circle.group.pk}/stories/"):
        assert normalize("NFC", ZALGO)[:100] in visit(circle.ines).get(address).content.decode()


def test_what_stands_for_no_text_at_all_is_no_story(browser, circle):
    """Lone surrogates, and bytes that are no letters."""
    address = f"/g/{circle.group.pk}/stories/new/"
    before = told(circle)
    for step, body in (("preview/", b"%ED%A0%80"), ("share/", b"%FF"), ("share/", b"\xed\xa0\x80"), ("keep/", b"%FF")):
        form = b"readers=present&key=" + str(uuid4()).encode() + b"&text=" + body
        answer = browser.generic("POST", address + step, form, content_type=URLENCODED)

        assert answer.status_code == (302 if step == "keep/" else 422)
        assert browser.get(address).status_code == 200
    assert told(circle) == before
