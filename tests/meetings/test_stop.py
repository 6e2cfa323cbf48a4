"""The link in each mail: opened, it stops nothing; asked by a mail program or pressed by a person, it stops it all."""

import pytest
from django.test import Client
from django.test.utils import override_settings

from groups import own_keys
from groups.confidentiality import own_memberships
from tests import makers
from tests.makers import as_person
from tests.pages import in_french, words_of

ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}  # RFC 8058


@pytest.fixture
def token(circle):
    makers.choose_reminders(circle.malik, circle.group, "day_before")
    return makers.stop_token(circle.malik, circle.group)


def wants(member, group):
    with as_person(member):
        return own_memberships(member).get(group=group).wants_mail


def strict(**headers):
    """A browser that holds a form to its CSRF token."""
    return Client(enforce_csrf_checks=True, headers=headers)


def test_a_mail_program_stops_with_one_post_and_no_session(circle, token):
    answer = strict().post(f"/stop/{token}/", **ONE_CLICK)

    assert answer.status_code == 200, "RFC 8058: no redirect"
    assert not wants(circle.malik, circle.group)
    assert not answer.cookies


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_the_link_stops_nothing(circle, token, method):
    getattr(strict(), method)(f"/stop/{token}/")

    assert wants(circle.malik, circle.group)


def test_the_page_behind_the_link_tells_nothing_of_any_group_and_has_one_button(circle, token):
    page = strict().get(f"/stop/{token}/")

    assert in_french("Stop these messages?") in words_of(page)
    for secret in (circle.group.name, circle.group.slug, str(circle.group.pk), "Gué bleu", circle.malik.email):
        assert secret not in page.content.decode()


def test_a_person_presses_the_button_and_reads_that_it_is_done(circle, token):
    page = strict(**{"Sec-Fetch-Site": "same-origin"}).post(f"/stop/{token}/")

    assert in_french("It is stopped") in words_of(page)
    assert not wants(circle.malik, circle.group)


def test_another_site_cannot_make_a_browser_stop_anything(circle, token):
    answer = strict(**{"Sec-Fetch-Site": "cross-site"}).post(f"/stop/{token}/", **ONE_CLICK)

    assert answer.status_code == 403
    assert wants(circle.malik, circle.group)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("wrong", ["x", "é" * 300, "%00", "0" * 43])
def test_a_wrong_token_gets_the_very_same_answer(circle, token, method, wrong):
    right, other = (getattr(strict(), method)(f"/stop/{one}/") for one in (token, wrong))
    alike = [{**answer.headers, "Content-Length": ""} for answer in (right, other)]

    assert right.status_code == other.status_code == 200
    assert words_of(right) == words_of(other)
    assert alike[0] == alike[1]


def test_it_stops_one_group_and_nobody_else(circle, token):
    other = makers.make_group(circle.malik, "Roseau", name="Les mardis lents")
    makers.choose_reminders(circle.malik, other, "two_hours")
    makers.choose_reminders(circle.ines, circle.group, "day_before")

    strict().post(f"/stop/{token}/", **ONE_CLICK)

    assert wants(circle.malik, other)
    assert wants(circle.ines, circle.group)


def test_stopping_twice_is_stopping_once(circle, token):
    answers = [strict().post(f"/stop/{token}/", **ONE_CLICK).status_code for _ in range(2)]

    assert answers == [200, 200]


def test_the_link_works_again_after_reminders_were_turned_on_again(circle, token):
    strict().post(f"/stop/{token}/", **ONE_CLICK)
    makers.choose_reminders(circle.malik, circle.group, "two_hours")

    strict().post(f"/stop/{token}/", **ONE_CLICK)

    assert not wants(circle.malik, circle.group)


def test_the_answer_is_kept_nowhere_and_its_address_goes_to_no_other_page(token):
    for answer in (strict().get(f"/stop/{token}/"), strict().post(f"/stop/{token}/", **ONE_CLICK)):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert '<meta name="referrer" content="no-referrer">' in answer.content.decode()
        assert answer["X-Robots-Tag"] == "noindex"


def test_the_token_is_in_no_line_of_the_log(token, caplog):
    with caplog.at_level("DEBUG"):
        strict().post(f"/stop/{token}/", **ONE_CLICK)
        strict().post(f"/stop/{token}x/y/", **ONE_CLICK)

    [line] = [record for record in caplog.records if getattr(record, "fields", {}).get("route") == "stop_reminders"]
    assert token not in str(line.__dict__)


def test_a_copy_of_the_database_holds_no_token(committed):
    circle = makers.make_circle()
    token = makers.stop_token(circle.malik, circle.group)
    [row] = makers.as_superuser(
        "select encode(stop_hash, 'hex'), t::text from groups_membership t where stop_hash = %s",
        own_keys.stop_hash(token),
    )

    assert row[0] == own_keys.stop_hash(token).hex()
    assert token not in row[1] and token.encode().hex() not in row[1]


@override_settings(ACCOUNT_RATE_LIMITS={"stop_mail": "2/m/ip"})
def test_a_network_that_asks_without_end_is_slowed(token):
    answers = [strict().post("/stop/x/").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert strict().get(f"/stop/{token}/").status_code == 200
