"""The public sheet of a group: what anybody may read before joining. Nothing here tells who is inside or how many."""

import uuid
from itertools import chain

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from entraide.lib.rhythm import rhythm_sentence
from entraide.lib.sql import answer
from entraide.lib.words import folded


class Format(models.TextChoices):
    ONLINE = "online", _("online")
    IN_PERSON = "in_person", _("in person")
    BOTH = "both", _("online and in person")


class Access(models.TextChoices):
    WHEELCHAIR = "wheelchair", _("wheelchair access")
    CAPTIONS = "captions", _("captions")
    PHONE = "phone", _("by telephone")
    SIGN_LANGUAGE = "sign_language", _("sign language")
    CAMERA_OPTIONAL = "camera_optional", _("camera optional")


class LivedExperience(models.TextChoices):
    GRIEF = "grief", _("grief")
    CAREGIVING = "caregiving", _("caring for somebody")
    DEPRESSION = "depression", _("depression")
    ADDICTION = "addiction", _("addiction")
    PAIN = "pain", _("lasting pain")
    PARENTING = "parenting", _("parent of a child in crisis")
    SEPARATION = "separation", _("separation")
    BURNOUT = "burnout", _("burnout")
    OTHER = "other", _("something else")


class Joining(models.TextChoices):
    OPEN = "open", _("one enters at once")
    WELCOME = "welcome", _("a member welcomes whoever asks")


MOST_ADDITIONS = 3


class Sheet(models.Model):
    """What a proposal asks for and a group shows."""

    name = models.CharField(_("Name of the group"), max_length=60, help_text="Seen by everybody.")
    for_whom = models.CharField(max_length=220, help_text="Seen by everybody.")
    lived_experience = models.CharField(_("Shared lived experience"), max_length=20, choices=LivedExperience)
    description = models.TextField(max_length=500, blank=True, help_text="Seen by everybody.")
    language = models.CharField(_("Language"), max_length=2, choices=[("fr", _("French")), ("en", _("English"))])
    format = models.CharField(_("How you meet"), max_length=10, choices=Format)
    city = models.CharField(max_length=80, blank=True, help_text="Seen by everybody: never an exact address.")
    zone = models.CharField(max_length=64, default="America/Toronto")
    access = ArrayField(models.CharField(max_length=20, choices=Access), default=list, blank=True)
    size_min = models.PositiveSmallIntegerField(default=4)
    size_max = models.PositiveSmallIntegerField(default=12)
    joining = models.CharField(max_length=10, choices=Joining, default=Joining.OPEN)
    charter_additions = ArrayField(
        models.CharField(max_length=160),
        size=MOST_ADDITIONS,
        default=list,
        blank=True,
        help_text="Seen by everybody: sentences that this group adds to the charter of the house.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(charter_additions__len__lte=MOST_ADDITIONS),
                name="%(class)s_has_few_charter_additions",
            )
        ]

    @property
    def access_labels(self):
        return [Access(code).label for code in self.access]

    @property
    def is_online(self):
        return self.format != Format.IN_PERSON

    @property
    def is_in_person(self):
        return self.format != Format.ONLINE


class GroupQuerySet(models.QuerySet):
    def listed(self):
        """Groups that their founder has entered, and those that await a first person; none that is closed."""
        here = models.Q(opened_on__isnull=False) | models.Q(awaiting_since__isnull=False)
        return self.filter(here, keys_end_on=None)

    def opened(self):
        """Groups that their founder has entered, and that have not closed."""
        return self.filter(opened_on__isnull=False, keys_end_on=None)

    def awaiting(self):
        """Groups that a public list of meetings names, and that nobody has entered here (Listing)."""
        return self.filter(awaiting_since__isnull=False)

    def matching(self, words):
        found = models.Q()
        for word in words.split():
            found &= (
                models.Q(name__unaccent__icontains=word)
                | models.Q(for_whom__unaccent__icontains=word)
                | models.Q(description__unaccent__icontains=word)
                | models.Q(lived_experience__in=_experiences_named(word))
            )
        return self.filter(found)

    def held(self, formats):
        """Groups of these formats; a group that is both belongs to each."""
        return self.filter(format__in=[*formats, Format.BOTH]) if formats else self

    def by_next_meeting(self):
        return self.order_by(models.F("next_starts_at").asc(nulls_last=True), "name", "id")

    def free_slugs(self, groups):
        """{id: an address made of its name that no group has}, for groups that are about to be made. Whoever asks next
        waits for the end of this transaction: an import and a team that accepts may want the same one."""
        answer("select pg_advisory_xact_lock(hashtext('addresses'))")
        wanted = {group.pk: _possible_slugs(group) for group in groups}
        taken = set(self.filter(slug__in=list(chain(*wanted.values()))).values_list("slug", flat=True))
        free = {}
        for pk, slugs in wanted.items():
            free[pk] = next(slug for slug in slugs if slug not in taken)
            taken.add(free[pk])
        return free


class Group(Sheet):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    opened_on = models.DateField(null=True)
    awaiting_since = models.DateField(null=True, help_text="Brought in from a public list; it awaits its first person.")
    is_full = models.BooleanField(default=False)  # no place is free that is not held for somebody in line
    keys_end_on = models.DateField(null=True, help_text="The group is closed; from this day its keys are destroyed.")
    charter_on = models.DateField(null=True, help_text="The day from which the group's additions to the charter hold.")
    # The next regular meeting, kept here by meetings/ because it is public and the directory is sorted by it.
    next_starts_at = models.DateTimeField(null=True)
    next_ends_at = models.DateTimeField(null=True)
    rhythm = models.CharField(max_length=20, blank=True)
    rhythm_on = models.DateField(null=True)

    objects = GroupQuerySet.as_manager()

    class Meta(Sheet.Meta):
        indexes = [models.Index(fields=["next_starts_at", "name", "id"], name="directory_by_next_meeting")]
        constraints = [
            *Sheet.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(opened_on=None) | models.Q(awaiting_since=None),
                name="an_awaiting_group_holds_nobody",
            ),
        ]

    def __str__(self):
        return f"group {self.pk}"

    @property
    def is_awaiting(self):
        return self.awaiting_since is not None

    @property
    def rhythm_sentence(self):
        return rhythm_sentence(self.rhythm, self.rhythm_on) if self.rhythm else ""

    @property
    def is_closed(self):
        return self.keys_end_on is not None

    @property
    def welcomes(self):
        """One asks, and a member welcomes. The founder of a group has nobody to ask."""
        return self.joining == Joining.WELCOME and self.opened_on is not None

    @property
    def is_entered_at_once(self):
        return not self.welcomes and not self.is_full


def _experiences_named(word):
    wanted = folded(word)
    return [choice.value for choice in LivedExperience if wanted in folded(str(choice.label))]


def _possible_slugs(group):
    slug = slugify(group.name)[:60] or "groupe"
    # at most 64 signs, as other sites expect of /meetings.json
    return [slug, f"{slug[:57]}-{group.pk.hex[:6]}", f"{slug[:47]}-{group.pk.hex[:16]}"]
