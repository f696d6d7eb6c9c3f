"""The photo with the edits in it, in the real window: what a hand draws there, sees there and takes out of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from photo_hands import made
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from rhytid.core.document.commands import SetAge, SetExpressionWeights
from rhytid.core.document.state import DocumentState
from rhytid.core.learned import weights
from rhytid.core.photo.rendered_photo import render_network
from rhytid.gui.controllers.tool_settings import Tool


@pytest.fixture
def inside(driver, reader, photo, asked):
    """The window with a photo, in the photo."""
    made(driver, photo)
    driver.key("i")
    assert driver.session.view.in_photo
    driver.settle()
    yield driver
    driver.session.view.look()
    driver.settle()


def shown(driver) -> np.ndarray:
    """The viewport at rest without the brush's ring, (H, W, 3)."""
    driver.viewport.set_pointer(None)
    driver.settle()
    image = driver.viewport.picture().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def at(driver, chart: tuple[float, float]) -> QPoint:
    """Where the viewport has a point of the chart, through the photo's camera."""
    triangle, weights = driver.locator.locate(np.array([chart]))
    corner = driver.viewport.pose.vertices[driver.head.skin_triangles[triangle[0]]]
    x, y = driver.document.state.photo.fit.camera.project(weights[0] @ corner)
    return driver.viewport.photo.to_widget(float(x), float(y)).toPoint()


def test_without_edits_it_is_the_photo_and_a_key_goes_back(inside):
    driver = inside
    pixels = driver.session.open_photo.photo.pixels
    assert np.array_equal(driver.session.in_photo.picture, pixels)
    view, seen = driver.viewport.photo, shown(driver)
    driver.session.view.look(through_photo=True)
    driver.session.view.head_opacity = 0.0
    through = shown(driver)
    corner, scale = view.corner * driver.viewport.devicePixelRatioF(), view.scale * driver.viewport.devicePixelRatioF()
    left, top = (max(round(value), 0) for value in corner.toTuple())
    height, width = (round(scale * side) for side in pixels.shape[:2])
    part = np.s_[top + 1 : top + height - 1, left + 1 : left + width - 1]
    assert np.array_equal(through[part], seen[part])
    driver.session.view.head_opacity = 0.6
    driver.key("i")
    assert driver.session.view.in_photo
    assert not driver.session.view.through_photo
    driver.key("i")
    assert not driver.session.view.in_photo
    assert (shown(driver) != seen).any()


def test_a_stroke_is_drawn_in_the_photo_and_changes_it_there_alone(inside, errors):
    driver = inside
    before, plain = shown(driver), driver.session.in_photo.picture
    n_strokes = len(driver.document.state.strokes)
    ends = at(driver, (0.32, 0.18)), at(driver, (0.66, 0.18))
    driver.use(Tool.BRUSH)
    # Some pixels of this small photo wide: what is narrower shades a pixel from both sides, and hardly shows.
    driver.session.tools.width_mm, driver.session.tools.depth_mm = 7.0, 3.0
    way = [ends[0] + (ends[1] - ends[0]) * (k / 8) for k in range(9)]
    driver.drag(way)
    driver.settle()
    assert len(driver.document.state.strokes) == n_strokes + 1
    after = shown(driver)
    changed = (np.abs(after - before) > 1).any(axis=2)
    ratio = driver.viewport.devicePixelRatioF()
    line = np.zeros(changed.shape, np.uint8)
    cv2.line(line, *((round(p.x() * ratio), round(p.y() * ratio)) for p in ends), 255, 1)
    distance = cv2.distanceTransform(255 - line, cv2.DIST_L2, 5)
    assert changed.sum() > 30
    assert distance[changed].max() < 40 * ratio
    drawn = driver.session.in_photo.picture
    assert drawn.shape == plain.shape
    assert (drawn != plain).any()
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(shown(driver), before)
    assert np.array_equal(driver.session.in_photo.picture, plain)
    assert errors == []


def test_sliders_show_in_the_photo_and_a_held_key_shows_it_as_it_was(inside):
    driver = inside
    before = shown(driver)
    driver.document.execute(SetExpressionWeights((("jawOpen", 0.6),)))
    opened = shown(driver)
    assert (np.abs(opened - before) > 20).any(axis=2).sum() > 200
    driver.document.execute(SetAge(68.0))
    aged = shown(driver)
    assert (np.abs(aged - opened) > 1).any(axis=2).sum() > 200
    QTest.keyPress(driver.viewport, Qt.Key.Key_Q)
    assert np.array_equal(shown(driver), before)
    QTest.keyRelease(driver.viewport, Qt.Key.Key_Q)
    assert np.array_equal(shown(driver), aged)


def test_the_network_renders_at_rest_and_is_a_switch_of_the_menu(inside, errors):
    driver = inside
    driver.document.execute(SetExpressionWeights((("jawOpen", 0.6),)))
    driver.settle()
    by_ratio = driver.session.in_photo.picture
    driver.window.actions_by_name["photo_network"].trigger()
    driver.settle()
    assert driver.session.view.photo_network
    by_network = driver.session.in_photo.picture
    assert (by_network != by_ratio).any(axis=2).sum() > 50
    driver.window.actions_by_name["photo_network"].trigger()
    driver.settle()
    assert np.array_equal(driver.session.in_photo.picture, by_ratio)
    assert errors == []


def test_without_the_network_s_weights_one_line_says_so_and_ratio_images_go_on(inside, errors, monkeypatch, tmp_path):
    driver = inside
    driver.document.execute(SetExpressionWeights((("jawOpen", 0.6),)))
    driver.settle()
    by_ratio = driver.session.in_photo.picture
    monkeypatch.setattr(weights, "WEIGHTS_FOLDER", tmp_path)
    render_network.cache_clear()
    told: list[tuple[str, str]] = []

    def note(text: str, severity: str) -> None:
        told.append((text, severity))

    driver.session.message_posted.connect(note)
    driver.session.view.photo_network = True
    driver.settle()
    driver.session.message_posted.disconnect(note)
    assert not driver.session.view.photo_network
    assert len(told) == 1
    assert "photo_render.json" in told[0][0]
    assert told[0][1] == "warning"
    assert np.array_equal(driver.session.in_photo.picture, by_ratio)
    assert errors == []
    render_network.cache_clear()


def test_a_drag_beside_the_face_moves_the_photo_and_the_wheel_zooms_it(inside):
    driver = inside
    view = driver.viewport.photo
    camera, corner, scale = driver.document.state.camera, view.corner, view.scale
    beside = view.to_widget(4.0, 4.0).toPoint()
    driver.drag([beside, beside + QPoint(30, 20)])
    assert (view.corner - corner - QPointF(30, 20)).manhattanLength() < 2
    view.zoom(2.0, QPointF(beside))
    assert view.scale == pytest.approx(2 * scale)
    assert driver.document.state.camera == camera
    driver.key("f")
    assert not driver.session.view.in_photo, "whoever frames the face looks at it from elsewhere"
    view.reset()


def test_esc_takes_the_stroke_back_and_stays_in_the_photo(inside):
    driver = inside
    before, strokes = shown(driver), driver.document.state.strokes
    start = at(driver, (0.4, 0.2))
    driver.use(Tool.BRUSH)
    driver.press(start)
    for k in range(1, 8):
        driver.move(start + QPoint(5 * k, 0))
    driver.key(Qt.Key.Key_Escape)
    driver.release(start + QPoint(40, 0))
    assert driver.document.state.strokes == strokes
    assert driver.session.view.in_photo
    assert np.array_equal(shown(driver), before)


def test_the_picture_is_exported_at_the_photo_s_size(inside, tmp_path, monkeypatch):
    driver = inside
    driver.document.execute(SetExpressionWeights((("jawOpen", 0.5),)))
    driver.settle()
    path = tmp_path / "edited.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_args, **_named: (str(path), "")))
    driver.window.actions_by_name["save_in_photo"].trigger()
    driver.settle()
    written = cv2.imread(str(path))[..., ::-1]
    pixels = driver.session.open_photo.photo.pixels
    assert written.shape == pixels.shape
    changed = (written != pixels).any(axis=2)
    assert changed.any()
    assert not changed[: len(changed) // 8].any()
    assert "Saved edited.png" in driver.window.messages.text


def test_without_a_photo_there_is_nothing_to_look_into(driver, reader, photo, asked):
    actions = driver.window.actions_by_name
    assert not actions["in_photo"].isEnabled()
    assert not actions["save_in_photo"].isEnabled()
    made(driver, photo)
    driver.key("i")
    driver.settle()
    assert driver.session.in_photo.picture is not None
    driver.window.actions_by_name["remove_photo"].trigger()
    driver.settle()
    assert driver.viewport.photo.layer is None
    assert driver.session.in_photo.picture is None
    assert not actions["in_photo"].isChecked()
    driver.session.view.look()


def test_a_photo_whose_light_is_not_known_stays_and_is_told_of(driver, reader, photo, asked, errors):
    from dataclasses import replace

    from rhytid.core.document.commands import TakePhoto

    made(driver, photo)
    layer = replace(driver.document.state.photo, light=None)
    driver.document.new(TakePhoto(layer, None, None).apply(DocumentState()))
    driver.settle()
    driver.key("i")
    driver.settle()
    assert "refine the photo" in driver.window.messages.text
    assert driver.session.in_photo.picture is None
    driver.session.view.look(through_photo=True)
    driver.session.view.head_opacity = 0.0
    bare = shown(driver)
    driver.key("i")
    middle = np.s_[100:-100, bare.shape[1] // 2 - 60 : bare.shape[1] // 2 + 60]
    assert np.array_equal(shown(driver)[middle], bare[middle])
    driver.session.view.head_opacity = 0.6
    driver.session.view.look()
    assert errors == []
