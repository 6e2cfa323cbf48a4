"""Stories: told in "I", owned by their author, readable by the group. Their words are in `sealed` only."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from entraide.lib.times import local
from groups.models.group import Group
from groups.models.membership import Membership

LONGEST_STORY = 20_000  # characters
A_MONTH = timedelta(days=30)  # also how long a draft is kept (app.erase_drafts)


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


class Life(models.TextChoices):
    """How long a story stays, chosen when it is shared or changed."""

    OPEN = "", _("Until I withdraw it")
    MEETING = "meeting", _("Until the next meeting")
    MONTH = "month", _("For 30 days")


def ends(group: Group) -> dict[str, date | None]:
    """For each life that a story of this group may have now, the first day (in UTC, as `today`) on which nobody reads
    it. The day of a meeting is a whole one where the group is: a story may be needed on the way home."""
    known = {Life.OPEN: None, Life.MONTH: today() + A_MONTH}
    if group.next_ends_at and group.next_ends_at > timezone.now():
        known[Life.MEETING] = _after_the_day_of(local(group.next_ends_at, group.zone))
    return known


def _after_the_day_of(moment):
    midnight = datetime.combine(moment.date() + timedelta(days=1), time.min, moment.tzinfo).astimezone(UTC)
    return midnight.date() + timedelta(days=midnight.time() > time.min)


class StoryQuerySet(models.QuerySet):
    def standing(self, on=None):
        """Without those that have come to the end that their author chose, whether or not the worker has been there."""
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gt=on or today()))


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
    ends_on = models.DateField(null=True, help_text="From this day on nobody reads it. Empty: until it is withdrawn.")
    answers = models.ForeignKey(  # the database itself unties it (migration 0013)
        "self", models.DO_NOTHING, null=True, related_name="answered_by", db_constraint=False
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "shared_at"], name="one_story_per_tick_of_the_clock"),
            models.UniqueConstraint(fields=["group", "id"], name="story_of_its_group"),
        ]
        indexes = [models.Index(fields=["ends_on"], condition=models.Q(ends_on__isnull=False), name="story_by_its_end")]

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


class StoryDraft(models.Model):
    """What somebody is writing in a group, one at a time. `sealed` holds everything that they typed, as they typed it,
    under the web's own key: the other members of the group hold that of the group."""

    membership = models.OneToOneField(
        Membership, models.CASCADE, primary_key=True, related_name="draft", db_constraint=False
    )
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    sealed = models.TextField()
    kept_on = models.DateField(default=today)

    def __str__(self):
        return f"draft {self.pk}"

    @property
    def erased_on(self):
        return self.kept_on + A_MONTH


class Resonance(models.Model):
    """A received word: seen by the person who wrote, and by the one who said it."""

    class Kind(models.TextChoices):
        RECOGNISE = "recognise", _("I recognise myself")
        SPEAKS = "speaks", _("This speaks to me")
        HEAR = "hear", _("I hear you")
        ME_TOO = "me_too", _("Me too")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    story = models.ForeignKey(Story, models.CASCADE, related_name="resonances", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="resonances", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RECOGNISE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "membership", "kind"], name="one_resonance_of_a_kind")]

    def __str__(self):
        return f"resonance {self.pk}"
