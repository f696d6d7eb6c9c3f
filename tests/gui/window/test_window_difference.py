"""The difference map of A and B on the face, and steps of the history kept as A."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from rhytid.core.document.commands import AddStrokes, SetAge
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.gui.controllers.comparing import difference_mm

CHEEK = (0.25, 0.6)
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture(autouse=True)
def forgets(driver):
    yield
    driver.session.comparison.forget()
    driver.settle()


def furrow() -> Stroke:
    points = np.column_stack([np.linspace(0.2, 0.3, 9), np.full(9, CHEEK[1])])
    return Stroke("furrow", points, np.ones(9), width=0.03, depth_mm=0.3, profile=Profile.CREASE)


def colour_at(driver, picture: np.ndarray, chart: tuple[float, float]) -> np.ndarray:
    at = driver.at(chart) * driver.viewport.devicePixelRatioF()
    return picture[at.y() - 1 : at.y() + 2, at.x() - 1 : at.x() + 2].reshape(-1, 3).mean(axis=0)


def test_a_map_of_another_size_is_brought_to_that_of_b():
    fine = np.random.default_rng(1).normal(0, 0.1, (64, 64)).astype(np.float32)
    coarse = fine.reshape(32, 2, 32, 2).mean(axis=(1, 3))
    assert np.abs(difference_mm(fine, coarse)).max() < 1e-6
    np.testing.assert_array_equal(difference_mm(fine, fine + 0.25), (fine + np.float32(0.25)) - fine)


def test_the_face_shows_in_colours_where_and_how_far_it_changed(driver, errors):
    driver.key(Qt.Key.Key_K)
    driver.key(Qt.Key.Key_D)  # the whole view
    before = driver.session.latest.maps.displacement
    driver.document.execute(AddStrokes((furrow(),)))
    driver.settle()
    now = driver.session.latest.maps.displacement
    driver.key(Qt.Key.Key_D, ALT)
    picture = driver.picture()
    np.testing.assert_array_equal(driver.viewport.renderer._details.current.displacement, now - before)
    deepest_um = 1000 * float(np.abs(now - before).max())
    span_um = driver.session.comparison.difference_um
    assert 0.5 * deepest_um < span_um < 3 * deepest_um
    labels = driver.viewport.legend._legend.labels
    assert labels == (f"\u2212{span_um:g}", "0", f"+{span_um:g}")
    inside, beside = colour_at(driver, picture, CHEEK), colour_at(driver, picture, (0.75, 0.6))
    assert inside[2] > inside[0] + 40, "valleys are blue"
    assert abs(beside[2] - beside[0]) < 25, "what is alike is nearly white"
    driver.key(Qt.Key.Key_BracketRight, ALT)
    assert driver.session.comparison.difference_um > span_um
    driver.key(Qt.Key.Key_BracketLeft, ALT)
    assert driver.session.comparison.difference_um == pytest.approx(span_um)
    driver.document.undo()
    driver.settle()
    assert np.abs(driver.viewport.renderer._details.current.displacement).max() == 0.0
    driver.document.redo()
    driver.key(Qt.Key.Key_D, ALT)
    driver.settle()
    np.testing.assert_array_equal(driver.viewport.renderer._details.current.displacement, now)
    assert driver.viewport.legend._legend is None
    assert errors == []


def test_the_picture_of_a_project_shows_the_face(driver):
    driver.key(Qt.Key.Key_K)
    driver.document.execute(AddStrokes((furrow(),)))
    driver.settle()
    plain = driver.viewport.picture_of_b()
    driver.settle()
    driver.key(Qt.Key.Key_D, ALT)
    driver.settle()
    shown, again = driver.viewport.picture(), driver.viewport.picture_of_b()

    def row(image) -> np.ndarray:
        return np.array([image.pixelColor(x, image.height() // 2).getRgb() for x in range(0, image.width(), 8)])

    assert np.abs(row(again) - row(plain)).mean() < 4
    assert np.abs(row(shown) - row(plain)).mean() > 8


def test_a_step_of_the_history_becomes_a(driver, errors):
    driver.document.execute(AddStrokes((furrow(),)))
    driver.document.execute(SetAge(60.0))
    driver.settle()
    driver.window.docks["history"].raise_()
    panel = driver.window.docks["history"].build()
    driver.settle()
    row = driver.document.position - 1
    area = panel.list.viewport()
    at = panel.list.visualItemRect(panel.list.item(row)).center()
    panel.list.customContextMenuRequested.emit(QPoint(at))
    driver.wait(lambda: any(menu.isVisible() for menu in panel.findChildren(QMenu)))
    (menu,) = [menu for menu in panel.findChildren(QMenu) if menu.isVisible()]
    menu.actions()[0].trigger()
    menu.close()
    QApplication.processEvents()
    driver.wait(lambda: driver.session.comparison.kept is not None and not driver.session.jobs.busy)
    kept = driver.session.comparison.kept
    assert kept.state.age != 60.0
    assert kept.state.strokes == driver.document.state.strokes
    assert driver.document.position == row + 1, "the document stays where it is"
    QTest.mouseClick(area, Qt.MouseButton.LeftButton, pos=at)  # go there: A and B are alike now
    driver.settle()
    difference = difference_mm(kept.displacement, driver.session.latest.maps.displacement)
    assert np.abs(difference).max() < 1e-6
    assert errors == []
