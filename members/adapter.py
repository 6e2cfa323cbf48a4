"""Our answers to the questions of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import clear_authentication_records, get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from members import codes, devices, limits, outbox

TAKEN = _("Another account uses this address. Choose another one; or first sign in to that account, and erase it.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": codes.WRONG,
        "too_many_login_attempts": codes.USED_UP,
        "duplicate_email": _("This is your address already."),
        "email_taken": TAKEN,  # said only to whoever has typed the code that this address got
    }

    def is_ajax(self, request):
        """Nobody's script asks these pages: one kind of answer is enough to keep alike."""
        return False

    def pre_login(self, request, user, *, email=None, **kwargs):
        """A code opens for the address that it went to, as long as the account has that address."""
        user.hold()
        if email and email.lower() != user.email:
            _start_anew(request)
        return super().pre_login(request, user, email=email, **kwargs)

    def login(self, request, user):
        """The last step of every way in: a code, a new account, a second factor."""
        user.hold()
        if any(record.get("email", user.email) != user.email for record in get_authentication_records(request, user)):
            _start_anew(request)
        limits.remember_the_way_in(request, user.email)
        is_personal = devices.take_answer(request.session)  # first: the session of somebody else would be emptied
        super().login(request, user)
        devices.note_sign_in(request.session, request.headers.get("User-Agent", ""), is_personal=is_personal)

    def save_user(self, request, user, form, commit=True):
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:  # tapped twice: the first of the two has made the account and sent the code
            raise ImmediateHttpResponse(redirect("account_email_verification_sent")) from None

    def confirm_email(self, request, email_address):
        """Of a new account, or the new address of one that is there. The former address is told, at that address."""
        member = email_address.user
        member.hold()
        if email_address.email.lower() != member.email and request.user != member:
            _start_anew(request)  # only whoever is signed in changes an address
        former = member.email
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
        except IntegrityError:  # since the form looked, another account has taken it
            messages.error(request, TAKEN)
            raise ImmediateHttpResponse(redirect("account_email")) from None
        if confirmed and member.email != former:
            self.send_mail("account/email/email_changed", former, {"contact": settings.CONTACT_EMAIL})
            messages.success(request, _("Your address is changed. Codes and reminders go to the new one."))
        return confirmed

    def send_mail(self, template_prefix, email, context):
        """The worker sends it, once this request is kept: the same work here for every address and every mail."""
        said = {name: str(context[name]) for name in ("code", "contact") if name in context}
        outbox.write(template_prefix.rpartition("/")[2], email, translation.get_language(), **said)

    def send_account_already_exists_mail(self, email):
        """Without allauth's link to a password page: there are no passwords here."""
        self.send_mail("account/email/account_already_exists", email, {})


def _start_anew(request):
    """What was begun for a former address leads nowhere."""
    clear_login(request)
    clear_authentication_records(request)
    raise ImmediateHttpResponse(redirect("account_login"))
