"""What people type to propose a group, in five steps, and what staff and proposer write to each other."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import PlainText, ZoneField
from entraide.lib.times import city, zones
from groups.forms import AskAgain, OnceForm
from groups.models import Proposal
from groups.sheet_forms import (
    ACCESS,
    CITY,
    DESCRIPTION,
    FOR_WHOM,
    AsksForNoMoney,
    InACity,
    WithAdditions,
    few_lines,
    free_name,
    name_field,
    typed_additions,
)

LONGEST_MESSAGE = 2000
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


class Step(AsksForNoMoney, forms.ModelForm):
    """One page of a proposal."""

    title: str
    part = None  # a template with what the page explains before its fields


class LivedExperienceStep(Step):
    title = _("The shared lived experience")
    public = ("name",)

    name = name_field(
        help_text=_("Seen by everybody. For example: One evening at a time."),
        required=_("Give the group a name. The members can change it together later."),
    )

    def clean_name(self):
        return free_name(self.cleaned_data["name"])

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

    for_whom, description, access = FOR_WHOM, DESCRIPTION, ACCESS

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


class MeetingsStep(InACity, Step):
    title = _("The meetings")
    public = ("city", "rhythm_wished")

    city = CITY
    zone = ZoneField(label=_("Time of the meetings"), choices=ZONES)
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


class CharterStep(WithAdditions, Step):
    title = _("The charter")
    part = "groups/_charter_base.html"

    class Meta:
        model = Proposal
        fields = []

    def clean(self):
        super().clean()
        self.instance.charter_additions = self.additions


STEPS = (LivedExperienceStep, ForWhomStep, MeetingsStep, FacilitationStep, CharterStep)


def without_blank(field):
    return [choice for choice in field.choices if choice[0]]


def as_typed(proposal) -> dict:
    """{step: {field: value}}: what somebody would have typed to propose this; of the sheet of a group, what it says."""
    typed = {name: getattr(proposal, name, "") for step in STEPS for name in step.Meta.fields}
    if isinstance(proposal, Proposal):
        typed["second_person"] = "yes" if proposal.second_person else "no"
    typed |= typed_additions(proposal.charter_additions)
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
