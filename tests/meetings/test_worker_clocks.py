"""Clocks that jump: nobody is written to until they agree, or until somebody who has looked says which is right."""

import pytest

from tests import makers
from tests.mailbox import mails_to

HOUR_OFF = "import time; real = time.time; time.time = lambda: real() + {}"
BACK = "time.time = real"


@pytest.fixture
def member(gathering):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    return member


def remembered(changes):
    makers.as_superuser(f"update meetings_workerclock set {changes}")


@pytest.fixture
def ticked(committed, tick):
    """The worker has looked once before."""
    tick()


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_machine_that_does_not_agree_with_the_database_sends_nothing(member, worker, tick, seconds):
    worker(HOUR_OFF.format(seconds))
    try:
        counts = tick()
    finally:
        worker(BACK)

    assert (counts, mails_to(member.email)) == ({}, [])
    assert tick() == {"derived": 1, "sent": 1}


@pytest.mark.parametrize(
    "jump",
    [
        "at = at + interval '1 hour', boot = 'another'",  # backwards: some machine looked later than now
        "at = at - interval '26 hours'",  # forwards: this machine has not gone on for so long
    ],
)
def test_a_jump_sends_nothing_until_somebody_says_that_the_clock_is_right(ticked, member, worker, tick, jump):
    remembered(jump)

    stopped = [tick(), tick()]
    after = worker("call_command('send_due_reminders', trust_the_clock=True)")

    assert stopped == [{}, {}]
    assert after == {"derived": 1, "sent": 1}
    assert len(mails_to(member.email)) == 1


def test_everything_stopped_for_26_hours_is_no_jump(ticked, member, tick):
    remembered("at = at - interval '26 hours', since_boot = since_boot - 26 * 3600")

    assert tick() == {"derived": 1, "sent": 1}


def test_a_machine_that_was_started_anew_after_26_hours_is_no_jump(ticked, member, tick):
    remembered("at = at - interval '26 hours', boot = 'before'")

    assert tick() == {"derived": 1, "sent": 1}


def test_a_minute_of_difference_is_nothing(ticked, member, tick):
    remembered("at = at - interval '1 minute'")

    assert tick() == {"derived": 1, "sent": 1}
