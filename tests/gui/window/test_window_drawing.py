"""Drawing on the face in the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from rhytid.core.document.commands import AddStrokes, SetEngine, SetExpressionWeights
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.gui.controllers.tool_settings import Tool

CHEEK = ((0.30, 0.55), (0.42, 0.60))
FOREHEAD = ((0.35, 0.16), (0.65, 0.16))


def changed(before, after) -> np.ndarray:
    """Pixels that look different, (H, W) bool."""
    return (np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 6)


def on_stroke(stroke, x: float) -> tuple[float, float]:
    """The place of a left-to-right stroke at a column of the chart."""
    return x, float(np.interp(x, stroke.points[:, 0], stroke.points[:, 1]))


def test_a_stroke_on_the_face_is_in_the_document_and_on_the_surface_and_undo_restores_every_pixel(driver):
    before = driver.picture()
    steps = len(driver.document.labels)
    driver.session.tools.depth_mm = 0.5
    driver.draw(*CHEEK)
    (stroke,) = driver.document.state.strokes
    assert stroke.points[0] == pytest.approx(CHEEK[0], abs=0.01)
    assert stroke.points[-1] == pytest.approx(CHEEK[1], abs=0.01)
    assert len(driver.document.labels) == steps + 1

    after = driver.picture()
    rows, columns = np.nonzero(changed(before, after))
    assert len(rows) > 100
    ratio = driver.viewport.devicePixelRatioF()
    way = np.array([(p.x() * ratio, p.y() * ratio) for p in driver.way(*CHEEK, steps=40)])
    distance = np.hypot(columns[:, None] - way[:, 0], rows[:, None] - way[:, 1]).min(axis=1)
    assert np.percentile(distance, 95) < 25

    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not driver.document.state.strokes
    assert np.array_equal(driver.picture(), before)
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert driver.document.state.strokes == (stroke,)
    assert np.array_equal(driver.picture(), after)


def test_the_stroke_shows_while_the_pen_is_still_down(driver):
    way = driver.way(*CHEEK)
    driver.press(way[0])
    for point in way[1:]:
        driver.move(point)
    assert driver.session.stroke_tool.active
    assert len(driver.document.state.strokes) == 1
    driver.wait(lambda: driver.session.latencies.samples("stroke_to_surface_1024") != [])
    driver.release(way[-1])
    assert not driver.session.stroke_tool.active


def test_a_fast_drag_gives_a_line_that_follows_the_surface(driver):
    driver.draw(*FOREHEAD, steps=2)
    (stroke,) = driver.document.state.strokes
    gaps = np.hypot(*np.diff(stroke.points, axis=0).T)
    assert stroke.points[-1, 0] - stroke.points[0, 0] == pytest.approx(0.3, abs=0.02)
    # The straight way on the screen bends in the chart, as the forehead is round.
    assert len(stroke.points) > 3
    assert gaps.max() < 0.05


def test_escape_takes_the_stroke_back(driver):
    before, steps = driver.document.state, len(driver.document.labels)
    way = driver.way(*CHEEK)
    driver.press(way[0])
    for point in way[1:]:
        driver.move(point)
    assert driver.document.state.strokes
    driver.key(Qt.Key.Key_Escape)
    assert driver.document.state == before
    driver.release(way[-1])
    assert driver.document.state == before
    assert len(driver.document.labels) == steps


def test_eraser_select_delete_and_control_to_erase(driver):
    driver.draw(*FOREHEAD)
    middle = ((0.5, 0.13), (0.5, 0.20))
    driver.use(Tool.ERASER)
    driver.session.tools.radius = 0.03
    driver.draw(*middle)
    assert len(driver.document.state.strokes) == 2
    driver.use(Tool.BRUSH)
    driver.draw((0.42, 0.13), (0.42, 0.20), keys=Qt.KeyboardModifier.ControlModifier)
    assert len(driver.document.state.strokes) == 3
    driver.use(Tool.SELECT)
    right = max(driver.document.state.strokes, key=lambda s: float(s.points[:, 0].mean()))
    place = driver.at(on_stroke(right, float(right.points[:, 0].mean())))
    driver.press(place)
    driver.release(place)
    (chosen,) = driver.session.selection.ids
    driver.key(Qt.Key.Key_Delete)
    assert chosen not in {s.id for s in driver.document.state.strokes}
    assert len(driver.document.state.strokes) == 2


def test_a_drag_with_the_select_tool_moves_the_stroke(driver):
    driver.draw(*FOREHEAD)
    start = driver.document.state.strokes[0].points.copy()
    driver.use(Tool.SELECT)
    x, y = on_stroke(driver.document.state.strokes[0], 0.5)
    driver.draw((x, y), (x, y + 0.057))
    moved = driver.document.state.strokes[0].points - start
    assert moved[:, 1] == pytest.approx(0.057, abs=0.015)
    assert driver.document.labels[-1] == "Move strokes"


def test_drawn_on_a_smile_the_stroke_fades_with_it(driver):
    driver.session.tools.onset = Onset.EXPRESSION
    smile = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9}
    driver.document.execute(SetExpressionWeights(smile))
    driver.settle()
    driver.draw(*CHEEK)
    (stroke,) = driver.document.state.strokes
    assert dict(stroke.binding.weights).keys() == smile.keys()
    driver.document.execute(SetExpressionWeights(dict.fromkeys(smile, 0.0)))
    with_stroke = driver.picture()
    driver.document.execute(SetExpressionWeights(smile))
    driver.document.undo()
    driver.document.undo()
    driver.document.undo()
    driver.document.execute(SetExpressionWeights(dict.fromkeys(smile, 0.0)))
    assert not driver.document.state.strokes
    assert np.array_equal(driver.picture(), with_stroke)


def test_erasing_a_generated_wrinkle_takes_what_it_touches_in_one_step(driver):
    from rhytid.core.document.commands import SetAge
    from rhytid.gui.controllers.stroke_gestures import generated_strokes, showing

    driver.document.execute(SetEngine(generate_wrinkles=True))
    driver.document.execute(SetAge(70.0))
    driver.settle()
    shown = showing(driver.document.state, generated_strokes(driver.document.state, driver.session.engines))
    forehead = [s for s in shown if s.points[:, 1].max() < 0.3]
    target = max(forehead, key=lambda s: s.depth_mm * float(np.ptp(s.points[:, 0])))
    before, picture, steps = driver.document.state, driver.picture(), len(driver.document.labels)
    driver.use(Tool.ERASER)
    driver.session.tools.radius = 0.02
    x, y = target.points[len(target.points) // 2].tolist()
    driver.draw((x, y - 0.02), (x, y + 0.02))
    assert target.id in driver.document.state.taken
    assert len(driver.document.state.strokes) < 60
    assert target not in driver.document.state.strokes
    assert len(driver.document.labels) == steps + 1
    assert changed(picture, driver.picture()).any()
    driver.document.undo()
    assert driver.document.state == before
    assert np.array_equal(driver.picture(), picture)


def test_mirror_key_draws_on_both_halves(driver):
    driver.key(Qt.Key.Key_X)
    driver.draw(*CHEEK)
    driver.key(Qt.Key.Key_X)
    one, two = driver.document.state.strokes
    assert one.points[:, 0].mean() == pytest.approx(1 - two.points[:, 0].mean(), abs=0.03)


def test_a_line_over_the_face_s_edge_ends_there(driver):
    inside = driver.at((0.3, 0.5))
    outside = QPoint(8, inside.y())
    steps = [inside + (outside - inside) * (i / 30) for i in range(31)]
    driver.drag(steps)
    strokes = driver.document.state.strokes
    assert strokes[0].points[0] == pytest.approx((0.3, 0.5), abs=0.01)
    for stroke in strokes:
        assert np.hypot(*np.diff(stroke.points, axis=0).T).max() < 0.2
        assert (stroke.points >= 0).all()


def test_selected_strokes_are_highlighted_on_the_face(driver):
    xs = np.linspace(0.35, 0.65, 20, dtype=np.float32)
    points = np.stack([xs, np.full_like(xs, 0.16)], 1)
    driver.document.execute(AddStrokes((Stroke("a", points, np.ones(20, np.float32), depth_mm=0.01),)))
    plain = driver.picture()
    driver.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert driver.session.selection.ids == ("a",)
    assert changed(plain, driver.picture()).sum() > 100


def test_shift_click_goes_on_straight_on_the_face(driver):
    driver.draw(*FOREHEAD)
    (before,) = driver.document.state.strokes
    end = driver.at((0.60, 0.10))
    shift = Qt.KeyboardModifier.ShiftModifier
    driver.press(end, keys=shift)
    driver.release(end, keys=shift)
    (stroke,) = driver.document.state.strokes
    assert stroke.id == before.id
    assert stroke.points[-1] == pytest.approx((0.60, 0.10), abs=0.01)
    assert driver.document.labels[-1] == "Draw straight line"
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert driver.document.state.strokes == (before,)
