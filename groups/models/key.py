"""Wrapped keys of groups, and what the web process remembers its own keys by."""

import uuid

from django.db import models

from entraide.lib.days import today
from groups.models.group import Group


class GroupKey(models.Model):
    """A group's key, wrapped by a key that no database holds. The newest version seals; all of them open."""

    # not numbered by the database: who makes a key (staff) may not read it back
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="keys")
    version = models.PositiveSmallIntegerField(default=1)
    wrapping_key_version = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()
    made_on = models.DateField(default=today)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "version"], name="one_group_key_per_version")]

    def __str__(self):
        return f"key {self.version} of group {self.group_id}"


class KeyMark(models.Model):
    """A keyed hash of each key of the web process: enough to notice a wrong key file, useless for anything else."""

    name = models.CharField(max_length=20, primary_key=True)
    mark = models.BinaryField(max_length=32)

    def __str__(self):
        return f"mark of {self.name}"
