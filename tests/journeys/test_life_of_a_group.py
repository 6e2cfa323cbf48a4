"""The life of a group, from an empty database: proposed by a visitor, asked about, accepted and entered while staff
stay outside; then its members welcome, decide, hand over, and leave.

On phones of 360 px, in French, without JavaScript, against gunicorn, the worker and beat.
"""

from playwright.sync_api import expect

from tests import makers
from tests.groups.consent import let_days_pass
from tests.journeys.doors import go_through_the_steps, sign_in
from tests.mailbox import code_for, text_of, wait_for_mail

PROPOSER, FRIEND = "yasmine@people.example", "odile@people.example"


def test_a_group_is_proposed_approved_entered_and_lived_in(committed, visitor, check):
    staff = makers.make_member("nadia", is_staff=True)
    key = makers.give_second_factor(staff)
    page, friend, desk = visitor(), visitor(), visitor()

    sign_in(desk, check, staff.email, second_factor=key)
    desk.goto("/staff/proposals/")
    expect(desk.get_by_role("main")).to_contain_text("Aucune demande en attente")
    check(desk)
    _propose_as_a_visitor(page, check)
    _create_an_account_and_send(page, check)
    _ask(desk, check)
    _read_the_question_and_answer(page, check)
    _accept(desk, check)

    page.reload()
    page.get_by_role("link", name="Entrer dans le groupe").click()
    go_through_the_steps(page, "Phare blanc")
    group = page.url
    page.get_by_role("link", name="Rencontres").first.click()
    expect(page.get_by_role("link", name="Planifier des rencontres")).to_be_visible()
    assert desk.goto(group).status == 404
    assert desk.goto(f"{group}stories/").status == 404

    _ask_to_enter(friend, check)
    _welcome(page, check, group)
    _go_in(friend, check)
    _propose_another_name(page, check, group)
    _agree(friend, check, group)
    _find_it_adopted(page, friend, check, group)
    _hand_over(page, friend, check, group)
    _leave(page, check, group)
    expect(friend.get_by_role("main")).to_be_visible()
    assert friend.goto(group).status == 200


def _propose_as_a_visitor(page, check):
    page.goto("/")
    page.get_by_role("link", name="Proposer un groupe").first.click()
    expect(page.get_by_role("main")).to_contain_text("Étape 1 sur 6")
    _continue(page, check)
    expect(page.get_by_role("alert")).to_contain_text("Donnez un nom au groupe")
    check(page)
    page.get_by_label("Vécu commun").select_option("pain")
    page.get_by_label("Nom du groupe").fill("Vivre avec la douleur")
    _continue(page, check)
    page.get_by_label("Pour qui").fill("Pour les personnes qui vivent avec une douleur qui dure. 10 $ par soir.")
    _continue(page, check)
    expect(page.get_by_role("alert")).to_contain_text("Ici, l’aide est gratuite")
    check(page)
    page.get_by_label("Pour qui").fill("Pour les personnes qui vivent avec une douleur qui dure.")
    page.get_by_label("Un membre accueille").check()
    _continue(page, check)
    page.get_by_role("link", name="La page d’avant").click()
    expect(page.get_by_label("Pour qui")).to_have_value("Pour les personnes qui vivent avec une douleur qui dure.")
    for _ in range(2):
        _continue(page, check)
    page.get_by_label("Non, ou pas encore").check()
    _continue(page, check)
    page.get_by_label("Ajout 1").fill("On peut rester sans parler.")
    _continue(page, check)
    expect(page.get_by_role("main")).to_contain_text("On peut rester sans parler.")
    page.get_by_role("link", name="Nom du groupe").click()
    page.get_by_label("Nom du groupe").fill("Les jours qui tirent")
    _continue(page, check)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier et envoyer")


def _continue(page, check):
    check(page)
    page.get_by_role("button", name="Continuer").click()


def _create_an_account_and_send(page, check):
    check(page)
    page.get_by_role("main").get_by_role("link", name="Créer un compte").click()
    page.get_by_label("Courriel").fill(PROPOSER)
    page.get_by_role("main").get_by_role("button").first.click()
    wait_for_mail(PROPOSER, "Votre code", within=10)
    page.get_by_label("Code").fill(code_for(PROPOSER))
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("main")).to_contain_text("Les jours qui tirent")
    check(page)
    page.get_by_role("button", name="J’envoie ma proposition").click()
    expect(page.locator(".e-banner")).to_contain_text("Votre proposition est reçue")
    check(page)


def _ask(desk, check):
    desk.goto("/staff/proposals/")
    check(desk)
    desk.get_by_role("link", name="Les jours qui tirent").click()
    desk.get_by_role("button", name="Je la regarde").click()
    check(desk)
    desk.get_by_role("link", name="Demander des précisions").click()
    message = desk.get_by_label("Votre message")
    message.fill(message.input_value().replace("[…]", "À quelle heure pensez-vous vous réunir?"))
    desk.get_by_role("button", name="Voir ce que la personne lira").click()
    expect(desk.get_by_text("À quelle heure pensez-vous vous réunir?")).to_be_visible()
    check(desk)
    desk.get_by_role("button", name="J’envoie cette question").click()
    expect(desk.locator(".e-banner")).to_contain_text("Votre question est envoyée")


def _read_the_question_and_answer(page, check):
    mail = wait_for_mail(PROPOSER, "Vous avez un message au sujet de votre demande", within=60)
    for secret in ("jours qui tirent", "groupe", "heure pensez-vous"):
        assert secret not in text_of(mail) + str(mail.items())
    page.goto("/me/")
    page.get_by_role("link", name="Les jours qui tirent").click()
    expect(page.get_by_role("main")).to_contain_text("À quelle heure pensez-vous vous réunir?")
    check(page)
    page.get_by_label("Votre réponse").fill("Plutôt le matin.")
    page.get_by_role("button", name="J’envoie ma réponse").click()
    expect(page.locator(".e-banner")).to_contain_text("Votre réponse est arrivée")


def _accept(desk, check):
    desk.goto("/staff/proposals/")
    desk.get_by_role("link", name="Les jours qui tirent").click()
    expect(desk.get_by_role("main")).to_contain_text("Plutôt le matin.")
    desk.get_by_role("link", name="Accepter").click()
    desk.get_by_role("button", name="Voir ce que la personne lira").click()
    expect(desk.get_by_role("alert")).to_contain_text("7 points à corriger")
    for box in desk.get_by_role("checkbox").all():
        box.check()
    desk.get_by_role("button", name="Voir ce que la personne lira").click()
    check(desk)
    desk.get_by_role("button", name="J’accepte ce groupe").click()
    expect(desk.locator(".e-banner")).to_contain_text("Le groupe est accepté")
    desk.get_by_role("link", name="Le journal de l’équipe").click()
    expect(desk.get_by_role("main")).to_contain_text("Précisions demandées")
    check(desk)


def _ask_to_enter(friend, check):
    friend.goto("/groups/")
    friend.get_by_role("link", name="Les jours qui tirent").click()
    check(friend)
    friend.get_by_role("link", name="Demander à entrer").first.click()
    friend.get_by_role("main").get_by_role("link", name="Créer un compte").click()
    friend.get_by_label("Courriel").fill(FRIEND)
    friend.get_by_role("main").get_by_role("button").first.click()
    wait_for_mail(FRIEND, "Votre code", within=10)
    friend.get_by_label("Code").fill(code_for(FRIEND))
    friend.get_by_role("button", name="Continuer").click()
    go_through_the_steps(friend, "Gué bleu", at_the_end="Je demande à entrer")
    expect(friend.get_by_role("heading", level=1)).to_have_text("Votre demande attend")
    check(friend)


def _welcome(page, check, group):
    page.goto(group)
    page.get_by_role("link", name="Voir qui demande").click()
    check(page)
    page.get_by_role("button", name="Accueillir").click()
    expect(page.locator(".e-banner")).to_contain_text("C’est fait")
    check(page)


def _go_in(friend, check):
    friend.goto("/me/")
    check(friend)
    friend.get_by_role("link", name="Les jours qui tirent").click()
    expect(friend.get_by_role("heading", level=1)).to_have_text("On vous attend")
    check(friend)
    friend.get_by_role("button", name="J’entre dans le groupe").click()
    expect(friend.locator(".e-banner")).to_contain_text("Bienvenue")


def _propose_another_name(page, check, group):
    page.goto(group)
    page.get_by_role("link", name="Décisions").first.click()
    expect(page.get_by_role("main")).to_contain_text("Aucune décision en cours")
    check(page)
    page.get_by_role("link", name="Proposer un changement").click()
    check(page)
    page.get_by_role("link", name="Le nom du groupe").click()
    page.get_by_label("Nom du groupe").fill("Les jours qui tiennent")
    page.get_by_label("Pourquoi vous le proposez").fill("J’aimerais un nom qui porte.")
    check(page)
    page.get_by_role("button", name="Je le propose au groupe").click()
    expect(page.locator(".e-banner")).to_contain_text("C’est proposé")
    check(page)


def _agree(friend, check, group):
    friend.goto(group)
    friend.get_by_role("main").get_by_role("link", name="Le nom du groupe").click()
    expect(friend.get_by_role("main")).to_contain_text("J’aimerais un nom qui porte.")
    friend.get_by_label("D’accord").check()
    check(friend)
    friend.get_by_role("button", name="C’est ma position").click()
    expect(friend.locator(".e-banner")).to_contain_text("C’est noté")
    expect(friend.get_by_role("main")).to_contain_text("Votre position : D’accord")


def _find_it_adopted(page, friend, check, group):
    let_days_pass()
    friend.goto(group)
    expect(friend.locator(".e-groupname")).to_have_text("Les jours qui tiennent")
    page.goto(f"{group}decisions/")
    expect(page.get_by_role("main")).to_contain_text("Adoptée : personne ne s’y est opposé")
    check(page)
    page.goto("/groups/")
    expect(page.get_by_role("link", name="Les jours qui tiennent")).to_be_visible()


def _hand_over(page, friend, check, group):
    page.goto(group)
    page.get_by_role("link", name="Rencontres").first.click()
    page.get_by_role("link", name="Qui anime").click()
    page.get_by_label("Qui pourrait prendre la suite").select_option(label="Gué bleu")
    check(page)
    page.get_by_role("button", name="Proposer à cette personne").click()
    friend.goto(f"{group}facilitation/")
    check(friend)
    friend.get_by_role("button", name="Je prends la suite").click()
    expect(friend.locator(".e-banner")).to_contain_text("Vous animez")
    page.goto(f"{group}facilitation/")
    expect(page.get_by_role("button", name="Je peux animer")).to_be_visible()


def _leave(page, check, group):
    page.goto(f"{group}leave/")
    check(page)
    page.get_by_role("button", name="Je quitte le groupe").click()
    check(page)
    assert page.goto(group).status == 404
