"""Layers in the stroke list: folders, drag, lock, what a swipe of the eraser leaves in it, and how fast it is."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from rowdriver import drag

from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import (
    AddLayer,
    AddStrokes,
    AdoptGeneratedStrokes,
    MoveLayers,
    MoveToLayer,
    RemoveLayers,
    RemoveStrokes,
    SetAge,
    SetLayer,
    SetStrokeProperties,
    random_face,
)
from rhytid.core.document.document import Document
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.panels.stroke_model import BINDING, EYE, NAME, StrokeModel
from rhytid.gui.panels.strokes import StrokesPanel


def stroke(name: str, x: float = 0.3, y: float = 0.3) -> Stroke:
    t = np.linspace(0.0, 0.1, 6)
    return Stroke(name, np.stack([x + t, y + 0.02 * t], axis=1), np.ones(6))


@pytest.fixture
def setup(qtbot):
    document = Document()
    selection = Selection(document)
    document.execute(AddStrokes(tuple(stroke(name) for name in "abcd")))
    document.execute(AddLayer(StrokeLayer("one", "One"), ("a", "b")))
    document.execute(AddLayer(StrokeLayer("two", "Two"), (), 1))
    panel = StrokesPanel(document, selection)
    qtbot.addWidget(panel)
    panel.resize(340, 640)
    panel.show()
    return panel, document, selection


def layer_index(panel, layer_id: str, column: int = NAME) -> QModelIndex:
    return panel.filter.mapFromSource(panel.model.index_of_layer(layer_id, column))


def click(panel, index) -> None:
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.view.visualRect(index).center())


def tree(model: StrokeModel) -> list:
    def rows(parent: QModelIndex) -> list:
        found = []
        for row in range(model.rowCount(parent)):
            index = model.index(row, NAME, parent)
            layer, one = model.layer_at(index), model.stroke_at(index)
            first = model.index(row, 0, parent)
            found.append((layer.id, rows(first)) if layer is not None else one.id)
        return found

    return rows(QModelIndex())


def test_the_tree_keeps_qts_rules_through_edits(qapp):
    document = Document()
    model = StrokeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    document.state_changed.connect(lambda new, old: model.show_strokes(new.strokes, new.layers))
    for command in (
        AddStrokes(tuple(stroke(name) for name in "abc")), AddLayer(StrokeLayer("one"), ("b",)),
        AddStrokes((replace(stroke("d"), layer="one"), stroke("e"))), MoveToLayer(("c",), "one"),
        SetLayer(("one",), strength=0.5), AddLayer(StrokeLayer("two"), ("a", "d"), 1), MoveLayers(("two",), 0),
        RemoveStrokes(("c",)), SetStrokeProperties(("b",), name="B"), RemoveLayers(("one",)),
    ):  # fmt: skip
        document.execute(command)
    assert tree(model) == [("two", ["a", "d"]), "e"]
    states = len(document.labels) - 1
    for _ in range(states):
        document.undo()
    assert tree(model) == []
    for _ in range(states):
        document.redo()
    assert tree(model) == [("two", ["a", "d"]), "e"]
    assert model.stroke_at(model.index_of("d")).id == "d"
    assert model.index_of("b").isValid() is False


def test_a_stroke_that_changes_in_a_layer_tells_of_its_row_alone(setup):
    panel, document, _ = setup
    seen = []
    panel.model.modelReset.connect(lambda: seen.append("reset"))
    panel.model.dataChanged.connect(lambda first, last, *_: seen.append((first.parent().row(), first.row())))
    document.execute(SetStrokeProperties(("b",), depth_mm=0.7))
    assert seen == [(0, 1)]


def test_folders_begin_closed_and_stay_as_they_are(setup):
    panel, document, _ = setup
    assert not panel.view.isExpanded(layer_index(panel, "one", 0))
    panel.view.expand(layer_index(panel, "one", 0))
    document.execute(AddLayer(StrokeLayer("three"), ("c",)))
    assert panel.view.isExpanded(layer_index(panel, "one", 0))
    assert not panel.view.isExpanded(layer_index(panel, "three", 0))
    assert layer_index(panel, "one").data() == "One  (2)"


def test_eye_lock_rename_and_delete_of_a_folder(setup):
    panel, document, _ = setup
    click(panel, layer_index(panel, "one", EYE))
    assert document.state.layers[0].visible is False
    click(panel, layer_index(panel, "one", BINDING))
    assert document.state.layers[0].locked is True
    click(panel, layer_index(panel, "one", BINDING))
    click(panel, layer_index(panel, "one"))
    QTest.keyClick(panel.view, Qt.Key.Key_F2)
    editor = panel.view.findChild(QLineEdit)
    assert editor.text() == "One"
    editor.selectAll()
    QTest.keyClicks(editor, "Scars")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert document.state.layers[0].name == "Scars"
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert [s.id for s in document.state.strokes] == ["c", "d"]
    assert [layer.id for layer in document.state.layers] == ["two"]


def test_strength_of_a_folder_is_one_step_for_a_drag(setup):
    panel, document, _ = setup
    click(panel, layer_index(panel, "one"))
    assert panel.layer_properties.isVisible()
    steps = len(document.labels)
    drag(panel.layer_properties.strength, 0.5, 0.0)
    assert document.state.layers[0].strength == pytest.approx(-2.0, abs=0.1)
    assert len(document.labels) == steps + 1


def test_strokes_are_dragged_between_folders(setup):
    panel, document, _ = setup
    data = panel.filter.mimeData([panel.filter.mapFromSource(panel.model.index_of("c"))])
    panel.filter.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, layer_index(panel, "two"))
    assert tree(panel.model) == [("one", ["a", "b"]), ("two", ["c"]), "d"]
    panel.filter.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, layer_index(panel, "one", 0))
    assert tree(panel.model) == [("one", ["a", "c", "b"]), ("two", []), "d"]
    panel.filter.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, QModelIndex())
    assert tree(panel.model) == [("one", ["a", "b"]), ("two", []), "d", "c"]
    layers = panel.filter.mimeData([layer_index(panel, "two")])
    panel.filter.dropMimeData(layers, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert [layer.id for layer in document.state.layers] == ["two", "one"]


def test_a_folder_that_is_clicked_gets_what_is_drawn_next(setup):
    panel, document, selection = setup
    tool = StrokeTool(document, panel.tools, selection, Engines())
    click(panel, layer_index(panel, "two"))
    tool.press(PenSample((0.3, 0.6)))
    tool.move([PenSample((0.3 + 0.01 * i, 0.6)) for i in range(20)])
    tool.release()
    assert document.state.strokes[-1].layer == "two"
    click(panel, layer_index(panel, "two", BINDING))
    steps = len(document.labels)
    failed = []
    tool.failed.connect(failed.append)
    tool.press(PenSample((0.3, 0.8)))
    tool.move([PenSample((0.3 + 0.01 * i, 0.8)) for i in range(20)])
    tool.release()
    assert "locked" in str(failed[0])
    assert len(document.labels) == steps


def test_the_eraser_keeps_off_a_locked_folder(setup):
    _, document, selection = setup
    document.execute(SetLayer(("one",), locked=True))
    tools = ToolSettings(tool=Tool.ERASER, radius=0.1)
    tool = StrokeTool(document, tools, selection, Engines())
    tool.press(PenSample((0.3, 0.3)))
    tool.move([PenSample((0.3 + 0.01 * i, 0.3)) for i in range(12)])
    tool.release()
    assert [s.id for s in document.state.strokes if s.id not in document.state.taken] == ["a", "b"]


def test_searching_finds_strokes_in_closed_folders(setup):
    panel, document, _ = setup
    document.execute(SetStrokeProperties(("b",), name="Scar"))
    QTest.keyClicks(panel.search, "sca")
    assert panel.filter.rowCount() == 1
    assert panel.filter.rowCount(panel.filter.index(0, 0)) == 1


def test_one_swipe_of_the_eraser_adds_a_few_rows_and_another_face_takes_them_away(qtbot):
    document = Document()
    selection = Selection(document)
    document.execute(SetAge(70.0))
    panel = StrokesPanel(document, selection)
    qtbot.addWidget(panel)
    engines = Engines()
    own = generated_strokes(document.state, engines)
    tool = StrokeTool(document, ToolSettings(tool=Tool.ERASER, radius=0.02), selection, engines)
    tool.press(PenSample((0.19, 0.29)))
    tool.move([PenSample((0.19, 0.29 + 0.004 * i)) for i in range(20)])
    tool.release()
    assert len(own) > 500
    assert document.state.strokes
    assert panel.model.rowCount() < 12, "closed folders, not the strokes in them"
    assert len(document.state.strokes) < 60
    document.execute(random_face(3, 10))
    assert panel.model.rowCount() == 0


def test_two_thousand_strokes_are_listed_and_edited_quickly(qtbot):
    document = Document()
    selection = Selection(document)
    own = generated_strokes(document.state, Engines())
    more = tuple(replace(own[i % len(own)], id=f"m{i}") for i in range(2000 - len(own)))
    panel = StrokesPanel(document, selection)
    qtbot.addWidget(panel)
    panel.show()
    begun = time.perf_counter()
    document.execute(AdoptGeneratedStrokes((*own, *more)))
    QApplication.processEvents()
    listed_s = time.perf_counter() - begun
    assert panel.model.rowCount() < 80
    panel.view.expandAll()
    QApplication.processEvents()
    begun = time.perf_counter()
    for step in range(10):
        document.execute(SetStrokeProperties((f"m{step}",), depth_mm=0.1 + step / 100))
        QApplication.processEvents()
    edited_s = (time.perf_counter() - begun) / 10
    assert listed_s < 3.0
    assert edited_s < 0.25
