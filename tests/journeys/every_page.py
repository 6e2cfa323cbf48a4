"""Every page of the site in each of its states, and how to come there: a village with something behind each door."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from entraide import copies
from entraide.lib.days import today
from groups import deciding, notebook
from groups.confidentiality import enter_group, own_memberships
from meetings import coming, exceptions
from meetings.models import Meeting
from members.devices import note_sign_in
from members.models import Helpline
from tests import lists, makers
from tests.mailbox import code_for
from tests.proposals import answered, decline, write

LONG = "Anticonstitutionnellement parlant, quelques soirs sans bruit"
TITLE = "La longue route"
AWAITING = "les-jeudis-du-port"
NOTED = "Ce que la nuit ne disait pas"
NAMES = ("Phare vert", "Gué bleu", "Pré long", "Tilleul", "boire", "dependance", "addiction", LONG, TITLE, NOTED)


@dataclass(frozen=True)
class Place:
    """A page in one of its states. `then` is done in the browser after the address is open: an act, or several, each of
    which leads to another page."""

    who: str | None
    route: str
    values: tuple = ()
    then: object = None
    status: int = 200
    query: str = ""

    @property
    def acts(self):
        return self.then if isinstance(self.then, tuple) else filter(None, [self.then])


def send_empty(page):
    page.locator("main form:not([action$='/theme/']) .btn-primary").first.click()


def fill_in(**typed):
    def fill(page):
        for name, value in typed.items():
            page.locator(f"main [name={name}]").first.fill(value)
        page.locator("main form .btn-primary").first.click()

    return fill


def untick(page):
    for box in page.locator("main [type=checkbox]").all():
        box.uncheck()
    page.locator("main form .btn-primary").first.click()


def in_a_group_no_more(page):
    """As if another window had left it meanwhile."""
    page.evaluate("document.querySelector('main [name=shown]').value = '00000000-0000-0000-0000-000000000000'")
    page.locator("main form .btn-primary").last.click()


SCHEDULE = {"on": f"{today() + timedelta(days=5):%d/%m/%Y}", "starts": "19 h 30", "ends": "21 h"}
CHRISTMAS = {"on": f"25/12/{today().year + (today().month == 12)}", "starts": "19 h 30", "ends": "21 h"}
PUBLIC = {
    name: Place(None, name)
    for name in ("landing", "how", "charter", "about", "safety", "privacy", "accessibility", "help_now")
} | {
    "directory": Place(None, "groups:directory"),
    "directory, narrowed": Place(None, "groups:directory", query="?q=boire&where=online&city=Sherbrooke&language=fr"),
    "directory, nothing found": Place(None, "groups:directory", query="?q=zzzzz"),
    "directory, too narrow": Place(None, "groups:directory", query="?q=boire&city=Lyon&day=0&moment=morning"),
    "directory, unknown city": Place(None, "groups:directory", query="?city=Sherbroke&where=online"),
    "directory, namesakes": Place(None, "groups:directory", query="?city=Windsor&km=100"),
    "sheet": Place(None, "groups:sheet", ("slug",)),
    "sheet, one asks": Place(None, "groups:sheet", ("slug of the gate",)),
    "sheet, full": Place(None, "groups:sheet", ("slug of the full one",)),
    "sheet, awaiting its people": Place(None, "groups:sheet", ("awaiting",)),
    "left": Place(None, "groups:left"),
    "propose": Place(None, "groups:propose_step", ("first",)),
    "signed out": Place(None, "signed_out"),
    "signed out, everywhere": Place(None, "signed_out_everywhere"),
    "erased": Place(None, "erased"),
    "sign in": Place(None, "account_login"),
    "sign up": Place(None, "account_signup"),
    "missing": Place(None, "/nowhere/", status=404),
    "broken": Place(None, "/broken/", status=500),
}
OF_MEMBERS = {
    "sign in, error": Place(None, "account_login", then=send_empty, status=422),
    "sign up, error": Place(None, "account_signup", then=fill_in(email="camille"), status=422),
    "code of a sign-in": Place("signing in", "account_confirm_login_code"),
    "code of a sign-up": Place("signing up", "account_email_verification_sent"),
    "sign out": Place("malik", "account_logout"),
    "address": Place("malik", "account_email"),
    "address, error": Place("malik", "account_email", then=send_empty, status=422),
    "code of the present address": Place("asking", "account_email_code"),
    "code of the present address, error": Place("asking", "account_email_code", then=send_empty, status=422),
    "code of a new address": Place("moving", "account_email_verification_sent"),
    "erase": Place("malik", "erase"),
    "erase, without a group": Place("pending", "erase"),
    "erase, code": Place("going", "erase_code"),
    "erase, code, error": Place("going", "erase_code", then=send_empty, status=422),
    "join, name": Place("pending", "groups:join", ("gid",)),
    "join, name, error": Place("pending", "groups:join", ("gid",), then=fill_in(name="gué  BLEU"), status=422),
    "join, charter": Place("pending", "groups:join_charter", ("gid",)),
    "join, charter, error": Place("pending", "groups:join_charter", ("gid",), then=send_empty, status=422),
    "join, reminders": Place("pending", "groups:join_reminders", ("gid",)),
    "join, one asks": Place("pending", "groups:join_reminders", ("gate",)),
    "join, full": Place("pending", "groups:join_reminders", ("full",)),
    "join, full, error": Place("pending", "groups:join_reminders", ("full",), then=send_empty, status=422),
    "request": Place("waiting", "groups:request", ("gate",)),
    "request, expected": Place("expected", "groups:request", ("gate",)),
    "request, in line": Place("in line", "groups:request", ("full",)),
    "welcome": Place("alone", "groups:welcome", ("gate",)),
    "welcome, nobody": Place("malik", "groups:welcome", ("gid",)),
    "home, somebody asks": Place("alone", "group_home", ("gate",)),
    "leave, the last one": Place("alone", "groups:leave", ("young",)),
    "my space, expected": Place("expected", "my_space"),
    "my space, in line": Place("in line", "my_space"),
    "home": Place("malik", "group_home", ("gid",)),
    "home, first days": Place("alone", "group_home", ("young",)),
    "stories": Place("malik", "groups:stories", ("gid",)),
    "stories, none": Place("alone", "groups:stories", ("young",)),
    "story": Place("malik", "groups:story", ("gid", "sid")),
    "facilitation": Place("malik", "groups:facilitation", ("gid",)),
    "facilitation of one's own": Place("ines", "groups:facilitation", ("gid",)),
    "charter once more": Place("malik", "groups:accept_charter", ("gid",)),
    "charter once more, error": Place("malik", "groups:accept_charter", ("gid",), then=send_empty, status=422),
    "decisions": Place("malik", "groups:decisions", ("gid",)),
    "decisions, none": Place("alone", "groups:decisions", ("young",)),
    "decide": Place("malik", "groups:decide", ("gid",)),
    "decide, name": Place("ines", "groups:decide", ("gid",), query="?what=name"),
    "decide, name, error": Place("ines", "groups:decide", ("gid",), then=send_empty, status=422, query="?what=name"),
    "decide, sheet": Place("ines", "groups:decide", ("gid",), query="?what=sheet"),
    "decide, joining": Place("ines", "groups:decide", ("gid",), query="?what=joining"),
    "decide, charter": Place("ines", "groups:decide", ("gid",), query="?what=charter"),
    "decide, closing": Place("ines", "groups:decide", ("gid",), query="?what=closing"),
    "decide, exclusion": Place("ines", "groups:decide", ("gid",), query="?what=exclusion"),
    "decide, exclusion, too few": Place("alone", "groups:decide", ("young",), query="?what=exclusion"),
    "decision": Place("malik", "groups:decision", ("gid", "dec")),
    "decision, error": Place("third", "groups:decision", ("gid", "dec"), then=send_empty, status=422),
    "decision of one's own": Place("ines", "groups:decision", ("gid", "dec")),
    "decision, back to discussion": Place("malik", "groups:decision", ("gid", "returned")),
    "decision about oneself": Place("third", "groups:decision", ("gid", "exclusion")),
    "decision that waits for one": Place("fourth", "groups:decision", ("gid", "waiting")),
    "change a story": Place("ines", "groups:edit", ("gid", "sid")),
    "change a story, error": Place("ines", "groups:edit", ("gid", "sid"), then=fill_in(text=""), status=422),
    "story behind a note": Place("malik", "groups:story", ("gid", "noted")),
    "story of one's own": Place("ines", "groups:story", ("gid", "sid")),
    "echo": Place("malik", "groups:echo", ("gid",)),
    "echo, error": Place("malik", "groups:echo", ("gid",), then=send_empty, status=422),
    "echo, found": Place("malik", "groups:echo", ("gid",), then=fill_in(words="longue")),
    "echo, nothing": Place("malik", "groups:echo", ("gid",), then=fill_in(words="zzzzz")),
    "shelf": Place("ines", "groups:shelf", ("gid",)),
    "shelf, empty": Place("alone", "groups:shelf", ("young",)),
    "shelf, put": Place("malik", "groups:shelf_add", ("gid",)),
    "shelf, put, error": Place("malik", "groups:shelf_add", ("gid",), then=send_empty, status=422),
    "shelf, change": Place("ines", "groups:shelf_change", ("gid", "help")),
    "write": Place("malik", "groups:write", ("gid",)),
    "write, error": Place("malik", "groups:write", ("gid",), then=send_empty, status=422),
    "preview": Place("malik", "groups:write", ("gid",), then=fill_in(title="Un pas", text=makers.STORY)),
    "write, an answer": Place("malik", "groups:write", ("gid",), query="?answer={sid}"),
    "story, answered": Place("malik", "groups:story", ("gid", "answered")),
    "write, a draft": Place("ines", "groups:write", ("gid",)),
    "story, gone": Place("malik", "groups:story", ("gid", "mid"), status=404),
    "my stories": Place("ines", "groups:own_stories"),
    "my stories, none": Place("pending", "groups:own_stories"),
    "leave": Place("malik", "groups:leave", ("gid",)),
    "reminders": Place("malik", "meetings:reminders"),
    "reminders, none": Place("ines", "meetings:reminders"),
    "reminders, in no group": Place("pending", "meetings:reminders"),
    "reminders, a refused address": Place("refused", "meetings:reminders"),
    "reminders, error": Place("malik", "meetings:reminders", then=in_a_group_no_more, status=422),
    "my space, asked after half a year": Place("asked after half a year", "my_space"),
    "how the mail stands": Place("staff", "meetings:standing"),
    "stop": Place(None, "stop_reminders", ("token",)),
    "stopped": Place(None, "stop_reminders", ("token",), then=send_empty),
    "my space": Place("ines", "my_space"),
    "my space, empty": Place("pending", "my_space"),
    "notebook": Place("ines", "groups:notebook"),
    "notebook, empty": Place("malik", "groups:notebook"),
    "note": Place("ines", "groups:notebook_note", ("note",)),
    "note, change": Place("ines", "groups:note_change", ("note",)),
    "note, a draft is there": Place("ines", "groups:note_tell", ("note",), query="?group={gid}"),
    "note, write": Place("ines", "groups:note_add"),
    "note, write, error": Place("ines", "groups:note_add", then=send_empty, status=422),
    "small steps": Place("ines", "groups:steps"),
    "small steps, error": Place("ines", "groups:steps", then=send_empty, status=422),
    "feelings": Place("ines", "groups:feelings"),
    "feelings, none": Place("malik", "groups:feelings"),
    "devices": Place("ines", "devices"),
    "devices, only one": Place("pending", "devices"),
    "propose, experience, error": Place(
        "writing", "groups:propose_step", ("first",), then=fill_in(name=""), status=422
    ),
    "propose, for whom": Place("writing", "groups:propose_step", ("second",)),
    "propose, for whom, error": Place(
        "writing", "groups:propose_step", ("second",), then=fill_in(for_whom="À 20 $"), status=422
    ),
    "propose, meetings": Place("writing", "groups:propose_step", ("third",)),
    "propose, facilitating": Place("writing", "groups:propose_step", ("fourth",)),
    "propose, charter": Place("writing", "groups:propose_step", ("fifth",)),
    "propose, check, before an account": Place("writing", "groups:propose_check"),
    "propose, check": Place("ready to send", "groups:propose_check"),
    "my space, proposals": Place("proposer", "my_space"),
    "propose, from a sheet": Place("beginning from a list", "groups:propose_step", ("first",)),
    "proposal": Place("proposer", "groups:proposal", ("pid",)),
    "proposal, question": Place("proposer", "groups:proposal", ("asked",)),
    "proposal, question, error": Place("proposer", "groups:proposal", ("asked",), then=send_empty, status=422),
    "proposal, accepted": Place("proposer", "groups:proposal", ("accepted",)),
    "proposal, not kept": Place("proposer", "groups:proposal", ("declined",)),
    "agenda": Place("ines", "meetings:agenda", ("gid",)),
    "my meetings": Place("malik", "meetings:mine"),
    "my meetings, none": Place("pending", "meetings:mine"),
    "my calendar": Place("ines", "meetings:calendar"),
    "my calendar, an address": Place("malik", "meetings:calendar"),
    "my calendar, in no group": Place("pending", "meetings:calendar"),
    "agenda, none": Place("alone", "meetings:agenda", ("young",)),
    "meeting": Place("malik", "meetings:meeting", ("gid", "mid")),
    "meeting, for who facilitates": Place("ines", "meetings:meeting", ("gid", "mid")),
    "meeting, open": Place("malik", "meetings:meeting", ("gid", "now")),
    "meeting, full": Place("ines", "meetings:meeting", ("gid", "full meeting")),
    "meeting, on the waiting list": Place("malik", "meetings:meeting", ("gid", "full meeting")),
    "meeting, called off": Place("malik", "meetings:meeting", ("gid", "cancelled")),
    "meeting, over": Place("malik", "meetings:meeting", ("gid", "over")),
    "round, not open": Place("malik", "meetings:speaking_round", ("gid", "mid")),
    "round, to open": Place("ines", "meetings:speaking_round", ("gid", "now")),
    "rotation": Place("malik", "meetings:rotation", ("gid",)),
    "rotation, for who arranges": Place("ines", "meetings:rotation", ("gid",)),
    "rotation, nothing planned": Place("alone", "meetings:rotation", ("young",)),
    "looking for a date": Place("malik", "meetings:availability", ("gid",)),
    "looking for a date, for who arranges": Place("ines", "meetings:availability", ("gid",)),
    "looking for a date, none": Place("alone", "meetings:availability", ("young",)),
    "guide": Place("malik", "meetings:guide", ("gid",)),
    "schedule": Place("ines", "meetings:schedule", ("gid",)),
    "schedule, error": Place("ines", "meetings:schedule", ("gid",), then=send_empty, status=422),
    "rhythm": Place("ines", "meetings:schedule", ("gid",), then=fill_in(**SCHEDULE)),
    "rhythm, error": Place(
        "ines", "meetings:schedule", ("gid",), then=(fill_in(**SCHEDULE), fill_in(until="hier")), status=422
    ),
    "check": Place("ines", "meetings:schedule", ("gid",), then=(fill_in(**CHRISTMAS), fill_in())),
    "check, error": Place(
        "ines", "meetings:schedule", ("gid",), then=(fill_in(**SCHEDULE), fill_in(), untick), status=422
    ),
    "place": Place("ines", "meetings:schedule", ("gid",), then=(fill_in(**SCHEDULE), fill_in(), fill_in())),
    "place, error": Place(
        "ines",
        "meetings:schedule",
        ("gid",),
        then=(fill_in(**SCHEDULE), fill_in(), fill_in(), fill_in(link="javascript:alert(1)")),
        status=422,
    ),
    "change": Place("ines", "meetings:change", ("gid", "mid")),
    "change, error": Place("ines", "meetings:change", ("gid", "mid"), then=fill_in(ends="1 h"), status=422),
    "change, following": Place("ines", "meetings:change_following", ("gid", "mid")),
    "check, following": Place("ines", "meetings:change_following", ("gid", "mid"), then=(fill_in(), fill_in())),
    "meeting, moved": Place("malik", "meetings:meeting", ("gid", "moved")),
    "refused": Place("malik", "meetings:schedule", ("gid",), status=403),
}
OF_STAFF = {
    "queue": Place("staff", "groups:queue"),
    "review": Place("staff", "groups:review", ("pid",)),
    "review, asked": Place("staff", "groups:review", ("asked",)),
    "review, second look": Place("staff", "groups:review", ("refused",)),
    "review, answered": Place("staff", "groups:review", ("declined",)),
    "accept": Place("staff", "groups:accept", ("pid",)),
    "accept, error": Place("staff", "groups:accept", ("pid",), then=send_empty, status=422),
    "ask": Place("staff", "groups:ask", ("pid",)),
    "ask, preview": Place("staff", "groups:ask", ("pid",), then=fill_in(text="Bonjour. Qui peut venir?")),
    "decline": Place("staff", "groups:decline", ("pid",)),
    "log": Place("staff", "groups:log"),
    "helplines": Place("staff", "helplines"),
    "helpline": Place("staff", "helpline", ("hid",)),
    "helpline, new": Place("staff", "helpline_add"),
    "helpline, error": Place("staff", "helpline_add", then=send_empty, status=422),
    "second factor": Place("new staff", "mfa_index"),
    "second factor, start": Place("new staff", "mfa_activate_totp"),
    "second factor, asked": Place("staff signing in", "mfa_authenticate"),
}
PAGES = PUBLIC | OF_MEMBERS | OF_STAFF
MEMBER_PAGES = [name for name, place in PAGES.items() if place.values and place.who and place.who != "staff"]


@dataclass
class Village:
    people: dict
    values: dict
    clients: dict = field(default_factory=dict)

    def address(self, place, language="fr"):
        if place.route.startswith("/"):
            return place.route if language == "fr" else f"/{language}{place.route}"
        with translation.override(language):
            return reverse(place.route, args=[self.values[name] for name in place.values]) + place.query.format(
                **self.values
            )

    def client_of(self, who):
        """In which this person has come as far as their pages ask."""
        if who not in self.clients:
            self.clients[who] = client = Client()
            if who:
                _BEGIN.get(who, _signed_in)(client, self.people.get(who), self)
        return self.clients[who]

    def cookie_of(self, who, site):
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": self.client_of(who).cookies[name].value, "url": site, "httpOnly": True}


def _signed_in(client, member, village):
    makers.sign_in(client, member, second_factor=member.is_staff)


def _signed_in_twice(client, member, village):
    """On a telephone of their own too, in the way of members/adapter.py."""
    telephone = Client()
    makers.sign_in(telephone, member)
    session = telephone.session
    note_sign_in(session, "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", is_personal=True)
    session.save()
    makers.sign_in(client, member)


def _joining(client, member, village):
    makers.sign_in(client, member)
    for name in ("gid", "gate", "full"):
        group = {"gid": village.values[name]}
        client.post(reverse("groups:join", kwargs=group), {"name": "Pont suspendu"})
        client.post(reverse("groups:join_charter", kwargs=group), makers.AGREE)


def _signing_in(client, member, village):
    client.post(reverse("account_login"), {"login": member.email})


def _signing_up(client, member, village):
    client.post(reverse("account_signup"), {"email": "nouvelle@people.example"})


def _moving(client, member, village):
    _asking_for_an_address(client, member, village)
    client.post(reverse("account_email_code"), {"code": code_for(member.email)})


def _asking_for_an_address(client, member, village):
    makers.sign_in(client, member)
    client.post(reverse("account_email"), {"email": "ailleurs@people.example"})


def _going(client, member, village):
    makers.sign_in(client, member)
    client.post(reverse("erase"), {"stories": "keep"})


def _at_the_second_factor(client, member, village):
    _signing_in(client, member, village)
    code = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    client.post(reverse("account_confirm_login_code"), {"code": code})


def _writing(client, member, village):
    write(client)


def _ready_to_send(client, member, village):
    makers.sign_in(client, member)
    write(client)


def _beginning_from_a_list(client, member, village):
    client.get(reverse("groups:propose"), {"from": AWAITING})


_BEGIN = {
    "beginning from a list": _beginning_from_a_list,
    "writing": _writing,
    "ready to send": _ready_to_send,
    "ines": _signed_in_twice,
    "pending": _joining,
    "signing in": _signing_in,
    "signing up": _signing_up,
    "asking": _asking_for_an_address,
    "moving": _moving,
    "going": _going,
    "staff signing in": _at_the_second_factor,
}


def make_village():
    circle = makers.make_circle()
    group = circle.group
    names = ("pending", "alone", "proposer", "reader", "ready to send", "third", "fourth")
    people = {name: makers.make_member(name.replace(" ", "-")) for name in names}
    people |= {"malik": circle.malik, "ines": circle.ines}
    people |= {
        "signing in": people["reader"],
        "asking": people["reader"],
        "moving": people["reader"],
        "going": people["proposer"],
    }
    for name in ("staff", "new staff", "staff signing in"):
        people[name] = makers.make_member(name.replace(" ", "-"), is_staff=True)
    makers.give_second_factor(people["staff"])
    makers.give_second_factor(people["staff signing in"])
    young = makers.make_group(people["alone"], "Tilleul", name=LONG)
    own = makers.make_story(circle.ines, group, title=TITLE, feelings=["hope"], opened_to_later=True)
    noted = makers.make_story(circle.ines, group, title=NOTED, note="suicide")
    makers.make_story(circle.malik, group, title="Moi aussi", answers=circle.story.pk, came_through=True)
    makers.keep_draft(circle.ines, group, title="Ce que le fleuve emporte")
    values = {"gid": group.pk, "slug": group.slug, "young": young.pk, "sid": own.pk, "noted": noted.pk}
    values["answered"] = circle.story.pk
    values |= {"hid": Helpline.objects.first().pk, "awaiting": AWAITING}
    values["help"] = makers.put_on_shelf(circle.ines, group, "Quand la nuit est longue, je compte les fenêtres.")
    makers.put_on_shelf(circle.malik, group, "Je marche jusqu’au pont, et je reviens.")
    values["note"], step = makers.write_in_notebook(circle.ines, f"{LONG}, et le reste.", ["hope", "fatigue", "shame"])
    makers.write_in_notebook(circle.ines, "Les volets ouverts.", ["hope"], today() - timedelta(days=45))
    with makers.as_person(circle.ines):
        notebook.mark_step(circle.ines, step, done=True)
    lists.list_one("Les jeudis du port", slug=AWAITING)
    for name in ("third", "fourth"):
        makers.join(people[name], group, f"Osier {name}")
    values["token"] = _mails(circle, people)
    values |= _meetings(circle, people["third"]) | _doors(people) | _proposals(people["proposer"], people["staff"])
    return Village(people, values | _decisions(circle, people))


def _mails(circle, people):
    """One who gets every kind, one whose address was refused, one who chose long ago."""
    people |= {"refused": people["third"], "asked after half a year": people["fourth"]}
    long_ago = {"day_before": True, "asked_on": today() - timedelta(days=250)}
    refused = {"two_hours": True, "address_refused": True}
    every = {"day_before": True, "two_hours": True, "changes": True}
    for member, columns in ((circle.malik, every), (people["third"], refused), (people["fourth"], long_ago)):
        with makers.as_person(member):
            own_memberships(member).update(**columns)
    return makers.stop_token(circle.malik, circle.group)


def _proposals(proposer, staff):
    """One of each state; and the numbers of the pages on which one is written."""
    names = {"pid": "Les mains dans la terre", "asked": LONG, "accepted": "Un banc au soleil", "declined": "Le marché"}
    names["refused"] = "La boutique"
    additions = ["On peut rester sans parler et désherber."]
    found = {
        key: makers.make_proposal(proposer, name=name, hopes="Le samedi.", charter_additions=additions)
        for key, name in names.items()
    }
    other = makers.make_member("noor", is_staff=True)
    answered("ask", found["asked"], staff, "Bonjour. Qui peut venir?")
    answered("accept", found["accepted"], staff)
    decline(found["declined"], other, staff)
    answered("suggest_no", found["refused"], other, "Bonjour. Le groupe vend quelque chose.")
    steps = {name: number for number, name in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
    return steps | {key: proposal.pk for key, proposal in found.items()}


def _doors(people):
    """A group in which one asks, and a full one: with somebody before each door."""
    for name in ("waiting", "expected", "in line"):
        people[name] = makers.make_member(name.replace(" ", "-"))
    gate = makers.make_group(people["alone"], "Tilleul", name="Les mardis lents", joining="welcome")
    full = makers.make_group(people["alone"], "Tilleul", name="Deux chaises", size_min=2, size_max=2)
    makers.join(people["reader"], full, "Pré long")
    for name, group in (("expected", gate), ("waiting", gate), ("in line", full)):
        makers.ask(people[name], group, "Roseau" if name == "expected" else "Pont tournant")
    makers.welcome(people["alone"], gate, people["expected"])
    return {"gate": gate.pk, "full": full.pk, "slug of the gate": gate.slug, "slug of the full one": full.slug}


def _decisions(circle, people):
    """One that is open, one that was sent back, an exclusion that is open and one that waits for a second person."""
    group = circle.group
    ids = {}
    for name in ("third", "fourth"):
        with makers.as_person(people[name]):
            ids[name] = enter_group(people[name], group.pk).membership.pk
    opened = makers.make_decision(circle.ines, group)
    returned = makers.make_decision(circle.ines, group, "joining", change={"joining": "welcome"})
    with makers.as_person(circle.malik):
        inside = enter_group(circle.malik, group.pk)
        deciding.take_position(inside, opened, "concern", "Et si nous attendions le printemps ?")
        deciding.take_position(inside, returned, "object", "Je tiens à la porte ouverte.")
    two = {"about": ids["third"], "second": ids["fourth"]}
    exclusion = makers.make_decision(circle.ines, group, "exclusion", **two)
    waiting = makers.make_decision(circle.malik, group, "exclusion", **two)
    with makers.as_person(people["fourth"]):
        deciding.stand_for(enter_group(people["fourth"], group.pk), exclusion, makers.WHY)
    return {"dec": opened.pk, "returned": returned.pk, "exclusion": exclusion.pk, "waiting": waiting.pk}


def _meetings(circle, third):
    """One to come, one whose door is open, one called off, one that is over, one that is full."""
    now, hour = timezone.now(), timedelta(hours=1)
    with makers.as_person(circle.ines):
        first, current, cancelled, over, moved, full = Meeting.objects.filter(group=circle.group).upcoming()[:6]
        Meeting.objects.filter(pk=full.pk).update(seats=1)
        for meeting, starts in ((current, now - hour / 2), (over, now - 5 * hour)):
            Meeting.objects.filter(pk=meeting.pk).update(**makers.times_of(starts, minutes=120))
        inside = enter_group(circle.ines, circle.group.pk)
        exceptions.cancel(inside, cancelled, version=1)
        words = exceptions.words_now(inside, moved)
        exceptions.change(inside, moved, words | {"on": words["on"] + timedelta(days=1)}, version=1)
    for member in (third, circle.malik):
        with makers.as_person(member):
            coming.say(enter_group(member, circle.group.pk), full, True)
    makers.take_calendar_address(circle.malik)
    makers.propose_date(circle.ines, circle.group)
    ids = {"full meeting": full, "mid": first, "now": current, "cancelled": cancelled, "over": over, "moved": moved}
    return {name: meeting.pk for name, meeting in ids.items()}


def broken_page():
    """What Django or the server in front of it sends when nothing else works (entraide/copies.py)."""
    return copies.error_page(500)
