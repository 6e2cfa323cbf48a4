"""What belongs to the group changes by consent: proposed, said about, and settled by whoever comes first after its day.

The worker can open no words, so nothing happens at midnight: the first visit of a member to the group's home or to its
decisions applies what is due, once. docs/decisions/0007-consent.md has the reasons.
"""

import json
from hashlib import sha256
from secrets import token_hex
from uuid import UUID, uuid4

from django.utils import timezone

from entraide.lib import times
from entraide.lib.crypto import DoesNotOpen
from entraide.lib.sql import answer, answers
from groups.confidentiality import (
    Inside,
    decisions,
    enter_group,
    enter_group_to_act,
    find_decision,
    words_on,
)
from groups.models import Decision, Group, Kind, Outcome, Stance
from groups.models.decision import STANDING

# What each kind changes of a group. The functions of migration 0012 have the same columns.
COLUMNS = {
    Kind.NAME: ("name",),
    Kind.SHEET: ("for_whom", "description", "language", "format", "city", "access", "size_min", "size_max"),
    Kind.JOINING: ("joining",),
    Kind.CHARTER: ("charter_additions",),
    Kind.CLOSING: (),
    Kind.EXCLUSION: (),
}


class Busy(Exception):
    """A decision of this kind is open: one at a time."""


class Closing(Exception):
    """The group is closed. Nothing of it changes any more."""


class Gone(Exception):
    """Somebody whom the proposal names has left, or is leaving."""


# --- Whoever comes in finds decisions closed that are over ------------------------------------------------------------


def enter(member, group_id: UUID) -> Inside:
    inside = enter_group(member, group_id)
    return enter_group(member, group_id) if _settle(inside) else inside


def enter_to_act(member, group_id: UUID) -> Inside:
    inside = enter_group_to_act(member, group_id)
    return enter_group(member, group_id) if _settle(inside) else inside


def _settle(inside) -> bool:
    """True when something was due: the group may be another one now, and this person out of it."""
    day = times.local(timezone.now(), inside.group.zone).date()
    if all(one.closes_on >= day for one in inside.decisions):
        return False
    for (pk,) in answers("select * from app.due_decisions(%s)", inside.group.pk):
        answer("select app.settle_decision(%s, %s)", pk, _change(inside, pk))
    return True


def _change(inside, pk):
    """None: what was sealed does not open any more, and changes nothing; or it is no change of the sheet."""
    found = decisions(inside).filter(pk=pk).first()
    try:
        return found and _opened(inside, found)["change"]
    except DoesNotOpen:
        return None


# --- What somebody may do about one; the functions of migration 0012 ask the same -------------------------------------


def proposes(inside: Inside, decision: Decision) -> bool:
    return inside.membership.pk in (decision.proposer_id, decision.second_id)


def is_about(inside: Inside, decision: Decision) -> bool:
    return inside.membership.pk == decision.about_id


def is_asked(inside: Inside, decision: Decision) -> bool:
    """To be the second person of an exclusion, which nobody else sees yet."""
    return decision.outcome == Outcome.WAITING and decision.second_id == inside.membership.pk


def may_answer(inside: Inside, decision: Decision) -> bool:
    return decision.is_open and not proposes(inside, decision)


def may_withdraw(inside: Inside, decision: Decision) -> bool:
    """Whoever proposes it; and, once an exclusion was sent back, the one whom it was about takes it off the page."""
    return proposes(inside, decision) or (is_about(inside, decision) and _is_exclusion_sent_back(decision))


def can_be_withdrawn(decision: Decision) -> bool:
    return decision.outcome in STANDING or _is_exclusion_sent_back(decision)


def _is_exclusion_sent_back(decision):
    return decision.kind == Kind.EXCLUSION and decision.outcome == Outcome.RETURNED


# --- Proposing ------------------------------------------------------------------------------------------------------


def present(group: Group, kind: Kind) -> dict:
    """What a decision of this kind would change, as it is."""
    return {name: getattr(group, name) for name in COLUMNS[kind]}


def proposed(inside: Inside, decision: Decision) -> dict:
    """What it would change, as it would be; nothing when it does not open."""
    try:
        return json.loads(_opened(inside, decision)["change"])["after"]
    except DoesNotOpen:
        return {}


def replaced(inside: Inside, decision: Decision) -> dict:
    """What it would change, as it was when somebody proposed it."""
    try:
        return _opened(inside, decision)["before"]
    except DoesNotOpen:
        return {}


def propose(inside: Inside, kind: Kind, typed: dict) -> None:
    """Once: the id (`key`) comes from the form, so that a form posted twice finds the decision that is there.
    Raises Busy, Closing or Gone."""
    pk, words_id = typed["key"], uuid4()
    # the salt keeps the digest from telling a name to whoever tries names
    change = json.dumps({"after": _located(inside, kind, typed["change"]), "salt": token_hex(16)}, ensure_ascii=False)
    payload = {"before": present(inside.group, kind), "change": change}
    done = answer(
        "select app.open_decision(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        pk,
        inside.group.pk,
        kind,
        typed["days"],
        inside.keyring.seal(payload, "decision", pk),
        sha256(change.encode()).digest(),
        typed.get("second"),
        typed.get("about"),
        words_id,
        inside.keyring.seal({"words": typed["why"]}, "position", words_id),
    )
    if done == "again" and not _is_the_same(inside, pk, kind, typed):
        raise Busy
    if done in ("busy", "closing", "left"):
        raise {"busy": Busy, "closing": Closing, "left": Gone}[done]


def _is_the_same(inside, pk, kind, typed):
    """The same form once more; or, after the browser's Back, other words under the same id: those are not lost."""
    kept = find_decision(inside, pk)
    if kept.kind != kind:
        return False
    said = [words(inside, one) for one in words_on(inside, kept).filter(membership=inside.membership)]
    return proposed(inside, kept) == _located(inside, kind, typed["change"]) and said == [typed["why"]]


def _located(inside, kind, change):
    """A sheet with another city is found elsewhere."""
    if kind != Kind.SHEET:
        return change
    there = Group(city=change["city"], zone=inside.group.zone)
    there.locate()
    return {**change, "latitude": there.latitude, "longitude": there.longitude}


def stand_for(inside: Inside, decision: Decision, why: str) -> None:
    """The second person of an exclusion: from now on the group sees it. Raises Busy or Gone."""
    words_id = uuid4()
    sealed = inside.keyring.seal({"words": why}, "position", words_id)
    done = answer("select app.second_decision(%s, %s, %s)", decision.pk, words_id, sealed)
    if done != "opened":
        raise Busy if done == "busy" else Gone


def take_back(decision: Decision) -> bool:
    """False when it was closed meanwhile."""
    return answer("select app.withdraw_decision(%s)", decision.pk)


# --- Saying something about it ----------------------------------------------------------------------------------------


def take_position(inside: Inside, decision: Decision, stance: Stance, reason: str) -> bool:
    """In the place of one's former position. False when the decision was closed meanwhile: nothing is kept then."""
    words_id = uuid4()
    sealed = inside.keyring.seal({"words": reason}, "position", words_id)
    return answer("select app.take_position(%s, %s, %s, %s)", decision.pk, stance, words_id, sealed) == "kept"


def words(inside: Inside, position) -> str:
    try:
        return inside.keyring.open(position.sealed, "position", position.pk)["words"]
    except DoesNotOpen:
        return ""


def _opened(inside, decision):
    return inside.keyring.open(decision.sealed, "decision", decision.pk)
