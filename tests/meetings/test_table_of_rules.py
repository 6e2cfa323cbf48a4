"""The table of rules of docs/operations.md and test_reminder_rules.py say the same, by the same names."""

import re

from entraide.demo.installation import CHECKOUT
from tests.meetings import test_reminder_rules

BEFORE, AFTER = "| what happened | what is sent |", "\n\n"
ROW = re.compile(r"^\| ([^|(]+?)(?: \([^|]*\))? \| \S", re.MULTILINE)  # its name, without what explains it


def named_in_the_table():
    table = (CHECKOUT / "docs" / "operations.md").read_text().partition(BEFORE)[2].partition(AFTER)[0]
    return ["test_" + re.sub(r"\W+", "_", name) for name in ROW.findall(table)]


def named_in_tests():
    return [name for name in vars(test_reminder_rules) if name.startswith("test_")]


def is_of(test, rule):
    return f"{test}_".startswith(f"{rule}_")


def test_each_row_of_the_table_has_a_test_of_its_name():
    assert len(named_in_the_table()) == 11
    assert [rule for rule in named_in_the_table() if not any(is_of(test, rule) for test in named_in_tests())] == []


def test_each_test_is_of_a_row_of_the_table():
    assert [test for test in named_in_tests() if not any(is_of(test, rule) for rule in named_in_the_table())] == []
