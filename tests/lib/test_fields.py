"""What people type into our own form fields."""

from datetime import date, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from entraide.lib.fields import HumanDateField, HumanTimeField, PlainText


def code_of(field, value):
    with pytest.raises(ValidationError) as refusal:
        field.clean(value)
    return refusal.value.code


def test_time_field_reads_an_hour():
    assert HumanTimeField().clean(" 19 h 30 ") == time(19, 30)


def test_time_field_says_how_to_write_an_hour():
    with pytest.raises(ValidationError) as refusal:
        HumanTimeField().clean("in the evening")

    with translation.override("en"):
        assert refusal.value.messages == ["Write the time, for example 7:30 p.m. or 19:30."]


def test_date_field_reads_a_day():
    assert HumanDateField().clean("24 novembre 2026") == date(2026, 11, 24)


@pytest.mark.parametrize("field", [HumanTimeField, HumanDateField])
@pytest.mark.parametrize("nothing", ["", "   ", None])
def test_typed_fields_want_an_answer_when_required(field, nothing):
    assert code_of(field(), nothing) == "required"
    assert field(required=False).clean(nothing) is None


@pytest.mark.parametrize(
    ("language", "day", "hour"),
    [("fr", "24/11/2026", "19\u00a0h\u00a030"), ("en", "2026-11-24", "7:30\u00a0p.m.")],
)
def test_typed_fields_show_their_initial_value_in_words_that_they_read(language, day, hour):
    class When(forms.Form):
        on = HumanDateField(initial=date(2026, 11, 24))
        starts = HumanTimeField(initial=time(19, 30))

    with translation.override(language):
        form = When()

        assert f'value="{day}"' in str(form["on"])
        assert f'value="{hour}"' in str(form["starts"])


def test_typed_fields_keep_what_was_typed_wrongly():
    class When(forms.Form):
        starts = HumanTimeField()

    form = When({"starts": "19h99"})

    assert form.has_error("starts", "invalid")
    assert 'value="19h99"' in str(form["starts"])


def test_typed_fields_know_whether_they_changed():
    assert not HumanTimeField().has_changed(time(19, 30), "19h30")
    assert HumanTimeField().has_changed(time(19, 30), "20h")
    assert HumanDateField().has_changed(date(2026, 11, 24), "nonsense")


@pytest.mark.parametrize("text", ["Marée basse", "L’été 🌻", "👩‍👧", "שלום", "a\u200db", "…"])
def test_plain_text_keeps_every_language_and_sign(text):
    assert PlainText().clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "\x00",
        "a\x07",
        "\x1b[31m",
        "a\u0085b",
        "\ud800",
        "\u202etxt.exe",
        "\u2066a",
        "a\nb",
        "\x1fa",
    ],
)
def test_plain_text_refuses_hidden_signs(text):
    assert code_of(PlainText(), text) == "hidden_sign"


@pytest.mark.parametrize("text", ["\u200b", "\u200b \u200d", "\u3164", "\u2800", "\u00ad", "\ufeff", "\u0301"])
def test_plain_text_refuses_text_that_shows_nothing(text):
    assert code_of(PlainText(), text) == "nothing_visible"
    assert code_of(PlainText(required=False), text) == "nothing_visible"


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u00a0"])
def test_plain_text_takes_spaces_for_nothing(text):
    assert code_of(PlainText(widget=forms.Textarea), text) == "required"
    assert PlainText(required=False, widget=forms.Textarea).clean(text) == ""


def test_plain_text_counts_a_line_break_as_one_sign_in_a_textarea():
    field = PlainText(widget=forms.Textarea, max_length=3)

    assert field.clean("a\r\nb") == "a\nb"
    assert field.clean("a\rb") == "a\nb"


def test_plain_text_writes_one_letter_in_one_way():
    assert PlainText().clean("e\u0301te\u0301") == "été"
