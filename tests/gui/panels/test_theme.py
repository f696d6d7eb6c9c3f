"""The look: every icon exists, every name in the style sheet is filled in, text can be read."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from rhytid.gui import theme
from rhytid.gui.window.actions import SPECS
from rhytid.gui.window.docks import DOCKS


@pytest.fixture(params=theme.THEMES)
def colours(request, monkeypatch):
    """The colours of each theme in turn, in use."""
    for name, value in theme.THEMES[request.param].items():
        monkeypatch.setitem(theme.COLOURS, name, value)
    return theme.COLOURS


def luminance(name: str) -> float:
    """Relative luminance (WCAG 2.1) of a colour of the theme."""
    parts = QColor(theme.COLOURS[name]).getRgbF()[:3]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_style_sheet_has_no_open_names_and_finds_its_pictures(qapp, colours):
    sheet = theme.style_sheet()
    assert not re.findall(r"@\w+@", sheet)
    for path in re.findall(r"url\(([^)]+)\)", sheet):
        assert (theme.RESOURCES / path).exists(), path


LINE_ICONS = sorted({path.stem for path in (theme.RESOURCES / "icons").glob("*.svg")} - {"rhytid"})


@pytest.mark.parametrize("name", LINE_ICONS)
def test_every_icon_draws_something_in_the_asked_colour(qapp, name):
    image = theme.icon(name, "accent").pixmap(QSize(24, 24)).toImage()
    inked = [image.pixelColor(x, y) for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() > 200]
    assert inked
    accent = QColor(theme.COLOURS["accent"])
    assert all(abs(c.red() - accent.red()) < 12 and abs(c.blue() - accent.blue()) < 12 for c in inked)
    grey = theme.icon(name).pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    assert grey != image


def test_icons_that_others_name_exist(qapp):
    for name in {spec.icon for spec in (*SPECS, *DOCKS) if spec.icon}:
        theme.icon(name)
    with pytest.raises(ValueError, match="no icon 'unicorn'"):
        theme.icon("unicorn")


def test_every_theme_has_every_colour():
    assert {frozenset(colours) for colours in theme.THEMES.values()} == {frozenset(theme.COLOURS)}


def test_greys_carry_no_tint(colours):
    for name in ("window", "canvas", "panel", "field", "button", "line", "text", "text_soft"):
        shade = QColor(colours[name])
        assert shade.red() == shade.green() == shade.blue(), name


@pytest.mark.parametrize(("text", "ground", "least"), [
    ("text", "window", 7.0), ("text", "panel", 7.0), ("text", "field", 7.0), ("text", "button", 7.0),
    ("text", "selected", 4.5), ("text_soft", "window", 4.5), ("text_soft", "panel", 4.5), ("accent", "panel", 4.5),
    ("error", "window", 4.5), ("warning", "window", 4.5), ("focus", "window", 3.0), ("text_faint", "window", 2.5),
])  # fmt: skip
def test_text_can_be_read(colours, text, ground, least):
    assert contrast(text, ground) >= least
