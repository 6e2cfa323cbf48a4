"""A reminder, and the link in it: the worker alone keeps that one, sealed, and whoever has the mail may use it."""

import re
from datetime import UTC, datetime, timedelta

from celery.beat import PersistentScheduler
from django.utils import timezone

from entraide.celery import app
from groups.models import Group
from members.models import Member
from tests import makers
from tests.canaries.marks import address, of_stop_link
from tests.canaries.mishaps import without
from tests.canaries.sinks import superuser
from tests.mailbox import wait_for_mail

ONE_CLICK = b"List-Unsubscribe=One-Click"  # RFC 8058


def be_reminded(scene):
    """The meeting comes near; a beat that was away for an hour comes back; the worker sends."""
    with superuser() as cursor:
        soon = makers.times_of(timezone.now() + timedelta(minutes=10), minutes=50)
        columns = ", ".join(f"{name} = %s" for name in soon)
        cursor.execute(f"update meetings_meeting set {columns} where id = %s", [*soon.values(), scene.found["meeting"]])
    away = PersistentScheduler(app, schedule_filename=str(scene.site.schedule))
    for entry in away.schedule.values():
        entry.last_run_at = datetime.now(UTC) - timedelta(hours=1)
    away.close()
    scene.site.start("beat")


def stop_by_the_link(scene):
    """A mail program asks for it, a person presses the button; then what may go wrong with such an address."""
    link = _link_in_the_mail(scene)
    program, person = scene["mail program"], scene["somebody with the mail"]
    for wrong in (f"{link}more/", f"/nowhere{link}"):
        assert person.get(wrong).status == 404
    assert program.send(link, ONE_CLICK, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert program.send(link, b"\xff", "text/plain; charset=none").status == 200
    with without("execute", "function app.stop_reminders(bytea)", "entraide_web"):
        assert program.send(link, ONE_CLICK).status == 500
    program.send(link, ONE_CLICK).reads("C’est arrêté")
    person.get(link.removesuffix("/")).reads("Arrêter ces messages").post(link).reads("C’est arrêté")


def _link_in_the_mail(scene):
    own = address("address of Malik")
    token = makers.stop_token(Member.objects.get(email=own), Group(pk=scene.found["group"]))
    mail = wait_for_mail(own, "Rappel de rendez-vous", within=1)
    link = re.search(r"<\S+?(/stop/[\w-]+/)>", mail["List-Unsubscribe"])[1]
    assert link == f"/stop/{token}/"
    scene.marks += of_stop_link("Malik", token)
    scene.gone.add("hash of a link: Malik")
    return link
