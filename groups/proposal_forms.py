"""What people type to propose a group, in five steps, and what staff and proposer write to each other."""

from itertools import zip_longest

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import PlainText
from entraide.lib.times import city, zones
from groups.forms import AskAgain, OnceForm
from groups.founding import is_name_free
from groups.models import Access, Format, Proposal
from groups.models.group import MOST_ADDITIONS
from groups.money import words_that_ask_for_money

LONGEST_MESSAGE = 2000
NAME_TAKEN = _("Another group already has this name, or one that looks like it. Choose another one.")
ASKS_FOR_MONEY = _(
    "Here help is free: no group asks for money, be it a fee, a contribution or a suggested gift."
    " Say it without “{words}”."
)
TO_FILL_IN = "[…]"  # in a prepared message: what only the writer can say
ZONES = [
    ("America/Toronto", _("Montréal time")),
    ("America/Halifax", _("Moncton time")),
    ("America/Winnipeg", _("Winnipeg time")),
    ("America/Edmonton", _("Edmonton time")),
    ("America/Vancouver", _("Vancouver time")),
    ("Europe/Paris", _("Paris time")),
    ("Europe/Brussels", _("Brussels time")),
    ("Europe/Zurich", _("Geneva time")),
]


def few_lines(rows, **attrs):
    return forms.Textarea(attrs={"rows": rows, "class": "e-plain", **attrs})


class Step(forms.ModelForm):
    """One page of a proposal. Everything that the public would read of it may ask nobody for money."""

    title: str
    part = None  # a template with what the page explains before its fields
    public = ()

    def clean(self):
        super().clean()
        for name in self.public:
            asked = words_that_ask_for_money(self.cleaned_data.get(name) or "")
            if asked:
                self.add_error(name, format_lazy(ASKS_FOR_MONEY, words=asked))


class LivedExperienceStep(Step):
    title = _("The shared lived experience")
    public = ("name",)

    name = PlainText(
        label=_("Name of the group"),
        help_text=_("Seen by everybody. For example: One evening at a time."),
        max_length=60,
        error_messages={"required": _("Give the group a name. The members can change it together later.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self):
        if not is_name_free(self.cleaned_data["name"]):
            raise forms.ValidationError(NAME_TAKEN)
        return self.cleaned_data["name"]

    class Meta:
        model = Proposal
        fields = ["lived_experience", "name"]
        help_texts = {"lived_experience": _("What the members have lived through, or live today. Seen by everybody.")}
        error_messages = {
            "lived_experience": {"required": _("Choose the lived experience that the members share.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = self.fields["lived_experience"]
        chosen.choices = [("", _("Choose in the list")), *without_blank(chosen)]


class ForWhomStep(Step):
    title = _("For whom")
    public = ("for_whom", "description")

    for_whom = PlainText(
        label=_("For whom"),
        help_text=_("One or two sentences, seen by everybody. For example: for people who take care of a parent."),
        max_length=220,
        error_messages={"required": _("Say in one sentence for whom the group is.")},
        widget=few_lines(2),
    )
    description = PlainText(
        label=_("How this circle is"),
        help_text=_("A few sentences, seen by everybody."),
        required=False,
        max_length=500,
        widget=few_lines(4),
    )
    access = forms.MultipleChoiceField(
        label=_("Access"), choices=Access, required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "chips"})
    )

    class Meta:
        model = Proposal
        fields = ["for_whom", "description", "language", "access", "joining"]
        widgets = {"language": forms.RadioSelect, "joining": forms.RadioSelect}
        labels = {"joining": _("How one joins")}
        help_texts = {"joining": _("The members can change it together later.")}
        error_messages = {
            "language": {"required": _("Choose the language of the group.")},
            "joining": {"required": _("Choose how one joins.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("language", "joining"):
            self.fields[name].choices = without_blank(self.fields[name])


class MeetingsStep(Step):
    title = _("The meetings")
    public = ("city", "rhythm_wished")

    city = PlainText(
        label=_("City or neighbourhood"),
        help_text=_("For meetings in person. Never an exact address: that is for members."),
        required=False,
        max_length=80,
    )
    zone = forms.ChoiceField(label=_("Time of the meetings"), choices=ZONES)
    rhythm_wished = PlainText(
        label=_("The rhythm that you imagine"),
        help_text=_("For example: every second Tuesday, at 7:00 p.m. The group sets its dates once it is open."),
        required=False,
        max_length=120,
    )

    class Meta:
        model = Proposal
        fields = ["format", "city", "zone", "rhythm_wished"]
        widgets = {"format": forms.RadioSelect}
        error_messages = {"format": {"required": _("Choose how you meet.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = without_blank(self.fields["format"])
        zone = self["zone"].value()
        if zone not in dict(ZONES) and zone in zones():  # of a sheet that a public list named
            self.fields["zone"].choices = [*ZONES, (zone, city(zone))]

    def clean(self):
        super().clean()
        if self.cleaned_data.get("format") == Format.ONLINE:
            self.cleaned_data["city"] = ""
        elif self.cleaned_data.get("format") and not self.cleaned_data.get("city") and "city" not in self.errors:
            self.add_error("city", _("Indicate the city, so that people know whether they can come."))


class FacilitationStep(Step):
    title = _("Facilitating")
    part = "groups/_taking_turns.html"

    second_person = forms.TypedChoiceField(
        label=_("Would a second person begin with you?"),
        help_text=_("Yes or no is enough, without a name. One can begin alone, too."),
        choices=[("yes", _("Yes")), ("no", _("No, or not yet"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no. Both are fine.")},
    )
    hopes = PlainText(
        label=_("How you see the first meetings"),
        help_text=_("Read by the welcome team only. Nobody asks for a proof, a CV or a telephone number."),
        required=False,
        max_length=2000,
        widget=few_lines(4),
    )

    class Meta:
        model = Proposal
        fields = ["second_person", "hopes"]


class CharterStep(Step):
    title = _("The charter")
    part = "groups/_charter_base.html"
    public = tuple(f"addition_{number}" for number in range(1, MOST_ADDITIONS + 1))

    class Meta:
        model = Proposal
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number, name in enumerate(self.public, 1):
            self.fields[name] = PlainText(
                label=format_lazy(_("Addition {number}"), number=number), required=False, max_length=160
            )

    def clean(self):
        super().clean()
        said = (self.cleaned_data.get(name) for name in self.public)
        self.instance.charter_additions = list(dict.fromkeys(filter(None, said)))


STEPS = (LivedExperienceStep, ForWhomStep, MeetingsStep, FacilitationStep, CharterStep)


def without_blank(field):
    return [choice for choice in field.choices if choice[0]]


def as_typed(proposal) -> dict:
    """{step: {field: value}}: what somebody would have typed to propose this; of the sheet of a group, what it says."""
    typed = {name: getattr(proposal, name, "") for step in STEPS for name in step.Meta.fields}
    if isinstance(proposal, Proposal):
        typed["second_person"] = "yes" if proposal.second_person else "no"
    typed |= dict(zip_longest(CharterStep.public, proposal.charter_additions, fillvalue=""))
    return {
        str(number): {name: typed[name] for name in (*step.Meta.fields, *step.public)}
        for number, step in enumerate(STEPS, 1)
    }


class AnswerForm(OnceForm):
    """The proposer's own words back to the team."""

    text = PlainText(
        label=_("Your answer"),
        help_text=_("Read by the welcome team only."),
        max_length=LONGEST_MESSAGE,
        widget=few_lines(6),
        error_messages={"required": _("Write a few words before you send.")},
    )


class Seen(forms.Form):
    """`version` of the proposal is the one that the staff member had before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class StaffMessage(AskAgain, Seen):
    """What the proposer will read."""

    text = PlainText(
        label=_("Your message"),
        help_text=_("Read by the person who proposed the group, on their page of the site."),
        max_length=LONGEST_MESSAGE,
        widget=few_lines(12),
        error_messages={"required": _("Write a few words before you send.")},
    )

    def clean_text(self):
        text = self.cleaned_data["text"]
        if TO_FILL_IN in text:
            raise forms.ValidationError(
                _("Put your own words in the place of %(place)s."), params={"place": TO_FILL_IN}, code="to_fill_in"
            )
        return text


class Acceptance(StaffMessage):
    """Every point must hold before a group opens."""

    POINTS = {
        "lived": _("The shared lived experience is clear"),
        "members": _("It is run by its members"),
        "free": _("It is free of charge"),
        "confidential": _("What is said stays in the group"),
        "open_minded": _("It is no sect, and recruits for no party, faith or movement"),
        "no_sale": _("Nothing is for sale"),
        "no_professional": _("Nobody leads as a professional"),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.POINTS.items():
            unticked = format_lazy(_("To open the group, this point must hold: {point}."), point=label)
            self.fields[name] = forms.BooleanField(label=label, error_messages={"required": unticked})

    @property
    def points(self):
        return [self[name] for name in self.POINTS]


class TeamNote(forms.Form):
    note = PlainText(
        label=_("Note for the team"),
        help_text=_("Read by the welcome team only, never by the person who proposed the group."),
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=few_lines(3),
    )
