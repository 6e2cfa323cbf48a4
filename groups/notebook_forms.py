"""What a person types into their own notebook, cleaned."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.fields import AtMost, HumanDateField, PlainText
from groups.forms import MOST_FEELINGS, AskAgain, OnceForm
from groups.models import Feeling
from groups.models.notebook import LONGEST_STEP
from groups.models.story import LONGEST_STORY


class NoteForm(OnceForm):
    text = PlainText(
        label=_("My note"),
        validators=[AtMost(LONGEST_STORY)],
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write a few words before you keep this note.")},
    )
    feelings = forms.MultipleChoiceField(
        label=_("What I feel"),
        help_text=_("Up to three words."),
        choices=Feeling,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips feel"}),
    )
    on = HumanDateField(label=_("The day"))

    def clean_on(self):
        if self.cleaned_data["on"] > today() + timedelta(days=1):  # tomorrow is today somewhere
            raise forms.ValidationError(_("Choose today, or a day that is over."))
        return self.cleaned_data["on"]

    def clean_feelings(self):
        feelings = self.cleaned_data["feelings"]
        if len(feelings) > MOST_FEELINGS:
            raise forms.ValidationError(_("Keep three words at most."))
        return feelings


class NoteChange(AskAgain, NoteForm):
    """`version` is the one that the person had before their eyes."""

    key = None
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class StepForm(OnceForm):
    text = PlainText(
        label=_("A small step that I set myself"),
        help_text=_("Small enough for today or this week. Nobody counts, and nothing happens if it waits."),
        validators=[AtMost(LONGEST_STEP)],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write a few words before you set this step.")},
    )
