"""Log lines that cannot leak: our own records carry chosen fields, everybody else's only where they came from."""

import json
import logging
from datetime import UTC, datetime

OWN_LOGGER = "entraide"


class JsonFormatter(logging.Formatter):
    """An exception shows as its class, file and line. Messages of other libraries are left out whole: an exception
    text or a "not found" line quotes what people typed."""

    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
        }
        if record.name.split(".")[0] == OWN_LOGGER:
            line["event"] = record.getMessage()
            line.update(getattr(record, "fields", {}))
        else:
            line["from"] = f"{record.name}:{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = _innermost(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _innermost(traceback):
    while traceback.tb_next:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"


def log(event: str, level: int = logging.INFO, **fields) -> None:
    """Fields are ids, counts, route names and durations; never words that a person wrote."""
    logging.getLogger(OWN_LOGGER).log(level, event, extra={"fields": fields})
