"""Looking for a date: three explicit answers for each, numbers for whoever arranges meetings, nothing kept for long."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from entraide.lib.days import today
from entraide.lib.sql import answers
from entraide.lib.times import local
from groups.confidentiality import enter_group
from meetings import availability
from meetings.models import Availability, Meeting, ProposedDate, Series
from meetings.recurrence import Night
from tests import makers
from tests.makers import as_person
from tests.meetings.test_schedule import form_to, shown_in
from tests.pages import error_beside, in_french, words_of

EVENING = {"starts": "19:00", "ends": "20:30"}


def address(circle, name="availability", **values):
    return reverse(f"meetings:{name}", kwargs={"gid": circle.group.pk, **values})


def evening(days):
    return EVENING | {"on": f"{today() + timedelta(days=days):%d/%m/%Y}"}


@pytest.fixture
def dates(circle, visit):
    """Two, in the order of the calendar."""
    for days in (9, 5):
        visit(circle.ines).post(address(circle, "propose_date"), evening(days))
    return proposed(circle)


def proposed(circle):
    with as_person(circle.ines):
        return availability.dates(enter_group(circle.ines, circle.group.pk))


def say(browser, circle, *said):
    return browser.post(address(circle), {f"date-{date.pk}": can for date, can in said}, follow=True)


def last_page(browser, circle, date):
    """Of scheduling it, once: what the form sends."""
    [carried] = [dict(typed) for row, _, typed in browser.get(address(circle)).context["rows"] if row == date]
    on = local(date.starts_at, circle.group.zone).date().isoformat()
    plan = carried | {"rhythm": "once", "keep": on, "shown": on}
    page = browser.post(reverse("meetings:schedule", args=[circle.group.pk]), plan)
    plan |= shown_in(form_to(page.text, "rhythm", circle.group))
    page = browser.post(reverse("meetings:place", args=[circle.group.pk]), plan)
    assert in_french(
        "With this the search for a date is over: the proposed dates go, with all the answers."
    ) in words_of(page)
    return shown_in(form_to(page.text, "confirm", circle.group)) | {"format": "both", "kind": "regular"}


def confirm(browser, circle, form):
    return browser.post(reverse("meetings:confirm", args=[circle.group.pk]), form, follow=True)


def counts(circle, person):
    with as_person(person):
        return availability.who_can(enter_group(person, circle.group.pk))


def test_a_member_answers_and_reads_how_many_answers_are_kept(circle, dates, visit):
    browser = visit(circle.malik)
    empty = browser.get(address(circle)).text

    said = say(browser, circle, (dates[0], "yes"), (dates[1], "if_needed"))

    assert dates[0].starts_at < dates[1].starts_at
    assert empty.count('type="radio"') == 6 and "checked" not in empty, "none is chosen beforehand"
    assert in_french("Your answer is kept.", "Your %(count)s answers are kept.", 2) in words_of(said)
    assert said.text.count("checked") == 2


def test_an_answer_is_changed_and_what_is_left_open_stays_open(circle, dates, visit):
    browser = visit(circle.malik)

    say(browser, circle, (dates[0], "yes"))
    said = say(browser, circle, (dates[0], "no"))

    assert in_french("Your answer is kept.", "Your %(count)s answers are kept.", 1) in words_of(said)
    assert counts(circle, circle.ines) == {dates[0].pk: {"yes": 0, "if_needed": 0, "no": 1}}


def test_saving_without_an_answer_says_that_nothing_has_changed(circle, dates, visit):
    said = say(visit(circle.malik), circle)

    assert in_french("You chose no answer, so nothing has changed.") in words_of(said)
    with as_person(circle.malik):
        assert not Availability.objects.exists()


def test_whoever_arranges_meetings_sees_numbers_and_nobody_else_any(circle, dates, visit):
    for person, can in ((circle.malik, "yes"), (circle.ines, "no")):
        say(visit(person), circle, (dates[0], can))

    page, theirs = (visit(person).get(address(circle)) for person in (circle.ines, circle.malik))

    assert page.context["rows"][0][1] == {"yes": 1, "if_needed": 0, "no": 1}
    assert "Gué bleu" not in page.text
    assert in_french("What the group says") in words_of(page)
    assert in_french("What the group says") not in words_of(theirs)
    assert counts(circle, circle.malik) == {}
    with as_person(circle.malik):
        assert Availability.objects.get().can == "yes", "one's own"


def test_a_proposed_hour_that_does_not_exist_or_exists_twice_is_said_with_the_rule(circle, visit):
    with time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC)):
        browser = visit(circle.ines)
        spring, autumn, plain = (
            words_of(browser.post(address(circle, "propose_date"), typed, follow=True))
            for typed in (
                {"on": "14/03/2027", "starts": "02:30", "ends": "04:00"},
                {"on": "07/11/2027", "starts": "01:30", "ends": "03:00"},
                {"on": "08/11/2027", "starts": "01:30", "ends": "03:00"},
            )
        )

    with translation.override("fr"):
        skipped, twice = (" ".join(str(night.label).split()) for night in Night)
    assert skipped in spring and twice not in spring
    assert twice in autumn and skipped not in autumn
    assert skipped not in plain and twice not in plain


def test_a_date_leads_to_the_first_page_of_scheduling(circle, dates, visit):
    browser = visit(circle.ines)
    carried = dict(browser.get(address(circle)).context["rows"][0][2])

    page = browser.post(reverse("meetings:schedule", args=[circle.group.pk]), carried)

    assert all(f'value="{value}"' in page.text for value in carried.values())


OVER = "The search for a date is over: the proposed dates are gone, with all the answers."


def test_a_meeting_that_is_scheduled_from_a_date_ends_the_search(circle, dates, visit):
    browser = visit(circle.ines)
    say(visit(circle.malik), circle, (dates[0], "yes"), (dates[1], "no"))
    form = last_page(browser, circle, dates[1])

    sent = confirm(browser, circle, form)

    assert in_french(OVER) in words_of(sent)
    with as_person(circle.malik):
        assert Meeting.objects.filter(starts_at=dates[1].starts_at).count() == 1
        assert not ProposedDate.objects.exists()
        assert not Availability.objects.exists()


def test_scheduling_that_is_sent_twice_ends_no_later_search(circle, dates, visit):
    browser = visit(circle.ines)
    form = last_page(browser, circle, dates[0])
    confirm(browser, circle, form)
    browser.post(address(circle, "propose_date"), evening(8))

    sent = confirm(browser, circle, form)

    assert sent.status_code == 200
    assert len(proposed(circle)) == 1


@pytest.mark.parametrize("found", [None, "", "x\r\ny", str(uuid4())])
def test_scheduling_from_no_date_leaves_the_search_as_it_is(circle, dates, visit, found):
    browser = visit(circle.ines)
    form = last_page(browser, circle, dates[0])
    form.pop("found")

    sent = confirm(browser, circle, form if found is None else form | {"found": found})

    assert in_french(OVER) not in words_of(sent)
    assert proposed(circle) == dates
    with as_person(circle.ines):
        assert Series.objects.count() == 2


def test_what_is_said_of_a_date_that_is_gone_is_not_kept_and_that_is_said(circle, dates, visit):
    told = in_french("Meanwhile dates were taken away, or one was chosen. What you said of them is not kept.")
    browser, ines = visit(circle.malik), visit(circle.ines)

    ines.post(address(circle, "take_date_away", aid=dates[0].pk))
    one = words_of(say(browser, circle, (dates[0], "yes"), (dates[1], "yes")))
    ines.post(address(circle, "take_date_away", aid=dates[1].pk))
    none = words_of(say(browser, circle, (dates[1], "no")))

    assert told in one and in_french("Your answer is kept.", "Your %(count)s answers are kept.", 1) in one
    assert told in none and in_french("You chose no answer, so nothing has changed.") not in none
    assert in_french("No date is proposed") in none


def test_a_member_proposes_nothing_where_somebody_facilitates(circle, dates, visit):
    browser = visit(circle.malik)

    sent = [browser.post(address(circle, "propose_date"), evening(7))]
    sent += [browser.post(address(circle, "take_date_away", aid=dates[0].pk))]

    assert [answer.status_code for answer in sent] == [403, 403]
    with as_person(circle.malik):
        assert ProposedDate.objects.all().delete()[0] == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            now = timezone.now()
            ProposedDate.objects.create(group=circle.group, starts_at=now, ends_at=now)


def test_outsiders_see_and_answer_nothing(circle, dates, visit):
    for outsider in (circle.sofia, makers.make_member("theo")):
        assert visit(outsider).get(address(circle)).status_code == 404
        with as_person(outsider):
            assert not ProposedDate.objects.exists()
            assert answers("select * from app.who_can(%s)", circle.group.pk) == []


def test_a_date_that_is_taken_away_goes_with_its_answers(circle, dates, visit):
    say(visit(circle.malik), circle, (dates[0], "yes"), (dates[1], "yes"))

    for _twice in range(2):
        visit(circle.ines).post(address(circle, "take_date_away", aid=dates[0].pk))
    said = say(visit(circle.malik), circle, (dates[0], "no"), (dates[1], "no"))

    assert in_french("Your answer is kept.", "Your %(count)s answers are kept.", 1) in words_of(said)
    assert counts(circle, circle.ines) == {dates[1].pk: {"yes": 0, "if_needed": 0, "no": 1}}


def test_whoever_leaves_takes_their_answers_along(circle, dates, visit):
    say(visit(circle.malik), circle, (dates[0], "yes"))
    before = counts(circle, circle.ines)

    makers.leave(circle.malik, circle.group)

    assert (len(before), counts(circle, circle.ines)) == (1, {})


@pytest.mark.parametrize(
    "words",
    [
        {"on": "01/01/0001"},
        {"on": "31/12/9999"},
        {"on": "hier"},
        {"on": ""},
        {"ends": "18:00"},
        {"starts": "25:00"},
        {"on": "12/12/2026\r\nX: y"},
        {"starts": "19:00\r\nX: y"},
        {"ends": "20:30\r\nX: y"},
    ],
)
def test_a_date_that_is_none_is_refused_and_what_was_typed_stays(circle, visit, words):
    typed = evening(5) | words

    sent = visit(circle.ines).post(address(circle, "propose_date"), typed)

    assert sent.status_code == 422
    assert all(f'value="{value}"' in sent.text for value in typed.values() if value)
    assert proposed(circle) == []


def test_a_date_at_an_hour_that_does_not_exist_lasts_as_long_as_was_typed(committed, visit):
    with time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC)):
        circle = makers.make_circle()
        typed = {"on": "14/03/2027", "starts": "02:30", "ends": "03:15"}
        assert visit(circle.ines).post(address(circle, "propose_date"), typed).status_code == 302
        [date] = proposed(circle)

    starts_at = datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert (date.starts_at, date.ends_at) == (starts_at, starts_at + timedelta(minutes=45))


def test_an_answer_that_is_none_is_refused_beside_its_date(circle, dates, visit):
    sent = say(visit(circle.malik), circle, (dates[0], "peut-être"))

    assert sent.status_code == 422
    assert in_french("Choose one of the three answers.") in words_of(sent)


def test_twelve_dates_are_enough_and_the_same_one_twice_is_once(circle, visit):
    browser = visit(circle.ines)
    statuses = [
        browser.post(address(circle, "propose_date"), evening(days)).status_code for days in (1, 1, *range(2, 14))
    ]

    assert statuses == [302] * 13 + [422]
    assert len(proposed(circle)) == 12


def test_a_date_proposed_again_with_another_end_is_refused_and_the_first_one_stays(circle, dates, visit):
    sent = visit(circle.ines).post(address(circle, "propose_date"), evening(5) | {"ends": "22:00"})

    assert sent.status_code == 422 and 'value="22:00"' in sent.text
    told = "This date is proposed already, until another hour. To change it, take it away first."
    assert error_beside(sent, "ends") == in_french(told)
    assert proposed(circle) == dates


def test_a_date_that_has_passed_is_forgotten_with_its_answers(committed, worker, visit):
    circle = makers.make_circle()
    visit(circle.ines).post(address(circle, "propose_date"), evening(5))
    [date] = proposed(circle)
    say(visit(circle.malik), circle, (date, "yes"))
    makers.as_superuser("update meetings_proposeddate set ends_at = now()")

    worker("from meetings import upkeep; upkeep.run()")

    for table in ("meetings_proposeddate", "meetings_availability"):
        assert makers.as_superuser(f"select * from {table}") == []
