"""What the circle does together: series, dated meetings, optional replies, and the ledger of reminders."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.lib.rhythm import Rhythm, rhythm_sentence
from groups.models import Format, Group, Membership


class Kind(models.TextChoices):
    REGULAR = "regular", _("A meeting of the group")
    SOCIAL = "social", _("An evening out, a walk, a meal together")
    NEWCOMERS = "newcomers", _("A meeting that is also meant for newcomers")


class Gathering(models.Model):
    """What a series and one of its meetings have in common. Place, link and theme are in `sealed`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    format = models.CharField(max_length=10, choices=Format)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REGULAR)
    zone = models.CharField(max_length=64)
    seats = models.PositiveSmallIntegerField(null=True, help_text="How many can come. Empty: whoever wants to.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    @property
    def is_online(self):
        return self.format != Format.IN_PERSON

    @property
    def is_in_person(self):
        return self.format != Format.ONLINE


class Series(Gathering):
    """The truth of a rhythm: wall-clock time, IANA zone and dates. Instants are derived from it, never the reverse."""

    rhythm = models.CharField(max_length=20, choices=Rhythm)
    first_on = models.DateField()
    starts = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    until = models.DateField(null=True)
    picked = ArrayField(models.DateField(), default=list, help_text="The dates of a rhythm that has no rule.")
    skipped = ArrayField(models.DateField(), default=list, help_text="Dates of the rhythm without a meeting.")
    made_until = models.DateField(help_text="Meetings of this series exist up to this day.")
    sealed = models.BinaryField()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="series_meets_for_some_time"),
            models.UniqueConstraint(fields=["group", "id"], name="series_of_its_group"),
        ]

    def __str__(self):
        return f"series {self.pk}"


class MeetingQuerySet(models.QuerySet):
    def upcoming(self, now=None):
        """Those that are not over yet, the next one first."""
        return self.filter(ends_at__gt=now or timezone.now()).order_by("starts_at", "id")

    def standing(self):
        return self.filter(cancelled_at__isnull=True)


DOOR_OPENS = timedelta(minutes=15)  # before the meeting, until its end


class Meeting(Gathering):
    series = models.ForeignKey(Series, models.CASCADE, related_name="meetings", db_constraint=False)
    planned_on = models.DateField(help_text="The date of the series that it stands for, wherever it was moved.")
    wall_on = models.DateField(help_text="The day on the clocks of its zone; the instants are derived from it.")
    wall_starts = models.TimeField(help_text="The hour on those clocks, as it was typed.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    day_before_at = models.DateTimeField(help_text="The same wall time on the day before.")
    # What was said of this date alone: it stays when the series changes.
    cancelled_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True, help_text="Its own place and theme; else those of its series.")
    # The last change that members are told of by mail: who was inside by then, on the group's own clock (GroupClock).
    notice = models.PositiveBigIntegerField(null=True)
    notice_at = models.DateTimeField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="meeting_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["series", "planned_on"], name="one_meeting_per_date_of_a_series"),
            models.UniqueConstraint(fields=["group", "id"], name="meeting_of_its_group"),
        ]
        indexes = [
            models.Index(fields=["group", "starts_at"], name="meeting_by_group_and_start"),
            models.Index(
                fields=["starts_at", "id"], condition=models.Q(cancelled_at=None), name="standing_meeting_by_start"
            ),
            models.Index(fields=["notice_at"], condition=~models.Q(notice_at=None), name="meeting_by_notice"),
        ]

    def __str__(self):
        return f"meeting {self.pk}"

    @property
    def is_cancelled(self):
        return self.cancelled_at is not None

    @property
    def is_moved(self):
        return self.moved_at is not None

    @property
    def is_own(self):
        """Whether something was said of this date alone."""
        return any((self.cancelled_at, self.moved_at, self.changed_at))

    @property
    def comes_back(self):
        return self.series.rhythm != Rhythm.ONCE

    @property
    def has_begun(self):
        return self.starts_at <= timezone.now()

    @property
    def is_open_to_change(self):
        return not self.has_begun and not self.is_cancelled

    @property
    def opens_at(self):
        return self.starts_at - DOOR_OPENS

    @property
    def is_open(self):
        """Whether people may come in: through the link, and into its round."""
        return not self.is_cancelled and self.opens_at <= timezone.now() < self.ends_at

    @property
    def is_over(self):
        return self.ends_at <= timezone.now()

    @property
    def rhythm_sentence(self):
        return rhythm_sentence(self.series.rhythm, self.series.first_on)


class Rsvp(models.Model):
    """An optional reply. There is no attendance record: a reply is erased when its meeting is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="replies", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="replies", db_constraint=False)
    coming = models.BooleanField()
    number = models.PositiveBigIntegerField(
        default=0, help_text="In line: on the group's own clock (GroupClock), not a time. 0 for who does not come."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="one_reply_per_member_and_meeting")
        ]

    def __str__(self):
        return f"reply {self.pk}"


class CalendarAddress(models.Model):
    """Where the calendar of one person asks for the times of their meetings. The address itself is kept nowhere: it is
    made of this id under a key, and found by its mark (groups/own_keys.py). It goes when the person leaves a group."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member_tag = models.CharField(max_length=64, unique=True)
    address_mark = models.BinaryField(max_length=32, unique=True)

    def __str__(self):
        return f"calendar address {self.pk}"


class MailKind(models.TextChoices):
    DAY_BEFORE = "day_before"
    TWO_HOURS = "two_hours"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Wave(models.Model):
    """All the mails of one kind for one meeting, made together when they fell due, once: who joins or chooses
    afterwards is not among them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The database itself takes it away with its meeting (migration 0040): the web cannot.
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False)
    meeting = models.ForeignKey(Meeting, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    kind = models.CharField(max_length=10, choices=MailKind)
    starts_at = models.DateTimeField(help_text="As announced: a moved meeting is announced again.")
    version = models.PositiveBigIntegerField(default=0, help_text="Of a notice: which one (Meeting.notice).")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "starts_at", "version"], name="one_wave_per_kind_start_and_version"
            )
        ]

    def __str__(self):
        return f"wave {self.pk}"


class Reminder(models.Model):
    """One mail to one membership for one meeting, as handed over. Derived when due, never planned ahead."""

    class State(models.TextChoices):
        DUE = "due"
        CLAIMED = "claimed"
        HANDING = "handing"
        SENT = "sent"
        VOID = "void"
        EXPIRED = "expired"
        FAILED = "failed"
        IN_DOUBT = "in_doubt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="reminders", db_constraint=False, db_index=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=10, choices=MailKind)
    starts_at = models.DateTimeField(help_text="As announced: a moved meeting is announced again.")
    version = models.PositiveBigIntegerField(default=0, help_text="Of a notice: which one (Meeting.notice).")
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    hands = models.PositiveSmallIntegerField(default=0, help_text="How often it may have been handed over.")
    put_off = models.PositiveSmallIntegerField(default=0, help_text="How often the mail server asked to come back.")
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    next_try = models.DateTimeField(help_text="When any worker may take it up, whoever claimed it before.")
    ended_at = models.DateTimeField(null=True)
    last_code = models.PositiveSmallIntegerField(null=True, help_text="The last answer of the mail server.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "membership", "kind", "starts_at", "version"], name="one_mail_per_member_and_wave"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try"],
                condition=models.Q(state__in=["due", "claimed", "handing"]),
                name="open_reminder_by_next_try",
            ),
            models.Index(fields=["starts_at"], name="reminder_by_start"),
        ]

    def __str__(self):
        return f"reminder {self.pk}"


class WorkerClock(models.Model):
    """When the worker last looked, on each machine (meetings/clocks.py): clocks that jump are noticed by it."""

    boot = models.CharField(max_length=36, primary_key=True, help_text="One start of one machine.")
    at = models.DateTimeField(help_text="On the clock of the database.")
    since_boot = models.FloatField(help_text="Seconds, on a clock that nobody sets.")

    def __str__(self):
        return "clock of a worker"


class Hosting(models.Model):
    """A membership facilitates one coming meeting: powers over that meeting only. Erased when it is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="hostings", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="one_hosting_per_member_and_meeting")
        ]

    def __str__(self):
        return f"hosting {self.pk}"


class HostOrder(models.Model):
    """Where somebody stands in the gentle order: when they last took a turn at facilitating, or passed it. The two are
    one: nothing tells who facilitated, and no meeting is named."""

    membership = models.OneToOneField(
        Membership, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    at = models.PositiveBigIntegerField(
        help_text="Counted by this order alone: the group's clock would tell between which stories it was."
    )

    def __str__(self):
        return f"host order {self.pk}"


class Round(models.Model):
    """The speaking round of a meeting, while it lasts. Closing it deletes the row, and with it its turns. Both tables
    are unlogged and in no backup: what was deleted lies nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="+", db_constraint=False)
    minutes = models.PositiveSmallIntegerField(null=True, help_text="A mark for each turn. It cuts nobody short.")
    laps = models.PositiveSmallIntegerField(default=0, help_text="How often it has gone round, this time included.")
    turn_since = models.DateTimeField(default=timezone.now)
    closing_at = models.DateTimeField(null=True, help_text="Since when the last words are being said.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "id"], name="round_of_its_group")]

    def __str__(self):
        return f"round {self.pk}"


class Turn(models.Model):
    """One place in the round, answered for by the membership whose device is before it. Whoever speaks and whoever
    passes has had their turn: the two are one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="turns", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)
    seat = models.PositiveSmallIntegerField()
    had = models.PositiveSmallIntegerField(default=0, help_text="How many turns this place was offered and had.")
    is_away = models.BooleanField(
        default=False,
        help_text="Left the round after having had the turn of this lap. Shown to nobody, forgotten with the lap.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "seat"], name="one_turn_per_seat")]

    def __str__(self):
        return f"turn {self.pk}"


class Can(models.TextChoices):
    YES = "yes", _("I can")
    IF_NEEDED = "if_needed", _("I can if needed")
    NO = "no", _("I cannot")


class ProposedDate(models.Model):
    """While a date is looked for: one of those that the group is asked about. Erased when it has passed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "starts_at"], name="one_proposed_date_per_start"),
            models.UniqueConstraint(fields=["group", "id"], name="proposed_date_of_its_group"),
        ]

    def __str__(self):
        return f"proposed date {self.pk}"


class Availability(models.Model):
    """Whether one proposed date does for one member. They alone see it; it goes with the date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    proposed_date = models.ForeignKey(ProposedDate, models.CASCADE, related_name="+", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)
    can = models.CharField(max_length=10, choices=Can)

    class Meta:
        verbose_name_plural = "availability"
        constraints = [
            models.UniqueConstraint(fields=["proposed_date", "membership"], name="one_availability_per_member_and_date")
        ]

    def __str__(self):
        return f"availability {self.pk}"
