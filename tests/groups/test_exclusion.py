"""Nobody is excluded by one person, nor unheard."""

import pytest
from django.db import DatabaseError

from groups import vault
from groups.models import Kind, Story
from tests import makers
from tests.groups.consent import exclusion, let_days_pass, membership, outcome, propose, say
from tests.makers import WHY, as_person, as_superuser
from tests.pages import error_beside, in_french, words_of


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
    assert in_french("Withdraw the proposal") not in told, "it is done"
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


def test_whoever_is_asked_to_propose_it_takes_no_position_meanwhile(village, visit, page):
    decision = exclusion(village, confirmed=False)

    answered = say(visit(village.lea), page, decision, "agree")

    assert (answered.status_code, answered.url) == (302, f"{page}{decision.pk}/")
    assert outcome(decision) == "waiting"


@pytest.mark.parametrize("what", ["closing", "exclusion"])
def test_what_cannot_be_undone_takes_seven_days_at_least(village, visit, page, what):
    people = {"about": membership(village.malik, village.group), "second": membership(village.lea, village.group)}

    refused = propose(visit(village.ines), page, what, days="6", **people)

    assert refused.status_code == 422
    assert error_beside(refused, "days") == in_french("Write a number of days, from 7 to 30.")
    with pytest.raises(DatabaseError):
        makers.make_decision(village.ines, village.group, Kind(what), days=6, **(people if what == "exclusion" else {}))


def test_whoever_settles_their_own_exclusion_settles_nothing_after_it(village, visit, page):
    yan = makers.make_member("yan")
    makers.join(yan, village.group, "Osier")
    two = {"about": membership(village.lea, village.group), "second": membership(yan, village.group)}
    makers.make_decision(village.malik, village.group, Kind.EXCLUSION, **two)
    exclusion(village)
    renamed = makers.make_decision(village.lea, village.group)
    let_days_pass()

    assert visit(village.malik).get(page).status_code == 404

    assert visit(village.lea).get(page).status_code == 200
    assert outcome(renamed) == "adopted"
    assert as_superuser("select count(*) from groups_decision where outcome in ('open', 'waiting')") == [(0,)]


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


def test_no_list_of_excluded_people_is_kept(village, visit, page):
    """Not even as hashes: a group that anybody may enter stays open."""
    exclusion(village)
    let_days_pass()
    visit(village.ines).get(page)

    assert as_superuser(
        "select count(*) from groups_membership where member_tag = %s", vault.member_tag(village.malik.pk)
    ) == [(0,)]
    makers.join(village.malik, village.group, "Gué bleu")
    with as_person(village.malik):
        assert not Story.objects.exists()
