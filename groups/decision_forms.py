"""What people type to propose a change to their group, and to answer one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import PlainText
from groups.deciding import present
from groups.forms import OnceForm, OtherMemberField
from groups.models import Format, Group, Joining, Kind, Stance
from groups.models.decision import LONGEST, SHORTEST, USUAL
from groups.sheet_forms import (
    ACCESS,
    ADDITIONS,
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

LONGEST_WORDS = 1000  # characters
SIZE = {
    "min_value": 2,
    "max_value": 99,
    "widget": forms.NumberInput(attrs={"class": "e-w-short"}),
    "error_messages": dict.fromkeys(
        ("required", "invalid", "min_value", "max_value"), _("Write a number of people, from 2 to 99.")
    ),
}
STANCES = [(stance.value, stance.label) for stance in (Stance.AGREE, Stance.ASIDE, Stance.CONCERN, Stance.OBJECT)]


class ChangeForm(AsksForNoMoney, OnceForm):
    """`change` is what the group would become: the columns of its kind, all of them."""

    kind: Kind
    shortest = SHORTEST  # days

    why = PlainText(
        label=_("Why you propose it"),
        help_text=_("One or two sentences, read by the members of the group, with your name here."),
        max_length=LONGEST_WORDS,
        widget=few_lines(4, autocomplete="off"),
        error_messages={"required": _("Say in one sentence why you propose it.")},
    )
    days = forms.IntegerField(
        label=_("For how many days people can answer"),
        help_text=_("From 3 to 30. Seven is usual: everybody has the time to see it."),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=USUAL,
        widget=forms.NumberInput(attrs={"class": "e-w-short"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Write a number of days, from 3 to 30.")
        ),
    )

    def __init__(self, *args, group: Group, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.group, self.people = group, people
        if self.shortest != SHORTEST:
            self.fields["days"].help_text = _("From 7 to 30: everybody has the time to come by and see it.")
        self.order_fields([name for name in self.fields if name not in ("why", "days")])

    def clean_days(self):
        if self.cleaned_data["days"] < self.shortest:
            raise forms.ValidationError(_("Write a number of days, from 7 to 30."))
        return self.cleaned_data["days"]

    @classmethod
    def typed(cls, values: dict) -> dict:
        """{field: value}: what somebody would have typed to propose these values."""
        return values

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        cleaned["change"] = self.change()
        if cleaned["change"] and cleaned["change"] == present(self.group, self.kind):
            self.add_error(None, _("Nothing would change. Change at least one of the answers."))
        return cleaned

    def change(self) -> dict:
        return {name: self.cleaned_data[name] for name in present(self.group, self.kind)}


class NameChange(ChangeForm):
    kind = Kind.NAME
    public = ("name",)

    name = name_field(
        help_text=_("Seen by everybody. The address of the group’s page stays as it is, so that links go on working."),
        required=_("Write the name that you propose."),
    )

    def clean_name(self):
        return free_name(self.cleaned_data["name"], self.group)


class SheetChange(InACity, ChangeForm):
    kind = Kind.SHEET
    public = ("for_whom", "description", "city")

    for_whom, description = FOR_WHOM, DESCRIPTION
    language = forms.ChoiceField(
        label=_("Language"), choices=Group._meta.get_field("language").choices, widget=forms.RadioSelect
    )
    format = forms.ChoiceField(label=_("How you meet"), choices=Format, widget=forms.RadioSelect)
    city, access = CITY, ACCESS
    size_min = forms.IntegerField(label=_("Number of people, at least"), **SIZE)
    size_max = forms.IntegerField(label=_("Number of people, at most"), **SIZE)

    def clean(self):
        if self.cleaned_data.get("size_min", 0) > self.cleaned_data.get("size_max", 99):
            self.add_error("size_max", _("Write a number that is not smaller than the one above."))
        return super().clean()


class JoiningChange(ChangeForm):
    kind = Kind.JOINING

    joining = forms.ChoiceField(
        label=_("How one joins"),
        choices=Joining,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two answers.")},
    )


class CharterChange(WithAdditions, ChangeForm):
    kind = Kind.CHARTER

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(ADDITIONS)

    @classmethod
    def typed(cls, values):
        return typed_additions(values.get("charter_additions", []))

    def change(self):
        return {"charter_additions": self.additions}


class ClosingProposal(ChangeForm):
    kind = Kind.CLOSING
    shortest = USUAL  # what cannot be undone waits until people have come by


class ExclusionProposal(ChangeForm):
    """It takes two, so three members: the two who stand for it, and the one whom it is about."""

    kind = Kind.EXCLUSION
    shortest = USUAL

    about = OtherMemberField(label=_("Who would no longer be in the group"))
    second = OtherMemberField(
        label=_("Who would propose it with you"),
        help_text=_("Until this person says yes, nobody else sees anything of it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("about", "second"):
            self.fields[name].offer(self.people)

    def clean(self):
        if self.cleaned_data.get("about") and self.cleaned_data["about"] == self.cleaned_data.get("second"):
            self.add_error("second", _("Choose somebody other than the person whom it is about."))
        return super().clean()


FORMS = {
    form.kind: form
    for form in (NameChange, SheetChange, JoiningChange, CharterChange, ClosingProposal, ExclusionProposal)
}


class SecondForm(forms.Form):
    why = PlainText(
        label=_("Why you propose it too"),
        help_text=_("One or two sentences, read by the members of the group, with your name here."),
        max_length=LONGEST_WORDS,
        widget=few_lines(4, autocomplete="off"),
        error_messages={"required": _("Say in one sentence why you propose it too.")},
    )


class PositionForm(forms.Form):
    """None is preselected. Words are asked for where the group needs them to go on."""

    marks_optional = False  # the hint says when

    stance = forms.ChoiceField(
        label=_("Your position"),
        choices=STANCES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four positions.")},
    )
    reason = PlainText(
        label=_("Your reason"),
        help_text=_("For a concern or an objection only. The members read it, with your name here."),
        required=False,
        max_length=LONGEST_WORDS,
        widget=few_lines(3, autocomplete="off"),
    )

    def clean(self):
        cleaned = super().clean()
        needed = cleaned.get("stance") in (Stance.CONCERN, Stance.OBJECT)
        if needed and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error(
                "reason", _("Say in one sentence what holds you back, so that the group can look for a way.")
            )
        if not needed and "stance" in cleaned:
            cleaned["reason"] = ""
        return cleaned


class SideForm(forms.Form):
    """Of the person whom an exclusion is about: what they say stands beside the rest."""

    reason = PlainText(
        label=_("Your side"),
        help_text=_("In your own words, if you wish. The members read it."),
        max_length=LONGEST_WORDS,
        widget=few_lines(5, autocomplete="off"),
        error_messages={"required": _("Write a few words before you send.")},
    )

    def clean(self):
        return {**super().clean(), "stance": Stance.SIDE}
