"""The fields of a public sheet and what holds for them, whoever types them: somebody who proposes a group
(proposal_forms.py) or members who change theirs (decision_forms.py). A form copies the fields that it takes."""

from itertools import zip_longest

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from entraide.lib.fields import PlainText
from groups.founding import is_name_free
from groups.models import Access, Format, Group
from groups.models.group import MOST_ADDITIONS
from groups.money import words_that_ask_for_money

NAME_TAKEN = _("Another group already has this name, or one that looks like it. Choose another one.")
ASKS_FOR_MONEY = _(
    "Here help is free: no group asks for money, be it a fee, a contribution or a suggested gift."
    " Say it without “{words}”."
)
ADDITIONS = tuple(f"addition_{number}" for number in range(1, MOST_ADDITIONS + 1))


def few_lines(rows, **attrs):
    return forms.Textarea(attrs={"rows": rows, "class": "e-plain", **attrs})


def name_field(*, help_text, required):
    return PlainText(
        label=_("Name of the group"),
        help_text=help_text,
        max_length=60,
        error_messages={"required": required},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


FOR_WHOM = PlainText(
    label=_("For whom"),
    help_text=_("One or two sentences, seen by everybody. For example: for people who take care of a parent."),
    max_length=220,
    error_messages={"required": _("Say in one sentence for whom the group is.")},
    widget=few_lines(2),
)
DESCRIPTION = PlainText(
    label=_("How this circle is"),
    help_text=_("A few sentences, seen by everybody."),
    required=False,
    max_length=500,
    widget=few_lines(4),
)
CITY = PlainText(
    label=_("City or neighbourhood"),
    help_text=_("For meetings in person. Never an exact address: that is for members."),
    required=False,
    max_length=80,
)
ACCESS = forms.MultipleChoiceField(
    label=_("Access"), choices=Access, required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "chips"})
)


def free_name(name: str, group: Group | None = None) -> str:
    """For clean_name(): `group` may keep its own."""
    if not is_name_free(name, group):
        raise forms.ValidationError(NAME_TAKEN)
    return name


class AsksForNoMoney:
    """For a form. What everybody would read of it may ask nobody for money."""

    public = ()

    def clean(self):
        cleaned = super().clean()
        for name in self.public:
            if asked := words_that_ask_for_money(cleaned.get(name) or ""):
                self.add_error(name, format_lazy(ASKS_FOR_MONEY, words=asked))
        return cleaned


class InACity:
    """For a form with `format` and `city`: whoever meets in person says where."""

    def clean(self):
        words = self.cleaned_data
        if words.get("format") == Format.ONLINE:
            words["city"] = ""
        elif words.get("format") and not words.get("city") and "city" not in self.errors:
            self.add_error("city", _("Indicate the city, so that people know whether they can come."))
        return super().clean()


class WithAdditions:
    """For a form: what the group adds to the charter, a sentence in each field."""

    public = ADDITIONS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number, name in enumerate(ADDITIONS, 1):
            self.fields[name] = PlainText(
                label=format_lazy(_("Addition {number}"), number=number), required=False, max_length=160
            )

    @property
    def additions(self) -> list[str]:
        """Each once."""
        said = (self.cleaned_data.get(name) for name in ADDITIONS)
        return list(dict.fromkeys(filter(None, said)))


def typed_additions(additions: list[str]) -> dict[str, str]:
    """What somebody would have typed to add these."""
    return dict(zip_longest(ADDITIONS, additions, fillvalue=""))
