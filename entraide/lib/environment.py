"""Readers of environment variables that refuse nonsense and say which variable is wrong."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def read_file(variable: str) -> None:
    """Read KEY=value lines from the file that this variable names. Variables that are already set win."""
    path = os.environ.get(variable)
    if not path:
        return
    for line in Path(path).read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def text(variable: str, default: str | None = None) -> str:
    value = os.environ.get(variable) or default
    if value is None:
        raise ImproperlyConfigured(
            f"{variable} is not set. `bin/demo` sets everything for a trial; see docs/operations.md"
        )
    return value


def flag(variable: str) -> bool:
    value = os.environ.get(variable, "").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{variable}={value}: expected one of 1, 0, true, false, yes, no, on, off")
    return value in TRUE


def count(variable: str) -> int:
    value = os.environ.get(variable) or "0"
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{variable}={value}: expected a whole number")
    return int(value)


def words(variable: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(variable, default).split(",") if word.strip()]


def choice(variable: str, *choices: str) -> str:
    value = os.environ.get(variable) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{variable}={value}: expected one of {', '.join(choices)}")
    return value


def mail_settings(variable: str, default: str) -> dict:
    """smtp://[login:password@]host:port, smtps:// for TLS from the start, smtp+tls:// for STARTTLS."""
    url = urlsplit(text(variable, default))
    if url.scheme not in {"smtp", "smtps", "smtp+tls"} or not url.hostname:
        raise ImproperlyConfigured(f"{variable}: expected smtp://host:port")
    return {
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or 25,
        "EMAIL_HOST_USER": url.username or "",
        "EMAIL_HOST_PASSWORD": url.password or "",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
    }
