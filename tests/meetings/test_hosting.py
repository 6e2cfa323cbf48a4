"""Facilitating one meeting, in turn: powers over that meeting only, a gentle order, and no record of who did it."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from entraide.lib.sql import answers
from groups.confidentiality import enter_group
from groups.models import Story
from meetings import hosting
from meetings.models import Hosting, HostOrder, Meeting
from tests import makers
from tests.makers import as_person
from tests.meetings.conftest import move
from tests.pages import in_french, words_of


def address(circle, name, meeting=None):
    if name in ("rotation", "guide", "pass_hosting"):
        return reverse(f"meetings:{name}", args=[circle.group.pk])
    return reverse(f"meetings:{name}", args=[circle.group.pk, (meeting or circle.meeting).pk])


def hosts_of(circle, meeting=None):
    with as_person(circle.ines):
        inside, meeting = enter_group(circle.ines, circle.group.pk), meeting or circle.meeting
        return {person.name.reveal() for person in hosting.hosts_of(inside, [meeting])[meeting]}


def proposed_to(circle, person):
    with as_person(person):
        inside = enter_group(person, circle.group.pk)
        return [inside.membership.pk == pk for pk in hosting.proposed(inside)]


@pytest.fixture
def second(circle):
    with as_person(circle.ines):
        return Meeting.objects.order_by("starts_at")[1]


def test_any_member_offers_and_takes_it_back_and_twice_is_once(circle, visit):
    browser, seen = visit(circle.malik), []

    for act in ("host", "host", "unhost", "unhost", "host"):
        sent = browser.post(address(circle, act))
        seen.append(hosts_of(circle))

    assert sent.url == address(circle, "rotation")
    assert seen == [{"Gué bleu"}, {"Gué bleu"}, set(), set(), {"Gué bleu"}]


def test_two_who_offer_do_it_together(circle, visit):
    for person in (circle.ines, circle.malik):
        visit(person).post(address(circle, "host"))

    assert hosts_of(circle) == {"Phare vert", "Gué bleu"}
    page = visit(circle.malik).get(address(circle, "meeting")).text
    assert "Phare vert" in page and "Gué bleu" in page


def test_who_facilitates_one_meeting_changes_and_cancels_that_one_only(circle, second, visit):
    browser = visit(circle.malik)
    before = browser.post(address(circle, "cancel")).status_code
    browser.post(address(circle, "host"))

    page = browser.get(address(circle, "meeting")).text
    forbidden = [browser.post(address(circle, act)) for act in ("cancel_following",)]
    forbidden += [browser.get(address(circle, "change_following")), browser.get(address(circle, "change", second))]
    forbidden += [browser.post(address(circle, "cancel", second))]
    forbidden += [browser.get(reverse("meetings:schedule", args=[circle.group.pk]))]
    change = browser.get(address(circle, "change"))
    browser.post(address(circle, "cancel"), {"version": 1})

    assert before == 403
    assert [answer.status_code for answer in forbidden] == [403] * 5
    assert change.status_code == 200
    assert address(circle, "change") in page and address(circle, "change_following") not in page
    with as_person(circle.ines):
        assert set(Meeting.objects.exclude(cancelled_at=None)) == {circle.meeting}
    circle.group.refresh_from_db()
    assert circle.group.next_starts_at == second.starts_at, "the public sheet follows"


def test_the_database_gives_power_over_that_meeting_only(circle, second, visit):
    visit(circle.malik).post(address(circle, "host"))

    with as_person(circle.malik):
        assert Meeting.objects.update(version=9) == 1
        assert Meeting.objects.filter(pk=second.pk).delete()[0] == 0
    with as_person(circle.ines):
        assert Hosting.objects.all().delete()[0] == 0, "an offer is its maker's own"
    assert hosts_of(circle) == {"Gué bleu"}


@pytest.mark.parametrize(
    "statement",
    [
        "update meetings_hosting set meeting_id = meeting_id",
        "update meetings_hostorder set at = 0",
        "insert into meetings_hostorder select * from meetings_hostorder",
    ],
)
def test_nobody_writes_the_order_by_hand(circle, statement):
    with as_person(circle.ines), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        answers(statement)


def test_outsiders_see_and_offer_nothing(circle, visit):
    visit(circle.malik).post(address(circle, "host"))

    for outsider in (circle.sofia, makers.make_member("theo")):
        with as_person(outsider):
            assert not Hosting.objects.exists() and not HostOrder.objects.exists()
            assert answers("select app.proposed_to_host(%s)", circle.group.pk) == []
            answers("select app.had_a_turn(%s)", circle.group.pk)
        assert visit(outsider).post(address(circle, "host")).status_code == 404
        assert visit(outsider).get(address(circle, "guide")).status_code == 404
    assert hosts_of(circle) == {"Gué bleu"}


def test_no_offer_is_taken_for_what_is_over_or_called_off(circle, second, visit):
    browser = visit(circle.malik)
    move(circle.ines, second, timedelta(minutes=-91))
    visit(circle.ines).post(address(circle, "cancel"), {"version": 1})

    for meeting in (circle.meeting, second):
        browser.post(address(circle, "host", meeting))
        assert hosts_of(circle, meeting) == set()


LIMIT = "One person takes two coming meetings at most, among the next eight: others may want one too."


def coming(circle):
    with as_person(circle.ines):
        return list(Meeting.objects.order_by("starts_at"))


def test_one_person_takes_two_at_a_time_and_the_pages_say_so(circle, visit):
    browser, meetings = visit(circle.malik), coming(circle)
    before = words_of(browser.get(address(circle, "rotation")))
    for meeting in meetings[:2]:
        browser.post(address(circle, "host", meeting))

    refused = browser.post(address(circle, "host", meetings[2]), follow=True)
    again = browser.post(address(circle, "host", meetings[1]), follow=True)
    browser.post(address(circle, "unhost", meetings[0]))
    browser.post(address(circle, "host", meetings[3]))

    assert in_french(LIMIT) in before and before.count(in_french("I can facilitate")) == 8
    assert words_of(refused).count(in_french(LIMIT)) == 2 and in_french("I can facilitate") not in words_of(refused)
    assert words_of(again).count(in_french(LIMIT)) == 1, "twice is once"
    assert [hosts_of(circle, meeting) for meeting in meetings[:4]] == [set(), {"Gué bleu"}, set(), {"Gué bleu"}]


def test_of_the_meetings_to_come_the_next_eight_are_offered(circle, visit):
    browser, meetings = visit(circle.malik), coming(circle)
    for meeting in meetings[7:9]:
        browser.post(address(circle, "host", meeting))

    page = words_of(browser.get(address(circle, "meeting", meetings[8])))

    assert [hosts_of(circle, meeting) for meeting in meetings[7:9]] == [{"Gué bleu"}, set()]
    assert in_french(LIMIT) in page and in_french("I can facilitate") not in page


def test_whoever_calls_meetings_off_does_not_go_on_to_the_next_ones(circle, visit):
    browser, meetings = visit(circle.malik), coming(circle)
    for meeting in meetings[:4]:
        for act in ("host", "cancel", "unhost"):
            browser.post(address(circle, act, meeting), {"version": 1})

    with as_person(circle.ines):
        assert list(Meeting.objects.exclude(cancelled_at=None).order_by("starts_at")) == meetings[:2]


def test_the_database_takes_no_third_offer_in_one_statement_either(circle):
    meetings = coming(circle)
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        rows = [Hosting(group=circle.group, meeting=one, membership=inside.membership) for one in meetings[:3]]
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Hosting.objects.bulk_create(rows)
        Hosting.objects.bulk_create(rows[:2])


def test_whoever_is_alone_in_a_group_takes_all_that_are_offered(circle, visit):
    makers.leave(circle.malik, circle.group)
    browser, meetings = visit(circle.ines), coming(circle)

    for meeting in meetings[:3]:
        browser.post(address(circle, "host", meeting))

    assert [hosts_of(circle, meeting) for meeting in meetings[:3]] == [{"Phare vert"}] * 3


def test_whoever_leaves_facilitates_nothing_any_more(circle, visit):
    visit(circle.malik).post(address(circle, "host"))

    makers.leave(circle.malik, circle.group)

    assert hosts_of(circle) == set()


def crowd(circle, *names):
    people = {}
    for name in names:
        people[name] = makers.make_member(name)
        makers.join(people[name], circle.group, f"Galet {name}")
    return people


def test_the_order_proposes_three_who_have_not_done_it_lately(circle, visit):
    people = crowd(circle, "ada", "bo", "cy")
    assert [sum(proposed_to(circle, one)) for one in (circle.malik, people["ada"], people["bo"])] == [1, 1, 0]

    for one in (circle.ines, circle.malik):
        visit(one).post(address(circle, "host"))

    assert [sum(proposed_to(circle, people[name])) for name in people] == [1, 1, 1]
    assert sum(proposed_to(circle, circle.malik)) == 0


def test_passing_and_facilitating_are_the_same_row(circle, visit):
    people = crowd(circle, "ada", "bo")
    visit(circle.malik).post(address(circle, "pass_hosting"))
    visit(people["ada"]).post(address(circle, "host"))
    visit(people["ada"]).post(address(circle, "unhost"))

    assert sum(proposed_to(circle, circle.malik)) == 1, "of four people three are proposed: Ada passed later"
    assert sum(proposed_to(circle, people["ada"])) == 0
    fields = {field.name for field in HostOrder._meta.fields}
    assert fields == {"membership", "group", "at"}, "neither a day nor a meeting"


def test_a_copy_of_the_database_does_not_date_the_order_by_the_stories_around_it(circle, visit):
    makers.make_story(circle.ines, circle.group)
    visit(circle.malik).post(address(circle, "host"))
    makers.make_story(circle.ines, circle.group)
    visit(circle.ines).post(address(circle, "pass_hosting"))

    with as_person(circle.ines):
        stories = Story.objects.filter(author__isnull=False).order_by("shared_at").values_list("shared_at", flat=True)
        last = list(stories)[-1]
    order = []
    for person in (circle.malik, circle.ines):
        with as_person(person):
            order.append(HostOrder.objects.get().at)
    assert order == [1, 2] and last > 2


def test_names_are_proposed_to_those_who_arrange_meetings_only(circle, visit):
    crowd(circle, "ada", "bo", "cy")
    visit(circle.ines).post(address(circle, "host"))

    arranging, member = (visit(one).get(address(circle, "rotation")) for one in (circle.ines, circle.malik))

    assert [person.name.reveal() for person in arranging.context["proposed"]] == ["Galet ada", "Galet bo", "Gué bleu"]
    assert member.context["proposed"] == [] and member.context["is_proposed"]
    assert "Galet ada" not in member.text


def test_a_meeting_with_nobody_shows_the_guide_to_all(circle, visit):
    browser = visit(circle.malik)
    guide = browser.get(address(circle, "guide")).text
    steps = guide[guide.index("<ol") : guide.index("</ol>")]

    without = browser.get(address(circle, "meeting")).text
    visit(circle.ines).post(address(circle, "host"))
    with_one = browser.get(address(circle, "meeting")).text

    assert steps.count("<li>") == 5
    assert steps in without and steps not in with_one
    assert "Gué bleu" not in guide and makers.PLACE not in guide


def test_the_home_of_the_group_says_whether_somebody_facilitates_the_next_meeting(circle, visit):
    browser, home = visit(circle.malik), reverse("group_home", args=[circle.group.pk])
    without = browser.get(home)
    browser.post(address(circle, "host"))

    assert in_french("A free place") in words_of(without)
    assert address(circle, "rotation") in without.text
    assert in_french("Somebody will do it.") in words_of(browser.get(home))
    assert in_french("A free place") not in words_of(browser.get(home))


def test_two_numbers_of_replies_are_told_to_who_facilitates_that_meeting(circle, second, visit):
    browser = visit(circle.malik)
    makers.change_meeting(circle.ines, circle.group, circle.meeting, seats=2)
    for person in (circle.malik, circle.ines, makers.make_member("theo")):
        if person not in (circle.malik, circle.ines):
            makers.join(person, circle.group, "Galet theo")
        visit(person).post(reverse("meetings:reply", args=[circle.group.pk, circle.meeting.pk]), {"answer": "yes"})
    before = browser.get(address(circle, "meeting")).context["replies"]
    browser.post(address(circle, "host"))

    after, other = (browser.get(address(circle, "meeting", one)).context["replies"] for one in (circle.meeting, second))
    browser.post(address(circle, "unhost"))

    assert before[3:] == (None, None)
    assert after[3:] == (2, 1)
    assert other[3:] == (None, None)
    assert browser.get(address(circle, "meeting")).context["replies"][3:] == (None, None)


def test_a_meeting_that_is_over_forgets_who_facilitated_it(committed, worker, visit):
    circle = makers.make_circle()
    visit(circle.malik).post(address(circle, "host"))
    assert len(makers.as_superuser("select * from meetings_hosting")) == 1
    makers.as_superuser("update meetings_meeting set starts_at = now() - interval '2 hours', ends_at = now()")

    worker("from meetings import upkeep; upkeep.run()")

    assert makers.as_superuser("select * from meetings_hosting") == []
    assert len(makers.as_superuser("select * from meetings_hostorder")) == 1
