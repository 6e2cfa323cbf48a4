"""A group asked for, before staff approve it. Written to be read by staff; says who asked only as a keyed hash."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today
from groups.models.group import Group, Sheet
from groups.models.listing import Listing


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(accepted_on__isnull=True).order_by("sent_on", "id")


class Proposal(Sheet):
    class State(models.TextChoices):
        SENT = "sent", _("received")
        ACCEPTED = "accepted", _("accepted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposer_tag = models.CharField(
        max_length=64, blank=True, help_text="Emptied when the proposer has entered the group."
    )
    hopes = models.TextField(max_length=2000, blank=True, help_text="Read by staff only.")
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, related_name="+", help_text="The sheet of a list that it began from."
    )
    sent_on = models.DateField(default=today)
    accepted_on = models.DateField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    group = models.OneToOneField(Group, models.CASCADE, null=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    def __str__(self):
        return f"proposal {self.pk}"

    @property
    def state(self):
        return self.State.SENT if self.accepted_on is None else self.State.ACCEPTED

    def get_state_display(self):
        return self.state.label
