"""A few makers, no surprises. They use the site's own verbs, as the person who would use them."""

import itertools
import subprocess
import sys
import time as clock
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg2
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.db import connection, transaction
from django.utils import timezone

from entraide.demo.installation import CHECKOUT
from entraide.lib.days import today
from entraide.lib.sql import tell_who_asks
from groups import (
    asking,
    belonging,
    charter,
    deciding,
    founding,
    mail_wanted,
    notebook,
    own_keys,
    requests,
    shelf,
    story_drafts,
    telling,
    vault,
)
from groups.confidentiality import enter_group, enter_group_to_act, enter_group_to_leave, find_decision
from groups.models import Decision, Group, Kind, Proposal, Reminders, Story
from groups.models.notebook import LONGEST_STEP
from meetings import availability, calendar_address, exceptions, scheduling
from meetings.models import Meeting, ProposedDate, Series
from members.models import Member
from tests import services
from tests.running import wait_until

STORY = "Ce soir-là, j’ai compté les lampadaires jusqu’à la maison."
PLACE = "14, rue des Tanneurs"
MONTREAL = ZoneInfo("America/Toronto")
LINK = "https://rencontre.example/salle-verte"
AGREE = {"agree": "on", "version": charter.VERSION.isoformat()}  # to the charter of the house
SHEET = {
    "name": "Un soir à la fois",
    "for_whom": "Pour les personnes qui ont arrêté de boire, ou qui y pensent.",
    "lived_experience": "addiction",
    "language": "fr",
    "format": "both",
    "city": "Sherbrooke",
}


@contextmanager
def as_person(member, *, staff=False):
    """What the middleware says at the start of each request."""
    with transaction.atomic():
        tags = {"proposer": vault.proposer_tag(member.pk), "notebook": own_keys.notebook_tag(member.pk)}
        tell_who_asks(tag=vault.member_tag(member.pk), **tags, staff=staff)
        yield member
        tell_who_asks()  # the transaction of a test goes on; that of a request would end here


def make_member(name: str, **fields) -> Member:
    member = Member.objects.create_user(f"{name}@people.example", **fields)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def make_proposal(proposer: Member, **sheet) -> Proposal:
    with as_person(proposer):
        return founding.propose(proposer, Proposal(**{**SHEET, **sheet}))


def accept(proposal: Proposal, staff: Member) -> Group:
    with as_person(staff, staff=True):
        return founding.accept(proposal, staff)


def make_group(founder: Member, founder_name: str, **sheet) -> Group:
    """A group that its founder has entered."""
    sheet.setdefault("name", next(name for name in _names() if founding.is_name_free(name)))
    group = accept(make_proposal(founder, **sheet), make_member(f"staff-for-{uuid4().hex[:8]}", is_staff=True))
    join(founder, group, founder_name)
    group.refresh_from_db()
    return group


def _names():
    yield SHEET["name"]
    yield from (f"{SHEET['name']} {number}" for number in itertools.count(2))


def make_sheet(**columns) -> Group:
    """A sheet alone, with nobody inside, written as acceptance writes it: for lists of many groups."""
    group = Group(**{**SHEET, "slug": uuid4().hex, "opened_on": today(), **columns})
    if "latitude" not in columns:
        group.locate()
    with transaction.atomic():
        tell_who_asks(staff=True)
        group.save(force_insert=True)
        tell_who_asks()
    return group


def join(member: Member, group: Group, name: str, reminders: str = "none"):
    with as_person(member):
        return belonging.join(member, group, name=name, reminders=reminders)


def choose_reminders(member: Member, group: Group, reminders: str, **wishes: bool) -> None:
    with as_person(member):
        wishes = {group.pk: Reminders(reminders).wishes | wishes}
        mail_wanted.choose(member, wishes)


def ask(member: Member, group: Group, name: str, reminders: str = "none") -> None:
    with as_person(member):
        asking.ask(member, group, name=name, reminders=reminders)


def welcome(by: Member, group: Group, asker: Member) -> bool:
    request = own_request(asker, group)
    with as_person(by):
        return asking.welcome(enter_group_to_act(by, group.pk), request.pk)


def join_by_welcome(member: Member, group: Group, name: str, by: Member) -> None:
    """The whole way into a group that welcomes."""
    ask(member, group, name)
    welcome(by, group, member)
    with as_person(member):
        asking.enter(member, requests.own_request(member, group.pk))


def own_request(member: Member, group: Group):
    with as_person(member):
        return requests.own_request(member, group.pk)


def leave(member: Member, group: Group) -> None:
    with as_person(member):
        belonging.leave(enter_group(member, group.pk), keep_stories=False)


def make_story(author: Member, group: Group, text: str = STORY, **words) -> Story:
    payload = {"title": "", "feelings": [], "note": "", "opened_to_later": False, "text": text, **words}
    with as_person(author):
        return telling.share(enter_group_to_act(author, group.pk), uuid4(), payload)


def write_in_notebook(member: Member, text: str, feelings=("hope",), on=None):
    """The ids of a note and of a small step."""
    note, step = uuid4(), uuid4()
    with as_person(member):
        notebook.keep(member, note, {"on": on or today(), "feelings": list(feelings), "text": text})
        notebook.set_step(member, step, text[:LONGEST_STEP])
    return note, step


def put_on_shelf(author: Member, group: Group, text: str):
    """Its id."""
    key = uuid4()
    with as_person(author):
        shelf.put(enter_group_to_act(author, group.pk), key, text)
    return key


def keep_draft(author: Member, group: Group, text: str = STORY, **typed) -> None:
    with as_person(author):
        inside = enter_group_to_leave(author, group.pk)
        story_drafts.keep(inside, {"title": "", "text": text, "key": str(uuid4()), **typed})


WHY = "Parce que nous avons grandi."


def make_decision(proposer: Member, group: Group, kind: Kind = Kind.NAME, **typed) -> Decision:
    """`change` holds what differs from today."""
    with as_person(proposer):
        inside = enter_group_to_act(proposer, group.pk)
        change = deciding.present(inside.group, kind) | typed.pop(
            "change", {"name": "Deux soirs"} if kind == "name" else {}
        )
        words = {"key": uuid4(), "why": WHY, "days": 7, "change": change, **typed}
        deciding.propose(inside, kind, words)
        return find_decision(inside, words["key"])


def make_series(facilitator: Member, group: Group, **plan) -> Series:
    plan = {
        "on": today() + timedelta(days=3),
        "starts": time(19),
        "ends": time(20, 30),
        "rhythm": "weekly",
        "until": None,
        "format": "both",
        "place": PLACE,
        "access_note": "",
        "link": LINK,
        "theme": "",
        **plan,
    }
    with as_person(facilitator):
        return scheduling.schedule(enter_group_to_act(facilitator, group.pk), uuid4(), plan)


def change_meeting(facilitator: Member, group: Group, meeting: Meeting, **words) -> None:
    """Of this date alone. One that begins soon, late in the evening, would end on the day after: no form takes that."""
    with as_person(facilitator):
        inside = enter_group_to_act(facilitator, group.pk)
        meeting.refresh_from_db()
        words = exceptions.words_now(inside, meeting) | words
        if words["ends"] <= words["starts"]:
            words["ends"] = time.max
        exceptions.change(inside, meeting, words, version=meeting.version)


def call_off_from(inside, meeting: Meeting) -> None:
    """As it stands: this one and those that follow it."""
    scheduling.cancel_from(inside, meeting, seen=(meeting.version, meeting.series.version))


def propose_date(facilitator: Member, group: Group) -> ProposedDate:
    """While one is looked for."""
    day = (timezone.now() + timedelta(days=7)).astimezone(ZoneInfo(group.zone))
    starts_at = day.replace(hour=19, minute=0, second=0, microsecond=0)
    with as_person(facilitator):
        inside = enter_group_to_act(facilitator, group.pk)
        availability.propose(inside, starts_at, starts_at + timedelta(minutes=90))
        return availability.dates(inside)[0]


def stop_token(member: Member, group: Group) -> str:
    """What stands in the link of their mails."""
    with as_person(member):
        return own_keys.stop_token(enter_group(member, group.pk).membership.pk)


def take_calendar_address(member: Member) -> str:
    """What stands in it."""
    with as_person(member):
        calendar_address.renew(member)
        return calendar_address.secret_of(member)


def where_it_is_late() -> str:
    """A zone where it is between nine and midnight: there is always one."""
    now = timezone.now()
    return next(zone for zone in AROUND.split() if now.astimezone(ZoneInfo(zone)).hour >= 21)


AROUND = "Pacific/Honolulu America/Los_Angeles America/Denver America/Toronto America/Sao_Paulo Atlantic/Cape_Verde"
AROUND += " Africa/Lagos Africa/Nairobi Asia/Karachi Asia/Bangkok Asia/Tokyo Pacific/Noumea Pacific/Auckland"


def times_of(starts_at: datetime, *, minutes: int = 90, zone: str = str(MONTREAL)) -> dict:
    """The columns of a meeting that takes place then."""
    there = starts_at.astimezone(ZoneInfo(zone))
    wall_time = {"wall_on": there.date(), "wall_starts": there.time()}
    ends_at, day_before_at = starts_at + timedelta(minutes=minutes), starts_at - timedelta(days=1)
    return wall_time | {"starts_at": starts_at, "ends_at": ends_at, "day_before_at": day_before_at}


def first_meeting(member: Member, group: Group) -> Meeting:
    with as_person(member):
        return Meeting.objects.filter(group=group).upcoming().first()


@dataclass
class Circle:
    group: Group
    ines: Member
    malik: Member
    sofia: Member
    story: Story
    meeting: Meeting


def make_circle(**sheet) -> Circle:
    ines, malik, sofia = (make_member(name) for name in ("ines", "malik", "sofia"))
    group = make_group(ines, "Phare vert", **sheet)
    for member, name in ((malik, "Gué bleu"), (sofia, "Pré long")):
        join_by_welcome(member, group, name, ines) if group.welcomes else join(member, group, name)
    story = make_story(malik, group)
    make_series(ines, group)
    with as_person(sofia):
        belonging.leave(enter_group(sofia, group.pk), keep_stories=False)
    return Circle(group, ines, malik, sofia, story, first_meeting(ines, group))


def sign_in(client, member: Member, *, second_factor=False) -> None:
    client.force_login(member)
    if second_factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0}]
        session["account_authentication_methods_user"] = str(member.pk)
        session.save()


def as_superuser(query, *values):
    """The rows of the answer, if there are any, whatever the row policies say."""
    with services.superuser(connection.settings_dict["NAME"]) as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else None


def run_as_worker(lines: str) -> None:
    """In a process of its own, with the worker's login and keys."""
    environment = services.worker_environment() | {"DJANGO_SETTINGS_MODULE": "entraide.settings"}
    command = [sys.executable, "-c", f"import django; django.setup(); {lines}"]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)


KEPT_TABLES = ("django_migrations", "members_helpline")  # what the migrations themselves wrote


def empty_every_table() -> None:
    """As the owner: the web may not. A request of the site that is still under way holds its locks in an order of its
    own: it is let through before PostgreSQL, which looks after a second, sees a deadlock and ends one of the two."""
    connection.close()
    owner = psycopg2.connect(services.owner_environment()["DATABASE_OWNER_URL"])
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename != all(%s)", [list(KEPT_TABLES)]
        )
        tables = ", ".join(name for (name,) in cursor.fetchall())

    def emptied() -> bool:
        try:
            with owner, owner.cursor() as cursor:
                cursor.execute("set local lock_timeout = '300ms'")
                cursor.execute(f"truncate {tables} cascade")
        except psycopg2.errors.LockNotAvailable:
            return False
        return True

    wait_until(emptied)
    owner.close()


def everything_stored(owner) -> dict[str, str]:
    """Each table as a copy of the database would show it: the owner lifts the policies from itself, and looks."""
    shown = {}
    with owner.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"alter table {table} no force row level security")
            cursor.execute(f"select coalesce(string_agg(t::text, E'\\n'), '') from {table} t")
            shown[table] = cursor.fetchone()[0]
    owner.rollback()
    return shown


def give_second_factor(member: Member) -> str:
    """Returns the secret that an authenticator application would keep."""
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    return secret


def app_code(secret: str) -> str:
    """What the application shows right now."""
    return format_hotp_value(hotp_value(secret, int(clock.time()) // 30))
