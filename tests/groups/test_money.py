"""Words that ask for money are found; those of people who speak of their lives are left alone."""

import pytest

from groups.money import words_that_ask_for_money

ASKING = {
    "20 $ par rencontre": "20 $",
    "5€": "5€",
    "$10 at the door": "$10",
    "CAD 20": "CAD 20",
    "0,50 $": "0,50 $",
    "＄20 par mois": "＄20",
    "vingt dollars": "vingt dollars",
    "10 euros la séance": "10 euros",
    "On partage les frais de salle": "les frais",
    "frais d’inscription": "frais d’inscription",
    "Frais modiques": "Frais modiques",
    "participation aux frais": "participation aux frais",
    "COTISATION annuelle": "COTISATION",
    "une cotisation\nde membre": "cotisation",
    "don suggéré à l’entrée": "don suggéré",
    "dons bienvenus": "dons bienvenus",
    "contribution volontaire": "contribution volontaire",
    "prix libre": "prix libre",
    "il faut payer à l’entrée": "faut payer",
    "groupe payant": "payant",
    "tarif réduit": "tarif",
    "honoraires": "honoraires",
    "abonnement": "abonnement",
    "virement Interac": "Interac",
    "a small fee": "fee",
    "membership dues": "dues",
    "suggested donation": "donation",
    "pay what you can": "pay what",
    "sliding scale": "sliding scale",
    "Ce n’est pas gratuit": "pas gratuit",
    "Aucun frais, mais une cotisation": "cotisation",
    "Sans frais. Cotisation à l’automne.": "Cotisation",
    "Gratuit, sauf 5 $ pour le café": "5 $",
    "on ne demande qu’une cotisation": "cotisation",
    "no fee, only a donation": "donation",
}
ASKING_NOTHING = """
gratuit · C’est gratuit, pour de bon. · entraide gratuite · sans frais · Sans aucuns frais · aucun frais d’inscription
aucune cotisation · il n’y a pas de frais d’inscription · ni frais ni cotisation · on ne demande jamais d’argent
sans frais, sans cotisation et sans don suggéré · personne ne paie · vous ne payez rien · 0 $ · $0
free · free of charge · no fee · No dues, no fees · we never ask for a fee · without payment · nobody pays a fee
à tout prix · le prix du silence · the price we pay · un temps frais, au jardin · des légumes frais · de l’air frais
don d’organes · parents d’enfants en attente d’un don · organ donation · le don de soi · un don du ciel
perdre de l’argent au jeu · vivre avec des dettes · impayés · les frais funéraires · des frais médicaux · payer cher
pay attention to each other · people who cannot pay for care · unpaid carers · burnout, paid work or not
cent fois sur le métier · vingt ans après · de 6 à 12 personnes · à 19 h 30 · le 5 mai · au 2e étage · parler franc
"""
HARMLESS = [words.strip() for line in ASKING_NOTHING.strip().splitlines() for words in line.split("·")]


@pytest.mark.parametrize("text", ASKING)
def test_words_that_ask_for_money_are_found_as_they_were_typed(text):
    assert words_that_ask_for_money(text) == ASKING[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_words_that_ask_for_nothing_are_left_alone(text):
    assert words_that_ask_for_money(text) == ""


def test_a_long_text_takes_no_time():
    assert words_that_ask_for_money("1 000 " * 400 + "sans " * 400) == ""
