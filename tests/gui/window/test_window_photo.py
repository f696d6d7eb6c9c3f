"""A face from a photo in the real window: asked for, dropped, pasted, cancelled, fitted again; a stand-in reads it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from photo_hands import drop, made, read
from photo_stand_in import SKIN, Finder, true_fit
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QToolButton

from rhytid.core.document.commands import SetAge, SetLighting
from rhytid.core.face.skin_color import skin_color
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.photo import photo_face
from rhytid.core.photo.face_models import FaceModelsMissing
from rhytid.core.photo.models_wheel import COMMAND
from rhytid.gui.dialogs.choose_face import ChooseFaceDialog

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_the_menu_makes_a_new_face_that_sharpens_as_it_is_found(driver, reader, photo, asked, monkeypatch, errors):
    questions, _ = asked
    driver.document.execute(SetAge(61.0))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", staticmethod(lambda *_args: ([str(photo)], "")))
    seen, told = [], []
    driver.session.photos.stage_changed.connect(told.append)
    driver.document.state_changed.connect(
        lambda new, _old: seen.append((new.photo is not None, new.albedo is not None, new.source is not None))
    )
    driver.key(Qt.Key.Key_N, CTRL | SHIFT)
    read(driver)
    assert questions == ["Unsaved work"]
    grown = [shown for shown, _ in itertools.groupby(seen) if shown[0]]
    assert grown[:3] == [(True, False, False), (True, True, False), (True, True, True)]
    assert told == [stage.value for stage in photo_face.Stage]
    state = driver.document.state
    assert driver.document.labels == ("New", "Face from anna.jpg")
    assert state.photo.name == "anna.jpg"
    assert state.expression == tuple(float(weight) for weight in true_fit().expression)
    assert [stroke.id for stroke in state.strokes] == ["of-photo"]
    assert (state.age, state.lighting.environment, state.lighting.key_intensity) == (30.0, "photo", 0.0)
    assert driver.window.isWindowModified()
    assert "Untitled" in driver.window.windowTitle()
    assert errors == []
    driver.key(Qt.Key.Key_Z, CTRL)
    assert driver.document.state.photo is None
    assert driver.document.state.strokes == ()
    driver.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert driver.document.state.photo is not None, driver.window.messages.text


def test_dropped_photos_are_one_person_and_viewport_and_chart_wear_the_skin(driver, reader, photo, asked):
    other = photo.with_name("anna side.jpg")
    other.write_bytes(photo.read_bytes())
    made(driver, photo, other)
    assert [len(faces) for faces in reader.faces] == [2]
    expected = np.round(srgb_from_linear(np.array(SKIN)) * 255)
    shown = driver.session.skin_color.latest.chart
    assert np.abs(shown.reshape(-1, 3) - expected).max() <= 1
    state = driver.document.state
    np.testing.assert_array_equal(shown, skin_color(state, 1024, driver.session.engines.cache))
    driver.window.show_canvas(True)
    try:
        np.testing.assert_array_equal(driver.window.canvas._colors.chart, shown)
    finally:
        driver.window.show_canvas(False)


@pytest.mark.parametrize("content", [b"", b"this is no picture", b"\xff\xd8\xff\xe0 cut off"])
def test_a_bad_file_is_told_in_one_line_before_anything_is_asked(driver, reader, photo, asked, content):
    driver.document.execute(SetAge(61.0))
    state, labels = driver.document.state, driver.document.labels
    bad = photo.with_name("bad.jpg")
    bad.write_bytes(content)
    drop(driver, bad)
    read(driver)
    assert driver.document.state == state
    assert driver.document.labels == labels
    assert asked[0] == []
    assert driver.window.messages.text.startswith("New from photo failed: ")
    assert "bad.jpg" in driver.window.messages.text


def test_the_message_of_a_failed_photo_goes_when_the_next_one_starts(driver, reader, photo, asked):
    bad = photo.with_name("bad.jpg")
    bad.write_bytes(b"this is no picture")
    drop(driver, bad)
    read(driver)
    assert driver.window.messages.text.startswith("New from photo failed: ")
    made(driver, photo)
    assert "failed" not in driver.window.messages.text
    driver.session.post("Export failed: the disk is full", "error")
    made(driver, photo)
    assert driver.window.messages.text == "Export failed: the disk is full"  # of something else


def test_without_the_models_the_message_has_the_command(driver, reader, photo, monkeypatch):
    def missing(_self):
        raise FaceModelsMissing(f"the models that find faces are not installed; {COMMAND}")

    monkeypatch.setattr(photo_face.PhotoTools, "finder", property(missing))
    monkeypatch.setattr(driver.session.photos, "_tools", None)
    drop(driver, photo)
    read(driver)
    assert COMMAND in driver.window.messages.text
    assert driver.window.actions_by_name["new_from_photo"].isEnabled()


@pytest.mark.parametrize("way", ["cross", "escape"])
def test_cancelling_in_mid_work_brings_the_open_work_back(driver, reader, photo, asked, way):
    driver.draw((0.30, 0.55), (0.42, 0.60))
    driver.viewport.turn_to(30.0, 5.0)
    state, labels, picture = driver.document.state, driver.document.labels, driver.picture()
    reader.gate.clear()
    drop(driver, photo)
    driver.wait(lambda: driver.document.state.albedo is not None)
    assert driver.window.status.progress.isVisible()
    driver.key(Qt.Key.Key_Z, CTRL)
    driver.draw((0.30, 0.55), (0.42, 0.60))
    assert driver.document.state.photo is not None, "nothing is edited meanwhile"
    if way == "cross":
        driver.window.findChild(QToolButton, "cancelJob").click()
    else:
        driver.key(Qt.Key.Key_Escape)
    read(driver)
    assert driver.document.state == state
    assert driver.document.labels == labels
    assert not driver.document.gesture_active
    assert np.array_equal(driver.picture(), picture)
    driver.key(Qt.Key.Key_Z, CTRL)
    assert driver.document.state.strokes == ()


def test_whoever_keeps_unsaved_work_keeps_it(driver, reader, photo, asked):
    _, buttons = asked
    buttons.append(QMessageBox.StandardButton.Cancel)
    driver.document.execute(SetAge(61.0))
    drop(driver, photo)
    read(driver)
    assert driver.document.state.age == 61.0
    assert reader.faces == []


def test_a_face_without_relief_is_kept_and_what_is_missing_is_said(driver, reader, photo, asked):
    reader.error = ValueError("no weights of the relief")
    made(driver, photo)
    assert driver.document.state.albedo is not None
    assert driver.document.state.source is None
    assert driver.document.labels == ("New", "Face from anna.jpg")
    assert "no weights of the relief" in driver.window.messages.text


def test_of_several_faces_one_is_chosen_and_giving_up_changes_nothing(driver, reader, photo, asked, monkeypatch):
    monkeypatch.setattr(photo_face.PhotoTools, "finder", Finder(3))
    dialogs = []

    def choose(dialog):
        dialogs.append(dialog)
        width, height = dialog.choice.width(), dialog.choice.height()
        place = QPoint(width // 2, height // 2)
        QTest.mouseClick(dialog.choice, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        return QDialog.DialogCode.Accepted if len(dialogs) == 2 else QDialog.DialogCode.Rejected

    monkeypatch.setattr(ChooseFaceDialog, "exec", choose)
    drop(driver, photo)
    read(driver)
    assert len(dialogs) == 1
    assert reader.faces == []
    made(driver, photo)
    ((face,),) = reader.faces
    assert face.box[0] == pytest.approx(240 / 3)
    for dialog in dialogs:
        dialog.deleteLater()


def test_a_picture_or_a_file_is_pasted_and_an_empty_clipboard_says_so(driver, reader, photo, portrait_png, asked):
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    driver.key(Qt.Key.Key_V, CTRL)
    assert "no picture" in driver.window.messages.text
    clipboard.setImage(QImage.fromData(portrait_png))
    driver.key(Qt.Key.Key_V, CTRL)
    read(driver)
    assert driver.document.state.photo.name == "Pasted picture.png"
    clipboard.setText(photo.as_uri())
    driver.key(Qt.Key.Key_V, CTRL)
    read(driver)
    assert driver.document.state.photo.name == "anna.jpg"
    clipboard.clear()


@pytest.mark.parametrize("is_photo", [True, False])
def test_a_png_in_colour_may_be_a_map(driver, reader, photo, portrait_png, asked, monkeypatch, is_photo):
    buttons = QMessageBox.StandardButton
    monkeypatch.setattr(
        QMessageBox, "question", staticmethod(lambda *_args: buttons.Yes if is_photo else buttons.No)
    )
    maps = []
    monkeypatch.setattr(driver.window.dialogs, "import_map", maps.append)
    path = photo.with_name("anna.png")
    path.write_bytes(portrait_png)
    drop(driver, path)
    read(driver)
    assert (driver.document.state.photo is not None) == is_photo
    assert maps == ([] if is_photo else [path])


def test_a_grey_png_is_a_map_without_a_question(driver, reader, photo, monkeypatch):
    maps = []
    monkeypatch.setattr(driver.window.dialogs, "import_map", maps.append)
    path = photo.with_name("grey.png")
    QImage(64, 64, QImage.Format.Format_Grayscale16).save(str(path))
    drop(driver, path)
    assert maps == [path]


def test_refining_is_one_step_that_keeps_locks_and_the_artists_light(driver, reader, photo, asked):
    made(driver, photo)
    driver.document.execute(SetLighting(environment="window"))
    before = driver.document.state
    panel = driver.window.docks["photo"].build()
    panel.locks["detail"].click()
    panel.refit.click()
    read(driver)
    assert driver.document.labels[-2:] == ("Keep in the photo's fit", "Refine anna.jpg")
    assert reader.locks[-1].detail
    assert driver.document.state.source is before.source
    assert driver.document.state.lighting == before.lighting
    driver.document.undo()
    assert driver.document.state.photo.locks.detail
    panel.remove.click()
    assert driver.document.state.photo is None
    assert driver.document.state.source is before.source
    assert not driver.window.actions_by_name["through_photo"].isEnabled()
