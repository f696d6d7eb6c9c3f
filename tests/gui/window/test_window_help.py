"""Everything that the window can show: F1 leads to its paragraph of the manual, and on a small screen it fits.

That screen has 1920 x 1080 pixels at 200 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QScrollArea,
    QTabBar,
    QWidget,
)
from window_driver import Driver

from rhytid.core.document.recovery import Comparison, Recovery, Standing
from rhytid.core.io.export_options import ExportReport
from rhytid.core.pack.residual import Residual
from rhytid.core.pack.writing import PackReport
from rhytid.gui.controllers.library import Library
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.dialogs.about_dialog import AboutDialog
from rhytid.gui.dialogs.choose_face import ChooseFaceDialog
from rhytid.gui.dialogs.contact_sheet import ContactSheet
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.export.report import ExportReportDialog
from rhytid.gui.dialogs.export_dialog import ExportDialog
from rhytid.gui.dialogs.film_dialog import FilmDialog
from rhytid.gui.dialogs.first_steps import FirstSteps
from rhytid.gui.dialogs.fit_head import FitHeadDialog
from rhytid.gui.dialogs.import_color import ImportColorDialog
from rhytid.gui.dialogs.import_displacement import ImportDialog
from rhytid.gui.dialogs.live_link_dialog import LiveLinkDialog
from rhytid.gui.dialogs.preferences_dialog import PreferencesDialog
from rhytid.gui.dialogs.recovery_dialog import RecoveryDialog
from rhytid.gui.dialogs.scan_dialog import ScanDialog
from rhytid.gui.dialogs.shortcuts_dialog import ShortcutsDialog
from rhytid.gui.dialogs.wrinkle_meter import WrinkleMeter
from rhytid.gui.dialogs.wrinkle_pack_dialog import WrinklePackDialog, WrinklePackReportDialog
from rhytid.gui.manual import opening
from rhytid.gui.manual.pages import START, manual_pages
from rhytid.gui.manual.topic_table import TOPICS
from rhytid.gui.manual.topics import names_of, topic_in_menu, topic_of
from rhytid.gui.manual.window import Manual
from rhytid.gui.widgets.slider_face import SliderFace
from rhytid.gui.window.actions import SPECS

PLACES = {section.place for page in manual_pages() for section in page.sections}
CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, SliderFace)

NOTHING_LEFT = Residual(np.zeros((8, 8), np.float32), (), (), 0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def driver(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A window of its own: with every panel made there is less room for the chart than other tests expect."""
    patch = pytest.MonkeyPatch()
    patch.setenv("RHYTID_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    patch.setattr(Library, "picture", lambda _library, _item: None)  # dozens would be drawn, of which none matters here
    driver = Driver()
    driver.window.resize(1100, 760)
    for dock in driver.window.docks.docks.values():
        dock.may_build = True
        dock.build()
    driver.window.show_canvas(True)
    driver.wait_s(0.1)  # for the layout
    driver.settle()
    yield driver
    driver.window.close_now()
    patch.undo()


@pytest.fixture
def dialogs(driver, tmp_path: Path) -> Iterator[list[QWidget]]:
    """One of each, over the window."""
    window, state = driver.window, driver.document.state
    path = tmp_path / "map.png"
    cv2.imwrite(str(path), np.linspace(24000, 41000, 64 * 64).reshape(64, 64).astype(np.uint16))
    made: list[QWidget] = [
        ImportDialog(path, state, window),
        ImportColorDialog(path, driver.head, window),
        ExportDialog(driver.head, driver.head.neutral, window.preferences, "face", window),
        ExportReportDialog(ExportReport(tmp_path, (), (), 1.0, {}), window),
        ContactSheet("Smile", (("jawOpen", 1.0),), driver.document, driver.head, driver.session.engines,
                     driver.session.jobs, window),
        WrinkleMeter([], None, window),
        FilmDialog(state, window),
        WrinklePackDialog(window.preferences, 60.0, "face", window),
        WrinklePackReportDialog(PackReport(tmp_path, (), NOTHING_LEFT, "", 1.0), window),
        ScanDialog(tmp_path / "anna.ply", window.preferences, window),
        FitHeadDialog(replace(driver.head, residual_mm=np.zeros(driver.head.n_skin, np.float32)), parent=window),
        LiveLinkDialog(driver.session.live, window.actions_by_name["freeze_live"], window),
        PreferencesDialog(window.preferences, driver.session.compute, window),
        RecoveryDialog([Recovery(path, None, None, 0.0)], [Comparison(Standing.NO_FILE)], 60.0, window),
        ShortcutsDialog([(spec.name, spec.text, spec.keys) for spec in SPECS], parent=window),
        AboutDialog("", window),
        FirstSteps(window.preferences, window.viewport),
        ChooseFaceDialog("two.jpg", np.zeros((60, 80, 3), np.uint8), [(5, 5, 20, 30), (40, 5, 20, 30)], window),
    ]
    driver.wait(lambda: made[0].range.text().strip() != "")
    yield made
    for dialog in made:
        dialog.close()
        dialog.deleteLater()
    driver.wait(lambda: not driver.session.jobs.busy, 60)  # the sheet's pictures end with the one that is being drawn
    QApplication.processEvents()


def subjects(root: QWidget) -> list[QWidget]:
    return [root, *root.findChildren(QWidget)]


def key_of(control: QWidget | QAction | None) -> str:
    while control is not None:
        for name in names_of(control):
            if name in TOPICS:
                return name
        control = control.parent() if isinstance(control, QAction) else control.parentWidget()
    return ""


def test_every_control_leads_to_a_paragraph_and_none_is_left_over(driver, dialogs):
    window = driver.window
    roots = [window, *dialogs]
    entries = [entry for menu in window.menuBar().findChildren(QMenu) for entry in menu.actions() if entry.text()]
    everything = [control for root in roots for control in subjects(root)] + entries + window.actions()
    for control in everything:
        assert topic_of(control) in PLACES - {START}, control
    found = {key_of(control) for control in everything}
    assert {name for name in TOPICS if name not in found} == set()
    for dialog in dialogs:  # each has a page of its own
        for control in subjects(dialog):
            assert key_of(control) not in ("", "MainWindow", "Viewport"), control


def test_every_control_of_the_window_has_more_than_the_window_itself(driver):
    window = driver.window
    plain = [
        control
        for control in window.findChildren(QWidget)
        if isinstance(control, CONTROLS) and key_of(control) in ("", "MainWindow")
        and not isinstance(control.parentWidget(), QTabBar)  # buttons that scroll tabs
        and not control.objectName().startswith("qt_")
        and control.window() is window
    ]  # fmt: skip
    assert plain == []


def test_every_entry_of_every_menu_leads_to_a_paragraph(driver):
    for spec in SPECS:
        assert key_of(driver.window.actions_by_name[spec.name]) == f"action_{spec.name}"
    for menu in driver.window.menuBar().findChildren(QMenu):
        for entry in menu.actions():
            menu.setActiveAction(entry)
            assert topic_in_menu(menu) in PLACES


# ---- the key -----------------------------------------------------------------------------------------


class Pointer:
    """Stands for the one of the screen, which other tests move."""

    at = QPoint()

    @classmethod
    def over(cls, control: QWidget) -> None:
        cls.at = control.mapToGlobal(control.rect().center())

    @classmethod
    def pos(cls) -> QPoint:
        return cls.at


@pytest.fixture
def pointer(driver, monkeypatch: pytest.MonkeyPatch) -> type[Pointer]:
    driver.window.activateWindow()
    driver.viewport.setFocus()
    driver.wait(lambda: QApplication.activeWindow() is driver.window)
    monkeypatch.setattr(opening, "QCursor", Pointer)
    return Pointer


def manual_of(window: QWidget) -> Manual | None:
    shown = [manual for manual in window.findChildren(Manual) if manual.isVisible()]
    assert len(shown) < 2
    return shown[0] if shown else None


def close_manual(driver, window: QWidget) -> None:
    manual_of(window).close()
    driver.wait(lambda: manual_of(window) is None)
    driver.window.activateWindow()
    driver.wait(lambda: QApplication.activeWindow() is driver.window)


def test_f1_opens_the_manual_at_what_is_under_the_pointer(driver, pointer):
    window = driver.window
    panel = window.docks["tool"].panel
    pointer.over(panel.rows["depth_mm"])
    driver.key(Qt.Key.Key_F1)
    manual = manual_of(window)
    assert manual.place == "drawing#depth"
    manual.move(5000, 0)  # it would lie over what comes next
    window.activateWindow()
    driver.wait(lambda: QApplication.activeWindow() is window)
    pointer.over(window.canvas.layer_buttons["displacement"])
    driver.key(Qt.Key.Key_F1)
    assert manual_of(window) is manual, "one window of the manual, not two"
    assert manual.place == "chart#layers"
    close_manual(driver, window)


def test_the_menu_opens_the_manual_at_its_front_page(driver, pointer):
    pointer.over(driver.viewport)
    driver.window.actions_by_name["manual"].trigger()
    assert manual_of(driver.window).place == START
    close_manual(driver, driver.window)


def test_f1_in_a_menu_explains_the_highlighted_entry(driver):
    menu = next(menu for menu in driver.window.menuBar().findChildren(QMenu) if menu.title() == "&File")
    menu.popup(driver.window.mapToGlobal(QPoint(20, 40)))
    driver.wait(menu.isVisible)
    menu.setActiveAction(driver.window.actions_by_name["export"])
    QTest.keyClick(menu, Qt.Key.Key_F1)
    assert not menu.isVisible()
    assert manual_of(driver.window).place == "exporting"
    close_manual(driver, driver.window)


def test_f1_in_a_dialog_opens_a_manual_that_takes_input_and_goes_with_it(driver, dialogs, pointer):
    dialog = next(dialog for dialog in dialogs if isinstance(dialog, ExportDialog))
    assert isinstance(dialog, QDialog)
    dialog.setModal(True)
    dialog.show()
    driver.wait(lambda: QApplication.activeWindow() is dialog)
    bar = driver.window.menuBar()
    dialog.move(bar.mapToGlobal(QPoint(0, bar.height() + 40)))  # it would hide the bar
    pointer.over(bar)
    dialog.name.setFocus()
    QTest.keyClick(dialog.name, Qt.Key.Key_F1)
    manual = manual_of(dialog)
    assert manual.place == "exporting#name-and-folder", "the pointer is over another window: the focus counts"
    driver.wait(lambda: QApplication.activeWindow() is manual)
    QTest.keyClicks(manual.search, "unity")
    assert manual.hits.count() > 0
    manual.move(5000, 0)
    dialog.activateWindow()
    driver.wait(lambda: QApplication.activeWindow() is dialog)
    dialog.tabs.setCurrentIndex(2)
    pointer.over(dialog.maps.padding)
    QTest.keyClick(dialog, Qt.Key.Key_F1)
    assert manual.place == "exporting#edge-padding"
    dialog.reject()
    driver.wait(lambda: manual_of(dialog) is None)


# ---- on a small screen ---------------------------------------------------------------------------------


SMALL = QSize(960, 500)


class SmallScreen:
    """A screen as far as a dialog asks for it."""

    @staticmethod
    def availableSize() -> QSize:
        return SMALL


def test_every_dialog_fits_and_its_buttons_are_in_reach(driver, dialogs, monkeypatch):
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


def test_on_a_large_screen_no_dialog_scrolls(driver, dialogs, monkeypatch):
    monkeypatch.setattr(SmallScreen, "availableSize", staticmethod(lambda: QSize(2560, 1440)))
    monkeypatch.setattr(Dialog, "screen", lambda _self: SmallScreen)
    for dialog in (dialog for dialog in dialogs if isinstance(dialog, Dialog)):
        dialog.show()
        driver.wait(dialog.isVisible)
        assert dialog.findChild(QScrollArea).verticalScrollBar().maximum() == 0, type(dialog).__name__
        dialog.hide()


def test_a_narrow_window_gives_the_face_the_largest_part(driver):
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
