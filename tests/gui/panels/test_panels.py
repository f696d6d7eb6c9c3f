"""The panels on a real document, with real clicks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from rowdriver import drag

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import (
    AddStrokes,
    ApplyExpressionPreset,
    ImportSource,
    RandomIdentity,
    SetActionUnits,
    SetAge,
    SetEngine,
    SetLighting,
)
from rhytid.core.document.document import Document
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.panels.action_units import ActionUnitsPanel
from rhytid.gui.panels.age import AgePanel
from rhytid.gui.panels.detail import DetailPanel
from rhytid.gui.panels.expression import ExpressionPanel
from rhytid.gui.panels.history import HistoryPanel
from rhytid.gui.panels.identity import IdentityPanel
from rhytid.gui.panels.lighting import LightingPanel
from rhytid.gui.panels.tool_options import ToolOptionsPanel

# --- age, identity, detail, lighting ---------------------------------------------------------------------


def test_age_drags_in_one_step_and_tells_the_decade(document, show):
    panel = show(AgePanel(document), 220)
    drag(panel.row, (30 - 16) / 64, 1.05)
    assert document.state.age == 80.0
    assert panel.decade.text() == "Eighty"
    assert len(document.labels) == 2
    document.execute(SetAge(33.0))
    assert panel.decade.text() == "Thirties"
    document.execute(SetAge(59.7))  # shown as 60
    assert panel.decade.text() == "Sixties"


def test_shape_gets_an_age_of_its_own_and_parts_their_share(document, show):
    panel = show(AgePanel(document), 900)
    document.execute(SetAge(60.0))
    assert not panel.shape.isVisible()
    panel.linked.click()
    assert (document.state.age, document.state.shape_age) == (60.0, 60.0)
    assert panel.shape.isVisible()
    drag(panel.shape, (60 - 16) / 64, 1.05)
    assert (document.state.age, document.state.shape_age) == (60.0, 80.0)
    panel.linked.click()
    assert document.state.shape_age is None
    assert not panel.shape.isVisible()
    panel.parts.header.setChecked(True)
    drag(panel.part_rows["jowls"], 0.5, 1.05)
    assert document.state.age_parts == (("jowls", 2.0),)
    assert panel.parts.header.note == "1"
    panel.parts.reset_button.click()
    assert document.state.age_parts == ()
    document.undo()
    assert panel.part_rows["jowls"].number == 200.0


def test_an_edit_of_identity_by_others_makes_no_step_of_its_own(document, show):
    show(IdentityPanel(document))
    document.execute(RandomIdentity(3))
    document.execute(RandomIdentity(4))
    assert len(document.labels) == 3


def test_detail_sliders_switch_and_seed(document, show):
    panel = show(DetailPanel(document))
    drag(panel.rows["pores"], 0.5, 1.05)
    assert document.state.settings.pores == 2.0
    QTest.mouseClick(panel.generate, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.generate.height() // 2))
    assert document.state.settings.generate_wrinkles is False
    assert not panel.adopt.isEnabled()
    document.execute(SetEngine(seed=99))
    assert panel.seed.value() == 99
    assert len(document.labels) == 4


def test_detail_asks_the_window_for_long_work(document, show, qtbot):
    panel = show(DetailPanel(document))
    asked = {panel.adopt: "adopt", panel.import_button: "import_map"}
    for button, action in asked.items():
        with qtbot.waitSignal(panel.requested, timeout=1000) as waiting:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert waiting.args == [action]


def test_the_source_is_described_and_removed(document, show):
    panel = show(DetailPanel(document))
    assert panel.no_source.isVisible()
    expression = list(document.state.expression)
    expression[ARKIT_INDEX["jawOpen"]] = 0.9
    source = SourceDetail(np.full((64, 64), -0.25, np.float32), tuple(expression), 44.0, "scan.png", (), "digest")
    document.execute(ImportSource(source))
    assert panel.source_name.text() == "scan.png"
    assert "64 × 64" in panel.source_facts.text()
    assert "Jaw open" in panel.source_facts.text()
    QTest.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert document.state.source is None


def test_an_engine_that_is_missing_is_named(show):
    document = Document()
    document.execute(SetEngine(name="mystery"))
    panel = show(DetailPanel(document))
    assert panel.engine.currentText() == "Mystery (cannot run)"


def test_light_ball_and_environments(document, show):
    panel = show(LightingPanel(document))
    ball = panel.ball
    centre = ball.rect().center()
    QTest.mousePress(ball, Qt.MouseButton.LeftButton, pos=centre)
    for dx in (5, 15, 30):
        QTest.mouseMove(ball, centre + type(centre)(dx, 0))
    QTest.mouseRelease(ball, Qt.MouseButton.LeftButton, pos=centre + type(centre)(30, 0))
    light = document.state.lighting
    assert light.key_yaw_deg > 20
    assert abs(light.key_pitch_deg) < 3
    assert document.labels[1:] == ("Move key light",)
    QTest.mouseClick(panel.buttons["rim"], Qt.MouseButton.LeftButton)
    assert document.state.lighting.environment == "rim"
    document.execute(SetLighting(environment="of another program"))
    assert not any(button.isChecked() for button in panel.buttons.values())


# --- history ---------------------------------------------------------------------------------------------


def test_history_goes_where_it_is_clicked(document, show):
    panel = show(HistoryPanel(document), 300)
    for age in (20.0, 40.0, 60.0):
        document.execute(SetAge(age))
    item = panel.list.item(1)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(item).center())
    assert document.state.age == 20.0
    assert panel.list.item(1).font().bold()
    assert not panel.list.item(3).font().bold()
    shades = {row: panel.list.item(row).foreground().color().lightness() for row in (0, 1, 3)}
    assert shades[3] < shades[0] < shades[1]
    document.execute(SetAge(33.0))
    assert panel.list.count() == 3
    assert panel.list.currentRow() == 2


def test_history_can_be_walked_with_undo_and_redo(document, show):
    panel = show(HistoryPanel(document), 300)
    document.execute(SetAge(20.0))
    QTest.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    assert document.state.age == 30.0
    QTest.mouseClick(panel.redo, Qt.MouseButton.LeftButton)
    assert document.state.age == 20.0


# --- tool options ----------------------------------------------------------------------------------------


def test_tool_options_follow_and_change_the_settings(show):
    settings = ToolSettings()
    panel = show(ToolOptionsPanel(settings))
    drag(panel.rows["depth_mm"], (0.25 + 1.5) / 3.0, 1.05)
    assert settings.depth_mm == pytest.approx(5.0)
    settings.width = 0.02
    assert panel.rows["width"].number == pytest.approx(4.0)
    settings.mirror_x = True
    assert panel.checks["mirror_x"].isChecked()
    QTest.mouseClick(panel.tools[Tool.ERASER], Qt.MouseButton.LeftButton)
    assert settings.tool == Tool.ERASER
    assert panel.rows["radius"].isVisible()
    assert not panel.rows["width"].isVisible()


# --- all of them -----------------------------------------------------------------------------------------

PANELS = (ExpressionPanel, ActionUnitsPanel, AgePanel, IdentityPanel, DetailPanel, LightingPanel, HistoryPanel)


@pytest.mark.parametrize("panel_type", PANELS)
def test_a_panel_never_answers_a_change_with_an_edit(document, show, panel_type):
    show(panel_type(document))
    stroke = Stroke("a", np.array([[0.2, 0.2], [0.4, 0.2]]), np.ones(2))
    commands = (
        ApplyExpressionPreset("contempt"), SetActionUnits({"AU4L": 0.3, "AU12": 1.0}), SetAge(70.0), RandomIdentity(5),
        SetEngine(strength=1.7, seed=12, generate_wrinkles=False), SetLighting(environment="rim", key_yaw_deg=-170.0),
        AddStrokes((stroke,)),
    )  # fmt: skip
    changes = []
    document.state_changed.connect(lambda new, old: changes.append(new))
    for command in commands:
        document.execute(command)
    assert len(document.labels) == 1 + len(commands)
    assert len(changes) == len(commands)
    while document.can_undo:
        document.undo()
    assert len(document.labels) == 1 + len(commands)
    assert len(changes) == 2 * len(commands)
