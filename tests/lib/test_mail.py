"""One conversation for many mails, with real mail servers that are rude, slow or silent."""

import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from entraide.lib import mail

WORDS = b"Subject: fine\r\n\r\n.one\r\nlast\r\n"
ANSWERS = {
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 kept",
    "RSET": "250 ok",
}


class Server:
    """Answers each command from a list, the last one for good; None hangs up, "silent" says nothing."""

    def __init__(self, **answers):
        self.answers = {name: [text] for name, text in ANSWERS.items()} | {k: list(v) for k, v in answers.items()}
        self.heard, self.conversations, self.mails = [], 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            self.conversations += 1
            threading.Thread(target=self.converse, args=[one], daemon=True).start()

    def converse(self, one):
        with suppress(OSError), one, one.makefile("rb") as lines:
            one.sendall(b"220 hello\r\n")
            for line in lines:
                name = line.split()[0].decode().upper()
                if not self.answer(one, name):
                    return
                if name == "DATA" and self.said.startswith("354"):
                    self.mails.append(b"".join(iter(lines.readline, b".\r\n")))
                    if not self.answer(one, "."):
                        return

    def answer(self, one, name):
        self.heard.append(name)
        known = self.answers.get(name, ["500 what"])
        self.said = known.pop(0) if len(known) > 1 else known[0]
        if self.said not in (None, "silent"):
            one.sendall(f"{self.said}\r\n".encode())
        return self.said is not None


@pytest.fixture
def posting(settings):
    @contextmanager
    def post(patience=2, **answers):
        server = Server(**{{"_": "."}.get(name, name): answer for name, answer in answers.items()})
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1
        with mail.Post(patience) as one:
            yield one, server
        server.listener.close()

    return post


def test_many_mails_go_over_one_conversation(posting):
    with posting() as (post, server):
        codes = [post.send(f"{number}@people.example", WORDS) for number in range(3)]

    assert codes == [250, 250, 250]
    assert (server.conversations, len(server.mails)) == (1, 3)
    assert server.mails[0] == b"Subject: fine\r\n\r\n..one\r\nlast\r\n"


@pytest.mark.parametrize("code", [451, 550])
def test_a_refused_recipient_leaves_the_conversation_fit_for_the_next(posting, code):
    with posting(RCPT=[f"{code} no", "250 ok"]) as (post, server):
        with pytest.raises(mail.Refused) as refused:
            post.send("one@people.example", WORDS)
        post.send("two@people.example", WORDS)

    assert (refused.value.code, refused.value.at_recipient, refused.value.is_final) == (code, True, code == 550)
    assert not post.in_doubt
    assert (server.conversations, server.heard.count("RSET"), len(server.mails)) == (1, 1, 1)


@pytest.mark.parametrize("where", ["DATA", "_"])
def test_refused_words_are_no_fault_of_the_recipient_and_in_no_doubt(posting, where):
    with posting(**{where: ["554 not these", ANSWERS.get(where, "250 kept")]}) as (post, server):
        with pytest.raises(mail.Refused) as refused:
            post.send("one@people.example", WORDS)
        post.send("two@people.example", WORDS)

    assert (refused.value.code, refused.value.at_recipient, post.in_doubt) == (554, False, False)
    assert server.conversations == 1


@pytest.mark.parametrize("mood", [None, "silent"])
def test_who_hangs_up_or_falls_silent_after_the_dot_leaves_a_doubt(posting, mood):
    with posting(_=[mood, "250 kept"]) as (post, server):
        with pytest.raises(OSError):
            post.send("one@people.example", WORDS)
        doubt = post.in_doubt
        post.send("two@people.example", WORDS)

    assert (doubt, post.in_doubt) == (True, False)
    assert server.conversations == 2


@pytest.mark.parametrize("where", ["RCPT", "DATA", "_"])
@pytest.mark.parametrize("answer", ["what?", "-12 no", "99 no"])
def test_an_answer_that_is_none_ends_the_conversation_and_is_no_refusal(posting, where, answer):
    with posting(**{where: [answer, ANSWERS.get(where, "250 kept")]}) as (post, server):
        with pytest.raises(OSError):
            post.send("one@people.example", WORDS)
        doubt = post.in_doubt
        post.send("two@people.example", WORDS)

    assert (doubt, server.conversations) == (where == "_", 2)


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("mood", [None, "silent"])
def test_before_the_dot_there_is_no_doubt(posting, where, mood):
    with posting(patience=0.3, **{where: [mood, ANSWERS[where]]}) as (post, _):
        with pytest.raises(OSError):
            post.send("one@people.example", WORDS)
        doubt = post.in_doubt
        code = post.send("two@people.example", WORDS)

    assert (doubt, code) == (False, 250)


@pytest.mark.parametrize("mood", [None, "421 enough"])
def test_a_server_that_has_had_enough_of_a_conversation_gets_another(posting, mood):
    with posting(MAIL=["250 ok", mood, "250 ok"]) as (post, server):
        for number in range(3):
            post.send(f"{number}@people.example", WORDS)

    assert (server.conversations, len(server.mails)) == (2, 3)


@pytest.mark.parametrize(
    "address", ["one@people.example>\r\nRCPT TO:<x@y", "é@people.example", "one two@people.example", ""]
)
def test_an_address_that_would_end_a_command_is_refused_before_it_is_said(posting, address):
    with posting() as (post, server), pytest.raises(mail.Refused) as refused:
        post.send(address, WORDS)

    assert (refused.value.at_recipient, refused.value.is_final, server.heard) == (True, True, [])
