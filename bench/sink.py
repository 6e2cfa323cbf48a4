"""A mail server that notes each mail with its moment, and behaves as it is told: python -m bench.sink PORT FILE MOOD

fine             takes everything
count            the same, and notes recipients and moments only
unhurried        takes 50 ms for each mail
slow             takes a fifth of a second for each mail
slow-one         takes a second for the recipients whose number ends in 7
later-rcpt       451 at the first RCPT of each address, then fine
later-data       451 at the first DATA of each address, then fine
never-rcpt       550 at RCPT for the recipients whose number ends in 7
never-data       554 at DATA for the recipients whose number ends in 7
silent           takes the words of two mails and answers nothing
hangs-up         takes the words of every tenth mail and closes without an answer

Each mail that it takes becomes a line of JSON in FILE *before* the answer: what is noted may reach its recipient, even
if the sender never learns it.
"""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP

from entraide.lib.processes import LOOPBACK

FINE = "250 fine"
MARKED = re.compile(r"7@")
SILENCES = 2
PAUSES = {"unhurried": 0.05, "slow": 0.2}  # seconds


class Sink:
    def __init__(self, file: str, mood: str):
        self.file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.mood, self.seen = mood, Counter()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  (aiosmtpd's names)
        answer = FINE
        if self.mood == "later-rcpt" and self._is_first(address):
            answer = "451 come back"
        elif self.mood == "never-rcpt" and MARKED.search(address):
            answer = "550 nobody here"
        elif self.mood == "slow-one" and MARKED.search(address):
            await asyncio.sleep(1)
        if answer == FINE:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        address = envelope.rcpt_tos[0]
        if self.mood == "later-data" and self._is_first(address):
            return "451 come back"
        if self.mood == "never-data" and MARKED.search(address):
            return "554 not these words"
        if self.mood in PAUSES:
            await asyncio.sleep(PAUSES[self.mood])
        self._note(envelope)
        self.seen["all"] += 1
        if self.mood == "silent" and 5 <= self.seen["all"] < 5 + SILENCES:
            await asyncio.sleep(3600)
        if self.mood == "hangs-up" and self.seen["all"] % 10 == 0:
            server.transport.abort()
        return FINE

    def _is_first(self, address):
        self.seen[address] += 1
        return self.seen[address] == 1

    def _note(self, envelope):
        mail = {"at": time.time(), "to": envelope.rcpt_tos[0]}
        if self.mood != "count":
            words = message_from_bytes(envelope.content, policy=default)
            text = words.get_body(("plain",)).get_content()
            mail |= {"subject": words["Subject"], "id": words["Message-ID"], "date": words["Date"], "text": text}
        os.write(self.file, f"{json.dumps(mail)}\n".encode())


async def serve(port: int, file: str, mood: str) -> None:
    loop, ended, sink = asyncio.get_running_loop(), asyncio.Event(), Sink(file, mood)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(lambda: SMTP(sink, enable_SMTPUTF8=True, loop=loop), LOOPBACK, port)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
