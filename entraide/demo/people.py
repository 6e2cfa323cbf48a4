"""The demonstration's groups, people and what they wrote, brought in through the same doors as real ones (data/)."""

import tomllib
from datetime import date, time, timedelta
from itertools import cycle
from pathlib import Path
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.utils.text import slugify

from entraide.demo import gatherings
from entraide.lib.days import today
from entraide.lib.rhythm import dates_of
from entraide.lib.sql import tell_who_asks
from groups import asking, belonging, deciding, founding, notebook, own_keys, shelf, telling, vault
from groups.confidentiality import Inside, enter_group, enter_group_to_act, find_decision, find_story
from groups.models import Group, Kind, Proposal
from groups.requests import own_request
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
        _enter(member, group, founder, name=name, reminders=_wish(data, next(wishes)))
    _as(founder)
    plan = _schedule(enter_group(founder, group.pk), data)
    if data["slug"] == KNOWN_GROUP:
        gatherings.bring_in(lambda name: _inside(group, members[name]), plan)
    told = {}
    for story in data["stories"]:
        told[story.get("title")] = _tell(group, members, story, told)
    _keep(group, members, data)
    for asks in data.get("requests", ()):
        _ask(_member_of(data, asks["name"]), group, name=asks["name"], reminders="none")


def _enter(member, group, founder, **chosen):
    """Where one is welcomed, by whoever founded the group."""
    _as(member)
    if member == founder or not group.welcomes:
        belonging.join(member, group, **chosen)
        group.refresh_from_db()  # with its founder it has opened
        return
    _ask(member, group, **chosen)
    request = own_request(member, group.pk)
    _as(founder)
    asking.welcome(enter_group_to_act(founder, group.pk), request.pk)
    _as(member)
    asking.enter(member, own_request(member, group.pk))


def _ask(member, group, **chosen):
    _as(member)
    asking.ask(member, group, **chosen)


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
    return plan


def _tell(group, members, data, told):
    """`told`: the ids of the stories before it, by their titles."""
    author = members[data["by"]]
    _as(author)
    words = {name: data.get(name, "") for name in ("title", "text", "note", "own_feeling")}
    words |= {name: data.get(name, False) for name in ("opened_to_later", "came_through")}
    words |= {"feelings": data["feelings"], "answers": told.get(data.get("answers", ""))}
    words["text"] = words["text"].strip()
    story = telling.share(enter_group(author, group.pk), uuid4(), words)
    story.shared_on = today() - timedelta(days=data["days_ago"])
    story.save(update_fields=["shared_on"])
    for name, kind in [(name, "recognise") for name in data["resonances"]] + data.get("received", []):
        _as(members[name])
        reader = enter_group(members[name], group.pk)
        telling.receive(reader, find_story(reader, story.pk), kind, said=True)
    return story.pk


def _keep(group, members, data):
    """What helps, what somebody notes for themselves, and what is being decided."""
    for step in data.get("shelf", ()):
        shelf.put(_inside(group, members[step["by"]]), uuid4(), step["text"])
    for note in data.get("notes", ()):
        on = today() - timedelta(days=note["days_ago"])
        words = {"on": on, "feelings": note["feelings"], "text": note["text"]}
        notebook.keep(_as(members[note["by"]]), uuid4(), words)
    for step in data.get("steps", ()):
        key, member = uuid4(), _as(members[step["by"]])
        notebook.set_step(member, key, step["text"])
        notebook.mark_step(member, key, done=step.get("done", False))
    for decision in data.get("decisions", ()):
        _propose(group, members, decision)


def _propose(group, members, data):
    """One more sentence for the charter."""
    key, change = uuid4(), {"charter_additions": [*group.charter_additions, data["sentence"]]}
    words = {"key": key, "why": data["why"], "days": 7, "change": change}
    deciding.propose(_inside(group, members[data["by"]]), Kind.CHARTER, words)
    for name, reason in data["concerns"]:
        inside = _inside(group, members[name])
        deciding.take_position(inside, find_decision(inside, key), "concern", reason)


def _inside(group, member):
    return enter_group_to_act(_as(member), group.pk)


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
    language = next((one.get("language") for one in data["members"] if one["name"] == name), None)
    return _member(address, language=language or data["language"], time_zone=data["zone"])


def _member(address, **fields):
    member = Member.objects.create_user(address, **fields)
    EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
    return member


def _as(member, *, staff=False):
    tags = {"proposer": vault.proposer_tag(member.pk), "notebook": own_keys.notebook_tag(member.pk)}
    tell_who_asks(tag=vault.member_tag(member.pk), **tags, staff=staff)
    return member
