"""Expression and age at a glance: pad, contact sheet, emotions, one's own; workspaces and reference pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import SetActionUnits, SetAge
from rhytid.core.document.expression import effective_expression
from rhytid.gui.dialogs.contact_sheet import AGES, STRENGTHS, ContactSheet
from rhytid.gui.dialogs.wrinkle_meter import WrinkleMeter

SMILE = ARKIT_INDEX["mouthSmileLeft"]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def pad(driver):
    driver.window.docks["pad"].show()
    driver.window.docks["pad"].raise_()
    panel = driver.window.docks["pad"].build()
    panel.axis.setCurrentText("Smile")
    driver.wait(panel.pad.isVisible)
    yield panel
    driver.window.reset_layout()


def test_a_drag_over_the_pad_sets_expression_and_age_in_one_step(driver, pad):
    steps = driver.document.position
    plane = pad.pad
    QTest.mousePress(plane, LEFT, pos=plane.point_of(0.1, 0.1).toPoint())
    QTest.mouseMove(plane, plane.point_of(0.5, 0.5).toPoint())
    QTest.mouseMove(plane, plane.point_of(1.0, 0.75).toPoint())
    most = dict(pad.weights)["mouthSmileLeft"]
    assert driver.document.state.expression[SMILE] == pytest.approx(most, abs=0.02), "live"
    QTest.mouseRelease(plane, LEFT, pos=plane.point_of(1.0, 0.75).toPoint())
    assert driver.document.state.age == pytest.approx(AGE_MIN + 0.75 * (AGE_MAX - AGE_MIN), abs=1)
    assert driver.document.position == steps + 1
    driver.document.undo()
    assert driver.document.state.expression[SMILE] == 0
    assert plane.place[0] == 0
    assert plane.texts[1] == "Smile"


def test_escape_gives_a_drag_over_the_pad_up(driver, pad):
    before = driver.document.state
    plane = pad.pad
    QTest.mousePress(plane, LEFT, pos=plane.point_of(0.9, 0.9).toPoint())
    assert driver.document.state.age != before.age
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    QTest.mouseRelease(plane, LEFT, pos=plane.point_of(0.9, 0.9).toPoint())
    assert driver.document.state.age == before.age
    assert driver.document.state.expression == before.expression


def test_letters_show_an_emotion_and_random_and_mirror_work(driver, pad):
    pad.emotion.setCurrentIndex(pad.emotion.findText("Contempt"))
    QTest.mouseClick(pad.letters["D"], LEFT)
    shown = effective_expression(driver.document.state)
    right = ARKIT_INDEX["mouthDimpleRight"], ARKIT_INDEX["mouthSmileRight"]
    assert max(shown[i] for i in right) > 0.3 > shown[SMILE]
    QTest.mouseClick(pad.buttons["Mirror"], LEFT)
    assert effective_expression(driver.document.state)[SMILE] == pytest.approx(shown[right[1]], abs=1e-3)
    position = driver.document.position
    QTest.mouseClick(pad.buttons["Random"], LEFT)
    assert driver.document.position == position + 1


def test_an_expression_is_kept_worn_and_forgotten(driver, pad):
    pad.emotion.setCurrentIndex(pad.emotion.findText("Happiness"))
    QTest.mouseClick(pad.letters["E"], LEFT)
    kept = effective_expression(driver.document.state)
    QTest.keyClicks(pad.name, "her laugh")
    QTest.keyClick(pad.name, Qt.Key.Key_Return)
    QTest.mouseClick(pad.buttons["Copy"], LEFT)
    driver.document.new()
    pad.own.activated.emit(pad.own.findText("her laugh"))
    assert effective_expression(driver.document.state) == pytest.approx(kept, abs=1e-3)
    driver.document.new()
    pad.blend.value_entered.emit(0.5)
    assert effective_expression(driver.document.state) == pytest.approx(kept / 2, abs=1e-3)
    pad.own.setCurrentIndex(pad.own.findText("her laugh"))
    QTest.mouseClick(pad.forget, LEFT)
    assert pad.own.findText("her laugh") == -1
    QGuiApplication.clipboard().setText("no expression at all")
    steps = driver.document.position
    QTest.mouseClick(pad.buttons["Paste"], LEFT)
    assert driver.document.position == steps
    assert pad.told.text()


def test_the_contact_sheet_is_drawn_behind_and_a_click_goes_there(driver, pad, tmp_path, monkeypatch):
    monkeypatch.setattr("rhytid.gui.dialogs.contact_sheet.RESOLUTION", 256)
    monkeypatch.setattr("rhytid.gui.dialogs.contact_sheet.CELL_PX", 40)
    driver.document.execute(SetActionUnits({"AU26": 0.4}))  # no part of the sheet
    steps = driver.document.position
    driver.window.actions_by_name["contact_sheet"].trigger()
    (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, ContactSheet) and w.isVisible()]
    driver.wait(lambda: len(dialog.sheet.images) == len(AGES) * len(STRENGTHS), 120)
    assert driver.document.position == steps, "drawing changes nothing"

    def pixels(row, column):
        image = dialog.sheet.images[row, column].convertToFormat(QImage.Format.Format_RGB888)
        return np.frombuffer(image.constBits(), np.uint8).astype(int)

    assert np.abs(pixels(0, 0) - pixels(0, 4)).mean() > 0.5, "the smile shows"
    QTest.mouseClick(dialog.sheet, LEFT, pos=dialog.sheet.cell(4, 3).center())
    assert driver.document.state.age == AGES[4]
    assert driver.document.state.action_units == ()
    assert driver.document.state.expression[SMILE] == pytest.approx(0.75 * dict(pad.weights)["mouthSmileLeft"])
    path = tmp_path / "sheet.png"
    monkeypatch.setattr("rhytid.gui.dialogs.contact_sheet.ask_save", lambda *_args: path)
    QTest.mouseClick(dialog.save, LEFT)
    assert QImage(str(path)).width() > 40 * len(STRENGTHS)
    dialog.close()
    driver.wait(lambda: not driver.session.jobs.busy)


# ---- comparing ---------------------------------------------------------------------------------------


def test_flicker_shows_a_and_b_in_turn_until_it_is_chosen_again(driver):
    action, comparison = driver.window.actions_by_name["flicker"], driver.session.comparison
    driver.settle()
    action.trigger()
    assert comparison.kept is not None
    driver.document.execute(SetAge(60))
    driver.wait(lambda: comparison.a_alone)
    driver.wait(lambda: not comparison.a_alone)
    driver.wait(lambda: comparison.a_alone)
    action.trigger()
    assert not comparison.a_alone
    driver.wait_s(0.5)
    assert not comparison.a_alone


def test_the_wrinkle_meter_shows_lines_in_mm_and_writes_them(driver, tmp_path, monkeypatch):
    driver.draw((0.40, 0.12), (0.60, 0.12))
    driver.window.actions_by_name["wrinkle_meter"].trigger()
    kind = WrinkleMeter
    driver.wait(lambda: any(isinstance(w, kind) and w.isVisible() for w in QApplication.topLevelWidgets()))
    (meter,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
    assert meter.table.item(meter.table.rowCount() - 1, 1).text() == "1"
    assert 20 < float(meter.table.item(0, 2).text()) < 60
    path = tmp_path / "lines.csv"
    monkeypatch.setattr("rhytid.gui.dialogs.wrinkle_meter.ask_save", lambda *_args: path)
    QTest.mouseClick(meter.save, LEFT)
    assert len(path.read_text().splitlines()) == 2
    meter.close()
    meter.deleteLater()


# ---- workspaces and reference pictures --------------------------------------------------------------


def up(driver):
    return {name for name, dock in driver.window.docks.docks.items() if not dock.isHidden()}


def test_workspaces_put_their_panels_up_and_own_ones_come_back(driver):
    window = driver.window
    window.actions_by_name["workspace_draw"].trigger()
    assert {"tool", "strokes", "reference"} <= up(driver)
    assert "identity" not in up(driver)
    assert window.canvas is not None
    assert window.canvas.isVisible()
    window.docks["history"].hide()
    drawing = up(driver)
    window.workspaces.keep("my & own")
    assert window.workspaces.names() == ["my & own"]
    window.actions_by_name["workspace_export"].trigger()
    assert not window.canvas.isVisible()
    assert up(driver) != drawing
    assert window.workspaces.bring("my & own")
    assert up(driver) == drawing
    assert window.canvas.isVisible()
    window.workspaces.forget("my & own")
    assert window.workspaces.names() == []
    assert not window.workspaces.bring("my & own")
    window.reset_layout()


def test_a_picture_dropped_on_the_board_lies_over_the_face(driver, tmp_path):
    dock = driver.window.docks["reference"]
    dock.show()
    dock.raise_()
    panel = dock.build()
    driver.wait(panel.board.isVisible)
    position = driver.document.position
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(tmp_path / "red.png"))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("red.png", "broken.png", "notes.txt")])
    board, at = panel.board.viewport(), QPoint(20, 20)
    buttons, keys = LEFT, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(board, QDragEnterEvent(at, Qt.DropAction.CopyAction, data, buttons, keys))
    QApplication.sendEvent(board, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, buttons, keys))
    driver.wait(lambda: len(panel.board.pictures()) == 1)
    assert driver.document.position == position
    panel.over.click()
    overlay = driver.viewport.findChild(object, "referenceOverlay")
    assert overlay.isVisible()
    assert overlay.size() == driver.viewport.size()
    driver.draw((0.30, 0.55), (0.42, 0.60))
    assert len(driver.document.state.strokes) == 1, "the hand goes through it"
    panel.board.pictures()[0].setSelected(True)
    panel.board.setFocus()
    QTest.keyClick(panel.board, Qt.Key.Key_Delete)
    assert panel.board.pictures() == []
    assert not overlay.isVisible()
    assert len(driver.document.state.strokes) == 1
    driver.window.reset_layout()
