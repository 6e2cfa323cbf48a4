"""« Ce qui m'aide »: put there by its author, read by the whole group, changed and taken away by its author alone."""

from dataclasses import replace
from uuid import uuid4

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from groups import belonging, shelf
from groups.confidentiality import CharterDue, enter_group
from groups.models import ShelfKey, ShelfStep
from groups.models.shelf import LONGEST_HELP
from tests import makers, services
from tests.groups.test_closing import close
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of

HELP = "Quand la nuit est longue, je compte les fenêtres allumées."


@pytest.fixture
def address(circle):
    return f"/g/{circle.group.pk}/shelf/"


@pytest.fixture
def malik_s(circle):
    return makers.put_on_shelf(circle.malik, circle.group, HELP)


def test_putting_something_on_the_shelf(circle, address, visit):
    browser, key = visit(circle.malik), str(uuid4())

    empty = browser.get(address)
    put = [browser.post(f"{address}new/", {"text": HELP, "key": key}, follow=True) for _ in range(2)][-1]
    read = visit(circle.ines).get(address)

    assert in_french("The shelf is empty") in words_of(empty)
    assert put.redirect_chain == [(address, 302)]
    for page in (put, read):
        assert words_of(page).count(HELP) == 1
        assert "Gué bleu" in words_of(page)
    assert in_french("Change or take away") in words_of(put)
    assert in_french("Change or take away") not in words_of(read)


def test_other_words_under_the_same_form_are_asked_about(circle, address, visit):
    browser, key = visit(circle.malik), str(uuid4())
    browser.post(f"{address}new/", {"text": HELP, "key": key})

    other = browser.post(f"{address}new/", {"text": "Je marche.", "key": key})

    assert other.status_code == 422
    assert typed(other, "text") == "Je marche." and typed(other, "key") != key


def test_whoever_comes_later_reads_it_and_whoever_is_outside_does_not(circle, address, malik_s, visit):
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, circle.group, "Osier")

    assert HELP in words_of(visit(newcomer).get(address))
    for person in (circle.sofia, makers.make_member("theo")):
        assert visit(person).get(address).status_code == 404


def test_others_read_and_change_nothing(circle, address, malik_s, visit):
    browser = visit(circle.ines)

    answers = [
        browser.get(f"{address}{malik_s}/edit/"),
        browser.post(f"{address}{malik_s}/edit/", {"text": "Autre.", "version": 1}),
        browser.post(f"{address}{malik_s}/take-away/"),
        browser.post(f"{address}{uuid4()}/take-away/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 404]
    assert HELP in words_of(browser.get(address))


def test_changing_destroys_the_former_key_and_loses_no_word_of_another_window(circle, address, malik_s, visit):
    browser, edit = visit(circle.malik), f"{address}{malik_s}/edit/"
    with as_person(circle.malik):
        former = bytes(ShelfKey.objects.get().wrapped)

    changed = browser.post(edit, {"text": "Je marche.", "version": 1}, follow=True)
    late = browser.post(edit, {"text": "Je nage.", "version": 1})
    again = browser.post(edit, {"text": "Je nage.", "version": typed(late, "version")}, follow=True)

    assert "Je marche." in words_of(changed)
    assert in_french("It is changed. The former words are erased for good.") in words_of(changed)
    assert late.status_code == 422 and typed(late, "text") == "Je nage."
    assert "Je nage." in words_of(again) and "Je marche." not in words_of(again)
    with as_person(circle.malik):
        assert bytes(ShelfKey.objects.get().wrapped) != former


def test_what_is_taken_away_is_gone_with_its_key(circle, address, malik_s, visit):
    browser = visit(circle.malik)

    gone = browser.post(f"{address}{malik_s}/take-away/", follow=True)

    assert in_french("It is taken away. Its key is destroyed: nobody can read it any more.") in words_of(gone)
    assert HELP not in words_of(visit(circle.ines).get(address))
    assert browser.post(f"{address}{malik_s}/edit/", {"text": HELP, "version": 1}).status_code == 404
    with as_person(circle.malik):
        assert not ShelfStep.objects.exists() and not ShelfKey.objects.exists()


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "x" * (LONGEST_HELP + 1)])
def test_what_cannot_be_put_there_is_said_beside_it(circle, address, visit, text):
    refused = visit(circle.malik).post(f"{address}new/", {"text": text, "key": str(uuid4())})

    assert refused.status_code == 422
    assert error_beside(refused, "text")
    with as_person(circle.malik):
        assert not ShelfStep.objects.exists()


def test_twenty_at_a_time_the_newest_first(circle, address, visit):
    for number in range(21):
        makers.put_on_shelf(circle.malik, circle.group, f"Pas {number:02}.")
    browser = visit(circle.ines)

    first = browser.get(address)
    second = browser.get(first.context["older"])

    assert [one.text.reveal() for one in first.context["helps"]] == [f"Pas {n:02}." for n in range(20, 0, -1)]
    assert [one.text.reveal() for one in second.context["helps"]] == ["Pas 00."]


def test_it_goes_with_whoever_leaves(circle, malik_s, address, visit):
    with as_person(circle.malik):
        belonging.leave(enter_group(circle.malik, circle.group.pk), keep_stories=True)

    assert HELP not in words_of(visit(circle.ines).get(address))
    with as_person(circle.ines):
        assert not ShelfStep.objects.exists() and not ShelfKey.objects.exists()


def test_in_a_closed_group_one_takes_away_and_nothing_else(committed, visit):
    circle = makers.make_circle()
    shelf = f"/g/{circle.group.pk}/shelf/"
    his = makers.put_on_shelf(circle.malik, circle.group, HELP)
    makers.put_on_shelf(circle.ines, circle.group, "Je marche.")
    browser = visit(circle.malik)
    close(circle.group)

    page = browser.get(shelf).content.decode()
    refused = [
        browser.get(f"{shelf}new/"),
        browser.post(f"{shelf}new/", {"text": "Je nage.", "key": str(uuid4())}),
        browser.post(f"{shelf}{his}/edit/", {"text": "Je nage.", "version": 1}),
        browser.post(f"{shelf}{his}/take-away/", {}, headers={"referer": shelf}),
    ]

    assert HELP in page and "Je marche." in page
    assert f"{shelf}new/" not in page and "/edit/" not in page
    assert page.count("/take-away/") == 1 and f"{shelf}{his}/take-away/" in page
    assert [answer.status_code for answer in refused] == [403, 403, 403, 302]
    assert HELP not in words_of(browser.get(shelf))


def test_a_closed_shelf_that_is_empty_asks_for_nothing(committed, visit):
    circle = makers.make_circle()
    close(circle.group)

    pages = [visit(circle.malik).get(f"/g/{circle.group.pk}/{end}") for end in ("shelf/", "echo/")]
    nothing = visit(circle.malik).post(f"/g/{circle.group.pk}/echo/", {"words": "zzz", "feeling": ""})

    assert [page.status_code for page in (*pages, nothing)] == [200, 200, 200]
    assert in_french("The shelf is empty") in words_of(pages[0]) and "shelf/new/" not in pages[0].content.decode()
    assert "stories/new/" not in nothing.content.decode()


def test_a_page_whose_steps_are_all_gone_leads_to_the_shelf(circle, address, malik_s, visit):
    assert visit(circle.ines).get(f"{address}?before=0").url == address


def test_the_charter_comes_first(circle, malik_s):
    with as_person(circle.ines), pytest.raises(CharterDue):
        inside = enter_group(circle.ines, circle.group.pk)
        shelf.helps(replace(inside, rights=replace(inside.rights, read=False)), before=None, most=1)


def test_what_was_altered_says_so_and_the_rest_is_read(circle, address, malik_s, visit):
    other = makers.put_on_shelf(circle.malik, circle.group, "Je marche.")
    with as_person(circle.malik):
        ShelfStep.objects.filter(pk=malik_s).update(sealed=ShelfStep.objects.get(pk=other).sealed)

    page = words_of(visit(circle.ines).get(address))

    assert in_french("This does not open: what is kept of it was altered.") in page
    assert "Je marche." in page and HELP not in page


def test_the_database_itself_keeps_it_for_its_author(circle, malik_s):
    with as_person(circle.ines):
        assert ShelfStep.objects.count() == 1
        assert ShelfStep.objects.update(version=9) == 0
        assert ShelfStep.objects.all().delete()[0] == 0
    with as_person(circle.sofia):
        assert not ShelfStep.objects.exists() and not ShelfKey.objects.exists()
    as_of_malik = "update groups_shelfstep set author_id = author_id"
    with pytest.raises(DatabaseError), transaction.atomic(), as_person(circle.malik), connection.cursor() as cursor:
        cursor.execute(as_of_malik)


def test_a_copy_of_the_database_tells_no_word_of_it(committed, owner):
    circle = makers.make_circle()
    pk = makers.put_on_shelf(circle.malik, circle.group, HELP)

    stored = everything_stored(owner)

    assert str(pk) in stored["groups_shelfstep"]
    for rows in stored.values():
        assert "fenêtres" not in rows and "fenêtres".encode().hex() not in rows


@pytest.mark.parametrize("table", ["groups_shelfstep", "groups_shelfkey"])
def test_the_worker_may_not_even_look(django_db_setup, table):
    worker = psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])

    with worker, worker.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"select group_id from {table}")
    worker.close()
