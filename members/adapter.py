"""Our answers to the questions of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils import translation


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request, user, form, commit=True):
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit)

    def format_email_subject(self, subject):
        """No prefix: the subject of a mail names neither the site nor its topic."""
        return subject

    def get_from_email(self):
        return settings.DEFAULT_FROM_EMAIL
