"""Suggestions for a name in a group: trees, birds and things of the house, which say nothing about anybody."""

import random

from django.utils.translation import get_language

SUGGESTIONS = {
    "fr": (
        "Bouleau Mésange Lanterne Tilleul Brume Corneille Érable Galet Hirondelle Lavande Marée Merle Mousse Myrtille"
        " Noisetier Ombrelle Osier Pivert Plume Rivage Roseau Sapin Saule Tisane Tournesol Velours Verveine Violon"
    ).split(),
    "en": (
        "Birch Chickadee Lantern Linden Mist Crow Maple Pebble Swallow Lavender Tide Blackbird Moss Blueberry Hazel"
        " Parasol Willow Woodpecker Feather Shore Reed Fir Teapot Sunflower Velvet Verbena Violin Kettle"
    ).split(),
}


def three_names(used: set[str]) -> list[str]:
    """None of those that were suggested to this person before another door, as long as there are others: whoever always
    takes the first one must not have the same name everywhere."""
    names = SUGGESTIONS.get(get_language(), SUGGESTIONS["en"])
    fresh = [name for name in names if name not in used]
    return random.sample(fresh if len(fresh) >= 3 else names, 3)
