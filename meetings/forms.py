"""Scheduling in the words of a calendar on the wall."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.fields import HumanDateField, HumanTimeField, PlainText
from entraide.lib.rhythm import Rhythm, is_last_of_month, nth_of_month
from groups.forms import OnceForm
from groups.models import Format
from meetings.recurrence import instant

LATEST = timedelta(days=366)  # how far ahead a first meeting may lie


class ScheduleForm(OnceForm):
    on = HumanDateField(label=_("First date"), help_text=_("For example 27/11/2026."))
    starts = HumanTimeField(label=_("It begins at"), help_text=_("For example 19:30 or 7:30 p.m."))
    ends = HumanTimeField(label=_("It ends at"), help_text=_("For example 21:00 or 9 p.m."))
    rhythm = forms.ChoiceField(
        label=_("Then you meet again"),
        choices=Rhythm,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often you meet.")},
    )
    until = HumanDateField(
        label=_("Until"),
        help_text=_("Leave it empty for no end: the group can stop whenever it wants."),
        required=False,
    )
    format = forms.ChoiceField(
        label=_("How you meet"),
        choices=Format,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you meet.")},
    )
    place = PlainText(label=_("Address"), help_text=_("Seen by the members only."), max_length=200, required=False)
    access_note = PlainText(
        label=_("Door and access"),
        help_text=_("For example: side door, ramp on the left."),
        max_length=200,
        required=False,
    )
    link = forms.URLField(
        label=_("Link of the online room"),
        help_text=_("Seen by nobody: members get a button that opens it, 15 minutes before."),
        assume_scheme="https",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    theme = PlainText(label=_("Theme"), help_text=_("Seen by the members only."), max_length=80, required=False)

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean_link(self):
        link = self.cleaned_data["link"]
        if link and not link.startswith("https://"):
            raise forms.ValidationError(_("Paste the link as the room gives it; it begins with https://."))
        return link

    def clean(self):
        cleaned = self.cleaned_data
        self._check_hours(cleaned.get("starts"), cleaned.get("ends"))
        self._check_dates(cleaned.get("on"), cleaned.get("starts"), cleaned.get("until"), cleaned.get("rhythm"))
        if cleaned.get("format") == Format.IN_PERSON and not cleaned.get("place"):
            self.add_error("place", _("Indicate the address, so that members find the door."))
        if cleaned.get("format") == Format.ONLINE and not cleaned.get("link") and "link" not in self.errors:
            self.add_error("link", _("Paste the link of the room, so that members can come in."))

    def _check_hours(self, starts, ends):
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end comes before the beginning. Write a later time."))

    def _check_dates(self, on, starts, until, rhythm):
        soon, late = today() - timedelta(days=1), today() + LATEST
        if on and not (soon <= on <= late and (starts is None or instant(on, starts, self.zone) > timezone.now())):
            self.add_error("on", _("Choose a date to come, within a year from now."))
        if on and until and until < on:
            self.add_error("until", _("This date comes before the first meeting."))
        if on and rhythm == Rhythm.MONTHLY and nth_of_month(on) == 5:
            self.add_error("rhythm", _("Few months have a fifth such day. Choose “the last” instead."))
        if on and rhythm == Rhythm.MONTHLY_LAST and not is_last_of_month(on):
            self.add_error("rhythm", _("The first date is not the last such weekday of its month. Change one of them."))
