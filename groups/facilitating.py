"""Facilitating is a service: any member takes it on for a term, goes on, stops, or asks another to take over."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from entraide.lib.days import today
from entraide.lib.sql import answer, reason
from groups.confidentiality import Inside, hand_over_from, hand_overs_to, own_terms
from groups.models import HandOver, Membership

RENEWAL = timedelta(days=30)  # before the end of a term; app.facilitate() has the same number


class AlreadyAsked(Exception):
    """Somebody is asked to take over; they may still say yes."""


class Gone(Exception):
    """The person whom one asks has left in this very moment."""


REFUSED = {"one_hand_over_per_giver": AlreadyAsked, "groups_handover_taker_id_of_its_group": Gone}


def term_ends_on(inside: Inside):
    last = own_terms(inside).last()
    return last.ends_on if last else None


def can_renew(ends_on) -> bool:
    return ends_on is not None and ends_on <= today() + RENEWAL


def volunteer(inside: Inside) -> None:
    """For six months from today; or, in the last month of a term, for six months from its end. Twice is once."""
    answer("select app.facilitate(%s)", inside.group.pk)


def stop(inside: Inside) -> None:
    hand_over_from(inside).delete()
    own_terms(inside).delete()


def ask_to_take_over(inside: Inside, taker: Membership) -> None:
    """Raises AlreadyAsked or Gone."""
    try:
        with transaction.atomic():
            HandOver(group=inside.group, giver=inside.membership, taker=taker).save(force_insert=True)
    except IntegrityError as error:
        raise reason(error, REFUSED) from None


def take_back(inside: Inside) -> None:
    hand_over_from(inside).delete()


def take_over(inside: Inside) -> bool:
    """The giver's term ends and ours begins. False when it was taken back meanwhile."""
    return bool(answer("select app.take_over(%s)", inside.group.pk))


def decline(inside: Inside) -> None:
    hand_overs_to(inside).delete()
