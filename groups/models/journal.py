"""What a backup must not bring back. Written by triggers (migrations 0004, 0010, 0014, 0015), replayed by a restore, in
no dump."""

from django.db import models

from entraide.lib.days import today


class JournalEntry(models.Model):
    """The id of a row that went. By itself it tells nothing: the row that it named is nowhere any more. (A closed group
    ends after thirty days.)"""

    class Kind(models.TextChoices):
        STORY = "story", "withdrawn"
        MEMBERSHIP = "membership", "departed"
        MEMBER = "member", "erased"
        REMINDERS = "reminders", "turned off their reminders"
        CLOSED = "closed", "closed"
        GROUP = "group", "ended"
        NOTE = "note", "erased from a notebook"
        SHELF = "shelf", "taken from the shelf"

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    gone_on = models.DateField(default=today)

    def __str__(self):
        return f"journal entry {self.pk}"
