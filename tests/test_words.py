"""The words: nothing stays in English on a French page, and French is written as French is (ux.md 4.1)."""

import re

import polib
import pytest
from django.conf import settings
from django.utils import translation

from tests.journeys.every_page import PAGES, broken_page, make_village
from tests.pages import words_of
from tests.test_matrix import ROUTES

LONGER_THAN = 3  # words: shorter ones may be French too
WITHOUT_A_PAGE = {  # they lead elsewhere, or answer a POST whose pages are looked at under another name
    *(
        "aide",
        "quitter",
        "charte",
        "groupes",
        "healthz",
        "mail_health",
        "exit",
        "theme",
        "helpline_remove",
        "groups:propose",
    ),
    *("groups:erase_draft", "groups:answer", "groups:change_proposal", "groups:propose_again", "groups:take"),
    *("groups:let_go", "groups:note", "groups:confirm_no", "groups:give_back"),
    *("groups:preview", "groups:share", "groups:resonance", "groups:withdraw", "meetings:enter", "meetings:reply"),
    *("meetings:cancel", "meetings:cancel_following", "meetings:rhythm", "meetings:check", "meetings:place"),
    *("meetings:confirm", "account_request_login_code", "account_inactive"),
    *("account_email_cancel", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("mfa_download_recovery_codes", "mfa_reauthenticate", "meetings_json"),
    *("groups:keep_draft", "groups:erase_story_draft"),
    *("meetings:calendar_file", "meetings:give_up_calendar", "meetings:feed"),
    *("meetings:open_round", "meetings:sit_down", "meetings:end_turn", "meetings:go_round", "meetings:stand_up"),
    *("meetings:last_words", "meetings:close_round", "meetings:pass_hosting", "meetings:host", "meetings:unhost"),
    *("meetings:stop_everything", "meetings:still_good"),
    *("meetings:propose_date", "meetings:take_date_away"),
    *("groups:position", "groups:second", "groups:withdraw_decision"),
    *("groups:volunteer", "groups:stop_facilitating", "groups:hand_over", "groups:answer_hand_over"),
    *("groups:note_erase", "groups:step_mark", "groups:step_erase", "groups:shelf_take_away"),
    *("this_device", "close_device", "close_other_devices", "close_every_device"),
}
CATALOGUE = polib.pofile(str(settings.BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
HOLE = re.compile(r"<[^>]*>|%\(\w+\)\w|%\w|\{\w*\}|%%")
FRENCH = {
    "a straight apostrophe": r"'",
    "straight quotes": r'"',
    "English quotes": r"[“”]",
    "no U+00A0 before a colon": r"(?<!\u00a0):(?!//|\d)",
    "no U+00A0 inside « »": r"«(?!\u00a0)|(?<!\u00a0)»",
    "a blank before ; or ?": r"\s[;?]",
    "an exclamation mark": r"!",
    "a middle dot": r"·",
    "a narrow space: no font of ours has it": r"\u202f",
    "three points": r"\.\.\.",
    "an hour that may break": r"\d h\b|\bh \d",
}


@pytest.fixture
def village(committed):
    return make_village()


def fragments(message):
    """What is said between the holes, where it is long enough to be no French."""
    parts = (" ".join(part.split()) for part in HOLE.split(message))
    return [part for part in parts if len(part.split()) > LONGER_THAN]


def where_it_goes(answer):
    main = answer.content.decode().partition("<main")[2]
    found = re.search(r'<form[^>]*method="post"[^>]*action="([^"]+)"', main)
    return found and found[1]


def test_no_page_in_french_says_a_message_in_english(village):
    english = [part for entry in CATALOGUE for part in fragments(entry.msgid) + fragments(entry.msgid_plural)]
    assert len(english) > 300

    for name, place in PAGES.items():
        client, address = village.client_of(place.who), village.address(place)
        answers = [client.get(address)] if name != "broken" else []
        if place.then:
            answers.append(client.post(where_it_goes(answers[0]) or address, {}))
            assert answers[1].status_code == 422, name
        for answer in answers:
            text = words_of(answer)
            assert [part for part in english if part in text] == [], name


def test_the_error_page_says_each_language_under_its_name(db):
    french = re.sub(r'<(\w+)[^>]* lang="en-CA"[^>]*>.*?</\1>', "", broken_page(), flags=re.S)

    for entry in CATALOGUE:
        for part in fragments(entry.msgid):
            assert part not in french


def test_every_page_of_the_site_is_in_the_list():
    """A new address is looked at by these tests and by those of tests/journeys, or is named as one without a page."""
    assert {place.route for place in PAGES.values() if not place.route.startswith("/")} == set(ROUTES) - WITHOUT_A_PAGE


def test_every_message_has_its_french():
    with translation.override("fr"):
        missing = [entry.msgid for entry in CATALOGUE if not entry.translated()]

    assert missing == []


@pytest.mark.parametrize("fault", FRENCH)
def test_french_is_written_as_french_is(fault):
    said = [words for entry in CATALOGUE for words in (entry.msgstr_plural or {0: entry.msgstr}).values()]

    assert [words for words in said if re.search(FRENCH[fault], HOLE.sub("x", words))] == []
