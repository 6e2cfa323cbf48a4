"""The secret of an authenticator application, sealed: a copy of the database holds no second factor of staff."""

from allauth.mfa.adapter import DefaultMFAAdapter

from groups import vault


class MfaAdapter(DefaultMFAAdapter):
    def encrypt(self, text):
        return vault.seal_second_factor(text)

    def decrypt(self, encrypted_text):
        return vault.open_second_factor(encrypted_text)
