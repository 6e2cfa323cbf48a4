"""Who is reminded, when, and in which words: by the worker's own login, through a real mail server."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import translation

from entraide.lib import times
from tests import makers
from tests.mailbox import mails_to, text_of
from tests.meetings.conftest import THEME, Gathering, gather, move_to

JUST_DUE = {"day_before": timedelta(hours=23, minutes=59), "two_hours": timedelta(hours=1, minutes=59)}
NOT_YET = {"day_before": timedelta(hours=24, minutes=1), "two_hours": timedelta(hours=2, minutes=1)}
HEADERS = {
    *("X-MailFrom", "X-RcptTo"),  # the envelope, as the tests' mail server keeps it
    *("Subject", "From", "To", "Date", "Message-ID", "List-ID", "Auto-Submitted"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
}


@pytest.mark.parametrize("kind", ["day_before", "two_hours"])
def test_a_reminder_arrives_when_it_is_due_and_not_before(gathering, tick, kind):
    member = gathering.join(kind)
    gathering.move(seconds=NOT_YET[kind].total_seconds())
    too_early, mails_before = tick(), mails_to(member.email)

    gathering.move(seconds=JUST_DUE[kind].total_seconds())
    counts = tick()

    assert (too_early, mails_before) == ({}, [])
    assert counts == {"derived": 1, "sent": 1}
    assert len(mails_to(member.email)) == 1


def test_each_member_gets_what_they_chose(gathering, tick):
    day_before, two_hours, nothing = (gathering.join(kind) for kind in ("day_before", "two_hours", "none"))
    gathering.move(hours=20)
    tick()
    on_the_day_before = [len(mails_to(member.email)) for member in (day_before, two_hours, nothing)]

    gathering.move(hours=1)
    tick()

    assert on_the_day_before == [1, 0, 0]
    assert len(mails_to(two_hours.email)) == 1
    assert mails_to(nothing.email) == mails_to(gathering.ines.email) == []


def test_several_ticks_send_one_reminder(gathering, tick, ledger):
    member = gathering.join("two_hours")
    gathering.move(hours=1)

    counts = [tick(), tick(), tick()]

    assert counts == [{"derived": 1, "sent": 1}, {}, {}]
    assert len(mails_to(member.email)) == 1
    assert ledger() == [("two_hours", "sent", 1, 250, False)]


def test_a_row_that_waited_until_the_meeting_expires(gathering, tick, ledger, mail_server):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()

    gathering.move(minutes=4)
    ledger("starts_at = now() + interval '4 minutes', next_try = now()")
    counts = tick()

    assert counts == {"expired": 1}
    assert ledger() == [("two_hours", "expired", 0, 451, False)]
    assert mails_to(member.email) == []


def test_somebody_who_left_is_not_reminded(gathering, tick, ledger):
    member, other = gathering.join("two_hours"), gathering.join("two_hours")
    gathering.move(hours=1)
    gathering.leave(member)

    counts = tick()

    assert counts == {"derived": 1, "sent": 1}
    assert mails_to(member.email) == []
    assert len(mails_to(other.email)) == 1


def test_the_ledger_forgets_somebody_who_leaves(gathering, tick, ledger):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    tick()
    before = ledger()

    gathering.leave(member)

    assert [row[1] for row in before] == ["sent"]
    assert ledger() == []


@pytest.mark.parametrize("happened", ["cancelled", "chose none", "chose the other"])
def test_what_changed_after_the_row_was_made_is_seen_before_sending(gathering, tick, ledger, mail_server, happened):
    member = gathering.join("two_hours")
    gathering.move(hours=1)
    with mail_server(on_address=lambda address: "451 later") as server:
        server.tick()
    if happened == "cancelled":
        gathering.choose(member, "two_hours", changes=False)
        gathering.cancel()
    else:
        gathering.choose(member, {"chose none": "none", "chose the other": "day_before"}[happened])

    ledger("next_try = now()")
    tick()

    assert [row[:2] for row in ledger()] == [("two_hours", "void")]
    assert mails_to(member.email) == []


def test_the_words_are_discreet(gathering, tick):
    member, other = gathering.join("two_hours", "Gué bleu"), gathering.join("two_hours", "Quai neuf")
    gathering.move(hours=1)

    tick()

    (mail,) = mails_to(member.email)
    assert mail["Subject"] == "Rappel de rendez-vous"
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL == "Rendez-vous <nepasrepondre@localhost>"
    assert mail["To"] == member.email
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert set(mail.keys()) == HEADERS
    html = mail.get_body(("html",)).get_content()
    everything = "\n".join([*mail.values(), text_of(mail), html])
    group = gathering.group
    secrets = [group.name, group.slug, group.for_whom, group.city, "addiction", "Entraide", THEME]
    secrets += [makers.PLACE, "Tanneurs", makers.LINK, "Phare vert", "Gué bleu", "Quai neuf"]
    secrets += [other.email, gathering.ines.email, str(group.pk), str(gathering.meeting.pk), str(member.pk)]
    for secret in secrets:
        assert secret.lower() not in everything.lower(), secret
    [stop] = re.findall(r"<(https?://\S+/stop/[\w-]{43}/)>", mail["List-Unsubscribe"])
    links = [f"{settings.SITE_URL}/me/", stop]
    assert re.findall(r"https?://\S+", text_of(mail)) == links
    assert re.findall(r'(?:href|src|url)[="(]+([^")]*)', html) == links
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.search(r"<(img|link|script|style|iframe)|style=|src=", html) is None


def test_two_groups_send_the_same_subject_sender_and_words_but_for_the_hour(gathering, tick):
    other = gather(format="online", place="")
    members = gathering.join("two_hours"), other.join("two_hours")
    gathering.move(hours=1)
    move_to(other.ines, other.meeting, gathering.meeting.starts_at)

    tick()

    one, two = (mails_to(member.email)[0] for member in members)
    assert (one["Subject"], one["From"], one["X-MailFrom"]) == (two["Subject"], two["From"], two["X-MailFrom"])
    stops = [mail["List-Unsubscribe"].strip("<>") for mail in (one, two)]
    assert text_of(one).replace(stops[0], "") == text_of(two).replace(stops[1], "")


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        ("fr", "Rappel de rendez-vous", "Vous avez un rendez-vous le {day} à {clock}, heure de Montréal."),
        ("en", "Appointment reminder", "You have an appointment on {day} at {clock}, Montréal time."),
    ],
)
def test_the_words_are_in_the_language_of_the_member(gathering, tick, language, subject, sentence):
    member = gathering.join("two_hours", language=language)
    gathering.move(hours=1)

    tick()

    (mail,) = mails_to(member.email)
    with translation.override(language):
        moment = gathering.meeting.starts_at, gathering.meeting.zone
        expected = sentence.format(day=times.day(*moment), clock=times.clock(*moment))
    assert mail["Subject"] == subject
    assert expected in text_of(mail)


def test_the_hour_is_told_on_the_clock_of_the_member_and_on_that_of_the_group(committed, tick):
    ines = makers.make_member("ines-of-paris")
    group = makers.make_group(ines, "Phare vert", zone="Europe/Paris")
    makers.make_series(ines, group, rhythm="once")
    gathering = Gathering(group, ines, makers.first_meeting(ines, group))
    far, near = (gathering.join("two_hours", time_zone=zone) for zone in ("America/Toronto", "Europe/Brussels"))
    gathering.move(hours=1)

    tick()

    with translation.override("fr"):
        own, brussels, its = (
            times.clock(gathering.meeting.starts_at, zone)
            for zone in ("America/Toronto", "Europe/Brussels", "Europe/Paris")
        )
    text = text_of(mails_to(far.email)[0])
    assert f"à {own}, heure de Montréal." in text
    assert f"{its}, heure de Paris." in text
    text = text_of(mails_to(near.email)[0])
    assert f"à {brussels}, heure de Bruxelles." in text
    assert "heure de Paris" not in text
