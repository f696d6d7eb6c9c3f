"""The machine between Qt's events and what a pen does, on a plain widget without OpenGL."""

from __future__ import annotations

import math

import pytest
from pen_hands import ERASER, LEFT, NO_BUTTON, PEN, RIGHT
from pen_rig import Rig
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from rhytid.gui.controllers.pen_source import (
    MAX_STEPS,
    STEP_PX,
    PenKind,
    PenPoint,
    PenState,
    steps_between,
)

A, B, C = QPointF(20, 30), QPointF(60, 30), QPointF(60, 80)
PENS = ("mouse", "finger", "pen", "eraser")


@pytest.fixture
def rig(qtbot):
    return Rig(qtbot)


@pytest.mark.parametrize("pen", PENS)
def test_a_stroke_is_pressed_followed_and_kept(rig, pen):
    rig.hands.draw([A, B, C], pen)
    (hold,) = rig.holds
    assert hold.end == "kept"
    assert rig.source.state is PenState.UP
    assert hold.points[0].position == A
    assert hold.points[-1].position == C
    assert {point.kind for point in hold.points} == {PenKind(pen)}
    assert all(a.time_s <= b.time_s for a, b in zip(hold.points, hold.points[1:], strict=False))
    gaps = [math.dist(a.position.toTuple(), b.position.toTuple())
            for a, b in zip(hold.points, hold.points[1:], strict=False)]  # fmt: skip
    assert max(gaps) <= STEP_PX + 1e-6


def test_place_pressure_and_time_change_evenly_between_two_events():
    start = PenPoint(QPointF(0, 0), 0.2, 10.0, PenKind.PEN)
    end = PenPoint(QPointF(30, 0), 0.8, 11.0, PenKind.PEN, Qt.KeyboardModifier.ShiftModifier)
    way = steps_between(start, end)
    assert len(way) == 10
    assert [point.position.x() for point in way] == pytest.approx([3.0 * (i + 1) for i in range(10)])
    assert [point.pressure for point in way] == pytest.approx([0.2 + 0.06 * (i + 1) for i in range(10)])
    assert [point.time_s for point in way] == pytest.approx([10.0 + 0.1 * (i + 1) for i in range(10)])
    assert {point.modifiers for point in way} == {Qt.KeyboardModifier.ShiftModifier}
    assert len(steps_between(start, PenPoint(QPointF(1e6, 0), 0.8, 11.0, PenKind.PEN))) == MAX_STEPS
    assert len(steps_between(start, start)) == 1


@pytest.mark.parametrize("pen", PENS)
def test_escape_drops_and_nothing_happens_until_the_pen_lifts(rig, pen):
    rig.hands.press(A, pen)
    rig.hands.move(B, pen)
    assert rig.source.cancel()
    assert rig.source.state is PenState.SPENT
    for at in (C, A, B):
        rig.hands.move(at, pen)
    assert rig.ends == ["dropped"]
    assert not rig.source.cancel()
    rig.hands.release(B, pen)
    assert rig.source.state is PenState.UP
    rig.hands.draw([A, B], pen)
    assert rig.ends == ["dropped", "kept"]


LOSSES = {
    "focus": lambda rig: rig.edit.setFocus(),
    "hidden": lambda rig: rig.surface.hide(),
    "window hidden": lambda rig: rig.window.hide(),
    "deactivated": lambda rig: QApplication.sendEvent(rig.surface, QEvent(QEvent.Type.WindowDeactivate)),
    "dialog": lambda rig: QApplication.sendEvent(rig.surface, QEvent(QEvent.Type.WindowBlocked)),
    "resized": lambda rig: rig.window.resize(400, 380),
    "asked": lambda rig: rig.source.lose(),
}


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("pen", PENS)
def test_a_pen_that_is_lost_leaves_what_it_drew_and_the_next_works(rig, how, pen):
    rig.hands.press(A, pen)
    rig.hands.move(B, pen)
    LOSSES[how](rig)
    QApplication.processEvents()
    assert rig.ends == ["kept"]
    rig.hands.move(C, pen)
    rig.hands.release(C, pen)
    assert rig.ends == ["kept"]
    rig.window.show()
    rig.surface.show()
    rig.hands.draw([A, B], pen)
    assert rig.ends == ["kept", "kept"]


def test_a_menu_that_opens_under_the_pen_ends_the_stroke(rig, qtbot):
    rig.hands.press(A)
    rig.hands.move(B)
    menu = QMenu(rig.surface)
    menu.addAction("Something")
    menu.popup(rig.surface.mapToGlobal(B.toPoint()))
    qtbot.waitUntil(menu.isVisible)
    assert rig.ends == ["kept"]
    menu.close()
    menu.deleteLater()


@pytest.mark.parametrize("pen", PENS)
def test_a_release_that_went_elsewhere_is_noticed_at_the_next_move(rig, pen):
    rig.hands.press(A, pen)
    rig.hands.move(B, pen)
    rig.hands.hover(C, pen)
    assert rig.ends == ["kept"]
    assert rig.holds[0].points[-1].position == B, "the way there was not drawn"
    assert rig.source.state is PenState.UP
    rig.hands.draw([A, B], pen)
    assert rig.ends == ["kept", "kept"]


def test_a_release_that_went_elsewhere_is_noticed_at_another_buttons_press(rig):
    rig.hands.press(A)
    rig.hands.mouse(QEvent.Type.MouseButtonPress, B, RIGHT, RIGHT)
    assert rig.ends == ["kept", ""]
    rig.hands.mouse(QEvent.Type.MouseButtonRelease, B, RIGHT, NO_BUTTON)
    assert rig.ends == ["kept", "kept"]


@pytest.mark.parametrize("by", [PEN, ERASER])
def test_a_pen_out_of_reach_has_ended(rig, by):
    pen = "eraser" if by is ERASER else "pen"
    rig.hands.press(A, pen)
    rig.hands.move(B, pen)
    rig.hands.leave_reach(by)
    assert rig.ends == ["kept"]
    assert rig.source.state is PenState.UP
    rig.hands.draw([A, B], "mouse")
    assert rig.ends == ["kept", "kept"]


def test_a_pen_out_of_reach_means_nothing_to_a_mouse(rig):
    rig.hands.press(A)
    rig.hands.leave_reach()
    rig.hands.move(B)
    assert rig.ends == [""]


@pytest.mark.parametrize("first", PENS)
@pytest.mark.parametrize("second", PENS)
def test_the_first_pen_down_is_the_only_one(rig, first, second):
    if first == second or (first == "finger" and second in ("pen", "eraser")):
        pytest.skip("the same pen, or one that takes over from a finger")
    rig.hands.press(A, first)
    rig.hands.draw([B, C], second)
    rig.hands.move(B, first)
    rig.hands.release(B, first)
    assert rig.ends == ["kept"]
    assert {point.kind for point in rig.holds[0].points} == {PenKind(first)}
    rig.hands.draw([A, C], second)
    assert rig.ends == ["kept", "kept"]


@pytest.mark.parametrize("pen", ["pen", "eraser"])
def test_a_pen_takes_over_from_a_hand_that_rests(rig, pen):
    rig.hands.press(A, "finger")
    rig.hands.move(B, "finger")
    rig.hands.press(C, pen)
    rig.hands.move(A, "finger")
    rig.hands.move(B, pen)
    rig.hands.release(A, "finger")
    rig.hands.release(B, pen)
    assert rig.ends == ["dropped", "kept"]
    assert rig.holds[1].points[0].position == C
    assert rig.holds[1].points[-1].position == B


def test_a_second_button_is_ignored_while_the_first_is_down(rig):
    both = LEFT | RIGHT
    rig.hands.press(A)
    rig.hands.mouse(QEvent.Type.MouseButtonPress, A, RIGHT, both)
    rig.hands.mouse(QEvent.Type.MouseMove, B, NO_BUTTON, both)
    rig.hands.mouse(QEvent.Type.MouseButtonRelease, B, RIGHT, LEFT)
    assert rig.ends == [""]
    rig.hands.release(B)
    assert rig.ends == ["kept"]


@pytest.mark.parametrize("pen", PENS)
def test_a_press_told_twice_is_one_and_one_elsewhere_is_the_next(rig, pen):
    rig.hands.press(A, pen)
    rig.hands.press(A, pen)
    assert rig.ends == [""]
    rig.hands.move(B, pen)
    rig.hands.press(A, pen)
    assert rig.ends == ["kept", ""], "the release in between was lost"
    rig.hands.release(A, pen)
    assert rig.ends == ["kept", "kept"]


@pytest.mark.parametrize("pen", PENS)
def test_a_press_after_a_lost_release_begins_anew(rig, pen):
    rig.hands.press(A, pen)
    rig.source.lose()
    rig.hands.press(B, pen)
    assert rig.ends == ["kept", ""]


def test_another_device_works_after_the_first_was_lost(rig):
    rig.hands.press(A, "pen")
    rig.edit.setFocus()
    rig.hands.draw([A, B], "mouse")
    assert rig.ends == ["kept", "kept"]


@pytest.mark.parametrize("pen", PENS)
def test_moves_and_releases_without_a_press_do_nothing(rig, pen):
    rig.hands.move(A, pen)
    rig.hands.release(B, pen)
    rig.hands.hover(C, pen)
    assert rig.holds == []
    assert rig.source.state is PenState.UP
    assert rig.hovers[-1] == C


@pytest.mark.parametrize("source", [Qt.MouseEventSource.MouseEventSynthesizedBySystem,
                                    Qt.MouseEventSource.MouseEventSynthesizedByQt])  # fmt: skip
def test_mouse_events_made_up_from_the_pens_are_no_second_pen(rig, source):
    def made_up(kind, at, buttons):
        rig.hands.mouse(kind, at, LEFT, buttons, source=source)

    rig.hands.press(A, "pen")
    made_up(QEvent.Type.MouseButtonPress, A, LEFT)
    rig.hands.move(B, "pen")
    made_up(QEvent.Type.MouseMove, B, LEFT)
    rig.hands.release(B, "pen")
    made_up(QEvent.Type.MouseButtonRelease, B, NO_BUTTON)
    made_up(QEvent.Type.MouseButtonPress, B, LEFT)
    made_up(QEvent.Type.MouseButtonRelease, B, NO_BUTTON)
    assert rig.ends == ["kept"]
    assert len(rig.holds[0].points) == len(steps_between(rig.holds[0].points[0], rig.holds[0].points[-1])) + 1


def test_a_pen_that_the_system_tells_of_as_a_mouse_only_works(rig):
    by_system = Qt.MouseEventSource.MouseEventSynthesizedBySystem
    rig.hands.mouse(QEvent.Type.MouseButtonPress, A, source=by_system)
    rig.hands.mouse(QEvent.Type.MouseMove, B, NO_BUTTON, LEFT, source=by_system)
    rig.hands.mouse(QEvent.Type.MouseButtonRelease, B, LEFT, NO_BUTTON, source=by_system)
    assert rig.ends == ["kept"]


@pytest.mark.parametrize(("given", "wanted"), [
    (math.nan, 0.5), (math.inf, 0.5), (-math.inf, 0.5), (-1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (7.0, 1.0)])  # fmt: skip
def test_pressure_is_a_number_from_0_to_1(rig, given, wanted):
    rig.hands.press(A, "pen", pressure=0.5)
    rig.hands.move(B, "pen", pressure=given)
    assert rig.holds[0].points[-1].pressure == pytest.approx(wanted, abs=1e-3)
    assert rig.ends == [""]


@pytest.mark.parametrize("pen", ["mouse", "pen"])
def test_a_place_that_is_no_number_is_left_out(rig, pen):
    nowhere = QPointF(math.nan, math.inf)
    rig.hands.press(nowhere, pen)
    assert rig.holds == []
    rig.hands.press(A, pen)
    rig.hands.move(nowhere, pen)
    rig.hands.move(B, pen)
    assert all(math.isfinite(point.position.x()) for point in rig.holds[0].points)
    rig.hands.release(B, pen)
    assert rig.ends == ["kept"]


def test_a_hold_with_nothing_left_to_do_is_left(rig):
    rig.hands.press(A)
    rig.holds[0].goes_on = False
    rig.hands.move(B)
    assert rig.ends == ["kept"]
    rig.hands.move(C)
    assert rig.holds[0].points[-1].position == B
    rig.hands.release(C)
    assert rig.source.state is PenState.UP


def test_a_step_that_fails_fails_once(rig):
    def fail(_way):
        raise RuntimeError("the picture is gone")

    rig.hands.press(A)
    rig.holds[0].moved = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="the picture is gone"):
        rig.hands.move(B)
    for at in (C, A, B):
        rig.hands.move(at)
    rig.hands.release(B)
    assert rig.ends == ["dropped"]
    rig.hands.draw([A, B])
    assert rig.ends == ["dropped", "kept"]


def test_a_context_menu_waits_for_the_pen(rig):
    from PySide6.QtGui import QContextMenuEvent

    asked: list[bool] = []
    rig.surface.contextMenuEvent = lambda _event: asked.append(True)  # type: ignore[method-assign]

    def ask() -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, A.toPoint(), rig.surface.mapToGlobal(A.toPoint()))
        QApplication.sendEvent(rig.surface, event)

    rig.hands.press(A)
    ask()
    assert not asked
    rig.hands.release(A)
    ask()
    assert asked


def test_a_pen_on_something_over_the_surface_is_not_the_surfaces(rig):
    button = QPushButton("Close the hint", rig.surface)
    button.move(100, 100)
    button.show()
    on_it = QPointF(button.geometry().center())
    assert not rig.hands.tablet(QEvent.Type.TabletPress, on_it)
    assert not rig.hands.tablet(QEvent.Type.TabletMove, A), "of these Qt makes mouse events for the button"
    assert not rig.hands.tablet(QEvent.Type.TabletRelease, A)
    assert rig.holds == []
    rig.hands.draw([A, B], "pen")
    assert rig.ends == ["kept"]


def test_a_press_that_is_refused_is_over_when_it_lifts(rig):
    rig.refuses = True
    rig.hands.press(A)
    rig.hands.move(B)
    rig.hands.release(B)
    rig.refuses = False
    rig.hands.draw([A, B])
    assert rig.ends == ["kept"]


def test_several_fingers_take_back_what_one_drew_and_wait_for_a_pen(rig):
    rig.hands.press(A, "finger")
    assert rig.source.give_way()
    assert rig.ends == ["dropped"]
    rig.hands.release(A, "finger")
    rig.hands.press(A, "pen")
    assert not rig.source.give_way()
    assert rig.ends == ["dropped", ""]
