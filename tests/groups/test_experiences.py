"""The curated list of words: complete, and answering to what people really type."""

import pytest
from django.utils import translation

from groups import experiences
from groups.models import LivedExperience


def named(text):
    return {code for _, codes in experiences.terms(text) for code in codes}


def test_every_lived_experience_has_its_words():
    assert set(experiences.NAMED_BY) == set(LivedExperience) - {LivedExperience.OTHER}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_topic_of_the_list_finds_its_own_lived_experience(language):
    with translation.override(language):
        labels = {str(one.label): one for one in LivedExperience if one != LivedExperience.OTHER}

    assert set(experiences.topics(language)) == set(labels)
    for label, code in labels.items():
        assert [set(codes) >= {code} for _, codes in experiences.terms(label)] == [True], label


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("fausses couches", {"perinatal_loss"}),
        ("Miscarriages", {"perinatal_loss"}),
        ("proche aidante", {"caregiving"}),
        ("caregivers", {"caregiving"}),
        ("mon fils est schizophrène", {"voices"}),
        ("ma mère a l’alzheimer", {"caregiving"}),
        ("my husband drinks", {"addiction", "near_addiction"}),
        ("le suicide de mon frère", {"suicide_loss", "suicidal"}),
        ("crises de panique", {"anxiety"}),
        ("TDAH", {"neurodiversity"}),
        ("LGBTQ+", {"identity"}),
        ("burn-out", {"burnout"}),
        ("burn out", {"burnout"}),
        ("coeur brisé", {"separation"}),
        ("cœur brisé", {"separation"}),
        ("machines à sous", {"gambling"}),
        ("femmes battues", {"violence"}),
        ("jardinage", set()),
    ],
)
def test_what_people_type_names_what_they_live(text, codes):
    assert named(text) == codes


def test_the_person_whom_it_is_about_needs_not_be_found():
    assert "mari" not in [words for words, _ in experiences.terms("j’ai perdu mon mari")]
    assert "mari" in [words for words, _ in experiences.terms("mon mari jardine")]


@pytest.mark.parametrize("text", ["", " ", "!!!", "\u200b", "💧", "a" * 80, "é " * 40])
def test_no_text_is_too_strange(text):
    for words, codes in experiences.terms(text):
        assert words and not codes
