"""The charter has versions. When it changes, each member accepts it again before any story opens."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from entraide.lib.days import today
from groups import charter
from groups.models import CharterAcceptance
from tests import makers
from tests.makers import as_person
from tests.pages import error_beside, in_french


@pytest.fixture
def changed(circle, monkeypatch):
    """A new wording of the house, from today."""
    monkeypatch.setattr(charter, "VERSION", today())
    return f"/g/{circle.group.pk}/"


@pytest.mark.parametrize("path", ["", "stories/", "stories/{story}/", "stories/{story}/?open=1"])
def test_no_story_opens_before_the_new_charter_is_accepted(circle, visit, changed, path):
    address = changed + path.format(story=circle.story.pk)

    shown = visit(circle.ines).get(address)

    assert (shown.status_code, shown.url) == (302, f"{changed}charter/?next={quote(address, safe='')}")


TODAY = {"agree": "on", "version": today().isoformat()}


def test_accepting_it_leads_back_to_where_one_was(circle, visit, changed):
    browser, address = visit(circle.ines), f"{changed}stories/{circle.story.pk}/"
    page = browser.get(address, follow=True)
    assert (
        in_french("The charter of this group has changed. Read it once more; then the stories open again.")
        in page.content.decode()
    )

    back = browser.post(page.redirect_chain[-1][0], TODAY, follow=True)

    assert back.redirect_chain == [(address, 302)]
    assert makers.STORY in back.content.decode()
    with as_person(circle.ines):
        assert sorted(CharterAcceptance.objects.values_list("version", flat=True))[-1] == today()


def test_without_the_tick_nothing_opens_and_it_is_said_beside_the_field(circle, visit, changed):
    browser = visit(circle.ines)

    refused = browser.post(f"{changed}charter/")

    assert refused.status_code == 422 and refused.context["form"].errors["agree"]
    assert browser.get(f"{changed}stories/").status_code == 302


def test_accepting_twice_is_accepting(circle, visit, changed):
    browser = visit(circle.ines)

    assert [browser.post(f"{changed}charter/", TODAY).status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com", "javascript:alert(1)", "\\\\example.com", ""]
)
def test_it_leads_to_no_other_site(circle, visit, changed, elsewhere):
    done = visit(circle.ines).post(f"{changed}charter/?next={quote(elsewhere)}", TODAY)

    assert done.url == changed


def test_an_author_withdraws_and_leaves_without_accepting(circle, visit, changed):
    browser = visit(circle.malik)

    assert browser.post(f"{changed}stories/{circle.story.pk}/withdraw/").status_code == 302
    assert browser.get(f"{changed}leave/").status_code == 200
    assert browser.post(f"{changed}leave/", {"stories": "withdraw"}).status_code == 302
    assert browser.get(changed).status_code == 404


def test_meetings_and_help_stay_open(circle, visit, changed):
    assert visit(circle.ines).get(f"{changed}meetings/{circle.meeting.pk}/").status_code == 200


def test_whoever_enters_now_accepts_the_new_one(circle, visit, changed):
    newcomer = makers.make_member("lea")
    makers.join(newcomer, circle.group, "Bouleau")

    assert visit(newcomer).get(changed).status_code == 200


def test_a_group_with_additions_of_its_own_has_a_version_of_its_own(circle):
    circle.group.charter_on = today() - timedelta(days=1)

    assert charter.version_of(circle.group) == max(charter.VERSION, today() - timedelta(days=1))


def test_a_charter_that_changed_under_the_readers_eyes_is_shown_again(circle, visit, changed):
    browser = visit(circle.ines)

    refused = browser.post(f"{changed}charter/", makers.AGREE)

    assert refused.status_code == 422
    assert error_beside(refused, "agree") == in_french(
        "The charter has changed in the meantime. Read it again below, then tick the box."
    )
    assert f'value="{today().isoformat()}"' in refused.content.decode()
    assert browser.get(f"{changed}stories/").status_code == 302


@pytest.mark.parametrize("path", ["zzz", "//elsewhere.example", "https://elsewhere.example/"])
def test_accepting_leads_nowhere_else(circle, visit, changed, path):
    assert visit(circle.ines).post(f"{changed}charter/?next={path}", TODAY).url == changed
