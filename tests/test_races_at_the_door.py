"""Many people at one door in the same moment, and a door that closes meanwhile: one clear outcome each time."""

from functools import partial
from types import SimpleNamespace

from entraide.erasing import forget
from groups.confidentiality import enter_group
from groups.models import EntryRequest, Group, Membership
from tests import makers
from tests.makers import as_person
from tests.pages import in_french, words_of
from tests.test_races import ROUNDS, at_once, browser_of

FULL = "The group is full: the last place has just been taken. What you chose is kept, and you can wait in line."


def make_group(**sheet):
    ines = makers.make_member("ines")
    group = makers.make_group(ines, "Phare vert", **sheet)
    group.ines = ines
    return group


def at_the_last_page(group, member, name):
    browser, join = browser_of(member), f"/g/{group.pk}/join/"
    browser.post(join, {"name": name})
    browser.post(f"{join}charter/", makers.AGREE)
    return browser


def last_step(group, browser, **more):
    return partial(browser.post, f"/g/{group.pk}/join/reminders/", {"reminders": "none", **more})


def status_of(member, group):
    return browser_of(member).get(f"/g/{group.pk}/").status_code


def test_thirty_people_take_eight_places(committed):
    group = make_group(size_max=9)
    people = [makers.make_member(f"m{number}") for number in range(30)]
    browsers = [at_the_last_page(group, member, f"Nom {number} vert") for number, member in enumerate(people)]
    pages = {}

    def enter(number):
        pages[number] = last_step(group, browsers[number])()
        return pages[number]

    statuses = at_once(*(partial(enter, number) for number in range(30)))

    assert sorted(statuses) == [302] * 8 + [422] * 22
    inside = [number for number, member in enumerate(people) if status_of(member, group) == 200]
    assert inside == [number for number in range(30) if statuses[number] == 302]
    for number in set(range(30)) - set(inside):
        assert in_french(FULL) in words_of(pages[number])
        assert f"Nom {number} vert" in words_of(pages[number])
    assert Group.objects.get(pk=group.pk).is_full
    with as_person(group.ines):
        assert Membership.objects.count() == 9


def test_the_twenty_two_wait_in_one_line(committed):
    group = make_group(size_min=2, size_max=2)
    makers.join(makers.make_member("malik"), group, "Gué bleu")
    people = [makers.make_member(f"m{number}") for number in range(22)]
    browsers = [at_the_last_page(group, member, f"Nom {number} vert") for number, member in enumerate(people)]

    statuses = at_once(*(last_step(group, browser, wait="1") for browser in browsers))

    requests = [makers.own_request(member, group) for member in people]
    assert statuses == [302] * 22
    assert len({request.number for request in requests}) == 22
    assert not any(request.has_place for request in requests)


def test_a_place_that_gets_free_goes_to_one_person_only(committed):
    """Somebody leaves while the next in line and a newcomer try to enter."""
    group = make_group(size_min=2, size_max=2)
    for number in range(ROUNDS):
        leaving, first, newcomer = (makers.make_member(f"{name}{number}") for name in ("va", "lou", "zoe"))
        makers.join(leaving, group, f"Gué {number} bleu")
        makers.ask(first, group, f"Osier {number} doré")
        late = at_the_last_page(group, newcomer, f"Pré {number} long")

        statuses = at_once(
            partial(browser_of(leaving).post, f"/g/{group.pk}/leave/", {"stories": "withdraw"}),
            partial(browser_of(first).post, f"/g/{group.pk}/request/", {"act": "enter"}),
            last_step(group, late),
        )

        assert statuses == [302, 302, 422]
        if status_of(first, group) == 404:  # they tapped before the place was free: it is held
            browser_of(first).post(f"/g/{group.pk}/request/", {"act": "enter"})
        assert status_of(first, group) == 200
        makers.leave(first, group)


def test_two_members_welcome_the_same_person(committed):
    group = make_group(joining="welcome")
    malik, zoe = makers.make_member("malik"), makers.make_member("zoe")
    makers.join_by_welcome(malik, group, "Gué bleu", group.ines)
    makers.ask(zoe, group, "Osier")
    form = {"request": makers.own_request(zoe, group).pk}

    statuses = at_once(
        *(partial(browser_of(one).post, f"/g/{group.pk}/welcome/", form) for one in (group.ines, malik) * 3)
    )

    assert statuses == [302] * 6
    assert makers.own_request(zoe, group).has_place


def test_a_person_who_is_welcomed_while_taking_back_is_gone_or_expected(committed):
    group = make_group(joining="welcome")
    for number in range(ROUNDS):
        zoe = makers.make_member(f"zoe{number}")
        makers.ask(zoe, group, f"Osier {number} vert")
        form = {"request": makers.own_request(zoe, group).pk}

        statuses = at_once(
            partial(browser_of(group.ines).post, f"/g/{group.pk}/welcome/", form),
            partial(browser_of(zoe).post, f"/g/{group.pk}/request/", {"act": "back"}),
        )

        assert statuses == [302, 302]
        assert makers.own_request(zoe, group) is None


def test_two_people_ask_under_one_name(committed):
    group = make_group(joining="welcome")
    people = [makers.make_member(name) for name in ("zoe", "yan")]
    browsers = [at_the_last_page(group, member, "Pont neuf") for member in people]

    statuses = at_once(*(last_step(group, browser, wait="1") for browser in browsers))

    assert statuses == [302, 302]
    with as_person(group.ines):
        assert EntryRequest.objects.count() == 1


def test_a_newcomer_enters_while_the_last_member_leaves(committed):
    """Either the group goes on with the newcomer, or it is closed and they are told."""
    for number in range(ROUNDS):
        founder, newcomer = makers.make_member(f"ines{number}"), makers.make_member(f"zoe{number}")
        group = makers.make_group(founder, "Phare vert", name=f"Un soir {number}")
        browser = at_the_last_page(group, newcomer, "Osier")

        statuses = at_once(
            last_step(group, browser),
            partial(browser_of(founder).post, f"/g/{group.pk}/leave/", {"stories": "withdraw"}),
        )

        assert statuses == [302, 302]
        inside, listed = status_of(newcomer, group), browser_of().get(f"/groups/{group.slug}/").status_code
        assert (inside, listed) in {(200, 200), (404, 404)}
        assert Group.objects.get(pk=group.pk).is_closed == (inside == 404)
        if inside == 404:
            told = in_french("This group has just closed. Nothing of what you typed is kept.")
            assert told in words_of(browser.get("/groups/"))


def test_a_newcomer_enters_while_the_last_one_who_facilitates_leaves(committed):
    for number in range(ROUNDS):
        circle_founder = makers.make_member(f"ines{number}")
        malik, zoe = makers.make_member(f"malik{number}"), makers.make_member(f"zoe{number}")
        group = makers.make_group(circle_founder, "Phare vert", name=f"Un soir {number}")
        makers.join(malik, group, "Gué bleu")
        browser = at_the_last_page(group, zoe, "Osier")

        statuses = at_once(
            last_step(group, browser),
            partial(browser_of(circle_founder).post, f"/g/{group.pk}/leave/", {"stories": "keep"}),
        )

        assert statuses == [302, 302]
        for member in (malik, zoe):
            with as_person(member):
                rights = enter_group(member, group.pk).rights
            assert rights.schedule and not rights.facilitate
        assert browser_of(zoe).get(f"/g/{group.pk}/meetings/new/").status_code == 200


def test_people_who_erase_their_accounts_at_once_do_not_wait_for_each_other(committed):
    """Each is a member where the other waits before the door."""
    for number in range(ROUNDS):
        people = [makers.make_member(f"m{number}-{index}") for index in range(2)]
        names = [f"Un soir {number}, {index}" for index in range(2)]
        groups = [
            makers.make_group(one, "Phare vert", name=name, joining="welcome")
            for one, name in zip(people, names, strict=True)
        ]
        for member, group in zip(people, reversed(groups), strict=True):
            makers.ask(member, group, "Osier")

        assert at_once(*(partial(erase, member) for member in people)) == [200, 200]

        assert not makers.Member.objects.filter(pk__in=[member.pk for member in people]).exists()


def erase(member):
    with as_person(member):
        forget(member, keep_stories=False)
    return SimpleNamespace(status_code=200)


def test_the_last_two_members_leave_at_once(committed):
    for number in range(ROUNDS):
        founder, malik = makers.make_member(f"ines{number}"), makers.make_member(f"malik{number}")
        group = makers.make_group(founder, "Phare vert", name=f"Un soir {number}")
        makers.join(malik, group, "Gué bleu")
        leave = f"/g/{group.pk}/leave/"

        statuses = at_once(*(partial(browser_of(one).post, leave, {"stories": "keep"}) for one in (founder, malik)))

        assert statuses == [302, 302]
        assert Group.objects.get(pk=group.pk).is_closed
