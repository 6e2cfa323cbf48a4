"""What cannot be read, what stops in the middle, and who comes at the same moment: one clear outcome each, never a
traceback."""

import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests import lists, makers, services
from tests.lists import counts, groups_kept, row
from tests.makers import as_superuser

GOOD = [row(str(number)) for number in range(1200)]


def test_every_kind_of_bad_row_is_told_and_the_others_come_in(a_list, bring_in):
    bad = [
        *(7, None, "soir", [row()], {}),
        row("day", day="x"),
        row("time", time=99),
        row("name", name=["Le soir"]),
        row("null", name="a\0b"),
        row("long", name="a" * 10_000_000),
        row("types", types={"a": {"b": []}}),
        row("first"),
        row("\x1b[2J"),
    ]
    mixed = [row("first")]
    for number, each in enumerate(bad):
        mixed += [each, row(f"good-{number}")]

    said = bring_in(a_list(mixed))

    # "first" stands there twice: once it is good
    assert counts(said) == {"read": 27, "new": 14, "updated": 0, "unchanged": 0, "taken up": 0, "refused": 13}
    assert said[:13] == [
        "row 2, slug none: it is not an object",
        "row 4, slug none: it is not an object",
        "row 6, slug none: it is not an object",
        "row 8, slug none: it is not an object",
        "row 10, slug none: slug is missing",
        "row 12, slug 'day': day is not 0 to 6 ('x')",
        "row 14, slug 'time': time is not text (99)",
        "row 16, slug 'name': name is not text (list)",
        "row 18, slug 'null': name holds signs that do not show ('a\\x00b')",
        "row 20, slug 'long': name is longer than 255 characters",
        "row 22, slug 'types': types is not a list of codes",
        "row 24, slug 'first': its slug stands in the list before ('row 1')",
        "row 26, slug '\\x1b[2J': slug holds signs that do not show ('\\x1b[2J')",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is not a JSON list: it does not begin with ["),
        (json.dumps({"meetings": GOOD}), "it is not a JSON list: it does not begin with ["),
        (json.dumps(GOOD)[:-1], "it is not JSON: a row, or the list, does not end where it should"),
        (json.dumps(GOOD)[:-3], "it is not JSON from row 1200 on"),
        (json.dumps(GOOD) + "]", "it is not JSON: a row, or the list, does not end where it should"),
        (json.dumps([*GOOD, "?"]).replace('"?"', "[" * 100_000), "row 1201 is nested too deeply"),
        (json.dumps([*GOOD, "é"], ensure_ascii=False).encode("latin-1"), "it is not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing_and_says_one_line(a_list, bring_in, content, why):
    path = a_list(content)

    assert bring_in(path) == [f"CommandError: liste.json cannot be read: {why}. Nothing was changed."]
    assert groups_kept() == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--zone", "America/Bostown"], "--zone America/Bostown: there is no such time zone."),
        (["--source", "a" * 81], "--source or --for-whom: "),
        (["--for-whom", "a" * 221], "--source or --for-whom: "),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_first(a_list, bring_in, options, why):
    said = bring_in(a_list([row()]), *options)

    assert len(said) == 1 and said[0].startswith(f"CommandError: {why}")
    assert groups_kept() == 0


def test_only_the_superuser_of_the_database_brings_lists_in(a_list):
    running = lists.start(a_list([row()]), **services.web_environment())

    assert running.communicate(timeout=60)[0] == (
        "CommandError: Nothing was changed. Run it with ENTRAIDE_ROLE=admin and DATABASE_ADMIN_URL.\n"
    )
    assert running.returncode == 1


def test_killed_anywhere_and_run_again_it_comes_to_the_same_end(a_list, bring_in):
    number = 5000
    path = a_list([row(str(each), name=f"Le soir {each % 7}") for each in range(number)])
    kept = [0]
    for _ in range(2):
        running = lists.start(path)
        while groups_kept() == kept[-1]:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        kept += [groups_kept()]

    assert kept[0] < kept[1] < kept[2] < number
    assert [each % 500 for each in kept] == [0, 0, 0], "a batch is there whole or not at all"
    assert as_superuser("select count(*) from groups_group where id not in (select group_id from groups_listing)") == [
        (0,)
    ]

    said = counts(bring_in(path))
    # what a killed process had handed over already may have been kept after it was counted
    assert said["new"] + said["unchanged"] == number and said["unchanged"] >= kept[2]
    assert as_superuser("select count(*), count(distinct slug) from groups_group") == [(number, number)]


NEWEST_SESSION = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() order by backend_start desc limit 1
"""


@pytest.mark.parametrize(
    ("stop", "kind"),
    [
        (lambda running: running.send_signal(signal.SIGINT), "KeyboardInterrupt"),
        (lambda running: as_superuser(NEWEST_SESSION), "OperationalError"),
    ],
)
def test_interrupted_or_without_its_database_it_says_one_line_and_goes_on_next_time(a_list, bring_in, stop, kind):
    number = 20_000
    path = a_list([row(str(each)) for each in range(number)])
    running = lists.start(path)
    while not groups_kept():
        time.sleep(0.01)

    stop(running)
    *progress, last = running.communicate(timeout=60)[0].splitlines()

    assert running.returncode == 1
    assert all(re.fullmatch(r"\d+ of 20000 rows", line) for line in progress)
    expected = f"CommandError: Stopped ({kind}). What was brought in so far stays; run it again to go on."
    assert last == expected
    assert 0 < groups_kept() < number
    assert groups_kept() % 500 == 0


def test_two_imports_at_the_same_moment_make_each_group_once(a_list):
    path = a_list(GOOD)

    running = [lists.start(path) for _ in range(2)]
    said = [counts(process.communicate(timeout=60)[0].splitlines()) for process in running]

    assert [process.returncode for process in running] == [0, 0]
    assert sum(each["new"] for each in said) == len(GOOD)
    assert groups_kept() == len(GOOD)


def test_groups_that_are_made_at_the_same_moment_get_an_address_each(a_list):
    """Accepted proposals among them: whoever asks for an address waits for the others."""
    theo = makers.make_member("theo")
    proposals = [
        makers.make_proposal(theo, name=f"Le soir {number // 8} {chr(ord('一') + number)}") for number in range(32)
    ]
    team = [makers.make_member(f"staff{number}", is_staff=True) for number in range(len(proposals))]
    running = lists.start(a_list([row(str(each), name=f"Le soir {each % 8}") for each in range(1200)]))

    def accept(proposal, staff):
        try:
            return makers.accept(proposal, staff).slug
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        slugs = set(pool.map(accept, proposals, team))
    running.communicate(timeout=60)

    assert running.returncode == 0 and len(slugs) == len(proposals)
    assert groups_kept() == len(proposals) + 1200
