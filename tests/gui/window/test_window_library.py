"""The wrinkle library with mouse and keys: found, put on the face, kept, renamed, deleted, shared."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from rhytid.core.document.wrinkle_library import USUAL_FOLDER, WrinkleLibrary
from rhytid.core.document.wrinkle_placing import Side, centre, half_of
from rhytid.core.document.wrinkle_set import WrinkleSet
from rhytid.gui.controllers.library import Library
from rhytid.gui.panels.library import LibraryPanel

FEET = "Crow's feet, deep"


@pytest.fixture
def panel(driver):  # type: ignore[no-untyped-def]
    dock = driver.window.docks["library"]
    dock.show()
    dock.raise_()
    driver.wait(lambda: dock.panel is not None and len(dock.panel.library.items) >= 40)
    panel = dock.panel
    assert isinstance(panel, LibraryPanel)
    panel.search.clear()
    yield panel
    panel.form.hide()
    panel.search.clear()
    panel.side.buttons["both"].click()
    panel.depth.set_number(1.0)
    for item in panel.library.items:
        if not item.own:
            panel.library.library.delete(item)
    before = panel.library.items
    panel.library.reload()
    driver.wait(lambda: panel.library.items is not before and panel.library.idle)


def place(panel: LibraryPanel, name: str):  # type: ignore[no-untyped-def]
    """Middle of an item's picture, on the view."""
    names = [item.name for item in panel.view.items()]
    index = panel.view.model().index(names.index(name), 0)
    panel.view.scrollTo(index)
    return panel.view.visualRect(index).center()


def double_click(panel: LibraryPanel, name: str) -> None:
    at, view = place(panel, name), panel.view.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at)


def mine(panel: LibraryPanel) -> list[str]:
    return [item.name for item in panel.library.items if not item.own]


def drop_on(driver, data: QMimeData, at: QPointF) -> bool:  # type: ignore[no-untyped-def]
    window, copy = driver.window, Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), copy, data, left, none)
    QApplication.sendEvent(window, entered)
    if entered.isAccepted():
        QApplication.sendEvent(window, QDropEvent(at, copy, data, left, none))
    return entered.isAccepted()


def test_words_find_an_item_and_a_double_click_puts_it_on_both_halves(driver, panel) -> None:
    panel.search.setFocus()
    QTest.keyClicks(panel.search, "laugh corner deep")
    assert [item.name for item in panel.view.items()] == [FEET]
    double_click(panel, FEET)
    (item,) = panel.view.items()
    strokes = driver.document.state.strokes
    assert len(strokes) == 2 * len(item.wrinkles.strokes)
    assert set(driver.session.selection.ids) == {stroke.id for stroke in strokes}
    assert {layer.name for layer in driver.document.state.layers} == {"Crow's feet R", "Crow's feet L"}
    assert "AU6" in panel.note.text()
    driver.document.undo()
    assert driver.document.state.strokes == ()


def test_side_and_strength_are_what_the_item_gets(driver, panel) -> None:
    QTest.mouseClick(panel.side.buttons["left"], Qt.MouseButton.LeftButton)
    panel.depth.set_number(0.5)
    double_click(panel, FEET)
    item = next(i for i in panel.library.items if i.name == FEET)
    strokes = driver.document.state.strokes
    assert half_of(strokes) is Side.LEFT
    assert sum(s.depth_mm for s in strokes) == pytest.approx(0.5 * sum(s.depth_mm for s in item.wrinkles.strokes))


def test_pictures_come_by_themselves_and_differ(driver, panel) -> None:
    items = panel.view.items()[:4]
    driver.wait(lambda: all(panel.library.picture(item) is not None for item in items))
    pixels = [bytes(panel.library.picture(item).constBits()) for item in items]
    assert len(set(pixels)) == len(pixels)


def test_the_oldest_pictures_go_where_there_are_too_many(driver, panel, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("rhytid.gui.controllers.library.MOST_KEPT_BYTES", 100_000)
    old, newer = tmp_path / "of-nobody.jpg", tmp_path / "of-somebody.jpg"
    for path, n_bytes, time_s in ((old, 70_000, 1.0), (newer, 70_000, 2.0)):
        path.write_bytes(bytes(n_bytes))
        os.utime(path, (time_s, time_s))
    library = Library(panel.library.library, tmp_path)
    item = panel.view.items()[0]
    assert library.picture(item) is None
    driver.wait(lambda: library.idle and library.picture(item) is not None)
    library.close()
    assert not old.exists()
    assert newer.exists()
    assert len(list(tmp_path.glob("*.jpg"))) == 2


def test_what_is_dragged_to_the_face_goes_where_it_is_dropped_mirrored_on_the_other_half(driver, panel) -> None:
    place(panel, FEET)
    index = next(panel.view.model().index(i, 0) for i, item in enumerate(panel.view.items()) if item.name == FEET)
    data = panel.view.model().mimeData([index])
    target = (0.66, 0.56)  # the subject's left cheek
    at = driver.viewport.mapTo(driver.window, driver.at(target)).toPointF()
    assert drop_on(driver, data, at)
    strokes = driver.document.state.strokes
    assert np.allclose(centre(strokes), target, atol=0.02)
    assert all(name.endswith("L") for stroke in strokes for name, _ in stroke.binding.weights)
    assert drop_on(driver, data, QPointF(5, 5))  # a menu bar is no skin
    assert driver.document.state.strokes == strokes


def test_what_is_dropped_on_the_chart_goes_where_the_chart_has_it(driver, panel) -> None:
    driver.window.show_canvas(True)
    driver.settle()
    view = driver.window.canvas.view
    index = next(panel.view.model().index(i, 0) for i, item in enumerate(panel.view.items()) if item.name == FEET)
    data = panel.view.model().mimeData([index])
    at = view.viewport().mapTo(driver.window, view.position_of(0.66, 0.56).toPoint()).toPointF()
    assert not view.acceptDrops()  # or the view would keep it from the window
    assert drop_on(driver, data, at)
    assert np.allclose(centre(driver.document.state.strokes), (0.66, 0.56), atol=0.01)
    driver.window.show_canvas(False)


def test_the_selection_is_kept_found_put_on_renamed_and_deleted(driver, panel, monkeypatch) -> None:
    double_click(panel, FEET)
    kept = driver.document.state.strokes
    QTest.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    assert panel.form.isVisible()
    QTest.keyClicks(panel.form.name, "Grandmother")
    panel.form.tags.setFocus()
    QTest.keyClicks(panel.form.tags, "family, old")
    QTest.keyClick(panel.form.tags, Qt.Key.Key_Return)
    driver.wait(lambda: mine(panel) == ["Grandmother"])
    assert not panel.form.isVisible()

    driver.document.undo()
    QTest.keyClicks(panel.search, "family")
    double_click(panel, "Grandmother")
    assert len(driver.document.state.strokes) == len(kept)
    for old, new in zip(kept, driver.document.state.strokes, strict=True):
        assert np.abs(old.points - new.points).max() < 1e-5

    QTest.keyClick(panel.view, Qt.Key.Key_F2)
    QTest.keyClicks(panel.form.name, "Grandfather")
    QTest.keyClick(panel.form.name, Qt.Key.Key_Return)
    driver.wait(lambda: mine(panel) == ["Grandfather"])

    monkeypatch.setattr(QMessageBox, "question", lambda *_a: QMessageBox.StandardButton.Yes)
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place(panel, "Grandfather"))
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    driver.wait(lambda: mine(panel) == [])
    assert len(driver.document.state.strokes) == len(kept)  # the strokes of the face are not meant


def test_what_comes_with_the_program_says_that_it_stays(driver, panel) -> None:
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place(panel, FEET))
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert "comes with the program" in panel.note.text()
    QTest.keyClick(panel.view, Qt.Key.Key_F2)
    assert not panel.form.isVisible()


def test_a_file_dropped_on_the_window_is_in_the_library_and_a_bad_one_is_a_line(driver, panel, tmp_path: Path) -> None:
    double_click(panel, FEET)
    good = WrinkleLibrary(tmp_path).keep(WrinkleSet(driver.document.state.strokes, "From a friend"))
    bad = tmp_path / "bad.rhytid-wrinkles"
    bad.write_bytes(b"{}")
    for path in (good, bad):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        assert drop_on(driver, data, QPointF(300, 300))
    assert "bad.rhytid-wrinkles" in panel.note.text()
    driver.wait(lambda: mine(panel) == ["From a friend"])
    assert panel.library.items[-1].folder == USUAL_FOLDER


def test_an_item_is_copied_to_a_file(driver, panel, monkeypatch, tmp_path: Path) -> None:
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place(panel, FEET))
    item = panel.view.current_item()
    target = tmp_path / "shared.rhytid-wrinkles"
    monkeypatch.setattr("rhytid.gui.dialogs.save_file.ask_save", lambda *_a, **_k: target)
    driver.window.action("library_export").trigger()
    driver.wait(target.is_file)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert target.read_bytes() == item.path.read_bytes()
