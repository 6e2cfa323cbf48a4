"""The public sheet: what anybody may read of a group, and the same said to machines (schema.org, as microdata)."""

import re
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from entraide.lib.days import today
from groups.models import Group
from tests import makers
from tests.makers import as_person
from tests.pages import fingerprint, in_french, words_of

ITEM = re.compile(
    r'itemprop="(\w+)"(?: itemscope itemtype="https://schema.org/(\w+)")?(?: (?:content|href)="([^"]*)")?'
)


def told_to_machines(page):
    return [(name, kind or value) for name, kind, value in ITEM.findall(page.content.decode())]


def test_the_public_sheet_tells_nothing_from_inside(circle, visit):
    page = visit().get(f"/groups/{circle.group.slug}/")

    assert "Pour les personnes qui ont arrêté de boire, ou qui y pensent." in words_of(page)
    for secret in (makers.PLACE, makers.LINK, makers.STORY, "Phare vert", "Gué bleu"):
        assert secret not in words_of(page)


def test_the_sheet_leads_visitors_to_join_and_members_inside(circle, visit):
    address = f"/groups/{circle.group.slug}/"

    to_join, inside = (f'href="/g/{circle.group.pk}/{end}"' for end in ("join/", ""))

    assert to_join in visit().get(address).content.decode()
    assert to_join in visit(circle.sofia).get(address).content.decode()
    member_page = visit(circle.malik).get(address).content.decode()
    assert inside in member_page
    assert to_join not in member_page


def test_the_sheet_says_what_is_shared_the_rhythm_the_size_as_a_range_and_the_places(circle, visit):
    words = words_of(visit().get(f"/groups/{circle.group.slug}/"))

    for said in (
        circle.group.rhythm_sentence,
        in_french("From %(least)s to %(most)s people", least=4, most=12),
        in_french("addiction").capitalize(),
        in_french("Places are free"),
        in_french("one enters at once").capitalize(),
        "Sherbrooke",
    ):
        assert said in words


def test_the_sheet_says_how_one_joins_and_what_the_group_adds_to_the_charter(db, visit):
    plain = makers.make_sheet(name="Les jours gris")
    added = ["Nous nous taisons une minute au début.", "On peut tricoter & dessiner."]
    other = makers.make_sheet(name="Les jours bleus", joining="welcome", charter_additions=added)

    words, other_words = (words_of(visit().get(f"/groups/{group.slug}/")) for group in (plain, other))

    assert in_french("one enters at once").capitalize() in words
    assert in_french("This group adds") not in words
    assert in_french("a member welcomes whoever asks").capitalize() in other_words
    for sentence in (in_french("This group adds"), *added):
        assert sentence in other_words


def test_a_group_that_is_closed_is_in_no_list_and_its_sheet_answers_as_if_it_had_never_been(db, visit):
    closed = makers.make_sheet(slug=str(uuid4()), name="Les jours gris", keys_end_on=today() + timedelta(days=30))

    answers = [fingerprint(visit().get(f"/groups/{slug}/")) for slug in (closed.slug, uuid4())]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    for address in ("/groups/", "/groups/?q=gris", "/"):
        assert closed.name not in words_of(visit().get(address))


def test_a_full_group_says_so_on_its_sheet_and_on_its_card(circle, visit):
    full = makers.make_sheet(name="Les jours gris", is_full=True)

    for address in (f"/groups/{full.slug}/", "/groups/?q=gris"):
        words = words_of(visit().get(address))
        assert in_french("Full") in words
        assert in_french("Places are free") not in words


def test_machines_read_the_group_and_its_next_meeting_and_nothing_more(circle, visit):
    group = Group.objects.get(pk=circle.group.pk)
    page = visit().get(f"/groups/{group.slug}/")

    starts, ends = (moment.astimezone(makers.MONTREAL) for moment in (group.next_starts_at, group.next_ends_at))
    assert told_to_machines(page) == [
        ("url", f"/groups/{group.slug}/"),
        ("name", ""),
        ("description", ""),
        ("event", "Event"),
        ("name", group.name),
        ("startDate", starts.isoformat(timespec="minutes")),
        ("endDate", ends.isoformat(timespec="minutes")),
        ("inLanguage", "fr"),
        ("isAccessibleForFree", "true"),
        ("eventAttendanceMode", "https://schema.org/MixedEventAttendanceMode"),
        ("location", "VirtualLocation"),
        ("url", f"/groups/{group.slug}/"),
        ("location", "Place"),
        ("address", "Sherbrooke"),
        ("knowsAbout", ""),
        ("location", "Sherbrooke"),
        ("knowsLanguage", ""),
    ]
    assert "<script>" not in page.content.decode()
    for secret in (makers.PLACE, makers.LINK):
        assert secret not in page.content.decode()


def test_a_group_online_tells_no_city_and_one_in_person_no_address_online(circle, visit):
    places = {}
    for kind, city in (("online", ""), ("in_person", "Lyon")):
        group = makers.make_group(circle.malik, "Tilleul", name=f"Les jours gris {kind}", format=kind, city=city)
        makers.make_series(circle.malik, group)
        told = told_to_machines(visit().get(f"/groups/{group.slug}/"))
        places[kind] = [value for name, value in told if name in ("location", "eventAttendanceMode") and value]

    assert places == {
        "online": ["https://schema.org/OnlineEventAttendanceMode", "VirtualLocation"],
        "in_person": ["https://schema.org/OfflineEventAttendanceMode", "Place", "Lyon"],
    }


def test_a_date_that_has_passed_is_told_to_nobody(circle, visit):
    ended = timezone.now() - timedelta(minutes=1)
    with as_person(circle.ines):
        Group.objects.filter(pk=circle.group.pk).update(next_starts_at=ended - timedelta(hours=1), next_ends_at=ended)

    page = visit().get(f"/groups/{circle.group.slug}/")

    assert in_french("Next date to come") in words_of(page)
    assert ("event", "Event") not in told_to_machines(page)
    assert 'class="e-date"' not in visit().get("/groups/").content.decode()
