"""Panels of weights: the 52 expression shapes and the action units."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from rowdriver import drag

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, linked_name
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands import (
    SetActionUnits,
    SetAge,
    SetExpressionWeights,
)
from rhytid.core.document.expression_presets import expression_presets
from rhytid.gui.panels.action_units import ActionUnitsPanel, intensity_letter
from rhytid.gui.panels.detail import expression_name
from rhytid.gui.panels.expression import ExpressionPanel, region_of, title_of


def entry(panel, name):
    return panel._by_name[name][0].widget


def test_shapes_that_were_made_have_a_star_that_says_so(document, show):
    panel = show(ExpressionPanel(document))
    panel.show_head(("mouthSmileLeft", "jawOpen"), lambda _preset: None)
    smile = entry(panel, "mouthSmileLeft")
    jaw, frown = entry(panel, "jawOpen"), entry(panel, "mouthFrownLeft")
    assert all("not measured on this head" in row.toolTip() for row in (jaw, smile.left, smile.both))
    assert not any(row.note for row in (smile.right, *frown.rows))
    panel.show_head((), lambda _preset: None)
    assert not any(row.note or "*" in row.toolTip() for row in (jaw, *smile.rows))


# --- expression ------------------------------------------------------------------------------------------


def test_every_weight_has_a_row_in_its_region(document, show):
    panel = show(ExpressionPanel(document))
    assert set(panel._by_name) == set(ARKIT_NAMES)
    assert list(panel.groups) == ["brow", "eye", "cheek", "jaw", "mouth", "nose", "tongue"]
    titles = [(region_of(n), title_of(n)) for n in ARKIT_NAMES]
    for name in ARKIT_NAMES:  # only partners share a title within a region
        same = [n for n, t in zip(ARKIT_NAMES, titles, strict=True) if t == (region_of(name), title_of(name))]
        assert set(same) <= {name, linked_name(name)}


def test_linked_sides_move_together_in_one_step(document, show):
    panel = show(ExpressionPanel(document))
    pair = entry(panel, "mouthSmileLeft")
    drag(pair.both, 0.0, 0.6)
    state = document.state
    left, right = (state.expression[ARKIT_INDEX[n]] for n in ("mouthSmileLeft", "mouthSmileRight"))
    assert left == right == pytest.approx(0.6, abs=0.03)
    assert len(document.labels) == 2


def test_a_gaze_pair_looks_the_same_way(document, show):
    panel = show(ExpressionPanel(document))
    pair = entry(panel, "eyeLookOutLeft")
    assert pair is entry(panel, "eyeLookInRight")
    assert pair.both.label == "Look left"


def test_the_chain_sets_sides_apart_and_together_again(document, show):
    panel = show(ExpressionPanel(document))
    pair = entry(panel, "browDownLeft")
    QTest.mouseClick(pair.chain, Qt.MouseButton.LeftButton)
    assert pair.is_split
    assert pair.left.isVisible()
    assert not pair.both.isVisible()
    drag(pair.left, 0.0, 0.5)
    assert document.state.expression[ARKIT_INDEX["browDownRight"]] == 0.0
    QTest.mouseClick(pair.chain, Qt.MouseButton.LeftButton)
    assert not pair.is_split
    expression = document.state.expression
    assert expression[ARKIT_INDEX["browDownRight"]] == expression[ARKIT_INDEX["browDownLeft"]] > 0.4
    assert len(document.labels) == 3


def test_sides_that_differ_are_shown_apart_by_themselves(document, show):
    panel = show(ExpressionPanel(document))
    document.execute(SetExpressionWeights({"noseSneerLeft": 0.4}))
    pair = entry(panel, "noseSneerLeft")
    assert pair.is_split
    assert (pair.left.number, pair.right.number) == (0.4, 0.0)
    document.undo()
    assert not pair.is_split


def test_search_and_filter_leave_what_they_name(document, show):
    panel = show(ExpressionPanel(document))
    QTest.keyClicks(panel.search, "smile")
    shown = [e.names for e in panel.entries if e.widget.isVisible()]
    assert shown == [("mouthSmileLeft", "mouthSmileRight")]
    assert [k for k, g in panel.groups.items() if g.isVisible()] == ["mouth"]
    QTest.keyClicks(panel.search, "xyz")
    assert panel.nothing.isVisible()
    panel.search.clear()
    QTest.mouseClick(panel.only_active, Qt.MouseButton.LeftButton)
    assert panel.nothing.isVisible()
    document.execute(SetExpressionWeights({"jawOpen": 0.5}))
    assert [e.names for e in panel.entries if e.widget.isVisible()] == [("jawOpen",)]


def test_a_search_finds_rows_of_folded_groups(document, show):
    panel = show(ExpressionPanel(document))
    panel.groups["jaw"].header.setChecked(False)
    assert not entry(panel, "jawOpen").isVisible()
    QTest.keyClicks(panel.search, "jawopen")
    assert entry(panel, "jawOpen").isVisible()
    panel.search.clear()
    assert not entry(panel, "jawOpen").isVisible()


def test_resets_of_a_group_and_of_all(document, show):
    panel = show(ExpressionPanel(document))
    document.execute(SetExpressionWeights({"jawOpen": 0.5, "browInnerUp": 0.3}))
    QTest.mouseClick(panel.groups["jaw"].reset_button, Qt.MouseButton.LeftButton)
    assert document.state.expression[ARKIT_INDEX["jawOpen"]] == 0.0
    assert document.state.expression[ARKIT_INDEX["browInnerUp"]] == 0.3
    QTest.mouseClick(panel.reset_all, Qt.MouseButton.LeftButton)
    assert not any(document.state.expression)
    assert len(document.labels) == 4
    assert not panel.reset_all.isEnabled()


def test_presets_are_applied_and_drawn_when_seen(document, show, qtbot):
    panel = show(ExpressionPanel(document))
    asked = []

    def thumbnail(preset):
        asked.append(preset.name)
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.red)
        return image

    panel.presets.set_thumbnail_source(thumbnail)
    assert asked == [], "nothing is drawn before the event loop runs"
    qtbot.waitUntil(lambda: len(asked) >= 3, timeout=3000)
    strip = panel.presets
    index = strip.model().index(1, 0)
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.visualRect(index).center())
    assert expression_name(document.state.expression) == index.data()
    assert strip.worn == list(expression_presets())[1]
    assert not strip.currentIndex().isValid(), "a click leaves no mark of its own"
    document.undo()
    assert strip.worn == next(iter(expression_presets())), "the neutral face"
    document.redo()
    assert strip.worn == list(expression_presets())[1]
    document.execute(SetExpressionWeights({"jawOpen": 0.37}))
    assert strip.worn == ""


def test_action_units_mark_where_they_push_a_shape(document, show):
    panel = show(ExpressionPanel(document))
    document.execute(SetActionUnits({"AU12": 0.5}))
    pair = entry(panel, "mouthSmileLeft")
    assert pair.both.ghost == pytest.approx(0.5)
    assert pair.both.number == 0.0
    document.undo()
    assert pair.both.ghost is None


def test_only_rows_that_changed_are_touched(document, show, monkeypatch):
    panel = show(ExpressionPanel(document))
    touched = []
    from rhytid.gui.widgets.slider_row import SliderRow

    original = SliderRow.set_number

    def watched(self, *args, **keys):
        touched.append(self)
        original(self, *args, **keys)

    monkeypatch.setattr(SliderRow, "set_number", watched)
    document.execute(SetExpressionWeights({"jawOpen": 0.5}))
    assert touched == [entry(panel, "jawOpen")]
    document.execute(SetAge(40.0))
    assert len(touched) == 1


# --- action units ----------------------------------------------------------------------------------------


def test_a_unit_of_both_sides_and_its_sides(document, show):
    panel = show(ActionUnitsPanel(document))
    pair = entry(panel, "AU12L")
    drag(pair.both, 0.0, 0.5)
    assert [name for name, _ in document.state.action_units] == ["AU12"]
    QTest.mouseClick(pair.chain, Qt.MouseButton.LeftButton)
    drag(pair.left, 0.5, 1.0)
    units = dict(document.state.action_units)
    assert units["AU12L"] == pytest.approx(1.0, abs=0.02)
    assert units["AU12R"] == pytest.approx(0.5, abs=0.03)
    assert "AU12" not in units
    assert len(document.labels) == 3


def test_units_are_found_by_number_and_muscle(document, show):
    panel = show(ActionUnitsPanel(document))
    QTest.keyClicks(panel.search, "zygomaticus")
    found = {e.names[0] for e in panel.entries if e.widget.isVisible()}
    with_it = {unit.name for unit in action_unit_table().units if "zygomaticus" in " ".join(unit.muscles)}
    assert "AU12L" in found
    assert found == {name for name in with_it if name in panel._by_name and name[-1] != "R"}
    panel.search.clear()
    QTest.keyClicks(panel.search, "au9 ")
    assert {e.names[0] for e in panel.entries if e.widget.isVisible()} == {"AU9L"}


@pytest.mark.parametrize(("value", "letter"), [(0.0, ""), (0.01, "A"), (0.2, "A"), (0.21, "B"), (0.6, "C"), (1.0, "E")])
def test_facs_letters(value, letter):
    assert intensity_letter(value) == letter
