"""Words of members pass through the code as secrets, and show themselves to a template only."""

import json
import logging
import sys
import traceback

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from entraide.lib.crypto import Secret
from entraide.lib.logs import JsonFormatter

WORDS = "Ce soir-là"


def test_a_secret_shows_itself_to_reveal_only():
    secret = Secret(WORDS)

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", str([secret]), str({"of": secret})]

    assert secret.reveal() == WORDS
    assert [text for text in shown if WORDS in text] == []
    with pytest.raises(TypeError):
        json.dumps({"of": secret})


def test_a_secret_stays_out_of_tracebacks_and_log_lines():
    def fail(words):
        raise ValueError(words)

    try:
        fail(Secret(WORDS))
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        page = ExceptionReporter(RequestFactory().get("/"), *sys.exc_info()).get_traceback_html()
        record = logging.LogRecord("entraide", logging.ERROR, "", 1, "seen: %s", (Secret(WORDS),), sys.exc_info())

    shown = {"traceback": "".join(told.format()), "page": page, "line": JsonFormatter().format(record)}

    assert "Secret(…)" in shown["traceback"]
    assert [where for where, text in shown.items() if WORDS in text] == []
