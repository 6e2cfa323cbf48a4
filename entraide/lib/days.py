"""Dates without times, for tables where a precise moment would let rows of different tables be matched."""

from datetime import date

from django.utils import timezone


def today() -> date:
    """The day in UTC, so that the same instant never falls on two days in two tables."""
    return timezone.now().date()
