"""The rows of a list, one at a time: a list of any length takes the memory of its longest row."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TextIO

LARGEST = 200 * 2**20  # bytes
LONGEST_ROW = 16 * 2**20  # characters
CHUNK = 2**16  # characters
BLANK = " \t\r\n"
AFTER_A_ROW = {*BLANK, ",", "]"}


class NotAList(Exception):
    """The file cannot be read as a list; the text says why, in one line."""


def rows_of(path: Path) -> Iterator[object]:
    """Each element of the JSON list in this file. Raises NotAList, also in the middle."""
    _refuse_unfit(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _elements(_Text(file))
    except UnicodeDecodeError:
        raise NotAList("it is not text in UTF-8") from None
    except OSError as error:
        raise NotAList(str(error.strerror).lower()) from None


def _refuse_unfit(path):
    if not path.is_file():
        raise NotAList("there is no such file")
    if path.stat().st_size > LARGEST:
        raise NotAList(f"it is larger than {LARGEST // 2**20} MB. Cut it into several lists")


def _elements(text):
    if text.sign() != "[":
        raise NotAList("it is not a JSON list: it does not begin with [")
    separator = text.sign() if text.peek() == "]" else ","
    for number in count(1):
        if separator != ",":
            break
        yield text.value(number)
        separator = text.sign()
    if separator != "]" or text.sign():
        raise NotAList("it is not JSON: a row, or the list, does not end where it should")


class _Text:
    """What has been read of a file and not been used yet."""

    def __init__(self, file: TextIO):
        self.file, self.text, self.at, self.ended = file, "", 0, False

    def peek(self) -> str:
        """The next sign that is no blank; an empty string at the end."""
        while True:
            while self.at < len(self.text):
                if self.text[self.at] not in BLANK:
                    return self.text[self.at]
                self.at += 1
            if self.ended:
                return ""
            self._read_on()

    def sign(self) -> str:
        sign = self.peek()
        self.at += len(sign)
        return sign

    def value(self, number: int) -> object:
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise NotAList(f"row {number} is nested too deeply") from None
            except ValueError:
                end = None
            # a number that was cut in two would read as a shorter one: a row ends where its separator stands
            if end is not None and (self.ended or self.text[end : end + 1] in AFTER_A_ROW):
                self.at = end
                return value
            if self.ended or len(self.text) - self.at > LONGEST_ROW:
                raise NotAList(f"it is not JSON from row {number} on")
            self._read_on()

    def _read_on(self):
        """As much again as is held, so that a long row is tried a few times only."""
        more = self.file.read(max(CHUNK, len(self.text) - self.at))
        self.text, self.at, self.ended = self.text[self.at :] + more, 0, not more


def _whole_number(digits):
    """Python refuses to read whole numbers of thousands of digits; no field of a list means one."""
    return int(digits) if len(digits) < 20 else float(digits)


DECODER = json.JSONDecoder(parse_int=_whole_number)
