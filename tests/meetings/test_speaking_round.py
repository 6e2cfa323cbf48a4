"""The speaking round: whose turn it is, nobody's to take or skip but one's own; and nothing left of it at the end."""

from datetime import timedelta

import pytest
import time_machine
from django.db import ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from entraide.lib.sql import answer, answers
from groups.confidentiality import enter_group
from meetings import hosting, rounds
from meetings.models import Round, Turn
from tests import makers
from tests.makers import as_person
from tests.meetings.conftest import move
from tests.pages import words_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def three(circle):
    return gather(circle)


def gather(circle):
    """Inès facilitates this meeting; Malik and Zoé are members. It begins in a minute."""
    circle.zoe = makers.make_member("zoe")
    makers.join(circle.zoe, circle.group, "Osier")
    move(circle.ines, circle.meeting, MINUTE)
    with as_person(circle.ines):
        hosting.offer(enter_group(circle.ines, circle.group.pk), circle.meeting)
    return circle


def address(circle, name="speaking_round"):
    return reverse(f"meetings:{name}", args=[circle.group.pk, circle.meeting.pk])


def table(circle, person):
    with as_person(person):
        inside = enter_group(person, circle.group.pk)
        kept = rounds.round_of(inside, circle.meeting)
        return kept and rounds.Table(inside, kept)


def open_round(circle, visit, **typed):
    """With the three of them in it, in the order of their coming."""
    browsers = {name: visit(getattr(circle, name)) for name in ("ines", "malik", "zoe")}
    browsers["ines"].post(address(circle, "open_round"), typed)
    for browser in browsers.values():
        browser.post(address(circle, "sit_down"), {"places": "1"})
    return browsers


def begin(circle, browser):
    return browser.post(address(circle, "go_round"), {"laps": str(table(circle, circle.ines).round.laps)})


def end_turn(circle, browser):
    """Of whoever's turn it is, as this browser may or may not."""
    now = table(circle, circle.ines).now
    return browser.post(address(circle, "end_turn"), {"turn": now.turn.pk if now else ""})


def whose(circle):
    now = table(circle, circle.ines).now
    return now and now.person.name.reveal()


@pytest.mark.parametrize(("language", "said"), [("fr", "5 minutes par personne"), ("en", "5 minutes each")])
def test_the_mark_for_the_time_is_offered_in_the_language_of_whoever_looks(three, visit, language, said):
    with translation.override(language):
        page = visit(three.ines).get(address(three))

    assert said in words_of(page)


def test_each_is_offered_a_turn_and_a_second_one_only_when_all_were(three, visit):
    browsers = open_round(three, visit)
    before = whose(three)
    begin(three, browsers["ines"])
    order = []
    for name in ("ines", "malik", "zoe"):
        order.append(whose(three))
        begin(three, browsers["malik"])  # a second lap: not yet
        end_turn(three, browsers[name])
    offered = table(three, three.ines)
    begin(three, browsers["malik"])

    assert before is None
    assert order == ["Phare vert", "Gué bleu", "Osier"]
    assert (offered.stage, offered.round.laps) == ("offered", 1)
    assert (whose(three), table(three, three.ines).round.laps) == ("Phare vert", 2)


def test_nobody_takes_or_skips_the_turn_of_another(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])

    for name in ("malik", "zoe"):
        end_turn(three, browsers[name])
        assert whose(three) == "Phare vert"
    end_turn(three, browsers["ines"])
    end_turn(three, browsers["ines"])  # not even whoever facilitates

    assert whose(three) == "Gué bleu"


@pytest.mark.parametrize("statement", ["update meetings_turn set had = 9", "update meetings_round set laps = 9"])
def test_the_database_lets_nobody_move_the_round_by_hand(three, visit, statement):
    begin(three, open_round(three, visit)["ines"])

    with as_person(three.ines), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        answers(statement)


def test_the_database_ends_no_turn_but_ones_own_and_only_when_it_is_now(three, visit):
    begin(three, open_round(three, visit)["ines"])
    first, second, _third = (place.turn for place in table(three, three.ines).places)

    with as_person(three.malik):
        assert not answer("select app.end_turn(%s)", first.pk)
        assert not answer("select app.end_turn(%s)", second.pk)
        assert Turn.objects.filter(pk=first.pk).delete()[0] == 0
        assert answers("delete from meetings_round returning id") == []
    with as_person(makers.make_member("theo")):
        assert not Turn.objects.exists() and not Round.objects.exists()
        assert not answer("select app.end_turn(%s)", first.pk)
        assert not answer("select app.take_places(%s, 1)", first.round_id)
        assert not answer("select app.go_round(%s, 1)", first.round_id)
    assert whose(three) == "Phare vert"


def test_the_same_button_pressed_twice_ends_one_turn(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    turn = table(three, three.ines).now.turn.pk

    for _ in range(2):
        browsers["ines"].post(address(three, "end_turn"), {"turn": turn})

    assert whose(three) == "Gué bleu"


def test_to_pass_and_to_speak_leave_the_same_row(three, visit):
    """The page has two buttons of one form, without a name: what is sent is the same."""
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])

    page = browsers["ines"].get(address(three)).text
    form = page[page.index(address(three, "end_turn")) :].split("</form>")[0]

    assert form.count("<button") == 2 and form.count("btn e-btn-line") == 2
    assert "name=" not in form.split("<button", 1)[1]


def test_around_one_phone_each_place_has_its_turn(three, visit):
    browser = visit(three.ines)
    browser.post(address(three, "open_round"))
    browser.post(address(three, "sit_down"), {"places": "3"})
    browser.post(address(three, "sit_down"), {"places": "9"})  # they sit already
    visit(three.malik).post(address(three, "sit_down"), {"places": "1"})
    begin(three, browser)

    seen = []
    for _ in range(3):
        seen.append(table(three, three.ines).now.number)
        end_turn(three, browser)

    assert seen == [1, 2, 3]
    assert whose(three) == "Gué bleu"


@pytest.mark.parametrize("places", ["", "0", "-1", "21", "x", "2.5", "\0"])
def test_a_wrong_number_of_places_is_said_and_nobody_sits(three, visit, places):
    browser = visit(three.ines)
    browser.post(address(three, "open_round"))

    assert browser.post(address(three, "sit_down"), {"places": places}).status_code == 422
    assert table(three, three.ines).places == []


def test_whoever_comes_late_gets_the_turn_of_this_lap_at_its_end(three, visit):
    browsers = {name: visit(getattr(three, name)) for name in ("ines", "malik", "zoe")}
    browsers["ines"].post(address(three, "open_round"))
    for name in ("ines", "malik"):
        browsers[name].post(address(three, "sit_down"), {"places": "1"})
    begin(three, browsers["ines"])
    end_turn(three, browsers["ines"])
    browsers["zoe"].post(address(three, "sit_down"), {"places": "1"})
    end_turn(three, browsers["malik"])

    assert whose(three) == "Osier"
    end_turn(three, browsers["zoe"])
    assert table(three, three.ines).stage == "offered"


def test_whoever_spoke_left_and_sits_down_again_has_no_second_turn_before_the_first_of_a_latecomer(three, visit):
    browsers = {name: visit(getattr(three, name)) for name in ("ines", "malik", "zoe")}
    browsers["ines"].post(address(three, "open_round"))
    for name in ("ines", "malik"):
        browsers[name].post(address(three, "sit_down"), {"places": "1"})
    begin(three, browsers["ines"])
    end_turn(three, browsers["ines"])

    browsers["ines"].post(address(three, "stand_up"))
    seated = [place.person.name.reveal() for place in table(three, three.malik).places]
    browsers["ines"].post(address(three, "sit_down"), {"places": "1"})
    end_turn(three, browsers["malik"])
    offered = table(three, three.malik).stage
    browsers["zoe"].post(address(three, "sit_down"), {"places": "1"})

    assert seated == ["Gué bleu"]
    assert (offered, whose(three)) == ("offered", "Osier")
    end_turn(three, browsers["zoe"])
    assert table(three, three.ines).stage == "offered"


def test_a_turn_that_was_had_is_remembered_for_that_lap_only_and_its_place_is_nobodys(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    for name in ("ines", "malik", "zoe"):
        end_turn(three, browsers[name])
    browsers["ines"].post(address(three, "stand_up"))
    with as_person(three.ines):
        assert not Turn.objects.filter(is_away=True).exists(), "the database shows it to nobody"
    begin(three, browsers["malik"])

    browsers["ines"].post(address(three, "sit_down"), {"places": "1"})
    order = []
    for name in ("malik", "zoe", "ines"):
        order.append(whose(three))
        end_turn(three, browsers[name])

    assert order == ["Gué bleu", "Osier", "Phare vert"]
    assert table(three, three.ines).stage == "offered"


def test_of_those_around_one_phone_whoever_had_no_turn_yet_still_has_theirs(three, visit):
    browser = visit(three.ines)
    browser.post(address(three, "open_round"))
    browser.post(address(three, "sit_down"), {"places": "2"})
    begin(three, browser)
    end_turn(three, browser)

    browser.post(address(three, "stand_up"))
    browser.post(address(three, "sit_down"), {"places": "2"})

    assert [place.state for place in table(three, three.ines).places] == ["had", "now"]
    end_turn(three, browser)
    assert table(three, three.ines).stage == "offered"


def test_whoever_leaves_the_round_or_the_group_holds_nobody_up(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])

    browsers["ines"].post(address(three, "stand_up"))
    assert whose(three) == "Gué bleu"
    makers.leave(three.malik, three.group)
    assert whose(three) == "Osier"


def test_the_mark_of_time_is_shown_and_cuts_nothing(three, visit):
    browsers = open_round(three, visit, minutes="3")
    begin(three, browsers["ines"])

    with time_machine.travel(timezone.now() + timedelta(minutes=11, seconds=30)):
        now = table(three, three.ines)
        gone = now.minutes_gone

    assert (now.round.minutes, gone, whose(three)) == (3, 11, "Phare vert")
    end_turn(three, browsers["ines"])
    assert table(three, three.ines).minutes_gone == 0


def test_the_marks_are_told_in_the_language_of_the_page(three, visit):
    browser, said = visit(three.ines), {}
    for language in ("en", "fr"):
        with translation.override(language):
            said[language] = "3 minutes each" in browser.get(address(three)).text

    assert said == {"en": True, "fr": False}


def test_closing_leaves_nothing_that_tells_who_was_there_or_spoke(committed, visit):
    three = gather(makers.make_circle())
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    for browser in browsers.values():
        end_turn(three, browser)
    before = makers.as_superuser("select * from meetings_turn")
    browsers["ines"].post(address(three, "last_words"))
    assert table(three, three.malik).stage == "closing"

    closed = browsers["ines"].post(address(three, "close_round"))

    assert len(before) == 3
    assert closed.url == reverse("meetings:meeting", args=[three.group.pk, three.meeting.pk])
    for kept in ("meetings_round", "meetings_turn"):
        assert makers.as_superuser(f"select * from {kept}") == []
    columns = "select column_name from information_schema.columns where table_name = 'meetings_turn'"
    assert {name for (name,) in makers.as_superuser(columns)} == {
        *("id", "group_id", "round_id", "membership_id", "seat", "had", "is_away")
    }, "no column says more than that a turn was had"


def test_the_last_words_wait_until_all_were_offered_a_turn(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    for browser in browsers.values():
        browsers["ines"].post(address(three, "last_words"))
        assert table(three, three.ines).stage == "speaking"
        end_turn(three, browser)

    browsers["malik"].post(address(three, "last_words"))
    by_a_member = table(three, three.ines).stage
    browsers["ines"].post(address(three, "last_words"))

    assert (by_a_member, table(three, three.ines).stage) == ("offered", "closing")


def test_a_page_from_before_the_last_words_does_not_send_the_round_back(three, visit):
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    for browser in browsers.values():
        end_turn(three, browser)
    browsers["ines"].post(address(three, "last_words"))

    begin(three, browsers["malik"])

    assert table(three, three.ines).stage == "closing"


@pytest.mark.parametrize("kept", ["meetings_round", "meetings_turn"])
def test_a_round_lies_in_no_log_of_the_database_and_in_no_dump(db, kept):
    query = (
        "select relpersistence::text, has_table_privilege('entraide_backup_data', oid, 'select'),"
        " has_table_privilege('entraide_backup_keys', oid, 'select') from pg_class where relname = %s"
    )

    assert makers.as_superuser(query, kept) == [("u", False, False)]


def test_a_round_that_nobody_closed_is_gone_two_hours_after_the_meeting(committed, worker, visit):
    circle = makers.make_circle()
    move(circle.ines, circle.meeting, MINUTE)
    browser = visit(circle.ines)
    browser.post(address(circle, "open_round"))
    browser.post(address(circle, "sit_down"), {"places": "1"})
    move(circle.ines, circle.meeting, timedelta(minutes=-150))
    worker("from meetings import upkeep; upkeep.run()")
    still = table(circle, circle.ines)
    makers.as_superuser(
        "update meetings_meeting set ends_at = now() - interval '121 minutes' where id = %s", circle.meeting.pk
    )

    worker("from meetings import upkeep; upkeep.run()")

    assert still.places
    assert makers.as_superuser("select * from meetings_turn") == []


@pytest.mark.parametrize("starts_in", [timedelta(minutes=16), timedelta(minutes=-91)])
def test_no_round_opens_long_before_or_after_the_meeting(three, visit, starts_in):
    move(three.ines, three.meeting, starts_in)

    visit(three.ines).post(address(three, "open_round"))

    assert table(three, three.ines) is None


def test_a_meeting_that_nobody_facilitates_has_its_round_all_the_same(three, visit):
    with as_person(three.ines):
        hosting.take_back(enter_group(three.ines, three.group.pk), three.meeting)
    member = visit(three.malik)

    member.post(address(three, "open_round"))
    member.post(address(three, "sit_down"), {"places": "2"})
    begin(three, member)

    assert whose(three) == "Gué bleu"
    assert member.post(address(three, "close_round")).status_code == 302
    assert table(three, three.ines) is None


def test_where_somebody_facilitates_only_they_open_begin_and_close(three, visit):
    member = visit(three.malik)

    assert member.post(address(three, "open_round")).status_code == 403
    open_round(three, visit)
    begin(three, member)
    assert table(three, three.ines).stage == "opening" or whose(three) is None
    with as_person(three.zoe):
        hosting.offer(enter_group(three.zoe, three.group.pk), three.meeting)
    for name in ("last_words", "close_round"):
        assert member.post(address(three, name)).status_code == 403
    assert visit(three.zoe).post(address(three, "close_round")).status_code == 302
    assert table(three, three.ines) is None


def test_an_open_page_is_told_when_something_changes_and_only_then(three, visit):
    browsers = open_round(three, visit)
    page = browsers["malik"].get(address(three))
    mark = page.context["mark"]

    same = browsers["malik"].get(address(three), {"seen": mark})
    begin(three, browsers["ines"])
    changed = browsers["malik"].get(address(three), {"seen": mark})

    assert (same.status_code, same.content) == (204, b"")
    assert changed.status_code == 200 and changed.context["mark"] != mark
    assert "Phare vert" in changed.text and "<html" not in changed.text
    assert changed["Cache-Control"] == "no-store"


def asks_by_itself(circle, browser):
    return browser.get(address(circle), {"seen": "none"}, headers={"HX-Request": "true"})


def test_a_page_that_asks_by_itself_keeps_no_session_open(committed, visit):
    circle = gather(makers.make_circle())
    watched, used = visit(circle.malik), visit(circle.malik)

    for minutes in (10, 20, 29):
        with time_machine.travel(timedelta(minutes=minutes), tick=False):
            assert asks_by_itself(circle, watched).status_code == 204
            assert used.get(address(circle)).status_code == 200

    with time_machine.travel(timedelta(minutes=31)):
        assert asks_by_itself(circle, used).status_code == 204
        told = asks_by_itself(circle, watched)
        assert (told.status_code, told["HX-Redirect"]) == (204, address(circle))
        assert watched.get(told["HX-Redirect"]).url == f"/account/login/?next={address(circle)}"


def test_an_open_page_of_somebody_who_has_left_opens_anew_as_the_page_of_nobody(three, visit):
    browser = visit(three.malik)
    assert "HX-Redirect" not in asks_by_itself(three, browser)
    makers.leave(three.malik, three.group)

    told = asks_by_itself(three, browser)

    assert (told.status_code, told.content, told["HX-Redirect"]) == (204, b"", address(three))
    assert browser.get(told["HX-Redirect"]).status_code == 404


@pytest.mark.parametrize("act", ["sit_down", "end_turn", "go_round", "stand_up", "last_words", "close_round"])
def test_an_act_after_the_end_says_so_and_changes_nothing(three, visit, act):
    assert visit(three.ines).post(address(three, act), {"laps": "0", "places": "1"}).status_code == 302
    assert table(three, three.ines) is None
