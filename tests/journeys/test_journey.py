"""The main job, end to end: find, sign up, join, read, write, schedule, be reminded, leave.

On a phone of 360 px, in French, without JavaScript, against gunicorn, the worker and beat.
"""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Meeting
from tests import makers
from tests.journeys.doors import sign_in
from tests.mailbox import code_for, text_of, wait_for_mail

ADDRESS = "camille@people.example"
WORDS = "Ce matin, j’ai fait le tour du pâté de maisons sans compter mes pas."


def test_from_the_first_page_to_the_reminder_and_out_again(committed, visitor, check):
    circle = makers.make_circle()
    opened = makers.make_story(circle.malik, circle.group, title="La longue route", opened_to_later=True)
    page = visitor()

    _find_the_group(page, check)
    _sign_up(page, check)
    _join(page, check)
    _read_and_recognise(page, check, opened)
    _write(page, check)
    _schedule_as_facilitator(visitor(), check, circle)
    _reply(page, check)
    _get_reminded(circle)
    _leave(page, check, circle)


def _find_the_group(page, check):
    page.goto("/")
    check(page)
    page.get_by_role("link", name="Trouver un groupe").first.click()
    check(page)
    page.get_by_label("Ce que vous vivez").fill("dependance")
    page.get_by_role("button", name="Voir les groupes").click()
    page.get_by_role("link", name="Un soir à la fois").click()
    check(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Un soir à la fois")
    page.get_by_role("link", name="Rejoindre").first.click()


def _sign_up(page, check):
    check(page)
    page.get_by_role("main").get_by_role("link", name="Créer un compte").click()
    check(page)
    page.get_by_label("Courriel").fill(ADDRESS)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label("à moi seulement").check()
    page.get_by_role("main").get_by_role("button").first.click()
    wait_for_mail(ADDRESS, "Votre code", within=10)
    check(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas le code")
    check(page)
    page.get_by_label("Code").fill(code_for(ADDRESS))
    page.get_by_role("button", name="Continuer").click()


def _join(page, check):
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre nom dans ce groupe")
    check(page)
    page.get_by_label("Le nom que vous choisissez").fill("gué  BLEU")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("déjà pris")
    expect(page.get_by_label("Le nom que vous choisissez")).to_have_value("gué  BLEU")
    check(page)
    page.get_by_label("Le nom que vous choisissez").fill("Pont suspendu")
    page.get_by_role("button", name="Continuer").click()
    check(page)
    page.get_by_label("J’ai lu la charte").check()
    page.get_by_role("button", name="Continuer").click()
    check(page)
    assert page.locator("input[type=radio]:checked").count() == 0
    page.get_by_label("la veille").check()
    page.get_by_role("button", name="J’entre dans le groupe").click()
    expect(page.locator(".e-banner")).to_contain_text("Bienvenue. Rien ne presse.")
    check(page)


def _read_and_recognise(page, check, story):
    page.get_by_role("link", name="La longue route").click()
    expect(page.get_by_text(makers.STORY)).to_be_visible()
    assert page.title() == "Récit – Entraide"
    check(page)
    page.get_by_role("button", name="Je m’y reconnais").click()
    expect(page.locator(".e-banner")).to_contain_text("le saura")
    expect(page.get_by_role("button", name="Je m’y reconnais")).to_have_attribute("aria-pressed", "true")


def _write(page, check):
    page.get_by_role("link", name="Récits").first.click()
    check(page)
    page.get_by_role("link", name="Écrire un récit").first.click()
    check(page)
    page.get_by_role("textbox", name="Votre récit").fill(WORDS)
    page.get_by_label("espoir").check()
    page.get_by_role("button", name="Relire avant de partager").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("3\u00a0membres")
    check(page)
    page.get_by_role("button", name="Je partage avec le groupe").click()
    expect(page.locator(".e-banner")).to_contain_text("2\u00a0personnes")
    expect(page.get_by_text(WORDS)).to_be_visible()


def _schedule_as_facilitator(page, check, circle):
    sign_in(page, check, circle.ines.email)
    page.get_by_role("link", name="Un soir à la fois").last.click()
    page.get_by_role("link", name="Rencontres").click()
    check(page)
    page.get_by_role("link", name="Planifier des rencontres").click()
    check(page)
    soon = timezone.now().astimezone(makers.MONTREAL) + timedelta(days=5)
    page.get_by_label("Première date").fill(soon.strftime("%d/%m/%Y"))
    page.get_by_label("Heure de début").fill("19 h 30")
    page.get_by_label("Heure de fin").fill("18h")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("La fin vient avant le début")
    check(page)
    page.get_by_label("Heure de fin").fill("21h")
    page.get_by_role("button", name="Continuer").click()
    check(page)
    page.get_by_label("sur deux").check()
    page.get_by_role("button", name="Montrer les dates").click()
    assert page.get_by_role("checkbox", checked=True).count() == 6
    check(page)
    page.get_by_role("checkbox").nth(1).uncheck()
    page.get_by_role("button", name="Continuer").click()
    check(page)
    page.get_by_label("Lien de la salle").fill(makers.LINK)
    page.get_by_role("button", name="Je planifie ces rencontres").click()
    expect(page.locator(".e-banner")).to_contain_text("au calendrier du groupe")


def _reply(page, check):
    page.get_by_role("link", name="Rencontres").first.click()
    check(page)
    page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
    check(page)
    page.get_by_role("button", name="Je pense venir").click()
    expect(page.get_by_role("button", name="Je pense venir")).to_have_attribute("aria-pressed", "true")
    assert makers.LINK not in page.content()


def _get_reminded(circle):
    """A meeting tomorrow whose reminder is due now: beat finds it at its next tick, half a minute at most."""
    with makers.as_person(circle.ines):
        starts_at = timezone.now() + timedelta(days=1, seconds=-1)
        Meeting.objects.filter(pk=circle.meeting.pk).update(**makers.times_of(starts_at))

    mail = wait_for_mail(ADDRESS, "Rappel de rendez-vous", within=60)

    said = text_of(mail) + str(mail.items())
    for secret in ("Un soir", "Pont suspendu", makers.PLACE, makers.LINK, "boire", "groupe"):
        assert secret not in said


def _leave(page, check, circle):
    group, story = f"/g/{circle.group.pk}/", page.url
    page.goto(group)
    page.get_by_role("link", name="Quitter ce groupe").click()
    check(page)
    page.get_by_role("button", name="Je quitte le groupe").click()
    check(page)
    for address in (group, f"{group}stories/", f"{group}meetings/", story):
        assert page.goto(address).status == 404
    check(page)
    page.go_back()
    expect(page.get_by_text(WORDS)).not_to_be_visible()
