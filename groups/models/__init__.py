"""The circle of trust: groups, the people in them, their stories and keys."""

from groups.models.decision import Decision, Kind, OpenDecision, Outcome, Position, Stance
from groups.models.entry import EntryRequest
from groups.models.group import Access, Format, Group, Joining, LivedExperience, Sheet
from groups.models.journal import JournalEntry
from groups.models.key import GroupKey, KeyMark
from groups.models.listing import Listing
from groups.models.membership import CharterAcceptance, Facilitation, GroupClock, HandOver, Membership, Reminders
from groups.models.notebook import Note, Notebook, SmallStep
from groups.models.proposal import Proposal, ProposalMessage, StaffAct, StaffSide
from groups.models.shelf import ShelfKey, ShelfStep
from groups.models.story import ContentNote, Feeling, Life, Resonance, Story, StoryDraft, StoryKey

__all__ = [
    "Access",
    "CharterAcceptance",
    "ContentNote",
    "Decision",
    "EntryRequest",
    "Facilitation",
    "Feeling",
    "Format",
    "Group",
    "GroupClock",
    "GroupKey",
    "HandOver",
    "Joining",
    "JournalEntry",
    "KeyMark",
    "Kind",
    "Life",
    "Listing",
    "LivedExperience",
    "Membership",
    "Note",
    "Notebook",
    "OpenDecision",
    "Outcome",
    "Position",
    "Proposal",
    "ProposalMessage",
    "Reminders",
    "Resonance",
    "Sheet",
    "ShelfKey",
    "ShelfStep",
    "SmallStep",
    "StaffAct",
    "StaffSide",
    "Stance",
    "Story",
    "StoryDraft",
    "StoryKey",
]
