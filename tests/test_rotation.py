"""Keys change while people come and go: everything still opens, half of it is no harm, a wrong file is refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as site
from django.db import connection, models
from django.test import Client

from entraide import rotation
from entraide.demo.installation import CHECKOUT
from entraide.lib.days import today
from groups import key_files, notebook, story_drafts, vault
from groups.confidentiality import enter_group, hold_own_story
from groups.models import EntryRequest, Membership, Note, Proposal, ShelfStep, SmallStep, Story
from meetings.models import Meeting
from tests import lists, makers, services
from tests.makers import as_person, as_superuser
from tests.pages import in_french

HELP = "Je compte les fenêtres allumées."
ELSEWHERE = "9, quai des Brumes"
LATER = (today() + timedelta(days=2)).isoformat()  # for a run that goes past midnight too


@pytest.fixture
def keys(settings, tmp_path):
    """A key file of this test's own, the same as everybody's at first."""
    path = tmp_path / "web.keys"
    shutil.copy(site.KEYS_FILE, path)
    settings.KEYS_FILE = str(path)
    return path


@pytest.fixture
def village(committed, keys):
    vault.refuse_wrong_keys()
    circle = makers.make_circle()
    makers.put_on_shelf(circle.malik, circle.group, HELP)
    circle.decision = makers.make_decision(circle.ines, circle.group, change={"name": "Deux soirs"})
    makers.give_second_factor(makers.make_member("nadia", is_staff=True))
    with as_person(circle.ines):
        circle.second_meeting = Meeting.objects.order_by("starts_at")[1]
    makers.change_meeting(circle.ines, circle.group, circle.meeting, place=ELSEWHERE)
    return circle


def command(keys, step, *arguments):
    environment = services.admin_environment() | {"ENTRAIDE_KEYS_FILE": str(keys)}
    words = [sys.executable, "-u", "manage.py", "rotate_keys", step, *arguments]
    return subprocess.Popen(
        words, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def rotate(keys, step, *arguments):
    running = command(keys, step, *arguments)
    said = running.communicate(timeout=120)[0]
    return running.returncode, said


def versions(keys):
    return sorted(map(int, json.loads(keys.read_text())["wrapping"]))


def everything_opens(circle):
    client = Client()
    makers.sign_in(client, circle.malik)
    home = client.get(f"/g/{circle.group.pk}/").content.decode()
    story = client.get(f"/g/{circle.group.pk}/stories/{circle.story.pk}/").content.decode()
    meeting = client.get(f"/g/{circle.group.pk}/meetings/{circle.meeting.pk}/").content.decode()
    shelf = client.get(f"/g/{circle.group.pk}/shelf/").content.decode()
    decision = client.get(f"/g/{circle.group.pk}/decisions/{circle.decision.pk}/").content.decode()
    decided = "Deux soirs" in decision and makers.WHY in decision
    other = client.get(f"/g/{circle.group.pk}/meetings/{circle.second_meeting.pk}/").content.decode()
    met = ELSEWHERE in meeting and makers.PLACE in other
    return all((HELP in shelf, "Gué bleu" in home, makers.STORY in story, met, decided))


def test_a_group_that_awaits_its_people_has_no_key_to_change(village, keys):
    lists.list_one("Les jeudis du port")

    assert rotate(keys, "groups", "--before", LATER) == (0, "1 of 1 groups\n")


def test_the_wrapping_key_changes_and_the_former_one_is_of_no_more_use(village, keys):
    former = keys.read_text()

    assert rotate(keys, "begin")[0] == 0
    assert versions(keys) == [1, 2]
    assert rotate(keys, "finish") == (
        1,
        "CommandError: An older key still wraps something. Nothing was changed. First: rotate_keys rewrap\n",
    )
    assert versions(keys) == [1, 2]
    status, said = rotate(keys, "rewrap")
    assert (status, said.splitlines()[:2]) == (0, ["1 keys of groups", "1 second factors"])
    assert rotate(keys, "finish")[0] == 0

    assert versions(keys) == [2]
    assert keys.stat().st_mode & 0o777 == 0o600
    assert everything_opens(village)
    assert vault.open_second_factor(Authenticator.objects.get().data["secret"])
    vault.refuse_wrong_keys()
    keys.write_text(former)
    assert not everything_opens(village)


def test_a_request_that_waits_opens_under_the_new_key_alone(village, keys):
    group = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris", joining="welcome")
    zoe = makers.make_member("zoe")
    makers.ask(zoe, group, "Osier")

    rotate(keys, "begin")
    refused = rotate(keys, "finish")[0]
    said = rotate(keys, "rewrap")[1]
    assert rotate(keys, "finish")[0] == 0

    assert refused == 1
    assert "1 requests to enter" in said
    request = makers.own_request(zoe, group)
    assert request.sealed.startswith("2:")
    assert vault.open_request(request)["name"] == "Osier"


def test_a_notebook_opens_under_the_new_key_alone(village, keys):
    makers.write_in_notebook(village.malik, "Les volets ouverts.")

    rotate(keys, "begin")
    rotate(keys, "rewrap")
    as_superuser("update groups_notebook set wrapped = replace(wrapped, '2:', '1:')")
    refused = rotate(keys, "finish")[0]
    as_superuser("update groups_notebook set wrapped = replace(wrapped, '1:', '2:')")
    assert rotate(keys, "finish")[0] == 0

    assert refused == 1
    with as_person(village.malik):
        [(_number, page)] = notebook.pages(village.malik, before=None, most=2)
        assert page.text.reveal() == "Les volets ouverts."


def test_a_draft_opens_under_the_new_key_alone(village, keys):
    theo = makers.make_member("theo")
    group = makers.make_group(theo, "Tilleul", name="Les jours gris")
    makers.keep_draft(theo, group, "Un soir, peut-être.")

    rotate(keys, "begin")
    refused = rotate(keys, "finish")[0]
    said = rotate(keys, "rewrap")[1]
    assert rotate(keys, "finish")[0] == 0

    assert refused == 1
    assert "1 drafts" in said
    with makers.as_person(theo):
        assert story_drafts.kept(enter_group(theo, group.pk))[0]["text"] == "Un soir, peut-être."


def test_a_rewrap_run_twice_has_nothing_left_to_do(village, keys):
    rotate(keys, "begin")

    told = [rotate(keys, "rewrap")[1].splitlines()[-1] for _ in range(2)]

    assert [line.split()[0] for line in told] == ["2", "0"]
    assert everything_opens(village)


def test_a_group_gets_a_new_key_and_everything_is_sealed_under_it(village, keys):
    before = as_superuser("select wrapped from groups_groupkey") + as_superuser(
        "select sealed_name from groups_membership"
    )

    assert rotate(keys, "groups", "--before", LATER) == (0, "1 of 1 groups\n")

    assert as_superuser("select version, made_on from groups_groupkey") == [(2, today())]
    assert as_superuser("select distinct group_key_version from groups_storykey") == [(2,)]
    after = as_superuser("select wrapped from groups_groupkey") + as_superuser(
        "select sealed_name from groups_membership"
    )
    assert not {bytes(value) for (value,) in before} & {bytes(value) for (value,) in after}
    assert everything_opens(village)
    assert rotate(keys, "groups") == (0, "")  # made today: a second run goes on where the first ended


def test_what_does_not_open_is_left_as_it_is_with_the_key_that_it_was_sealed_under(village, keys):
    as_superuser(
        "update groups_series set sealed = sealed || '\\x00' where true".replace("groups_series", "meetings_series")
    )

    status, said = rotate(keys, "groups", "--before", LATER)

    assert status == 1 and "1 rows did not open and were left alone" in said
    assert as_superuser("select version from groups_groupkey order by 1") == [(1,), (2,)]
    as_superuser("update meetings_series set sealed = substr(sealed, 1, length(sealed) - 1)")
    assert everything_opens(village)


def test_a_rotation_killed_on_the_way_goes_on_where_it_was(committed, keys):
    vault.refuse_wrong_keys()
    founder = makers.make_member("ines")
    groups = [makers.make_group(founder, f"Nom {number}", name=f"Groupe {number}") for number in range(12)]
    for group in groups:
        makers.make_story(founder, group)
    holder = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"], dbname=connection.settings_dict["NAME"])
    with holder.cursor() as cursor:  # the rotation waits at the sixth group
        cursor.execute("select pk from (select id pk from groups_group order by id offset 5 limit 1) s")
        cursor.execute("select 1 from groups_groupclock where group_id = %s for update", cursor.fetchone())
        said = ""
        with command(keys, "groups", "--before", LATER) as running:
            while "5 of 12" not in said:
                said += (sign := running.stdout.read(1))
                assert sign, f"it ended: {said}"
            running.send_signal(signal.SIGKILL)
    holder.close()
    assert as_superuser("select version, count(*) from groups_groupkey group by 1 order by 1") == [(1, 7), (2, 5)]

    as_superuser("update groups_groupkey set made_on = made_on - 1 where version = 1")
    status, said = rotate(keys, "groups")

    assert (status, said.splitlines()[-1]) == (0, "7 of 7 groups")
    assert as_superuser("select version, count(*) from groups_groupkey group by 1") == [(2, 12)]
    for group in groups:
        with as_person(founder):
            inside = enter_group(founder, group.pk)
            assert (
                inside.keyring.open_story(Story.objects.select_related("key").get(group=group))["text"] == makers.STORY
            )


def test_people_read_write_enter_and_leave_while_everything_is_rotated(village, keys):
    group, ended, failed = f"/g/{village.group.pk}/", threading.Event(), []

    def live(number):
        try:
            while not ended.is_set():
                member = makers.make_member(f"passing{number}-{time.monotonic_ns()}")
                makers.join(member, village.group, f"Nom {time.monotonic_ns()}")
                story = makers.make_story(member, village.group)
                client = Client(raise_request_exception=False)
                makers.sign_in(client, member)
                pages = [client.get(path) for path in (group, f"{group}stories/", f"{group}stories/{story.pk}/")]
                if {page.status_code for page in pages} != {200} or "ne s’ouvre pas" in "".join(
                    p.content.decode() for p in pages
                ):
                    failed.append([page.status_code for page in pages])
                with as_person(member):
                    inside = enter_group(member, village.group.pk)
                    held = hold_own_story(inside, story.pk)
                    if inside.keyring.open_story(held)["text"] != makers.STORY:
                        failed.append("another text")
                client.post(f"{group}leave/", {"stories": "keep"})
        except Exception as error:
            failed.append(repr(error))
        finally:
            connection.close()

    people = [threading.Thread(target=live, args=[number]) for number in range(3)]
    for person in people:
        person.start()
    for step in (["begin"], ["groups", "--before", LATER], ["rewrap"], ["groups", "--before", LATER], ["finish"]):
        status, said = rotate(keys, *step)
        assert status == 0, said
    ended.set()
    for person in people:
        person.join()

    assert not failed
    assert as_superuser("select count(*) from groups_story")[0][0] > 3
    with as_person(village.malik):
        inside = enter_group(village.malik, village.group.pk)
        for story in Story.objects.select_related("key"):
            assert inside.keyring.open_story(story)["text"] == makers.STORY
        for membership in Membership.objects.all():
            assert inside.keyring.open_name(membership).reveal()


def test_a_group_under_the_key_of_another_shows_nothing_and_changes_nothing(village, keys):
    other = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    as_superuser(
        "update groups_groupkey set wrapped = (select wrapped from groups_groupkey where group_id = %s)"
        " where group_id = %s",
        *(str(other.pk), str(village.group.pk)),
    )
    client = Client(raise_request_exception=False)
    makers.sign_in(client, village.malik)

    pages = [client.get(f"/g/{village.group.pk}/{path}") for path in ("", "stories/", "meetings/")]
    pages += [
        client.get(f"/g/{village.group.pk}/{kind}/{row.pk}/")
        for kind, row in (("stories", village.story), ("meetings", village.meeting))
    ]
    words = {"text": "Je marche.", "note": "", "readers": "present", "life": "", "key": uuid4()}
    shared = client.post(f"/g/{village.group.pk}/stories/new/share/", words)

    assert [page.status_code for page in pages] == [200] * 5
    assert not any(
        secret in page.content.decode() for page in pages for secret in (makers.STORY, "Gué bleu", makers.PLACE)
    )
    assert shared.status_code == 503
    assert in_french("This does not open") in shared.content.decode()
    assert as_superuser("select count(*) from groups_story") == [(1,)]


@pytest.mark.parametrize("step", ["begin", "rewrap", "finish", "groups"])
def test_a_wrong_key_file_is_refused_by_its_cause_and_nothing_changes(village, keys, tmp_path, step):
    key_files.make_key_files(tmp_path / "others")
    other = tmp_path / "others" / "web.keys"
    before, stored = other.read_bytes(), as_superuser("select * from groups_groupkey")

    status, said = rotate(other, step, *(["--before", LATER] if step == "groups" else []))

    assert status == 1
    assert "The keys in ENTRAIDE_KEYS_FILE are not the ones of this database" in said
    assert other.read_bytes() == before
    assert as_superuser("select * from groups_groupkey") == stored


def test_a_former_copy_of_the_file_is_refused_once_keys_are_rotated(village, keys):
    former = keys.read_text()
    for step in ("begin", "rewrap", "finish"):
        rotate(keys, step)
    keys.write_text(former)

    with pytest.raises(Exception, match=r"wrong or missing: wrapping-2"):
        vault.refuse_wrong_keys()


def test_every_sealed_column_is_sealed_anew():
    """A new table whose rows are sealed under a group's key has to be known to the rotation."""
    elsewhere = {(Story, "sealed"), (ShelfStep, "sealed")}  # under a key of their own
    elsewhere |= {(model, "sealed") for model in (Note, SmallStep)}  # under the notebook's own key
    elsewhere |= {(model, "sealed_address") for model in (EntryRequest, Membership, Proposal)}  # for the worker
    sealed = {
        (model, field.name)
        for app in ("groups", "meetings")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and field.name.startswith("sealed")
    }

    assert {(model, column) for model, column, _ in rotation.SEALED} == sealed - elsewhere
