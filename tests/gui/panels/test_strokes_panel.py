"""The stroke list and the properties below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from rowdriver import drag

from rhytid.core.document.commands import (
    AddStrokes,
    ApplyExpressionPreset,
    RemoveStrokes,
    ReorderStrokes,
    SetStrokeProperties,
)
from rhytid.core.document.document import Document
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke
from rhytid.gui.controllers import edits
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_gestures import twin_of
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.panels.stroke_model import BINDING, EYE, NAME, StrokeModel
from rhytid.gui.panels.stroke_words import binding_summary, default_name
from rhytid.gui.panels.strokes import StrokesPanel


def stroke(name: str, x: float = 0.3, y: float = 0.3, **changes: object) -> Stroke:
    t = np.linspace(0.0, 0.1, 6)
    return Stroke(name, np.stack([x + t, y + 0.02 * t], axis=1), np.ones(6), **changes)  # type: ignore[arg-type]


@pytest.fixture
def setup(qtbot):
    document = Document()
    selection = Selection(document)
    document.execute(AddStrokes((stroke("a"), stroke("b", 0.5), stroke("c", 0.2, 0.6), stroke("d", 0.4, 0.8))))
    panel = StrokesPanel(document, selection)
    qtbot.addWidget(panel)
    panel.resize(320, 640)
    panel.show()
    return panel, document, selection


def click(panel, row, column=NAME, modifiers=Qt.KeyboardModifier.NoModifier):
    rect = panel.view.visualRect(panel.filter.index(row, column))
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, modifiers, rect.center())


def ids(document):
    return [s.id for s in document.state.strokes]


def test_the_model_keeps_qts_rules_through_edits(qapp):
    document = Document()
    model = StrokeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    document.state_changed.connect(lambda new, old: model.show_strokes(new.strokes))
    document.execute(AddStrokes((stroke("a"), stroke("b"), stroke("c"))))
    document.execute(AddStrokes((stroke("x"), stroke("y"))))
    document.execute(RemoveStrokes(("b",)))
    document.execute(ReorderStrokes(("c",), 0))
    document.execute(SetStrokeProperties(("a", "y"), depth_mm=0.4))
    for _ in range(5):
        document.undo()
    for _ in range(5):
        document.redo()
    assert [s.id for s in model.strokes] == ids(document) == ["c", "a", "x", "y"]
    assert [model.row_of(i) for i in ("c", "a", "x", "y", "b")] == [0, 1, 2, 3, -1]


def test_a_stroke_that_grows_under_the_pen_resets_nothing(qapp):
    model = StrokeModel()
    model.show_strokes((stroke("a"), stroke("b")))
    seen = []
    model.modelReset.connect(lambda: seen.append("reset"))
    model.rowsInserted.connect(lambda *a: seen.append("insert"))
    model.dataChanged.connect(lambda first, last, *_: seen.append((first.row(), last.row())))
    a, b = model.strokes
    model.show_strokes((a, b, stroke("new")))
    model.show_strokes((a, b, stroke("new", 0.4)))
    assert seen == ["insert", (2, 2)]


def test_selection_is_shared_both_ways(setup):
    panel, _, selection = setup
    click(panel, 1)
    assert selection.ids == ("b",)
    click(panel, 3, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert selection.ids == ("b", "d")
    assert selection.active == "d"
    selection.set(("a", "c"))
    rows = sorted(i.row() for i in panel.view.selectionModel().selectedRows())
    assert rows == [0, 2]
    selection.clear()
    assert not panel.view.selectionModel().hasSelection()
    assert not panel.properties.isEnabled()


def test_the_list_has_all_the_room_until_something_is_selected(qtbot, document, show):
    document.execute(AddStrokes(tuple(stroke(f"s{i}", 0.3) for i in range(60))))
    selection = Selection(document)
    panel = show(StrokesPanel(document, selection), height=420)
    QApplication.processEvents()
    assert panel.properties.isHidden()
    tall = panel.view.viewport().height()
    assert tall > 250
    last = panel.view.indexAt(QPoint(20, tall - 30)).row()
    click(panel, last)
    qtbot.waitUntil(lambda: panel.properties.isVisible() and panel.view.viewport().height() < tall - 60)
    view, index = panel.view, panel.filter.index(last, NAME)
    qtbot.waitUntil(lambda: 0 <= view.visualRect(index).top() < view.viewport().height() - 10)
    selection.clear()
    assert panel.properties.isHidden()


def test_the_eye_hides_one_or_all_selected(setup):
    panel, document, selection = setup
    click(panel, 0, EYE)
    assert [s.visible for s in document.state.strokes] == [False, True, True, True]
    selection.set(("b", "c"))
    panel._clicked(panel.filter.index(1, EYE))
    assert [s.visible for s in document.state.strokes] == [False, False, False, True]
    assert len(document.labels) == 4
    QTest.mouseClick(panel.show_all, Qt.MouseButton.LeftButton)
    assert not any(s.visible for s in document.state.strokes)


def test_renaming_in_place(setup):
    panel, document, _ = setup
    click(panel, 2)
    QTest.keyClick(panel.view, Qt.Key.Key_F2)
    editor = panel.view.findChild(QLineEdit)
    assert editor.text() == default_name(document.state.strokes[2])
    editor.selectAll()
    QTest.keyClicks(editor, "Old scar")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert document.state.strokes[2].name == "Old scar"
    assert len(document.labels) == 3


def test_leaving_the_proposed_name_is_no_edit(setup):
    panel, document, _ = setup
    index = panel.model.index(1, NAME)
    assert not panel.model.setData(index, index.data(Qt.ItemDataRole.EditRole))
    assert len(document.labels) == 2


def test_delete_key_duplicate_mirror(setup):
    panel, document, selection = setup
    click(panel, 0)
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    assert ids(document) == ["b", "c", "d"]
    assert selection.ids == ()
    click(panel, 0)
    QTest.mouseClick(panel.duplicate_button, Qt.MouseButton.LeftButton)
    assert len(document.state.strokes) == 4
    assert selection.ids == (document.state.strokes[3].id,)
    panel.tools.mirror_asymmetry = 0.0
    QTest.mouseClick(panel.mirror_button, Qt.MouseButton.LeftButton)
    twin, original = document.state.strokes[4], document.state.strokes[3]
    assert twin.points == pytest.approx(original.points * [-1, 1] + [1, 0], abs=1e-6)
    assert set(selection.ids) == {original.id, twin.id}


class Desk:
    """What a session is to the edits: a document with its selection and tools."""

    def __init__(self, strokes, chosen, tools):
        self.document, self.tools = Document(), tools
        self.selection = Selection(self.document)
        self.document.execute(AddStrokes(strokes))
        self.selection.set(chosen)


@pytest.mark.parametrize("name", ["duplicate", "mirror", "smooth", "delete"])
@pytest.mark.parametrize("asymmetry", [0.0, 0.8])
def test_menu_and_panel_do_the_same_under_one_name(qtbot, name, asymmetry):
    named = (("a", 0.3, "Crow's foot"), ("b", 0.5, ""), ("c", 0.2, "x" * 200))
    strokes = tuple(replace(stroke(i, x), name=text) for i, x, text in named)
    tools = ToolSettings(mirror_asymmetry=asymmetry)
    menu, desk = (Desk(strokes, ("a", "c"), tools) for _ in range(2))
    panel = StrokesPanel(desk.document, desk.selection, tools)
    qtbot.addWidget(panel)
    panel.show()
    getattr(edits, f"{name}_selected")(menu)
    QTest.mouseClick(getattr(panel, f"{name}_button"), Qt.MouseButton.LeftButton)
    described = [
        [(s.name, s.points.round(6).tolist(), s.depth_mm, s.from_source) for s in of.document.state.strokes]
        for of in (menu, desk)
    ]
    assert described[0] == described[1]
    assert menu.document.labels == desk.document.labels
    assert len(menu.document.labels) == 3
    assert [len(edits.selected_strokes(of)) for of in (menu, desk)] in ([2, 2], [4, 4], [0, 0])
    from_menu = Desk(strokes, ("a", "c"), tools)
    panel_menu = StrokesPanel(from_menu.document, from_menu.selection, tools)
    qtbot.addWidget(panel_menu)
    context = panel_menu.menu()
    next(a for a in context.actions() if a.text() == name.capitalize()).trigger()
    context.deleteLater()
    assert [s.name for s in from_menu.document.state.strokes] == [s.name for s in menu.document.state.strokes]
    assert from_menu.document.labels == menu.document.labels


def test_a_duplicate_is_named_after_its_original_and_still_fits_a_project(setup):
    panel, document, selection = setup
    document.execute(SetStrokeProperties(("a",), name="Scar"))
    document.execute(SetStrokeProperties(("b",), name="y" * 200))
    selection.set(("a", "b", "c"))
    QTest.mouseClick(panel.duplicate_button, Qt.MouseButton.LeftButton)
    assert [s.name for s in document.state.strokes[4:]] == ["Scar copy", "y" * 200, ""]


def test_a_mirrored_stroke_differs_as_much_as_the_tool_says(setup):
    panel, document, selection = setup
    for asymmetry, alike in ((0.0, True), (0.9, False)):
        panel.tools.mirror_asymmetry = asymmetry
        selection.set(("a",))
        QTest.mouseClick(panel.mirror_button, Qt.MouseButton.LeftButton)
        expected = twin_of(document.state.strokes[0], asymmetry)
        assert np.array_equal(document.state.strokes[-1].points, expected.points)
        assert np.array_equal(expected.points, twin_of(document.state.strokes[0], 0.0).points) is alike
        document.undo()


def test_the_panel_edits_nothing_while_a_stroke_is_drawn(setup):
    panel, document, selection = setup
    selection.set(("a",))
    gesture = document.begin_gesture("Draw stroke", exclusive=True)
    for button in (panel.duplicate_button, panel.mirror_button, panel.smooth_button, panel.delete_button):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert gesture.alive
    gesture.commit()
    assert len(document.labels) == 2


def test_rows_are_dragged_to_another_place(setup):
    panel, document, _ = setup
    data = panel.filter.mimeData([panel.filter.index(0, NAME), panel.filter.index(2, NAME)])
    panel.filter.dropMimeData(data, Qt.DropAction.MoveAction, 2, 0, QModelIndex())
    assert ids(document) == ["b", "a", "c", "d"]
    panel.filter.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, QModelIndex())
    assert ids(document) == ["b", "d", "a", "c"]
    assert len(document.labels) == 4


def test_search_by_name(setup):
    panel, document, _ = setup
    document.execute(SetStrokeProperties(("c",), name="Scar"))
    QTest.keyClicks(panel.search, "sca")
    assert panel.filter.rowCount() == 1
    assert panel.filter.index(0, NAME).data() == "Scar"


def test_properties_of_many_are_mixed_and_set_at_once(setup):
    panel, document, selection = setup
    document.execute(SetStrokeProperties(("a",), depth_mm=0.5))
    selection.set(("a", "b"))
    properties = panel.properties
    assert properties.depth_row.text() == "mixed"
    drag(properties.depth_row, 0.5, 1.05)
    assert [s.depth_mm for s in document.state.strokes[:2]] == [5.0, 5.0]
    assert len(document.labels) == 4
    properties.profile.setCurrentIndex(properties.profile.findData(Profile.FOLD))
    properties.profile.activated.emit(properties.profile.currentIndex())
    assert {s.profile for s in document.state.strokes[:2]} == {Profile.FOLD}
    assert len(document.labels) == 5


def test_binding_to_the_face_and_to_action_units(setup):
    panel, document, selection = setup
    selection.set(("a",))
    properties = panel.properties
    assert not properties.capture.isEnabled(), "a neutral face gives nothing to bind to"
    document.execute(ApplyExpressionPreset("smile"))
    assert properties.capture.isEnabled()
    QTest.mouseClick(properties.capture, Qt.MouseButton.LeftButton)
    binding = document.state.strokes[0].binding
    assert binding.onset is Onset.EXPRESSION
    assert dict(binding.weights)["mouthSmileLeft"] == pytest.approx(0.65)
    menu = properties.unit_menu()
    actions = {a.text(): a for sub in menu.actions() for a in sub.menu().actions()}
    actions["4  Brow lowerer"].trigger()
    assert document.state.strokes[0].binding == Binding(Onset.ACTION_UNITS, (("AU4", 1.0),))
    actions["4  Brow lowerer"].trigger()
    assert document.state.strokes[0].binding == Binding()
    menu.deleteLater()


def test_an_empty_document_says_how_to_begin(qtbot):
    document = Document()
    panel = StrokesPanel(document, Selection(document))
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.isVisible()
    assert "brush" in panel.empty.text()


def test_words_for_bindings():
    smile = tuple((f"mouthSmile{side}", 0.5) for side in ("Left", "Right"))
    assert binding_summary(Binding(Onset.EXPRESSION, smile)) == "Comes with mouthSmile 0.50"
    assert "nothing" in binding_summary(Binding(Onset.ACTION_UNITS, ()))
    assert StrokeModel()._icon(stroke("a"), BINDING) is not None


def test_strokes_are_copied_into_another_document(setup):
    panel, _, selection = setup
    QApplication.clipboard().clear()
    selection.set(("a", "c"))
    copy, paste = (next(a for a in panel.menu().actions() if a.text() == text) for text in ("Copy", "Paste"))
    copy.trigger()
    other = Desk((), (), ToolSettings())
    assert edits.clipboard_has_strokes()
    assert paste.isEnabled() is False, "there was nothing to paste when the menu was made"
    edits.paste_strokes(other)
    pasted = other.document.state.strokes
    originals = (stroke("a"), stroke("c", 0.2, 0.6))
    assert [s.points.tobytes() for s in pasted] == [s.points.tobytes() for s in originals]
    assert other.selection.ids == tuple(s.id for s in pasted)
    assert not {s.id for s in pasted} & {"a", "c"}
    assert other.document.labels[-1] == "Paste strokes"
    edits.paste_strokes(other)
    assert len(other.document.state.strokes) == 4
    other.document.undo()
    assert other.document.state.strokes == pasted
    QApplication.clipboard().clear()
