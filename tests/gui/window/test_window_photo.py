"""A face from a photo in the real window: asked for, dropped, pasted, cancelled, pinned; with a stand-in that reads."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from photo_stand_in import SKIN, Finder, Reader, photo_camera, portrait, true_fit
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QToolButton

from rhytid.core.document.commands import SetAge, SetLighting
from rhytid.core.face.skin_color import skin_color
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.photo import photo_face
from rhytid.core.photo.face_models import FaceModelsMissing
from rhytid.core.photo.models_wheel import COMMAND
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.gui.dialogs.choose_face import ChooseFaceDialog

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
DISCARD = QMessageBox.StandardButton.Discard


@pytest.fixture(scope="module")
def picture(qapp) -> bytes:
    return portrait()


@pytest.fixture
def reader(driver, monkeypatch):
    stand_in = Reader()
    monkeypatch.setattr(photo_face, "read_photos", stand_in)
    monkeypatch.setattr(photo_face.PhotoTools, "finder", Finder())
    yield stand_in
    stand_in.gate.set()
    driver.session.photos.cancel()
    driver.wait(lambda: not driver.session.jobs.busy)
    driver.session.view.through_photo = False


@pytest.fixture
def photo(tmp_path, picture):
    """A portrait that no map can be: PNG and TIFF may be either."""
    QImage.fromData(picture).save(str(tmp_path / "anna.jpg"), "JPEG", 97)
    return tmp_path / "anna.jpg"


@pytest.fixture
def answers(monkeypatch):
    """Questions about unsaved work, in order; each is answered with the button that is set."""
    asked: list[str] = []
    buttons = [DISCARD]

    def reply(_parent, title, *_args):  # type: ignore[no-untyped-def]
        asked.append(title)
        return buttons[-1]

    monkeypatch.setattr(QMessageBox, "warning", staticmethod(reply))
    return asked, buttons


def drop(driver, *paths) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(200, 200), copy, data, left, no_key)
    QApplication.sendEvent(driver.window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(driver.window, QDropEvent(QPointF(200, 200), copy, data, left, no_key))


def read(driver) -> None:
    driver.wait(lambda: not driver.session.jobs.busy and not driver.session.photos.active)
    driver.settle()


def made(driver, *paths) -> None:
    drop(driver, *paths)
    read(driver)
    assert driver.document.state.photo is not None, driver.window.messages.text


def test_the_menu_makes_a_new_face_that_sharpens_as_it_is_found(driver, reader, photo, answers, monkeypatch, errors):
    asked, _ = answers
    driver.document.execute(SetAge(61.0))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", staticmethod(lambda *_args: ([str(photo)], "")))
    seen, told = [], []
    driver.session.photos.stage_changed.connect(told.append)
    driver.document.state_changed.connect(
        lambda new, _old: seen.append((new.photo is not None, new.albedo is not None, new.source is not None))
    )
    driver.key(Qt.Key.Key_N, CTRL | SHIFT)
    read(driver)
    assert asked == ["Unsaved work"]
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


def test_dropped_photos_are_one_person_and_viewport_and_chart_wear_the_skin(driver, reader, photo, answers):
    other = photo.with_name("anna side.jpg")
    other.write_bytes(photo.read_bytes())
    made(driver, photo, other)
    assert [len(faces) for faces in reader.faces] == [2]
    expected = np.round(srgb_from_linear(np.array(SKIN)) * 255)
    shown = driver.session.skin_color.latest
    assert np.abs(shown.reshape(-1, 3) - expected).max() <= 1
    state = driver.document.state
    np.testing.assert_array_equal(shown, skin_color(state, 1024, driver.session.engines.cache))
    driver.window.show_canvas(True)
    try:
        np.testing.assert_array_equal(driver.window.canvas._albedo, shown)
    finally:
        driver.window.show_canvas(False)


@pytest.mark.parametrize("content", [b"", b"this is no picture", b"\xff\xd8\xff\xe0 cut off"])
def test_a_bad_file_is_told_in_one_line_before_anything_is_asked(driver, reader, photo, answers, content):
    driver.document.execute(SetAge(61.0))
    state, labels = driver.document.state, driver.document.labels
    bad = photo.with_name("bad.jpg")
    bad.write_bytes(content)
    drop(driver, bad)
    read(driver)
    assert driver.document.state == state
    assert driver.document.labels == labels
    assert answers[0] == []
    assert driver.window.messages.text.startswith("New from photo failed: ")
    assert "bad.jpg" in driver.window.messages.text


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
def test_cancelling_in_mid_work_brings_the_open_work_back(driver, reader, photo, answers, way):
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


def test_whoever_keeps_unsaved_work_keeps_it(driver, reader, photo, answers):
    _, buttons = answers
    buttons.append(QMessageBox.StandardButton.Cancel)
    driver.document.execute(SetAge(61.0))
    drop(driver, photo)
    read(driver)
    assert driver.document.state.age == 61.0
    assert reader.faces == []


def test_a_face_without_relief_is_kept_and_what_is_missing_is_said(driver, reader, photo, answers):
    reader.error = ValueError("no weights of the relief")
    made(driver, photo)
    assert driver.document.state.albedo is not None
    assert driver.document.state.source is None
    assert driver.document.labels == ("New", "Face from anna.jpg")
    assert "no weights of the relief" in driver.window.messages.text


def test_of_several_faces_one_is_chosen_and_giving_up_changes_nothing(driver, reader, photo, answers, monkeypatch):
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


def test_a_picture_or_a_file_is_pasted_and_an_empty_clipboard_says_so(driver, reader, photo, picture, answers):
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    driver.key(Qt.Key.Key_V, CTRL)
    assert "no picture" in driver.window.messages.text
    clipboard.setImage(QImage.fromData(picture))
    driver.key(Qt.Key.Key_V, CTRL)
    read(driver)
    assert driver.document.state.photo.name == "Pasted picture.png"
    clipboard.setText(photo.as_uri())
    driver.key(Qt.Key.Key_V, CTRL)
    read(driver)
    assert driver.document.state.photo.name == "anna.jpg"
    clipboard.clear()


@pytest.mark.parametrize("is_photo", [True, False])
def test_a_png_in_colour_may_be_a_map(driver, reader, photo, picture, answers, monkeypatch, is_photo):
    buttons = QMessageBox.StandardButton
    monkeypatch.setattr(
        QMessageBox, "question", staticmethod(lambda *_args: buttons.Yes if is_photo else buttons.No)
    )
    maps = []
    monkeypatch.setattr(driver.window.dialogs, "import_map", maps.append)
    path = photo.with_name("anna.png")
    path.write_bytes(picture)
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


# ---- through the photo's camera ---------------------------------------------------------------------


def frame(driver) -> np.ndarray:
    """The viewport as it is, (H, W, 3)."""
    driver.settle()
    image = driver.viewport.picture().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.float64)


def test_the_head_lies_where_the_photo_has_it(driver, reader, photo, answers):
    """Pixels that the head hides are those in which the photo's camera sees it."""
    made(driver, photo)
    driver.key("p")
    assert driver.session.view.through_photo
    driver.session.view.head_opacity = 0.0
    only_photo = frame(driver)
    driver.session.view.head_opacity = 1.0  # dark skin in another light than the photo's
    hidden = np.abs(frame(driver) - only_photo).max(axis=2) > 2
    view, camera, ratio = driver.viewport.photo, photo_camera(), driver.viewport.devicePixelRatioF()
    vertices = true_fit().vertices(driver.head)
    x, y = (round(value * ratio) for value in view.corner.toTuple())
    seen = camera.scaled(view.scale * ratio)
    expected = NumpyRasteriser().fragments(
        seen.to_camera(vertices), driver.head.triangles, seen.focal_px, seen.centre, seen.size
    ).triangle >= 0
    shown = hidden[max(y, 0) :, max(x, 0) :][: seen.size[1], : seen.size[0]]
    expected = expected[: shown.shape[0], : shown.shape[1]]
    assert (shown & expected).sum() / (shown | expected).sum() > 0.97
    driver.key("f")
    assert not driver.session.view.through_photo, "whoever frames the face looks at it from elsewhere"


def chin(driver) -> QPoint:
    points = driver.document.state.photo.fit.camera.project(driver.viewport.pose.vertices[driver.head.landmarks])
    return driver.viewport.photo.to_widget(points[8][0], points[8][1] - 4).toPoint()


def pinned(driver, points, button=Qt.MouseButton.LeftButton) -> None:
    driver.drag(points, button)
    driver.wait(lambda: not driver.session.pins.active)
    driver.settle()


def test_a_pin_is_dragged_freed_and_taken_back_and_the_head_follows(driver, reader, photo, answers):
    made(driver, photo)
    driver.session.view.through_photo = True
    driver.settle()
    layer, labels = driver.document.state.photo, driver.document.labels
    start = chin(driver)
    end = start + QPoint(10, 14)
    pinned(driver, [start, start + QPoint(5, 7), end])
    fitted = driver.document.state.photo
    assert driver.document.labels == (*labels, "Set pin")
    (pin,) = fitted.pins
    assert pin.pixel == pytest.approx(driver.viewport.photo.to_photo(QPointF(end)))

    def reached(of) -> np.ndarray:
        corners = of.fit.vertices(driver.head)[driver.head.triangles[pin.triangle]]
        return of.fit.camera.project(np.array(pin.barycentric) @ corners)

    before, after = (np.linalg.norm(reached(of) - pin.pixel) for of in (layer, fitted))
    assert after < 0.35 * before
    assert driver.document.state.expression == tuple(float(weight) for weight in fitted.fit.expression)

    driver.press(end)  # taken hold of again, and given up
    driver.move(end + QPoint(20, 0))
    driver.key(Qt.Key.Key_Escape)
    driver.release(end)
    driver.wait(lambda: not driver.session.pins.active)
    assert driver.document.state.photo is fitted

    pinned(driver, [end, end + QPoint(-6, 0)])
    assert driver.document.labels[-1] == "Move pin"
    assert len(driver.document.state.photo.pins) == 1
    pinned(driver, [end + QPoint(-6, 0)], Qt.MouseButton.RightButton)
    assert driver.document.labels[-1] == "Free pin"
    assert driver.document.state.photo.pins == ()
    for _ in range(3):
        driver.key(Qt.Key.Key_Z, CTRL)
    assert driver.document.state.photo is layer


def test_pins_of_an_opened_project_wait_for_its_landmarks(driver, reader, photo, answers):
    made(driver, photo)
    driver.session.photos._landmarks = None
    driver.session.view.through_photo = True
    driver.settle()
    place = chin(driver)
    pinned(driver, [place, place + QPoint(4, 6)])
    assert driver.document.state.photo.pins == ()
    assert "landmarks" in driver.window.messages.text
    driver.wait(lambda: not driver.session.jobs.busy)
    pinned(driver, [place, place + QPoint(4, 6)])
    assert len(driver.document.state.photo.pins) == 1


def test_beside_the_head_the_photo_is_moved_and_the_wheel_zooms(driver, reader, photo, answers):
    made(driver, photo)
    driver.session.view.through_photo = True
    driver.settle()
    view, camera = driver.viewport.photo, driver.document.state.camera
    corner = view.to_widget(6.0, 6.0)
    QTest.wheelEvent(driver.window.windowHandle(), QPointF(driver.viewport.mapTo(driver.window, corner.toPoint())),
                     QPoint(0, 480))  # fmt: skip
    scale = view.scale
    assert scale > 1.5 * min(driver.viewport.width() / 240, driver.viewport.height() / 320)
    place = view.to_widget(6.0, 6.0).toPoint()
    driver.drag([place, place + QPoint(30, 20)])
    np.testing.assert_allclose(view.to_photo(QPointF(place + QPoint(30, 20))), (6, 6), atol=1.0)
    assert driver.document.state.camera == camera
    assert driver.document.state.photo.pins == ()


def test_refit_is_one_step_that_keeps_locks_and_the_artists_light(driver, reader, photo, answers):
    made(driver, photo)
    driver.document.execute(SetLighting(environment="window"))
    before = driver.document.state
    panel = driver.window.docks["photo"].build()
    panel.locks["detail"].click()
    panel.refit.click()
    read(driver)
    assert driver.document.labels[-2:] == ("Keep in the photo's fit", "Face from anna.jpg")
    assert reader.locks[-1].detail
    assert driver.document.state.source is before.source
    assert driver.document.state.lighting == before.lighting
    driver.document.undo()
    assert driver.document.state.photo.locks.detail
    panel.remove.click()
    assert driver.document.state.photo is None
    assert driver.document.state.source is before.source
    assert not driver.window.actions_by_name["through_photo"].isEnabled()
