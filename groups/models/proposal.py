"""A group asked for, before staff approve it; what is said about it, and what staff keep beside it.

Written to be read by staff; says who asked only as a keyed hash, and the database forgets with it whatever was written
beside the sheet (migration 0009). What points to a Member here is let go by the database itself when an account is
erased: no row policy lets that person change these rows.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import after_working_days, today, working_days_since
from groups.models.group import Group, Sheet
from groups.models.listing import Listing

PROMISED = 5  # working days within which staff answer


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        """Without a final answer. The one that has waited longest comes first."""
        without_answer = self.filter(accepted_on__isnull=True, declined_on__isnull=True)
        return without_answer.order_by(Coalesce("answered_on", "sent_on"), "id")


class Proposal(Sheet):
    class State(models.TextChoices):
        SENT = "sent", _("received")
        ASKED = "asked", _("details asked")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("not kept")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposer_tag = models.CharField(
        max_length=64, blank=True, help_text="Emptied when the proposer has entered the group, or 30 days after a no."
    )
    sealed_address = models.BinaryField(default=b"", help_text="For the worker alone; goes with the tag.")
    rhythm_wished = models.CharField(max_length=120, blank=True, help_text="Read by staff only; goes with the tag.")
    second_person = models.BooleanField(default=False, help_text="Whether somebody would begin with the proposer.")
    hopes = models.TextField(max_length=2000, blank=True, help_text="Read by staff only; goes with the tag.")
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, related_name="+", help_text="The sheet of a list that it began from."
    )
    sent_on = models.DateField(default=today)
    asked_on = models.DateField(null=True, help_text="Since when staff wait for the proposer.")
    answered_on = models.DateField(null=True, help_text="Since when staff are awaited again.")
    accepted_on = models.DateField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    declined_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=0, help_text="Counts what was done since the sending.")
    group = models.OneToOneField(Group, models.CASCADE, null=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta(Sheet.Meta):
        constraints = [
            *Sheet.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(accepted_on=None) | models.Q(declined_on=None), name="proposal_has_one_answer"
            ),
        ]

    def __str__(self):
        return f"proposal {self.pk}"

    @property
    def begun_by(self):
        return _("two people") if self.second_person else _("one person")

    @property
    def is_answered(self) -> bool:
        return bool(self.accepted_on or self.declined_on)

    @property
    def state(self):
        if self.is_answered:
            return self.State.ACCEPTED if self.accepted_on else self.State.DECLINED
        return self.State.ASKED if self.asked_on else self.State.SENT

    def get_state_display(self):
        return self.state.label

    @property
    def awaits_staff(self) -> bool:
        return self.state == self.State.SENT

    @property
    def waiting_days(self) -> int:
        return working_days_since(self.answered_on or self.sent_on)

    @property
    def is_late(self) -> bool:
        return self.waiting_days > PROMISED

    @property
    def promised_by(self):
        return after_working_days(self.answered_on or self.sent_on, PROMISED)

    @property
    def staff_side(self) -> "StaffSide":
        """Its row comes with the first thing that staff keep."""
        return self.side if hasattr(self, "side") else StaffSide(proposal=self)


class ProposalMessage(models.Model):
    """One side writing to the other. Nothing is changed or taken back: both have read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="messages", db_constraint=False)
    number = models.PositiveIntegerField(help_text="The proposal's version that it made: it orders a day.")
    from_team = models.BooleanField()
    text = models.TextField(max_length=2000)
    written_on = models.DateField(default=today)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_message_per_number")]

    def __str__(self):
        return f"message {self.pk}"


class StaffSide(models.Model):
    """What staff keep beside a proposal and its proposer never reads."""

    proposal = models.OneToOneField(
        Proposal, models.CASCADE, primary_key=True, related_name="side", db_constraint=False
    )
    looked_at_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    note = models.TextField(max_length=2000, blank=True)
    # the words of somebody who would not keep the proposal, while they wait for a second look
    refusal = models.TextField(max_length=2000, blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )

    def __str__(self):
        return f"staff side of proposal {self.proposal_id}"


def this_minute():
    return timezone.now().replace(second=0, microsecond=0)


class StaffAct(models.Model):
    """A line of the staff log. The web may add lines and read them; nobody changes one."""

    class Act(models.TextChoices):
        TAKEN = "taken", _("looked at")
        LEFT = "left", _("left to others")
        NOTED = "noted", _("note of the team changed")
        ASKED = "asked", _("details asked for")
        ACCEPTED = "accepted", _("accepted")
        SUGGESTED = "suggested", _("not to be kept: a second look asked for")
        RETURNED = "returned", _("given back, to be looked at again")
        DECLINED = "declined", _("not kept, confirmed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    act = models.CharField(max_length=10, choices=Act)
    proposal_id = models.UUIDField(help_text="No reference: the line stays when the proposal goes.")
    done_at = models.DateTimeField(default=this_minute)

    class Meta:
        indexes = [models.Index(fields=["-done_at", "id"], name="staff_acts_by_time")]

    def __str__(self):
        return f"staff act {self.pk}"
