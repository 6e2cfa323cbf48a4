"""Two windows of one person over a note, a step, the shelf: one clear outcome, nothing comes back, never a 500."""

from functools import partial
from uuid import uuid4

import pytest

from entraide.lib.days import today
from groups.models import Note, Notebook, ShelfStep, SmallStep
from tests import makers
from tests.makers import as_person
from tests.test_races import ROUNDS, at_once, browser_of

WRITE, STEPS = "/me/notebook/new/", "/me/notebook/steps/"


def note_form(**words):
    return {"on": today().isoformat(), "text": "Les volets.", "key": str(uuid4()), **words}


def test_the_same_form_ten_times_at_once_makes_one(committed):
    circle = makers.make_circle()
    shelf = f"/g/{circle.group.pk}/shelf/new/"
    forms = [(WRITE, note_form()), (STEPS, {"text": "Marcher", "key": str(uuid4())})]
    forms.append((shelf, {"text": "Je marche.", "key": str(uuid4())}))
    for address, form in forms:
        browsers = [browser_of(circle.malik) for _ in range(10)]

        statuses = at_once(*(partial(one.post, address, form) for one in browsers))

        assert statuses == [302] * 10, address
    with as_person(circle.malik):
        assert [model.objects.count() for model in (Notebook, Note, SmallStep, ShelfStep)] == [1, 1, 1, 1]


def test_ten_notes_at_once_are_ten_in_one_notebook(committed):
    camille = makers.make_member("camille")
    browsers = [browser_of(camille) for _ in range(10)]

    statuses = at_once(*(partial(one.post, WRITE, note_form()) for one in browsers))

    assert statuses == [302] * 10
    with as_person(camille):
        assert sorted(Note.objects.values_list("number", flat=True)) == list(range(1, 11))


@pytest.mark.parametrize("of", ["note", "shelf"])
def test_changing_while_erasing_never_brings_back(committed, of):
    circle = makers.make_circle()
    for _ in range(ROUNDS):
        if of == "note":
            note, _step = makers.write_in_notebook(circle.malik, "Avant.")
            change, go = f"/me/notebook/{note}/edit/", f"/me/notebook/{note}/erase/"
        else:
            shelf = f"/g/{circle.group.pk}/shelf/{makers.put_on_shelf(circle.malik, circle.group, 'Avant.')}"
            change, go = f"{shelf}/edit/", f"{shelf}/take-away/"
        one, other = browser_of(circle.malik), browser_of(circle.malik)

        statuses = at_once(partial(one.post, change, note_form(text="Après.", version=1)), partial(other.post, go))

        assert statuses[0] in (302, 404) and statuses[1] == 302
    with as_person(circle.malik):
        assert not Note.objects.exists() and not ShelfStep.objects.exists()


def test_putting_on_the_shelf_while_leaving_leaves_nothing_there(committed):
    circle = makers.make_circle()
    group = f"/g/{circle.group.pk}/"
    for number in range(ROUNDS):
        member = makers.make_member(f"m{number}")
        makers.join(member, circle.group, f"Nom{number}")
        one, other = browser_of(member), browser_of(member)

        statuses = at_once(
            partial(one.post, f"{group}shelf/new/", {"text": "Je marche.", "key": str(uuid4())}),
            partial(other.post, f"{group}leave/", {"stories": "keep"}),
        )

        assert statuses[0] in (302, 404) and statuses[1] == 302
    with as_person(circle.ines):
        assert not ShelfStep.objects.exists()
