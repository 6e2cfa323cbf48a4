"""Sessions that a copy of the database can neither use nor tie to a person or a device.

The row is found by a hash of the cookie, and its payload is sealed under a key made from the cookie. Whose it is stands
there as a keyed hash, what it runs on is sealed: these keys come from SECRET_KEY, so that somebody's other browsers can
be listed and closed without their cookies (members/devices.py).
"""

import base64
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY as MEMBER_ID
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.utils import timezone

from entraide.lib.crypto import DoesNotOpen, derived_key, keyed_hash, open_payload, seal_payload
from entraide.lib.prepared import Prepared
from members.models import Session

TABLE = Session._meta.db_table
IDLE = timedelta(minutes=30)  # how long a shared device stays signed in without a request
NOTED_EVERY = timedelta(minutes=5)  # a use is not written down more often: the 30 minutes may end up to 5 earlier


class SessionStore(DatabaseStore):
    """The cookie is a random name of 165 bits. Only the browser has it.

    A session on a device that somebody called their own has a set end (`set_expiry`). Any other one ends with the
    browser, and once somebody is signed in after IDLE.
    """

    model = Session
    is_unattended = False  # for as long as nobody asks but an open page by itself

    @property
    def is_personal(self) -> bool:
        return "_session_expiry" in self

    def get_session_cookie_age(self):
        return int(IDLE.total_seconds()) if MEMBER_ID in self else settings.SESSION_COOKIE_AGE

    def load(self):
        row = self._get_session_from_db()
        try:
            return self.decode(row.session_data) if row else {}
        except (DoesNotOpen, ValueError):
            self._session_key = None
            return {}

    def encode(self, session_dict):
        return base64.b64encode(seal_payload(self._key(), session_dict, TABLE)).decode()

    def decode(self, session_data):
        return open_payload(self._key(), base64.b64decode(session_data), TABLE)

    def exists(self, session_key):
        return Session.objects.filter(pk=row_name(session_key)).exists()

    def delete(self, session_key=None):
        session_key = session_key or self.session_key
        if session_key:
            Session.objects.filter(pk=row_name(session_key)).delete()

    def create_model_instance(self, data):
        row = Session(session_key=row_name(self._get_or_create_session_key()), session_data=self.encode(data))
        row.owner = owner_tag(data[MEMBER_ID]) if MEMBER_ID in data else ""
        _seal_device(row, {**data.get("device", {}), "personal": self.is_personal}, until=self.get_expiry_date())
        return row

    def _get_session_from_db(self):
        row = _standing.first(name=row_name(self.session_key), now=timezone.now())
        device = open_device(row) if row else None
        if device is None:
            self._session_key = None
            return None
        if row.owner and not device["personal"] and not self.is_unattended:
            _note_use(row, device)
        return row

    def _key(self):
        return derived_key(self._get_or_create_session_key().encode(), "session")


@Prepared
def _standing(*, name: str, now: datetime):
    return Session.objects.filter(pk=name, expire_date__gt=now)


def row_name(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()[:40]  # the width of Django's column


def owner_tag(member_id) -> str:
    return keyed_hash(_server_key("owner"), str(member_id)).hex()


def handle(row: Session) -> UUID:
    """The name of a session in addresses: it finds no row, in this table or in a copy of it."""
    return UUID(bytes=keyed_hash(_server_key("handle"), row.pk)[:16])


def open_device(row: Session) -> dict | None:
    """What is known of the device; None when the session is over, or when row or owner were changed by hand."""
    try:
        device = open_payload(_server_key("device"), row.device, TABLE, row.pk, row.owner)
    except DoesNotOpen:
        return None
    return device if datetime.fromisoformat(device["until"]) > timezone.now() else None


def _seal_device(row, device, until):
    """The end to the second stands inside. What the table shows is an hour, which tells no minute of a sign-in."""
    row.expire_date = until.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    device = {**device, "until": until.isoformat()}
    row.device = seal_payload(_server_key("device"), device, TABLE, row.pk, row.owner)


def _note_use(row, device):
    """The payload stays as it is, so that no answer of a request beside this one is lost. Written after the request's
    transaction: a slow page must not hold a lock on what another browser is about to close."""
    until = timezone.now() + IDLE
    if until - datetime.fromisoformat(device["until"]) < NOTED_EVERY:
        return
    unchanged = Session.objects.filter(pk=row.pk, device=row.device)
    _seal_device(row, device, until)
    note = partial(unchanged.update, device=row.device, expire_date=row.expire_date)
    transaction.on_commit(note, robust=True)


def _server_key(purpose):
    return derived_key(settings.SECRET_KEY.encode(), f"session {purpose}")
