"""Our answers to the questions of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code of the last message. Look at it again, or ask for a new one."),
    }

    def save_user(self, request, user, form, commit=True):
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit)

    def send_account_already_exists_mail(self, email):
        """Without allauth's link to a password page: there are no passwords here."""
        self.send_mail("account/email/account_already_exists", email, {})

    def format_email_subject(self, subject):
        """No prefix: the subject of a mail names neither the site nor its topic."""
        return subject

    def get_from_email(self):
        return settings.DEFAULT_FROM_EMAIL
