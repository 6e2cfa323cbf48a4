"""Groups that a public list of meetings names, and that nobody has entered here yet."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext

from groups.models.group import Group


class Listing(models.Model):
    """One row of a public list: where the sheet of an awaiting group comes from, and when that group meets.

    It is as public as the sheet. Nothing else of the list is kept: rooms, telephone numbers, streets, notes and the
    names of people stay where they were published.
    """

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="listing")
    source = models.CharField(max_length=80, help_text="The list, by the name given at its import.")
    source_slug = models.CharField(max_length=200, help_text="What the list calls this row.")
    url = models.URLField(max_length=300, blank=True, help_text="The page of this row on the site of the list.")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text="0 is Monday. None: by appointment.")
    starts = models.TimeField(null=True)
    minutes = models.PositiveSmallIntegerField()
    taken_up_by = models.ForeignKey(
        Group, models.SET_NULL, null=True, related_name="+", help_text="The group that people of this site made of it."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_slug"], name="one_listing_per_row_of_a_list")]

    def __str__(self):
        return f"listing {self.pk}"

    @property
    def rhythm_sentence(self):
        """« Chaque lundi et jeudi »: a group that is listed may meet on several days of the week."""
        days = get_text_list([str(WEEKDAYS[day]) for day in self.weekdays], gettext("and"))
        return gettext("Every %(day)s") % {"day": days} if days else ""
