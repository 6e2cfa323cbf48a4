"""Four positions, none of them counted; an objection sends a proposal back; whoever comes and goes meanwhile."""

import re

import pytest

from groups.confidentiality import enter_group, words_on
from groups.models import Decision, Position
from tests import makers
from tests.groups.consent import REASON, exclusion, let_days_pass, outcome, propose, say, sheet
from tests.makers import WHY, as_person, as_superuser
from tests.pages import error_beside, in_french, typed, words_of

LATE = "This decision was closed meanwhile. Your answer was not kept."


# --- Positions --------------------------------------------------------------------------------------------------------


def test_none_of_the_four_positions_is_preselected_and_the_rule_is_spelled_out(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)

    shown = visit(village.malik).get(f"{page}{decision.pk}/")

    assert (
        len(re.findall(r'type="radio"[^>]*name="stance"|name="stance"[^>]*type="radio"', shown.content.decode())) == 4
    )
    assert "checked" not in shown.content.decode()
    for label in ("I agree", "I let the group decide", "I have a concern", "I object"):
        assert in_french(label) in words_of(shown)


@pytest.mark.parametrize("stance", ["agree", "aside", "concern", "object"])
def test_a_position_is_kept_and_said_back(village, visit, page, stance):
    decision = makers.make_decision(village.ines, village.group)
    browser = visit(village.malik)

    kept = say(browser, page, decision, stance, REASON)

    assert kept.status_code == 302
    shown = words_of(browser.get(kept.url))
    assert (REASON in shown) == (stance in ("concern", "object"))
    assert outcome(decision) == ("returned" if stance == "object" else "open")


@pytest.mark.parametrize("stance", ["concern", "object"])
def test_a_concern_and_an_objection_come_with_their_reason(village, visit, page, stance):
    decision = makers.make_decision(village.ines, village.group)

    refused = say(visit(village.malik), page, decision, stance)

    assert refused.status_code == 422
    said = "Say in one sentence what holds you back, so that the group can look for a way."
    assert error_beside(refused, "reason") == in_french(said)
    assert outcome(decision) == "open"


@pytest.mark.parametrize("stance", ["", "propose", "side", "yes"])
def test_there_is_no_fifth_position(village, visit, page, stance):
    decision = makers.make_decision(village.ines, village.group)

    refused = say(visit(village.malik), page, decision, stance, REASON)

    assert refused.status_code == 422 and refused.context["form"].errors["stance"]


def test_a_position_changes_until_the_last_day_and_is_one(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    browser = visit(village.malik)
    say(browser, page, decision, "concern", REASON)

    say(browser, page, decision, "aside")

    assert as_superuser("select stance from groups_position where stance <> 'propose'") == [("aside",)]
    shown = words_of(browser.get(f"{page}{decision.pk}/"))
    assert REASON not in shown
    assert in_french("Your position: %(position)s.", position=in_french("I let the group decide")) in shown


def test_nobody_sees_who_agrees_who_lets_decide_and_who_is_silent(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    say(visit(village.malik), page, decision, "agree")

    shown = words_of(visit(village.lea).get(f"{page}{decision.pk}/"))

    assert "Gué bleu" not in shown and "Bouleau" not in shown and "Phare vert" in shown
    with as_person(village.lea):
        assert set(Position.objects.values_list("stance", flat=True)) == {"propose"}


def test_an_objection_sends_it_back_at_once_with_its_reason_and_another_version_can_follow(village, visit, page):
    decision = makers.make_decision(village.ines, village.group, change={"name": "Deux soirs"})

    say(visit(village.malik), page, decision, "object", REASON)
    shown = visit(village.lea).get(f"{page}{decision.pk}/")

    assert REASON in words_of(shown) and "Gué bleu" in words_of(shown)
    assert in_french("Back to discussion: somebody objects, and says why.") in words_of(shown)
    again = visit(village.lea).get(f"{page}new/?what=name&again={decision.pk}")
    assert typed(again, "name") == "Deux soirs"
    assert propose(visit(village.lea), page, "name", name="Deux beaux soirs").status_code == 302
    let_days_pass()
    visit(village.lea).get(page)
    assert sheet(village).name == "Deux beaux soirs"


@pytest.mark.parametrize("stance", ["agree", "object"])
def test_an_answer_after_the_last_day_is_not_kept_and_says_so(village, visit, page, stance):
    decision = makers.make_decision(village.ines, village.group)
    browser = visit(village.malik)
    let_days_pass()

    late = browser.post(f"{page}{decision.pk}/position/", {"stance": stance, "reason": REASON}, follow=True)

    assert in_french(LATE) in words_of(late)
    assert in_french("Adopted: nobody objected. The change is made.") in words_of(late)
    assert as_superuser("select stance from groups_position") == [("propose",)]
    assert sheet(village).name == "Deux soirs"


def test_whoever_proposes_takes_no_position_and_withdraws(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    browser = visit(village.ines)
    assert browser.get(f"{page}{decision.pk}/").context["form"] is None
    assert say(browser, page, decision, "object", REASON).status_code == 302
    assert outcome(decision) == "open"

    assert visit(village.malik).post(f"{page}{decision.pk}/withdraw/").status_code == 403
    browser.post(f"{page}{decision.pk}/withdraw/")
    late = browser.post(f"{page}{decision.pk}/withdraw/", follow=True)

    assert outcome(decision) == "withdrawn"
    assert in_french("This decision was closed meanwhile. Nothing changed.") in words_of(late)
    let_days_pass()
    visit(village.malik).get(page)
    assert sheet(village).name == "Un soir à la fois"


# --- Whoever comes and goes -------------------------------------------------------------------------------------------


def test_what_a_leaver_proposed_stays_without_their_words_and_is_decided(village, visit, page):
    decision = makers.make_decision(village.malik, village.group)
    visit(village.malik).post(f"/g/{village.group.pk}/leave/", {"stories": "withdraw"})

    shown = words_of(visit(village.ines).get(f"{page}{decision.pk}/"))
    assert WHY not in shown and in_french("Proposed by a former member.") in shown
    let_days_pass()
    visit(village.ines).get(page)

    assert sheet(village).name == "Deux soirs"
    assert as_superuser("select count(*) from groups_position") == [(0,)]


def test_the_reason_of_a_leaver_goes_with_them_and_its_effect_stays(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    say(visit(village.malik), page, decision, "object", REASON)

    visit(village.malik).post(f"/g/{village.group.pk}/leave/", {"stories": "keep"})

    shown = words_of(visit(village.ines).get(f"{page}{decision.pk}/"))
    assert outcome(decision) == "returned" and REASON not in shown


def test_whoever_comes_later_decides_with_the_others_and_reads_none_of_the_earlier_words(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    say(visit(village.malik), page, decision, "concern", REASON)
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, village.group, "Osier")

    shown = words_of(visit(newcomer).get(f"{page}{decision.pk}/"))

    assert REASON not in shown and WHY not in shown
    with as_person(newcomer):
        assert not Position.objects.exists()
        inside = enter_group(newcomer, village.group.pk)
        assert not words_on(inside, Decision.objects.get()).exists()
    say(visit(newcomer), page, decision, "object", "Je viens d’arriver.")
    assert outcome(decision) == "returned"


def test_whoever_comes_later_knows_of_no_exclusion(village, visit, page):
    decision = exclusion(village)
    newcomer = makers.make_member("zoe")
    makers.join(newcomer, village.group, "Osier")

    assert visit(newcomer).get(f"{page}{decision.pk}/").status_code == 404
    assert say(visit(newcomer), page, decision, "object", REASON).status_code == 404
    with as_person(newcomer):
        assert not Decision.objects.exists()


def test_an_open_decision_stands_on_the_home_of_the_group_and_nothing_of_it_in_clear(village, visit, page):
    decision = makers.make_decision(village.ines, village.group, change={"name": "Deux soirs"})

    home = visit(village.malik).get(f"/g/{village.group.pk}/").content.decode()

    assert f"{page}{decision.pk}/" in home and in_french("The name of the group") in home
    assert "Deux soirs" not in home
    kept = str(as_superuser("select * from groups_decision, groups_position"))
    assert "Deux soirs" not in kept and "grandi" not in kept


def test_what_does_not_open_any_more_changes_nothing(village, visit, page):
    decision = makers.make_decision(village.ines, village.group)
    as_superuser("update groups_decision set sealed = sealed || 'x'::bytea")
    assert visit(village.malik).get(f"{page}{decision.pk}/").status_code == 200
    let_days_pass()

    assert visit(village.malik).get(page).status_code == 200

    assert outcome(decision) == "lapsed" and sheet(village).name == "Un soir à la fois"
