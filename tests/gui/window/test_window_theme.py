"""Another theme takes effect on everything that is open, at once, and the first one comes back as it was."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolBar, QWidget

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key
from rhytid.core.document.commands import TakeClip
from rhytid.gui.dialogs.preferences_dialog import PreferencesDialog
from rhytid.gui.theme import DARK, LIGHT, change_theme

KEYS = (("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(2.0, 0.8)))


def pixels(widget: QWidget) -> np.ndarray:
    """uint8 (H, W, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def count(picture: np.ndarray, shade: str) -> int:
    """How many pixels have a colour."""
    return int((picture == QColor(shade).getRgb()[:3]).all(axis=2).sum())


@pytest.fixture
def parts(driver):
    """Widgets of the window by name, with the colours that they show."""
    window = driver.window
    window.docks.show_timeline()
    window.show_canvas(True)
    for name in ("history", "age"):
        window.docks[name].raise_()
    driver.wait(lambda: all(window.docks[name].panel is not None for name in ("timeline", "history", "age")))
    driver.document.execute(TakeClip(with_keys(Clip(end_s=2.0), KEYS)))
    driver.settle()
    timeline, age = window.docks["timeline"].panel, window.docks["age"].panel
    window.messages.show_message("Saved a.rhytid", "warning")
    yield {
        "menus": (window.menuBar(), ("window", "text")),
        "tools with their icons": (window.findChild(QToolBar, "toolBar"), ("panel", "text")),
        "curves": (timeline.curves, ("field", "accent")),
        "buttons of the timeline": (timeline.play, ("text",)),
        "tracks": (timeline.tracks, ("field", "text")),
        "chart": (window.canvas.view, ("canvas",)),
        "header of a group": (age.parts.findChild(QWidget, "fold_bar"), ("panel",)),
        "slider": (age.row, ("window",)),
        "history": (window.docks["history"].panel.list, ("field", "canvas")),
        "message": (window.messages, ("panel", "text")),
    }
    change_theme(QApplication.instance(), "dark")
    window.messages.hide()
    window.show_canvas(False)
    window.docks["timeline"].hide()
    window.docks["strokes"].raise_()
    driver.settle()


def test_another_theme_takes_effect_at_once_and_the_first_comes_back(driver, parts):
    before = {name: pixels(widget) for name, (widget, _shades) in parts.items()}
    dialog = PreferencesDialog(driver.session.preferences, driver.session.compute, driver.window)
    dialog.show()
    dialog.tabs.setCurrentWidget(dialog.theme.parentWidget())
    for theme, colours, other in (("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
        dialog.theme.setFocus()
        QTest.keyClick(dialog.theme, Qt.Key.Key_Down if theme == "light" else Qt.Key.Key_Up)
        assert driver.session.preferences.theme == theme
        driver.settle()
        for name, (widget, shades) in parts.items():
            picture = pixels(widget)
            for shade in shades:
                assert count(picture, colours[shade]) >= 4, (theme, name, shade)
                if other[shade] not in colours.values():
                    assert count(picture, other[shade]) < 30, (theme, name, shade)  # edges between both
        assert count(pixels(dialog), colours["window"]) > 10_000
    dialog.close()
    dialog.deleteLater()
    for name, (widget, _shades) in parts.items():
        assert np.array_equal(pixels(widget), before[name]), name
