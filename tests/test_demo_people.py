"""The demonstration's groups: everything that members can write is there to be seen, and fits its own rules."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from entraide.demo import people
from entraide.demo.installation import CHECKOUT
from groups import feelings, notebook
from groups.confidentiality import enter_group, own_memberships
from groups.models import Group
from members.models import Member
from tests import services
from tests.mailbox import mails_to
from tests.makers import as_person
from tests.pages import in_french, words_of

FRENCH = {"Rappel de rendez-vous", "Changement de rendez-vous", "Rendez-vous annulé"}
ENGLISH = {"Appointment reminder", "Appointment changed", "Appointment called off"}


@pytest.fixture
def brought_in(db):
    assert people.bring_in()


def somebody(name):
    return Member.objects.get(email=f"{name}@demo.example")


def group_of(member):
    with as_person(member):
        return own_memberships(member).get().group_id


def test_it_is_brought_in_once(brought_in):
    assert not people.bring_in()
    assert Group.objects.count() == 8


def test_a_member_finds_stories_of_every_kind(brought_in, visit):
    tilleul = somebody("tilleul")
    group = f"/g/{group_of(tilleul)}/"
    browser = visit(tilleul)

    stories = browser.get(f"{group}stories/").context["cards"]
    answer = next(card for card in stories if card.title and card.title.reveal() == "Le mardi d’après")
    page = browser.get(f"{group}stories/{answer.id}/")
    came_through = browser.post(f"{group}echo/", {"words": "", "feeling": "", "came_through": "on"})

    assert answer.came_through and [str(one) for one in answer.feelings[:2]] == ["paix", "gratitude"]
    assert page.context["linked"].answered.title.reveal() == "J’ai dit oui à la résidence"
    assert [card.id for card in came_through.context["found"].cards] == [answer.id]
    assert any(card.note for card in stories)
    received = visit(somebody("corneille")).get(f"{group}stories/{answer.id}/").context["received"]
    assert len(received) == 3


def test_a_member_finds_a_shelf_and_a_decision(brought_in, visit):
    tilleul = somebody("tilleul")
    group = f"/g/{group_of(tilleul)}/"

    shelf, home = (visit(tilleul).get(f"{group}{end}") for end in ("shelf/", ""))

    assert len(shelf.context["helps"]) == 6
    assert "/decisions/" in home.content.decode()
    gid = group_of(tilleul)
    with as_person(tilleul):
        assert len(enter_group(tilleul, gid).decisions) == 1


def test_somebody_has_a_notebook_of_many_months(brought_in):
    tilleul = somebody("tilleul")
    with as_person(tilleul):
        months = feelings.picture(notebook.all_feelings(tilleul)).months
        steps = notebook.steps(tilleul)

    assert len(months) >= 8
    assert sorted(step.done for step in steps) == [False, False, True]


def test_somebody_waits_before_a_door(brought_in, visit):
    platane = Member.objects.get(email__startswith="platane.")

    home = visit(platane).get(f"/g/{group_of(platane)}/")

    assert "Roseau" in words_of(visit(platane).get(f"/g/{group_of(platane)}/welcome/"))
    assert "/welcome/" in home.content.decode()


def test_a_member_finds_meetings_of_every_kind_and_their_turn_in_a_round(brought_in, visit):
    browser, group = visit(somebody("tilleul")), f"/g/{group_of(somebody('tilleul'))}/"

    agenda = browser.get(f"{group}meetings/")
    now, first, *others = agenda.context["meetings"]
    page = words_of(browser.get(f"{group}meetings/{now.pk}/round/"))

    assert [sum(one.is_moved for one in others), sum(one.is_cancelled for one in others)] == [1, 1]
    [walk] = [one for one in (first, *others) if one.kind == "social"]
    assert agenda.context["full"] == {walk.pk}
    assert timedelta(minutes=2) < now.starts_at - timezone.now() < timedelta(minutes=5)
    assert in_french("It is your turn.") in page


def test_the_mailbox_soon_holds_a_reminder_a_change_and_a_cancellation_in_both_languages(committed):
    assert people.bring_in()
    send = [sys.executable, "manage.py", "send_due_reminders"]

    subprocess.run(send, cwd=CHECKOUT, env=services.worker_environment(), check=True, capture_output=True)

    for name, subjects in (("tilleul", FRENCH), ("cedre", ENGLISH)):
        mails = mails_to(f"{name}@demo.example")
        assert sorted(mail["Subject"] for mail in mails) == sorted(subjects)
        assert all(mail["List-Unsubscribe"] for mail in mails)
