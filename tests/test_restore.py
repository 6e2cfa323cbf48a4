"""An older backup brings back what was lost, and nothing that people took away since."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from entraide import erasing
from entraide.lib import archives
from entraide.lib.days import today
from groups import belonging, deciding, key_files, notebook, shelf, telling, vault
from groups.confidentiality import enter_group, find_decision, find_own_story, readable_stories
from groups.models import Group, Membership, Story
from groups.requests import own_request
from meetings import availability, coming, hosting
from meetings.models import Meeting
from members.models import Member
from tests import makers, services
from tests.backup_room import (
    Room,
    blank_database,
    column,
    copy_of,
    in_database,
    manage,
    moved_into,
    rows_of,
)
from tests.mailbox import code_for, mails_to
from tests.makers import as_person
from tests.pages import words_of
from tests.proposals import decline

BY_ITSELF = {"django_migrations", "django_content_type", "auth_permission", "members_helpline"}


@pytest.fixture(scope="module")
def blank(django_db_setup):
    with blank_database() as name:
        yield name


@pytest.fixture
def empty(blank):
    """The name of a database as `migrate` leaves it."""
    with copy_of(blank) as name:
        yield name


@pytest.fixture(scope="module")
def untouched(blank):
    """One empty database for all refusals: the first that changes something breaks the others."""
    with copy_of(blank) as name:
        yield name


@dataclass(frozen=True)
class Call:
    """What `manage.py restore` is called with."""

    room: Room
    content: Path
    keys: Path
    identity: Path
    journal: Path
    env: dict

    def run(self, database: str):
        files = (self.content, self.keys, "--identity", self.identity, "--journal", self.journal)
        return manage("restore", *files, env=in_database(services.admin_environment() | self.env, database))


def call(room, files) -> Call:
    return Call(room, *files, room.identity, room.journal, {})


# --- The drill -----------------------------------------------------------------------------------------------------


@dataclass
class Town:
    """« Un soir à la fois »: what each of them does after the backup is in their name."""

    circle: makers.Circle
    leaves: Member
    erases: Member
    turns_off: Member
    withdrawn: Story
    taken_along: Story
    left_behind: Story

    def person(self, name):
        return Member.objects.get(email=f"{name}@people.example")


@pytest.fixture
def town(committed):
    circle = makers.make_circle()
    leaves, erases, turns_off = (makers.make_member(name) for name in ("bruno", "zoe", "nora"))
    makers.join(leaves, circle.group, "Roseau")
    makers.join(erases, circle.group, "Osier", reminders="two_hours")
    makers.join(turns_off, circle.group, "Galet", reminders="day_before")
    makers.choose_reminders(circle.malik, circle.group, "two_hours")
    makers.make_proposal(erases, name="Les matins clairs")
    paul, noor = (makers.make_member(name, is_staff=True) for name in ("paul", "noor"))
    makers.accept(makers.make_proposal(erases, name="Les midis"), paul)
    decline(makers.make_proposal(erases, name="Les soirs"), paul, noor)
    stories = [
        makers.make_story(author, circle.group, text, opened_to_later=True)
        for author, text in ((circle.ines, "Retiré."), (leaves, "Emporté."), (leaves, "Laissé."))
    ]
    makers.put_on_shelf(circle.ines, circle.group, "Repris.")
    return Town(circle, leaves, erases, turns_off, *stories)


def live_on(town):
    """After the backup."""
    group = town.circle.group
    with as_person(town.circle.ines):
        inside = enter_group(town.circle.ines, group.pk)
        telling.withdraw(find_own_story(inside, town.withdrawn.pk))
        shelf.take_away(inside, shelf.own_on_shelf(inside).get().pk)
    with as_person(town.leaves):
        inside = enter_group(town.leaves, group.pk)
        telling.withdraw(find_own_story(inside, town.taken_along.pk))
        belonging.leave(inside, keep_stories=True)
    with as_person(town.erases):
        belonging.leave(enter_group(town.erases, group.pk), keep_stories=False)
        town.erases.delete()
    makers.choose_reminders(town.turns_off, group, "none")


def bring_back(room, files, database):
    kept = room.keep_journal()
    assert kept.returncode == 0, kept.stderr
    done = call(room, files).run(database)
    assert done.returncode == 0, done.stderr
    return dict(line.split(": ") for line in done.stdout.splitlines())


def test_what_was_taken_away_since_an_older_backup_stays_away(town, tmp_path, empty):
    room = Room(tmp_path / "backups")
    files = room.backup()
    live_on(town)

    told = bring_back(room, files, empty)

    group = town.circle.group.pk
    content, keys = map(room.opened, files)
    for gone in (town.withdrawn, town.taken_along):
        assert str(gone.pk) in column(content, "groups_story", "id"), "the archive must be of before"
        assert str(gone.pk) in column(keys, "groups_storykey", "story_id")
    with moved_into(empty):
        everybody = {member.email.split("@")[0] for member in Member.objects.filter(is_staff=False)}
        assert everybody == {"ines", "malik", "sofia", "bruno", "nora"}
        with as_person(town.circle.ines):
            inside = enter_group(town.circle.ines, group)
            stories = {story.pk: story for story in readable_stories(inside)}
            words = {pk: inside.keyring.open_story(story)["text"] for pk, story in stories.items()}
            names = {inside.keyring.open_name(one).reveal() for one in Membership.objects.filter(group=group)}
        assert words == {town.circle.story.pk: makers.STORY, town.left_behind.pk: "Laissé."}
        assert stories[town.left_behind.pk].author is None
        assert names == {"Phare vert", "Gué bleu", "Galet"}
        with as_person(town.leaves):
            assert not Membership.objects.exists() and not Story.objects.exists()
        with as_person(town.turns_off):
            membership = enter_group(town.turns_off, group).membership
            assert not (membership.day_before or membership.changes)
    with services.superuser(empty) as cursor:
        cursor.execute("select story_id::text, wrapped from groups_storykey")
        wrapped = {pk: bytes(key).hex() for pk, key in cursor.fetchall()}
        cursor.execute("select count(*) from account_emailaddress where email like 'zoe%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("select name, proposer_tag from groups_proposal order by name")
        assert cursor.fetchall() == [("Les midis", ""), (town.circle.group.name, "")]
        cursor.execute("select count(*) from groups_proposalmessage")
        assert cursor.fetchone() == (0,)
    archived = {row[0]: row[-2] for row in keys["groups_storykey"][1]}
    untouched, left_behind = str(town.circle.story.pk), str(town.left_behind.pk)
    assert wrapped.keys() == {untouched, left_behind}
    assert archived[untouched].endswith(wrapped[untouched])
    assert not archived[left_behind].endswith(wrapped[left_behind]), "it must be sealed anew, as of nobody"
    assert told["members_member"] == "9"
    replayed = {"withdrawn stories": "2", "stories left behind": "1", "departed memberships": "2"}
    replayed |= {"erased members": "1", "proposals of erased members": "2", "reminders turned off": "1"}
    replayed |= {"steps taken from a shelf": "1"}
    assert {what: told[what] for what in replayed} == replayed


def test_a_decision_begins_anew_because_nobody_knows_who_objected_since(town, tmp_path, empty):
    group = town.circle.group
    decision = makers.make_decision(town.circle.malik, group)
    with services.superuser(connection.settings_dict["NAME"]) as cursor:
        cursor.execute("update groups_decision set closes_on = closes_on - 8")
    room = Room(tmp_path / "backups")

    told = bring_back(room, room.backup(), empty)

    assert told["decisions begun anew"] == "1"
    with moved_into(empty), as_person(town.circle.ines):
        inside = deciding.enter(town.circle.ines, group.pk)
        assert find_decision(inside, decision.pk).closes_on == today() + timedelta(days=7)


def test_the_restored_journal_still_knows_what_went(town, tmp_path, empty):
    room = Room(tmp_path / "backups")
    files = room.backup()
    live_on(town)
    bring_back(room, files, empty)
    before = entries_of(room)

    room.keep_journal(empty)

    assert entries_of(room) == before
    kinds = sorted(entry["kind"] for entry in before)
    assert kinds == [
        "member",
        *["membership"] * 3,
        "reminders",
        "shelf",
        "story",
        "story",
    ]  # Sofia left before the backup


def test_whoever_facilitates_still_does_after_a_restore_and_replies_are_in_no_archive(committed, tmp_path, empty):
    circle = makers.make_circle()
    date = makers.propose_date(circle.ines, circle.group)
    with as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        hosting.offer(inside, circle.meeting)
        assert coming.say(inside, circle.meeting, coming=True)
        availability.keep(inside, [(date, "yes")])
    room = Room(tmp_path / "backups")
    files = room.backup()

    bring_back(room, files, empty)

    for file in files:
        assert not {"meetings_rsvp", "meetings_availability"} & room.opened(file).keys()
    with moved_into(empty), as_person(circle.malik):
        inside = enter_group(circle.malik, circle.group.pk)
        assert hosting.hosts(inside, circle.meeting)
        assert coming.replies_to(inside, circle.meeting).own is None
        assert (availability.dates(inside), availability.own_answers(inside)) == ([date], {})


def test_what_was_closed_since_an_older_backup_is_closed_again(committed, tmp_path, empty):
    """One group whose last member leaves, one that its members close, one that has ended: the restore is of before."""
    people = {name: makers.make_member(name) for name in ("left", "decided", "ended", "waiting")}
    groups = {name: makers.make_group(people[name], "Phare vert", name=f"Un soir, {name}") for name in people}
    full = makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris", joining="welcome")
    makers.ask(people["waiting"], full, "Osier")
    makers.make_story(people["ended"], groups["ended"])
    room = Room(tmp_path / "backups")
    files = room.backup()
    makers.leave(people["left"], groups["left"])
    with services.superuser() as cursor:
        for name in ("decided", "ended"):
            cursor.execute("select app.close_group(%s)", [str(groups[name].pk)])
        cursor.execute("update groups_group set keys_end_on = current_date where id = %s", [str(groups["ended"].pk)])
        cursor.execute("select app.end_closed_groups()")

    told = bring_back(room, files, empty)

    assert str(groups["ended"].pk) in column(room.opened(files[0]), "groups_group", "id")
    assert (told["closed groups"], told["ended groups"]) == ("1", "1")
    with moved_into(empty):
        ends_on = dict(Group.objects.values_list("name", "keys_end_on"))
        assert {name for name, day in ends_on.items() if day == today() + timedelta(days=30)} == {
            groups["left"].name,
            groups["decided"].name,
        }
        assert groups["ended"].name not in ends_on
        with as_person(people["decided"]):
            assert enter_group(people["decided"], groups["decided"].pk)
        with as_person(people["waiting"]):
            assert own_request(people["waiting"], full.pk) is None, "people ask again"


def test_what_was_erased_from_a_notebook_since_an_older_backup_stays_erased(committed, tmp_path, empty):
    camille, zoe = makers.make_member("camille"), makers.make_member("zoe")
    note, step = makers.write_in_notebook(camille, "Effacé.")
    makers.write_in_notebook(camille, "Gardé.")
    makers.write_in_notebook(zoe, "Tout effacé.")
    room = Room(tmp_path / "backups")
    files = room.backup()
    with as_person(camille):
        notebook.erase(camille, note)
        notebook.erase_step(camille, step)
    with as_person(zoe):
        erasing.forget(zoe, keep_stories=False)

    told = bring_back(room, files, empty)

    assert len(column(room.opened(files[0]), "groups_note", "id")) == 3, "the archive must be of before"
    replayed = ("notebooks of erased members", "erased notes", "erased small steps")
    assert [told[what] for what in replayed] == ["1", "1", "1"]
    with moved_into(empty), as_person(camille):
        assert [page.text.reveal() for _n, page in notebook.pages(camille, before=None, most=9)] == ["Gardé."]
        assert [one.text.reveal() for one in notebook.steps(camille)] == ["Gardé."]
    with services.superuser(empty) as cursor:
        cursor.execute("select (select count(*) from groups_notebook), (select count(*) from groups_note)")
        assert cursor.fetchall() == [(1, 1)]


def entries_of(room):
    return [json.loads(line) for line in room.journal.read_text().splitlines()[1:]]


def test_a_restore_mails_nobody_again(town, tmp_path, empty):
    room = Room(tmp_path / "backups")
    starts_at = timezone.now() + timedelta(minutes=70)
    with as_person(town.circle.ines):
        Meeting.objects.filter(pk=town.circle.meeting.pk).update(**makers.times_of(starts_at))
    files = room.backup()
    before = manage("send_due_reminders", env=services.worker_environment())
    mailed = {
        address: len(mails_to(address))
        for address in ("malik@people.example", "nora@people.example", "zoe@people.example")
    }

    told = bring_back(room, files, empty)
    after = manage("send_due_reminders", env=in_database(services.worker_environment(), empty))

    due = counted(before.stdout)
    assert (due["sent"], due["mail sent"]) == ("3", "1"), "the archive must be of a moment at which mails were due"
    assert told["reminders passed over"] == "3"
    assert (after.returncode, counted(after.stdout)) == (0, {})
    assert {address: len(mails_to(address)) for address in mailed} == mailed


def counted(said):
    counts = dict(line.split(": ") for line in said.splitlines())
    return {state: count for state, count in counts.items() if int(count)}


def test_people_sign_in_and_live_on_after_a_restore(town, tmp_path, empty, visit):
    room = Room(tmp_path / "backups")
    files = room.backup()
    live_on(town)
    bring_back(room, files, empty)

    with moved_into(empty):
        browser = visit()
        form = browser.post("/account/login/", {"login": "malik@people.example"}, follow=True).redirect_chain[-1][0]
        page = browser.post(form, {"code": code_for("malik@people.example")}, follow=True)
        assert page.redirect_chain[-1] == ("/me/", 302)
        stories = f"/g/{town.circle.group.pk}/stories/"
        assert makers.STORY in words_of(browser.get(f"{stories}{town.circle.story.pk}/"))
        assert browser.get(f"{stories}{town.withdrawn.pk}/").status_code == 404
        # numbers go on after those that came back, and the journal takes note again
        newcomer = makers.make_member("yasmine")
        makers.join(newcomer, town.circle.group, "Lanterne")
        makers.make_story(newcomer, town.circle.group)
        town.person("sofia").delete()
    room.keep_journal(empty)
    assert str(town.circle.sofia.pk) in room.journal.read_text()


# --- Refusals ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, tmp_path_factory):
    """A backup and its journal, as they lie elsewhere when the house has burned down."""
    room = Room(tmp_path_factory.mktemp("kept") / "backups")
    with django_db_blocker.unblock():
        vault.refuse_wrong_keys()
        makers.make_circle()
        files = room.backup()
        room.keep_journal()
        makers.empty_every_table()
    return call(room, files)


def changed(file, change):
    fresh = file.with_suffix(".changed")
    fresh.write_bytes(change(file.read_bytes()))
    return fresh


def flipped(data):
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


def both_of(call, **header):
    return replace(call, content=call.room.remade(call.content, **header), keys=call.room.remade(call.keys, **header))


def with_journal(call, text):
    file = call.journal.with_suffix(".other")
    file.write_text(text)
    return replace(call, journal=file)


def with_identity(call, text=None):
    file = call.identity.with_suffix(".other")
    file.unlink(missing_ok=True)
    archives.make_identity(file) if text is None else file.write_text(text)
    return replace(call, identity=file)


def with_keys_of(call, folder):
    if not folder.exists():
        key_files.make_key_files(folder)
    return replace(call, env={"ENTRAIDE_KEYS_FILE": str(folder / "web.keys")})


def with_migrations(call, change):
    with archives.reading(call.content, archives.read_identity(call.identity)) as archive:
        migrations = archive.header["migrations"]
    return both_of(call, migrations=change(migrations))


OLD = {"taken_at": (datetime.now(UTC) - timedelta(days=30, minutes=1)).isoformat()}
LATER = {"taken_at": (datetime.now(UTC) + timedelta(hours=2)).isoformat()}
REFUSED = {
    "no file": (lambda c: replace(c, content=Path("/nowhere.age")), "cannot be read (FileNotFoundError)"),
    "no archive": (lambda c: replace(c, keys=c.journal), "journal.jsonl is not an archive of entraide"),
    "no identity": (lambda c: replace(c, identity=Path("/nowhere.key")), "no identity of a backup key can be read"),
    "half an identity": (lambda c: with_identity(c, "AGE-SECRET-KEY-1QQ"), "no identity of a backup key can be read"),
    "another identity": (with_identity, "does not open with this identity"),
    "cut short": (lambda c: replace(c, content=changed(c.content, lambda d: d[:-1])), "is altered or cut short"),
    "altered": (lambda c: replace(c, keys=changed(c.keys, flipped)), "is altered or cut short"),
    "longer": (lambda c: replace(c, keys=changed(c.keys, lambda d: d + b"x")), "is altered or cut short"),
    "another scheme": (lambda c: both_of(c, scheme=2), "is of scheme 2: this version reads 1"),
    "swapped": (lambda c: replace(c, content=c.keys, keys=c.content), "is the part « keys » of a backup"),
    "twice": (lambda c: replace(c, keys=c.content), "is the part « content » of a backup"),
    "two backups": (
        lambda c: replace(c, keys=c.room.remade(c.keys, backup="another")),
        "The two archives are of different backups",
    ),
    "later version": (
        lambda c: with_migrations(c, lambda known: [*known, ["groups", "0099_more"]]),
        "A dump of another version: only the backup has the migration groups.0099_more",
    ),
    "earlier version": (
        lambda c: with_migrations(c, lambda known: [one for one in known if one[1] != "0004_journal"]),
        "A dump of another version: the backup does not have the migration groups.0004_journal",
    ),
    "too old": (lambda c: both_of(c, **OLD), "older than the 30 days that the journal reaches back"),
    "no journal": (lambda c: replace(c, journal=Path("/nowhere.jsonl")), "no journal can be read there"),
    "empty journal": (lambda c: with_journal(c, ""), "no journal can be read there (ValueError)"),
    "strange journal": (lambda c: with_journal(c, "[1]\n"), "no journal can be read there (TypeError)"),
    "half a journal": (
        lambda c: with_journal(c, "\n".join(c.journal.read_text().splitlines()[:-1])),
        "is cut short: 0 entries of 1",
    ),
    "older journal": (lambda c: both_of(c, **LATER), "before this backup: it cannot know what was erased since"),
    "no key file": (lambda c: replace(c, env={"ENTRAIDE_KEYS_FILE": "/nowhere"}), "ENTRAIDE_KEYS_FILE cannot be read"),
    "another key file": (
        lambda c: with_keys_of(c, c.room.folder.parent / "others"),
        "are not the ones of this database (wrong or missing: edge, worker, wrapping-1)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_by_its_cause_and_changes_nothing(kept, untouched, case):
    change, cause = REFUSED[case]
    before = rows_of(untouched)
    assert before.keys() == BY_ITSELF

    refused = change(kept).run(untouched)

    assert refused.returncode == 1
    assert cause in refused.stderr
    assert "Nothing was changed." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert rows_of(untouched) == before


def test_the_same_backup_unchanged_is_taken(kept, empty):
    """The refusals above are of what was changed."""
    done = both_of(kept).run(empty)

    assert done.returncode == 0, done.stderr
    assert rows_of(empty)["groups_story"] == 1


def test_a_database_with_rows_is_refused(committed, kept, empty):
    with moved_into(empty):
        makers.make_member("somebody")
    before = rows_of(empty)

    refused = kept.run(empty)

    assert refused.returncode == 1
    assert "is not empty: account_emailaddress has rows" in refused.stderr
    assert rows_of(empty) == before


def test_a_second_restore_is_refused(kept, empty):
    kept.run(empty)
    before = rows_of(empty)

    refused = kept.run(empty)

    assert refused.returncode == 1
    assert "This database is not empty" in refused.stderr
    assert rows_of(empty) == before


def test_a_database_without_tables_is_refused(kept):
    with copy_of("template0") as bare:
        refused = kept.run(bare)

        assert refused.returncode == 1
        assert "run `manage.py migrate` first" in refused.stderr
        assert rows_of(bare) == {}


def test_a_database_that_the_web_has_started_on_is_empty_all_the_same(committed, kept, empty, visit):
    """It keeps the marks of its keys, and a session for whoever looked at the page of sign-in."""
    with moved_into(empty):
        vault.refuse_wrong_keys()
        visit().get("/account/login/")
    assert rows_of(empty).keys() == BY_ITSELF | {"groups_keymark", "members_session"}

    done = kept.run(empty)

    assert done.returncode == 0, done.stderr
    assert rows_of(empty)["groups_keymark"] == 3
    assert "members_session" not in rows_of(empty)


def test_only_a_superuser_restores(kept, empty):
    owner = services.owner_environment()["DATABASE_OWNER_URL"]

    refused = replace(kept, env={"DATABASE_ADMIN_URL": owner}).run(empty)

    assert refused.returncode == 1
    assert "The database did not take it (InsufficientPrivilege)" in refused.stderr
    assert rows_of(empty).keys() == BY_ITSELF
