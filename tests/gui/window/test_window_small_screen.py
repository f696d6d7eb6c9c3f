"""Dialogs and panels on a screen of 1920 x 1080 pixels at 200 %."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea
from test_window_help import dialogs, driver  # noqa: F401 (fixtures)

from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.dialogs.dialog import Dialog

SMALL = QSize(960, 500)


class SmallScreen:
    """A screen as far as a dialog asks for it."""

    @staticmethod
    def availableSize() -> QSize:
        return SMALL


def test_every_dialog_fits_and_its_buttons_are_in_reach(driver, dialogs, monkeypatch):  # noqa: F811
    monkeypatch.setattr(Dialog, "screen", lambda _self: SmallScreen)
    scrolled = 0
    for dialog in (dialog for dialog in dialogs if isinstance(dialog, Dialog)):
        dialog.show()
        driver.wait(dialog.isVisible)
        name = type(dialog).__name__
        assert dialog.width() <= SMALL.width(), name
        assert dialog.height() < SMALL.height(), name
        for button in dialog.buttons.buttons():
            corner = button.mapTo(dialog, button.rect().bottomRight())
            assert dialog.rect().contains(corner), name
        area = dialog.findChild(QScrollArea)
        assert area.widget().width() <= area.width(), name  # nothing lies beside what scrolls
        scrolled += area.verticalScrollBar().maximum() > 0
        dialog.hide()
    assert scrolled, "the contact sheet at least is higher than this screen"


def test_on_a_large_screen_no_dialog_scrolls(driver, dialogs, monkeypatch):  # noqa: F811
    monkeypatch.setattr(SmallScreen, "availableSize", staticmethod(lambda: QSize(2560, 1440)))
    monkeypatch.setattr(Dialog, "screen", lambda _self: SmallScreen)
    for dialog in (dialog for dialog in dialogs if isinstance(dialog, Dialog)):
        dialog.show()
        driver.wait(dialog.isVisible)
        assert dialog.findChild(QScrollArea).verticalScrollBar().maximum() == 0, type(dialog).__name__
        dialog.hide()


def test_a_narrow_window_gives_the_face_the_largest_part(driver):  # noqa: F811
    window, size = driver.window, driver.window.size()
    window.show_canvas(False)
    window.resize(960, 540)
    window.docks.reset()
    driver.settle()
    tool = window.docks["tool"].panel
    assert driver.viewport.width() > max(tool.width(), window.docks["expression"].width())
    assert all(button.width() >= button.sizeHint().width() - 1 for button in tool.tools.values())
    cut = {name for name, row in tool.rows.items() if row.isVisible() and row.width() > tool.width()}
    assert not cut
    window.resize(size)
    window.docks.reset()
    window.show_canvas(True)
    driver.settle()
    named = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    assert (tool.tools[Tool.BRUSH].toolButtonStyle() == named) == (tool.width() > 300)
