"""« Ce qui m'aide »: the shelf of a group, made of first-person steps. Their words are in `sealed` only."""

import uuid

from django.db import models

from entraide.lib.days import today
from groups.models.group import Group
from groups.models.membership import Membership

LONGEST_HELP = 500  # characters


class ShelfStep(models.Model):
    """What helps one person, said by themselves. Everybody in the group reads it, whoever comes later too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    author = models.ForeignKey(Membership, models.CASCADE, related_name="shelf_steps", db_constraint=False)
    placed_at = models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), not a time.")
    placed_on = models.DateField(default=today)
    version = models.PositiveIntegerField(default=1, help_text="Counts the times that the author changed the words.")
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "placed_at"], name="one_shelf_step_per_tick_of_the_clock"),
            models.UniqueConstraint(fields=["group", "id"], name="shelf_step_of_its_group"),
        ]

    def __str__(self):
        return f"shelf step {self.pk}"


class ShelfKey(models.Model):
    """The key of one step, wrapped by the group's key. Destroying this row destroys the step."""

    step = models.OneToOneField(ShelfStep, models.CASCADE, primary_key=True, related_name="key", db_constraint=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    wrapped = models.BinaryField()

    def __str__(self):
        return f"key of shelf step {self.pk}"
