"""The slider row by itself and bound to a document."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from rowdriver import double_click, drag, point_at, wheel

from rhytid.core.document.commands import SetAge, SetEngine
from rhytid.core.document.document import Document
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.widgets.slider_row import SliderRow

NO_MODIFIER = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def bound(qtbot):
    """A row that sets the age, its document, and how often the document changed."""
    document = Document()
    row = SliderRow("Age", 16.0, 70.0, 30.0, step=1.0, decimals=1)
    bind_row(row, document, SetAge)
    changes = []

    def follow(new, old):
        changes.append(new.age)
        row.set_number(new.age)

    document.state_changed.connect(follow)
    row.set_number(document.state.age)
    qtbot.addWidget(row)
    row.resize(300, 24)
    with qtbot.waitActive(row):
        row.show()
        row.activateWindow()
    row.setFocus()
    return row, document, changes


def test_a_drag_is_one_undo_step_and_previews_on_the_way(bound):
    row, document, changes = bound
    drag(row, 0.26, 0.8, steps=8)
    assert len(document.labels) == 2
    assert document.state.age == pytest.approx(16 + 0.8 * 54, abs=1.0)
    assert len(changes) >= 7
    document.undo()
    assert document.state.age == 30.0
    assert row.number == 30.0


def test_a_press_beside_the_handle_jumps_there(bound):
    row, document, _ = bound
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=point_at(row, 0.9))
    assert document.state.age == pytest.approx(16 + 0.9 * 54, abs=1.0)
    assert len(document.labels) == 2


def test_a_press_on_the_handle_changes_nothing(bound):
    row, document, _ = bound
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPointF(row._x_of(30.0) + 3, 11).toPoint())
    assert document.state.age == 30.0
    assert len(document.labels) == 1
    assert not document.gesture_active


def test_escape_gives_up_a_drag(bound):
    row, document, _ = bound
    drag(row, 0.26, 0.9, release=False)
    assert document.state.age > 50
    QTest.keyClick(row, Qt.Key.Key_Escape)
    assert document.state.age == 30.0
    assert row.number == 30.0
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=point_at(row, 0.9))
    assert len(document.labels) == 1


def test_shift_drags_ten_times_finer(bound):
    row, document, _ = bound
    start = QPointF(row._x_of(30.0), 11).toPoint()
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    for x in (start.x(), start.x() + 40):
        at = QPointF(x, 11)
        QApplication.sendEvent(row, QMouseEvent(
            QEvent.Type.MouseMove, at, QPointF(row.mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier))  # fmt: skip
    coarse = 40 / row.groove_rect().width() * 54
    assert row.number - 30.0 == pytest.approx(coarse / 10, rel=0.1)
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=start)
    assert len(document.labels) == 2


def test_a_double_click_resets_in_one_step(bound):
    row, document, _ = bound
    execute(document, SetAge(60.0))
    double_click(row, 0.1)
    assert document.state.age == 30.0
    assert list(document.labels[1:]) == ["Set age", "Set age"], "the click's jump is replaced by the reset"
    document.undo()
    assert document.state.age == 60.0


def test_a_double_click_takes_back_no_step_but_its_own(bound):
    row, document, _ = bound
    execute(document, SetAge(60.0))  # by another hand, under the very label of the row's steps
    row.reset_requested.emit(True)
    assert list(document.labels[1:]) == ["Set age", "Set age"]
    document.undo()
    assert document.state.age == 60.0


def test_a_drag_goes_on_as_another_step_after_an_edit_from_elsewhere(bound):
    row, document, _ = bound
    drag(row, 0.26, 0.5, release=False)
    before = document.state.age
    document.execute(SetEngine(pores=0.5))
    drag(row, 0.5, 0.8)
    assert list(document.labels[1:]) == ["Set age", "Set pores", "Set age"]
    document.undo()
    assert (document.state.age, document.state.settings.pores) == (before, 0.5)


def test_rows_of_two_panels_make_two_steps(bound, qtbot):
    row, document, _ = bound
    other = SliderRow("Pores")
    qtbot.addWidget(other)
    bind_row(other, document, lambda value: SetEngine(pores=value))
    row.step_by(2)
    other.step_by(2)
    row.step_by(1)
    assert list(document.labels[1:]) == ["Set age", "Set pores"]
    assert document.settle()
    assert list(document.labels[1:]) == ["Set age", "Set pores", "Set age"]


def test_backspace_resets(bound):
    row, document, _ = bound
    execute(document, SetAge(60.0))
    QTest.keyClick(row, Qt.Key.Key_Backspace)
    assert document.state.age == 30.0


def test_a_typed_value_is_one_step_and_is_clamped(bound):
    row, document, _ = bound
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.value_rect().center().toPoint())
    editor = row.findChild(QLineEdit)
    QTest.keyClicks(editor, "44,5")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.state.age == 44.5
    assert len(document.labels) == 2
    QTest.keyClick(row, Qt.Key.Key_Return)
    editor = next(e for e in row.findChildren(QLineEdit) if e.isVisible())
    QTest.keyClicks(editor, "999")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.state.age == 70.0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_ends_the_typing_so_that_letters_are_shortcuts_again(bound, key):
    row, _, _ = bound
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.value_rect().center().toPoint())
    editor = row.findChild(QLineEdit)
    QTest.keyClicks(editor, "44")
    QTest.keyClick(editor, key)
    assert not any(e.isVisible() for e in row.findChildren(QLineEdit))
    assert row.hasFocus()


@pytest.mark.parametrize("text", ["", "abc", "nan"])
def test_nonsense_that_is_typed_changes_nothing(bound, text):
    row, document, _ = bound
    QTest.keyClick(row, Qt.Key.Key_F2)
    editor = row.findChild(QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert len(document.labels) == 1


def test_escape_closes_the_editor_without_a_change(bound):
    row, document, _ = bound
    QTest.keyClick(row, Qt.Key.Key_F2)
    editor = row.findChild(QLineEdit)
    QTest.keyClicks(editor, "55")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert len(document.labels) == 1
    assert not [e for e in row.findChildren(QLineEdit) if e.isVisible()]


def test_wheel_notches_are_fine_and_become_one_step(bound):
    row, document, _ = bound
    for _ in range(4):
        assert wheel(row, 1).isAccepted()
    assert document.state.age == pytest.approx(34.0)
    assert len(document.labels) == 1, "the series still goes on"
    assert document.settle()
    assert len(document.labels) == 2
    wheel(row, 1, Qt.KeyboardModifier.ShiftModifier)
    assert document.state.age == pytest.approx(34.1)
    wheel(row, 1, Qt.KeyboardModifier.ControlModifier)
    assert document.state.age == pytest.approx(44.1)
    assert document.settle()


def test_the_series_of_notches_ends_by_itself(bound, qtbot):
    row, document, _ = bound
    wheel(row, 2)
    qtbot.waitUntil(lambda: not document.gesture_active, timeout=3000)
    assert len(document.labels) == 2


def test_undo_during_a_series_takes_it_back_and_the_next_notch_starts_anew(bound):
    row, document, _ = bound
    wheel(row, 3)
    document.undo()
    assert document.state.age == 30.0
    wheel(row, 1)
    assert document.settle()
    assert document.state.age == 31.0
    assert len(document.labels) == 2


def test_an_edit_from_elsewhere_ends_the_series_first(bound):
    row, document, _ = bound
    wheel(row, 1)
    assert execute(document, SetEngine(pores=0.5))
    assert list(document.labels[1:]) == ["Set age", "Set pores"]


def test_the_wheel_is_left_to_the_panel_unless_the_row_has_the_focus(bound):
    row, document, _ = bound
    row.clearFocus()
    assert not wheel(row, -1).isAccepted()
    assert document.state.age == 30.0
    assert not document.gesture_active


def test_arrow_keys_step(bound):
    row, document, _ = bound
    QTest.keyClick(row, Qt.Key.Key_Right)
    QTest.keyClick(row, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(row, Qt.Key.Key_PageUp)
    assert document.settle()
    assert document.state.age == pytest.approx(30 + 1 - 0.1 + 10)
    assert len(document.labels) == 2


def test_digits_stay_with_the_window(bound):
    row, _, _ = bound
    QTest.keyClick(row, Qt.Key.Key_2)
    assert row.findChild(QLineEdit) is None


def test_being_told_a_value_tells_nobody(qtbot):
    row = SliderRow("x")
    qtbot.addWidget(row)
    told = []
    for signal in (row.value_changing, row.value_entered, row.drag_finished):
        signal.connect(lambda *a: told.append(a))
    row.set_number(0.7)
    row.set_range(0.0, 2.0, 1.0)
    assert told == []
    assert row.value() == 3500, "assistive technology sees the value"


def test_nothing_changes_while_a_stroke_is_being_drawn(bound):
    row, document, _ = bound
    gesture = document.begin_gesture("Draw stroke", exclusive=True)
    drag(row, 0.26, 0.9)
    assert document.state.age == 30.0
    assert not execute(document, SetAge(50.0))
    gesture.cancel()
    assert len(document.labels) == 1


def test_minus_zero_is_never_shown(qtbot):
    row = SliderRow("x", -1.0, 1.0)
    qtbot.addWidget(row)
    row.set_number(-0.001)
    assert row.text() == "0.00"
