"""« Le 4e mardi du mois » with nothing but a keyboard and without a script; then one meeting changed, and the rest."""

from datetime import timedelta

from playwright.sync_api import expect

from entraide.lib.days import today
from entraide.lib.rhythm import is_last_of_month, nth_of_month
from entraide.lib.times import short_day
from meetings.models import Series
from tests import makers
from tests.journeys.test_keyboard import press, reach, write
from tests.makers import as_person

FOURTH = next(
    on
    for on in (today() + timedelta(days=n) for n in range(2, 70))
    if on.weekday() == 1 and nth_of_month(on) == 4 and not is_last_of_month(on)
)


def retype(page, label, text):
    reach(page, label)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_the_fourth_tuesday_with_a_keyboard_alone(window, village):
    page = window("ines")
    page.goto(f"/g/{village.values['gid']}/meetings/")
    press(page, "Planifier des rencontres")
    write(page, "Première date", f"{FOURTH:%d/%m/%Y}", enter=False)
    retype(page, "Heure de début", "18h15")
    retype(page, "Heure de fin", "19 h 45")
    press(page, "Continuer")

    reach(page, "Chaque mardi")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Le 4e mardi du mois")).to_be_checked()
    press(page, "dates")

    expect(page.locator(".e-sentence")).to_contain_text("Le 4e mardi du mois, de 18\u00a0h\u00a015 à 19\u00a0h\u00a045")
    assert page.get_by_role("checkbox", checked=True).count() == 6
    reach(page, short_day(FOURTH))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert [box.is_checked() for box in page.get_by_role("checkbox").all()] == [True, False] + 4 * [True]
    press(page, "Continuer")

    write(page, "Lien de la salle", makers.LINK, enter=False)
    press(page, "Je planifie ces rencontres", "Space")

    expect(page.locator(".e-banner")).to_contain_text("au calendrier du groupe")
    ines = village.people["ines"]
    with as_person(ines):
        series = Series.objects.get(rhythm="monthly")
    assert (series.first_on, series.starts.isoformat("minutes"), series.minutes) == (FOURTH, "18:15", 90)
    assert len(series.skipped) == 1 and nth_of_month(series.skipped[0]) == 4


def test_one_meeting_is_moved_and_the_following_ones_change_hour(window, village):
    page = window("ines")
    page.goto(f"/g/{village.values['gid']}/meetings/{village.values['mid']}/")
    page.locator("summary", has_text="Changer ou déplacer").click()
    page.locator("a[href$='/change/']").click()
    page.locator("main [name=theme]").fill("Au bord de l’eau")
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    expect(page.get_by_role("main")).to_contain_text("Au bord de l’eau")

    page.locator("summary", has_text="Changer ou déplacer").click()
    page.locator("a[href$='/change/following/']").click()
    page.locator("main [name=ends]").fill("20 h 45")
    for _ in range(4):
        with page.expect_navigation():
            page.locator("main form .btn-primary").click()

    assert page.url.endswith("/meetings/")
    expect(page.get_by_role("main")).to_contain_text("19\u00a0h à 20\u00a0h\u00a045")
