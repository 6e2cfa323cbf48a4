"""Reading the file of a public list: a row at a time, or one line that says why not."""

import json
import subprocess
import sys

import pytest

from entraide.demo.installation import CHECKOUT
from meetings.guide import lists as guide_lists
from meetings.guide.lists import NotAList, rows_of
from tests.lists import row


@pytest.fixture
def write(tmp_path):
    def to_file(content):
        path = tmp_path / "list.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [1, 23, 456],
        [row(), {"a": [1, {"b": "]"}]}, None, "x", -1.5e3, True],
        [row(name="é" * 70_000), 12, row(name="😀" + "a" * 200_000)],
        [row(notes="a" * 65_534)] * 5,
    ],
)
@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
def test_rows_are_read_one_by_one_as_the_json_module_reads_them_together(write, rows, layout):
    text = json.dumps(rows, **layout)

    for content in (text, f"\ufeff\n {text} \r\n\t"):
        assert list(rows_of(write(content))) == json.loads(text)


def test_wherever_what_is_read_at_once_ends_the_rows_are_the_same(write, monkeypatch):
    rows = [1234567, row(name="été"), [], {}, "a\\b", 0.5, [[1, 2], {"x": None}]]
    path = write(json.dumps(rows, indent=1))

    for size in range(1, 40):
        monkeypatch.setattr(guide_lists, "CHUNK", size)
        assert list(rows_of(path)) == rows


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"{}",
        b'{"meetings": []}',
        b'"[]"',
        b"null",
        b"[",
        b'[{"name": "a"}',
        b'[{"name": "a"},',
        b'[{"name": "a"},]',
        b'[{"name": "a"} {"name": "b"}]',
        b'[{"name": "a"}]]',
        b'[{"name": "a"}] and more',
        b"[{'name': 'a'}]",
        b'[{"name": "a]',
        b"[12",
        b"<html>not found</html>",
        '["été"]'.encode("latin-1"),
        '["a"]'.encode("utf-16"),
        b'["\xff"]',
        b"[" * 100_000,
        b'[{"a":' * 100_000,
    ],
)
def test_a_file_that_is_no_json_list_is_refused(write, content):
    with pytest.raises(NotAList) as refused:
        list(rows_of(write(content)))

    assert "\n" not in str(refused.value)


def test_a_file_that_is_too_large_or_not_there_is_refused_unread(tmp_path):
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(guide_lists.LARGEST + 1)

    for path, reason in ((huge, "it is larger than 200 MB"), (tmp_path, "there is no such file")):
        with pytest.raises(NotAList, match=reason):
            next(rows_of(path))


def test_a_row_that_never_ends_is_given_up(write, monkeypatch):
    monkeypatch.setattr(guide_lists, "LONGEST_ROW", 1000)

    with pytest.raises(NotAList, match="it is not JSON from row 2 on"):
        list(rows_of(write('[{"name": "a"}, {"name": "' + "b" * 200_000 + '"}]')))


def test_whole_numbers_of_any_length_are_no_harm(write):
    assert list(rows_of(write("[" + "9" * 10_000 + ", 5]"))) == [float("inf"), 5]


MEMORY_OF_A_READER = """
import resource, sys
from pathlib import Path
from meetings.guide.lists import rows_of
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(1 for _ in rows_of(Path(sys.argv[1])))
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_fifty_megabytes_take_the_memory_of_a_row(tmp_path):
    one = json.dumps(row(notes="a" * 1000))
    path = tmp_path / "long.json"
    path.write_text("[" + ",".join([one] * (50 * 2**20 // len(one) + 1)) + "]")

    told = subprocess.check_output([sys.executable, "-c", MEMORY_OF_A_READER, path], cwd=CHECKOUT, text=True)

    rows, megabytes = map(int, told.split())
    assert path.stat().st_size > 50 * 2**20 and rows > 40_000
    assert megabytes < 10
