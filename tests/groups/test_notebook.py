"""The private notebook: written, read, changed and erased by one person alone."""

from uuid import uuid4

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction

from entraide import erasing
from entraide.lib.days import today
from groups import notebook as own
from groups.models import Note, Notebook, SmallStep
from groups.models.notebook import MOST_STEPS
from tests import makers, services
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of

NOTEBOOK, NEW, STEPS, FEELINGS = "/me/notebook/", "/me/notebook/new/", "/me/notebook/steps/", "/me/notebook/feelings/"
TEXT = "Aujourd’hui, j’ai ouvert les volets.\n\nC’est tout."


def written(**words):
    return {"on": today().isoformat(), "text": TEXT, "feelings": ["hope", "fatigue"], "key": str(uuid4()), **words}


@pytest.fixture
def camille(db):
    return makers.make_member("camille")


@pytest.fixture
def note(camille):
    """The address of Camille's note."""
    words = {"on": today(), "feelings": ["hope"], "text": TEXT}
    pk = uuid4()
    with as_person(camille):
        own.keep(camille, pk, words)
    return f"{NOTEBOOK}{pk}/"


def test_writing_and_reading_a_note(camille, visit):
    browser, words = visit(camille), written()

    empty = browser.get(NOTEBOOK)
    kept = browser.post(NEW, words, follow=True)
    page = browser.get(f"{NOTEBOOK}{words['key']}/")

    assert in_french("A page for you alone") in words_of(empty)
    assert kept.redirect_chain == [(NOTEBOOK, 302)]
    assert in_french("Your note is kept, for you alone.") in words_of(kept)
    assert "Aujourd’hui, j’ai ouvert les volets." in words_of(kept) and "C’est tout." not in words_of(kept)
    assert "<p>Aujourd’hui, j’ai ouvert les volets.</p>\n<p>C’est tout.</p>" in page.content.decode()
    assert in_french("fatigue") in words_of(page)


def test_nobody_else_meets_it_anywhere(circle, note, camille, visit):
    staff = makers.make_member("nadia", is_staff=True)
    addresses = [note, f"{note}edit/"]

    for person in (circle.ines, staff):
        browser = visit(person, second_factor=person is staff)
        assert [browser.get(address).status_code for address in addresses] == [404, 404]
        assert browser.post(f"{note}edit/", written(version=1)).status_code == 404
        assert browser.post(f"{note}erase/").status_code == 404
        assert TEXT[:20] not in browser.get(NOTEBOOK).content.decode()
    assert TEXT[:20] in visit(camille).get(note).content.decode()


def test_the_same_form_twice_makes_one_note_and_other_words_are_asked_about(camille, visit):
    browser, words = visit(camille), written()

    for _ in range(2):
        browser.post(NEW, words)
    other = browser.post(NEW, words | {"text": "Autre chose."})

    assert other.status_code == 422
    assert in_french("You have kept this note already. Keeping these words makes a second one.") in words_of(other)
    assert typed(other, "key") != words["key"]
    with as_person(camille):
        assert Note.objects.count() == 1


def test_the_id_of_a_note_of_somebody_else_says_nothing(circle, note, visit):
    pk = note.split("/")[-2]

    assert visit(circle.ines).post(NEW, written(key=pk)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("text", " \n ", "Write a few words before you keep this note."),
        ("feelings", ["hope", "fear", "joy", "peace"], "Keep three words at most."),
        ("on", "2999-01-01", "Choose today, or a day that is over."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(camille, visit, field, value, error):
    refused = visit(camille).post(NEW, written(**{field: value}))

    assert refused.status_code == 422
    assert error_beside(refused, field) == in_french(error)
    with as_person(camille):
        assert not Notebook.objects.exists()


def test_changing_a_note_in_two_windows_loses_no_word(camille, note, visit):
    browser = visit(camille)

    first = browser.post(f"{note}edit/", written(text="Changé ici.", version=1), follow=True)
    second = browser.post(f"{note}edit/", written(text="Changé là.", version=1))
    again = browser.post(f"{note}edit/", written(text="Changé là.", version=typed(second, "version")), follow=True)

    assert "Changé ici." in words_of(first)
    assert second.status_code == 422 and typed(second, "text") == "Changé là."
    assert "Changé là." in words_of(again)


def test_an_erased_note_is_gone_and_stays_gone_in_the_journal(camille, note, visit):
    browser = visit(camille)

    gone = browser.post(f"{note}erase/", follow=True)

    assert in_french("Your note is erased, for good.") in words_of(gone)
    assert browser.get(note).status_code == 404
    assert browser.post(f"{note}erase/").status_code == 404
    assert browser.post(f"{note}edit/", written(version=1)).status_code == 404


def test_notes_come_ten_at_a_time(camille, visit):
    with as_person(camille):
        for number in range(11):
            own.keep(camille, uuid4(), {"on": today(), "feelings": [], "text": f"Note {number:02}."})
    browser = visit(camille)

    first = browser.get(NOTEBOOK)
    link = first.context["older"]
    second = browser.get(link)

    assert [f"Note {number:02}." in words_of(first) for number in range(11)] == [False] + [True] * 10
    assert [f"Note {number:02}." in words_of(second) for number in range(11)] == [True] + [False] * 10
    assert not second.context["older"]


def test_markup_in_a_note_is_shown_and_does_nothing(camille, visit):
    browser, words = visit(camille), written(text="<script>alert(1)</script> {{ 7|add:7 }}")
    browser.post(NEW, words)

    for address in (NOTEBOOK, f"{NOTEBOOK}{words['key']}/"):
        page = browser.get(address).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in page
        assert "<script>alert" not in page


# --- Small steps ----------------------------------------------------------------------------------------------------


def test_a_small_step_is_set_done_undone_and_erased(camille, visit):
    browser, key = visit(camille), str(uuid4())

    for _ in range(2):
        browser.post(STEPS, {"text": "Marcher jusqu’au parc", "key": key})
    done = browser.post(f"{STEPS}{key}/mark/", {"done": "1"}, follow=True)
    undone = browser.post(f"{STEPS}{key}/mark/", {"done": "0"}, follow=True)
    erased = browser.post(f"{STEPS}{key}/erase/", follow=True)

    assert [step.text.reveal() for step in done.context["done"]] == ["Marcher jusqu’au parc"]
    assert not done.context["open"]
    assert [step.text.reveal() for step in undone.context["open"]] == ["Marcher jusqu’au parc"]
    assert "Marcher jusqu’au parc" not in words_of(erased)


def test_other_words_under_the_same_form_are_asked_about(camille, visit):
    browser, key = visit(camille), str(uuid4())
    browser.post(STEPS, {"text": "Marcher", "key": key})

    other = browser.post(STEPS, {"text": "Nager", "key": key})
    again = browser.post(STEPS, {"text": typed(other, "text"), "key": typed(other, "key")}, follow=True)

    assert other.status_code == 422
    assert in_french("You have set this step already. Sending these words sets a second one.") in words_of(other)
    assert [step.text.reveal() for step in again.context["open"]] == ["Nager", "Marcher"]


def test_the_steps_of_somebody_else_cannot_be_touched(circle, camille, visit):
    pk = uuid4()
    with as_person(camille):
        own.set_step(camille, pk, "Marcher")
    browser = visit(circle.ines)

    for act in ("mark", "erase"):
        assert browser.post(f"{STEPS}{pk}/{act}/", {"done": "1"}).status_code == 404
    with as_person(camille):
        assert [step.done for step in own.steps(camille)] == [False]


def test_a_full_page_of_steps_says_so_and_keeps_what_was_typed(camille, visit):
    with as_person(camille):
        for number in range(MOST_STEPS):
            own.set_step(camille, uuid4(), f"Pas {number}")

    full = visit(camille).post(STEPS, {"text": "Un de plus", "key": str(uuid4())})

    assert full.status_code == 422
    assert in_french("This page is full. Erase a step that is over, then send this one again.") in words_of(full)
    assert typed(full, "text") == "Un de plus"


def test_no_number_of_steps_is_shown(camille, visit):
    with as_person(camille):
        for _ in range(3):
            own.set_step(camille, uuid4(), "Marcher")

    assert "3" not in words_of(visit(camille).get(STEPS)).partition(in_french("My small steps"))[2]


# --- The picture ----------------------------------------------------------------------------------------------------


def test_the_picture_says_the_same_to_eyes_and_in_words(camille, visit):
    this_month, last_year = today(), today().replace(year=today().year - 2, day=1)
    with as_person(camille):
        for feelings, on in ((["hope"], this_month), (["hope", "fear"], this_month), (["anger"], last_year)):
            own.keep(camille, uuid4(), {"on": on, "feelings": feelings, "text": "Un jour."})
    page = visit(camille).get(FEELINGS)

    [month] = page.context["picture"].months
    drops = page.context["picture"].drops

    assert [(felt.name, felt.size) for felt in month.feelings] == [(in_french("hope"), 2), (in_french("fear"), 1)]
    assert len({drop.r for drop in drops}) == 2
    assert f"{in_french('hope')}, {in_french('fear')}" in words_of(page)
    assert in_french("anger") not in words_of(page)
    assert page.content.decode().count("<circle") == 2


def test_without_a_feeling_there_is_nothing_to_draw(camille, visit):
    assert "<circle" not in visit(camille).get(FEELINGS).content.decode()


# --- What is kept ---------------------------------------------------------------------------------------------------


def test_a_copy_of_the_database_tells_no_word_and_nobody(committed, owner):
    camille = makers.make_member("camille")
    with as_person(camille):
        own.keep(camille, uuid4(), {"on": today(), "feelings": ["hope"], "text": TEXT})
        own.set_step(camille, uuid4(), "Marcher jusqu’au parc")
        tag = own.own_notebook(camille).person_tag

    stored = everything_stored(owner)

    assert tag in stored["groups_notebook"], "the copy must be of real data"
    for table in ("groups_notebook", "groups_note", "groups_smallstep"):
        for secret in ("volets", "Marcher", "hope", today().isoformat(), str(camille.pk), camille.email):
            assert secret not in stored[table] and secret.encode().hex() not in stored[table]
    assert tag not in "".join(rows for table, rows in stored.items() if table != "groups_notebook")


def test_the_database_shows_a_notebook_to_its_person_alone(circle, note, camille):
    with as_person(circle.ines):
        assert not Notebook.objects.exists() and not Note.objects.exists()
        assert Note.objects.update(version=9) == 0 and Note.objects.all().delete()[0] == 0
    with as_person(camille):
        assert Note.objects.count() == 1


def test_nobody_writes_into_the_notebook_of_another(circle, note, camille):
    with as_person(camille):
        its = own.own_notebook(camille).pk
    refused = pytest.raises(ProgrammingError, match="row-level security")

    with refused, transaction.atomic(), as_person(circle.ines), connection.cursor() as cursor:
        cursor.execute(
            "insert into groups_note (id, notebook_id, number, version, sealed) values (%s, %s, 9, 1, '')",
            [str(uuid4()), str(its)],
        )


@pytest.mark.parametrize("table", ["groups_notebook", "groups_note", "groups_smallstep"])
def test_the_worker_may_not_even_look(django_db_setup, table):
    worker = psycopg2.connect(services.worker_environment()["DATABASE_WORKER_URL"])

    with worker, worker.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"select id from {table}")
    worker.close()


def test_words_put_into_another_row_do_not_open(camille, note, visit):
    with as_person(camille):
        own.set_step(camille, uuid4(), "Marcher")
        SmallStep.objects.update(sealed=Note.objects.get().sealed)

        assert [one.text for one in own.steps(camille)] == [None]
    assert in_french("This step does not open: what is kept of it was altered.") in words_of(visit(camille).get(STEPS))


def test_erasing_ones_account_takes_the_notebook_and_its_key(camille, note):
    with as_person(camille):
        own.set_step(camille, uuid4(), "Marcher")
        erasing.forget(camille, keep_stories=False)
        assert not Notebook.objects.exists() and not Note.objects.exists() and not SmallStep.objects.exists()
