"""The colours of the back-office, light and dark: what stands on what keeps WCAG 2.2 AA (1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "config/staff/static/staff/back-office.css").read_text()
LIGHT, DARK = 0, 1
GROUNDS = ("bo-card", "body-bg")
TINTS = ("bo-good-tint", "bo-warn-tint", "bo-bad-tint", "bo-info-tint", "bo-quiet-tint")
# By colour, what it is written on.
TEXTS = {
    "body-fg": (*GROUNDS, *TINTS),
    "body-loud-color": (*GROUNDS, *TINTS),
    "body-medium-color": (*GROUNDS, *TINTS),
    "bo-muted": (*GROUNDS, "bo-quiet-tint", "bo-info-tint"),
    "link-fg": (*GROUNDS, *TINTS),
    "link-hover-color": (*GROUNDS, "bo-quiet-tint", "bo-info-tint"),
    "bo-good": (*GROUNDS, "bo-good-tint"),
    "bo-warn": (*GROUNDS, "bo-warn-tint"),
    "bo-bad": (*GROUNDS, "bo-bad-tint"),
    "bo-info": (*GROUNDS, "bo-info-tint"),
    "error-fg": GROUNDS,
    "header-color": ("header-bg",),
    "header-link-color": ("header-bg",),
    "breadcrumbs-fg": GROUNDS,
    "breadcrumbs-link-fg": GROUNDS,
    "bo-brand-fg": ("bo-brand",),
    "button-fg": ("button-bg", "button-hover-bg", "delete-button-bg", "delete-button-hover-bg"),
}
# Edges of fields and rings of focus.
EDGES = {"border-color": GROUNDS, "bo-focus": (*GROUNDS, "header-bg")}


def colours(scheme: int) -> dict[str, str]:
    """By variable, its colour in one scheme."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", SHEET)
    return {name: chosen[scheme] for name, *chosen in pairs}


def contrast(one: str, other: str) -> float:
    """As WCAG defines it: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (EDGES, 3.0)], ids=["texts", "edges"])
def test_colours_can_be_told_apart(scheme: int, pairs: dict[str, tuple[str, ...]], least: float) -> None:
    known = colours(scheme)

    measured = {(one, on): contrast(known[one], known[on]) for one, grounds in pairs.items() for on in grounds}

    assert {pair: round(value, 2) for pair, value in measured.items() if value < least} == {}


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_no_colour_stands_outside_the_variables() -> None:
    rules = SHEET.split("/* 2 page and header")[1]

    # The ground of a QR code is white in the dark as well, or no telephone reads it.
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[; ])", rules) == ["#ffffff"]
    assert "://" not in SHEET
    assert "url(" not in SHEET
