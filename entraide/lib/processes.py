"""Child processes that end when this one ends, and the ports that they listen on."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Another process can take it before it is used: who starts a server tries again once."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def is_port_free(port: int) -> bool:
    # macOS lets us bind beside a server that listens on all addresses: only a connection tells
    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def start(
    arguments: list, log: Path, *, parting_signal: int = signal.SIGTERM, shows_output: bool = False, **options
) -> subprocess.Popen:
    """Start a child in a session of its own: Ctrl-C reaches the parent alone, which decides the order.

    Its output goes to `log`, begun anew. On Linux it gets `parting_signal` even when its parent is killed.
    """
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        return subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=None if shows_output else output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent(parting_signal),
            **options,
        )


def _die_with_parent(number: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask_the_kernel():  # after the change of account, which would forget it, and before the program
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def stop(child: subprocess.Popen, number: int, patience: float) -> None:
    """Ask with a signal, wait, then kill. What the child started itself and left behind is killed as well."""
    if child.poll() is None:
        child.send_signal(number)
    await_end(child, time.monotonic() + patience)


def await_end(child: subprocess.Popen, deadline: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        child.wait(max(deadline - time.monotonic(), 0.01))
    with suppress(ProcessLookupError, PermissionError):  # macOS: "not permitted" when only zombies are left
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def last_lines(log: Path, count: int = 12) -> str:
    with suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""
