"""The tags of the templates: what they escape, and what they draw."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from entraide.lib.crypto import Secret

SECRET = Secret("<i>Marée</i> & vent")


def shown(source, language="en", **context):
    with translation.override(language):
        return Template("{% load house %}" + source).render(Context(context)).replace("\u00a0", " ")


def test_a_secret_alone_shows_nothing():
    assert "Marée" not in shown("{{ secret }}", secret=SECRET)


def test_reveal_is_escaped():
    assert shown("{{ secret|reveal }}", secret=SECRET) == "&lt;i&gt;Marée&lt;/i&gt; &amp; vent"


def test_reveal_of_nothing_is_nothing():
    assert shown("[{{ secret|reveal }}]", secret=None) == "[]"


def test_paragraphs_keep_breaks_and_escape_the_rest():
    text = Secret("\nUn <b>\r\ndeux\r\n\r\n \t\nTrois\n")

    assert shown("{{ text|paragraphs }}", text=text) == "<p>Un &lt;b&gt;<br>deux</p>\n<p>Trois</p>"


def test_paragraphs_of_nothing_are_nothing():
    assert shown("{{ text|paragraphs }}", text=Secret("  \n ")) == ""


def test_pebble_keeps_its_shape_for_an_id_and_shapes_differ():
    ids = [UUID(int=number) for number in range(60)]

    drawn = [shown("{% pebble of %}", of=of) for of in ids]

    assert drawn == [shown("{% pebble of %}", of=str(of)) for of in ids]
    assert len(set(drawn)) == 5
    assert all('aria-hidden="true"' in pebble for pebble in drawn)


def test_pebble_without_a_person_is_hollow():
    assert shown("{% pebble %}") == '<span class="e-pebble e-hollow" aria-hidden="true"></span>'


def test_large_pebble():
    assert "e-pebble-lg" in shown("{% pebble of large=True %}", of=UUID(int=1))


def test_steps_mark_what_is_done_now_and_to_come():
    row = shown("{% step_pebbles 2 3 %}")

    assert row == (
        '<div class="e-steps-row" aria-hidden="true"><span class="e-pebble"></span>'
        '<span class="e-pebble is-now"></span><span class="e-pebble e-hollow"></span></div>'
    )


def test_date_leaf_shows_the_day_of_the_zone():
    leaf = shown("{% date_leaf at 'America/Toronto' %}", "fr", at=datetime(2026, 11, 25, 0, 0, tzinfo=UTC))

    assert leaf == (
        '<time class="e-date" datetime="2026-11-24T19:00-05:00">'
        "<span>mardi </span><b>24</b><span> novembre</span></time>"
    )


def test_day_and_hours_on_a_page():
    start, end = datetime(2026, 11, 25, 0, 0, tzinfo=UTC), datetime(2026, 11, 25, 1, 30, tzinfo=UTC)

    page = shown("{{ at|day:zone }}, {% hours at to zone %}, {{ zone|city }}", at=start, to=end, zone="America/Toronto")

    assert page == "Tuesday, November 24, 2026, 7:00 p.m. to 8:30 p.m., Montréal time"


def test_days_that_are_not_there_show_nothing():
    assert shown("[{{ none|day }}{{ none|short_day }}{{ none|clock }}]", none=None) == "[]"
    assert shown("{{ on|short_day }}", on=date(2026, 12, 1)) == "December 1"


class Example(forms.Form):
    name = forms.CharField(label="Name", help_text="A hint")
    feelings = forms.MultipleChoiceField(
        choices=[("joy", "joy"), ("peace", "peace")],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips feel"}),
    )
    nick = forms.CharField(required=False)
    key = forms.CharField(widget=forms.HiddenInput)


def test_hidden_fields_carry_every_value_without_ids():
    form = Example({"name": "<Lune>", "feelings": ["joy", "peace"], "key": "k"})

    carried = shown("{% hidden_fields form %}", form=form)

    assert 'name="name" value="&lt;Lune&gt;"' in carried
    assert carried.count('name="feelings"') == 2
    assert "id=" not in carried


def test_error_points_lead_to_the_first_control_of_a_field():
    source = "{% error_points form as points %}{% for point in points %}{{ point.href }} {% endfor %}"

    assert shown(source, form=Example({"key": "k"})).split() == ["#id_name", "#id_feelings_0"]


@pytest.mark.parametrize(
    ("count", "sentence"), [(1, "There is 1 point to correct"), (2, "There are 2 points to correct")]
)
def test_points_to_correct(count, sentence):
    assert shown("{% points_to_correct count %}", count=count) == sentence


@pytest.mark.parametrize(
    ("sentence", "after"),
    [("Write the time.", "write the time."), ("PIN?", "PIN?"), ("", ""), ("19 h", "19 h")],
)
def test_after_colon(sentence, after):
    assert shown("{{ sentence|after_colon }}", sentence=sentence) == after


def test_dress_changes_this_form_only():
    form, other = Example(), Example()

    shown("{% dress form.name label='Code' hint='Six digits' css='e-w-code' inputmode='numeric' %}", form=form)

    assert (form["name"].label, form["name"].help_text) == ("Code", "Six digits")
    assert 'inputmode="numeric"' in str(form["name"])
    assert "inputmode" not in str(other["name"])
    assert other["name"].label == "Name"


def test_form_pack_orders_label_hint_error_control():
    page = shown("{% load crispy_forms_filters %}{{ form|crispy }}", form=Example({"key": "k"}))

    field = page[page.index('<label for="id_name"') :]
    order = [field.index(part) for part in ("Name", "A hint", "Error: this field is required.", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="id_name_helptext id_name_error"' in field


def test_form_pack_puts_a_summary_with_links_first():
    page = shown("{% load crispy_forms_filters %}{{ form|crispy }}", form=Example({"key": "k"}))

    summary = page[: page.index("</div>")]
    assert 'role="alert"' in summary
    assert "There are 2 points to correct" in summary
    assert '<a href="#id_name">This field is required.</a>' in summary


def test_form_pack_draws_chips_in_a_fieldset_and_says_what_is_optional():
    page = shown("{% load crispy_forms_filters %}{{ form|crispy }}", form=Example())

    assert '<fieldset class="e-field e-feel">' in page
    assert page.count('class="e-chip"') == 2
    assert page.count("(optional)") == 1
    assert "e-summary" not in page
