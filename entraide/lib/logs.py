"""Log lines that cannot leak: our own records carry chosen fields, everybody else's only where they came from."""

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path

from django.urls import Resolver404, resolve

OWN_LOGGER = "entraide"
CHECKOUT = Path(__file__).resolve().parents[2]
SERVER_ERROR = 500


class JsonFormatter(logging.Formatter):
    """An exception shows as its class, file and line, with the route and the id of its request. Messages of other
    libraries are left out whole: an exception text or a "not found" line quotes what people typed."""

    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
        }
        if is_error(record):
            line["event"] = "error"
        if record.name.split(".")[0] == OWN_LOGGER:
            line["event"] = record.getMessage()
            line.update(getattr(record, "fields", {}))
        else:
            line["from"] = f"{record.name}:{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0]:
            line |= _exception(record)
        return json.dumps(line, ensure_ascii=False)


def is_error(record: logging.LogRecord) -> bool:
    """Whether the record is of an exception that nobody handled. A request that we refused is none of ours."""
    has_exception = bool(record.exc_info and record.exc_info[0])
    return has_exception and record.levelno >= logging.ERROR and getattr(record, "status_code", 500) >= SERVER_ERROR


class _Dry:
    """What Python writes when a line cannot be written quotes the line: only that one was lost is said."""

    def handleError(self, record):  # noqa: N802  (the name that logging calls)
        failure = sys.exc_info()[0]
        with suppress(OSError, ValueError):  # nowhere to say it either: the request goes on
            print(json.dumps({"event": "log_line_lost", "exception": failure.__name__}), file=sys.stderr)


class StderrHandler(_Dry, logging.StreamHandler):
    pass


class ErrorsHandler(_Dry, WatchedFileHandler):
    """Appends each unhandled exception to a file of one account, opened at the first of them; it may be rotated."""

    def __init__(self, filename):
        super().__init__(filename, encoding="utf-8", delay=True)
        self.addFilter(is_error)

    def emit(self, record):
        try:
            super().emit(record)
        except OSError:  # the file cannot be opened: a full disk must not break the request a second time
            self.handleError(record)

    def _open(self):
        return open(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")


def log(event: str, level: int = logging.INFO, **fields) -> None:
    """Fields are ids, counts, route names and durations; never words that a person wrote."""
    logging.getLogger(OWN_LOGGER).log(level, event, extra={"fields": fields})


def route_name(request) -> str:
    """The name of the address, never the address with its ids and query string."""
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "unknown"
    return match.view_name


def _exception(record):
    kind, _, traceback = record.exc_info
    file, line = _place(traceback)
    return {"exception": kind.__name__, "file": file, "line": line, **_work(record)}


def _place(traceback):
    """Where it broke in our own code, or, when none of ours was running, where it broke."""
    places = []
    while traceback:
        places.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    own = [place for place in places if _is_own(place[0])]
    file, line = (own or places or [("unknown", 0)])[-1]
    return _relative(file), line


def _is_own(file):
    return Path(file).is_relative_to(CHECKOUT) and "site-packages" not in file


def _relative(file):
    """To this checkout, or to the folder that Python found it in: whose home the code lies in is nobody's business."""
    for folder in sorted({str(CHECKOUT), *filter(None, sys.path)}, key=len, reverse=True):
        if Path(file).is_relative_to(folder):
            return str(Path(file).relative_to(folder))
    return Path(file).name


def _work(record):
    """The request or the task that broke."""
    request, task = getattr(record, "request", None), getattr(record, "data", None)
    if request is not None:
        return {"route": route_name(request), "id": getattr(request, "id", "")}
    if isinstance(task, dict):
        return {"route": task.get("name"), "id": task.get("id")}
    return {}
