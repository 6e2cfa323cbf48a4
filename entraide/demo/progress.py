"""What the person at the terminal sees: one line a step, with its time."""

import sys
import time
from contextlib import contextmanager, suppress


def say(text: str = "") -> None:
    with suppress(OSError):  # the terminal may be gone; stopping must go on
        print(text, flush=True)


@contextmanager
def step(label: str):
    begun = time.monotonic()
    with suppress(OSError):
        print(f"  {label} {'.' * (46 - len(label))} ", end="", flush=True)
    try:
        yield
    except BaseException:
        say("✗")
        raise
    say(f"{time.monotonic() - begun:4.1f} s")


def speak_any_terminal() -> None:
    """A terminal that cannot show an accent shows a question mark, and the demonstration goes on."""
    sys.stdout.reconfigure(errors="replace")
