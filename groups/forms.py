"""What people type, cleaned. A form never keeps anything: the verbs do (belonging.py, telling.py, founding.py)."""

from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import PlainText
from groups.models import ContentNote, Feeling, Reminders
from groups.models.story import LONGEST_STORY

NAME_LENGTH = 30
MOST_FEELINGS = 3


class JoinName(forms.Form):
    marks_optional = False  # one of the two is enough

    name = PlainText(
        label=_("The name that you choose"),
        help_text=_("Safest: neither your first name nor a place. A tree, a bird or a thing does very well."),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    suggestion = forms.ChoiceField(
        label=_("No idea? Take one of these"), required=False, widget=forms.RadioSelect(attrs={"class": "chips"})
    )

    def __init__(self, *args, suggestions, is_free, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_free = is_free
        self.fields["suggestion"].choices = [(name, name) for name in suggestions]

    def clean(self):
        name = self.cleaned_data.get("name") or self.cleaned_data.get("suggestion")
        if self.errors:
            return
        if not name:
            self.add_error("name", _("Choose a name for this group, or take one of the suggestions."))
        elif not self.is_free(name):
            self.add_error("name", name_taken())
        self.cleaned_data["name"] = name


def name_taken():
    return _("Somebody in this group already has this name, or one that looks like it. Choose another one.")


class JoinCharter(forms.Form):
    """`version` is the day of the charter that the person had before their eyes."""

    version = forms.DateField(widget=forms.HiddenInput, required=False)
    agree = forms.BooleanField(
        label=_("I have read the charter and I commit to it"),
        error_messages={"required": _("To enter the group, tick the box that says you commit to the charter.")},
    )

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, initial={"version": version.isoformat()}, **kwargs)
        self.current = version

    def clean(self):
        cleaned = super().clean()
        if "agree" not in self.errors and cleaned.get("version") != self.current:
            self.add_error(
                "agree", _("The charter has changed in the meantime. Read it again below, then tick the box.")
            )
        if self.errors:
            self.data = {"version": self.current.isoformat()}  # the page shows it as it is now
        return cleaned


class RemindersForm(forms.Form):
    reminders = forms.ChoiceField(
        label=_("Before a meeting"),
        choices=Reminders,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three answers. You can change it later.")},
    )


class WelcomeForm(forms.Form):
    request = forms.UUIDField(widget=forms.HiddenInput)


class OnceForm(forms.Form):
    """`key` is the id of what the form makes: posted twice, it makes one thing."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def start_anew(self, reason) -> None:
        """What was typed is kept, under another id, with the reason above it."""
        self.add_error(None, reason)
        self.data = self.data.copy()
        self.data["key"] = str(uuid4())


class StoryForm(OnceForm):
    title = PlainText(
        label=_("Title"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = PlainText(
        label=_("Your story"),
        help_text=_("In “I”, in your own way. There is no right length, and no fine sentence to find."),
        max_length=LONGEST_STORY,
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write a few words before you go on. Nothing has been shared.")},
    )
    feelings = forms.MultipleChoiceField(
        label=_("What I feel"),
        help_text=_("Up to three words."),
        choices=Feeling,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips feel"}),
    )
    note = forms.ChoiceField(
        label=_("Is there a note to put?"),
        help_text=_("One line, before your text, so that each person chooses their moment."),
        choices=[("", _("no note")), *ContentNote.choices],
        required=False,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    readers = forms.ChoiceField(
        label=_("Who will be able to read it"),
        choices=[("present", _("Those who are in the group today")), ("later", _("Also those who come later"))],
        initial="present",
        widget=forms.RadioSelect,
    )

    def clean_feelings(self):
        feelings = self.cleaned_data["feelings"]
        if len(feelings) > MOST_FEELINGS:
            raise forms.ValidationError(_("Keep three words at most."))
        return feelings

    def clean(self):
        self.cleaned_data["opened_to_later"] = self.cleaned_data.get("readers") == "later"


class AskAgain:
    """For forms with a `version`: what it was when the page was made."""

    def ask_again(self, version, reason) -> None:
        """What was typed is kept; sent once more, it is meant with the newer version known."""
        self.add_error(None, reason)
        self.data = self.data.copy()
        self.data["version"] = str(version)


class StoryChange(AskAgain, StoryForm):
    """`version` is the one that the author had before their eyes."""

    key = None
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class HandOverForm(forms.Form):
    to = forms.TypedChoiceField(
        label=_("Who could go on from here"),
        help_text=_("They say yes or no. Until then, nothing changes."),
        coerce=UUID,
        error_messages={
            "required": _("Choose a person."),
            "invalid_choice": _("This person is no longer in the group. Choose another one."),
        },
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        names = [(str(person.id), person.name.reveal()) for person in people]
        self.fields["to"].choices = [("", _("Choose in the list")), *names]


class Leave(forms.Form):
    stories = forms.ChoiceField(
        label=_("My stories"),
        choices=[
            ("withdraw", _("Withdraw them")),
            ("keep", _("Leave them, for good, as those of “a former member”")),
        ],
        initial="withdraw",
        widget=forms.RadioSelect,
    )
