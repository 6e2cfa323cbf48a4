"""What people type, cleaned. A form never keeps anything: the verbs do (belonging.py, telling.py, founding.py)."""

from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import AtMost, PlainText
from entraide.lib.times import day
from entraide.lib.words import folded
from groups.models import ContentNote, Feeling, Life, Reminders
from groups.models.shelf import LONGEST_HELP
from groups.models.story import LONGEST_STORY, ends

NAME_LENGTH = 30
MOST_FEELINGS = 3
AS_IT_IS = "as it is"  # of the life of a story that is being changed
LONGEST_SEARCH = 100  # characters


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
        label=_("Title"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    text = PlainText(
        label=_("Your story"),
        help_text=_("In “I”, in your own way. There is no right length, and no fine sentence to find."),
        validators=[AtMost(LONGEST_STORY)],  # not max_length: a browser would cut what is pasted without a word
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
    own_feeling = PlainText(
        label=_("Or a word of your own"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "e-w-short"}),
    )
    came_through = forms.BooleanField(
        label=_("Today, I am better"),
        help_text=_("If you tick this, members can find your story when they look for somebody who came through it."),
        required=False,
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
    life = forms.ChoiceField(
        label=_("How long it stays"),
        help_text=_("Then it is erased for everyone, you included. You can withdraw it before."),
        required=False,
        initial=Life.OPEN,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("This meeting is not planned any more. Choose again how long it stays.")},
    )
    answers = forms.UUIDField(widget=forms.HiddenInput, required=False)
    # Which opening of the page this is, and the one whose draft it began upon (story_drafts.py).
    window = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)
    upon = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, group=None, **kwargs):
        super().__init__(*args, **kwargs)
        if group is not None:
            self._ends = ends(group)
            self.fields["life"].choices = [(life, _life_in_words(life, group)) for life in Life if life in self._ends]

    def clean_life(self):
        """No answer comes from a page whose meeting was moved or held since: it does not say "until I withdraw it"."""
        if "life" not in self.data:
            raise forms.ValidationError(self.fields["life"].error_messages["invalid_choice"])
        return self.cleaned_data["life"]

    def clean(self):
        words = self.cleaned_data
        words["opened_to_later"] = words.get("readers") == "later"
        if len(words.get("feelings", [])) + bool(words.get("own_feeling")) > MOST_FEELINGS:
            self.add_error("feelings", _("Keep three words at most."))
        if "life" in self.fields:
            words["ends_on"] = self._ends.get(words.get("life"))

    def typed(self) -> dict:
        """As it stands in the fields, whether or not it can be shared."""
        typed = {name: self[name].data or "" for name in self.fields}
        return typed | {"feelings": list(typed["feelings"]), "key": _uuid(typed["key"])}

    def answer_nothing(self, reason) -> None:
        """The words are kept; the tie to the other story is not."""
        self.add_error(None, reason)
        self.data = self.data.copy()
        self.data["answers"] = ""

    def begin_upon(self, window) -> None:
        """Sent once more, these words are meant to take the place of what that window kept."""
        self.data = self.data.copy()
        self.data["upon"] = window


def _uuid(text):
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid4())


def _life_in_words(life, group):
    if life != Life.MEETING:
        return life.label
    the_day = {"day": day(group.next_ends_at, group.zone)}
    return _("Until the next meeting, %(day)s (this day stays, even if the meeting moves)") % the_day


class AskAgain:
    """For forms with a `version`: what it was when the page was made."""

    def ask_again(self, version, reason) -> None:
        """What was typed is kept; sent once more, it is meant with the newer version known."""
        self.add_error(None, reason)
        self.data = self.data.copy()
        self.data["version"] = str(version)


class StoryChange(AskAgain, StoryForm):
    """`version` is the one that the author had before their eyes; `ends_on` the end that the story has."""

    key = answers = window = upon = None
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args, group, ends_on=None, **kwargs):
        super().__init__(*args, group=group, **kwargs)
        self._ends[AS_IT_IS] = ends_on
        if ends_on:
            label = _("As it is: erased on %(day)s") % {"day": day(ends_on)}
            self.fields["life"].choices = [(AS_IT_IS, label), *self.fields["life"].choices]
            self.initial["life"] = AS_IT_IS

    def clean_life(self):
        """An answer that is missing is not the one that says "until I withdraw it"."""
        return self.cleaned_data["life"] if "life" in self.data else AS_IT_IS


class EchoForm(forms.Form):
    marks_optional = False  # one of the three is enough

    words = PlainText(
        label=_("Words"),
        help_text=_("Accents and capitals do not matter."),
        validators=[AtMost(LONGEST_SEARCH)],
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    feeling = forms.ChoiceField(
        label=_("A feeling"),
        choices=[("", _("any")), *Feeling.choices],
        required=False,
        widget=forms.RadioSelect(attrs={"class": "chips feel"}),
    )
    came_through = forms.BooleanField(
        label=_("Only the stories of those who say that they are better today"), required=False
    )

    def clean_words(self):
        words = self.cleaned_data["words"]
        return words if folded(words) else ""  # accents alone stand in every story

    def clean(self):
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("words", _("Say what you are looking for: a word, a feeling, or somebody who is better."))


class HelpForm(OnceForm):
    text = PlainText(
        label=_("What helps me"),
        help_text=_(
            "One small thing, in “I”: “When the night is long, I…” It says what you do, not what others should."
        ),
        validators=[AtMost(LONGEST_HELP)],
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write a few words before you put it on the shelf.")},
    )


class HelpChange(AskAgain, HelpForm):
    """`version` is the one that the author had before their eyes."""

    key = None
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class OtherMemberField(forms.TypedChoiceField):
    """Somebody of the group, by their name there."""

    default_error_messages = {
        "required": _("Choose a person."),
        "invalid_choice": _("This person is no longer in the group. Choose another one."),
    }

    def __init__(self, **kwargs):
        super().__init__(coerce=UUID, **kwargs)

    def offer(self, people) -> None:
        names = [(str(person.id), person.name.reveal()) for person in people]
        self.choices = [("", _("Choose in the list")), *names]


class HandOverForm(forms.Form):
    to = OtherMemberField(
        label=_("Who could go on from here"), help_text=_("They say yes or no. Until then, nothing changes.")
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(people)


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
