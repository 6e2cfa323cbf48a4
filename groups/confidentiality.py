"""The one room that knows who may see what. Views obtain what is inside a group here, and nowhere else.

Rights: what a person may do inside. Doors: one object, or the same 404 for missing, foreign, withdrawn and deleted.
Lists: what lies behind a door that was passed. PostgreSQL's row policies say the same a second time.
docs/confidentiality.md mirrors this file in plain words; change both together.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.core.validators import slug_re
from django.db.models import BooleanField, F, Func, JSONField, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.http import Http404
from django.utils.translation import gettext as _

from entraide.lib.crypto import DoesNotOpen, Secret
from entraide.lib.days import today
from entraide.lib.prepared import Prepared
from entraide.lib.sql import answer
from entraide.lib.words import folded
from groups import charter
from groups.models import (
    Decision,
    Facilitation,
    Group,
    GroupKey,
    HandOver,
    Kind,
    Listing,
    Membership,
    OpenDecision,
    Outcome,
    Position,
    Resonance,
    Stance,
    Story,
)
from groups.vault import Keyring, member_tag

AFTER_ALL = 2**63 - 1  # on the clock of any group

SHOWN_IN_A_LIST = (
    *("author", "shared_at", "shared_on", "opened_to_later", "sealed", "version", "ends_on", "answers"),
    *("author__sealed_name", "key__wrapped", "key__group_key_version"),
)

# --- Rights ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rights:
    """What a person who stands inside a group may do. Outside there are no rights to ask about."""

    read: bool = False  # whoever has accepted the charter as it is now

    see_place: bool = True  # every member may come, so every member sees where
    write: bool = True  # every member has a story, until the group is closed
    facilitate: bool = False  # for the length of a term: sees how many plan to come; nothing more than what follows
    schedule: bool = False  # the logistics of meetings: whoever facilitates, and everybody as long as nobody does


class CharterDue(Exception):
    """The charter has changed since this member accepted it: they read it before any story opens again."""

    def __init__(self, group_id: UUID):
        self.group_id = group_id


class StoryGone(Http404):
    """Somebody inside asks for a story that is not there, or not theirs to read: the same for every such id."""

    def __init__(self, inside):
        super().__init__()
        self.inside = inside


def require(right: bool) -> None:
    """An insider without the right gets a plain refusal; outsiders never come this far."""
    if not right:
        raise PermissionDenied


# --- Doors -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody as the group knows them."""

    id: UUID
    name: Secret


@dataclass(frozen=True, repr=False)
class Inside:
    """Proof that somebody stands inside a group in this request, with what they need there."""

    group: Group
    membership: Membership
    rights: Rights
    keyring: Keyring
    asked_since: date | None  # the oldest request that no member has welcomed
    decisions: tuple[OpenDecision, ...]
    _people: dict[UUID, Person] = field(default_factory=dict)  # whose name is open already

    @property
    def person(self) -> Person:
        return self.person_of(self.membership)

    def person_of(self, membership: Membership) -> Person:
        if membership.pk not in self._people:
            try:
                name = self.keyring.open_name(membership)
            except DoesNotOpen:
                name = Secret(_("A member whose name does not open"))
            self._people[membership.pk] = Person(membership.pk, name)
        return self._people[membership.pk]


def enter_group(member, group_id: UUID) -> Inside:
    membership = _membership.first(tag=member_tag(member.pk), group=group_id, on=today())
    if membership is None:
        raise Http404
    return _inside(membership)


def enter_group_to_act(member, group_id: UUID) -> Inside:
    """The person is still inside when the transaction ends: leaving in another window waits, or has happened before."""
    _hold(member, group_id, "for key share")
    return enter_group(member, group_id)


def enter_group_to_leave(member, group_id: UUID) -> Inside:
    """Whatever the person is doing in another window is done by now, or will find that they have left."""
    _hold(member, group_id, "for update")
    return enter_group(member, group_id)


def enter_every_group(member) -> list[Inside]:
    return [_inside(membership) for membership in _every_membership(tag=member_tag(member.pk), on=today())]


def enter_every_group_to_leave(member) -> list[Inside]:
    """As `enter_group_to_leave`, of all of them, always in the same order: two windows cannot wait for each other."""
    list(own_memberships(member).select_for_update())
    return enter_every_group(member)


def find(inside: Inside, model: type[Model], pk: UUID) -> Model:
    """One row of the group, or the 404 of every other id."""
    return _found(within(inside, model).filter(pk=pk))


def find_story(inside: Inside, pk: UUID) -> Story:
    return _found_story(inside, readable_stories(inside).filter(pk=pk))


def find_told_story(inside: Inside, pk: UUID) -> Story:
    """With what was `said` of it: to its author everything, to everybody else what they said themselves."""
    me = inside.membership
    said = within(inside, Resonance).filter(Q(membership=me) | Q(story__author=me), story=OuterRef("pk"))
    name = Func("membership__sealed_name", Value("hex"), function="encode")
    rows = said.order_by("membership", "kind").values(row=JSONObject(id="membership", kind="kind", name=name))
    return _found_story(inside, readable_stories(inside).filter(pk=pk).annotate(said=ArraySubquery(rows)))


def find_own_story(inside: Inside, pk: UUID) -> Story:
    """An author's acts belong to the author; others who read the story get a plain refusal."""
    own = own_stories(inside).select_related("key", "author").filter(pk=pk).first()
    require(own or not find_story(inside, pk))
    return own


def hold_own_story(inside: Inside, pk: UUID) -> Story:
    """The same, and nobody changes or withdraws it in another window before this transaction ends."""
    find_own_story(inside, pk)
    return _found_story(inside, own_stories(inside).filter(pk=pk).select_for_update(of=("self",)))


def find_decision(inside: Inside, pk: UUID) -> Decision:
    return _found(decisions(inside).filter(pk=pk))


def group_to_enter(pk: UUID) -> Group:
    """A group whose door the person may come to: any that is open to the public, or the one that they proposed. Whether
    they enter at once, ask or wait is seen there (belonging.join)."""
    may_ask = Func(F("pk"), function="app.may_ask", output_field=BooleanField())
    return _found(Group.objects.filter(pk=pk).filter(may_ask))


def find_sheet(slug: str) -> Group:
    """The sheet at this address; or, where a list had named the group before, that of the group made of it here."""
    made_of_it = Listing.objects.filter(group__slug=slug).values("taken_up_by")
    return sheets().filter(slug=slug).first() or _found(sheets().filter(pk__in=made_of_it))


# --- Lists -----------------------------------------------------------------------------------------------------------


def sheets() -> QuerySet[Group]:
    """For anybody: groups that their founder has entered, and those of public lists that await a first person."""
    return Group.objects.listed()


def awaiting_sheet(slug: str) -> Group | None:
    """The group of a public list that nobody has entered yet, while it is there."""
    return sheets().awaiting().filter(slug=slug).first() if slug_re.match(slug) else None


def within(inside: Inside, model: type[Model]) -> QuerySet:
    return model.objects.filter(group=inside.group)


def within_any(insides: list[Inside], model: type[Model]) -> QuerySet:
    return model.objects.filter(group__in=[inside.group for inside in insides])


def readable_stories(inside: Inside) -> QuerySet[Story]:
    return _readable(*_reader(inside), today())


def page_of_stories(inside: Inside, most: int, *, before: int | None = None) -> list[Story]:
    """The newest first, of those that stand below `before` on the group's clock. No other order exists."""
    group, me, entered = _reader(inside)
    below = AFTER_ALL if before is None else before
    return _page_of_stories(most, group=group, me=me, entered=entered, on=today(), before=below)


def own_stories(inside: Inside) -> QuerySet[Story]:
    return within(inside, Story).standing().filter(author=inside.membership).select_related("key")


def own_stories_of_all(insides: list[Inside]) -> QuerySet[Story]:
    authors = [inside.membership.pk for inside in insides]
    stories = within_any(insides, Story).standing().filter(author__in=authors).select_related("key", "author")
    return stories.order_by("-shared_on", "-shared_at", "pk")


def own_resonances(inside: Inside, story: Story) -> QuerySet[Resonance]:
    return within(inside, Resonance).filter(story=story, membership=inside.membership)


def words_said(inside: Inside, story: Story) -> set[str]:
    """By the one who asks, of a story from `find_told_story`."""
    return {said["kind"] for said in story.said if said["id"] == str(inside.membership.pk)}


def words_received(inside: Inside, story: Story) -> list[tuple[Person, list[str]]] | None:
    """For the author alone; nobody else is told, not even that there is nothing."""
    if story.author_id != inside.membership.pk:
        return None
    received = {}
    for said in story.said:
        by = Membership(pk=UUID(said["id"]), sealed_name=bytes.fromhex(said["name"]))
        received.setdefault(by, []).append(Resonance.Kind(said["kind"]).label)
    return [(inside.person_of(by), words) for by, words in received.items()]


def terms_in_office(inside: Inside) -> QuerySet[Facilitation]:
    on = today()
    terms = within(inside, Facilitation).filter(starts_on__lte=on, ends_on__gt=on)
    return terms.select_related("membership").order_by("starts_on", "pk")


def own_terms(inside: Inside) -> QuerySet[Facilitation]:
    """Those that run or are to come, the last one at the end."""
    return within(inside, Facilitation).filter(membership=inside.membership, ends_on__gt=today()).order_by("ends_on")


def hand_over_from(inside: Inside) -> QuerySet[HandOver]:
    return within(inside, HandOver).filter(giver=inside.membership).select_related("taker")


def hand_overs_to(inside: Inside) -> QuerySet[HandOver]:
    return within(inside, HandOver).filter(taker=inside.membership).select_related("giver").order_by("pk")


def decisions(inside: Inside) -> QuerySet[Decision]:
    """Exclusions: those that opened after this person entered; while they wait, for the two whom they ask."""
    mine = Q(proposer=inside.membership) | Q(second=inside.membership)
    seen = ~Q(kind=Kind.EXCLUSION) | Q(number__gt=inside.membership.entered_at) & (~Q(outcome=Outcome.WAITING) | mine)
    people = within(inside, Decision).select_related("proposer", "second", "about")
    return people.filter(seen).order_by("-number")


def own_position(inside: Inside, decision: Decision) -> Position | None:
    return within(inside, Position).filter(decision=decision, membership=inside.membership).first()


def words_on(inside: Inside, decision: Decision) -> QuerySet[Position]:
    """Positions that come with words, for those who were here when it opened. The others are nobody's business."""
    said = within(inside, Position).filter(decision=decision).exclude(stance__in=(Stance.AGREE, Stance.ASIDE))
    present = decision.number > inside.membership.entered_at
    return (said if present else said.filter(membership=inside.membership)).select_related("membership")


def others(inside: Inside) -> list[Person]:
    """For an act that needs a name: the other members, in the order of their names."""
    rows = within(inside, Membership).exclude(pk=inside.membership.pk)
    return sorted(map(inside.person_of, rows), key=lambda person: folded(person.name.reveal()))


def count_members(inside: Inside) -> int:
    """Told only to somebody who is about to share: how many people, themselves included, the group has today."""
    return within(inside, Membership).count()


def own_memberships(member) -> QuerySet[Membership]:
    return Membership.objects.filter(member_tag=member_tag(member.pk)).order_by("pk")


def is_member(member, group: Group) -> bool:
    return member.is_authenticated and own_memberships(member).filter(group=group).exists()


# --- How it is asked ------------------------------------------------------------------------------------------------


def _hold(member, group_id, strength):
    query = f"select 1 from groups_membership where member_tag = %s and group_id = %s {strength}"
    if answer(query, member_tag(member.pk), group_id) is None:
        raise Http404


def _reader(inside):
    if not inside.rights.read:
        raise CharterDue(inside.group.pk)
    return inside.group.pk, inside.membership.pk, inside.membership.entered_at


def _readable(group, me, entered, on):
    """Those shared after this person entered, those opened to later members by their author, and their own."""
    mine = Q(shared_at__gt=entered) | Q(opened_to_later=True) | Q(author=me)
    return Story.objects.standing(on).filter(mine, group=group).select_related("key", "author")


@Prepared
def _page_of_stories(most, *, group: UUID, me: UUID, entered: int, on: date, before: int) -> QuerySet[Story]:
    rows = _readable(group, me, entered, on).filter(shared_at__lt=before).only(*SHOWN_IN_A_LIST)
    return rows.order_by("-shared_at")[:most]


@Prepared
def _membership(*, tag: str, group: UUID, on: date) -> QuerySet[Membership]:
    return _memberships(on).filter(member_tag=tag, group=group)


@Prepared
def _every_membership(*, tag: str, on: date) -> QuerySet[Membership]:
    return _memberships(on).filter(member_tag=tag).order_by("group__name", "pk")


def _memberships(on):
    """Everybody's, with what a door needs."""
    door = Func(F("pk"), F("group_id"), Value(on), function="app.at_the_door", output_field=JSONField())
    return Membership.objects.select_related("group").annotate(door=door)


def _inside(membership) -> Inside:
    group, door = membership.group, membership.door
    rows = [(version, wrapping, bytes.fromhex(wrapped)) for version, wrapping, wrapped in door["keys"] or ()]
    kept = GroupKey.objects.filter(group=group).values_list("version", "wrapping_key_version", "wrapped")
    accepted, facilitates = _day(door["accepted"]), door["facilitates"]
    rights = Rights(
        read=accepted is not None and accepted >= charter.version_of(group),
        facilitate=facilitates,
        write=not group.is_closed,
        schedule=not group.is_closed and (facilitates or not door["is_facilitated"]),
    )
    decisions = tuple(map(OpenDecision.of, door["decisions"] or ()))
    return Inside(
        group, membership, rights, Keyring(group.pk, rows, renew=kept.all), _day(door["asked_since"]), decisions
    )


def _day(written):
    return date.fromisoformat(written) if written else None


def _found_story(inside, queryset):
    found = queryset.first()
    if found is None:
        raise StoryGone(inside)
    return found


def _found(queryset):
    found = queryset.first()
    if found is None:
        raise Http404
    return found
