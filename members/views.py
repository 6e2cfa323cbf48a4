"""Changing one's address. Nothing changes before the code that the new one got comes back."""

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members.forms import AddressForm


@require_http_methods(["GET", "HEAD", "POST"])
def email(request):
    form = AddressForm(data=request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save(request)
        return redirect("account_email_verification_sent")
    return render(request, "account/email_change.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def email_cancel(request):
    request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    messages.success(request, _("Nothing was changed."))
    return redirect("my_space")
