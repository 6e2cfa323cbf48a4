"""One discreet mail a message of the team, by the worker: whatever mail servers do, and never after the tie is cut."""

from uuid import uuid4

import pytest

from entraide.lib import sql
from groups import founding
from groups.models import Proposal
from tests import makers, services
from tests.mailbox import mails_to, text_of
from tests.makers import as_person
from tests.meetings.conftest import finish, serve_mail, start_tick
from tests.proposals import answered


@pytest.fixture
def nadia(committed):
    return makers.make_member("nadia", is_staff=True)


@pytest.fixture
def proposer(committed):
    """Under an address of their own: the mailbox keeps the mails of every test."""
    return makers.make_member(f"yasmine-{uuid4().hex[:8]}", language="en")


@pytest.fixture
def asked(proposer, nadia):
    proposal = makers.make_proposal(proposer, name="Les mains dans la terre")
    answered("ask", proposal, nadia, "Bonjour. Qui peut venir?")
    return proposal


@pytest.fixture
def tick():
    """One tick of a worker of its own, with the mail server of the tests."""
    port = int(services.worker_environment()["EMAIL_URL"].rpartition(":")[2])
    return lambda: finish(start_tick(port))


def rows(changes=None):
    """[(kind, hand-overs)], after these changes, with the worker's login."""
    with services.worker() as cursor:
        if changes:
            cursor.execute(f"update members_outgoingmail set {changes}")
        cursor.execute("select kind, hands from members_outgoingmail order by id")
        return cursor.fetchall()


def test_a_message_of_the_team_is_told_by_one_mail_that_says_nothing_of_it(asked, proposer, tick):
    assert tick() == {"mail sent": 1}
    assert tick() == {}

    [mail] = mails_to(proposer.email)
    assert mail["Subject"] == "You have a message about your request"
    said = text_of(mail) + str(mail.items())
    for secret in ("Les mains", "groupe", "group", "Qui peut venir", "proposal", str(asked.pk), "boire"):
        assert secret not in said
    assert "/en/me/" in text_of(mail)
    assert rows() == []


def test_each_new_message_has_its_own_mail_and_an_answer_has_none(asked, proposer, nadia, tick, visit):
    tick()
    visit(proposer).post(f"/propose/{asked.pk}/answer/", {"key": str(uuid4()), "text": "Toutes."})
    after_the_answer = tick()
    answered("accept", asked, nadia)

    assert after_the_answer == {}
    assert tick() == {"mail sent": 1}
    mails = mails_to(proposer.email)
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 2


def test_a_suggested_no_is_told_to_nobody(proposer, nadia, tick):
    proposal = makers.make_proposal(proposer)

    answered("suggest_no", proposal, nadia)

    assert tick() == {}
    assert mails_to(proposer.email) == []


@pytest.mark.parametrize(
    "refusal", [{"on_address": lambda address: "451 come back"}, {"on_words": lambda: "451 come back"}]
)
def test_a_mail_server_that_is_busy_is_tried_again_later(asked, proposer, tick, refusal):
    with serve_mail(**refusal) as server:
        first = server.tick()
    too_early, waiting = tick(), rows()

    rows("next_try = now()")

    assert (first, too_early, waiting) == ({"mail put off": 1}, {}, [("notice", 0)])
    assert tick() == {"mail sent": 1}
    assert len(mails_to(proposer.email)) == 1


@pytest.mark.parametrize(
    "refusal", [{"on_address": lambda address: "550 nobody here"}, {"on_words": lambda: "554 not these words"}]
)
def test_what_is_refused_for_good_is_not_tried_again(asked, proposer, tick, refusal):
    with serve_mail(**refusal) as server:
        assert server.tick() == {"mail failed": 1}

    assert (rows(), tick()) == ([], {})
    assert mails_to(proposer.email) == []


def test_a_rude_goodbye_sends_nothing_twice(asked, tick):
    with serve_mail(on_quit="500 never seen you") as server:
        server.tick()

        assert len(server.kept) == 1
    assert rows() == []


def test_after_a_crash_there_is_one_extra_copy_and_no_third(asked, proposer, nadia, tick):
    rows("hands = 1")  # handed over, perhaps, by a worker that ended before it could tell
    second = tick()
    answered("ask", asked, nadia, "Encore un mot?")
    rows("hands = 2")

    assert second == {"mail sent": 1}
    assert tick() == {"mail in doubt": 1}
    assert rows() == [("notice", 2)]
    assert len(mails_to(proposer.email)) == 1


def test_two_workers_at_once_send_one_mail(asked, proposer):
    port = int(services.worker_environment()["EMAIL_URL"].rpartition(":")[2])
    processes = [start_tick(port) for _ in range(3)]

    counts = [finish(process) for process in processes]

    assert sum(count.get("mail sent", 0) for count in counts) == 1
    assert len(mails_to(proposer.email)) == 1


def test_nobody_is_told_after_the_tie_is_cut(asked, proposer, nadia, tick):
    answered("accept", asked, nadia)
    with as_person(proposer):
        group = Proposal.objects.get().group
    makers.join(proposer, group, "Phare blanc")

    assert rows() == [("notice", 0)] * 2
    assert tick() == {"mail not wanted": 2}
    assert (rows(), mails_to(proposer.email)) == ([], [])


@pytest.mark.parametrize("act", ["ask", "accept"])
def test_a_message_is_told_to_the_address_that_is_the_proposers_today(proposer, nadia, tick, act):
    proposal, former = makers.make_proposal(proposer), proposer.email
    answered(act, proposal, nadia)
    proposer.email = f"zoe-{uuid4().hex[:8]}@people.example"
    proposer.save()
    with as_person(proposer):
        founding.keep_address(proposer)

    assert tick() == {"mail sent": 1}
    assert (len(mails_to(former)), len(mails_to(proposer.email))) == (0, 1)


def test_nobody_changes_where_another_person_is_told(asked, nadia, tick):
    zoe = makers.make_member("zoe")
    for who, staff in ((zoe, False), (nadia, True)):
        with as_person(who, staff=staff):
            sql.answer("select app.readdress_proposal(%s, %s)", asked.pk, b"x")

    assert tick() == {"mail sent": 1}


def test_an_address_moved_to_another_proposal_does_not_open(asked, proposer, tick, owner):
    other = makers.make_proposal(makers.make_member("zoe"))
    moved = bytes(other.sealed_address)
    with owner.cursor() as cursor:
        cursor.execute("alter table groups_proposal no force row level security")
        cursor.execute("update groups_proposal set sealed_address = %s where id = %s", [moved, str(asked.pk)])
        cursor.execute("alter table groups_proposal force row level security")
    owner.commit()

    assert tick() == {"mail failed": 1}
    assert (rows(), mails_to("zoe@people.example")) == ([], [])
