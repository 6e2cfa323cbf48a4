"""A person in one group, under the name chosen there. Everything inside a group points here, never to a Member.

Keys that point to a row of the same group carry the group with them, so that nothing can be moved into another one.
They are made in migration 0002 (`inside_a_group`), hence `db_constraint=False` on the fields.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from groups.models.group import Group

KINDS_OF_MAIL = ("day_before", "two_hours", "changes")
TERM = timedelta(days=182)  # a facilitation lasts six months and ends by itself


def this_month():
    """The first of it: the day would tell when somebody was here."""
    return today().replace(day=1)


class Reminders(models.TextChoices):
    """What one chooses at the door. Afterwards, each of the three has a column of its own."""

    NONE = "none", _("No reminder")
    DAY_BEFORE = "day_before", _("A discreet e-mail the day before")
    TWO_HOURS = "two_hours", _("A discreet e-mail two hours before")

    @property
    def wishes(self) -> dict[str, bool]:
        """The columns of a membership. Whoever wants a reminder learns too that its meeting is moved or called off."""
        wanted = {"day_before": self == self.DAY_BEFORE, "two_hours": self == self.TWO_HOURS}
        return wanted | {"changes": any(wanted.values())}


class Membership(models.Model):
    """Rows come in through `app.enter_group()` only (migration 0002); a person deletes their own row by leaving."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    member_tag = models.CharField(max_length=64)
    name_mark = models.BinaryField(max_length=32)
    sealed_name = models.BinaryField()
    sealed_address = models.BinaryField()
    day_before = models.BooleanField(default=False)
    two_hours = models.BooleanField(default=False)
    changes = models.BooleanField(default=False, help_text="Told when a meeting is moved or called off.")
    address_refused = models.BooleanField(db_default=False, help_text="The mail server knows no such address.")
    asked_on = models.DateField(default=this_month, help_text="The month of: is a mail still a good way to reach you?")
    stop_hash = models.BinaryField(max_length=32, null=True, unique=True)  # of the link that stops it all (own_keys.py)
    entered_at = models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), not a time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "member_tag"], name="one_membership_per_person_and_group"),
            models.UniqueConstraint(fields=["group", "name_mark"], name="one_membership_per_name_in_group"),
            models.UniqueConstraint(fields=["group", "id"], name="membership_of_its_group"),
        ]
        indexes = [models.Index(fields=["member_tag"], name="membership_by_person")]

    def __str__(self):
        return f"membership {self.pk}"

    @property
    def wants_mail(self) -> bool:
        return self.day_before or self.two_hours or self.changes


class GroupClock(models.Model):
    """Counts the arrivals and stories of a group: it orders them exactly without keeping the time of anything.
    A member reads what was shared after they entered."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="clock")
    now = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return f"clock of group {self.pk}"


class CharterAcceptance(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="acceptances", db_constraint=False)
    version = models.DateField(help_text="The day from which this wording of the charter holds.")
    accepted_on = models.DateField(default=today)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "version"], name="one_acceptance_per_member_and_version")
        ]

    def __str__(self):
        return f"acceptance {self.pk}"


class Facilitation(models.Model):
    """A membership's term as volunteer facilitator: powers over the logistics of meetings, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="facilitations", db_constraint=False)
    starts_on = models.DateField(default=today)
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on"), ends_on__lte=models.F("starts_on") + TERM),
                name="facilitation_ends_within_a_term",
            )
        ]

    def __str__(self):
        return f"facilitation {self.pk}"


class HandOver(models.Model):
    """A facilitator asks another member to go on from here. It is done when that member says yes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    giver = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)
    taker = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["giver"], name="one_hand_over_per_giver")]

    def __str__(self):
        return f"hand over {self.pk}"
