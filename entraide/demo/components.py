"""Every part of the interface in all its states, for people who build pages: /demo/components/.

The templates are the real ones. Their objects are made here and never saved, so that the page asks no database.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from entraide.lib.crypto import Secret
from entraide.lib.days import today
from entraide.lib.fields import HumanDateField, HumanTimeField, PlainText
from entraide.lib.rhythm import Rhythm
from groups.confidentiality import Person
from groups.models import Access, ContentNote, Feeling, Format, Group
from groups.reading import Card, note_sentence
from meetings.coming import Replies
from meetings.models import Meeting, Series

ZONE = ZoneInfo("America/Toronto")
PEOPLE = {"Bouleau": 7, "Tilleul": 11, "Velours": 1, "Marée basse": 2, "Corneille": 6}  # ids: one of each pebble
COLOURS = [
    ("paper", gettext_lazy("Paper")),
    ("surface", gettext_lazy("Surface")),
    ("sand", gettext_lazy("Sand")),
    ("ink", gettext_lazy("Ink")),
    ("soft", gettext_lazy("Soft ink")),
    ("fir", gettext_lazy("Fir")),
    ("plum", gettext_lazy("Plum")),
    ("amber", gettext_lazy("Amber")),
    ("sky", gettext_lazy("Sky")),
    ("brick", gettext_lazy("Brick")),
    ("apricot", gettext_lazy("Apricot")),
]


@login_not_required
@require_safe
def components(request):
    context = {
        "colours": COLOURS,
        "good": Sample(initial=GOOD, prefix="good"),
        "wrong": Sample(data={}, prefix="wrong"),
        "people": [_person(name) for name in PEOPLE],
        "groups": _groups(),
        "cards": _cards(),
        "meetings": _meetings(),
        "replies": Replies(own=True, waits=False, is_full=False, coming=3, waiting=0),
        "some_page": Paginator(range(25), 10).page(2),
        "gid": _id(9),
    }
    return render(request, "demo/components.html", context)


GOOD = {
    "name": "Marée basse",
    "on": today,
    "at": time(19, 30),
    "format": Format.ONLINE,
    "feelings": [Feeling.values[0]],
}


class Sample(forms.Form):
    """One field of each kind. Bound to nothing typed, each that is required shows its error."""

    name = PlainText(
        label=gettext_lazy("Name of the field"),
        help_text=gettext_lazy("A hint stands before the field."),
        error_messages={"required": gettext_lazy("Say what is missing, and how to put it right.")},
    )
    on = HumanDateField(label=gettext_lazy("A date"))
    at = HumanTimeField(label=gettext_lazy("A time"), required=False)
    many = PlainText(
        label=gettext_lazy("Several lines"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "e-plain"}),
    )
    one_of_many = forms.ChoiceField(label=gettext_lazy("A list"), choices=[("", "…"), *Access.choices])
    format = forms.ChoiceField(label=gettext_lazy("One choice"), choices=Format, widget=forms.RadioSelect)
    access = forms.MultipleChoiceField(
        label=gettext_lazy("Several choices"),
        choices=Access,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips"}),
    )
    feelings = forms.MultipleChoiceField(
        label=gettext_lazy("Feelings"),
        help_text=gettext_lazy("Up to three words."),
        choices=Feeling.choices[:5],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips feel"}),
    )
    agree = forms.BooleanField(label=gettext_lazy("A commitment"), help_text=gettext_lazy("With a hint."))


def _groups():
    starts = _evening(days=2)
    dated = {"next_starts_at": starts, "next_ends_at": starts + timedelta(minutes=90)}
    weekly = {"rhythm": Rhythm.WEEKLY, "rhythm_on": starts.date()}
    all_access = list(Access.values)
    return [
        _group(Format.ONLINE, **dated, **weekly, access=[Access.CAPTIONS, Access.CAMERA_OPTIONAL]),
        _group(Format.IN_PERSON, **dated, city="Rimouski", access=[Access.WHEELCHAIR]),
        _group(Format.BOTH, **dated, **weekly, city="Sherbrooke", access=all_access),
        _group(Format.ONLINE, access=[]),
        _group(Format.ONLINE, **dated, **weekly, access=[], awaiting_since=starts.date()),
    ]


def _group(form, **values):
    names = {"name": _("Name of the group"), "for_whom": _("For whom it is, in one sentence."), "slug": "exemple"}
    return Group(id=_id(9), format=form, zone=ZONE.key, language=get_language(), **names, **values)


def _meetings():
    starts = _evening(days=2)
    series = Series(rhythm=Rhythm.WEEKLY, first_on=starts.date())
    whole = {"series": series, "group_id": _id(9), "zone": ZONE.key, "ends_at": starts + timedelta(minutes=90)}
    return {
        "online": Meeting(id=_id(1), format=Format.ONLINE, starts_at=starts, **whole),
        "both": Meeting(id=_id(2), format=Format.BOTH, starts_at=starts, **whole),
        "cancelled": Meeting(id=_id(3), format=Format.IN_PERSON, starts_at=starts, cancelled_at=starts, **whole),
    }


def _cards():
    line, title = Secret(_("The first line of a story, as its author wrote it.")), Secret(_("A title"))
    feelings = [str(Feeling(code).label) for code in Feeling.values[:3]]
    return [
        _card(1, person=_person("Bouleau"), title=title, first_line=line, feelings=feelings),
        _card(2, person=_person("Tilleul"), first_line=line),
        _card(3, person=_person("Velours"), title=title, note=note_sentence(ContentNote.GRIEF), feelings=feelings[:1]),
        _card(4, title=title, first_line=line),
    ]


def _card(number, **values):
    nothing = {"person": None, "title": None, "first_line": None, "note": "", "feelings": [], "came_through": False}
    return Card(**nothing | values, id=_id(number), shared_on=today(), modified=False, opens=True, mine=False)


def _person(name):
    return Person(_id(PEOPLE[name]), Secret(name))


def _evening(days):
    return datetime.combine(today() + timedelta(days=days), time(19), ZONE)


def _id(number):
    """The same at each visit, so that names keep their pebbles."""
    return UUID(int=number)
