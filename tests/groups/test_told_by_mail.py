"""Whoever waits before a door may ask for a mail when there is news: it says that, and nothing else."""

from uuid import uuid4

import pytest

from groups import asking, mail_wanted
from groups.models import EntryRequest
from tests import makers
from tests.groups.test_requests import make_group
from tests.mailbox import mails_to, text_of
from tests.makers import as_person


@pytest.fixture
def group(db):
    return make_group()


@pytest.fixture
def zoe(db):
    return makers.make_member("zoe")


@pytest.fixture
def noor(db):
    """Under an address of their own: the mailbox keeps the mails of every test."""
    return makers.make_member(f"noor-{uuid4().hex[:8]}", language="en")


def ticked(browser, group, **box):
    return browser.post(f"/g/{group.pk}/request/", {"act": "tell", **box}, follow=True)


def test_nobody_is_told_by_mail_who_has_not_asked_for_it(group, noor, visit):
    makers.ask(noor, group, "Osier")

    page = visit(noor).get(f"/g/{group.pk}/request/").content.decode()
    makers.welcome(group.ines, group, noor)

    assert 'name="by_mail"' in page and "checked" not in page
    assert mails_to(noor.email) == []


def test_whoever_asked_for_it_is_told_once_that_they_are_welcome_and_nothing_else(group, noor, visit):
    makers.ask(noor, group, "Osier")

    page = ticked(visit(noor), group, by_mail="on")
    makers.welcome(group.ines, group, noor)

    assert "checked" in page.content.decode()
    [mail] = mails_to(noor.email)
    assert mail["Subject"] == "There is news of your request"
    said = text_of(mail) + str(mail.items())
    for secret in (group.name, str(group.pk), "Osier", "group", "welcome", "boire"):
        assert secret not in said
    assert "/en/me/" in text_of(mail)


def test_quiet_hours_are_for_mails_about_meetings_and_not_for_news(group, visit):
    asleep = makers.make_member(f"lou-{uuid4().hex[:8]}", quiet=True, time_zone=makers.where_it_is_late())
    makers.ask(asleep, group, "Osier")
    ticked(visit(asleep), group, by_mail="on")

    makers.welcome(group.ines, group, asleep)

    assert len(mails_to(asleep.email)) == 1


def test_a_place_that_becomes_free_is_told_again(db, noor, visit):
    group = make_group(size_max=3)
    sofia = makers.make_member("sofia")
    makers.join_by_welcome(sofia, group, "Pré long", group.ines)
    makers.ask(noor, group, "Osier")
    ticked(visit(noor), group, by_mail="on")

    makers.welcome(group.ines, group, noor)
    when_welcome = len(mails_to(noor.email))
    makers.leave(sofia, group)

    assert (when_welcome, len(mails_to(noor.email))) == (1, 2)


@pytest.mark.parametrize("act", ["untick", "stop everything", "take back"])
def test_whoever_changes_their_mind_before_the_mail_leaves_gets_none(group, noor, visit, act):
    makers.ask(noor, group, "Osier")
    browser = visit(noor)
    ticked(browser, group, by_mail="on")
    makers.welcome(group.ines, group, noor)

    with as_person(noor):
        if act == "stop everything":
            mail_wanted.stop_everything(noor)
    if act == "untick":
        ticked(browser, group)
    if act == "take back":
        browser.post(f"/g/{group.pk}/request/", {"act": "back"})

    assert mails_to(noor.email) == []


def test_the_mail_goes_to_the_address_of_today(group, noor, visit):
    makers.ask(noor, group, "Osier")
    ticked(visit(noor), group, by_mail="on")
    former, noor.email = noor.email, f"zoe-{uuid4().hex[:8]}@people.example"
    noor.save()
    with as_person(noor):
        asking.keep_address(noor)

    makers.welcome(group.ines, group, noor)

    assert (mails_to(former), len(mails_to(noor.email))) == ([], 1)


def test_nobody_seals_another_address_beside_somebody_elses_request(group, noor, zoe):
    makers.ask(noor, group, "Osier")
    with as_person(zoe):
        assert EntryRequest.objects.update(sealed_address=b"x") == 0
    with as_person(group.malik):  # who sees it
        assert EntryRequest.objects.update(sealed_address=b"x") == 0
