"""One meeting as its members see it: where, the way in, optional replies; and called off by those who facilitate."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entraide.lib.times import city, clock, day, hours
from groups import belonging
from groups.confidentiality import enter_group
from meetings.models import Meeting, Rsvp
from tests import makers
from tests.makers import as_person
from tests.meetings.conftest import move
from tests.pages import in_french, words_of


def address(circle, name, meeting=None):
    return reverse(f"meetings:{name}", args=[circle.group.pk, (meeting or circle.meeting).pk])


def replies_of(member):
    with as_person(member):
        return list(Rsvp.objects.values_list("coming", flat=True))


def test_meeting_shows_when_and_where_to_a_member_and_never_the_link(visit, circle):
    page = visit(circle.malik).get(address(circle, "meeting")).text

    assert makers.PLACE in page
    assert "19\u00a0h à 20\u00a0h\u00a030" in page and "heure de Montréal" in page
    assert makers.LINK not in page and "rencontre.example" not in page


@pytest.mark.parametrize("person", ["malik", "ines"])
@pytest.mark.parametrize("starts_in", [timedelta(hours=3), timedelta(minutes=5), timedelta(minutes=-30)])
def test_the_link_is_in_no_page_at_any_hour(visit, circle, person, starts_in):
    move(circle.ines, circle.meeting, starts_in)
    browser = visit(getattr(circle, person))

    pages = [browser.get(address(circle, "meeting")), browser.get(reverse("meetings:agenda", args=[circle.group.pk]))]
    pages += [browser.get(reverse("groups:stories", args=[circle.group.pk])), browser.get(reverse("my_space"))]

    for page in pages:
        assert page.status_code == 200
        assert "rencontre.example" not in page.text


@pytest.mark.parametrize("starts_in", [timedelta(minutes=14, seconds=50), timedelta(0), timedelta(minutes=-89)])
def test_join_opens_the_room_from_15_minutes_before_until_the_end(visit, circle, starts_in):
    move(circle.ines, circle.meeting, starts_in)
    browser = visit(circle.malik)

    way_in = browser.get(address(circle, "enter"))

    assert way_in.status_code == 302
    assert way_in.url == makers.LINK
    assert way_in["Referrer-Policy"] == "no-referrer"
    assert way_in["Cache-Control"] == "no-store"
    assert f'href="{address(circle, "enter")}"' in browser.get(address(circle, "meeting")).text


@pytest.mark.parametrize("starts_in", [timedelta(minutes=15, seconds=20), timedelta(days=3), timedelta(minutes=-91)])
def test_join_leads_back_to_the_page_when_the_door_is_closed(visit, circle, starts_in):
    move(circle.ines, circle.meeting, starts_in)
    browser = visit(circle.malik)

    way_in = browser.get(address(circle, "enter"))

    assert (way_in.status_code, way_in.url) == (302, address(circle, "meeting"))
    assert address(circle, "enter") not in browser.get(address(circle, "meeting")).text


def test_the_way_in_says_on_which_clock_it_opens_and_when_that_is_where_one_is(visit, circle):
    zoe = makers.make_member("zoe", time_zone="Europe/Paris")
    makers.join(zoe, circle.group, "Osier")

    here, there = (visit(person).get(address(circle, "meeting")).text for person in (circle.malik, zoe))

    assert "à 18\u00a0h\u00a045, heure de Montréal" in here and "heure de Paris" not in here
    assert "à 18\u00a0h\u00a045, heure de Montréal" in there
    assert "0\u00a0h\u00a045, heure de Paris" in there


NO_LINK = "The meeting begins soon and has no link yet: nobody can come in online. You can add it until it begins."


def roomless(circle, starts_in, **plan):
    makers.make_series(circle.ines, circle.group, **{"link": "", "rhythm": "once", "theme": "Sans lien"} | plan)
    with as_person(circle.ines):
        meeting = Meeting.objects.get(series__rhythm="once")
    move(circle.ines, meeting, starts_in)
    return meeting


def test_whoever_arranges_a_meeting_that_begins_soon_without_a_link_is_told_and_adds_it(visit, circle):
    meeting = roomless(circle, timedelta(minutes=14))
    host, home = visit(circle.ines), reverse("group_home", args=[circle.group.pk])
    change = address(circle, "change", meeting)

    told = [host.get(page) for page in (home, address(circle, "meeting", meeting))]
    makers.change_meeting(circle.ines, circle.group, meeting, link=makers.LINK)
    after = [host.get(page) for page in (home, address(circle, "meeting", meeting))]

    for page, later in zip(told, after, strict=True):
        assert in_french(NO_LINK) in words_of(page) and f'href="{change}#id_link"' in page.text
        assert in_french(NO_LINK) not in words_of(later)


def test_another_member_reads_that_the_link_is_still_to_come_until_they_facilitate(visit, circle):
    meeting = roomless(circle, timedelta(minutes=14), phone="438 555-0123")
    member, home = visit(circle.malik), reverse("group_home", args=[circle.group.pk])
    waits = "No link is given yet. Whoever facilitates reads this here too, and can add it until the meeting begins."

    page = words_of(member.get(address(circle, "meeting", meeting)))
    at_home = words_of(member.get(home))
    member.post(address(circle, "host", meeting))

    assert in_french(waits) in page and "438 555-0123" in page
    assert in_french(NO_LINK) not in page + at_home
    for now in (home, address(circle, "meeting", meeting)):
        assert in_french(NO_LINK) in words_of(member.get(now))


@pytest.mark.parametrize(
    "plan",
    [
        {"starts_in": timedelta(minutes=16)},
        {"starts_in": timedelta(minutes=-1)},
        {"starts_in": timedelta(minutes=14), "link": makers.LINK},
        {"starts_in": timedelta(minutes=14), "format": "in_person"},
    ],
)
def test_no_alarm_without_need(visit, circle, plan):
    meeting = roomless(circle, **plan)
    host = visit(circle.ines)

    pages = [host.get(address(circle, "meeting", meeting)), host.get(reverse("group_home", args=[circle.group.pk]))]

    for page in pages:
        assert in_french(NO_LINK) not in words_of(page)


def test_a_meeting_with_a_telephone_alone_says_that_the_number_will_appear(visit, circle):
    meeting = roomless(circle, timedelta(hours=3), phone="438 555-0123")

    opens_at, zone = meeting.opens_at, meeting.zone
    when = {"the_day": day(opens_at, zone), "time": f"{clock(opens_at, zone)}, {city(zone)}"}

    page = words_of(visit(circle.malik).get(address(circle, "meeting", meeting)))

    assert "438 555-0123" not in page
    assert in_french("On %(the_day)s at %(time)s, the telephone number will appear here.", **when) in page


def test_join_leads_back_when_the_meeting_is_cancelled_or_has_no_room(visit, circle):
    move(circle.ines, circle.meeting, timedelta(minutes=5))
    browser = visit(circle.ines)
    browser.post(address(circle, "cancel"), {"version": 1})
    makers.make_series(circle.ines, circle.group, format="in_person", link="", rhythm="once")
    with as_person(circle.ines):
        roomless = Meeting.objects.get(format="in_person")
    move(circle.ines, roomless, timedelta(minutes=5))

    assert browser.get(address(circle, "enter")).url == address(circle, "meeting")
    assert browser.get(address(circle, "enter", roomless)).url == address(circle, "meeting", roomless)


def test_a_reply_can_change_and_be_taken_back_and_is_one_row_at_most(visit, circle):
    browser, seen = visit(circle.malik), []

    for answer in ("yes", "yes", "no", "yes", "none", "none", "no"):
        sent = browser.post(address(circle, "reply"), {"answer": answer})
        seen.append(replies_of(circle.malik))

    assert sent.url == address(circle, "meeting")
    assert seen == [[True], [True], [False], [True], [], [], [False]]
    assert "Votre réponse : « Je ne viendrai pas »." in browser.get(sent.url).text.replace("\u00a0", " ")


@pytest.mark.parametrize("answer", [{}, {"answer": ""}, {"answer": "maybe"}, {"answer": "\0"}])
def test_a_reply_that_says_nothing_is_not_kept(visit, circle, answer):
    sent = visit(circle.malik).post(address(circle, "reply"), answer)

    assert sent.url == address(circle, "meeting")
    assert replies_of(circle.malik) == []


def test_the_facilitator_sees_a_number_and_members_see_none(visit, circle):
    coming = "Vous voyez ce nombre parce que vous animez"
    facilitator, member = visit(circle.ines), visit(circle.malik)
    before = facilitator.get(address(circle, "meeting")).text
    member.post(address(circle, "reply"), {"answer": "yes"})
    one = facilitator.get(address(circle, "meeting")).text
    facilitator.post(address(circle, "reply"), {"answer": "yes"})
    two = facilitator.get(address(circle, "meeting")).text
    member.post(address(circle, "reply"), {"answer": "no"})
    one_again = facilitator.get(address(circle, "meeting")).text

    assert "Personne n’a dit penser venir." in before and coming not in before
    assert f"Une personne pense venir. {coming}" in one
    assert f"2 personnes pensent venir. {coming}" in two
    assert f"Une personne pense venir. {coming}" in one_again
    for page in (one, two):
        assert "Gué bleu" not in page
    hers = member.get(address(circle, "meeting")).text
    for words in ("personne pense venir", "pensent venir", "penser venir", "animez"):
        assert words not in hers


def test_members_do_not_see_the_reply_of_another(circle, visit):
    visit(circle.malik).post(address(circle, "reply"), {"answer": "yes"})

    assert replies_of(circle.ines) == []


@pytest.mark.parametrize("closed_by", ["its end", "cancelling"])
def test_no_reply_is_taken_any_more(visit, circle, closed_by):
    browser = visit(circle.malik)
    if closed_by == "its end":
        move(circle.ines, circle.meeting, timedelta(minutes=-91))
    else:
        visit(circle.ines).post(address(circle, "cancel"), {"version": 1})

    sent = browser.post(address(circle, "reply"), {"answer": "yes"})

    assert replies_of(circle.malik) == []
    page = browser.get(sent.url).text
    assert "Il n’est plus possible de répondre pour cette rencontre." in page
    assert 'name="answer"' not in page


def test_a_cancelled_meeting_says_so_and_leaves_the_sheet(visit, circle):
    with as_person(circle.ines):
        following = Meeting.objects.upcoming()[1]
    facilitator = visit(circle.ines)

    done = facilitator.post(address(circle, "cancel"), {"version": 1})

    assert done.url == address(circle, "meeting")
    assert "Cette rencontre est annulée" in visit(circle.malik).get(done.url).text
    circle.group.refresh_from_db()
    assert (circle.group.next_starts_at, circle.group.next_ends_at) == (following.starts_at, following.ends_at)


def test_the_sheet_has_no_date_when_the_only_meeting_is_cancelled(visit, circle):
    malik = circle.malik
    other = makers.make_group(malik, "Quai neuf", name="Une autre rive")
    makers.make_series(malik, other, rhythm="once")
    only = makers.first_meeting(malik, other)
    other.refresh_from_db()
    assert other.next_starts_at == only.starts_at

    visit(malik).post(reverse("meetings:cancel", args=[other.pk, only.pk]), {"version": 1})

    other.refresh_from_db()
    assert other.next_starts_at is None and other.next_ends_at is None
    assert "Prochaine date à venir" in visit().get(reverse("groups:sheet", args=[other.slug])).text


def test_a_meeting_is_cancelled_once_and_not_after_its_end(visit, circle):
    facilitator = visit(circle.ines)
    with as_person(circle.ines):
        over = Meeting.objects.upcoming()[1]
    move(circle.ines, over, timedelta(minutes=-91))

    assert facilitator.post(address(circle, "cancel"), {"version": 1}).status_code == 302
    assert facilitator.post(address(circle, "cancel"), {"version": 1}).status_code == 302
    assert facilitator.post(address(circle, "cancel", over), {"version": 1}).status_code == 302
    with as_person(circle.ines):
        assert Meeting.objects.filter(cancelled_at__isnull=False).count() == 1
        assert Meeting.objects.get(pk=circle.meeting.pk).version == 2


def test_only_those_who_facilitate_may_cancel(visit, circle):
    outsider = makers.make_member("theo")

    assert visit(circle.malik).post(address(circle, "cancel")).status_code == 403
    for person in (outsider, circle.sofia):
        assert visit(person).post(address(circle, "cancel")).status_code == 404
    with as_person(circle.ines):
        assert not Meeting.objects.filter(cancelled_at__isnull=False).exists()


def test_a_meeting_is_not_found_through_another_group(visit, circle):
    other = makers.make_group(circle.malik, "Quai neuf", name="Une autre rive")
    browser = visit(circle.malik)

    for name in ("meeting", "enter"):
        assert browser.get(reverse(f"meetings:{name}", args=[other.pk, circle.meeting.pk])).status_code == 404
    for name in ("reply", "cancel"):
        assert browser.post(reverse(f"meetings:{name}", args=[other.pk, circle.meeting.pk])).status_code == 404


def test_a_reply_goes_with_the_person_who_leaves(visit, circle):
    visit(circle.malik).post(address(circle, "reply"), {"answer": "yes"})

    with as_person(circle.malik):
        belonging.leave(enter_group(circle.malik, circle.group.pk), keep_stories=False)

    assert "Personne n’a dit penser venir." in visit(circle.ines).get(address(circle, "meeting")).text


def test_the_agenda_asks_as_many_questions_for_one_meeting_as_for_twenty(visit, db):
    ines = makers.make_member("ines")
    group = makers.make_group(ines, "Phare vert")
    browser, agenda = visit(ines), reverse("meetings:agenda", args=[group.pk])
    makers.make_series(ines, group, rhythm="once")
    browser.get(agenda)  # what is asked once per process does not count

    with CaptureQueriesContext(connection) as for_one:
        one = browser.get(agenda)
    makers.make_series(ines, group)
    with CaptureQueriesContext(connection) as for_twenty:
        twenty = browser.get(agenda)

    assert [page.text.count('<li class="e-meet"') for page in (one, twenty)] == [1, 20]
    assert len(for_one) == len(for_twenty) <= 12


def test_hours_in_a_list_say_on_which_clock_they_are(visit, circle):
    zoe = makers.make_member("zoe", time_zone="Europe/Paris")
    makers.join(zoe, circle.group, "Osier")
    browser = visit(zoe)

    pages = [browser.get(reverse(f"meetings:{name}", args=[circle.group.pk])).text for name in ("agenda", "rotation")]

    assert all("Heure de Montréal" in page and "19\u00a0h" in page for page in pages)


def test_lists_of_a_group_also_tell_the_hours_where_one_is_when_they_are_others(visit, circle):
    zoe = makers.make_member("zoe", time_zone="Europe/Paris")
    makers.join(zoe, circle.group, "Osier")
    starts_at, ends_at = circle.meeting.starts_at, circle.meeting.ends_at
    told = {"the_day": day(starts_at, "Europe/Paris"), "own_hours": hours(starts_at, ends_at, "Europe/Paris")}
    said = in_french("Where you are: %(the_day)s, %(own_hours)s, %(city)s.") % (told | {"city": city("Europe/Paris")})

    for name in ("agenda", "rotation"):
        listed = reverse(f"meetings:{name}", args=[circle.group.pk])
        assert " ".join(said.split()) in words_of(visit(zoe).get(listed))
        assert in_french("Where you are: %(the_day)s").split("%")[0] not in words_of(visit(circle.malik).get(listed))


def test_the_day_where_one_is_is_told_only_when_it_is_another_one(visit, circle):
    zoe, here = makers.make_member("zoe", time_zone="America/Vancouver"), "America/Vancouver"
    makers.join(zoe, circle.group, "Osier")
    meeting, browser = circle.meeting, visit(zoe)
    said = in_french("Where you are: %(own_hours)s, %(city)s.")
    told = [hours(meeting.starts_at, meeting.ends_at, here), clock(meeting.opens_at, here)]
    lasts, opens = (" ".join((said % {"own_hours": one, "city": city(here)}).split()) for one in told)

    agenda = words_of(browser.get(reverse("meetings:agenda", args=[circle.group.pk])))
    page = words_of(browser.get(reverse("meetings:meeting", args=[circle.group.pk, meeting.pk])))

    assert lasts in agenda
    assert lasts in page and opens in page


def test_a_meeting_that_is_called_off_is_crossed_out_and_said_to_be_off_in_the_same_link(visit, circle):
    visit(circle.ines).post(address(circle, "cancel"), {"version": 1})
    browser, agenda = visit(circle.malik), reverse("meetings:agenda", args=[circle.group.pk])
    when = hours(circle.meeting.starts_at, circle.meeting.ends_at, circle.meeting.zone)

    listed, page = browser.get(agenda).text, browser.get(address(circle, "meeting")).text

    link = listed[listed.index(f'href="{address(circle, "meeting")}"') :].split("</a>")[0]
    assert f"<s>{when}</s>" in link and in_french("Cancelled") in link
    assert listed.count("<s>") == 1, "the others stand"
    assert f"<s>{when}</s>" in page
