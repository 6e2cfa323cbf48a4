"""From a proposal to an open group: staff open the door and stay outside, the proposer enters first."""

import pytest

from groups.confidentiality import enter_group
from groups.models import Group, Proposal
from tests import makers
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of

SHEET = {
    "lived_experience": "pain",
    "name": "Vivre avec la douleur",
    "for_whom": "Pour les personnes qui vivent avec une douleur qui dure.",
    "description": "",
    "language": "fr",
    "format": "online",
    "city": "",
    "zone": "America/Toronto",
    "access": ["captions"],
    "hopes": "Le mardi soir, à six ou sept.",
}
POINTS = dict.fromkeys(["lived", "members", "free", "confidential", "open_minded", "plain"], "on")


@pytest.fixture
def yasmine(db):
    return makers.make_member("yasmine")


@pytest.fixture
def desk(db, visit):
    """A browser of staff who have shown their second factor."""
    return visit(makers.make_member("nadia", is_staff=True), second_factor=True)


def only_proposal(proposer):
    with as_person(proposer):
        return Proposal.objects.get()


def filled(browser):
    """The form as a browser sends it, with what the page put into it."""
    form = browser.get("/propose/").context["form"]
    return SHEET | {field.name: field.value() for field in form if field.is_hidden}


def groups_named(name):
    return list(Group.objects.filter(name=name))


def test_a_group_is_proposed_read_accepted_and_entered(yasmine, desk, visit):
    browser = visit(yasmine)

    sent = browser.post("/propose/", filled(browser), follow=True)
    proposal = only_proposal(yasmine)
    queue = desk.get("/staff/proposals/")
    review = desk.get(f"/staff/proposals/{proposal.pk}/")
    accepted = desk.post(f"/staff/proposals/{proposal.pk}/accept/", POINTS, follow=True)
    answer = browser.get(f"/propose/{proposal.pk}/")

    assert sent.redirect_chain == [(f"/propose/{proposal.pk}/", 302)]
    assert in_french("Your proposal has been received. The welcome team answers within 5 working days.") in words_of(
        sent
    )
    assert "Vivre avec la douleur" in words_of(queue)
    assert "Le mardi soir, à six ou sept." in words_of(review)
    assert accepted.redirect_chain == [("/staff/proposals/", 302)]
    assert in_french("The group is accepted. Its proposer can now enter it; it stays closed to the team.") in words_of(
        accepted
    )
    assert in_french("No proposal is waiting.") in words_of(accepted)
    [group] = groups_named(SHEET["name"])
    assert f'href="/g/{group.pk}/join/"' in answer.content.decode()
    assert (group.slug, group.access, group.opened_on) == ("vivre-avec-la-douleur", ["captions"], None)


def test_staff_read_who_asks_nowhere(yasmine, desk):
    proposal = makers.make_proposal(yasmine, hopes="Le mardi soir.")

    pages = [desk.get(address) for address in ("/staff/proposals/", f"/staff/proposals/{proposal.pk}/")]

    for page in pages:
        for tie in ("yasmine", str(yasmine.pk), proposal.proposer_tag):
            assert tie not in page.content.decode()


@pytest.mark.parametrize("missing", POINTS)
def test_every_point_must_hold(yasmine, desk, missing):
    proposal = makers.make_proposal(yasmine)

    page = desk.post(
        f"/staff/proposals/{proposal.pk}/accept/", {name: "on" for name in POINTS if name != missing} | {"more": "1"}
    )

    assert page.status_code == 422
    assert error_beside(page, missing)
    assert groups_named(makers.SHEET["name"]) == []


def test_accepting_twice_makes_one_group(yasmine, desk):
    proposal = makers.make_proposal(yasmine)

    answers = [desk.post(f"/staff/proposals/{proposal.pk}/accept/", POINTS) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(groups_named(makers.SHEET["name"])) == 1


def test_two_groups_of_one_name_have_two_addresses(yasmine, desk):
    groups = [makers.make_group(yasmine, "Phare vert", name="L’été") for _ in range(2)]

    slugs = [group.slug for group in groups]

    assert slugs[0] == "lete"
    assert slugs[1] == f"lete-{groups[1].pk.hex[:6]}"


def test_a_proposal_posted_twice_is_one_proposal(yasmine, visit):
    browser = visit(yasmine)
    form = filled(browser)

    answers = [browser.post("/propose/", form) for _ in range(2)]

    proposal = only_proposal(yasmine)
    assert [answer.url for answer in answers] == [f"/propose/{proposal.pk}/"] * 2


def test_words_changed_after_the_browsers_back_are_not_lost(yasmine, visit):
    browser = visit(yasmine)
    form = filled(browser)
    browser.post("/propose/", form)

    changed = browser.post("/propose/", {**form, "hopes": "Au jardin, le samedi."})

    assert changed.status_code == 422
    assert "Au jardin, le samedi." in changed.content.decode()
    assert changed.context["form"]["key"].value() != form["key"]
    assert only_proposal(yasmine).hopes != "Au jardin, le samedi."


def test_the_proposer_enters_first_as_facilitator(yasmine, desk, visit):
    proposal = makers.make_proposal(yasmine)
    desk.post(f"/staff/proposals/{proposal.pk}/accept/", POINTS)
    [group] = groups_named(makers.SHEET["name"])
    browser = visit(yasmine)

    browser.post(f"/g/{group.pk}/join/", {"name": "Phare blanc"})
    browser.post(f"/g/{group.pk}/join/charter/", {"agree": "on"})
    home = browser.post(f"/g/{group.pk}/join/reminders/", {"reminders": "none"}, follow=True)

    assert home.redirect_chain == [(f"/g/{group.pk}/", 302)]
    assert browser.get(f"/g/{group.pk}/meetings/new/").status_code == 200
    with as_person(yasmine):
        assert enter_group(yasmine, group.pk).rights.facilitate
    group.refresh_from_db()
    assert group.opened_on is not None
    assert visit().get(f"/groups/{group.slug}/").status_code == 200


def test_nobody_else_enters_before_the_proposer(yasmine, desk, visit):
    group = makers.accept(makers.make_proposal(yasmine), makers.make_member("noor", is_staff=True))
    other = visit(makers.make_member("theo"))
    doors = [f"/g/{group.pk}/join/", f"/g/{group.pk}/join/charter/", f"/g/{group.pk}/join/reminders/"]

    before = [browser.get(door).status_code for browser in (other, desk) for door in doors]
    posted = other.post(doors[0], {"name": "Tilleul"}).status_code
    makers.join(yasmine, group, "Phare blanc")
    after = other.get(doors[0]).status_code

    assert before == [404] * 6
    assert posted == 404
    assert after == 200


def test_who_comes_second_does_not_facilitate(yasmine, visit):
    group = makers.make_group(yasmine, "Phare blanc")
    second = makers.make_member("theo")
    makers.join(second, group, "Tilleul")

    answer = visit(second).get(f"/g/{group.pk}/meetings/new/")

    assert answer.status_code == 403


def test_staff_find_every_door_of_the_group_closed(yasmine, desk):
    group = makers.make_group(yasmine, "Phare blanc")

    answers = [desk.get(f"/g/{group.pk}/{end}").status_code for end in ("", "stories/", "meetings/", "leave/")]

    assert answers == [404] * 4


def test_entering_destroys_the_link_to_the_proposer(committed, owner):
    yasmine = makers.make_member("yasmine")
    proposal = makers.make_proposal(yasmine)
    group = makers.accept(proposal, makers.make_member("nadia", is_staff=True))
    before = everything_stored(owner)

    makers.join(yasmine, group, "Phare blanc")

    after = everything_stored(owner)
    assert [table for table, rows in before.items() if proposal.proposer_tag in rows] == ["groups_proposal"]
    assert [table for table, rows in after.items() if proposal.proposer_tag in rows] == []
    assert [table for table, rows in after.items() if str(yasmine.pk) in rows] == [
        "members_member",
        "account_emailaddress",
    ]


def test_the_page_of_a_proposal_is_its_proposers_alone(yasmine, desk, visit):
    proposal = makers.make_proposal(yasmine)

    answers = {
        "proposer": visit(yasmine).get(f"/propose/{proposal.pk}/").status_code,
        "other": visit(makers.make_member("theo")).get(f"/propose/{proposal.pk}/").status_code,
        "staff without a second factor": visit(makers.make_member("noor", is_staff=True))
        .get(f"/propose/{proposal.pk}/")
        .status_code,
    }

    assert answers == {"proposer": 200, "other": 404, "staff without a second factor": 404}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "name", "Give the group a name. The members can change it together later."),
        ({"for_whom": " \n"}, "for_whom", "Say in one sentence for whom the group is."),
        ({"lived_experience": ""}, "lived_experience", "Choose the lived experience that the members share."),
        ({"format": "in_person"}, "city", "Indicate the city, so that people know whether they can come."),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(yasmine, visit, changes, field, said):
    browser = visit(yasmine)

    page = browser.post("/propose/", filled(browser) | changes)

    assert page.status_code == 422
    assert error_beside(page, field) == in_french(said)
    assert typed(page, "hopes") == SHEET["hopes"]
    with as_person(yasmine):
        assert not Proposal.objects.exists()
