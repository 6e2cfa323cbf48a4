"""Whatever is typed into the notebook, the shelf and the search of an echo: said beside its field, given back whole,
kept nowhere, never a 500."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from entraide.lib.days import today
from groups import notebook as own
from groups.confidentiality import enter_group
from groups.forms import LONGEST_SEARCH
from groups.models import Note, ShelfStep, SmallStep
from groups.models.notebook import LONGEST_STEP
from groups.models.shelf import LONGEST_HELP
from groups.models.story import LONGEST_STORY
from groups.shelf import helps
from tests import makers
from tests.makers import as_person
from tests.pages import error_beside, in_french, typed, words_of
from tests.test_bad_input import HIDDEN, INVISIBLE, URLENCODED

TOO_LONG = (
    "One character too many: this text has %(length)d, and there is room for %(limit)d.",
    "%(excess)d characters too many: this text has %(length)d, and there is room for %(limit)d.",
)
NOTHING = "Say what you are looking for: a word, a feeling, or somebody who is better."
NUMBERS = ("-1", "0", "1.5", "x", "٣", "\0", "é" * 30, "9" * 18, "9" * 19, "9" * 40, "9" * 5000, "1 or 1=1", "²")
MARKUP = "<script>alert(1)</script> {{ 7|add:7 }} {% now 'Y' %} <b>&amp;"


@dataclass(frozen=True)
class Field:
    """A text field: where it is posted, what else its form needs, how long it may be, what it says when empty."""

    address: str
    name: str
    others: dict
    longest: int
    empty: str


@pytest.fixture(params=["note", "note, changed", "step", "shelf", "shelf, changed", "echo"])
def field(request, circle):
    shelf, day = f"/g/{circle.group.pk}/shelf/", {"on": today().isoformat(), "version": "1"}
    note, _step = makers.write_in_notebook(circle.malik, "Avant.")
    empty_note = "Write a few words before you keep this note."
    empty_help = "Write a few words before you put it on the shelf."
    put = makers.put_on_shelf(circle.malik, circle.group, "Avant.")
    return {
        "note": Field("/me/notebook/new/", "text", day, LONGEST_STORY, empty_note),
        "note, changed": Field(f"/me/notebook/{note}/edit/", "text", day, LONGEST_STORY, empty_note),
        "step": Field("/me/notebook/steps/", "text", {}, LONGEST_STEP, "Write a few words before you set this step."),
        "shelf": Field(f"{shelf}new/", "text", {}, LONGEST_HELP, empty_help),
        "shelf, changed": Field(f"{shelf}{put}/edit/", "text", day, LONGEST_HELP, empty_help),
        "echo": Field(f"/g/{circle.group.pk}/echo/", "words", {"feeling": ""}, LONGEST_SEARCH, NOTHING),
    }[request.param]


@pytest.fixture
def send(circle, visit, field):
    """send(text): the answer to the form with this text."""
    browser = visit(circle.malik)
    browser.raise_request_exception = False
    return lambda text: browser.post(field.address, {**field.others, "key": str(uuid4()), field.name: text})


@pytest.fixture
def kept(circle):
    """kept(): every text there is of Malik's, as it is."""

    def texts():
        with as_person(circle.malik):
            notes = [page.text.reveal() for _n, page in own.pages(circle.malik, before=None, most=99)]
            steps = [step.text.reveal() for step in own.steps(circle.malik)]
            inside = enter_group(circle.malik, circle.group.pk)
            return notes, steps, [one.text.reveal() for _n, one in helps(inside, before=None, most=99)]

    return texts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", None),
        (" \t ", None),
        ("Une ligne\0cachée", HIDDEN),
        ("Un \x1bmot", HIDDEN),
        ("\u202eretourné", HIDDEN),
        ("\u200b\u200d\u2060", INVISIBLE),
        ("\u3164\u2800", INVISIBLE),
        ("\ufe0f\u0301", INVISIBLE),
    ],
    ids=["empty", "blanks", "NUL", "escape", "turned", "zero width", "blank letters", "marks alone"],
)
def test_a_text_that_cannot_be_kept_is_given_back(field, send, kept, text, said):
    before = kept()

    page = send(text)

    assert page.status_code == 422
    assert error_beside(page, field.name) == in_french(said or field.empty)
    assert typed(page, field.name) == text
    assert kept() == before


@pytest.mark.parametrize("excess", [1, 7])
def test_too_long_says_by_how_much_and_gives_all_of_it_back(field, send, kept, excess):
    before, text = kept(), "é" * (field.longest + excess)

    page = send(text)

    numbers = {"excess": excess, "length": len(text), "limit": field.longest}
    assert page.status_code == 422
    assert error_beside(page, field.name) == in_french(*TOO_LONG, excess, **numbers)
    assert typed(page, field.name) == text
    assert f'maxlength="{field.longest}"' not in page.content.decode(), "a browser would cut it without a word"
    assert kept() == before


def test_as_long_as_it_may_be_is_kept(field, send):
    assert send("é" * field.longest).status_code == (200 if field.name == "words" else 302)


def test_a_million_characters_come_back_with_a_sentence(field, send, kept):
    before, text = kept(), "e\u0301" * 500_000  # 500,000 once composed

    page = send(text)

    assert page.status_code == 422
    assert error_beside(page, field.name)
    assert kept() == before


def test_ten_megabytes_are_refused(field, send, kept):
    before = kept()

    assert send("e" * 10_000_000).status_code == 400
    assert kept() == before


@pytest.mark.parametrize("text", [MARKUP, "Z͑̿ͫ̾a̷̧l̡͉g̨o" + "\u0301" * 60, "👩‍👩‍👧 ça va", "' or 1=1 --", "%s %(a)s {0}"])
def test_signs_of_any_kind_are_text(field, send, text):
    page = send(text)
    if page.status_code == 302:
        page = page.client.get(page.url)

    shown = page.content.decode()
    assert page.status_code == 200
    assert "<script>alert" not in shown and "14 20" not in shown
    if text == MARKUP:
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }} {% now &#x27;Y&#x27; %} &lt;b&gt;&amp;amp;" in shown


@pytest.mark.parametrize("body", [b"%ED%A0%80", b"%FF%FE", b"\xed\xa0\x80"], ids=["surrogate", "no text", "raw bytes"])
@pytest.mark.parametrize("kind", [URLENCODED, f"{URLENCODED}; charset=utf-16"])
def test_bytes_that_are_no_text_are_refused(circle, visit, field, kept, body, kind):
    browser, before = visit(circle.malik), kept()
    others = "".join(f"{name}={value}&" for name, value in field.others.items())

    start = f"{others}key={uuid4()}&{field.name}=".encode()
    page = browser.generic("POST", field.address, start + body, content_type=kind)

    assert page.status_code == 422
    assert error_beside(page, field.name) in (in_french(HIDDEN), in_french(INVISIBLE))
    assert kept() == before


@pytest.mark.parametrize(
    "on", ["", " ", "hier", "30/02/2026", "2026-13-01", "9" * 5000, "\0", "\u202e", "00/00/0000", "-1", "0001-01-01x"]
)
def test_a_day_that_is_none_is_given_back(circle, visit, kept, on):
    before = kept()

    page = visit(circle.malik).post("/me/notebook/new/", {"text": "Un jour.", "on": on, "key": str(uuid4())})

    assert page.status_code == 422
    assert error_beside(page, "on")
    assert typed(page, "text") == "Un jour."
    assert kept() == before


@pytest.mark.parametrize("on", ["0001-01-01", "0999-12-31", "1900-01-01"])
def test_a_day_long_ago_is_kept_and_every_page_opens(circle, visit, on):
    browser, key = visit(circle.malik), str(uuid4())
    browser.post("/me/notebook/new/", {"text": "Un jour.", "on": on, "key": key})

    pages = [browser.get(f"/me/notebook/{end}") for end in ("", f"{key}/", f"{key}/edit/", "feelings/")]
    again = {"text": "Un jour.", "on": typed(pages[2], "on"), "version": "1"}

    assert [page.status_code for page in pages] == [200] * 4
    assert browser.post(f"/me/notebook/{key}/edit/", again).status_code == 302


@pytest.mark.parametrize("hidden", ["x", "", "9" * 40, "-1", "\0", "1.5"])
def test_a_form_changed_by_hand_is_given_back(circle, visit, field, kept, hidden):
    before, name = kept(), "version" if field.address.endswith("edit/") else "key"
    sent = {**field.others, "key": str(uuid4()), field.name: "Je marche.", name: hidden}

    page = visit(circle.malik).post(field.address, sent)

    if field.name == "words":  # a search makes nothing, and has no such field
        assert page.status_code == 200
    else:
        assert page.status_code == 422 and page.context["form"].errors.keys() == {name}
    assert typed(page, field.name) == "Je marche."
    assert kept() == before


@pytest.mark.parametrize("feeling", ["none-such", "\0", "hope\u202e", "x" * 100_000])
def test_a_feeling_that_is_none_is_refused(circle, visit, feeling):
    browser = visit(circle.malik)
    note = {"text": "Un jour.", "on": today().isoformat(), "key": str(uuid4()), "feelings": ["hope", feeling]}

    pages = [
        browser.post("/me/notebook/new/", note),
        browser.post(f"/g/{circle.group.pk}/echo/", {"words": "soir", "feeling": feeling}),
    ]

    assert [page.status_code for page in pages] == [422, 422]
    assert [typed(page, name) for page, name in zip(pages, ("text", "words"), strict=True)] == ["Un jour.", "soir"]


@pytest.mark.parametrize("page", ["/me/notebook/", "shelf"])
@pytest.mark.parametrize("before", NUMBERS)
def test_a_place_in_a_list_that_is_none_shows_the_list(circle, visit, page, before):
    browser = visit(circle.malik)
    browser.raise_request_exception = False
    makers.write_in_notebook(circle.malik, "Les volets.")
    makers.put_on_shelf(circle.malik, circle.group, "Les volets.")
    address = page if page.startswith("/") else f"/g/{circle.group.pk}/shelf/"

    answer = browser.get(address, {"before": before}, follow=True)

    assert answer.status_code == 200
    assert "Les volets." in words_of(answer)


@pytest.mark.parametrize("done", ["", "2", "oui", "\0", "1" * 5000])
def test_a_step_is_done_only_when_it_is_said_so(circle, visit, done):
    _note, step = makers.write_in_notebook(circle.malik, "Marcher")

    visit(circle.malik).post(f"/me/notebook/steps/{step}/mark/", {"done": done})

    with as_person(circle.malik):
        assert [one.done for one in own.steps(circle.malik)] == [False]


def test_nothing_of_all_this_makes_a_row(circle, visit):
    """Once more without a notebook: what is refused does not begin one."""
    browser = visit(circle.ines)
    browser.post("/me/notebook/new/", {"text": "\0", "on": today().isoformat(), "key": str(uuid4())})
    browser.post("/me/notebook/steps/", {"text": "\0", "key": str(uuid4())})
    browser.post(f"/g/{circle.group.pk}/shelf/new/", {"text": "\0", "key": str(uuid4())})

    with as_person(circle.ines):
        assert not Note.objects.exists() and not SmallStep.objects.exists() and not ShelfStep.objects.exists()
