"""What django-allauth asks for and this site answers in its own way."""

from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
def email(request):
    """allauth sends a signed-in person here who opens a page of codes again. Changing the address is not offered yet:
    it has to be sealed anew for every membership."""
    return redirect("my_space")
