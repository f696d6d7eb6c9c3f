"""A curve under the mouse: points are dragged, put on and taken away; the ends stay ends."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rhytid.core.lines.response import Response
from rhytid.gui.widgets.curve_editor import CurveEditor

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def curve(qtbot) -> CurveEditor:
    editor = CurveEditor("Growth", most=4)
    qtbot.addWidget(editor)
    editor.resize(214, 114)  # an area of 200 by 100
    editor.show()
    return editor


def at(curve: CurveEditor, x: float, y: float) -> QPoint:
    return curve.place_of(x, y).toPoint()


def drag(curve: CurveEditor, start: tuple[float, float], end: tuple[float, float]) -> None:
    QTest.mousePress(curve, LEFT, pos=at(curve, *start))
    QTest.mouseMove(curve, at(curve, *end))
    QTest.mouseRelease(curve, LEFT, pos=at(curve, *end))


def test_a_press_on_the_curve_puts_a_point_there_and_drags_it(curve, qtbot) -> None:
    told = []
    curve.changing.connect(told.append)
    with qtbot.waitSignal(curve.finished):
        drag(curve, (0.5, 0.5), (0.6, 0.1))
    assert curve.points[0] == (0.0, 0.0)
    assert curve.points[1] == pytest.approx((0.6, 0.1), abs=0.01)
    assert curve.points[2] == (1.0, 1.0)
    assert told[-1] == curve.points
    Response(curve.points)  # is one


def test_ends_move_up_and_down_only(curve) -> None:
    drag(curve, (0.0, 0.0), (0.5, 0.3))
    assert curve.points[0] == pytest.approx((0.0, 0.3), abs=0.01)


def test_points_do_not_pass_each_other_and_there_are_not_too_many(curve) -> None:
    drag(curve, (0.3, 0.3), (0.3, 0.5))
    drag(curve, (0.7, 0.85), (0.1, 0.2))
    ways = [x for x, _ in curve.points]
    assert ways == sorted(ways)
    assert len(set(ways)) == 4
    drag(curve, (0.9, 0.9), (0.9, 0.5))
    assert len(curve.points) == 4


def test_the_right_button_takes_a_point_away_but_no_end(curve, qtbot) -> None:
    drag(curve, (0.5, 0.5), (0.5, 0.2))
    QTest.mouseClick(curve, RIGHT, pos=at(curve, 1.0, 1.0))
    assert len(curve.points) == 3
    with qtbot.waitSignal(curve.finished):
        QTest.mouseClick(curve, RIGHT, pos=at(curve, *curve.points[1]))
    assert curve.points == ((0.0, 0.0), (1.0, 1.0))


def test_escape_gives_a_drag_up(curve, qtbot) -> None:
    before = curve.points
    QTest.mousePress(curve, LEFT, pos=at(curve, 0.5, 0.5))
    QTest.mouseMove(curve, at(curve, 0.5, 0.9))
    assert curve.points != before
    with qtbot.waitSignal(curve.cancelled):
        QTest.keyClick(curve, Qt.Key.Key_Escape)
    assert curve.points == before


def test_arrows_move_the_chosen_point_and_del_takes_it_away(curve) -> None:
    drag(curve, (0.5, 0.5), (0.5, 0.2))
    x, y = curve.points[1]
    QTest.keyClick(curve, Qt.Key.Key_Up)
    QTest.keyClick(curve, Qt.Key.Key_Right)
    assert curve.points[1] == pytest.approx((x + 0.02, y + 0.02))
    QTest.keyClick(curve, Qt.Key.Key_Delete)
    assert len(curve.points) == 2


def test_what_it_is_given_it_shows(curve) -> None:
    curve.points = ((0.2, 0.1), (0.6, 0.5))
    assert curve.points == ((0.0, 0.1), (0.2, 0.1), (0.6, 0.5), (1.0, 0.5))
