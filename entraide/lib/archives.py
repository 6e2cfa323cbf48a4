"""One encrypted archive of tables (docs/decisions/0005). Knows the form of the file, and no table of ours.

    {"scheme": 1, …}                           what the archive is
    {"table": "…", "columns": ["…", …]}        one table: its rows as COPY writes them, then a line \\.
    {"end": 2}                                 how many tables there were

Compressed by gzip, encrypted by age to a public key whose other half is on no machine of the site. Written and read as
a stream: plain text never lies on a disk.
"""

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from threading import Thread

import pyrage
from pyrage.x25519 import Identity, Recipient

SCHEME = 1
# A withdrawn story is gone for good when its key is gone from the last archive: nothing is kept for longer.
KEEP = timedelta(days=30)
AGE_FILE = b"age-encryption.org/v1\n"
LAST_ROW = b"\\.\n"
LINES_AT_ONCE = 500


class Unreadable(Exception):
    """The file cannot be read; the text names it and says why."""


# --- Keys ----------------------------------------------------------------------------------------------------------


def make_identity(file: Path) -> str:
    """A new pair, kept as `age-keygen` writes it. Returns the public half. Raises FileExistsError."""
    identity = Identity.generate()
    public = str(identity.to_public())
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(f"# public key: {public}\n{identity}\n")
    return public


def read_identity(file: Path) -> Identity:
    try:
        [line] = [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
        return Identity.from_str(line.strip())
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise Unreadable(f"{file}: no identity of a backup key can be read there ({type(error).__name__}).") from None


def recipient(public: str) -> Recipient:
    """Raises ValueError."""
    try:
        return Recipient.from_str(public)
    except pyrage.RecipientError:
        raise ValueError("not the public half of a backup key (age1…)") from None


# --- Writing -------------------------------------------------------------------------------------------------------


class Writer:
    def __init__(self, stream, header: dict):
        self._stream, self._tables = stream, 0
        self._say({"scheme": SCHEME, **header})

    def table(self, name: str, columns: list[str], copy: Callable) -> None:
        """`copy` gets a file, to which it writes the rows."""
        self._say({"table": name, "columns": columns})
        copy(self._stream)
        self._stream.write(LAST_ROW)
        self._tables += 1

    def end(self) -> None:
        self._say({"end": self._tables})

    def _say(self, line):
        self._stream.write(json.dumps(line).encode() + b"\n")


@contextmanager
def writing(file: Path, to: Recipient, header: dict) -> Iterator[Writer]:
    """Whole and on the disk when this ends, gone when it fails. Raises OSError."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        try:
            with _encrypting(output, to) as stream, gzip.GzipFile(fileobj=stream, mode="wb") as plain:
                writer = Writer(plain, header)
                yield writer
                writer.end()
            output.flush()
            os.fsync(output.fileno())
        except BaseException:
            file.unlink()
            raise


@contextmanager
def _encrypting(output, to):
    """A file to write plain text into; age reads it at the other end."""
    drain, tap = _pipe()
    work = _InThread(lambda: pyrage.encrypt_io(drain, output, [to]), ends=drain)
    try:
        with tap:
            yield tap
    except BrokenPipeError:
        pass  # the thread has ended, and knows why
    finally:
        work.join()
    if work.error:
        raise OSError(str(work.error)) from None


def _pipe():
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")


class _InThread(Thread):
    """Does one thing, keeps the error, then closes its end of the pipe."""

    def __init__(self, act: Callable, ends):
        super().__init__(daemon=True)
        self._act, self._ends, self.error = act, ends, None
        self.start()

    def run(self):
        try:
            self._act()
        except Exception as error:
            self.error = error
        with suppress(OSError):
            self._ends.close()


# --- Reading -------------------------------------------------------------------------------------------------------


class Reader:
    def __init__(self, file: Path, stream):
        self.file, self._stream = file, stream
        self.header = self._hear()
        if self.header.get("scheme") != SCHEME:
            raise Unreadable(f"{file} is of scheme {self.header.get('scheme')}: this version reads {SCHEME}.")

    def tables(self) -> Iterator[tuple[str, list[str], "Rows"]]:
        """Name, columns and rows of each table. Rows that nobody read are passed over."""
        count = 0
        while "table" in (line := self._hear()):
            rows = Rows(self._stream)
            yield line["table"], line["columns"], rows
            for _line in rows:
                pass
            count += 1
        if line != {"end": count} or self._stream.read(1):
            raise Unreadable(f"{self.file} is altered or cut short.")

    def _hear(self):
        try:
            return dict(json.loads(self._stream.readline()))
        except (ValueError, TypeError):
            raise Unreadable(f"{self.file} is not an archive of entraide.") from None


class Rows:
    """What COPY … FROM STDIN reads; iterating gives its lines."""

    def __init__(self, stream):
        self._lines = iter(stream.readline, LAST_ROW)

    def __iter__(self):
        for line in self._lines:
            if not line:
                raise EOFError
            yield line

    def read(self, _size: int) -> bytes:
        """Some lines, more or less of this size; nothing at the end."""
        return b"".join(islice(self, LINES_AT_ONCE))


@contextmanager
def reading(file: Path, identity: Identity) -> Iterator[Reader]:
    """Raises Unreadable when something is wrong with the file: at once, or at the end of the last table."""
    with _opened(file) as source:
        drain, tap = _pipe()
        work = _InThread(lambda: _decrypt(file, source, tap, identity), ends=tap)
        try:
            with drain, gzip.GzipFile(fileobj=drain) as plain:
                yield from _with_the_first_cause(work, file, plain)
        finally:
            work.join()


def _with_the_first_cause(work, file, plain):
    try:
        yield Reader(file, plain)
    except Exception as error:
        if work.error:  # what the reader met came of it, or the reader stopped and nobody knows yet
            raise work.error from None
        if isinstance(error, EOFError | gzip.BadGzipFile | zlib.error):
            raise Unreadable(f"{file} is not an archive of entraide.") from None
        raise


def _opened(file):
    try:
        return file.open("rb")
    except OSError as error:
        raise Unreadable(f"{file} cannot be read ({type(error).__name__}).") from None


def _decrypt(file, source, output, identity):
    if source.read(len(AGE_FILE)) != AGE_FILE:
        raise Unreadable(f"{file} is not an archive of entraide.")
    source.seek(0)
    try:
        pyrage.decrypt_io(source, output, [identity])
    except pyrage.DecryptError:
        raise Unreadable(
            f"{file} does not open with this identity: it was encrypted to another key, or its beginning is damaged."
        ) from None
    except OSError:
        raise Unreadable(f"{file} is altered or cut short.") from None
