"""The public sheet of a group: what anybody may read before joining. Nothing here tells who is inside or how many."""

import uuid
from functools import lru_cache, reduce
from itertools import chain
from math import cos, radians
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from entraide.lib import times
from entraide.lib.rhythm import rhythm_sentence
from entraide.lib.sql import answer
from groups import places


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
    """experiences.py has the words by which people name them."""

    GRIEF = "grief", _("grief")
    PERINATAL_LOSS = "perinatal_loss", _("loss of a baby")
    SUICIDE_LOSS = "suicide_loss", _("suicide of somebody close")
    CAREGIVING = "caregiving", _("caring for somebody")
    PARENTING = "parenting", _("parent of a child in crisis")
    AFTER_BIRTH = "after_birth", _("after a birth")
    NEAR_ADDICTION = "near_addiction", _("addiction of somebody close")
    NEAR_ILLNESS = "near_illness", _("mental illness of somebody close")
    DEPRESSION = "depression", _("depression")
    ANXIETY = "anxiety", _("anxiety")
    BIPOLAR = "bipolar", _("bipolar disorder")
    VOICES = "voices", _("hearing voices")
    SUICIDAL = "suicidal", _("thoughts of suicide")
    EATING = "eating", _("eating disorder")
    ADDICTION = "addiction", _("addiction")
    GAMBLING = "gambling", _("gambling")
    PAIN = "pain", _("lasting pain")
    ILLNESS = "illness", _("long illness")
    CANCER = "cancer", _("cancer")
    DISABILITY = "disability", _("disability")
    NEURODIVERSITY = "neurodiversity", _("autism, attention deficit")
    TRAUMA = "trauma", _("trauma")
    VIOLENCE = "violence", _("violence at home")
    SEXUAL_VIOLENCE = "sexual_violence", _("sexual violence")
    SEPARATION = "separation", _("separation")
    INFERTILITY = "infertility", _("infertility")
    BURNOUT = "burnout", _("burnout")
    JOB_LOSS = "job_loss", _("loss of work")
    LONELINESS = "loneliness", _("loneliness")
    EXILE = "exile", _("exile, immigration")
    IDENTITY = "identity", _("gender or sexual orientation")
    PRISON = "prison", _("prison")
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
    def traits(self):
        """Format, city and access, each in a word or two."""
        return _traits(self.format, self.city, tuple(self.access), get_language())

    @property
    def is_online(self):
        return self.format != Format.IN_PERSON

    @property
    def is_in_person(self):
        return self.format != Format.ONLINE


@lru_cache(maxsize=1000)
def _traits(form, city, access, _language):
    online = [gettext("Online")] if form != Format.IN_PERSON else []
    place = gettext("In person, %(city)s") % {"city": city} if city else gettext("In person")
    in_person = [place] if form != Format.ONLINE else []
    return [*online, *in_person, *(capfirst(Access(code).label) for code in access)]


class Moment(models.TextChoices):
    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


# Minutes since midnight: from the first, up to the second.
PARTS = {Moment.MORNING: (0, 12 * 60), Moment.AFTERNOON: (12 * 60, 17 * 60), Moment.EVENING: (17 * 60, 24 * 60)}
KM_PER_DEGREE = 111.195  # of a great circle, on a ball of 6371 km
WORDS = ArrayField(models.TextField())


class HasWords(models.Func):
    """The index of words answers (migration 0011); `words` is no field, so that nobody reads it with a sheet."""

    template = "groups_group.words @@ app.words_sought(%(expressions)s)"
    output_field = models.BooleanField()


class Distance(models.Func):
    """Whether two points of the globe are at most so many kilometres apart."""

    template = "app.km_between(%(expressions)s) <= %(at_most)d"
    output_field = models.BooleanField()


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

    def matching(self, terms):
        """Sheets in which every term is found, as words or as the lived experience that it names (experiences.py)."""
        words, codes = [words for words, _ in terms], [" ".join(codes) for _, codes in terms]
        return self.filter(HasWords(models.Value(words, WORDS), models.Value(codes, WORDS)))

    def held(self, formats):
        """Groups of these formats; a group that is both belongs to each."""
        return self.filter(format__in=[*formats, Format.BOTH]) if formats else self

    def near(self, place, km, *, or_online=False):
        """Groups that meet in person in a city at most so far away, as the crow flies."""
        height = km / KM_PER_DEGREE
        width = height / max(cos(radians(place.latitude)), height / 180)  # all around the pole, at most
        box = models.Q(
            latitude__range=(place.latitude - height, place.latitude + height),
            longitude__range=(place.longitude - width, place.longitude + width),
        )
        here = [models.Value(degrees, models.FloatField()) for degrees in (place.latitude, place.longitude)]
        near = ~models.Q(format=Format.ONLINE) & box & models.Q(Distance(*here, "latitude", "longitude", at_most=km))
        return self.filter(near | ~models.Q(format=Format.IN_PERSON) if or_online else near)

    def at_moments(self, moments):
        """Groups whose next meeting begins in one of these parts of the day, on their own clock."""
        parts = [models.Q(next_minute__gte=PARTS[moment][0], next_minute__lt=PARTS[moment][1]) for moment in moments]
        return self.filter(reduce(or_, parts))

    def coming(self, now):
        """Those whose next meeting is announced or under way, the first to begin first."""
        return self.filter(next_ends_at__gt=now).order_by("next_starts_at", "name", "id")

    def undated(self, now):
        """The others, whose date is to come or has passed a moment ago, by name."""
        over = models.Q(next_starts_at__lte=now, next_ends_at__lte=now)  # the first condition is what the index answers
        return self.filter(models.Q(next_starts_at=None) | over).order_by("name", "id")

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


ON_CLOCK = "timezone(%(expressions)s)"


def _of_next_start(template):
    return models.GeneratedField(
        expression=models.Func("zone", "next_starts_at", template=template),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )


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
    # Its start on the group's own clock: 0 is Monday; minutes since midnight. PostgreSQL fills them.
    next_weekday = _of_next_start(f"extract(isodow from {ON_CLOCK}) - 1")
    next_minute = _of_next_start(f"extract(epoch from {ON_CLOCK}::time) / 60")
    # Of the city as groups/places knows it, never finer; in degrees.
    latitude = models.FloatField(null=True, editable=False)
    longitude = models.FloatField(null=True, editable=False)

    objects = GroupQuerySet.as_manager()

    class Meta(Sheet.Meta):
        indexes = [
            models.Index(fields=["next_starts_at", "name", "id"], name="directory_by_next_meeting"),
            models.Index(
                fields=["latitude", "longitude"], condition=~models.Q(format="online"), name="directory_by_city"
            ),
        ]
        constraints = [
            *Sheet.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(opened_on=None) | models.Q(awaiting_since=None),
                name="an_awaiting_group_holds_nobody",
            ),
        ]

    def __str__(self):
        return f"group {self.pk}"

    def locate(self):
        """To be called wherever the city changes. A city that nobody knows keeps the group out of searches by place."""
        found = places.find(self.city, self.zone)[:1]
        self.latitude, self.longitude = (found[0].latitude, found[0].longitude) if found else (None, None)

    @property
    def has_date(self):
        """A date that has just passed stands here until the worker looks again; it is told to nobody."""
        return self.next_ends_at is not None and self.next_ends_at > timezone.now()

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

    @property
    def when(self):
        """« Chaque lundi, 19 h à 20 h 30 »; what is not known is left out."""
        hours = times.hours(self.next_starts_at, self.next_ends_at, self.zone) if self.has_date else ""
        return ", ".join(filter(None, [self.rhythm_sentence, hours])) or gettext("Next date to come")


def _possible_slugs(group):
    slug = slugify(group.name)[:60] or "groupe"
    # at most 64 signs, as other sites expect of /meetings.json
    return [slug, f"{slug[:57]}-{group.pk.hex[:6]}", f"{slug[:47]}-{group.pk.hex[:16]}"]
