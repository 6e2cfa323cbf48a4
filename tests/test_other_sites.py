"""What another site makes a browser ask for is refused before anything is looked up; a link that is followed opens."""

import pytest
from django.db import connection
from django.templatetags.static import static
from django.test.utils import CaptureQueriesContext

FOREIGN = ("cross-site", "same-site")
LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-user": "?1"}
EMBEDDED = [
    {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
    {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "style"},
    {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    {"sec-fetch-mode": "navigate", "sec-fetch-dest": "object"},
    {"sec-fetch-mode": "navigate", "sec-fetch-dest": "embed"},
    {},
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("how", EMBEDDED, ids=lambda how: " ".join(how.values()))
def test_a_page_in_another_site_is_refused_without_looking_anything_up(circle, visit, origin, how):
    browser = visit(circle.malik)

    for address in ("/me/", f"/g/{circle.group.pk}/", "/g/00000000-0000-4000-8000-000000000000/", "/", "/healthz"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = browser.get(address, headers={"sec-fetch-site": origin, **how})

        assert page.status_code == 403
        assert len(asked) == 0
        assert not page.cookies
        assert page["Content-Type"] == "text/plain; charset=utf-8"
        assert "Entraide" not in page.content.decode()
    assert browser.get("/me/").status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_link_from_another_site_opens(circle, visit, origin):
    browser = visit(circle.malik)

    page = browser.get(f"/g/{circle.group.pk}/", headers={"sec-fetch-site": origin, **LINK})
    head = browser.head(f"/g/{circle.group.pk}/", headers={"sec-fetch-site": origin, **LINK})

    assert (page.status_code, head.status_code) == (200, 200)


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_a_form_of_another_site_is_refused(circle, visit, origin, method):
    browser = visit(circle.malik)

    page = getattr(browser, method)(f"/g/{circle.group.pk}/leave/", headers={"sec-fetch-site": origin, **LINK})

    assert page.status_code == 403
    assert browser.get(f"/g/{circle.group.pk}/").status_code == 200


@pytest.mark.parametrize("origin", ["same-origin", "none", None])
@pytest.mark.parametrize("how", EMBEDDED, ids=lambda how: " ".join(how.values()))
def test_our_own_pages_bookmarks_and_old_browsers_pass(circle, visit, origin, how):
    said = how | ({"sec-fetch-site": origin} if origin else {})

    assert visit(circle.malik).get("/me/", headers=said).status_code == 200


def test_what_is_the_same_for_everybody_is_answered_to_all(db, visit):
    embedded = {"sec-fetch-site": "cross-site", **EMBEDDED[0]}

    answers = [
        visit().get(address, headers=embedded) for address in ("/help-now/", static("css/entraide.css"), "/aide")
    ]

    answers[1].close()
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert {answer["Cross-Origin-Resource-Policy"] for answer in answers} == {"same-origin"}
