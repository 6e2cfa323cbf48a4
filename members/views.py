"""What django-allauth asks for and this site answers in its own way: changing one's address, which waits for the code
that the new one got; signing out; and the list of one's devices."""

from allauth.account import views as account
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide.lib.site_data import clear_site_data
from members import devices as browsers
from members.codes import OwnCode
from members.forms import AddressForm, CodeForm, DeviceForm, NewAddressForm
from members.limits import in_measure


@require_http_methods(["GET", "HEAD", "POST"])
def email(request):
    """The present address says yes first: a telephone left open in other hands is not enough to take an account."""
    form = NewAddressForm(data=request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid() and in_measure(request, form, "own_code"):
        OwnCode.start(request, "address", address=form.cleaned_data["email"])
        return redirect("account_email_code")
    return _email_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def email_code(request):
    code = OwnCode.waiting(request, "address")
    if code is None:
        return redirect("account_email")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and code.opens_with(form):
        return _ask_the_new_one(request, code.chosen["address"])
    context = {"form": form, **code.chosen, "contact": settings.CONTACT_EMAIL}
    return render(request, "account/email_code.html", context, status=422 if form.errors else 200)


def _ask_the_new_one(request, address):
    form = AddressForm(data={"email": address}, user=request.user)
    if not form.is_valid():
        return _email_page(request, form)
    form.save(request)
    return redirect("account_email_verification_sent")


def _email_page(request, form):
    return render(request, "account/email_change.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def email_cancel(request):
    request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    messages.success(request, _("Nothing was changed."))
    return redirect("my_space")


@login_not_required
@require_safe
def request_login_code(request):
    """allauth's second way to ask for a code. There is one form for it here, which also asks about the device."""
    return redirect("account_login")


@login_not_required
def sign_out(request):
    was_inside = request.user.is_authenticated
    response = account.logout(request)
    if was_inside and not request.user.is_authenticated:
        clear_site_data(response, "cookies", "storage")
    return response


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def signed_out(request, everywhere=False):
    """A page and not a message: a message waits in a session, and the browser was told to forget every cookie."""
    return render(request, "signed_out.html", {"everywhere": everywhere})


@require_safe
def devices(request):
    form = DeviceForm(initial={"device": "personal" if request.session.is_personal else "shared"})
    every = browsers.open_devices(request.user, here=request.session.session_key)
    return render(request, "devices.html", {"devices": every, "form": form})


@require_POST
def this_device(request):
    form = DeviceForm(request.POST)
    form.is_valid()  # any answer but "personal" counts as shared, none too
    browsers.declare(request.session, is_personal=form.is_personal)
    messages.success(request, _("It is done. Your choice holds for this device."))
    return redirect("devices")


@require_POST
def close_device(request, did):
    if not browsers.close_device(request.user, did, but=request.session.session_key):
        raise Http404
    messages.success(request, _("It is closed. To open your space there again, a new code is needed."))
    return redirect("devices")


@require_POST
def close_other_devices(request):
    browsers.close_sessions(request.user, but=request.session.session_key)
    messages.success(request, _("All the others are closed. Your space is open here only."))
    return redirect("devices")


@require_POST
def close_every_device(request):
    browsers.close_sessions(request.user)
    logout(request)
    return clear_site_data(redirect("signed_out_everywhere"), "cookies", "storage")
