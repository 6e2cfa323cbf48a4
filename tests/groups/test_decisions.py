"""What belongs to the group changes by consent: any member proposes it, and when nobody objects it applies itself."""

import re
from uuid import uuid4

import pytest

from entraide.lib.days import today
from groups import deciding, vault
from groups.confidentiality import enter_group, enter_group_to_act, words_on
from groups.models import Decision, Group, Kind, Position, Story
from tests import makers
from tests.makers import WHY, as_person
from tests.pages import error_beside, in_french, typed, words_of
from tests.test_rotation import as_superuser

LATE = "This decision was closed meanwhile. Your answer was not kept."
ONLINE = {"for_whom": "Pour celles et ceux qui veulent arrêter.", "language": "fr", "format": "online", "city": "Alma"}
ONLINE |= {"description": "On s’écoute.", "access": ["captions"], "size_min": 3, "size_max": 9}
REASON = "Ce nom me fait peur."


@pytest.fixture
def village(committed):
    """As `circle`, for real: its days can pass. Léa is a third member, who came last."""
    circle = makers.make_circle()
    circle.lea = makers.make_member("lea")
    makers.join(circle.lea, circle.group, "Bouleau")
    return circle


@pytest.fixture
def page(village):
    return f"/g/{village.group.pk}/decisions/"


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


# --- Each kind ------------------------------------------------------------------------------------------------------


def test_a_name_nobody_objects_to_is_adopted_and_applied_by_the_first_visit(village, visit, page):
    browser = visit(village.malik)
    proposed = propose(browser, page, "name", name="Deux soirs à la fois")
    shown = words_of(browser.get(proposed.url))
    assert in_french("The group would be called “%(name)s”.", name="Deux soirs à la fois") in shown
    assert "Un soir à la fois" in shown and WHY in shown and "Gué bleu" in shown
    let_days_pass(7)
    visit(village.ines).get(page)
    assert sheet(village).name == "Un soir à la fois", "the last day is a whole day"

    let_days_pass(1)
    visit(village.ines).get(f"/g/{village.group.pk}/")

    assert sheet(village).name == "Deux soirs à la fois"
    assert sheet(village).slug == village.group.slug
    assert in_french("Adopted: nobody objected. The change is made.") in words_of(browser.get(page))


def test_the_sheet_changes_as_a_whole(village, visit, page):
    proposed = propose(visit(village.malik), page, "sheet", **ONLINE)
    assert "Sherbrooke" in words_of(visit(village.ines).get(proposed.url))
    let_days_pass()

    visit(village.ines).get(page)

    changed = sheet(village)
    assert (changed.for_whom, changed.description) == (ONLINE["for_whom"], ONLINE["description"])
    assert (changed.format, changed.city, changed.access) == ("online", "", ["captions"])
    assert (changed.size_min, changed.size_max, changed.name) == (3, 9, "Un soir à la fois")


def test_the_way_of_joining_changes(village, visit, page):
    propose(visit(village.malik), page, "joining", joining="welcome")
    let_days_pass()

    visit(village.malik).get(page)

    assert sheet(village).joining == "welcome"


def test_additions_to_the_charter_are_accepted_before_any_story_opens_again(village, visit, page):
    browser, home = visit(village.malik), f"/g/{village.group.pk}/"
    propose(browser, page, "charter", addition_1="On arrive à l’heure.", addition_3="On range la salle.")
    assert browser.get(home).status_code == 200
    let_days_pass()

    shown = browser.get(home)

    assert shown.status_code == 302 and "/charter/" in shown.url
    assert sheet(village).charter_additions == ["On arrive à l’heure.", "On range la salle."]
    assert sheet(village).charter_on == today()
    browser.post(f"{home}charter/", {"agree": "on"})
    assert browser.get(home).status_code == 200


def test_a_closed_group_is_read_for_thirty_days_and_changes_no_more(village, visit, page):
    browser = visit(village.malik)
    propose(browser, page, "closing")
    other = makers.make_decision(village.ines, village.group)
    let_days_pass()

    assert browser.get(page).status_code == 200

    assert (sheet(village).keys_end_on - today()).days == 30
    assert outcome(other) == "lapsed" and sheet(village).name == "Un soir à la fois"
    assert browser.get(f"/g/{village.group.pk}/stories/{village.story.pk}/").status_code == 200
    refused = propose(browser, page, "name", name="Trop tard")
    assert refused.status_code == 422
    assert in_french("The group is closed: nothing of it changes any more.") in words_of(refused)


# --- Proposing ------------------------------------------------------------------------------------------------------


def test_the_form_opens_with_what_is(village, visit, page):
    browser = visit(village.malik)

    name, joining = browser.get(f"{page}new/?what=name"), browser.get(f"{page}new/?what=joining")

    assert typed(name, "name") == "Un soir à la fois" and typed(name, "days") == "7"
    assert joining.context["form"]["joining"].value() == "open"


@pytest.mark.parametrize(
    ("days", "status"), [("2", 422), ("3", 302), ("30", 302), ("31", 422), ("", 422), ("sept", 422)]
)
def test_a_window_lasts_from_three_to_thirty_days(village, visit, page, days, status):
    answer = propose(visit(village.malik), page, "name", name="Deux soirs", days=days)

    assert answer.status_code == status
    if status == 422:
        assert error_beside(answer, "days") == in_french("Write a number of days, from 3 to 30.")


@pytest.mark.parametrize(
    ("what", "answers", "field"),
    [
        ("name", {"name": "Un soir à la fois"}, "__all__"),
        ("name", {"name": ""}, "name"),
        ("name", {"name": "Deux\u202esoirs"}, "name"),
        ("name", {"name": "Deux soirs", "why": ""}, "why"),
        ("sheet", ONLINE | {"format": "both", "city": ""}, "city"),
        ("sheet", ONLINE | {"size_min": "9", "size_max": "3"}, "size_max"),
        ("sheet", ONLINE | {"size_min": "1"}, "size_min"),
        ("joining", {"joining": "never"}, "joining"),
        ("charter", {}, "__all__"),
        ("charter", {"addition_1": "a" * 161}, "addition_1"),
        ("exclusion", {"about": str(uuid4()), "second": ""}, "about"),
    ],
)
def test_what_cannot_be_proposed_is_said_beside_its_field_and_nothing_is_kept(
    village, visit, page, what, answers, field
):
    refused = propose(visit(village.malik), page, what, **answers)

    assert refused.status_code == 422 and field in refused.context["form"].errors
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


@pytest.mark.parametrize(
    "name", ["Lés jours gris", "LES  JOURS GRIS", "Les jοurs gris", "Les-jours-gris", "Ies jours gris"]
)
def test_a_name_that_looks_like_another_groups_is_refused_beside_the_field(village, visit, page, name):
    makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")

    refused = propose(visit(village.malik), page, "name", name=name)

    said = "Another group already has this name, or one that looks like it. Choose another one."
    assert error_beside(refused, "name") == in_french(said)


def test_a_group_may_write_its_own_name_in_another_way(village, visit, page):
    assert propose(visit(village.malik), page, "name", name="Un Soir à la Fois").status_code == 302


def test_a_name_taken_meanwhile_is_not_applied(village, visit, page):
    decision = makers.make_decision(village.malik, village.group, change={"name": "Les jours gris"})
    makers.make_group(makers.make_member("theo"), "Tilleul", name="Les jours gris")
    let_days_pass()

    shown = visit(village.ines).get(page)

    assert outcome(decision) == "lapsed" and sheet(village).name == "Un soir à la fois"
    assert shown.status_code == 200


def test_a_second_proposal_of_a_kind_waits_for_the_first_and_its_words_are_kept(village, visit, page):
    propose(visit(village.malik), page, "name", name="Deux soirs")

    refused = propose(visit(village.ines), page, "name", name="Trois soirs")

    assert refused.status_code == 422 and typed(refused, "name") == "Trois soirs"
    said = "A proposal about this is open already. Answer that one first; yours is not sent."
    assert in_french(said) in words_of(refused)
    assert propose(visit(village.ines), page, "joining", joining="welcome").status_code == 302


def test_the_same_form_twice_is_one_proposal_and_other_words_are_not_lost(village, visit, page):
    browser, same = visit(village.malik), {"key": str(uuid4()), "name": "Deux soirs"}

    first, again = (propose(browser, page, "name", **same) for _ in range(2))

    assert first.status_code == again.status_code == 302 and first.url == again.url
    other = propose(browser, page, "name", **same | {"name": "Trois soirs"})
    assert other.status_code == 422 and typed(other, "name") == "Trois soirs"


# --- Positions ------------------------------------------------------------------------------------------------------


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


# --- Excluding somebody ---------------------------------------------------------------------------------------------


def test_one_member_alone_tells_nobody_and_excludes_nobody(village, visit, page):
    decision = exclusion(village, confirmed=False)

    assert visit(village.malik).get(f"{page}{decision.pk}/").status_code == 404
    assert in_french("Excluding somebody") not in words_of(visit(village.malik).get(f"/g/{village.group.pk}/"))
    assert say(visit(village.malik), page, decision, "agree").status_code == 404
    let_days_pass()
    visit(village.ines).get(page)

    assert membership(village.malik, village.group)
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


def test_the_second_person_says_no_and_nothing_was_ever_there(village, visit, page):
    decision = exclusion(village, confirmed=False)
    assert visit(village.lea).get(f"{page}{decision.pk}/").status_code == 200

    visit(village.lea).post(f"{page}{decision.pk}/withdraw/")

    assert as_superuser("select count(*) from groups_decision") == [(0,)]
    assert as_superuser("select count(*) from groups_position") == [(0,)]


def test_the_second_person_gives_words_of_their_own(village, visit, page):
    decision = exclusion(village, confirmed=False)
    browser = visit(village.lea)

    assert browser.post(f"{page}{decision.pk}/second/", {"why": " "}).status_code == 422
    browser.post(f"{page}{decision.pk}/second/", {"why": "Moi aussi."})
    again = browser.post(f"{page}{decision.pk}/second/", {"why": "Moi aussi."}, follow=True)

    assert again.status_code == 200 and outcome(decision) == "open"
    shown = words_of(visit(village.malik).get(f"{page}{decision.pk}/"))
    assert "Moi aussi." in shown and WHY in shown and "Phare vert" in shown and "Bouleau" in shown


def test_the_person_is_heard_and_does_not_block_alone(village, visit, page):
    decision = exclusion(village)
    assert say(visit(village.malik), page, decision, "object").status_code == 422

    say(visit(village.malik), page, decision, "object", "J’étais malade.")

    assert outcome(decision) == "open"
    assert "J’étais malade." in words_of(visit(village.ines).get(f"{page}{decision.pk}/"))


def test_an_excluded_person_is_out_their_stories_are_destroyed_and_their_name_is_told_nowhere(village, visit, page):
    browser, decision = visit(village.malik), exclusion(village)
    say(browser, page, decision, "side", "J’étais malade.")
    let_days_pass()

    shown = visit(village.ines).get(page)

    assert in_french("Somebody would no longer be in the group.") in words_of(shown)
    assert browser.get(f"/g/{village.group.pk}/").status_code == 404
    assert browser.get(f"/g/{village.group.pk}/stories/{village.story.pk}/").status_code == 404
    told = words_of(visit(village.ines).get(f"{page}{decision.pk}/"))
    assert "Gué bleu" not in told and WHY not in told and "J’étais malade." not in told
    for table in ("groups_story", "groups_storykey", "groups_position"):
        assert as_superuser(f"select count(*) from {table}") == [(0,)], table
    assert as_superuser("select kind, count(*) from groups_journalentry group by 1 order by 1") == [
        ("membership", 2),  # Sofia had left
        ("story", 1),
    ]
    assert visit(village.lea).get(f"/g/{village.group.pk}/").status_code == 200


def test_the_excluded_persons_own_visit_can_be_the_one_that_closes_it(village, visit, page):
    decision = exclusion(village)
    let_days_pass()

    assert visit(village.malik).get(page).status_code == 404

    assert outcome(decision) == "adopted"


def test_an_objection_of_somebody_else_sends_an_exclusion_back_and_its_person_takes_it_off_the_page(
    village, visit, page
):
    yan = makers.make_member("yan")
    makers.join(yan, village.group, "Osier")
    decision = exclusion(village)

    say(visit(yan), page, decision, "object", "Parlons-en d’abord.")
    let_days_pass()
    visit(yan).get(page)

    assert membership(village.malik, village.group) and outcome(decision) == "returned"
    assert "Parlons-en d’abord." in words_of(visit(village.malik).get(f"{page}{decision.pk}/"))
    assert visit(yan).post(f"{page}{decision.pk}/withdraw/").status_code == 403
    visit(village.malik).post(f"{page}{decision.pk}/withdraw/")
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


@pytest.mark.parametrize("who", ["ines", "lea"])
def test_when_one_of_the_two_has_left_nobody_is_excluded(village, visit, page, who):
    exclusion(village)
    visit(getattr(village, who)).post(f"/g/{village.group.pk}/leave/", {"stories": "withdraw"})
    let_days_pass()

    visit(village.malik).get(page)

    assert membership(village.malik, village.group)
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


def test_when_the_person_leaves_by_themselves_the_matter_is_gone(village, visit, page):
    exclusion(village)

    visit(village.malik).post(f"/g/{village.group.pk}/leave/", {"stories": "withdraw"})

    assert as_superuser("select count(*) from groups_decision") == [(0,)]


def test_it_takes_three_members(circle, visit):
    shown = visit(circle.ines).get(f"/g/{circle.group.pk}/decisions/new/?what=exclusion")

    assert in_french("It takes three members at least. The group has fewer for now.") in words_of(shown)


@pytest.mark.parametrize(("about", "second"), [("malik", "malik"), ("ines", "malik"), ("malik", "ines")])
def test_it_takes_two_others_who_are_not_the_same(village, visit, page, about, second):
    about, second = (str(membership(getattr(village, one), village.group)) for one in (about, second))

    refused = propose(visit(village.ines), page, "exclusion", about=about, second=second)

    assert refused.status_code == 422
    assert as_superuser("select count(*) from groups_decision") == [(0,)]


# --- Whoever comes and goes -----------------------------------------------------------------------------------------


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


def test_an_exclusion_counts_no_look_alike_of_its_person_afterwards(village, visit, page):
    """No list of excluded people is kept, not even as a hash: an open group stays open."""
    exclusion(village)
    let_days_pass()
    visit(village.ines).get(page)

    assert as_superuser(
        "select count(*) from groups_membership where member_tag = %s", vault.member_tag(village.malik.pk)
    ) == [(0,)]
    makers.join(village.malik, village.group, "Gué bleu")
    with as_person(village.malik):
        assert not Story.objects.exists()
