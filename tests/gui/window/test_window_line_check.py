"""The panel that says why lines look wrong, by the mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import AddLayer, AddStrokes, SetLayer
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke, Style

LEFT = Qt.MouseButton.LeftButton
FOREHEAD = Stroke("deep", np.array([[0.38, 0.10], [0.5, 0.095], [0.62, 0.10]]), np.ones(3), depth_mm=2.6,
                  style=Style.NATURAL, name="Furrow of mine")  # fmt: skip
FINE = replace(FOREHEAD, id="fine", points=FOREHEAD.points + np.float32([0.0, 0.03]), depth_mm=0.2, name="")
ACROSS = Stroke("across", np.array([[0.245, 0.585], [0.27, 0.60], [0.295, 0.615]]), np.ones(3), depth_mm=0.2,
                style=Style.NATURAL)  # fmt: skip


@pytest.fixture
def panel(driver):
    driver.document.execute(AddStrokes((FOREHEAD, FINE, ACROSS)))
    driver.window.action("check_lines").trigger()
    dock = driver.window.docks["line_check"]
    panel = dock.panel
    driver.wait(lambda: panel.list.count() == 2 and driver.session.line_check.idle)
    yield panel
    dock.hide()


def rows(panel) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def click(panel, row: int) -> None:
    place = panel.list.visualItemRect(panel.list.item(row)).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, pos=place)


def test_a_finding_is_told_shown_and_mended_in_one_step(driver, panel, errors):
    assert rows(panel)[0].startswith("Furrow of mine\n2.60 mm deep")
    assert "tension" in rows(panel)[1]
    camera = driver.document.state.camera
    click(panel, 1)
    assert driver.session.selection.ids == ("across",)
    driver.settle()
    assert driver.document.state.camera != camera
    assert driver.viewport.rect().adjusted(60, 60, -60, -60).contains(driver.at((0.27, 0.60))), "the place is in view"
    steps = driver.document.position
    QTest.mouseClick(panel.mend, LEFT)
    driver.wait(lambda: panel.list.count() == 1)
    assert driver.document.position == steps + 1
    assert driver.document.state.strokes[:2] == (FOREHEAD, FINE)
    driver.document.undo()
    assert driver.document.state.strokes == (FOREHEAD, FINE, ACROSS)
    driver.wait(lambda: panel.list.count() == 2)
    QTest.mouseClick(panel.mend_all, LEFT)
    driver.wait(lambda: panel.list.count() == 0)
    assert driver.document.position == steps + 1
    assert not panel.mend.isEnabled()
    driver.document.undo()
    assert driver.document.state.strokes == (FOREHEAD, FINE, ACROSS)
    assert errors == []


def test_lines_of_locked_layers_are_left_alone(driver, panel):
    driver.document.execute(AddLayer(StrokeLayer("kept", "Kept"), ("deep",)))
    driver.document.execute(SetLayer(("kept",), locked=True))
    driver.wait(lambda: panel.list.count() == 1)
    assert "tension" in rows(panel)[0]
