"""The running site that is swept, once: what is collected from it serves every test of this folder."""

from contextlib import ExitStack, closing

import pytest

from tests import makers
from tests.canaries.marks import new_mark
from tests.canaries.plants import PLANTS
from tests.canaries.scenario import play
from tests.canaries.scene import Scene
from tests.canaries.sinks import Sinks
from tests.canaries.sweep import swept, table
from tests.running import Site

SHOWN = pytest.StashKey()


@pytest.fixture(scope="package")
def scene(django_db_setup, django_db_blocker, static_files, tmp_path_factory):
    """The long visit is over; the site still runs."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        stack.callback(makers.empty_every_table)
        site = Site(tmp_path_factory.mktemp("canaries"))
        stack.callback(site.stop)
        scene = Scene(site, stack.enter_context(closing(Sinks(site))))
        site.start("web", "worker")
        play(scene)
        yield scene


@pytest.fixture(scope="package")
def places(scene, pytestconfig):
    """Every place, with the marks that it holds."""
    places = swept(scene.sinks.seen, scene.marks)
    pytestconfig.stash[SHOWN] = list(table(places))
    return places


@pytest.fixture(scope="package")
def planted(scene, places):
    """Every place once more, with the planted marks that it holds."""
    marks = [new_mark(plant.__name__) for plant in PLANTS]
    with ExitStack() as stack:
        for plant, mark in zip(PLANTS, marks, strict=True):
            plant(scene, mark.word, stack)
        return swept(scene.sinks.look(), marks)


def pytest_terminal_summary(terminalreporter, config):
    if SHOWN in config.stash:
        terminalreporter.section("the sweep for marks (tests/canaries)")
        terminalreporter.write_line("\n".join(config.stash[SHOWN]))
