"""The proposal that somebody writes, step by step. It waits in the session, sealed like all of it, and goes with it.

No account is needed before the last step: signing in gives a session a new name and keeps what it holds. Whatever was
kept is read again as if it had just been typed, so that nothing but a whole and clean proposal can be sent.
"""

from functools import cached_property
from uuid import UUID, uuid4

from groups.confidentiality import awaiting_sheet
from groups.models import Group, Proposal
from groups.proposal_forms import STEPS, Step, as_typed

KEPT_AS = "proposing"
LAST = len(STEPS) + 1  # check and send


class Draft:
    """`key` is the id of the proposal that it becomes, so that sending twice makes one."""

    def __init__(self, request):
        self._session, self._language = request.session, request.LANGUAGE_CODE
        kept = request.session.get(KEPT_AS)
        kept = kept if isinstance(kept, dict) else {}
        self._typed = kept.get("typed") if isinstance(kept.get("typed"), dict) else {}
        self._sheet = str(kept.get("sheet") or "")
        self.key = _uuid(kept.get("key")) or uuid4()

    @property
    def is_begun(self) -> bool:
        return bool(self._typed)

    @cached_property
    def sheet(self) -> Group | None:
        """The group of a public list that it began from, while that awaits its first person."""
        return awaiting_sheet(self._sheet)

    @property
    def is_whole(self) -> bool:
        return self.open_step == LAST

    @property
    def open_step(self) -> int:
        """The first one that is not done."""
        return self._read[0]

    def form(self, step: int) -> Step:
        """As it was kept; not yet read, so it says nothing of errors."""
        typed = self._of_step(step)
        return STEPS[step - 1](initial={"language": self._language, "format": "online", **typed})

    def keep(self, step: int, form: Step) -> None:
        self._typed[str(step)] = {name: form[name].data for name in form.fields}
        self._write()

    def proposal(self) -> Proposal:
        """The whole of it; all steps are done."""
        proposal = self._read[1]
        proposal.pk, proposal.listing_id = self.key, self.sheet and self.sheet.pk
        return proposal

    def begin_with(self, proposal: Proposal, *, anew: bool) -> None:
        """The words of a proposal, to change them or, anew, to send them as another one."""
        self._typed, self.key = as_typed(proposal), uuid4() if anew else proposal.pk
        self._sheet = proposal.listing.group.slug if proposal.listing_id else ""
        self._write()

    def begin_with_sheet(self, sheet: Group) -> None:
        """What a public list says of a group that nobody has entered."""
        self._typed, self._sheet = as_typed(sheet), sheet.slug
        self._write()

    def start_anew(self) -> None:
        """The same words, under another id."""
        self.key = uuid4()
        self._write()

    def forget(self) -> None:
        self._session.pop(KEPT_AS, None)

    @cached_property
    def _read(self) -> tuple[int, Proposal]:
        """The first step that is not done, and what those before it say: read once, until something is kept anew."""
        proposal = Proposal()
        for step in range(1, LAST):
            typed = self._of_step(step)
            if not typed or not STEPS[step - 1](typed, instance=proposal).is_valid():
                return step, proposal
        return LAST, proposal

    def _of_step(self, step):
        typed = self._typed.get(str(step))
        return typed if isinstance(typed, dict) else {}

    def _write(self):
        self._session[KEPT_AS] = {"key": str(self.key), "typed": self._typed, "sheet": self._sheet}
        for name in ("sheet", "_read"):
            vars(self).pop(name, None)


def _uuid(text):
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None
