"""What every template may use."""

from django.urls import translate_url
from django.utils.translation import get_language


def other_language(request):
    """The same page in the other language. A page that answered a POST is offered by its address alone."""
    if request.resolver_match is None:  # an address that is not ours must not become a link
        return {}
    other = "en" if get_language() == "fr" else "fr"
    return {"other_language": other, "other_language_url": translate_url(request.path, other)}
