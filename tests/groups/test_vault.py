"""What is sealed opens only where it was sealed, and no key or word shows itself on the way."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from entraide.demo.installation import CHECKOUT
from entraide.lib.crypto import DoesNotOpen, open_with, public_half
from groups import key_files, own_keys, vault
from groups.confidentiality import enter_group
from groups.models import KeyMark, Membership, Story
from tests import makers, services
from tests.makers import as_person


@pytest.fixture
def key_file(settings, tmp_path):
    """key_file(text) puts another key file in the place of the right one."""

    def put(text):
        settings.KEYS_FILE = str(tmp_path / "web.keys")
        if text is not None:
            (tmp_path / "web.keys").write_text(text)

    return put


def right_keys():
    return json.loads(Path(site.KEYS_FILE).read_text())


@pytest.mark.parametrize("moved", ["row", "group", "author", "former", "version"])
def test_a_story_moved_elsewhere_does_not_open(circle, moved):
    with as_person(circle.malik):
        keyring = enter_group(circle.malik, circle.group.pk).keyring
        story = Story.objects.get(pk=circle.story.pk)
        assert keyring.open_story(story)["text"] == makers.STORY

        if moved == "row":
            story.pk = uuid4()
        elif moved == "group":
            keyring.group_id = uuid4()
        elif moved == "version":
            story.version += 1
        else:
            story.author_id = uuid4() if moved == "author" else None

        with pytest.raises(DoesNotOpen):
            keyring.open_story(story)


def test_a_sealed_story_under_the_key_of_another_story_does_not_open(circle):
    other = makers.make_story(circle.malik, circle.group, "Un autre soir.")
    with as_person(circle.malik):
        keyring = enter_group(circle.malik, circle.group.pk).keyring
        story = Story.objects.get(pk=circle.story.pk)

        story.sealed = Story.objects.get(pk=other.pk).sealed

        with pytest.raises(DoesNotOpen):
            keyring.open_story(story)


def test_a_name_and_a_place_moved_to_another_row_do_not_open(circle):
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        other = Membership.objects.exclude(pk=inside.membership.pk).get()
        series = circle.meeting.series

        with pytest.raises(DoesNotOpen):
            inside.keyring.open(other.sealed_name, "membership", inside.membership.pk)
        with pytest.raises(DoesNotOpen):
            inside.keyring.open(series.sealed, "series", uuid4())
        with pytest.raises(DoesNotOpen):
            inside.keyring.open(series.sealed, "membership", series.pk)


def test_the_keys_of_one_group_open_nothing_of_another(circle):
    stranger = makers.make_member("theo")
    other = makers.make_group(stranger, "Tilleul", name="Les jours gris")
    with as_person(stranger):
        foreign = enter_group(stranger, other.pk).keyring
    with as_person(circle.malik):
        story = Story.objects.get(pk=circle.story.pk)

        for group_id in (other.pk, circle.group.pk):
            foreign.group_id = group_id
            with pytest.raises(DoesNotOpen):
                foreign.open_story(story)


def test_one_altered_byte_does_not_open(circle):
    with as_person(circle.malik):
        keyring = enter_group(circle.malik, circle.group.pk).keyring
        story = Story.objects.get(pk=circle.story.pk)

        sealed = bytearray(story.sealed)
        sealed[-1] ^= 1
        story.sealed = bytes(sealed)

        with pytest.raises(DoesNotOpen):
            keyring.open_story(story)


def test_a_former_key_does_not_open_what_was_sealed_anew(circle):
    with as_person(circle.malik):
        keyring = enter_group(circle.malik, circle.group.pk).keyring
        story = Story.objects.select_related("key").get(pk=circle.story.pk)
        words = keyring.open_story(story)
        former = story.key

        story.key = keyring.seal_story(story, words)
        assert keyring.open_story(story) == words
        story.key = former

        with pytest.raises(DoesNotOpen):
            keyring.open_story(story)


def test_a_story_of_one_sign_is_as_long_as_one_of_200(circle):
    sizes = set()
    for text in ("a", "a" * 40, "a" * 200, "é" * 200, "🕯" * 200):
        sizes.add(len(makers.make_story(circle.malik, circle.group, text).sealed))

    longer = len(makers.make_story(circle.malik, circle.group, "a" * 2000).sealed)

    assert len(sizes) == 1
    assert longer > sizes.pop()


def test_the_same_words_are_never_sealed_alike(circle):
    sealed = [makers.make_story(circle.malik, circle.group).sealed for _ in range(2)]

    assert sealed[0] != sealed[1]


def test_the_right_keys_are_recognised(db):
    vault.refuse_wrong_keys()

    vault.refuse_wrong_keys()

    assert set(KeyMark.objects.values_list("name", flat=True)) == {"wrapping-1", "edge", "worker"}


def _short(name):
    keys = right_keys()
    keys[name] = {"1": "c2hvcnQ="} if name == "wrapping" else "c2hvcnQ="
    return json.dumps(keys)


@pytest.mark.parametrize(
    ("make_text", "said"),
    [
        (lambda: None, "cannot be read (FileNotFoundError)"),
        (lambda: "", "cannot be read"),
        (lambda: json.dumps(right_keys())[:-30], "cannot be read"),
        (lambda: "[]", "cannot be read"),
        (lambda: '{"wrapping": {}}', "cannot be read (KeyError)"),
        (lambda: json.dumps(right_keys() | {"wrapping": {}}), "cut short"),
        (lambda: _short("wrapping"), "cut short"),
        (lambda: _short("edge"), "cut short"),
    ],
    ids=["missing", "empty", "truncated", "no object", "half", "no key", "short key", "short edge key"],
)
def test_a_key_file_that_cannot_be_used_says_what_to_do(db, key_file, make_text, said):
    vault.refuse_wrong_keys()
    marks = set(KeyMark.objects.values_list("name", "mark"))
    key_file(make_text())

    with pytest.raises(ImproperlyConfigured) as refusal:
        vault.refuse_wrong_keys()

    assert said in str(refusal.value)
    assert "Bring back a copy" in str(refusal.value)
    assert set(KeyMark.objects.values_list("name", "mark")) == marks


def test_no_key_file_at_all_says_how_to_make_one(settings, key_file):
    key_file("")
    settings.KEYS_FILE = ""

    with pytest.raises(ImproperlyConfigured, match="make_keys FOLDER"):
        vault.member_tag(uuid4())


@pytest.mark.parametrize(
    ("name", "wrong"), [("wrapping", "wrapping-1"), ("edge", "edge"), ("worker_public", "worker")], ids=str
)
def test_the_key_of_another_database_is_refused_by_name(db, key_file, tmp_path, name, wrong):
    vault.refuse_wrong_keys()
    marks = set(KeyMark.objects.values_list("name", "mark"))
    key_files.make_key_files(tmp_path / "others")
    others = json.loads((tmp_path / "others" / "web.keys").read_text())
    key_file(json.dumps(right_keys() | {name: others[name]}))

    with pytest.raises(ImproperlyConfigured) as refusal:
        vault.refuse_wrong_keys()

    assert f"(wrong or missing: {wrong})" in str(refusal.value)
    assert "Nothing was changed" in str(refusal.value)
    assert set(KeyMark.objects.values_list("name", "mark")) == marks


def test_the_web_process_does_not_start_without_its_keys(tmp_path):
    environment = services.web_environment() | {"ENTRAIDE_KEYS_FILE": str(tmp_path / "nowhere")}

    started = subprocess.run(
        [sys.executable, "-c", "import entraide.wsgi"], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )

    assert started.returncode == 1
    assert "ENTRAIDE_KEYS_FILE cannot be read" in started.stderr
    assert not (tmp_path / "nowhere").exists()


def test_make_keys_never_overwrites(tmp_path):
    call_command("make_keys", tmp_path, stdout=StringIO())
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    with pytest.raises(CommandError, match=r"web\.keys is there already"):
        call_command("make_keys", tmp_path)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before

    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_make_keys_leaves_nothing_half_made(tmp_path):
    (tmp_path / "worker.key").write_text("the worker's only key\n")

    with pytest.raises(CommandError, match=r"worker\.key is there already"):
        call_command("make_keys", tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["worker.key"]
    assert (tmp_path / "worker.key").read_text() == "the worker's only key\n"


def test_a_door_passed_shows_no_key_and_no_name(circle):
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)

        shown = "".join(repr(thing) + str(thing) for thing in (inside, inside.keyring, inside.person, vault._keys()))

    assert "Gué bleu" not in shown
    assert not re.search(r"[(=\[ ,]b['\"]", shown), "bytes are shown"


def test_an_address_is_sealed_for_the_worker_alone(circle, settings):
    with as_person(circle.malik):
        membership = Membership.objects.get(pk=enter_group(circle.malik, circle.group.pk).membership.pk)
    web = right_keys()
    keys_of_the_web = [*web["wrapping"].values(), web["edge"], web["worker_public"]]

    for key in keys_of_the_web:
        with pytest.raises(DoesNotOpen):
            open_with(vault._bytes(key), membership.sealed_address, "address", membership.pk)

    opened = vault.open_address(membership.pk, membership.sealed_address)
    to = {"address": "malik@people.example", "language": "fr", "zone": "America/Toronto"}
    assert opened == to | {"quiet": False, "stop": own_keys.stop_token(membership.pk)}
    assert bytes(membership.stop_hash) == own_keys.stop_hash(opened["stop"])
    with pytest.raises(DoesNotOpen):
        vault.open_address(uuid4(), membership.sealed_address)


def test_the_web_process_has_no_key_that_opens_addresses():
    web = services.web_environment()

    worker_key = vault._bytes(Path(site.WORKER_KEY_FILE).read_text().strip())

    assert "ENTRAIDE_WORKER_KEY_FILE" not in web
    assert vault._text(public_half(worker_key)) == right_keys()["worker_public"]
    assert vault._text(worker_key) not in Path(web["ENTRAIDE_KEYS_FILE"]).read_text()
