"""Form fields that take what people type: hours, days, and text without hidden signs."""

import unicodedata
from datetime import date, time

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from entraide.lib import times

_KEPT_CONTROLS = {"\n", "\t"}
# They turn the order of what follows: a name could then show as another one.
_ORDER_CONTROLS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and signs by their category, and yet nothing to see; the last one stands for bytes that are no text.
_BLANKS = set("\u115f\u1160\u2800\u3164\uffa0\ufffd")


class PlainText(forms.CharField):
    """Text that anyone can see and that any database keeps: no control signs, at least one visible one.

    Line breaks are kept in a textarea only, each as one sign, so that a limit counts the same everywhere.
    """

    default_error_messages = {
        "hidden_sign": _("This text holds a hidden sign that cannot be kept. Please type it by hand."),
        "nothing_visible": _("Nothing shows in this text. Write at least one letter or one digit."),
    }

    def to_python(self, value):
        if value in self.empty_values:
            return self.empty_value
        text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")
        # Before strip(), which takes some control signs for spaces.
        if any(self._is_hidden(sign) for sign in text.strip(" \n\t")):
            raise ValidationError(self.error_messages["hidden_sign"], code="hidden_sign")
        text = super().to_python(text)
        if text not in self.empty_values and not any(_is_visible(sign) for sign in text):
            raise ValidationError(self.error_messages["nothing_visible"], code="nothing_visible")
        return text

    def _is_hidden(self, sign: str) -> bool:
        if sign in _KEPT_CONTROLS:
            return not isinstance(self.widget, forms.Textarea)
        return sign in _ORDER_CONTROLS or unicodedata.category(sign) in ("Cc", "Cs")


class AtMost(MaxLengthValidator):
    """It says by how many characters a text is too long. No browser is told, so that the whole of it comes back."""

    def __call__(self, value):
        length, limit = len(value), self.limit_value
        if length > limit:
            words = ngettext(
                "One character too many: this text has %(length)d, and there is room for %(limit)d.",
                "%(excess)d characters too many: this text has %(length)d, and there is room for %(limit)d.",
                length - limit,
            )
            numbers = {"excess": length - limit, "length": length, "limit": limit}
            raise ValidationError(words, code="max_length", params=numbers)


class _TypedField(forms.Field):
    """A text input read by a parser, which raises ValueError."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "class": "e-w-short"})

    def to_python(self, value):
        if isinstance(value, date | time):
            return value
        value = str(value).strip() if value is not None else ""
        if not value:
            return None
        try:
            return self.parse(value)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value):
        return self.write(value) if isinstance(value, date | time) else value

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class HumanTimeField(_TypedField):
    """19 h 30, 19h30, 19:30, 7:30 pm."""

    default_error_messages = {
        "required": _("Write the time, for example 7:30 p.m. or 19:30."),
        "invalid": _("Write the time, for example 7:30 p.m. or 19:30."),
    }
    parse = staticmethod(times.parse_time)
    write = staticmethod(times.clock)


class HumanDateField(_TypedField):
    """24/11/2026, 2026-11-24, 24 novembre 2026, November 24, 2026."""

    default_error_messages = {
        "required": _("Write the date, for example 24/11/2026 or November 24, 2026."),
        "invalid": _("Write the date, for example 24/11/2026 or November 24, 2026."),
    }
    parse = staticmethod(times.parse_date)

    @staticmethod
    def write(value: date) -> str:
        in_french = (translation.get_language() or "fr").startswith("fr")
        return f"{value:%d/%m}/{value.year:04}" if in_french else value.isoformat()


class ZoneField(forms.ChoiceField):
    """An old name of a zone is the zone, before it is looked for among the choices."""

    def to_python(self, value):
        return self.prepare_value(super().to_python(value))

    def prepare_value(self, value):
        try:
            return times.canonical_zone(value)
        except ValueError:
            return value


def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANKS
