"""Decisions as pages show them: one sentence, what changes from what to what, who said what, how it ended."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from entraide.lib.crypto import Secret
from groups import deciding
from groups.confidentiality import Inside, Person, words_on
from groups.models import Access, Decision, Format, Group, Joining, Kind, Outcome, Stance


@dataclass(frozen=True)
class Change:
    label: str
    before: Secret
    after: Secret
    is_typed: bool  # by members, in the group's language; else a choice, in the reader's


@dataclass(frozen=True)
class Said:
    """Somebody's words on a decision, with the position that they come with."""

    person: Person
    stance: Stance
    words: Secret


@dataclass(frozen=True)
class Shown:
    """A decision in a list."""

    id: UUID
    kind: Kind
    number: int
    sentence: Secret
    outcome: Outcome
    ending: str
    closes_on: date
    decided_on: date | None


def shown(inside: Inside, decision: Decision) -> Shown:
    return Shown(
        id=decision.pk,
        kind=Kind(decision.kind),
        number=decision.number,
        sentence=Secret(_sentence(inside, decision)),
        outcome=Outcome(decision.outcome),
        ending=_ending(decision),
        closes_on=decision.closes_on,
        decided_on=decision.decided_on,
    )


def changes(inside: Inside, decision: Decision) -> list[Change]:
    """Only what differs, in the order of the form."""
    before, after = deciding.replaced(inside, decision), deciding.proposed(inside, decision)
    differing = [name for name in deciding.COLUMNS[decision.kind] if before.get(name) != after.get(name)]
    return [
        Change(_LABELS[name](), Secret(_value(name, before)), Secret(_value(name, after)), name in _TYPED)
        for name in differing
    ]


def said(inside: Inside, decision: Decision) -> list[Said]:
    """Those who propose it first, then the one whom it is about, then the others."""
    order = (Stance.PROPOSE, Stance.SIDE, Stance.OBJECT, Stance.CONCERN)
    rows = sorted(words_on(inside, decision), key=lambda row: (order.index(row.stance), row.pk))
    return [
        Said(inside.person_of(row.membership), Stance(row.stance), Secret(deciding.words(inside, row))) for row in rows
    ]


def _sentence(inside, decision):
    after = deciding.proposed(inside, decision)
    if decision.kind == Kind.NAME and "name" in after:
        return _("The group would be called “%(name)s”.") % {"name": after["name"]}
    if decision.kind == Kind.JOINING and "joining" in after:
        at_once = after["joining"] == Joining.OPEN
        return (
            _("Whoever wishes would enter at once.") if at_once else _("A member would welcome whoever asks to enter.")
        )
    if decision.kind == Kind.EXCLUSION and decision.about_id:
        return _("%(name)s would no longer be in the group.") % {"name": inside.person_of(decision.about).name.reveal()}
    return {
        Kind.NAME: _("The name of the group would change."),
        Kind.SHEET: _("What everybody can read about the group would change."),
        Kind.JOINING: _("The way in which one joins would change."),
        Kind.CHARTER: _("What the group adds to the charter would change."),
        Kind.CLOSING: _("The group would close, and its words would be destroyed 30 days later."),
        Kind.EXCLUSION: _("Somebody would no longer be in the group."),
    }[decision.kind]


def _ending(decision):
    if decision.outcome == Outcome.LAPSED and decision.kind == Kind.NAME:
        return _(
            "Nothing changed: meanwhile the group closed, or another group took this name or one that looks like it."
        )
    return {
        Outcome.WAITING: _("It waits for a second person. Nobody else sees it."),
        Outcome.OPEN: "",
        Outcome.ADOPTED: _("Adopted: nobody objected. The change is made."),
        Outcome.RETURNED: _("Back to discussion: somebody objects, and says why."),
        Outcome.WITHDRAWN: _("Withdrawn by the person who proposed it."),
        Outcome.LAPSED: _("Nothing changed: the group closed meanwhile, or what was proposed does not open any more."),
    }[decision.outcome]


_LABELS = {
    "name": lambda: _("Name of the group"),
    "for_whom": lambda: _("For whom"),
    "description": lambda: _("How this circle is"),
    "language": lambda: _("Language"),
    "format": lambda: _("How you meet"),
    "city": lambda: _("City or neighbourhood"),
    "access": lambda: _("Access"),
    "size_min": lambda: _("Number of people, at least"),
    "size_max": lambda: _("Number of people, at most"),
    "joining": lambda: _("How one joins"),
    "charter_additions": lambda: _("Additions to the charter"),
}
_TYPED = ("name", "for_whom", "description", "city", "charter_additions")
_CHOICES = {
    "language": dict(Group._meta.get_field("language").choices),
    "format": dict(Format.choices),
    "joining": dict(Joining.choices),
}


def _value(name, values):
    value = values.get(name)
    if name in _CHOICES:
        return capfirst(str(_CHOICES[name].get(value, value)))
    if name == "access":
        value = capfirst(", ".join(str(Access(code).label) for code in value or ()))
    if name == "charter_additions":
        value = "\n".join(value or ())
    return str(value or _("nothing written"))
