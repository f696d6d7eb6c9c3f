"""Painting on the face and on the chart in the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import AddLayer, AddStrokes, PaintSkin, SetEngine
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.paint import COLOR, PAINT_SIDE, Paint, toward
from rhytid.core.maps.rect import Rect
from rhytid.gui.canvas.layers import Layer
from rhytid.gui.controllers.tool_settings import Paints, Tool

CHEEK = ((0.26, 0.50), (0.32, 0.52))
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def painter(driver):
    driver.key(Qt.Key.Key_B, SHIFT)
    tools = driver.session.tools
    assert tools.tool == Tool.PAINT
    tools.paints, tools.paint_color, tools.strength, tools.radius = Paints.COLOR, (20, 60, 220), 1.0, 0.03
    return driver


def opacity(driver) -> np.ndarray:
    paint = driver.document.state.paint
    return (Paint() if paint is None else paint).planes(Rect.whole(PAINT_SIDE))[..., 3]


def test_paint_lies_where_the_pen_went_and_undo_restores_every_pixel(painter):
    before = painter.picture()
    painter.draw(*CHEEK)
    painter.settle()
    assert painter.document.labels[-1] == "Paint colour"
    rows, columns = np.nonzero(opacity(painter))
    assert columns.mean() / PAINT_SIDE == pytest.approx(0.29, abs=0.02)
    assert rows.mean() / PAINT_SIDE == pytest.approx(0.51, abs=0.02)
    after = painter.picture()
    middle = painter.at((0.29, 0.51)) * painter.viewport.devicePixelRatioF()
    was, now = (picture[middle.y(), middle.x()].astype(int) for picture in (before, after))
    assert now[2] - was[2] > 25
    assert was[0] - now[0] > 60
    painter.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    painter.settle()
    assert painter.document.state.paint is None
    assert np.abs(painter.picture().astype(int) - before).max() <= 3, "but for mip levels that were made of a part"


def test_it_shows_while_the_pen_is_down_and_escape_takes_it_back(painter):
    way = painter.way(*CHEEK)
    first = painter.session.skin_color.latest
    painter.press(way[0])
    for point in way[1:]:
        painter.move(point)
    painter.wait(lambda: painter.session.skin_color.latest is not first)
    assert painter.session.skin_color.latest.changed_since(first.revisions.last) is not None
    assert painter.session.stroke_tool.active
    painter.key(Qt.Key.Key_Escape)
    assert painter.document.state.paint is None
    painter.release(way[-1])


def test_the_eyedropper_takes_the_skins_own_colour(painter):
    painter.settle()
    painter.key(Qt.Key.Key_I, SHIFT)
    assert painter.session.tools.picking
    point = painter.at((0.29, 0.51))
    painter.press(point)
    painter.release(point)
    chart = painter.session.skin_color.latest.chart
    near = chart[round(0.505 * 1024) : round(0.515 * 1024), round(0.285 * 1024) : round(0.295 * 1024)].reshape(-1, 3)
    picked = painter.session.tools.paint_color
    assert all(near[:, k].min() <= picked[k] <= near[:, k].max() for k in range(3))
    assert not painter.session.tools.picking
    assert painter.document.state.paint is None


def test_the_chart_shows_the_colour_while_it_is_painted_and_paints_too(painter):
    painter.window.show_canvas(True)
    canvas = painter.window.canvas
    painter.settle()
    painter.session.tools.tool = Tool.BRUSH
    before = canvas.layer
    painter.session.tools.tool = Tool.PAINT
    assert canvas.layer is Layer.ALBEDO
    painter.settle()
    view = canvas.view
    for step, x in enumerate(np.linspace(0.6, 0.7, 6)):
        at = view.position_of(x, 0.5).toPoint()
        if step == 0:
            QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        else:
            QTest.mouseMove(view.viewport(), at)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    painter.settle()
    columns = np.nonzero(opacity(painter))[1]
    assert columns.mean() / PAINT_SIDE == pytest.approx(0.65, abs=0.02)
    shown = canvas.view.map.pixels[round(0.5 * 1024), round(0.65 * 1024)]
    assert (shown >> 16 & 255, shown >> 8 & 255, shown & 255) == (20, 60, 220)
    painter.session.tools.tool = Tool.BRUSH
    assert canvas.layer is before
    painter.window.show_canvas(False)


def test_a_mask_is_tinted_while_its_tool_is_at_hand(driver):
    driver.document.execute(SetEngine(generate_wrinkles=False))
    x = np.linspace(0.2, 0.4, 5)
    stroke = Stroke("a", np.stack([x, np.full(5, 0.5)], axis=1), np.ones(5), layer="one")
    driver.document.execute(AddLayer(StrokeLayer("one")))
    driver.document.execute(AddStrokes((stroke,)))
    tools = driver.session.tools
    tools.layer, tools.tool, tools.radius = "one", Tool.MASK, 0.04
    driver.draw((0.30, 0.50), (0.34, 0.52))
    driver.settle()
    driver.viewport.set_pointer(None)
    tinted = driver.picture().astype(int)
    driver.key(Qt.Key.Key_M, SHIFT)
    assert not tools.show_mask
    driver.settle()
    driver.viewport.set_pointer(None)
    plain = driver.picture().astype(int)
    change = tinted - plain
    where = np.abs(change).max(axis=2) > 15
    assert where.sum() > 200
    assert change[where][:, 0].mean() > change[where][:, 2].mean() + 15
    driver.key(Qt.Key.Key_M, SHIFT)
    assert tools.show_mask
    tools.tool = Tool.BRUSH
    driver.settle()
    driver.viewport.set_pointer(None)
    assert np.abs(driver.picture().astype(int) - plain).max() < 15, "no tint under other tools"


def test_paint_is_kept_by_the_window_over_a_random_complexion(driver):
    rect = Rect(200, 450, 330, 540)
    share = np.ones((rect.height, rect.width), np.float32)
    paint = Paint().with_planes(rect, toward(Paint().planes(rect), share, COLOR, [10, 20, 200, 255]))
    driver.document.execute(PaintSkin(paint))
    dock = driver.window.docks["skin_color"]
    dock.build().dice.click()
    driver.settle()
    assert driver.document.state.paint == paint
    assert (driver.session.skin_color.latest.chart[rect.slices] == (10, 20, 200)).all()
