"""Dates without times, for tables where a precise moment would let rows of different tables be matched."""

from datetime import date, timedelta

from django.utils import timezone


def today() -> date:
    """The day in UTC, so that the same instant never falls on two days in two tables."""
    return timezone.now().date()


def working_days_since(first: date) -> int:
    """Mondays to Fridays after that day, today included. Public holidays count: they differ from place to place."""
    days = (today() - first).days
    return sum(_is_working(first + timedelta(days=number)) for number in range(1, days + 1))


def after_working_days(first: date, count: int) -> date:
    """The day on which `working_days_since(first)` becomes `count`."""
    last = first
    while count:
        last += timedelta(days=1)
        count -= _is_working(last)
    return last


def _is_working(day):
    return day.weekday() < 5
