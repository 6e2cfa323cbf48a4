"""A speaking round at the same moment: two open one, a button pressed ten times ends one turn, nobody sits twice."""

from functools import partial
from threading import Thread

from entraide.lib.sql import answer
from tests import makers, services
from tests.meetings.test_speaking_round import address, begin, gather, open_round, table, whose
from tests.running import wait_until
from tests.test_races import at_once, browser_of


def test_two_who_open_a_round_open_one(committed):
    three = gather(makers.make_circle())
    browsers = [browser_of(three.ines) for _ in range(4)]

    statuses = at_once(*(partial(one.post, address(three, "open_round"), {"minutes": "5"}) for one in browsers))

    assert statuses == [302] * 4
    assert len(makers.as_superuser("select * from meetings_round")) == 1


def test_places_that_are_taken_at_once_are_all_different_and_nobody_has_two(committed):
    three = gather(makers.make_circle())
    people = [three.ines, three.malik, three.zoe] * 2
    browsers = [browser_of(person) for person in people]
    browsers[0].post(address(three, "open_round"))

    statuses = at_once(*(partial(one.post, address(three, "sit_down"), {"places": "2"}) for one in browsers))

    assert statuses == [302] * 6
    assert sorted(makers.as_superuser("select seat from meetings_turn")) == [(seat,) for seat in range(1, 7)]


def test_a_button_that_is_pressed_ten_times_ends_one_turn(committed, visit):
    three = gather(makers.make_circle())
    begin(three, open_round(three, visit)["ines"])
    turn = table(three, three.ines).now.turn.pk
    browsers = [browser_of(three.ines) for _ in range(10)]

    statuses = at_once(*(partial(one.post, address(three, "end_turn"), {"turn": turn}) for one in browsers))

    assert statuses == [302] * 10
    assert whose(three) == "Gué bleu"


def test_closing_while_others_end_their_turn_or_leave_the_group_breaks_nothing(committed, visit):
    three = gather(makers.make_circle())
    browsers = open_round(three, visit)
    begin(three, browsers["ines"])
    turn = table(three, three.ines).now.turn.pk
    closing, ending, leaving = (browser_of(person) for person in (three.ines, three.ines, three.malik))

    statuses = at_once(
        partial(closing.post, address(three, "close_round")),
        partial(ending.post, address(three, "end_turn"), {"turn": turn}),
        partial(leaving.post, f"/g/{three.group.pk}/leave/", {"stories": "keep"}),
    )

    assert statuses == [302] * 3
    assert makers.as_superuser("select * from meetings_turn") == []


def test_closing_holds_no_turn_while_it_waits_for_the_round(committed, visit):
    """As whoever ends a turn: the round first, then what is in it. Else each could wait for the other."""
    three = gather(makers.make_circle())
    begin(three, open_round(three, visit)["ines"])
    closing, statuses = browser_of(three.ines), []
    close = Thread(target=lambda: statuses.extend(at_once(partial(closing.post, address(three, "close_round")))))

    with services.superuser() as cursor:
        cursor.execute("begin; select 1 from meetings_round for update")
        close.start()
        wait_until(partial(answer, "select exists (select 1 from pg_locks where not granted)"))
        cursor.execute("select count(*) from (select 1 from meetings_turn for update nowait) free")
        free = cursor.fetchone()
        cursor.execute("commit")
    close.join()

    assert (free, statuses) == ((3,), [302])
    assert makers.as_superuser("select * from meetings_turn") == []
