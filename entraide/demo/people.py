"""The demonstration's groups, people and stories, brought in through the same doors as real ones (data/)."""

import tomllib
from datetime import date, time, timedelta
from itertools import cycle
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from entraide.lib.days import today
from entraide.lib.rhythm import dates_of
from entraide.lib.sql import tell_who_asks
from groups import belonging, founding, own_keys, telling, vault
from groups.confidentiality import Inside, enter_group, find_story
from groups.models import Group, Proposal
from meetings import scheduling
from members.models import Member

DATA = Path(__file__).parent / "data"
STAFF, NEWCOMER = ("accueil@demo.example", "relais@demo.example"), "camille@demo.example"
# The group that the printed list of things to try is about: its people have short addresses and soon a reminder.
KNOWN_GROUP = "les-mardis-au-long-cours"


def bring_in() -> bool:
    """All or nothing. Returns False when the groups are there already."""
    if Group.objects.exists():
        return False
    with transaction.atomic():
        staff, _ = _staff()
        _member(NEWCOMER)
        for path in sorted(DATA.glob("*.toml")):
            _group(tomllib.loads(path.read_text()), staff)
    return True


def _staff():
    """Two people, because not keeping a proposal takes two. One telephone shows the code of both."""
    people, secret = [_member(address, is_staff=True) for address in STAFF], generate_totp_secret()
    for member in people:
        TOTP.activate(member, secret)
    return people


def _group(data, staff):
    people = sorted(data["members"], key=lambda person: not person.get("facilitates", False))
    members = {person["name"]: _member_of(data, person["name"]) for person in people}
    founder = members[people[0]["name"]]
    group = _found_group(data, founder, staff)
    wishes = cycle(["day_before", "two_hours", "none"])
    for name, member in members.items():
        _as(member)
        belonging.join(member, group, name=name, reminders=_wish(data, next(wishes)))
    _as(founder)
    _schedule(enter_group(founder, group.pk), data)
    for story in data["stories"]:
        _tell(group, members, story)


def _found_group(data, founder, staff):
    _as(founder, staff=True)
    words = {name: data[name] for name in founding.SHEET if name in data}
    return founding.accept(founding.propose(founder, Proposal(**words)), staff)


def _schedule(inside: Inside, data):
    first_on = _first_date(data)
    plan = {"on": first_on, "rhythm": data["rhythm"], "until": None}
    plan |= {"starts": time.fromisoformat(data["starts"]), "ends": _ends(data["starts"], data["minutes"])}
    plan |= {"format": data["format"], "place": data["place"], "access_note": data["place_access"]}
    plan |= {"link": data["link"], "theme": data["theme"]}
    scheduling.schedule(inside, uuid4(), plan)
    if data["slug"] == KNOWN_GROUP:
        _schedule_one_due_in_a_minute(inside, plan)


def _schedule_one_due_in_a_minute(inside, plan):
    """Its reminder "the day before" is due when beat first looks."""
    now = timezone.now().astimezone(ZoneInfo(inside.group.zone))
    starts = (now + timedelta(days=1)).replace(second=0, microsecond=0)
    ends = min(starts + timedelta(minutes=60), starts.replace(hour=23, minute=59))
    once = {"on": starts.date(), "starts": starts.time(), "ends": ends.time(), "rhythm": "once"}
    scheduling.schedule(inside, uuid4(), plan | once)


def _tell(group, members, data):
    author = members[data["by"]]
    _as(author)
    words = {name: data.get(name, "") for name in ("title", "text", "note")}
    words |= {"feelings": data["feelings"], "opened_to_later": data.get("opened_to_later", False)}
    words["text"] = words["text"].strip()
    story = telling.share(enter_group(author, group.pk), uuid4(), words)
    story.shared_on = today() - timedelta(days=data["days_ago"])
    story.save(update_fields=["shared_on"])
    for name in data["resonances"]:
        _as(members[name])
        reader = enter_group(members[name], group.pk)
        telling.receive(reader, find_story(reader, story.pk), "recognise", said=True)


def _first_date(data) -> date:
    """The next date, from tomorrow on, that the rhythm allows."""
    start = today() + timedelta(days=1)
    start += timedelta(days=(data["weekday"] - start.weekday()) % 7)
    if data["rhythm"] not in {"monthly", "monthly_last"}:
        return start
    # any date with the right weekday and number stands for the rhythm; the first one to come opens the series
    pattern = date(2026, 1, 1) + timedelta(days=(data["weekday"] - date(2026, 1, 1).weekday()) % 7)
    pattern += timedelta(weeks=data.get("nth", 1) - 1)
    return next(on for on in dates_of(data["rhythm"], pattern, start + timedelta(days=62)) if on >= start)


def _ends(starts, minutes):
    begin = timedelta(hours=int(starts[:2]), minutes=int(starts[3:]))
    end = begin + timedelta(minutes=minutes)
    return time(end.seconds // 3600, end.seconds // 60 % 60)


def _wish(data, wish):
    return "day_before" if data["slug"] == KNOWN_GROUP else wish


def _member_of(data, name):
    short = slugify(name)
    address = (
        f"{short}@demo.example" if data["slug"] == KNOWN_GROUP else f"{short}.{data['lived_experience']}@demo.example"
    )
    return _member(address, language=data["language"], time_zone=data["zone"])


def _member(address, **fields):
    member = Member.objects.create_user(address, **fields)
    EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
    return member


def _as(member, *, staff=False):
    tags = {"proposer": vault.proposer_tag(member.pk), "notebook": own_keys.notebook_tag(member.pk)}
    tell_who_asks(tag=vault.member_tag(member.pk), **tags, staff=staff)
