"""What tests of decisions do again and again."""

from uuid import uuid4

from groups import deciding
from groups.confidentiality import enter_group, enter_group_to_act
from groups.models import Group, Kind
from tests import makers
from tests.makers import WHY, as_person, as_superuser

REASON = "Ce nom me fait peur."


def propose(browser, page, what, **typed_in):
    return browser.post(f"{page}new/?what={what}", {"why": WHY, "days": "7", "key": str(uuid4()), **typed_in})


def say(browser, page, decision, stance, reason=""):
    return browser.post(f"{page}{decision.pk}/position/", {"stance": stance, "reason": reason})


def let_days_pass(days=8):
    as_superuser("update groups_decision set opened_on = opened_on - %s, closes_on = closes_on - %s", days, days)


def outcome(decision):
    return as_superuser("select outcome from groups_decision where id = %s", str(decision.pk))[0][0]


def sheet(village):
    return Group.objects.get(pk=village.group.pk)


def membership(member, group):
    with as_person(member):
        return enter_group(member, group.pk).membership.pk


def exclusion(village, confirmed=True):
    """Of Malik, by Inès and Léa."""
    about, second = (membership(one, village.group) for one in (village.malik, village.lea))
    decision = makers.make_decision(village.ines, village.group, Kind.EXCLUSION, about=about, second=second)
    if confirmed:
        with as_person(village.lea):
            deciding.stand_for(enter_group_to_act(village.lea, village.group.pk), decision, WHY)
    return decision
