"""Every address of the site × every kind of person × every method. An address that is not listed here fails.

A real secret lies behind each door first: `test_the_secrets_are_really_there` shows that an insider finds them.
"""

from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from members.devices import open_devices
from members.models import Helpline
from tests import makers, pages

PUBLIC, ACCOUNT, SIGNED_IN, ENTRY, INSIDE, AUTHOR, FACILITATOR, OWN_PROPOSAL, STAFF, LEAVING, READER = range(11)
OWN_DEVICE, ENDING, OWN_NOTE = 11, 12, 13
BEHIND_A_DOOR = (INSIDE, READER, AUTHOR, FACILITATOR)

# route name -> (who may pass, the methods it answers to)
READ, ACT, BOTH = ("GET",), ("POST",), ("GET", "POST")
ROUTES = {
    "landing": (PUBLIC, READ),
    "help_now": (PUBLIC, READ),
    "how": (PUBLIC, READ),
    "charter": (PUBLIC, READ),
    "about": (PUBLIC, READ),
    "safety": (PUBLIC, READ),
    "privacy": (PUBLIC, READ),
    "accessibility": (PUBLIC, READ),
    "aide": (PUBLIC, READ),
    "quitter": (PUBLIC, READ),
    "charte": (PUBLIC, READ),
    "groupes": (PUBLIC, READ),
    "healthz": (PUBLIC, READ),
    "mail_health": (PUBLIC, READ),
    "meetings_json": (PUBLIC, READ),
    "exit": (PUBLIC, BOTH),
    "groups:directory": (PUBLIC, READ),
    "groups:sheet": (PUBLIC, READ),
    "groups:left": (PUBLIC, READ),
    "erased": (PUBLIC, READ),
    "my_space": (SIGNED_IN, READ),
    "theme": (SIGNED_IN, ACT),
    "devices": (SIGNED_IN, READ),
    "this_device": (SIGNED_IN, ACT),
    "close_device": (OWN_DEVICE, ACT),
    "close_other_devices": (SIGNED_IN, ACT),
    "close_every_device": (ENDING, ACT),
    "signed_out": (PUBLIC, READ),
    "signed_out_everywhere": (PUBLIC, READ),
    "erase": (SIGNED_IN, BOTH),
    "erase_code": (SIGNED_IN, BOTH),
    "groups:propose": (PUBLIC, READ),
    "groups:propose_step": (PUBLIC, BOTH),
    "groups:propose_check": (PUBLIC, BOTH),
    "groups:erase_draft": (PUBLIC, ACT),
    "groups:proposal": (OWN_PROPOSAL, READ),
    "groups:answer": (OWN_PROPOSAL, ACT),
    "groups:change_proposal": (OWN_PROPOSAL, ACT),
    "groups:propose_again": (OWN_PROPOSAL, ACT),
    "groups:notebook": (SIGNED_IN, READ),
    "groups:note_add": (SIGNED_IN, BOTH),
    "groups:feelings": (SIGNED_IN, READ),
    "groups:steps": (SIGNED_IN, BOTH),
    "groups:step_mark": (OWN_NOTE, ACT),
    "groups:step_erase": (OWN_NOTE, ACT),
    "groups:notebook_note": (OWN_NOTE, READ),
    "groups:note_change": (OWN_NOTE, BOTH),
    "groups:note_erase": (OWN_NOTE, ACT),
    "groups:note_tell": (OWN_NOTE, BOTH),
    "helplines": (STAFF, READ),
    "helpline": (STAFF, BOTH),
    "helpline_add": (STAFF, BOTH),
    "helpline_remove": (STAFF, ACT),
    "groups:queue": (STAFF, READ),
    "groups:review": (STAFF, READ),
    "groups:log": (STAFF, READ),
    "groups:take": (STAFF, ACT),
    "groups:let_go": (STAFF, ACT),
    "groups:note": (STAFF, ACT),
    "groups:accept": (STAFF, BOTH),
    "groups:ask": (STAFF, BOTH),
    "groups:decline": (STAFF, BOTH),
    "groups:confirm_no": (STAFF, ACT),
    "groups:give_back": (STAFF, ACT),
    "groups:join": (ENTRY, BOTH),
    "groups:join_charter": (ENTRY, BOTH),
    "groups:join_reminders": (ENTRY, BOTH),
    "groups:request": (ENTRY, BOTH),
    "groups:welcome": (INSIDE, BOTH),
    "group_home": (INSIDE, READ),
    "groups:stories": (INSIDE, READ),
    "groups:story": (INSIDE, READ),
    "groups:write": (INSIDE, BOTH),
    "groups:preview": (INSIDE, ACT),
    "groups:share": (INSIDE, ACT),
    "groups:keep_draft": (INSIDE, ACT),
    "groups:erase_story_draft": (INSIDE, ACT),
    "groups:own_stories": (SIGNED_IN, READ),
    "groups:resonance": (READER, ACT),
    "groups:leave": (LEAVING, BOTH),
    "groups:facilitation": (INSIDE, READ),
    "groups:volunteer": (INSIDE, ACT),
    "groups:stop_facilitating": (INSIDE, ACT),
    "groups:hand_over": (FACILITATOR, ACT),
    "groups:answer_hand_over": (INSIDE, ACT),
    "groups:accept_charter": (INSIDE, BOTH),
    "groups:echo": (INSIDE, BOTH),
    "groups:shelf": (INSIDE, READ),
    "groups:shelf_add": (INSIDE, BOTH),
    "groups:shelf_change": (AUTHOR, BOTH),
    "groups:shelf_take_away": (AUTHOR, ACT),
    "groups:decisions": (INSIDE, READ),
    "groups:decide": (INSIDE, BOTH),
    "groups:decision": (INSIDE, READ),
    "groups:position": (INSIDE, ACT),
    "groups:second": (INSIDE, ACT),
    "groups:withdraw_decision": (AUTHOR, ACT),
    "groups:edit": (AUTHOR, BOTH),
    "groups:withdraw": (AUTHOR, ACT),
    "meetings:mine": (SIGNED_IN, READ),
    "meetings:agenda": (INSIDE, READ),
    "meetings:meeting": (INSIDE, READ),
    "meetings:enter": (INSIDE, READ),
    "meetings:reply": (INSIDE, ACT),
    "meetings:calendar_file": (INSIDE, READ),
    "meetings:calendar": (SIGNED_IN, BOTH),
    "meetings:give_up_calendar": (SIGNED_IN, ACT),
    "meetings:feed": (PUBLIC, READ),  # to whoever knows the address
    "meetings:reminders": (SIGNED_IN, BOTH),
    "meetings:standing": (STAFF, READ),
    "meetings:stop_everything": (SIGNED_IN, ACT),
    "meetings:still_good": (SIGNED_IN, ACT),
    "stop_reminders": (PUBLIC, BOTH),  # whoever knows the token stops the mails in which it stands
    "meetings:change": (FACILITATOR, BOTH),
    "meetings:change_following": (FACILITATOR, READ),
    "meetings:cancel": (FACILITATOR, ACT),
    "meetings:cancel_following": (FACILITATOR, ACT),
    "meetings:schedule": (FACILITATOR, BOTH),
    "meetings:rhythm": (FACILITATOR, ACT),
    "meetings:check": (FACILITATOR, ACT),
    "meetings:place": (FACILITATOR, ACT),
    "meetings:confirm": (FACILITATOR, ACT),
    "meetings:availability": (INSIDE, BOTH),
    "meetings:propose_date": (FACILITATOR, ACT),
    "meetings:take_date_away": (FACILITATOR, ACT),
    "meetings:speaking_round": (INSIDE, READ),
    "meetings:open_round": (INSIDE, ACT),
    "meetings:sit_down": (INSIDE, ACT),
    "meetings:end_turn": (INSIDE, ACT),
    "meetings:go_round": (INSIDE, ACT),
    "meetings:stand_up": (INSIDE, ACT),
    "meetings:last_words": (INSIDE, ACT),
    "meetings:close_round": (INSIDE, ACT),
    "meetings:rotation": (INSIDE, READ),
    "meetings:guide": (INSIDE, READ),
    "meetings:pass_hosting": (INSIDE, ACT),
    "meetings:host": (INSIDE, ACT),
    "meetings:unhost": (INSIDE, ACT),
    # django-allauth's own pages: they hold nothing of any group, which is what is checked of them
    "account_login": (ACCOUNT, BOTH),
    "account_request_login_code": (ACCOUNT, BOTH),
    "account_confirm_login_code": (ACCOUNT, BOTH),
    "account_signup": (ACCOUNT, BOTH),
    "account_email_verification_sent": (ACCOUNT, BOTH),
    "account_logout": (ACCOUNT, BOTH),
    "account_inactive": (ACCOUNT, BOTH),
    "account_email": (ACCOUNT, BOTH),
    "account_email_code": (ACCOUNT, BOTH),
    "account_email_cancel": (ACCOUNT, ACT),
    "mfa_index": (ACCOUNT, BOTH),
    "mfa_authenticate": (ACCOUNT, BOTH),
    "mfa_reauthenticate": (ACCOUNT, BOTH),
    "mfa_activate_totp": (ACCOUNT, BOTH),
    "mfa_deactivate_totp": (ACCOUNT, BOTH),
    "mfa_view_recovery_codes": (ACCOUNT, BOTH),
    "mfa_generate_recovery_codes": (ACCOUNT, BOTH),
    "mfa_download_recovery_codes": (ACCOUNT, BOTH),
}
HELP = "Je compte les fenêtres allumées"
NOTE = "Le banc sous l’érable"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OUTSIDERS = ("visitor", "pending", "neighbour", "former", "staff", "superuser")
INSIDERS = ("member", "facilitator", "author")  # the author last: what they withdraw is gone for all
SECRETS = (
    makers.STORY,
    "Gué bleu",
    "Phare vert",
    "Quai neuf",
    makers.PLACE,
    makers.LINK,
    "La longue route",
    makers.WHY,
    "Pont tournant",
    NOTE,
    HELP,
)
_OWN = {"proposer": {NOTE}}


def every_route():
    def walk(resolver, prefix=""):
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
            elif isinstance(entry, URLPattern):
                yield f"{prefix}{entry.name}"

    return sorted(set(walk(get_resolver())))


@dataclass
class Scene:
    people: dict
    values: dict
    browsers: dict = field(default_factory=dict)

    def address(self, route, **other_values):
        values = {**self.values, **other_values}
        pattern = next(iter(get_resolver().reverse_dict.getlist(route)), None) if ":" not in route else None
        names = _argument_names(route) if pattern is None else pattern[0][0][1]
        return reverse(route, kwargs={name: values[name] for name in names})

    def ask(self, person, method, address):
        cache.clear()  # a few thousand visits from one address are no attack here
        if self.people[person] is None:
            return Client().generic(method, address)
        if person not in self.browsers:
            self.browsers[person] = Client()
            makers.sign_in(self.browsers[person], self.people[person], second_factor=person in ("staff", "superuser"))
        return self.browsers[person].generic(method, address)


def _argument_names(route):
    namespace, _, name = route.rpartition(":")
    resolver = get_resolver()
    for entry in namespace.split(":"):
        resolver = resolver.namespace_dict[entry][1]
    return resolver.reverse_dict.getlist(name)[0][0][0][1]


@pytest.fixture(scope="module")
def whole_scene(django_db_setup, django_db_blocker):
    """Made once: a few thousand requests look at it, each set inside a savepoint of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _make_scene()
        transaction.set_rollback(True)


@pytest.fixture
def scene(whole_scene):
    with transaction.atomic():
        yield replace(whole_scene, values=dict(whole_scene.values), browsers={})
        transaction.set_rollback(True)


def _make_scene():
    circle = makers.make_circle(joining="welcome")
    group = circle.group
    people = {name: makers.make_member(name) for name in ("pending", "neighbour", "reader", "proposer")}
    people |= {"staff": makers.make_member("staff", is_staff=True)}
    people |= {"superuser": makers.make_member("root", is_staff=True, is_superuser=True)}
    makers.make_group(people["neighbour"], "Tilleul", name="Les jours gris")
    makers.join_by_welcome(people["reader"], group, "Quai neuf", circle.ines)
    makers.ask(people["pending"], group, "Roseau")
    makers.ask(makers.make_member("asker"), group, "Pont tournant")
    story = makers.make_story(circle.malik, group, title="La longue route")
    proposal = makers.make_proposal(people["proposer"], name="Les mains dans la terre")
    people |= {"visitor": None, "former": circle.sofia, "member": people["reader"]}
    people |= {"author": circle.malik, "facilitator": circle.ines}
    values = {"gid": group.pk, "sid": story.pk, "mid": circle.meeting.pk, "slug": group.slug, "pid": proposal.pk}
    values |= {"dec": makers.make_decision(circle.malik, group).pk}
    values |= {"hid": Helpline.objects.first().pk, "step": 1, "did": _left_open_elsewhere(people["proposer"])}
    values["aid"] = makers.propose_date(circle.ines, group).pk
    values["secret"] = makers.take_calendar_address(circle.malik)
    values["token"] = makers.stop_token(circle.malik, group)
    values["kid"] = makers.put_on_shelf(circle.malik, group, HELP)
    values["nid"], values["tid"] = makers.write_in_notebook(people["proposer"], NOTE)
    return Scene(people, values)


def _left_open_elsewhere(member):
    makers.sign_in(Client(), member)
    [device] = open_devices(member, here="")
    return device.handle


def test_every_address_is_classified():
    assert every_route() == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_every_person_meets_the_right_door(scene, route):
    audience, methods = ROUTES[route]
    address = scene.address(route)

    for person in (*OUTSIDERS, *INSIDERS, "proposer"):
        for method in METHODS:
            response = scene.ask(person, method, address)

            allowed = method in methods or (method == "HEAD" and "GET" in methods)
            wanted = _expected(audience, person, allowed, method)
            assert response.status_code in wanted, f"{person} {method} {address}: {response.status_code}, not {wanted}"
            if person not in INSIDERS:
                _tells_nothing(response, f"{person} {method} {address}", _OWN.get(person, ()))
            elif NOTE in response.content.decode():
                raise AssertionError(f"{person} {method} {address} tells a note of somebody else")


def _expected(audience, person, allowed, method):
    if audience == ACCOUNT:
        return {200, 302, 403, 404, 405, 422}
    if person == "visitor" and audience != PUBLIC:
        return {302}
    if audience == ENDING:  # whoever has sent it is a visitor from then on
        return {302} if allowed else {302, 405}
    if not allowed:
        return {405} if not (audience == STAFF and person not in ("staff", "superuser")) else {404, 405}
    passes = {
        PUBLIC: True,
        SIGNED_IN: True,
        ENTRY: True,
        INSIDE: person in INSIDERS,
        READER: person in ("member", "facilitator"),  # nobody says it of their own story
        LEAVING: person in INSIDERS or method == "POST",  # who is not inside reads that they are out
        AUTHOR: person == "author",
        FACILITATOR: person == "facilitator",
        OWN_PROPOSAL: person == "proposer",
        OWN_DEVICE: person == "proposer",
        OWN_NOTE: person == "proposer",
        STAFF: person in ("staff", "superuser"),
    }[audience]
    if passes:
        return {200, 302, 303, 422}
    return {403} if audience in (AUTHOR, FACILITATOR) and person in INSIDERS else {404}


def _tells_nothing(response, what, but=()):
    shown = response.content.decode() + str(response.headers)
    for secret in {*SECRETS} - {*but}:
        assert secret not in shown, f"{what} tells {secret}"


def test_the_secrets_are_really_there(scene):
    seen = ""
    insiders = (
        "groups:stories",
        "groups:story",
        "groups:decision",
        "groups:shelf",
        "groups:welcome",
        "meetings:meeting",
    )
    for route in ("group_home", *insiders, "my_space"):
        seen += scene.ask("author", "GET", scene.address(route)).content.decode()
    seen += scene.ask("facilitator", "GET", scene.address("my_space")).content.decode()
    seen += scene.ask("member", "GET", scene.address("my_space")).content.decode()
    seen += scene.ask("proposer", "GET", scene.address("groups:notebook")).content.decode()

    for secret in set(SECRETS) - {makers.LINK}:  # the link never stands in any page
        assert secret in seen, f"{secret} is behind no door: the matrix would prove nothing"


@pytest.mark.parametrize(
    "route", [name for name, (who, _) in ROUTES.items() if who in (INSIDE, READER, AUTHOR, FACILITATOR)]
)
@pytest.mark.parametrize("person", [person for person in OUTSIDERS if person != "visitor"])
def test_a_foreign_group_answers_as_one_that_never_was(scene, route, person):
    method = ROUTES[route][1][0]
    never = {name: uuid4() for name in ("gid", "sid", "mid", "kid", "dec", "aid")}
    foreign, missing = scene.address(route), scene.address(route, **never)

    scene.ask(person, "GET", "/left/")  # the first page signs in
    answers, costs = [], []
    for address in (foreign, missing):
        with CaptureQueriesContext(connection) as asked:
            answers.append(scene.ask(person, method, address))
        costs.append(len(asked))

    assert [answer.status_code for answer in answers] == [404, 404]
    assert pages.fingerprint(answers[0]) == pages.fingerprint(answers[1])
    assert costs[0] == costs[1]
