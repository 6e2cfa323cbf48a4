"""To whom the outbox writes about a row of ours (members/outbox.py): asked at the moment of sending, so that whoever
has come in, taken it back or wants to hear no more is not written to. Runs in the worker.
"""

from collections import Counter

from entraide.lib import sql
from groups import vault
from members import delivering

PROPOSER = "select sealed_address from groups_proposal where id = %s and sealed_address <> ''"
ASKER = "select sealed_address from groups_entryrequest where id = %s and sealed_address <> ''"


def send_due() -> Counter:
    """All mail that waits, in one tick."""
    return delivering.send_due({"notice": _proposer, "answer": _asker})


def _proposer(proposal_id) -> dict | None:
    """Whoever wants no such mail has no address there, nor has anybody once the tie is cut."""
    sealed = sql.answer(PROPOSER, proposal_id)
    return vault.open_proposer_address(proposal_id, sealed) if sealed else None


def _asker(request_id) -> dict | None:
    """Only somebody who asked for it has an address there."""
    sealed = sql.answer(ASKER, request_id)
    return vault.open_asker_address(request_id, sealed) if sealed else None
