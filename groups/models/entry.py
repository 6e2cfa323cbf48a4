"""Whoever waits before the door of a group: to be welcomed by a member, or for a place."""

import uuid
from datetime import timedelta

from django.db import models

from entraide.lib.days import today
from groups.models.group import Group

# The functions of migration 0010 have the same numbers.
KEPT = timedelta(days=30)  # a request, unless its person keeps it for as long once more
HELD = timedelta(days=7)  # a place, for the one whose turn it is
TOLD_TO_ALL = timedelta(days=7)  # a request that nobody has welcomed; staff are told a number after fourteen days


class EntryRequest(models.Model):
    """Rows come in through `app.ask_to_enter()` and change through functions only. Whoever asks does not hold the key
    of the group, so the words are sealed by the web's own: the name chosen, the reminders, the charter accepted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    member_tag = models.CharField(max_length=64)
    name_mark = models.BinaryField(max_length=32)
    sealed = models.TextField()
    number = models.PositiveBigIntegerField(help_text="In line: on the group's own clock (GroupClock), not a time.")
    asked_on = models.DateField(default=today)
    until = models.DateField(help_text="From this day on it is gone.")
    welcomed_on = models.DateField(null=True)
    place_on = models.DateField(null=True, help_text="A place is held since this day.")
    sealed_address = models.BinaryField(
        default=b"", help_text="For the worker; of who wants a mail when there is news."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "member_tag"], name="one_request_per_person_and_group"),
            models.UniqueConstraint(fields=["group", "name_mark"], name="one_request_per_name_in_group"),
            models.UniqueConstraint(fields=["group", "number"], name="one_request_per_number_in_line"),
        ]
        indexes = [models.Index(fields=["member_tag"], name="request_by_person")]

    def __str__(self):
        return f"request {self.pk}"

    @property
    def place_ends_on(self):
        """The place is theirs before this day."""
        return self.place_on + HELD

    @property
    def is_told_by_mail(self):
        return bool(self.sealed_address)

    @property
    def has_place(self):
        return self.place_on is not None and today() < self.place_ends_on
