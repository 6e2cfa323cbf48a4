"""`manage.py import_meetings`: a public list becomes sheets that await their people; what is refused is told."""

import os
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from entraide.lib.days import today
from tests import lists, makers, services
from tests.lists import counts, odd_rows, row
from tests.makers import as_superuser

SHEETS = """
    select l.source_slug, g.name, g.city, g.format, g.language, g.zone, l.weekdays, left(l.starts::text, 5), l.minutes,
    g.access
    from groups_listing l join groups_group g on g.id = l.group_id
"""
ADDRESSES = "select source_slug, slug from groups_listing join groups_group g on g.id = group_id"
NEW_YORK, EDMONTON, MONTREAL = "America/New_York", "America/Edmonton", "America/Toronto"
ISLAND = "6310 Island Evenings"
LONG_SLUG = odd_rows()[1]["slug"]
LONG_NAME = "30522523 Twelve Steps to the Harbour (formerly of the…"
# what is to be read from tests/data/meeting-list.json: slug, name, city, format, language, zone, weekdays (0 is
# Monday), start, minutes, access
EXPECTED = {
    ("25037-par-ents", "25037 Par ents", "Gosnold", "online", "en", NEW_YORK, (6,), "21:00", 60, ("phone",)),
    (LONG_SLUG, LONG_NAME, "Middleboro", "in_person", "en", NEW_YORK, (1,), "19:00", 60, ()),
    ("sunday-night-stairs", "Sunday Night Stairs", "Wellesley", "both", "en", NEW_YORK, (6,), "19:00", 90, ()),
    ("6310-island-evenings", ISLAND, "Nantucket", "in_person", "en", NEW_YORK, (6,), "11:00", 60, ("wheelchair",)),
    (
        "serenity",
        "Serenity on the Common",
        "Grafton",
        "in_person",
        "en",
        NEW_YORK,
        (2,),
        "22:30",
        105,
        (),
    ),
    ("young-and-awake", "Young and Awake", "Provincetown", "in_person", "en", NEW_YORK, (0, 2, 4), "12:05", 60, ()),
    ("l-heure-bleue", "L’heure bleue", "Montréal", "in_person", "fr", MONTREAL, (3,), "19:30", 60, ()),
    ("by-appointment", "By Appointment in Port Clyde", "Port Clyde", "in_person", "en", NEW_YORK, (), None, 60, ()),
    ("6", "Shifters", "Edmonton", "in_person", "en", EDMONTON, (5,), "11:00", 60, ()),
    ("8", "Up the Creek", "Edmonton", "both", "en", EDMONTON, (1,), "19:30", 60, ()),
    ("579", "Club 1201", "Edmonton", "in_person", "en", EDMONTON, (6,), "12:01", 60, ()),
    ("580", "Club 1201", "Edmonton", "both", "en", EDMONTON, (0,), "12:01", 60, ("phone",)),
    ("1547", "Women’s Evening", "Edmonton", "online", "en", EDMONTON, (0,), "19:30", 60, ()),
    ("1558", "Women at the Centre", "Edmonton", "online", "en", EDMONTON, (3,), "15:00", 60, ("phone",)),
    ("1465", "Monday at the Club", "Edmonton", "in_person", "en", EDMONTON, (0,), "20:00", 60, ()),
    ("1543", "Punjabi Book Study", "Edmonton", "in_person", "en", EDMONTON, (6,), "13:00", 60, ()),
    ("1531", "Rose City", "Camrose", "in_person", "en", EDMONTON, (0,), "20:00", 60, ()),
}
CLOSED = "it does not meet at present (TC or inactive)"
FOREIGN = "held in a language that this site does not speak"


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value


def everything():
    tables = ("groups_group", "groups_listing")
    return [as_superuser(f"select t::text from {table} t order by 1") for table in tables]


def test_each_row_that_can_be_read_becomes_a_sheet(a_list, bring_in):
    said = bring_in(a_list(odd_rows()))

    assert said == [
        f"row 4, slug 'just-for-now': {CLOSED}",
        f"row 5, slug 'un-dia-y-otro': {FOREIGN} ('S')",
        f"row 16, slug '190': {CLOSED}",
        "20 of 20 rows",
        "read       20",
        "new        17",
        "updated    0",
        "unchanged  0",
        "taken up   0",
        "refused    3",
        f"       2  {CLOSED}",
        f"       1  {FOREIGN}",
    ]
    assert {tuple(map(_hashable, sheet)) for sheet in as_superuser(SHEETS)} == EXPECTED
    sheets = as_superuser("select distinct opened_on, awaiting_since, lived_experience, description from groups_group")
    assert sheets == [(None, today(), "other", "")]
    assert as_superuser("select distinct source from groups_listing") == [("liste",)]
    assert (
        as_superuser("select count(*) from groups_groupkey")
        == as_superuser("select count(*) from groups_groupclock")
        == [(0,)]
    ), "nobody can be inside, so there is nothing to seal"


def test_the_next_meeting_is_ahead_on_its_day_and_at_its_hour(a_list, bring_in):
    bring_in(a_list(odd_rows()))

    now = timezone.now()
    query = (
        "select zone, weekdays, starts, minutes, next_starts_at, next_ends_at from groups_listing join groups_group g"
    )
    for zone, weekdays, starts, minutes, starts_at, ends_at in as_superuser(f"{query} on g.id = group_id"):
        if not weekdays:
            assert (starts_at, ends_at) == (None, None)
            continue
        there = starts_at.astimezone(ZoneInfo(zone))
        assert there.weekday() in weekdays and there.time() == starts
        assert ends_at - starts_at == timedelta(minutes=minutes)
        assert now < ends_at < now + timedelta(days=8)


def test_a_sheet_is_found_near_its_city_and_on_its_day(a_list, bring_in, visit):
    bring_in(a_list(odd_rows()))

    found = visit().get("/groups/?city=Edmonton&km=10&day=5").context["page_obj"]

    assert [group.name for group in found] == ["Shifters"]


def test_what_is_said_of_the_whole_list_stands_on_every_sheet(a_list, bring_in):
    path = a_list([row(types=["O", "W"]), row("matin", language="x", types=["FR"])])

    bring_in(
        path,
        *("--source", "Proches de Boston", "--zone", "America/Chicago", "--language", "fr"),
        *("--for-whom", "Pour les proches.", "--lived-experience", "addiction"),
    )

    sheets = as_superuser("select zone, language, lived_experience, left(for_whom, 17) from groups_group")
    assert sheets == [("America/Chicago", "fr", "addiction", "Pour les proches.")] * 2
    assert as_superuser("select distinct source from groups_listing") == [("Proches de Boston",)]


def test_a_second_run_changes_nothing(a_list, bring_in):
    path = a_list(odd_rows())
    bring_in(path)
    before = everything()

    said = bring_in(path)

    assert counts(said) == {"read": 20, "new": 0, "updated": 0, "unchanged": 17, "taken up": 0, "refused": 3}
    assert everything() == before


def test_a_later_run_changes_what_has_changed_and_keeps_every_address(a_list, bring_in):
    rows = odd_rows()
    bring_in(a_list(rows))
    before = dict(as_superuser(ADDRESSES))
    untouched = "select g.* from groups_group g join groups_listing l on g.id = group_id where source_slug != all(%s)"
    kept = as_superuser(untouched, ["6", "8"])
    shifters, creek = (next(each for each in rows if each["slug"] == slug) for slug in ("6", "8"))
    shifters |= {"name": "Shifters, later", "time": "11:30 AM"}
    creek |= {"url": "http://list.example/creek", "notes": "other words"}

    said = bring_in(a_list([*rows, row("new-one", name="Shifters")]))

    assert counts(said) == {"read": 21, "new": 1, "updated": 2, "unchanged": 15, "taken up": 0, "refused": 3}
    assert as_superuser(untouched, ["6", "8", "new-one"]) == kept
    after = dict(as_superuser(ADDRESSES))
    assert {slug: after[slug] for slug in before} == before
    assert (before["6"], before["580"][:10]) == ("shifters", "club-1201-")
    assert re.fullmatch("shifters-[0-9a-f]{6}", after["new-one"])
    assert as_superuser(f"{SHEETS} where source_slug = '6'")[0][1] == "Shifters, later"
    assert as_superuser("select url from groups_listing where source_slug = '8'") == [("http://list.example/creek",)]
    ((starts_at,),) = as_superuser("select next_starts_at from groups_group where slug = 'shifters'")
    assert f"{starts_at.astimezone(ZoneInfo(EDMONTON)):%A %H:%M}" == "Saturday 11:30"


def test_two_lists_may_call_their_rows_alike(a_list, bring_in):
    for name in ("nord.json", "sud.json"):
        assert counts(bring_in(a_list([row()], name)))["new"] == 1

    assert as_superuser("select count(*), count(distinct slug) from groups_group") == [(2, 2)]


def test_a_row_that_left_the_list_leaves_the_directory_when_asked_to_and_may_come_back(a_list, bring_in, visit):
    both, one = [row(), row("matin", name="Le matin")], [row()]
    bring_in(a_list(both))

    told = bring_in(a_list(one))[-1]
    assert told == "gone       1: listed before, not read from this list: they stay listed; --withdraw takes them out"
    assert visit().get("/groups/le-matin/").status_code == 200

    told = bring_in(a_list([row(), row("matin", name="Le matin", attendance_option="inactive")]), "--withdraw")[-1]
    assert told == "gone       1: listed before, not read from this list: they left the directory"
    assert visit().get("/groups/le-matin/").status_code == 404
    assert counts(bring_in(a_list(one), "--withdraw")).get("gone") is None

    assert counts(bring_in(a_list(both)))["updated"] == 1
    assert visit().get("/groups/le-matin/").status_code == 200


def test_it_tells_how_far_it_has_come_on_a_line_that_moves_or_every_500_rows(a_list, bring_in):
    path = a_list([row(str(number)) for number in range(1200)])
    piped = bring_in(path)
    reader, writer = os.openpty()
    running = lists.start(path, stdout=writer)
    os.close(writer)
    running.wait(60)
    shown = os.read(reader, 10_000).decode()
    os.close(reader)

    assert piped[:3] == ["500 of 1200 rows", "1000 of 1200 rows", "1200 of 1200 rows"]
    assert shown.startswith("500 of 1200 rows\r1000 of 1200 rows\r1200 of 1200 rows\r\nread ")


def private_words():
    """What the list says of rooms, numbers, streets and people, in pieces that could be found again."""
    for each in odd_rows():
        kept_apart = ("notes", "conference_url", "conference_phone", "location", "location_notes", "group")
        words = [line.strip() for name in kept_apart for line in str(each.get(name) or "").split("\n")]
        street = (each.get("formatted_address") or each["address"]).split(",")[0].strip()
        words += [street] if re.search(r"\d", street) else []
        # a place that has the name of its group says nothing that the sheet does not
        yield from (word for word in words if len(word) > 3 and word not in each["name"])
    yield from ("lighthouse77", "Tremblay", "555 010 0199", "514 555 0142", "780 555 0117", "55501001990", "bGlnaHRo")
    yield from ("video.example", "02713", "H2W 2M5", "T5B 0S5", "41.4182719", "70.9338747", "Saint-Denis")


def test_nothing_of_a_room_a_number_a_street_or_a_person_is_kept(a_list, bring_in, owner, visit):
    bring_in(a_list(odd_rows()))

    stored = makers.everything_stored(owner)

    assert "6310 Island Evenings" in stored["groups_group"], "the copy must be of real data"
    needles = set(private_words())
    assert len(needles) > 40
    for table, rows in stored.items():
        for needle in needles:
            assert needle.lower() not in rows.lower(), f"{table} keeps {needle}"
    assert not re.search(r"zoom|pass ?code", stored["groups_group"] + stored["groups_listing"], re.IGNORECASE)
    assert "lighthouse77" not in "".join(str(value) for value in os.environ.values())


REAL = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.mark.skipif(not REAL.exists(), reason="the two real lists lie beside the repository, not in it")
@pytest.mark.parametrize(
    ("name", "new", "refused"),
    [
        ("al-anon", 327, {CLOSED: 31, FOREIGN: 2}),
        ("edmonton", 283, {CLOSED: 21, FOREIGN: 11}),
    ],
)
def test_a_real_list_comes_in_and_a_second_time_nothing_changes(committed, bring_in, owner, name, new, refused):
    path = REAL / f"meeting-guide-{name}.json"

    first, second = bring_in(path), bring_in(path)

    total = new + sum(refused.values())
    assert counts(first) == {"read": total, "new": new, "refused": total - new, **NOTHING_ELSE, "unchanged": 0}
    assert first[-len(refused) :] == [f"  {number:6}  {reason}" for reason, number in refused.items()]
    assert counts(second) == {"read": total, "new": 0, "refused": total - new, **NOTHING_ELSE, "unchanged": new}
    cities = [city for (city,) in as_superuser("select distinct city from groups_group")]
    assert len(cities) > 15 and not [city for city in cities if not city or re.search(r"\d|\bSt$|\bAve", city)]
    kept = makers.everything_stored(owner)
    private = "groups_group", "groups_listing"
    assert not re.search(r"000 000 0000|video\.example|pass ?code|contact@", "".join(kept[table] for table in private))


NOTHING_ELSE = {"updated": 0, "taken up": 0}


def test_what_it_asks_of_the_database_grows_with_batches_not_with_rows(a_list, bring_in):
    log = services.database_log()
    if log is None:
        pytest.skip("the log of a server from outside is not ours to read")
    path, asked = a_list([row(str(number)) for number in range(1200)]), []
    for _ in range(2):
        before = log.stat().st_size
        bring_in(path)
        with log.open() as file:
            file.seek(before)
            asked.append(re.findall(r'(INSERT INTO|FROM|UPDATE) "(groups_\w+)"', file.read()))

    first, second = asked
    assert Counter(first) == {
        ("INSERT INTO", "groups_group"): 3,
        ("INSERT INTO", "groups_listing"): 3,
        ("FROM", "groups_listing"): 3 + 1,  # what is known of each batch; what has gone
        ("FROM", "groups_group"): 3,  # the addresses that are taken
    }
    assert Counter(second) == {("FROM", "groups_listing"): 3 + 1}, "nothing has changed, so nothing is written"
