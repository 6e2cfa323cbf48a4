"""Stories: told in "I", owned by their author, readable by the group. Their words are in `sealed` only."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from groups.models.group import Group
from groups.models.membership import Membership

LONGEST_STORY = 20_000  # characters


class Feeling(models.TextChoices):
    SADNESS = "sadness", _("sadness")
    ANGER = "anger", _("anger")
    FEAR = "fear", _("fear")
    SHAME = "shame", _("shame")
    GUILT = "guilt", _("guilt")
    LONELINESS = "loneliness", _("loneliness")
    FATIGUE = "fatigue", _("fatigue")
    WORRY = "worry", _("worry")
    RELIEF = "relief", _("relief")
    HOPE = "hope", _("hope")
    JOY = "joy", _("joy")
    PRIDE = "pride", _("pride")
    GRATITUDE = "gratitude", _("gratitude")
    PEACE = "peace", _("peace")


class ContentNote(models.TextChoices):
    """A calm line of fact above a story, if its author wants one."""

    GRIEF = "grief", _("grief")
    VIOLENCE = "violence", _("violence")
    SUICIDE = "suicide", _("suicide")
    USE = "use", _("alcohol or drug use")
    ILLNESS = "illness", _("illness")


class StoryQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-shared_at")

    def before(self, shared_at):
        """Those that stand after this point of a newest-first list."""
        return self.filter(shared_at__lt=shared_at) if shared_at is not None else self


class Story(models.Model):
    """`sealed` holds title, text, feelings and content note together, so that nothing of them shows by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="stories")
    author = models.ForeignKey(
        Membership,
        models.RESTRICT,
        null=True,
        related_name="stories",
        db_constraint=False,
        help_text="Empty: somebody who has left.",
    )
    shared_at = models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), not a time.")
    shared_on = models.DateField(default=today)
    opened_to_later = models.BooleanField(default=False, help_text="The author's act: later members may read it too.")
    sealed = models.BinaryField()
    version = models.PositiveIntegerField(default=1, help_text="Counts the times that the author changed the words.")

    objects = StoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "shared_at"], name="one_story_per_tick_of_the_clock"),
            models.UniqueConstraint(fields=["group", "id"], name="story_of_its_group"),
        ]

    def __str__(self):
        return f"story {self.pk}"

    @property
    def is_modified(self):
        return self.version > 1


class StoryKey(models.Model):
    """The key of one story, wrapped by the group's key. Destroying this row destroys the story."""

    class WrapType(models.TextChoices):
        GROUP_KEY = "group", "by the group's key"

    story = models.OneToOneField(Story, models.CASCADE, primary_key=True, related_name="key", db_constraint=False)
    group = models.ForeignKey(Group, models.CASCADE)
    wrap_type = models.CharField(max_length=10, choices=WrapType, default=WrapType.GROUP_KEY)
    group_key_version = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()

    def __str__(self):
        return f"key of story {self.pk}"


class Resonance(models.Model):
    """« I recognise myself »: seen by the person who wrote, and by the one who said it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    story = models.ForeignKey(Story, models.CASCADE, related_name="resonances", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="resonances", db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["story", "membership"], name="one_resonance_per_member_and_story")
        ]

    def __str__(self):
        return f"resonance {self.pk}"
