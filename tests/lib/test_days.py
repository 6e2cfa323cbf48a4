"""Working days: from Monday to Friday, counted from the day after."""

from datetime import date

import pytest
import time_machine

from entraide.lib.days import after_working_days, working_days_since

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("today", "days"),
    [("2026-11-20", 0), ("2026-11-22", 0), ("2026-11-23", 1), ("2026-11-27", 5), ("2026-11-29", 5), ("2026-11-30", 6)],
)
def test_days_since_a_friday(today, days):
    with time_machine.travel(f"{today}T12:00:00Z", tick=False):
        assert working_days_since(FRIDAY) == days


@pytest.mark.parametrize(("count", "day"), [(0, 20), (1, 23), (5, 27), (6, 30)])
def test_the_day_that_comes_after_so_many(count, day):
    assert after_working_days(FRIDAY, count) == date(2026, 11, day)
