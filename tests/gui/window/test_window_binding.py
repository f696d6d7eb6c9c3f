"""What strokes come with, by mouse and keys: chips, growth, and a look at it that leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from rhytid.core.document.bringing_out import RISE_S
from rhytid.core.document.commands import AddStrokes, SetActionUnits, SetAge, SetExpressionWeights
from rhytid.core.document.expression import ExpressedFace, effective_expression
from rhytid.core.lines.stroke import Binding, Onset, Stroke
from rhytid.gui.panels.binding import BindingEditor

LEFT = Qt.MouseButton.LeftButton
SMILE = Binding(Onset.ACTION_UNITS, (("AU12L", 1.0), ("AU12R", 1.0), ("AU6R", 0.5)))


def stroke(binding: Binding = SMILE) -> Stroke:
    return Stroke("one", [(0.2, 0.3), (0.25, 0.32)], [1, 1], binding=binding)


@pytest.fixture
def editor(driver) -> BindingEditor:  # type: ignore[no-untyped-def]
    dock = driver.window.docks["strokes"]
    dock.show()
    dock.raise_()
    driver.wait(lambda: dock.panel is not None)
    return dock.panel.properties.binding


def begin(driver, editor: BindingEditor, binding: Binding = SMILE) -> None:  # type: ignore[no-untyped-def]
    driver.document.execute(AddStrokes((stroke(binding),)))
    driver.session.selection.set(("one",))
    driver.wait(editor.isVisible)


def click(driver, chip) -> None:  # type: ignore[no-untyped-def]
    area = chip.parentWidget()
    while not isinstance(area, QScrollArea):
        area = area.parentWidget()
    driver.wait(lambda: chip.isVisible() and chip.width() > 10)
    area.ensureWidgetVisible(chip)
    driver.wait(lambda: chip.isVisible() and chip.width() > 10 and chip.visibleRegion().contains(chip.rect().center()))
    QTest.mouseClick(chip, LEFT)


def bound(driver) -> Binding:  # type: ignore[no-untyped-def]
    return driver.document.state.strokes[0].binding


def test_chips_name_units_of_both_sides_once_and_a_click_takes_one_out(driver, editor) -> None:
    begin(driver, editor)
    assert {title: chip.text() for title, chip in editor.chips.items()} == {"AU12": "AU12 1.00", "AU6R": "AU6R 0.50"}
    click(driver, editor.chips["AU12"])
    assert bound(driver).weights == (("AU6R", 0.5),)
    click(driver, editor.chips["AU6R"])
    assert bound(driver) == Binding()
    driver.document.undo()
    driver.document.undo()
    assert bound(driver) == SMILE
    assert set(editor.chips) == {"AU12", "AU6R"}


def test_the_present_sliders_propose_chips_and_a_click_takes_one_in(driver, editor) -> None:
    begin(driver, editor, Binding())
    assert not editor.proposed
    driver.document.execute(SetActionUnits({"AU4": 0.75}))
    assert list(editor.proposed) == ["AU4"]
    click(driver, editor.proposed["AU4"])
    assert bound(driver) == Binding(Onset.ACTION_UNITS, (("AU4", 0.75),))
    assert list(editor.chips) == ["AU4"]
    assert not editor.proposed


def test_under_an_expression_chips_are_weights(driver, editor) -> None:
    begin(driver, editor, Binding(Onset.EXPRESSION, (("mouthSmileLeft", 0.8), ("mouthSmileRight", 0.8))))
    driver.document.execute(SetExpressionWeights({"cheekSquintLeft": 0.6}))
    assert list(editor.chips) == ["mouthSmile"]
    assert list(editor.proposed) == ["cheekSquintLeft"]
    click(driver, editor.proposed["cheekSquintLeft"])
    assert dict(bound(driver).weights)["cheekSquintLeft"] == pytest.approx(0.6)


def test_the_curve_sets_the_growth_in_one_step_and_the_face_follows(driver, editor) -> None:
    begin(driver, editor)
    position = driver.document.position
    curve = editor.curve
    QTest.mousePress(curve, LEFT, pos=curve.place_of(*curve.points[0]).toPoint())
    QTest.mouseMove(curve, curve.place_of(0.0, 0.3).toPoint())
    QTest.mouseMove(curve, curve.place_of(0.0, 0.5).toPoint())
    QTest.mouseRelease(curve, LEFT, pos=curve.place_of(0.0, 0.5).toPoint())
    assert driver.document.position == position + 1
    state = driver.document.state
    assert ExpressedFace.of(state).share_of(state.strokes[0]) == pytest.approx(0.5, abs=0.03)
    click(driver, editor.usual)
    assert bound(driver).growth == ()


def test_show_me_brings_the_stroke_out_and_leaves_nothing(driver, editor) -> None:
    begin(driver, editor)
    driver.document.execute(SetActionUnits({"AU4": 0.5}))
    before, position, show = driver.document.state, driver.document.position, driver.session.show_me
    times = [0.0]
    show.clock = lambda: times[0]
    try:
        QTest.mouseClick(editor.show_button, LEFT)
        assert show.playing
        times[0] = RISE_S + 0.1
        shown = lambda: ExpressedFace.of(driver.document.state).share_of(driver.document.state.strokes[0])  # noqa: E731
        driver.wait(lambda: shown() > 0.9)
        times[0] = 60.0
        driver.wait(lambda: not show.playing)
    finally:
        show.clock = __import__("time").perf_counter
    assert driver.document.state == before
    assert driver.document.position == position


def test_escape_stops_the_show_and_an_edit_ends_it_without_a_trace(driver, editor) -> None:
    begin(driver, editor)
    before, position = driver.document.state, driver.document.position
    for stop in (lambda: QTest.keyClick(driver.window, Qt.Key.Key_Escape), lambda: driver.document.execute(SetAge(50))):
        driver.window.action("show_me").trigger()
        driver.wait(lambda: effective_expression(driver.document.state).max() > 0.05)
        stop()
        assert not driver.session.show_me.playing
        assert replace(driver.document.state, age=before.age) == before
    assert driver.document.position == position + 1  # the age


def test_what_always_shows_has_nothing_to_show(driver, editor) -> None:
    begin(driver, editor, Binding())
    driver.window.action("show_me").trigger()
    assert not driver.session.show_me.playing
    assert not editor.show_button.isVisible()


def test_twins_of_both_sides_keep_their_sides(driver, editor) -> None:
    right, left = (Binding(Onset.ACTION_UNITS, ((f"AU12{s}", 0.5), (f"AU6{s}", 1.0))) for s in "RL")
    strokes = (stroke(right), replace(stroke(left), id="two"))
    driver.document.execute(AddStrokes(strokes))
    driver.session.selection.set(("one", "two"))
    driver.wait(editor.isVisible)
    assert list(editor.chips) == ["AU6", "AU12"]
    position = driver.document.position
    editor.curve.setFocus()
    QTest.mouseClick(editor.curve, LEFT, pos=editor.curve.place_of(0.37, 0.95).toPoint())
    growth = editor.curve.points
    click(driver, editor.chips["AU12"])
    assert driver.document.position == position + 2
    bindings = [one.binding for one in driver.document.state.strokes]
    assert [b.weights for b in bindings] == [(("AU6R", 1.0),), (("AU6L", 1.0),)]
    assert [b.growth for b in bindings] == [growth, growth]
