"""The charter that every member accepts on entering. Its words are in templates/groups/_charter.html."""

from datetime import date

VERSION = date(2026, 9, 3)  # the day from which this wording holds
