"""Through the photo's camera in the real window: head and photo coincide, pins are set, moved, freed and taken back."""

from __future__ import annotations

import numpy as np
import pytest
from photo_hands import drop, made
from photo_stand_in import photo_camera, true_fit
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from rhytid.core.photo.rasteriser import NumpyRasteriser

CTRL = Qt.KeyboardModifier.ControlModifier


def frame(driver) -> np.ndarray:
    """The viewport as it is, (H, W, 3)."""
    driver.settle()
    image = driver.viewport.picture().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.float64)


def test_the_head_lies_where_the_photo_has_it(driver, reader, photo, asked):
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


def test_a_pin_is_dragged_freed_and_taken_back_and_the_head_follows(driver, reader, photo, asked):
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


def test_pins_of_an_opened_project_wait_for_its_landmarks(driver, reader, photo, asked):
    made(driver, photo)
    driver.session.photos._landmarks.clear()
    driver.session.view.through_photo = True
    driver.settle()
    place = chin(driver)
    pinned(driver, [place, place + QPoint(4, 6)])
    assert driver.document.state.photo.pins == ()
    assert "landmarks" in driver.window.messages.text
    driver.wait(lambda: not driver.session.jobs.busy)
    pinned(driver, [place, place + QPoint(4, 6)])
    assert len(driver.document.state.photo.pins) == 1


def test_beside_the_head_the_photo_is_moved_and_the_wheel_zooms(driver, reader, photo, asked):
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


def test_each_photo_of_a_person_has_pins_of_its_own_and_refining_reads_all(driver, reader, photo, asked):
    other = photo.with_name("second.jpg")
    QImage(str(photo)).save(str(other), "JPEG", 90)
    made(driver, photo, other)
    panel = driver.window.docks["photo"].build()
    driver.wait(lambda: len(driver.session.open_photo.thumbnails) >= 2)
    first, (second,) = driver.document.state.photo, driver.document.state.other_photos
    panel.choice.buttons[1].click()
    assert driver.document.state.photo.name == second.name
    driver.wait(lambda: driver.session.open_photo.photo is not None)
    driver.session.view.through_photo = True
    driver.settle()
    place = chin(driver)
    pinned(driver, [place, place + QPoint(4, 6)])  # the landmarks of this one are looked for first
    driver.wait(lambda: not driver.session.jobs.busy)
    pinned(driver, [place, place + QPoint(4, 6)])
    state = driver.document.state
    assert (len(state.photo.pins), state.other_photos[0].pins) == (1, ())
    assert state.photo.stale
    np.testing.assert_array_equal(state.other_photos[0].fit.identity, state.photo.fit.identity)
    assert panel.stale.isVisibleTo(panel)
    panel.refit.click()
    driver.wait(lambda: not driver.session.jobs.busy and not driver.session.photos.active)
    assert len(reader.faces[-1]) == 2
    state = driver.document.state
    assert [one.name for one in state.photos] == [first.name, second.name]
    assert (state.photo.name, len(state.photo.pins), state.photo.stale) == (second.name, 1, False)
    assert not panel.stale.isVisibleTo(panel)


def test_more_photos_than_a_person_may_have_are_refused_at_once(driver, reader, photo):
    drop(driver, *([photo] * 9))
    assert "up to 8 photos" in driver.window.messages.text
    assert driver.document.state.photo is None
