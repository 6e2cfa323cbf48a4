"""Light or dark, as a person chose it for this device. One cookie with one of two words; automatic leaves none."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

COOKIE = "theme"
AUTO, LIGHT, DARK = "auto", "light", "dark"
THEMES = [(AUTO, _("Automatic")), (LIGHT, _("Light")), (DARK, _("Dark"))]
DAYS_KEPT = 365


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(
        label=_("Colours of the pages"),
        help_text=_("Automatic follows the setting of your device."),
        choices=THEMES,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )


def chosen_theme(request) -> str:
    """ "light", "dark", or nothing: then the device decides."""
    theme = request.COOKIES.get(COOKIE)
    return theme if theme in (LIGHT, DARK) else ""


def theme_form(request) -> ThemeForm:
    return ThemeForm(initial={"theme": chosen_theme(request) or AUTO})


def keep_theme(response, theme) -> None:
    if theme == AUTO:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        theme,
        max_age=DAYS_KEPT * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
