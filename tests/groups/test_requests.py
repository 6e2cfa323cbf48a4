"""A group that welcomes: one asks, any member may welcome, nobody can refuse, and nobody outside learns who asked."""

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from entraide.erasing import forget
from groups import vault
from groups.confidentiality import enter_group
from groups.models import EntryRequest, Membership
from tests import makers, services
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, words_of


@pytest.fixture
def group(db):
    return make_group()


def make_group(**sheet):
    """Inès founded it and facilitates; Malik is a member."""
    ines, malik = makers.make_member("ines"), makers.make_member("malik")
    group = makers.make_group(ines, "Phare vert", joining="welcome", **sheet)
    makers.join_by_welcome(malik, group, "Gué bleu", ines)
    group.ines, group.malik = ines, malik
    return group


@pytest.fixture
def zoe(db):
    return makers.make_member("zoe")


def walk_to_the_end(browser, group, name="Osier", **last):
    join = f"/g/{group.pk}/join/"
    browser.post(join, {"name": name})
    browser.post(join + "charter/", makers.AGREE)
    return browser.post(join + "reminders/", {"reminders": "day_before", **last})


def grown_older(group, days):
    """As if everything of the requests had been done so many days before."""
    with services.superuser() as cursor:
        cursor.execute(
            "update groups_entryrequest set asked_on = asked_on - %s, until = until - %s, place_on = place_on - %s,"
            " welcomed_on = welcomed_on - %s where group_id = %s",
            [days] * 4 + [str(group.pk)],
        )


def a_day_later():
    """What the worker does of itself, with its own login."""
    with services.worker() as cursor:
        cursor.execute("select app.pass_places_on()")


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_the_last_page_asks_instead_of_entering(group, zoe, visit):
    browser = visit(zoe)

    page = walk_to_the_end(browser, group, wait="1")

    assert page.url == f"/g/{group.pk}/request/"
    assert in_french("Your request waits") in words_of(browser.get(page.url))
    assert browser.get(f"/g/{group.pk}/").status_code == 404
    with as_person(group.ines):
        assert Membership.objects.count() == 2
        assert EntryRequest.objects.count() == 1


def test_whoever_would_enter_at_once_is_told_and_may_ask_with_the_same_name(group, zoe, visit):
    browser = visit(zoe)

    refused = walk_to_the_end(browser, group)
    asked = browser.post(f"/g/{group.pk}/join/reminders/", {"reminders": "none", "wait": "1"})

    assert refused.status_code == 422
    assert "Osier" in words_of(refused)
    assert in_french("I ask to enter") in words_of(refused)
    assert asked.url == f"/g/{group.pk}/request/"


def test_the_sheet_says_that_one_asks(group, zoe, visit):
    browser = visit(zoe)
    before = words_of(browser.get(f"/groups/{group.slug}/"))
    makers.ask(zoe, group, "Osier")

    after = browser.get(f"/groups/{group.slug}/")

    assert in_french("Ask to enter") in before
    assert in_french("See your request") in words_of(after)
    assert in_french("Your request waits: any member may welcome you.") in words_of(browser.get("/me/"))


def test_asking_twice_leads_to_the_request_that_is_there(group, zoe, visit):
    windows = [visit(zoe), visit(zoe)]
    for window, name in zip(windows, ("Osier", "Roseau"), strict=True):
        window.post(f"/g/{group.pk}/join/", {"name": name})
        window.post(f"/g/{group.pk}/join/charter/", makers.AGREE)

    answers = [window.post(f"/g/{group.pk}/join/reminders/", {"reminders": "none", "wait": "1"}) for window in windows]

    assert [answer.url for answer in answers] == [f"/g/{group.pk}/request/"] * 2
    assert visit(zoe).get(f"/g/{group.pk}/join/").url == f"/g/{group.pk}/request/"
    assert vault.open_request(makers.own_request(zoe, group))["name"] == "Osier"


@pytest.mark.parametrize("look_alike", ["osier", "ОSIER", "Os\u200bier", "0sier", "Ösier"])
def test_a_name_is_kept_for_whoever_asked_first(group, zoe, visit, look_alike):
    makers.ask(zoe, group, "Osier")

    page = visit(makers.make_member("noor")).post(f"/g/{group.pk}/join/", {"name": look_alike})

    assert page.status_code == 422
    assert error_beside(page, "name")


def test_a_name_that_was_reserved_meanwhile_is_asked_again(group, zoe, visit):
    browser = visit(zoe)
    browser.post(f"/g/{group.pk}/join/", {"name": "Osier"})
    browser.post(f"/g/{group.pk}/join/charter/", makers.AGREE)
    makers.ask(makers.make_member("noor"), group, "osier")

    answer = browser.post(f"/g/{group.pk}/join/reminders/", {"reminders": "none", "wait": "1"})

    assert answer.url == f"/g/{group.pk}/join/"
    assert makers.own_request(zoe, group) is None


def test_a_request_that_is_taken_back_leaves_no_row_and_frees_the_name(group, zoe, visit):
    makers.ask(zoe, group, "Osier")
    browser = visit(zoe)

    browser.post(f"/g/{group.pk}/request/", {"act": "back"})
    again = browser.post(f"/g/{group.pk}/request/", {"act": "back"})

    assert again.url == f"/g/{group.pk}/join/"
    assert makers.own_request(zoe, group) is None
    makers.ask(makers.make_member("noor"), group, "Osier")


def test_erasing_an_account_takes_the_requests_along(group, zoe):
    makers.ask(zoe, group, "Osier")
    with as_person(zoe):
        forget(zoe, keep_stories=False)

    with as_person(group.ines):
        assert not EntryRequest.objects.exists()


# --- Welcoming ------------------------------------------------------------------------------------------------------


def test_any_member_welcomes_and_the_person_enters_with_one_tap(group, zoe, visit):
    walk_to_the_end(visit(zoe), group, wait="1")
    member = visit(group.malik)
    page = member.get(f"/g/{group.pk}/welcome/")
    assert "Osier" in words_of(page)

    member.post(f"/g/{group.pk}/welcome/", {"request": makers.own_request(zoe, group).pk})
    browser = visit(zoe)
    expected = browser.get(f"/g/{group.pk}/request/")
    entered = browser.post(f"/g/{group.pk}/request/", {"act": "enter"})

    assert in_french("You are expected") in words_of(expected)
    assert entered.url == f"/g/{group.pk}/"
    assert makers.own_request(zoe, group) is None
    with as_person(zoe):
        inside = enter_group(zoe, group.pk)
        assert inside.person.name.reveal() == "Osier"
        assert (inside.membership.day_before, inside.membership.changes) == (True, True)
        assert inside.rights.read


def test_the_page_of_a_request_that_is_welcome_waits_for_the_tap(group, zoe, visit):
    makers.ask(zoe, group, "Osier")
    makers.welcome(group.malik, group, zoe)

    assert in_french("You are expected: enter") in words_of(visit(zoe).get(f"/groups/{group.slug}/"))
    with as_person(group.ines):
        assert Membership.objects.count() == 2
        assert not EntryRequest.objects.exists(), "who is welcome is nobody's to see any more"


def test_welcoming_twice_says_that_it_is_done(group, zoe, visit):
    makers.ask(zoe, group, "Osier")
    form = {"request": makers.own_request(zoe, group).pk}
    visit(group.ines).post(f"/g/{group.pk}/welcome/", form)

    page = visit(group.malik).post(f"/g/{group.pk}/welcome/", form, follow=True)

    said = in_french("Somebody else was faster, or the request was taken back. Nothing is left to do.")
    assert said in words_of(page)


def test_something_that_is_no_request_is_refused(group, visit):
    assert visit(group.malik).post(f"/g/{group.pk}/welcome/", {"request": "all of them"}).status_code == 422


def test_a_member_of_another_group_welcomes_nobody(group, zoe, visit):
    theo = makers.make_member("theo")
    other = makers.make_group(theo, "Tilleul", name="Les jours gris", joining="welcome")
    makers.ask(zoe, group, "Osier")
    request = makers.own_request(zoe, group)

    foreign = visit(theo).post(f"/g/{group.pk}/welcome/", {"request": request.pk})
    through_their_own = visit(theo).post(f"/g/{other.pk}/welcome/", {"request": request.pk})

    assert foreign.status_code == 404
    assert through_their_own.status_code == 302
    assert makers.own_request(zoe, group).welcomed_on is None


def test_nobody_can_refuse(group, zoe):
    makers.ask(zoe, group, "Osier")

    for statement in ("delete from groups_entryrequest", "update groups_entryrequest set welcomed_on = current_date"):
        with pytest.raises(DatabaseError), transaction.atomic(), as_person(group.ines), connection.cursor() as cursor:
            cursor.execute(statement)
    assert makers.own_request(zoe, group) is not None


@pytest.mark.parametrize(
    "statement",
    [
        "select app.enter_group('{group}', gen_random_uuid(), '\\x00', '\\x00', '\\x00', '\\x00', true, true, true,"
        " current_date, current_date)",
        "update groups_entryrequest set place_on = current_date",
        "insert into groups_entryrequest (id, group_id, member_tag, name_mark, sealed, number, asked_on, until,"
        " place_on) select gen_random_uuid(), '{group}', app.tag(), '', '', 99, d, d, d from current_date d",
        "select app.settle('{group}')",
        "select app.close_group('{group}')",
    ],
)
def test_nobody_welcomes_themselves(group, zoe, statement):
    makers.ask(zoe, group, "Osier")

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), as_person(zoe), connection.cursor() as cursor:
        cursor.execute(statement.format(group=group.pk))
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_no_key_is_handed_out_before_the_welcome(group, zoe):
    makers.ask(zoe, group, "Osier")

    def keys():
        with as_person(zoe), connection.cursor() as cursor:
            cursor.execute("select * from app.keys_to_enter(%s)", [group.pk])
            return cursor.fetchall()

    before = keys()
    makers.welcome(group.malik, group, zoe)

    assert before == []
    assert len(keys()) == 1


# --- Who is told ----------------------------------------------------------------------------------------------------


def note_on_home(member, group, visit):
    return in_french("See who asks") in words_of(visit(member).get(f"/g/{group.pk}/"))


def test_for_a_week_the_note_stands_on_the_home_of_whoever_facilitates(committed, visit):
    group = make_group()
    makers.ask(makers.make_member("zoe"), group, "Osier")
    first = note_on_home(group.ines, group, visit), note_on_home(group.malik, group, visit)
    grown_older(group, 6)
    sixth = note_on_home(group.malik, group, visit)
    grown_older(group, 1)

    assert (first, sixth) == ((True, False), False)
    assert note_on_home(group.malik, group, visit)


def test_with_nobody_who_facilitates_everybody_is_told_at_once(group, zoe, visit):
    visit(group.ines).post(f"/g/{group.pk}/facilitation/stop/")
    makers.ask(zoe, group, "Osier")

    assert note_on_home(group.malik, group, visit)


def test_staff_are_told_a_number_after_two_weeks_and_never_who(committed, visit):
    group = make_group()
    nadia = makers.make_member("nadia", is_staff=True)
    for number in range(3):
        makers.ask(makers.make_member(f"m{number}"), group, f"Osier {number + 1} vert")
    makers.welcome(group.ines, group, makers.Member.objects.get(email="m0@people.example"))
    grown_older(group, 13)
    early = words_of(visit(nadia, second_factor=True).get("/staff/proposals/"))
    grown_older(group, 1)

    page = words_of(visit(nadia, second_factor=True).get("/staff/proposals/"))

    told = in_french("%(number)s request waits", "%(number)s requests wait", 2, number=2)
    assert told not in early and group.name not in early
    assert f"{group.name} {told}" in page
    assert "Osier" not in page


def test_staff_with_sql_see_no_request(group, zoe):
    makers.ask(zoe, group, "Osier")

    with as_person(makers.make_member("nadia", is_staff=True), staff=True):
        assert not EntryRequest.objects.exists()
    with as_person(zoe), connection.cursor() as cursor:
        cursor.execute("select count(*) from app.requests_that_wait()")
        assert cursor.fetchone() == (0,)


def test_a_copy_of_the_database_tells_neither_who_asked_nor_under_which_name(committed, owner):
    group = make_group()
    zoe = makers.make_member("zoe")
    makers.ask(zoe, group, "Osier doré")

    stored = everything_stored(owner)

    assert str(group.pk) in stored["groups_entryrequest"], "the copy must be of real data"
    for secret in ("Osier doré", str(zoe.pk), zoe.email):
        assert secret not in stored["groups_entryrequest"]
        assert secret.encode().hex() not in stored["groups_entryrequest"]


def test_nothing_but_the_tag_links_two_requests_of_one_person(group, zoe, visit):
    other = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris", joining="welcome")
    browser = visit(zoe)
    suggested = [
        {name for name, _ in browser.get(f"/g/{one.pk}/join/").context["form"].fields["suggestion"].choices}
        for one in (group, other)
    ]
    for one in (group, other):
        makers.ask(zoe, one, "Osier")
    first, second = (makers.own_request(zoe, one) for one in (group, other))

    assert not suggested[0] & suggested[1]
    assert bytes(first.name_mark) != bytes(second.name_mark)
    assert first.sealed != second.sealed
    with as_person(group.ines):
        assert EntryRequest.objects.count() == 1


# --- Time -----------------------------------------------------------------------------------------------------------


def test_a_request_goes_after_thirty_days_unless_it_is_kept(committed, visit):
    group = make_group()
    patient, absent = makers.make_member("lou"), makers.make_member("sam")
    makers.ask(patient, group, "Roseau")
    makers.ask(absent, group, "Galet")
    grown_older(group, 20)
    number = makers.own_request(patient, group).number

    visit(patient).post(f"/g/{group.pk}/request/", {"act": "keep"})
    grown_older(group, 10)
    a_day_later()

    assert makers.own_request(absent, group) is None
    assert makers.own_request(patient, group).number == number


def test_nobody_keeps_a_request_for_longer_than_thirty_days(group, zoe):
    makers.ask(zoe, group, "Osier")

    with pytest.raises(DatabaseError), transaction.atomic(), as_person(zoe), connection.cursor() as cursor:
        cursor.execute("update groups_entryrequest set until = current_date + 31")


def test_a_group_that_opens_its_door_welcomes_everybody_who_waits(committed):
    group = make_group(size_max=3)
    people = [makers.make_member(name) for name in ("lou", "sam")]
    for member, name in zip(people, ("Roseau", "Galet"), strict=True):
        makers.ask(member, group, name)
    with services.superuser() as cursor:
        cursor.execute("update groups_group set joining = 'open' where id = %s", [str(group.pk)])

    first, second = (makers.own_request(member, group) for member in people)

    assert first.has_place
    assert second.welcomed_on and not second.has_place


def test_nobody_keeps_a_free_place_from_outside(db, zoe, visit):
    group = makers.make_group(makers.make_member("ines"), "Phare vert", name="Une table ronde")

    entered = walk_to_the_end(visit(zoe), group, wait="1")

    assert entered.url == f"/g/{group.pk}/"
    assert visit(zoe).get(entered.url).status_code == 200
