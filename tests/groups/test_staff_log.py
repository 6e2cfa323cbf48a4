"""Beside an answer: who looks at it, the note of the team, the log of every act, and what PostgreSQL itself refuses."""

from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from entraide.lib.days import today
from groups import approving
from groups.models import Proposal, ProposalMessage, StaffAct, StaffSide
from tests import makers, services
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of
from tests.proposals import POINTS, answered, at, decline, letter


def acts_of(staff):
    with as_person(staff, staff=True):
        return [act.act for act in StaffAct.objects.filter(staff=staff).order_by("done_at")]


# --- beside it: who looks, the note, the log --------------------------------------------------------------------------


def test_one_takes_it_up_takes_it_over_and_leaves_it(proposal, nadia, noor, desk, second_desk):
    for _ in range(2):
        desk.post(at(proposal, "take/"))
    second_desk.post(at(proposal, "let-go/"))
    second_desk.post(at(proposal, "take/"))
    desk.post(at(proposal, "let-go/"))
    second_desk.post(at(proposal, "let-go/"))

    assert acts_of(nadia) == ["taken"]
    assert sorted(acts_of(noor)) == ["left", "taken"]
    assert in_french("Nobody yet") in words_of(desk.get("/staff/proposals/"))


def test_the_note_is_the_teams_alone(proposal, yasmine, desk, second_desk, visit):
    kept = desk.post(at(proposal, "note/"), {"note": "Proposer une salle."})
    refused = desk.post(at(proposal, "note/"), {"note": "a\0b"})

    assert kept.status_code == 302
    assert (refused.status_code, bool(error_beside(refused, "note"))) == (422, True)
    assert typed(second_desk.get(at(proposal)), "note") == "Proposer une salle."
    assert "Proposer une salle." not in words_of(visit(yasmine).get(f"/propose/{proposal.pk}/"))
    desk.post(at(proposal, "accept/"), letter(**POINTS))
    desk.post(at(proposal, "note/"), {"note": "Salle trouvée."})
    assert typed(second_desk.get(at(proposal)), "note") == "Salle trouvée."


def test_every_act_leaves_a_line_in_the_log(proposal, yasmine, desk, second_desk, visit):
    desk.post(at(proposal, "take/"))
    desk.post(at(proposal, "note/"), {"note": "Une salle?"})
    desk.post(at(proposal, "ask/"), letter())
    visit(yasmine).post(f"/propose/{proposal.pk}/answer/", {"key": str(uuid4()), "text": "Oui."})
    desk.post(at(proposal, "decline/"), letter(version=2))
    second_desk.post(at(proposal, "decline/give-back/"), {"version": 3})
    desk.post(at(proposal, "decline/"), letter(version=4))
    second_desk.post(at(proposal, "decline/confirm/"), {"version": 5})
    desk.post(at(proposal, "let-go/"))

    log = words_of(desk.get("/staff/log/"))

    labels = ["looked at", "note of the team changed", "details asked for", "given back, to be looked at again"]
    labels += ["not to be kept: a second look asked for", "not kept, confirmed"]
    for label in labels:
        said = in_french(label)
        assert said[:1].upper() + said[1:] in log
    assert log.count("Les mains dans la terre") == 7
    assert (log.count(in_french("You")) >= 5, log.count(in_french("Another person"))) == (True, 2)


def test_staff_who_propose_a_group_read_nothing_of_what_is_done_about_it(nadia, noor, desk, second_desk):
    own = makers.make_proposal(nadia, name="Les pages du soir")
    answered("suggest_no", own, noor, "Bonjour. Le groupe vend quelque chose.")

    assert "Les pages du soir" in words_of(second_desk.get("/staff/log/"))
    assert "Les pages du soir" not in words_of(desk.get("/staff/log/"))
    assert in_french("not to be kept: a second look asked for") not in words_of(desk.get("/staff/log/"))


def test_an_empty_log_says_so(desk):
    assert in_french("Nothing has been done yet.") in words_of(desk.get("/staff/log/"))


# --- PostgreSQL itself ------------------------------------------------------------------------------------------------


def test_the_log_is_for_staff_and_nobody_changes_it(proposal, yasmine, nadia):
    answered("ask", proposal, nadia)

    with as_person(yasmine):
        assert not StaffAct.objects.exists()
        assert not StaffSide.objects.exists()
    for change in ("update groups_staffact set act = 'left'", "delete from groups_staffact"):
        with pytest.raises(DatabaseError), transaction.atomic(), as_person(nadia, staff=True):
            connection.cursor().execute(change)
    with pytest.raises(DatabaseError), transaction.atomic(), as_person(yasmine):
        StaffAct.objects.create(staff=nadia, act="accepted", proposal_id=proposal.pk)


def test_neither_side_writes_as_the_other_and_nobody_else_reads(proposal, yasmine, nadia):
    answered("ask", proposal, nadia)
    forged = {"proposal": proposal, "number": 9, "text": "x"}

    with pytest.raises(DatabaseError), transaction.atomic(), as_person(yasmine):
        ProposalMessage.objects.create(from_team=True, **forged)
    with pytest.raises(DatabaseError), transaction.atomic(), as_person(nadia, staff=True):
        ProposalMessage.objects.create(from_team=False, **forged)
    with as_person(makers.make_member("theo")):
        assert not ProposalMessage.objects.exists()
    for change in ("update groups_proposalmessage set text = 'x'", "delete from groups_proposalmessage"):
        with pytest.raises(DatabaseError), transaction.atomic(), as_person(nadia, staff=True):
            connection.cursor().execute(change)


def test_a_proposer_can_neither_answer_themselves_nor_change_what_was_answered(proposal, yasmine, nadia):
    group = makers.accept(makers.make_proposal(makers.make_member("theo")), nadia)

    for change in (
        "accepted_on = current_date",
        "declined_on = current_date",
        f"group_id = '{group.pk}'",
        "proposer_tag = 'x'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), as_person(yasmine):
            connection.cursor().execute(f"update groups_proposal set {change}")
    answered("accept", proposal, nadia)
    with as_person(yasmine):
        assert Proposal.objects.update(hopes="autre chose") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "select text from groups_proposalmessage",
        "select proposer_tag from groups_proposal",
        "select name from groups_proposal",
        "select hopes from groups_proposal",
        "select * from groups_staffside",
        "select * from groups_staffact",
        "update groups_proposal set declined_on = current_date",
        "update groups_proposalmessage set text = 'x'",
    ],
)
def test_the_worker_may_not(django_db_setup, statement):
    with services.worker() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)


def test_staff_who_erase_their_account_leave_their_acts_without_a_name(committed, owner):
    yasmine, nadia = makers.make_member("yasmine"), makers.make_member("nadia", is_staff=True)
    proposal = makers.make_proposal(yasmine)
    answered("suggest_no", proposal, nadia)
    with as_person(nadia, staff=True):
        approving.take(proposal, nadia)

    nadia.delete()

    stored = everything_stored(owner)
    assert stored["groups_staffact"].count("\n") == 1
    for table in ("groups_staffact", "groups_staffside"):
        assert str(nadia.pk) not in stored[table]


def test_the_tie_to_a_proposal_that_was_not_kept_goes_after_thirty_days(committed, owner):
    staff = [makers.make_member(name, is_staff=True) for name in ("nadia", "noor")]
    proposers = [makers.make_member(name) for name in ("yasmine", "zoe")]
    proposals = [makers.make_proposal(proposer, hopes=f"Vu par {proposer.email}.") for proposer in proposers]
    for proposal, days in zip(proposals, (31, 30), strict=True):
        decline(proposal, *staff)
        with as_person(staff[0], staff=True):
            Proposal.objects.filter(pk=proposal.pk).update(declined_on=today() - timedelta(days=days))

    makers.run_as_worker("from meetings import upkeep; upkeep.run()")

    stored = everything_stored(owner)["groups_proposal"]
    addresses = [bytes(proposal.sealed_address).hex() for proposal in proposals]
    for tie in (proposals[0].proposer_tag, addresses[0], "Vu par yasmine"):
        assert tie not in stored
    assert [tie in stored for tie in (proposals[1].proposer_tag, addresses[1])] == [True, True]
