"""All mail but reminders is written down here, in the transaction of what it tells, and sent by the worker
(members/delivering.py) once that is committed.

Address, language and what the words need are sealed for the worker: the web cannot read them back, and a known and an
unknown address cost it the same. What is about a row that holds an address for the worker says which row.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import connection, transaction

from entraide.lib import bell, keys

TASK = "send_mail_out"  # groups/tasks.py
WRITE = """
    insert into members_outgoingmail
        (id, kind, about, sealed, written_at, next_try, expires_at, hands, put_off, in_doubt)
    values (%s, %s, %s, %s, now(), now(), now() + %s, 0, 0, false)
"""


@dataclass(frozen=True)
class Kind:
    """`template` with `_subject.txt` and `_message.txt`. After `good_for` it is not worth sending any more."""

    template: str
    good_for: timedelta


_WITH_A_CODE = ("login_code", "email_confirmation", "email_confirmation_signup", "address_code", "erase_code")
_INSTEAD_OF_ONE = ("unknown_account", "account_already_exists")
CODE, NEWS = timedelta(minutes=20), timedelta(days=2)
KINDS = {
    **{name: Kind(f"account/email/{name}", CODE) for name in (*_WITH_A_CODE, *_INSTEAD_OF_ONE)},
    "email_changed": Kind("account/email/email_changed", NEWS),
    "notice": Kind("groups/email/notice", NEWS),  # the team has written to a proposer
    "answer": Kind("groups/email/answer", NEWS),  # somebody who waits before a door has news (groups/migrations/0019)
}


def write(kind: str, to: str, language: str, **parameters: str) -> None:
    pk = uuid4()
    payload = {"address": to, "language": language, "parameters": parameters}
    _write(pk, kind, None, keys.seal_for_worker(payload, "mail", pk))


def write_about(kind: str, row_id) -> None:
    """To whom, the worker finds with that row at the moment of sending (groups/notices.py), if they still want it."""
    _write(uuid4(), kind, row_id, b"")


def _write(pk, kind, about, sealed):
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [pk, kind, about, sealed, KINDS[kind].good_for])
    transaction.on_commit(partial(bell.ring, TASK), robust=True)
