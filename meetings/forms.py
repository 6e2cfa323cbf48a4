"""Scheduling in the words of a calendar on the wall. A plan is typed on several pages (planning.py), one form each."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.fields import HumanDateField, HumanTimeField, PlainText
from entraide.lib.rhythm import Rhythm, is_last_of_month, nth_of_month, rhythm_sentence
from entraide.lib.times import parse_date
from groups.forms import AskAgain, OnceForm
from groups.models import Format
from meetings.models import Kind
from meetings.recurrence import instant

LATEST = timedelta(days=366)  # how far ahead a date may lie
MOST_PICKED = 60
NOT_A_LINK = _("Paste the link as the room gives it; it begins with https://.")
TO_COME = _("Choose a date to come, within a year from now.")


class WhenFields(forms.Form):
    on = HumanDateField(label=_("First date"), help_text=_("For example November 27, 2026."))
    starts = HumanTimeField(label=_("It begins at"), help_text=_("For example 19:30 or 7:30 p.m."))
    ends = HumanTimeField(label=_("It ends at"), help_text=_("For example 21:00 or 9 p.m."))

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self):
        super().clean()
        on, starts, ends = map(self.cleaned_data.get, ("on", "starts", "ends"))
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end comes before the beginning. Write a later time."))
        if on and not (_is_near(on) and (starts is None or instant(on, starts, self.zone) > timezone.now())):
            self.add_error("on", TO_COME)


class WhereForm(forms.Form):
    """`has_room` is whether a link is kept already: it is in no page, and stays unless another one is pasted."""

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
        error_messages={"invalid": NOT_A_LINK},
    )
    phone = PlainText(
        label=_("By telephone"),
        help_text=_("A number and its code. Members see them with the button, 15 minutes before."),
        max_length=80,
        required=False,
    )
    theme = PlainText(label=_("Theme"), help_text=_("Seen by the members only."), max_length=80, required=False)
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=Kind,
        initial=Kind.REGULAR,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    seats = forms.IntegerField(
        label=_("How many can come"),
        help_text=_("Leave it empty when there is room for all. Beyond this number people wait for a place."),
        min_value=2,
        max_value=999,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, has_room=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.has_room = has_room
        if has_room:
            self.fields["link"].help_text = _("Leave it empty to keep the room that you have now.")

    def clean_link(self):
        link = self.cleaned_data["link"]
        if link and not link.startswith("https://"):
            raise forms.ValidationError(NOT_A_LINK)
        return link

    def clean(self):
        super().clean()
        format, place, link = map(self.cleaned_data.get, ("format", "place", "link"))
        if format == Format.IN_PERSON and not place and "place" not in self.errors:
            self.add_error("place", _("Indicate the address, so that members find the door."))
        if format == Format.ONLINE and not link and not self.has_room and "link" not in self.errors:
            self.add_error("link", _("Paste the link of the room, so that members can come in."))


class WhenForm(WhenFields, OnceForm):
    field_order = ["on", "starts", "ends"]


class RhythmForm(forms.Form):
    """Worded from the first date: « chaque mardi », « le 4e mardi du mois »."""

    rhythm = forms.ChoiceField(
        label=_("Then you meet again"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how often you meet."),
            "invalid_choice": _("Choose how often you meet."),
        },
    )
    until = HumanDateField(
        label=_("Until"),
        help_text=_("Leave it empty for no end: the group can stop whenever it wants."),
        required=False,
    )
    picked = PlainText(
        label=_("The dates that you choose"),
        help_text=_("After the first one, a date a line. Only if you choose the dates."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, first_on, **kwargs):
        super().__init__(*args, **kwargs)
        self.first_on = first_on
        self.fields["rhythm"].choices = [(rhythm, _choice(rhythm, first_on)) for rhythm in _rhythms_from(first_on)]

    def clean_picked(self):
        if self.cleaned_data.get("rhythm") != Rhythm.PICKED:
            return []
        lines = self.cleaned_data["picked"].replace(";", "\n").splitlines()
        lines = [line.strip() for line in lines if line.strip()]
        if len(lines) > MOST_PICKED:
            words = _("At most %(most)d dates at a time: this list has %(count)d.")
            raise forms.ValidationError(words, params={"most": MOST_PICKED, "count": len(lines)})
        dates = sorted({self.first_on, *map(self._date_of, lines)})
        if len(dates) == 1:
            raise forms.ValidationError(_("Write at least one more date, for example 24/11/2026."))
        return dates

    def clean(self):
        super().clean()
        until = self.cleaned_data.get("until")
        if self.cleaned_data.get("rhythm") in (Rhythm.ONCE, Rhythm.PICKED):
            self.cleaned_data["until"] = None
        elif until and until < self.first_on:
            self.add_error("until", _("This date comes before the first meeting."))

    def _date_of(self, line):
        try:
            on = parse_date(line)
        except ValueError:
            words = _("“%(line)s” is no date of the calendar. Write for example 24/11/2026 or November 24, 2026.")
            raise forms.ValidationError(words, params={"line": line[:40]}) from None
        if on < self.first_on or not _is_near(on):
            words = _("“%(line)s” comes before the first meeting, or more than a year from now.")
            raise forms.ValidationError(words, params={"line": line[:40]})
        return on


class DatesForm(forms.Form):
    """Which of the dates that were `shown` take place. Those that nobody has seen yet do."""

    keep = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    shown = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, dates, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.choices = [(on.isoformat(), on) for on in dates]
            field.error_messages["invalid_choice"] = _("The dates have changed. Look at them once more.")

    def clean(self):
        super().clean()
        kept, shown = (set(map(date.fromisoformat, self.cleaned_data.get(name, []))) for name in ("keep", "shown"))
        self.cleaned_data |= {"kept": kept, "skipped": sorted(shown - kept)}
        if not self.errors and not kept:
            self.add_error("keep", _("Keep at least one date, or go back and choose another one."))


class ChangeForm(AskAgain, WhenFields, WhereForm):
    """One meeting alone. `version` is the one that the facilitator had before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    field_order = ["on", "starts", "ends"]

    def __init__(self, *args, is_taken, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_taken = is_taken
        self.fields["on"].label = _("Date")

    def clean(self):
        super().clean()
        if not self.errors and self.is_taken(self.cleaned_data):
            self.add_error("on", _("Another meeting of the group takes place then. Choose another time."))


def _is_near(on):
    return today() - timedelta(days=1) <= on <= today() + LATEST


def _rhythms_from(first_on):
    """Those that this first date can begin. Few months have a fifth Tuesday."""
    for rhythm in Rhythm:
        if rhythm == Rhythm.MONTHLY and nth_of_month(first_on) == 5:
            continue
        if rhythm == Rhythm.MONTHLY_LAST and not is_last_of_month(first_on):
            continue
        yield rhythm


def _choice(rhythm, first_on):
    return _("I choose the dates") if rhythm == Rhythm.PICKED else rhythm_sentence(rhythm, first_on)
