"""The doors that every walk through the site passes: signing in, and the three pages of joining."""

from playwright.sync_api import expect

from tests import makers
from tests.mailbox import code_for, wait_for_mail


def sign_in(page, check, address, second_factor=None):
    page.goto("/account/login/")
    page.get_by_label("Courriel").fill(address)
    page.get_by_role("main").get_by_role("button").first.click()
    wait_for_mail(address, "Votre code", within=10)
    page.get_by_label("Code").fill(code_for(address))
    page.get_by_role("button", name="Continuer").click()
    if second_factor:
        check(page)
        page.get_by_label("Code").fill(makers.app_code(second_factor))
        page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")
    check(page)


def go_through_the_steps(page, name, at_the_end="J’entre dans le groupe"):
    page.get_by_label("Le nom que vous choisissez").fill(name)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("J’ai lu la charte").check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Aucun rappel").check()
    page.get_by_role("button", name=at_the_end).click()
