"""Sessions in the database that a copy of the database cannot use: the row is found by a hash of the cookie and its
payload is sealed under a key made from the cookie.
"""

import base64
import json
from hashlib import sha256

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from entraide.lib.crypto import DoesNotOpen, derived_key, open_payload, seal_payload


class SessionStore(DatabaseStore):
    """The cookie is a random name of 165 bits. Only the browser has it."""

    def encode(self, session_dict):
        sealed = seal_payload(self._key(), session_dict, "django_session")
        return base64.b64encode(sealed).decode()

    def decode(self, session_data):
        try:
            return open_payload(self._key(), base64.b64decode(session_data), "django_session")
        except (DoesNotOpen, ValueError, json.JSONDecodeError):
            return {}

    def exists(self, session_key):
        return super().exists(_row_name(session_key))

    def delete(self, session_key=None):
        session_key = session_key or self.session_key
        if session_key:
            super().delete(_row_name(session_key))

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = _row_name(row.session_key)
        return row

    def _get_session_from_db(self):
        row = self.model.objects.filter(session_key=_row_name(self.session_key), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def _key(self):
        return derived_key(self._get_or_create_session_key().encode(), "session")


def _row_name(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()[:40]  # the width of Django's column
