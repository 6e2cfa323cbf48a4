"""What a browser is told to forget."""

from django.http import HttpResponse


def clear_site_data(response: HttpResponse, *what: str) -> HttpResponse:
    """`what` is "cookies", "storage" or both. Never "cache": Chrome may take many seconds over it, on a page that must
    be gone at once; and `no-store` keeps pages of members out of it anyway."""
    response["Clear-Site-Data"] = ", ".join(f'"{kind}"' for kind in what)
    return response
