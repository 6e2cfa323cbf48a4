"""/meetings.json: our own groups for other sites, and nothing that their sheets do not tell."""

import json
import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entraide.lib.days import today
from groups.models import Group
from meetings.guide.row import Given, read
from tests import makers
from tests.lists import row
from tests.makers import as_superuser

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
# github.com/code4recovery/spec, schema/meeting.schema.json; its patterns of cities know no accent and no hyphen
FIELDS = {
    "name": lambda value: isinstance(value, str) and 0 < len(value) <= 64,
    "slug": lambda value: re.fullmatch(r"[a-z0-9-]{1,64}", value),
    "day": lambda value: type(value) is int and 0 <= value <= 6,
    "time": lambda value: re.fullmatch(CLOCK, value),
    "end_time": lambda value: re.fullmatch(CLOCK, value),
    "timezone": lambda value: re.fullmatch(r"[A-Z]\w+/[A-Z]\w+", value),
    "types": lambda value: value and set(value) <= {"FR", "EN", "X"},
    "city": lambda value: isinstance(value, str) and value and not re.search(r"\d", value),
    "region": lambda value: isinstance(value, str) and value,
    "approximate": lambda value: value == "yes",
    "attendance_option": lambda value: value in ("online", "in_person", "hybrid"),
    "url": lambda value: value.startswith("https://entraide.example/groups/"),
    "notes": lambda value: isinstance(value, str) and value,
}
IN_THREE_DAYS = today() + timedelta(days=3)


@pytest.fixture
def feed(visit, settings):
    settings.SITE_URL = "https://entraide.example"

    def ask(**headers):
        response = visit().get("/meetings.json", headers=headers)
        assert response.status_code == 200
        return json.loads(response.content)

    return ask


def test_a_group_is_told_as_its_sheet_tells_it(circle, feed):
    assert feed() == [
        {
            "name": "Un soir à la fois",
            "slug": "un-soir-a-la-fois",
            "day": IN_THREE_DAYS.isoweekday() % 7,
            "time": "19:00",
            "end_time": "20:30",
            "timezone": "America/Toronto",
            "types": ["FR"],
            "city": "Sherbrooke",
            "region": "Sherbrooke",
            "approximate": "yes",
            "attendance_option": "hybrid",
            "url": "https://entraide.example/groups/un-soir-a-la-fois/",
        }
    ]


@pytest.fixture
def many(circle):
    """Beside the circle: in person, online, monthly, without a date, and one that its founder has not entered."""
    theo = makers.make_member("theo")
    in_person = makers.make_group(
        theo, "Osier", name="Le midi", format="in_person", city="Liège", zone="Europe/Brussels"
    )
    makers.make_series(theo, in_person, starts=time(23, 30), ends=time(23, 59))
    makers.make_series(theo, makers.make_group(theo, "Osier", name="En ligne", format="online", city=""))
    monthly = makers.make_group(theo, "Osier", name="Once a month", language="en", access=["wheelchair"])
    makers.make_series(theo, monthly, rhythm="monthly", on=today() + timedelta(days=3))
    makers.make_group(theo, "Osier", name="Sans date")
    makers.accept(makers.make_proposal(theo, name="Pas encore"), makers.make_member("nadia", is_staff=True))


def test_every_row_is_of_the_format(many, feed):
    rows = feed()

    assert [each["slug"] for each in rows] == ["en-ligne", "le-midi", "once-a-month", "sans-date", "un-soir-a-la-fois"]
    for each in rows:
        assert {"name", "slug", "url"} <= set(each) <= set(FIELDS)
        assert [name for name, value in each.items() if not FIELDS[name](value)] == []
    assert len({each["slug"] for each in rows}) == len(rows)


def test_what_is_not_weekly_is_said_in_words_and_has_no_day(many, feed):
    rows = {each["slug"]: each for each in feed()}

    assert "day" not in rows["once-a-month"] and "time" not in rows["once-a-month"]
    assert re.fullmatch(r"The \d\w\w \w+day of the month, 7:00\xa0p.m. to 8:30\xa0p.m.", rows["once-a-month"]["notes"])
    assert {"day", "time", "notes"}.isdisjoint(rows["sans-date"])
    assert (rows["le-midi"]["time"], rows["le-midi"]["timezone"]) == ("23:30", "Europe/Brussels")
    assert "region" not in rows["en-ligne"] and rows["en-ligne"]["attendance_option"] == "online"


def test_our_own_reader_of_lists_reads_what_we_give(many, feed):
    for each in feed():
        told, group = read(each, Given("Nous")), Group.objects.get(slug=each["slug"])

        same = ("name", "language", "format", "city", "zone")
        assert {name: told.sheet[name] for name in same} == {name: getattr(group, name) for name in same}
        if "day" in each:
            assert told.weekdays == [group.rhythm_on.weekday()]
            assert told.minutes == (group.next_ends_at - group.next_starts_at).seconds // 60


def test_nothing_from_inside_a_group_is_given(circle, feed):
    given = json.dumps(feed(), ensure_ascii=False)

    for secret in (
        makers.PLACE,
        makers.LINK,
        makers.STORY,
        "Phare vert",
        "Gué bleu",
        "people.example",
        str(circle.group.pk),
    ):
        assert secret not in given
    assert str(today()) not in given, "no day on which anything was changed"


def test_a_group_that_has_closed_is_given_no_more(committed, feed):
    circle = makers.make_circle()
    assert len(feed()) == 1
    as_superuser("update groups_group set keys_end_on = current_date + 30 where id = %s", str(circle.group.pk))

    assert feed() == []


def test_groups_of_other_lists_are_not_ours_to_give(committed, bring_in, tmp_path, feed):
    path = tmp_path / "liste.json"
    path.write_text(json.dumps([row()]))
    bring_in(path)

    assert feed() == []


def test_everybody_gets_the_same_and_caches_may_keep_it_for_an_hour(circle, visit):
    answers = [browser.get("/meetings.json") for browser in (visit(), visit(circle.malik))]

    for answer in answers:
        assert answer.content == answers[0].content
        assert answer["Content-Type"] == "application/json"
        assert answer["Cache-Control"] == "public, max-age=3600"
        assert "Cookie" not in answer["Vary"]
        assert not answer.cookies and "X-Robots-Tag" not in answer


def test_it_costs_one_statement_whatever_the_number_of_groups(many, visit):
    with CaptureQueriesContext(connection) as captured:
        visit().get("/meetings.json")

    assert len(captured) == 1
