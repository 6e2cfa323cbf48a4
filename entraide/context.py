"""What every template may use."""

from django.utils.translation import get_language

from entraide import look


def other_language(request):
    if request.resolver_match is None:  # an address that is not ours must not become a link
        return {}
    return in_the_other_language(request.path)


def in_the_other_language(path):
    """The same page in the other language. A page that answered a POST is offered by its address alone."""
    if get_language() == "fr":
        return {"other_language": "en", "other_language_url": f"/en{path}"}
    return {"other_language": "fr", "other_language_url": path.removeprefix("/en")}


def chosen_theme(request):
    return {"chosen_theme": look.chosen_theme(request)}
