"""`python -m entraide.demo.smtp PORT FOLDER`: a mail server that delivers nothing.

Each mail becomes one .eml file in FOLDER; the names sort by arrival. The tests use it as well.
"""

import asyncio
import itertools
import os
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP

from entraide.lib.processes import LOOPBACK


class Mailbox:
    """The envelope is kept in two X- headers: the To: line of a mail need not be the truth."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.numbers = itertools.count()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd looks for this name)
        name = f"{time.time_ns():020d}-{next(self.numbers):06d}"
        unfinished = self.folder / f"{name}.part"
        header = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n"
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(header.encode() + envelope.content)
        unfinished.rename(self.folder / f"{name}.eml")  # readers never see half a mail
        return "250 kept"


async def serve(port: int, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    mailbox, loop, ended = Mailbox(folder), asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await loop.create_server(lambda: SMTP(mailbox, enable_SMTPUTF8=True, loop=loop), LOOPBACK, port)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
