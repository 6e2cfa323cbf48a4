"""Proposing in six pages: nothing is lost on the way, an account is asked for at the last, and it is sent once."""

import pytest

from groups.drafts import KEPT_AS
from groups.models import Proposal
from members.limits import MANY_TIMES
from tests import makers
from tests.mailbox import code_for
from tests.makers import as_person, everything_stored
from tests.pages import error_beside, in_french, typed, words_of
from tests.proposals import STEPS, only_proposal, send, write

RECEIVED = "Your proposal has been received. The welcome team answers within 5 working days."
BEGINS = "A proposal begins here. What you write is kept 14 days at most, and goes when your session ends."


def proposals_of(member):
    with as_person(member):
        return Proposal.objects.count()


# --- six pages --------------------------------------------------------------------------------------------------------


def test_six_pages_lead_from_the_first_word_to_the_proposal(yasmine, visit):
    browser = visit(yasmine)

    begun = browser.get("/propose/")
    answers = [write(browser, step) for step in STEPS]
    check = browser.get("/propose/6/")
    sent = send(browser, follow=True)

    proposal = only_proposal(yasmine)
    assert (begun.status_code, begun.url) == (302, "/propose/1/")
    assert [answer.url for answer in answers] == [f"/propose/{step}/" for step in (2, 3, 4, 5, 6)]
    for said in ("Vivre avec la douleur", "Le mardi, 19 h", "On peut rester sans parler.", "autour d’un thé"):
        assert said in words_of(check)
    assert sent.redirect_chain == [(f"/propose/{proposal.pk}/", 302)]
    assert in_french(RECEIVED) in words_of(sent)
    assert (proposal.name, proposal.lived_experience, proposal.access) == (STEPS[1]["name"], "pain", ["captions"])
    assert (proposal.rhythm_wished, proposal.second_person, proposal.hopes) == (
        "Le mardi, 19 h",
        True,
        STEPS[4]["hopes"],
    )
    assert proposal.charter_additions == ["On peut rester sans parler."]
    assert KEPT_AS not in browser.session


def test_each_page_says_in_text_where_one_is_and_what_comes_next(db, visit):
    browser = visit()
    write(browser)

    pages = [words_of(browser.get(f"/propose/{step}/")) for step in range(1, 7)]

    names = ["The shared lived experience", "For whom", "The meetings", "Facilitating", "The charter", "Check and send"]
    for number, (page, name) in enumerate(zip(pages, names, strict=True), 1):
        assert in_french("Step %(step)s of %(total)s: %(title)s", step=number, total=6, title=in_french(name)) in page
    for page, name in zip(pages, names[1:], strict=False):
        assert in_french("Next: %(next)s", next=in_french(name)) in page


def test_going_back_and_forth_keeps_every_word(db, visit):
    browser = visit()
    write(browser, 1, 2, 3)

    pages = {step: browser.get(f"/propose/{step}/") for step in (3, 2, 1, 4)}

    assert typed(pages[1], "name") == STEPS[1]["name"]
    assert typed(pages[2], "for_whom") == STEPS[2]["for_whom"]
    assert pages[2].context["form"]["access"].value() == ["captions"]
    assert typed(pages[3], "rhythm_wished") == STEPS[3]["rhythm_wished"]
    assert pages[4].status_code == 200
    assert browser.get("/propose/").url == "/propose/4/"


def test_a_line_changed_from_the_check_leads_straight_back_to_it(db, visit):
    browser = visit()
    write(browser)
    check = browser.get("/propose/6/").content.decode()

    changed = write(browser, 2, for_whom="Pour qui a mal.")

    assert 'href="/propose/2/#id_for_whom"' in check
    assert changed.url == "/propose/6/"
    assert "Pour qui a mal." in words_of(browser.get("/propose/6/"))


@pytest.mark.parametrize(
    ("step", "changes", "field", "said"),
    [
        (1, {"name": ""}, "name", "Give the group a name. The members can change it together later."),
        (1, {"lived_experience": ""}, "lived_experience", "Choose the lived experience that the members share."),
        (2, {"for_whom": " \n"}, "for_whom", "Say in one sentence for whom the group is."),
        (3, {"format": "in_person"}, "city", "Indicate the city, so that people know whether they can come."),
        (4, {"second_person": ""}, "second_person", "Choose yes or no. Both are fine."),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(db, visit, step, changes, field, said):
    browser = visit()

    page = browser.post(f"/propose/{step}/", STEPS[step] | changes)

    assert page.status_code == 422
    assert error_beside(page, field) == in_french(said)
    others = {name: value for name, value in STEPS[step].items() if name not in changes and isinstance(value, str)}
    assert {name: page.context["form"][name].value() for name in others} == others


@pytest.mark.parametrize(
    ("step", "field", "words"),
    [
        (1, "name", "Cercle à 20 $"),
        (2, "for_whom", "Pour qui vit un deuil. Cotisation de membre demandée."),
        (2, "description", "Un don suggéré aide à payer la salle."),
        (3, "rhythm_wished", "Le mardi, 15 € la séance"),
        (5, "addition_3", "Chaque personne apporte une participation aux frais."),
    ],
)
def test_a_group_that_asks_for_money_is_stopped_at_its_field_and_told_why(db, visit, step, field, words):
    page = visit().post(f"/propose/{step}/", STEPS[step] | {field: words})

    assert page.status_code == 422
    reason = in_french(
        "Here help is free: no group asks for money, be it a fee, a contribution or a suggested gift."
        " Say it without “{words}”."
    )
    assert error_beside(page, field).startswith(reason.partition("{words}")[0])
    assert typed(page, field) == words


def test_only_the_team_reads_the_hopes_so_they_may_speak_of_anything(db, visit):
    assert write(visit(), 4, hopes="J’ai perdu 20 000 $ au jeu.").status_code == 302


# --- the account comes last -------------------------------------------------------------------------------------------


def test_the_last_page_asks_for_an_account_and_keeps_what_was_written(db, visit):
    browser = visit()
    write(browser)

    page = browser.get("/propose/6/")
    posted = browser.post("/propose/6/", {"key": page.context["draft"].key})

    assert 'href="/account/signup/?next=/propose/6/"' in page.content.decode()
    assert 'name="key"' not in page.content.decode()
    assert (posted.status_code, posted.url) == (302, "/account/login/?next=/propose/6/")
    assert STEPS[1]["name"] in words_of(browser.get("/propose/6/"))


@pytest.mark.parametrize("door", ["signup", "login"])
def test_what_was_written_before_is_still_there_after_signing_up_or_in(db, visit, door):
    address = f"zoe-{door}@people.example"
    if door == "login":
        makers.make_member(f"zoe-{door}")
    browser = visit()
    write(browser)
    before = browser.cookies["session"].value

    typed_address = {"email": address, "login": address, "next": "/propose/6/"}
    asked = browser.post(f"/account/{door}/", typed_address, follow=True)
    entered = browser.post(asked.redirect_chain[-1][0], {"code": code_for(address)}, follow=True)

    assert entered.redirect_chain[-1][0] == "/propose/6/"
    assert STEPS[1]["name"] in words_of(entered)
    assert browser.cookies["session"].value != before
    assert send(browser).status_code == 302
    assert proposals_of(makers.Member.objects.get(email=address)) == 1


def test_an_unsent_draft_lies_sealed_in_the_session_and_nowhere_else(committed, owner, visit):
    browser = visit(makers.make_member("yasmine"))
    write(browser)

    stored = everything_stored(owner)

    assert stored["groups_proposal"] == ""
    for rows in stored.values():
        for words in ("Vivre avec la douleur", "autour d’un thé", "On peut rester sans parler"):
            assert words not in rows
    page = browser.get("/propose/2/")
    assert page.headers["Cache-Control"] == "no-store"


def test_my_space_leads_back_to_the_draft(yasmine, visit):
    browser = visit(yasmine)
    before = words_of(browser.get("/me/"))
    write(browser, 1, 2)

    page = browser.get("/me/")

    assert in_french("Draft, seen by you alone") in words_of(page)
    assert in_french("Draft, seen by you alone") not in before
    assert browser.get("/propose/").url == "/propose/3/"


def test_a_draft_can_be_erased_and_goes_with_the_sign_out(yasmine, visit):
    browser = visit(yasmine)
    write(browser, 1)
    erased = browser.post("/propose/erase/", follow=True)
    after_erasing = typed(browser.get("/propose/1/"), "name")
    write(browser, 1)

    browser.post("/account/logout/")

    assert in_french("What you had written is erased.") in words_of(erased)
    assert after_erasing == ""
    assert typed(browser.get("/propose/1/"), "name") == ""


# --- sent once --------------------------------------------------------------------------------------------------------


def test_a_proposal_sent_twice_is_one_proposal(yasmine, visit):
    browser = visit(yasmine)
    write(browser)
    key = browser.get("/propose/6/").context["draft"].key

    answers = [browser.post("/propose/6/", {"key": key}) for _ in range(2)]

    assert [answer.url for answer in answers] == [f"/propose/{key}/"] * 2
    assert only_proposal(yasmine).pk == key


def test_words_typed_after_the_sending_begin_another_draft_and_are_not_lost(yasmine, visit):
    browser = visit(yasmine)
    write(browser)
    send(browser)

    answer = write(browser, 4, hopes="Au jardin, le samedi.")

    assert answer.url == "/propose/1/"
    assert typed(browser.get("/propose/4/", follow=True), "name") == ""  # led to what is open, the first page
    write(browser, 1, 2, 3)
    assert typed(browser.get("/propose/4/"), "hopes") == "Au jardin, le samedi."
    assert only_proposal(yasmine).hopes == STEPS[4]["hopes"]


def test_nobody_sends_more_than_ten_a_day(yasmine, visit):
    browser = visit(yasmine)
    statuses = []
    for number in range(11):
        write(browser, name=f"Un cercle {number}")
        statuses.append(send(browser).status_code)

    assert statuses == [302] * 11
    assert proposals_of(yasmine) == 10
    kept = words_of(browser.get("/propose/6/"))
    assert in_french(MANY_TIMES) in kept and "Un cercle 10" in kept


@pytest.mark.parametrize(("old", "name"), [("America/Montreal", "America/Toronto"), ("US/Eastern", "America/New_York")])
def test_an_old_name_of_a_clock_is_kept_under_the_present_one(yasmine, visit, old, name):
    browser = visit(yasmine)
    write(browser, zone=old)

    shown = browser.get("/propose/3/").text
    send(browser)

    assert f'value="{name}" selected' in shown and old not in shown
    assert only_proposal(yasmine).zone == name


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["0", "7", "abc", "-1", "1.5", "99999999999999999999"])
def test_a_page_that_is_none_of_the_six_is_missing(db, visit, step):
    browser = visit()

    assert [browser.get(f"/propose/{step}/").status_code, browser.post(f"/propose/{step}/").status_code] == [404, 404]


@pytest.mark.parametrize("step", [2, 5, 6])
def test_a_page_further_on_leads_to_the_first_that_is_open(yasmine, visit, step):
    browser = visit(yasmine)

    jumped = browser.get(f"/propose/{step}/", follow=True)
    posted = browser.post("/propose/6/", {"key": "11111111-1111-4111-8111-111111111111"}, follow=True)

    for page in (jumped, posted):
        assert page.redirect_chain == [("/propose/1/", 302)]
        assert in_french(BEGINS) in words_of(page)
    assert proposals_of(yasmine) == 0


def test_a_session_that_ended_between_two_pages_keeps_what_comes_next(db, visit):
    browser = visit()
    write(browser, 1, 2)
    browser.cookies.clear()

    answer = write(browser, 3)

    assert answer.url == "/propose/1/"
    write(browser, 1, 2)
    assert typed(browser.get("/propose/3/"), "rhythm_wished") == STEPS[3]["rhythm_wished"]


@pytest.mark.parametrize(
    ("step", "field", "words"),
    [
        (1, "name", "Un\0cercle"),
        (1, "name", "é" * 61),
        (1, "lived_experience", "none-such"),
        (2, "for_whom", "a" * 221),
        (2, "access", ["none-such"]),
        (2, "language", "de"),
        (3, "zone", "Mars/Olympus"),
        (3, "rhythm_wished", "\u202eretourné"),
        (4, "hopes", "\0"),
        (4, "hopes", "a" * 2001),
        (5, "addition_1", "a" * 161),
        (5, "addition_2", "deux\nlignes"),
    ],
)
def test_what_cannot_be_kept_is_given_back_beside_its_field(db, visit, step, field, words):
    browser = visit()
    browser.raise_request_exception = False

    page = browser.post(f"/propose/{step}/", STEPS[step] | {field: words})

    assert page.status_code == 422
    assert error_beside(page, field)
    assert page.context["form"][field].value() == words
    assert KEPT_AS not in browser.session


def test_markup_is_words_like_others_on_every_page(yasmine, nadia, visit):
    browser, desk = visit(yasmine), visit(nadia, second_factor=True)
    words = "<script>alert(1)</script>"
    write(browser, **dict.fromkeys(("name", "for_whom", "hopes", "rhythm_wished", "addition_1"), words))
    check = browser.get("/propose/6/")
    sent = send(browser, follow=True)
    pid = only_proposal(yasmine).pk

    pages = [check, sent, *(desk.get(f"/staff/{end}") for end in ("proposals/", f"proposals/{pid}/"))]

    for page in pages:
        assert "&lt;script&gt;alert(1)" in page.content.decode()
        assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    "kept",
    [
        "text",
        {"typed": "text"},
        {"typed": {"1": "text"}, "key": "none"},
        {"key": 7, "typed": {str(step): STEPS[step] for step in STEPS} | {"1": {"lived_experience": [], "name": {}}}},
        {"key": [], "typed": {str(step): STEPS[step] for step in STEPS} | {"5": {"addition_1": "20 $ par mois"}}},
    ],
)
def test_a_draft_that_is_not_clean_is_never_sent(yasmine, visit, kept):
    browser = visit(yasmine)
    session = browser.session
    session[KEPT_AS] = kept
    session.save()

    page = browser.get("/propose/6/")
    posted = browser.post("/propose/6/", {"key": "x"})

    assert page.url == posted.url != "/propose/6/"
    assert browser.get(page.url).status_code == 200
    assert proposals_of(yasmine) == 0
