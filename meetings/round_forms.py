"""Opening a speaking round, and sitting down in it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.rounds import MINUTES, MOST_PLACES


def _marks():
    """At each look: words with a number in them are put together at once, in the language of that moment."""
    return [("", _("No mark")), *((n, _("%(n)s minutes each") % {"n": n}) for n in MINUTES)]


class OpenForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label=_("A mark for the time"),
        help_text=_("It is a mark, without any sound. It cuts nobody short."),
        choices=_marks,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


class PlacesForm(forms.Form):
    places = forms.IntegerField(
        label=_("How many are you around this telephone?"),
        help_text=_("Alone before it: 1. Around a table the telephone goes from hand to hand."),
        min_value=1,
        max_value=MOST_PLACES,
        initial=1,
        error_messages={
            name: _("Write a number from 1 to 20.") for name in ("required", "invalid", "min_value", "max_value")
        },
    )
