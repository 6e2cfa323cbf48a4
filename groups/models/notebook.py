"""A notebook: one person's own, in no group. Nobody else reads it, and nothing of it says whose it is."""

import uuid

from django.db import models

LONGEST_STEP = 200  # characters
MOST_STEPS = 100


class Notebook(models.Model):
    """Its key, wrapped by the web's own. Destroying this row destroys everything that was written in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_tag = models.CharField(max_length=64, help_text="A keyed hash of its own kind: no membership has it.")
    wrapped = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_tag"], name="one_notebook_per_person")]

    def __str__(self):
        return f"notebook {self.pk}"


class Line(models.Model):
    """What is written in a notebook. The words, the day and whatever else are in `sealed` only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notebook = models.ForeignKey(Notebook, models.CASCADE, related_name="%(class)ss")
    number = models.PositiveIntegerField(help_text="The order in which they were written; not a time.")
    version = models.PositiveIntegerField(default=1, help_text="Counts the times that the words were changed.")
    sealed = models.BinaryField()

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["notebook", "number"], name="one_%(class)s_per_number")]

    def __str__(self):
        return f"{self._meta.model_name} {self.pk}"


class Note(Line):
    """A day, up to three feelings, a text."""


class SmallStep(Line):
    """Something that a person sets themselves: a text, and whether it is done. Not when, and never how many."""
