"""What every template may use."""

from django.urls import translate_url
from django.utils.translation import get_language

from entraide import look


def other_language(request):
    if request.resolver_match is None:  # an address that is not ours must not become a link
        return {}
    return in_the_other_language(request.path)


def in_the_other_language(path):
    """The same page in the other language. A page that answered a POST is offered by its address alone."""
    other = "en" if get_language() == "fr" else "fr"
    return {"other_language": other, "other_language_url": translate_url(path, other)}


def chosen_theme(request):
    return {"chosen_theme": look.chosen_theme(request)}
