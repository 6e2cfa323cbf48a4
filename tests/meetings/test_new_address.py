"""A reminder goes where its person wants it: to the new address from the moment that it is confirmed."""

from uuid import uuid4

from tests.mailbox import ask_for_address, code_for, mails_to
from tests.pages import in_french


def reminders_to(address):
    return [mail for mail in mails_to(address) if mail["Subject"] == in_french("Appointment reminder")]


def test_the_next_reminder_goes_to_the_new_address(gathering, tick, visit):
    member = gathering.join("two_hours")
    former, new = member.email, f"new-{uuid4().hex}@people.example"
    browser = visit(member)
    gathering.move(hours=1)
    ask_for_address(browser, former, new)

    browser.post("/account/confirm-email/", {"code": code_for(new)})
    counts = tick()

    assert counts == {"derived": 1, "sent": 1, "mail sent": 1}  # the former address is told of the change
    assert [len(reminders_to(address)) for address in (former, new)] == [0, 1]


def test_until_the_code_is_typed_it_goes_to_the_former_one(gathering, tick, visit):
    member = gathering.join("two_hours")
    former, new = member.email, f"new-{uuid4().hex}@people.example"
    gathering.move(hours=1)

    ask_for_address(visit(member), former, new)
    tick()

    assert [len(reminders_to(address)) for address in (former, new)] == [1, 0]


def test_nobody_is_reminded_after_erasing_their_account(gathering, tick, ledger, visit):
    member = gathering.join("two_hours")
    browser = visit(member)
    browser.post("/me/erase/", {"stories": "withdraw"})
    gathering.move(hours=1)

    browser.post("/me/erase/code/", {"code": code_for(member.email)})
    counts = tick()

    assert counts == {}
    assert ledger() == []
    assert reminders_to(member.email) == []
