"""What people type to sign up and to sign in, and staff about a helpline."""

import re

from allauth.account import forms as account
from allauth.core import context
from django import forms
from django.core.validators import URLValidator
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.fields import PlainText
from members import devices, limits
from members.models import Helpline, Region, SpokenLanguage, Way

TO_BE_CONFIRMED = _("Left empty, the page says: to be confirmed.")
DIALLED = re.compile(r"\+?[\d ().-]{2,20}")


class DeviceForm(forms.Form):
    """Asked of everybody who comes in, and nothing is preselected. Whatever is not "personal" counts as shared: no
    answer, and a wrong one, are no error."""

    marks_optional = False  # the hint says what no answer means

    device = forms.Field(
        label=_("This device is"),
        help_text=_(
            "On a shared device you are signed out when the browser closes, or after 30 minutes without use."
            " On a device of your own, after 14 days. No answer counts as shared."
        ),
        required=False,
        widget=forms.RadioSelect(
            choices=[("personal", _("mine, nobody else uses it")), ("shared", _("shared with others"))]
        ),
    )

    @property
    def is_personal(self) -> bool:
        return self.cleaned_data.get("device") == "personal"


class LoginForm(DeviceForm, limits.AsksForCode, account.LoginForm):
    address_field = "login"

    def login(self, request, redirect_url=None):
        devices.keep_answer(request.session, is_personal=self.is_personal)
        return super().login(request, redirect_url)


class SignupForm(DeviceForm, limits.AsksForCode, account.SignupForm):
    def try_save(self, request):
        """Tapped twice, the form sends one code: the second tap is led to it, for known and unknown addresses alike."""
        devices.keep_answer(request.session, is_personal=self.is_personal)
        pair = limits.from_here(request, self.cleaned_data["email"])
        if not limits.may(request, "sign_up_once", key=pair) and self.account_already_exists:
            return None, redirect("account_email_verification_sent")
        return super().try_save(request)


class NewAddressForm(account.AddEmailForm):
    """What is typed first, before the present address has said yes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].validators.append(limits.AS_LONG_AS_MAIL_TAKES)


class AddressForm(limits.AsksForCode, account.AddEmailForm):
    """One's new address. A taken one gets the same answers: only whoever reads its mail is told."""

    def clean(self):
        if not self.errors:  # before the address is counted: that is somebody else's, perhaps
            limits.in_measure(context.request, self, "new_address")
        return super().clean()


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        help_text=_("You can paste it. It is good for 20 minutes."),
        max_length=20,
        error_messages={"required": _("Write the six digits that the message holds.")},
        widget=forms.TextInput(
            attrs={"class": "e-w-code", "inputmode": "numeric", "maxlength": "7", "autocomplete": "one-time-code"}
        ),
    )


class HelplineForm(forms.ModelForm):
    name = PlainText(
        label=_("Name or number, as people read it"),
        help_text=_("For example: 9-8-8, or the name of the service."),
        max_length=60,
        error_messages={"required": _("Indicate the name or the number that people read.")},
    )
    number_or_address = PlainText(
        label=_("Number to dial, or address of the chat"),
        help_text=_("Digits for a call or a text message, an address that begins with https:// for a chat."),
        max_length=120,
        error_messages={"required": _("Indicate the number or the address.")},
    )
    in_danger = forms.BooleanField(label=_("It answers when a life is in danger"), required=False)
    hours_fr = PlainText(label=_("Hours, in French"), help_text=TO_BE_CONFIRMED, required=False, max_length=80)
    hours_en = PlainText(label=_("Hours, in English"), help_text=TO_BE_CONFIRMED, required=False, max_length=80)
    cost_fr = PlainText(label=_("Cost, in French"), help_text=TO_BE_CONFIRMED, required=False, max_length=80)
    cost_en = PlainText(label=_("Cost, in English"), help_text=TO_BE_CONFIRMED, required=False, max_length=80)
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"),
        choices=SpokenLanguage,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "chips"}),
    )
    source = PlainText(
        label=_("Where this is written"),
        help_text=_("The address of a page, or the name of a document. Seen by the welcome team only."),
        max_length=200,
        error_messages={"required": _("Say where this is written, so that somebody else can check it.")},
    )
    position = forms.IntegerField(
        label=_("Place in its region"),
        help_text=_("The smallest number comes first."),
        min_value=0,
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "e-w-short"}),
    )
    checked_today = forms.BooleanField(
        label=_("Checked today"),
        help_text=_("I called, wrote or looked it up today, and all of the above is right."),
        required=False,
    )

    class Meta:
        model = Helpline
        fields = [
            *("region", "way", "name", "number_or_address", "in_danger"),
            *("hours_fr", "hours_en", "cost_fr", "cost_en", "languages", "source", "position"),
        ]
        widgets = {"way": forms.RadioSelect}
        error_messages = {
            "region": {"required": _("Choose the region.")},
            "way": {"required": _("Choose how people reach it.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("Choose in the list")), *Region.choices]
        self.fields["way"].choices = Way.choices

    def clean(self):
        super().clean()
        way, typed = self.cleaned_data.get("way"), self.cleaned_data.get("number_or_address")
        if way == Way.CHAT and typed and not _is_address(typed):
            self.add_error("number_or_address", _("Write the whole address, for example https://suicide.ca/."))
        if way in (Way.CALL, Way.TEXT) and typed and not DIALLED.fullmatch(typed):
            self.add_error("number_or_address", _("Write the number with digits, for example 1 866 277-3553."))

    def save(self, commit=True):
        """A check is of what was written then: a line that changes and is not checked anew has not been checked."""
        if self.cleaned_data["checked_today"]:
            self.instance.checked_on = today()
        elif set(self.changed_data) - {"position"}:
            self.instance.checked_on = None
        return super().save(commit)


def _is_address(typed):
    try:
        URLValidator(schemes=["https"])(typed)
    except forms.ValidationError:
        return False
    return True
