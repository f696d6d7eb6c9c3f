"""Curves that are bent by hand: of the pen, kept in the preferences, and along a stroke; the cross-section."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rhytid.core.document.commands import AddStrokes, ScaleStrokes, SetEngine, SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.lines.reshape import depth_along, length_of, width_along
from rhytid.core.lines.response import LEVEL, LINEAR, Response
from rhytid.core.lines.section import section_of
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.panels.pen_curves import READY, PenCurves
from rhytid.gui.panels.section_plot import ticks
from rhytid.gui.panels.stroke_properties import StrokeProperties
from rhytid.gui.preferences import Preferences
from rhytid.gui.settings_file import SettingsFile
from rhytid.gui.widgets.curve_editor import CurveEditor

LEFT = Qt.MouseButton.LeftButton
LINE = Stroke("line", np.column_stack([np.linspace(0.3, 0.6, 20), np.full(20, 0.3)]), np.ones(20), depth_mm=0.5)


def place(editor: CurveEditor, x: float, y: float) -> QPoint:
    return editor.place_of(x, y).toPoint()


def test_the_pens_curves_shape_strokes_and_are_kept(qtbot: QtBot, tmp_path: Path) -> None:
    store = SettingsFile(tmp_path / "preferences.json")
    session = EditorSession(preferences=Preferences(store))
    panel = PenCurves(session.tools)
    qtbot.addWidget(panel)
    firm = next(name for name, curves in READY.items() if curves[0](0.5) < 0.3)
    panel.ready.setCurrentText(firm)
    panel.ready.activated.emit(panel.ready.currentIndex())
    assert session.tools.depth_curve == READY[firm][0]
    assert panel.curves["depth_curve"].points == READY[firm][0].points
    session.document.execute(SetEngine(generate_wrinkles=False))
    session.tools.smooth = 0.0
    tool = session.stroke_tool
    assert tool.press(PenSample((0.3, 0.3), 0.5))
    tool.move([PenSample((x, 0.3), 0.5) for x in (0.32, 0.36, 0.4)])
    tool.release()
    (drawn,) = session.document.state.strokes
    assert drawn.pressure == pytest.approx(READY[firm][0](0.5), abs=1e-6)
    assert drawn.breadth == pytest.approx(READY[firm][1](0.5), abs=1e-6)
    panel.resize(240, 400)
    panel.show()
    editor = panel.curves["depth_curve"]
    QTest.mousePress(editor, LEFT, pos=place(editor, 0.0, 0.0))
    QTest.mouseMove(editor, place(editor, 0.0, 0.4))
    assert panel.strip.depth.points[0] == pytest.approx((0.0, 0.4), abs=0.02)
    assert session.tools.depth_curve == READY[firm][0]
    QTest.mouseRelease(editor, LEFT, pos=place(editor, 0.0, 0.4))
    assert session.tools.depth_curve.points[0] == pytest.approx((0.0, 0.4), abs=0.02)
    session.tools.depth_curve = Response(((0.0, 0.5), (1.0, 1.0)))
    assert panel.ready.currentIndex() == -1
    session.close()
    again = EditorSession(preferences=Preferences(SettingsFile(tmp_path / "preferences.json")))
    assert again.tools.depth_curve == Response(((0.0, 0.5), (1.0, 1.0)))
    assert again.tools.width_curve == READY[firm][1]
    again.close()


@pytest.mark.parametrize("stored", ["x", ["0 0"], ["0 0", "1 inf"], ["1 0", "0 1"], ["0", "1"], 7])
def test_a_damaged_curve_in_the_preferences_is_the_usual_one(tmp_path: Path, stored: object) -> None:
    store = SettingsFile(tmp_path / "preferences.json")
    store.put({"tablet/depth_curve": stored})  # type: ignore[dict-item]
    assert Preferences(store).tablet_depth_curve == LINEAR


def test_without_a_say_of_pressure_depth_and_width_are_full() -> None:
    tools = ToolSettings(pressure_to_depth=False, pressure_to_width=False)
    assert [part.tolist() for part in tools.shape_pressure([0.1, 0.9])] == [[1, 1], [1, 1]]
    tools = ToolSettings(pressure_to_width=False)
    assert tools.shape_pressure([0.5])[0] == pytest.approx([0.5])
    assert tools.shape_pressure([0.5])[1].tolist() == [1]


def test_curves_along_a_stroke_and_its_section_follow_the_document(qtbot: QtBot) -> None:
    document = Document()
    document.execute(AddStrokes((LINE,)))
    panel = StrokeProperties(document)
    qtbot.addWidget(panel)
    document.state_changed.connect(lambda new, _old: panel.show_strokes(new.strokes))
    panel.show_strokes(document.state.strokes)
    panel.resize(300, 900)
    panel.show()
    shape, steps = panel.shape, document.position
    shape.along.header.setChecked(True)
    QApplication.processEvents()
    for editor, along in ((shape.depth_curve, depth_along), (shape.width_curve, width_along)):
        assert editor.points == LEVEL.points
        QTest.mousePress(editor, LEFT, pos=place(editor, 0.0, 1.0))
        QTest.mouseMove(editor, place(editor, 0.0, 0.5))
        QTest.mouseMove(editor, place(editor, 0.0, 0.2))
        QTest.mouseRelease(editor, LEFT, pos=place(editor, 0.0, 0.2))
        assert along(document.state.strokes[0])(0.0) == pytest.approx(0.2, abs=0.03)
        assert along(document.state.strokes[0])(1.0) == pytest.approx(1.0, abs=0.01)
    assert document.position == steps + 2
    across, height = section_of(document.state.strokes[0])
    qtbot.waitUntil(lambda: len(shape.section.height_mm) == len(height) and (shape.section.height_mm == height).all())
    assert (shape.section.across_mm == across).all()
    shown = shape.section.grab().toImage()
    document.execute(SetStrokeProperties((LINE.id,), depth_mm=-0.5))
    qtbot.waitUntil(lambda: shape.section.height_mm.max() > 0.2)
    assert shape.section.grab().toImage() != shown
    document.undo()
    panel.profile.setCurrentIndex(panel.profile.findData(Profile.SCAR))
    panel.profile.activated.emit(panel.profile.currentIndex())
    shape.tint_row.value_entered.emit(0.8)
    (scar,) = document.state.strokes
    assert (scar.profile, scar.tint) == (Profile.SCAR, 0.8)
    for _ in range(4):
        document.undo()
    assert document.state.strokes == (LINE,)


def test_a_length_scales_all_by_what_the_last_one_gets() -> None:
    document = Document()
    short = replace(LINE, id="short", points=LINE.points * [0.5, 1] + [0.2, 0])
    document.execute(AddStrokes((LINE, short)))
    document.execute(ScaleStrokes(("short", "line"), 30.0))
    lengths = [length_of(stroke) * 200 for stroke in document.state.strokes]
    assert lengths == pytest.approx([30, 15], abs=0.01)


@pytest.mark.parametrize(("low", "high"), [(-0.31, 0.06), (-60.0, 60.0), (-0.8, 0.8), (-5.4, 1.0)])
def test_marks_are_few_round_numbers_and_hold_the_level_of_the_skin(low: float, high: float) -> None:
    found = ticks(low, high, 5)
    assert 2 <= len(found) <= 6
    assert 0.0 in found
    assert low <= found[0] < found[-1] <= high
