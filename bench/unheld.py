"""Settings that hold no answer back: what would show without members/timing.py."""

from entraide.settings import *  # noqa: F403

ANSWER_AFTER = PAGE_AFTER = 0
