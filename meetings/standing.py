"""How the mails stand: numbers for whoever runs the place, of nobody and of no group."""

from dataclasses import dataclass
from datetime import timedelta

from entraide.lib.sql import answer, answers

LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Standing:
    """Of the ledger, which keeps a row for 30 days after its meeting; then of the outbox. Seconds, or None."""

    due: int
    sent: int
    expired: int
    failed: int
    in_doubt: int
    a_minute: float  # over the last hour
    late_p95: int | None  # of those sent in the last day: from due to handed over
    waiting: int
    doubtful: int
    oldest_due: int | None  # of both; what no worker has looked for is due too

    @property
    def is_late(self) -> bool:
        return _is_late(self.oldest_due)


def now() -> Standing:
    return Standing(*answers("select * from app.how_mails_stand()")[0])


def is_late() -> bool:
    """Whether something has been due for more than ten minutes: the worker is away, or the mail server."""
    return _is_late(answer("select app.oldest_due_mail()"))


def _is_late(seconds):
    return seconds is not None and seconds > LATE.total_seconds()
