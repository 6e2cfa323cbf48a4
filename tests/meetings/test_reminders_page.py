"""One page says which mail somebody wants, in all their groups; one gesture stops it all."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from entraide.lib import times
from entraide.lib.days import today
from groups import asking, mail_wanted, vault
from groups.confidentiality import enter_every_group, own_memberships
from groups.models import Proposal
from meetings import emails, next_mail
from tests import makers
from tests.mailbox import code_for
from tests.makers import as_person
from tests.meetings.conftest import gather, move_to
from tests.pages import in_french, words_of

PAGE = "/me/reminders/"
KINDS = ("day_before", "two_hours", "changes")
EVERY = list(KINDS)


def wanted(member) -> dict:
    """What each of their memberships says, by group."""
    with as_person(member):
        rows = own_memberships(member).values("group_id", *KINDS)
        return {row["group_id"]: [kind for kind in KINDS if row[kind]] for row in rows}


CLOCK = {"time_zone": "America/Toronto", "language": "fr"}


def choose(browser, *groups, **fields):
    return browser.post(PAGE, {"shown": [str(group.pk) for group in groups], **CLOCK, **fields})


def told_of(member, proposal) -> dict | None:
    """What the worker reads before it tells a proposer of an answer."""
    with as_person(member):
        sealed = Proposal.objects.get(pk=proposal.pk).sealed_address
    return vault.open_proposer_address(proposal.pk, sealed) if sealed else None


def change(member, **columns):
    with as_person(member):
        own_memberships(member).update(**columns)


def opened(member) -> list[dict]:
    """What the worker reads, of each of their memberships."""
    with as_person(member):
        return [vault.open_address(one.pk, one.sealed_address) for one in own_memberships(member)]


@pytest.fixture
def other(circle):
    return makers.make_group(circle.malik, "Roseau", name="Les mardis lents")


def test_every_group_has_its_own_answer_of_three_on_one_page(circle, other, visit):
    browser = visit(circle.malik)

    answer = choose(browser, circle.group, other, **{str(circle.group.pk): ["day_before", "changes"]})

    assert (answer.status_code, answer.url) == (302, PAGE)
    assert wanted(circle.malik) == {circle.group.pk: ["day_before", "changes"], other.pk: []}
    page = browser.get(PAGE)
    assert in_french("Your choice is kept. You can change it at any time.") in words_of(page)
    assert page.content.decode().count("checked") == 2
    assert wanted(circle.ines) == {circle.group.pk: []}


def test_who_wants_nothing_reads_that_this_is_fine(circle, visit):
    page = visit(circle.malik).get(PAGE)

    assert in_french("No reminder. That is fine.") in words_of(page)
    assert in_french("None is planned for now.") in words_of(page)


def test_a_group_that_was_joined_in_another_window_keeps_what_was_chosen_there(circle, visit):
    browser = visit(circle.malik)
    browser.get(PAGE)
    other = makers.make_group(circle.ines, "Roseau", name="Les mardis lents")
    makers.join(circle.malik, other, "Osier", "two_hours")

    choose(browser, circle.group, **{str(circle.group.pk): EVERY})

    assert wanted(circle.malik) == {circle.group.pk: EVERY, other.pk: ["two_hours", "changes"]}


def test_a_group_that_was_left_in_another_window_is_said_and_nothing_is_changed(circle, other, visit):
    answer = choose(visit(circle.ines), circle.group, other, **{str(circle.group.pk): EVERY})

    assert answer.status_code == 422
    said = "You are no longer in one of these groups. Here they are as they are now: look, then keep your choice."
    assert in_french(said) in words_of(answer)
    assert answer.content.decode().count("checked") == 3, "what was ticked is still ticked"
    assert str(other.pk) not in answer.content.decode()
    assert wanted(circle.ines) == {circle.group.pk: []}


def test_a_kind_of_mail_that_does_not_exist_is_refused(circle, visit):
    answer = choose(visit(circle.malik), circle.group, **{str(circle.group.pk): ["every_hour"]})

    assert answer.status_code == 422
    assert wanted(circle.malik) == {circle.group.pk: []}


def test_a_closed_group_sends_nothing_and_has_no_line(committed, visit):
    circle = makers.make_circle()
    other = makers.make_group(circle.malik, "Roseau", name="Les mardis lents")
    makers.as_superuser("select app.close_group(%s)", str(other.pk))

    page = visit(circle.malik).get(PAGE)

    assert circle.group.name in words_of(page)
    assert other.name not in words_of(page)


def test_quiet_hours_go_to_the_worker_with_the_address(circle, other, visit):
    choose(visit(circle.malik), circle.group, other, quiet="on")

    assert [to["quiet"] for to in opened(circle.malik)] == [True, True]
    makers.join(circle.malik, makers.make_group(circle.ines, "Roseau", name="Les jeudis"), "Osier")
    assert [to["quiet"] for to in opened(circle.malik)] == [True, True, True]


def test_the_hours_and_the_words_of_the_messages_are_those_of_where_one_lives(circle, visit):
    proposal, browser = makers.make_proposal(circle.malik, name="Les jours gris"), visit(circle.malik)

    choose(browser, circle.group, time_zone="Europe/Paris", language="en", quiet="on", notices="on")

    [to] = opened(circle.malik)
    assert (to["zone"], to["language"]) == ("Europe/Paris", "en")
    assert told_of(circle.malik, proposal)["language"] == "en"
    assert browser.get(PAGE).content.decode().count(" selected>") == 2
    late = datetime(2026, 11, 24, 22, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert emails.quiet_until(late, to, circle.group.zone).astimezone(late.tzinfo).hour == 8


@pytest.mark.parametrize("wrong", [{"time_zone": "Nowhere/Land"}, {"time_zone": ""}, {"language": "xx"}])
def test_a_clock_or_a_language_that_the_page_does_not_offer_changes_nothing(circle, visit, wrong):
    answer = choose(visit(circle.malik), circle.group, **wrong)

    assert answer.status_code == 422
    assert [(to["zone"], to["language"]) for to in opened(circle.malik)] == [("America/Toronto", "fr")]


def test_whoever_lives_on_another_clock_than_those_offered_keeps_it(circle, visit):
    with as_person(circle.malik):
        circle.malik.time_zone = "Asia/Tokyo"
        circle.malik.save(update_fields=["time_zone"])

    choose(visit(circle.malik), circle.group, time_zone="Asia/Tokyo")

    assert [to["zone"] for to in opened(circle.malik)] == ["Asia/Tokyo"]


@pytest.mark.parametrize(
    ("kept", "old", "name"),
    [
        ("Europe/Paris", "America/Montreal", "America/Toronto"),
        ("US/Eastern", "US/Eastern", "America/New_York"),
        ("America/New_York", "US/Eastern", "America/New_York"),
    ],
)
def test_an_old_name_of_a_clock_is_kept_under_the_present_one(circle, visit, kept, old, name):
    browser = visit(circle.malik)
    with as_person(circle.malik):
        circle.malik.time_zone = kept
        circle.malik.save(update_fields=["time_zone"])

    shown = browser.get(PAGE).text
    answer = choose(browser, circle.group, time_zone=old)

    assert 'value="US/Eastern"' not in shown
    assert answer.status_code == 302
    assert [to["zone"] for to in opened(circle.malik)] == [name]


def test_the_link_that_stops_a_mail_stays_the_same_when_the_address_is_sealed_anew(circle, visit):
    before = opened(circle.malik)

    choose(visit(circle.malik), circle.group, quiet="on")

    assert [to["stop"] for to in opened(circle.malik)] == [to["stop"] for to in before]
    assert opened(circle.malik) != before


# --- Stop everything --------------------------------------------------------------------------------------------


def test_one_gesture_stops_every_mail_but_codes(circle, other, visit):
    proposal = makers.make_proposal(circle.malik, name="Les jours gris")
    for group in (circle.group, other):
        makers.choose_reminders(circle.malik, group, "day_before")
    makers.choose_reminders(circle.ines, circle.group, "day_before")

    page = visit(circle.malik).post(f"{PAGE}stop/", follow=True)

    said = "Everything is stopped. Only your sign-in codes still come, when you ask for one."
    assert in_french(said) in words_of(page)
    assert wanted(circle.malik) == {circle.group.pk: [], other.pk: []}
    assert wanted(circle.ines) == {circle.group.pk: ["day_before", "changes"]}
    assert told_of(circle.malik, proposal) is None


def test_who_has_stopped_everything_gets_no_news_of_what_they_propose_later(circle, visit):
    visit(circle.malik).post(f"{PAGE}stop/")
    circle.malik.refresh_from_db()

    proposal = makers.make_proposal(circle.malik, name="Les jours gris")

    assert told_of(circle.malik, proposal) is None


def test_news_of_what_one_asked_for_come_again_when_they_are_wanted(circle, visit):
    proposal = makers.make_proposal(circle.malik, name="Les jours gris")
    browser = visit(circle.malik)
    browser.post(f"{PAGE}stop/")

    choose(browser, circle.group, notices="on")

    assert told_of(circle.malik, proposal)["address"] == circle.malik.email


def test_no_mail_says_any_more_that_a_place_is_free(circle, visit):
    gate = makers.make_group(circle.ines, "Roseau", name="Les mardis lents", joining="welcome")
    makers.ask(circle.malik, gate, "Osier")
    with as_person(circle.malik):
        asking.tell_by_mail(circle.malik, wanted=True)

    visit(circle.malik).post(f"{PAGE}stop/")

    assert not makers.own_request(circle.malik, gate).is_told_by_mail


def test_whoever_stopped_everything_while_they_waited_before_a_door_comes_in_without_reminders(circle, visit):
    gate = makers.make_group(circle.ines, "Roseau", name="Les mardis lents", joining="welcome")
    makers.ask(circle.malik, gate, "Osier", reminders="day_before")
    browser = visit(circle.malik)

    browser.post(f"{PAGE}stop/")
    makers.welcome(circle.ines, gate, circle.malik)
    browser.post(f"/g/{gate.pk}/request/", {"act": "enter"})

    assert wanted(circle.malik) == {circle.group.pk: [], gate.pk: []}


def test_who_stopped_everything_still_gets_a_code(db, visit):
    member = makers.make_member(f"camille-{uuid4().hex[:8]}")
    visit(member).post(f"{PAGE}stop/")

    visit().post("/account/login/", {"login": member.email})

    assert code_for(member.email)


# --- A refused address -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [PAGE, "/me/"])
def test_a_refused_address_is_said_on_the_site_with_what_to_do(circle, visit, address):
    browser = visit(circle.malik)
    before = browser.get(address)
    change(circle.malik, address_refused=True)

    page = browser.get(address)

    said = in_french("Our last message was refused")
    assert said in words_of(page) and said not in words_of(before)
    assert "/account/email/" in page.content.decode()


def test_keeping_the_choice_says_that_a_refused_address_is_good(circle, visit):
    change(circle.malik, address_refused=True)

    page = choose(visit(circle.malik), circle.group)

    with as_person(circle.malik):
        assert not own_memberships(circle.malik).get().address_refused
    assert page.status_code == 302


def test_one_gesture_says_that_a_refused_address_is_right(circle, visit):
    change(circle.malik, day_before=True, address_refused=True)
    browser = visit(circle.malik)
    before = browser.get(PAGE)

    browser.post(f"{PAGE}still-good/")

    with as_person(circle.malik):
        membership = own_memberships(circle.malik).get()
    assert not membership.address_refused and membership.day_before
    assert in_french("None is planned for now.") in words_of(before), "nothing more is sent to it"
    assert in_french("None is planned for now.") not in words_of(browser.get(PAGE))


# --- The next message --------------------------------------------------------------------------------------------


def shown(visit, member):
    """What the preview shows of the next message, or None."""
    page = words_of(visit(member).get(PAGE))
    subject = in_french("Appointment reminder")
    return page.partition(subject)[2] if subject in page else None


def test_the_next_message_is_shown_as_a_locked_screen_will_show_it(circle, visit):
    change(circle.malik, day_before=True)

    words = shown(visit, circle.malik)

    here = circle.meeting.starts_at.astimezone(makers.MONTREAL)
    assert " ".join(times.day(here).split()) in words and " ".join(times.clock(here).split()) in words
    assert circle.group.name not in words


def test_nothing_is_shown_to_whoever_wants_only_changes(circle, visit):
    change(circle.malik, changes=True)

    assert shown(visit, circle.malik) is None


@pytest.mark.parametrize(("begins", "comes"), [(19, 17), (9, 8), (8, None), (23, None)])
def test_what_falls_into_a_quiet_night_is_shown_for_the_morning_and_never_after_the_start(db, begins, comes):
    party = gather()
    member = party.join("two_hours", quiet=True)
    day = (timezone.now() + timedelta(days=3)).astimezone(makers.MONTREAL)
    move_to(party.ines, party.meeting, day.replace(hour=begins, minute=0))

    with as_person(member):
        found = next_mail.of(member, enter_every_group(member))

    assert (found and found.at.astimezone(makers.MONTREAL).hour) == comes


# --- Asked again -------------------------------------------------------------------------------------------------


def long_ago(member, days=190):
    change(member, day_before=True, asked_on=today() - timedelta(days=days))


QUESTION = "Is this still a good way to reach you?"


@pytest.mark.parametrize("address", [PAGE, "/me/"])
def test_after_half_a_year_the_site_asks_once_more_whether_mail_is_good(circle, visit, address):
    browser = visit(circle.malik)
    long_ago(circle.malik, days=150)
    before = browser.get(address)
    long_ago(circle.malik)

    page = browser.get(address)

    assert in_french(QUESTION) in words_of(page)
    assert in_french(QUESTION) not in words_of(before)


def test_who_gets_no_mail_is_not_asked(circle, visit):
    change(circle.malik, asked_on=today() - timedelta(days=400))

    assert in_french(QUESTION) not in words_of(visit(circle.malik).get("/me/"))


@pytest.mark.parametrize("answer", ["still-good/", "stop/", ""])
def test_each_of_the_three_answers_is_one_gesture_and_is_asked_no_more(circle, visit, answer):
    long_ago(circle.malik)
    browser = visit(circle.malik)

    assert browser.post(f"{PAGE}{answer}", CLOCK).status_code == 302

    assert in_french(QUESTION) not in words_of(browser.get("/me/"))
    with as_person(circle.malik):
        membership = own_memberships(circle.malik).get()
    assert membership.asked_on == today().replace(day=1), "the day would tell when somebody was here"
    assert membership.day_before is (answer != "stop/")


def test_who_has_chosen_in_one_group_is_not_asked_for_another(circle, other):
    long_ago(circle.malik)
    makers.choose_reminders(circle.malik, other, "day_before")

    with as_person(circle.malik):
        assert len(set(own_memberships(circle.malik).values_list("asked_on", flat=True))) == 1
        assert mail_wanted.is_asked([]) is False
