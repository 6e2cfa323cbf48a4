"""Which mail a person wants, in all their groups on one page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import ZoneField
from entraide.lib.times import city
from groups.confidentiality import Inside
from groups.models.membership import KINDS_OF_MAIL
from groups.proposal_forms import ZONES
from members.models import Member

OF_THE_PERSON = ("quiet", "notices", "time_zone", "language")  # columns of a member
KINDS = list(
    zip(KINDS_OF_MAIL, (_("The day before"), _("Two hours before"), _("Changes and cancellations")), strict=True)
)


class RemindersForm(forms.Form):
    """One field for each group, named by its id. `shown` says which groups the person had before their eyes: one that
    they joined since, in another window, stays as it is."""

    marks_optional = False

    shown = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput, required=False)
    quiet = forms.BooleanField(
        label=_("Nothing between 9\u00a0p.m. and 8\u00a0a.m."),
        help_text=_(
            "What falls in these hours comes at 8\u00a0a.m. If the meeting begins before that, nothing comes. The hours"
            " are those of your own clock."
        ),
        required=False,
    )
    notices = forms.BooleanField(
        label=_("News of my proposals"),
        help_text=_("When the welcome team has answered you about a group that you propose. Just as discreet."),
        required=False,
    )
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Your pages tell the hours in it too."))
    language = forms.ChoiceField(
        label=_("Language of the messages"), choices=Member._meta.get_field("language").choices
    )

    def __init__(self, data, *, member, insides: list[Inside]):
        groups = [inside.group for inside in insides]
        initial = {name: getattr(member, name) for name in OF_THE_PERSON}
        initial["shown"] = [str(group.pk) for group in groups]
        initial |= {str(inside.group.pk): _wanted(inside.membership) for inside in insides}
        super().__init__(data, initial=initial)
        self.fields["shown"].choices = [(str(group.pk), group.name) for group in groups]
        self.fields["shown"].error_messages["invalid_choice"] = _(
            "You are no longer in one of these groups. Here they are as they are now: look, then keep your choice."
        )
        zone = self.fields["time_zone"].prepare_value(member.time_zone)
        own = [] if zone in dict(ZONES) else [(zone, city(zone))]
        self.fields["time_zone"].choices = [*ZONES, *own]
        for group in groups:
            self.fields[str(group.pk)] = forms.MultipleChoiceField(
                label=group.name, choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
            )
        self.groups = groups

    def by_group(self):
        return [self[str(group.pk)] for group in self.groups]

    def clean(self):
        cleaned = super().clean()
        if "shown" in self.errors:  # the page shows what is there
            self.data = self.data.copy()
            self.data.setlist("shown", self.initial["shown"])
        return cleaned

    def of_the_person(self) -> dict:
        return {name: self.cleaned_data[name] for name in OF_THE_PERSON}

    def wishes(self) -> dict:
        shown = [group for group in self.groups if str(group.pk) in self.cleaned_data["shown"]]
        return {group.pk: _columns(self.cleaned_data[str(group.pk)]) for group in shown}


def _wanted(membership):
    return [kind for kind in KINDS_OF_MAIL if getattr(membership, kind)]


def _columns(wanted):
    return {kind: kind in wanted for kind in KINDS_OF_MAIL}
