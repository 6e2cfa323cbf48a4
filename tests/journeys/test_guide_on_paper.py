"""The guide for facilitating, as a browser prints it: one sheet, in both languages and on both papers."""

import re

import pytest

from tests.journeys.every_page import PAGES

MARGINS = dict.fromkeys(("top", "right", "bottom", "left"), "12.7mm")  # half an inch: what Firefox leaves, the widest


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_guide_fits_on_one_page(window, go, language, paper):
    page = window("malik")
    go(page, PAGES["guide"], language)

    assert sheets(page.pdf(format=paper, margin=MARGINS)) == 1
    assert sheets(page.pdf(format=paper, margin=MARGINS, scale=2)) > 1  # they are counted


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page(?!s)\b", pdf))
