"""Both themes: contrast, and colours that differ also for those who do not see all of them."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.i18n import messages as i18n

ASSETS = Path(i18n.__file__).parents[1] / "assets"

Colour = NDArray[np.float64]

SIGHTS = {
    "usual": np.eye(3),
    # Machado, Oliveira & Fernandes 2009, IEEE TVCG 15(6), severity 1.0; on linear RGB.
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip

_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
_WHITE = _XYZ @ np.ones(3)


def linear(colour: str) -> Colour:
    """Return linear RGB of ``#rrggbb`` or ``#rgb``."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    rgb = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    lighter, darker = sorted((float(weights @ linear(c)) for c in (a, b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def difference(a: str, b: str, sight: str = "usual") -> float:
    """Return the difference of two colours as seen with a sight, CIE 1976 delta E (L*a*b*)."""
    return float(np.linalg.norm(_lab(a, sight) - _lab(b, sight)))


def _lab(colour: str, sight: str) -> Colour:
    seen = np.clip(SIGHTS[sight] @ linear(colour), 0, 1)
    ratio = _XYZ @ seen / _WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def themes() -> dict[str, dict[str, str]]:
    """Colours by theme and variable; the light theme overrides the dark one."""
    sheet = (ASSETS / "base" / "theme.css").read_text()
    found = []
    for selector in (r":root", r':root\[data-theme="light"\]'):
        block = re.search(rf"^{selector} {{(.*?)^}}", sheet, re.MULTILINE | re.DOTALL)
        assert block is not None
        found.append(dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1])))
    return {"dark": found[0], "light": {**found[0], **found[1]}}


THEMES = themes()
PANELS = ("ground", "panel", "raised", "hover", "selected", "acknowledged")
LETTERS = ("text", "muted", "high-text", "medium-text", "low-text", "technical-text", "unwatched")
READ = [
    *((letters, panel) for letters in LETTERS for panel in PANELS),
    *(("link", panel) for panel in ("ground", "panel", "raised")),
    *(("rate", panel) for panel in ("ground", "panel")),
    *((f"beat-{label}", "panel") for label in "nsvfq"),
    ("on-high", "high"),
    ("on-high-dim", "high-dim"),
    ("on-medium", "medium"),
    ("on-medium-dim", "medium-dim"),
    ("on-low", "low"),
    ("on-technical", "technical"),
    ("on-unwatched", "unwatched"),
    ("on-primary", "primary"),
    ("on-unusual", "unusual"),
]
SEEN = ["trace", "anomaly", "millivolt-mark", "high-edge", "medium-edge", "low-edge"]


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    """WCAG 2.2, 1.4.3 (AA): 4.5:1."""
    colours = THEMES[theme]
    low = {
        (a, b): round(contrast(colours[a], colours[b]), 2)
        for a, b in READ
        if contrast(colours[a], colours[b]) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("theme", THEMES)
def test_graphics_can_be_seen(theme: str) -> None:
    """WCAG 2.2, 1.4.11 (AA): 3:1."""
    colours = THEMES[theme]
    for name in SEEN:
        assert contrast(colours[name], colours["panel"]) >= 3, name


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_classes_of_beats_differ(theme: str, sight: str) -> None:
    """A just noticeable difference is about 2.3; small marks take a multiple of it."""
    colours = THEMES[theme]
    for a, b in combinations("nsvfq", 2):
        assert difference(colours[f"beat-{a}"], colours[f"beat-{b}"], sight) >= 20, (a, b)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_priorities_differ(theme: str, sight: str) -> None:
    colours = THEMES[theme]
    for a, b in combinations(("high", "medium", "low", "panel"), 2):
        assert difference(colours[a], colours[b], sight) >= 25, (a, b)


@pytest.mark.parametrize("theme", THEMES)
def test_alarm_colours_are_those_of_the_standard(theme: str) -> None:
    """IEC 60601-1-8, table 2: red, yellow, cyan."""
    for name, channels in {"high": (1, 0, 0), "medium": (1, 1, 0), "low": (0, 1, 1)}.items():
        red, green, blue = (value > 0.4 for value in linear(THEMES[theme][name]))
        assert (red, green, blue) == tuple(map(bool, channels)), name


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_difference_of_known_pairs() -> None:
    assert difference("#ffffff", "#000000") == pytest.approx(100, abs=0.1)
    assert difference("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.2)  # D65
    assert difference("#ff4000", "#a06a00", "deuteranopia") < 30  # red and brown, alike to them


def test_sheets_have_no_colours_of_their_own() -> None:
    """A colour that is no variable of the theme would be wrong in one of the themes."""
    for path in sorted(ASSETS.rglob("*.css")):
        if path.name == "theme.css":
            continue
        sheet = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", path.read_text(), flags=re.DOTALL)
        found = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|\b(?:rgb|hsl)a?\(", sheet)
        assert found == [], f"{path.name}: {found}"


def test_sheets_can_be_mirrored() -> None:
    """Left and right are only for what is the same in every language: a trace."""
    physical = re.compile(
        r"(?<![\w-])((?:margin|padding|border)-(?:left|right)|float: (?:left|right)"
        r"|text-align: (?:left|right))"
    )
    for path in sorted(ASSETS.rglob("*.css")):
        assert physical.findall(path.read_text()) == [], path.name
