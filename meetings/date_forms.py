"""Proposing a date, and saying of each whether it does."""

from django import forms
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from entraide.lib.times import day, hours, is_elsewhere
from meetings.forms import WhenFields
from meetings.models import Can, ProposedDate


class DateForm(WhenFields):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("Date")


class AvailabilityForm(forms.Form):
    """Three answers for each date, none of them chosen beforehand. What is left open stays open."""

    marks_optional = False  # the page says it once

    def __init__(self, *args, dates: list[ProposedDate], own: dict, zone: str, own_zone: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.dates = dates
        for date in dates:
            self.fields[f"date-{date.pk}"] = forms.ChoiceField(
                label=_label(date, zone),
                help_text=_where_you_are(date, zone, own_zone),
                choices=Can,
                required=False,
                initial=own.get(date.pk),
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose one of the three answers.")},
            )

    @property
    def is_late(self) -> bool:
        """Whether something was said of a date that is not proposed any more."""
        return any(name.startswith("date-") and name not in self.fields for name in self.data)

    @property
    def said(self) -> list[tuple[ProposedDate, str]]:
        found = ((date, self.cleaned_data[f"date-{date.pk}"]) for date in self.dates)
        return [(date, can) for date, can in found if can]


def _label(date, zone):
    return capfirst(f"{day(date.starts_at, zone)}, {hours(date.starts_at, date.ends_at, zone)}")


def _where_you_are(date, zone, own_zone):
    """The hours of whoever looks, where their clock shows others than the group's."""
    if not is_elsewhere(date.starts_at, zone, own_zone):
        return ""
    words = {"moment": date.starts_at, "zone": zone, "own_zone": own_zone}
    words["own_hours"] = hours(date.starts_at, date.ends_at, own_zone)
    return render_to_string("meetings/_where_you_are.html", words).strip()
