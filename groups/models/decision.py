"""What belongs to the group changes by consent: a proposal, a few days, and the positions of whoever takes one.

Rows come in and change through the functions of migration 0012 only. The keys to memberships carry the group (see
membership.py); when a person leaves, the database empties those of what they proposed, and takes away their positions
and an exclusion that is about them.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from groups.models.group import Group
from groups.models.membership import Membership

SHORTEST, USUAL, LONGEST = 3, 7, 30  # days of a window; migration 0012 has the same numbers


class Kind(models.TextChoices):
    NAME = "name", _("The name of the group")
    SHEET = "sheet", _("The public sheet")
    JOINING = "joining", _("How one joins")
    CHARTER = "charter", _("What the group adds to the charter")
    CLOSING = "closing", _("Closing the group")
    EXCLUSION = "exclusion", _("Excluding somebody")


class Outcome(models.TextChoices):
    WAITING = "waiting", "waiting for a second person"  # an exclusion that one member alone stands for
    OPEN = "open", "open"
    ADOPTED = "adopted", "adopted"
    RETURNED = "returned", "back to discussion"
    WITHDRAWN = "withdrawn", "withdrawn"
    LAPSED = "lapsed", "without effect"


STANDING = (Outcome.WAITING, Outcome.OPEN)


class Decision(models.Model):
    """`sealed` holds what would change, as it is and as it would be. `digest` is that of the change with a random salt
    inside: the database applies that change and no other, without knowing it before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False, related_name="decisions")
    number = models.PositiveBigIntegerField(help_text="On the group's own clock (GroupClock), when it opened.")
    kind = models.CharField(max_length=10, choices=Kind)
    proposer = models.ForeignKey(Membership, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    second = models.ForeignKey(Membership, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    about = models.ForeignKey(Membership, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    sealed = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    days = models.PositiveSmallIntegerField(default=USUAL)
    opened_on = models.DateField(default=today)
    closes_on = models.DateField(help_text="The last day for a position, on the group's own calendar.")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    decided_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "id"], name="decision_of_its_group"),
            models.UniqueConstraint(
                fields=["group", "kind"],
                condition=models.Q(outcome=Outcome.OPEN) & ~models.Q(kind=Kind.EXCLUSION),
                name="one_open_decision_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["about"], condition=models.Q(outcome=Outcome.OPEN), name="one_open_exclusion_of_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(days__gte=SHORTEST, days__lte=LONGEST), name="decision_lasts_three_to_thirty_days"
            ),
        ]
        indexes = [models.Index(fields=["group", "-number"], name="decisions_of_a_group")]

    def __str__(self):
        return f"decision {self.pk}"

    @property
    def is_open(self):
        return self.outcome == Outcome.OPEN


@dataclass(frozen=True)
class OpenDecision:
    """What every page inside knows of one that is not closed: no word of it."""

    id: uuid.UUID
    kind: Kind
    closes_on: date
    is_open: bool  # False: an exclusion that waits for a second person

    @classmethod
    def of(cls, row: dict) -> "OpenDecision":
        """`row` as the database writes it in JSON."""
        day, is_open = date.fromisoformat(row["closes_on"]), row["outcome"] == Outcome.OPEN
        return cls(uuid.UUID(row["id"]), Kind(row["kind"]), day, is_open)


class Stance(models.TextChoices):
    AGREE = "agree", _("I agree")
    ASIDE = "aside", _("I let the group decide")
    CONCERN = "concern", _("I have a concern")
    OBJECT = "object", _("I object")
    # nobody chooses these: they come with proposing, and with being the one whom it is about
    PROPOSE = "propose", "proposes it"
    SIDE = "side", "their side"


class Position(models.Model):
    """Of one member on one decision. `sealed` holds their words, if any, which go with the row when they leave."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, db_constraint=False)
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="positions", db_constraint=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_constraint=False)
    stance = models.CharField(max_length=10, choices=Stance)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "membership"], name="one_position_per_member_and_decision")
        ]

    def __str__(self):
        return f"position {self.pk}"
