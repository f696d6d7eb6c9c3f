"""The bar beside the selected lines, on face and chart, by mouse and keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import AddStrokes, SetEngine
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.tool_settings import Handling, Tool
from rhytid.gui.widgets.line_bar import LineBar

XS = np.linspace(0.38, 0.6, 24)
LINE = Stroke("line", np.column_stack([XS, np.full(24, 0.17)]), np.ones(24), width=0.012, depth_mm=0.4)


def bar_on(widget) -> LineBar:
    return widget.findChild(LineBar)


def shown(widget) -> bool:
    bar = bar_on(widget)
    return bar is not None and bar.isVisible()


def begin(driver) -> None:
    driver.document.execute(SetEngine(generate_wrinkles=False))
    driver.document.execute(AddStrokes((LINE,)))
    driver.use(Tool.SELECT)
    driver.settle()


def test_a_click_on_the_face_selects_and_the_bar_bends_cuts_and_joins(driver):
    begin(driver)
    driver.drag([driver.at((0.45, 0.17))])
    assert driver.session.selection.ids == ("line",)
    driver.wait(lambda: shown(driver.viewport))
    bar = bar_on(driver.viewport)
    assert driver.viewport.rect().contains(bar.geometry())
    assert not bar.geometry().contains(driver.at((0.45, 0.17)))
    QTest.mouseClick(bar.buttons["line_bend"], Qt.MouseButton.LeftButton)
    assert driver.session.tools.handling is Handling.BEND
    driver.drag(driver.way((0.48, 0.17), (0.48, 0.2)))
    driver.settle()
    (bent,) = driver.document.state.strokes
    assert bent.points[:, 1].max() > 0.19
    assert np.abs(bent.points[0] - LINE.points[0]).max() < 1e-5
    driver.wait(lambda: shown(driver.viewport))
    QTest.mouseClick(bar.buttons["line_cut"], Qt.MouseButton.LeftButton)
    driver.drag([driver.at((0.56, 0.17))])
    assert len(driver.document.state.strokes) == 2
    assert not driver.window.action("join_selected").isEnabled()
    driver.session.selection.set(stroke.id for stroke in driver.document.state.strokes)
    driver.wait(lambda: shown(driver.viewport) and bar.buttons["join_selected"].isEnabled())
    QTest.mouseClick(bar.buttons["join_selected"], Qt.MouseButton.LeftButton)
    assert [stroke.id for stroke in driver.document.state.strokes] == ["line"]
    for _ in range(3):
        driver.document.undo()
    assert driver.document.state.strokes == (LINE,)
    driver.key("w")
    assert driver.session.tools.handling is Handling.MOVE
    driver.use(Tool.BRUSH)
    driver.wait(lambda: not shown(driver.viewport))


def test_the_same_bar_floats_on_the_chart_and_a_key_chooses_what_a_drag_does(driver):
    begin(driver)
    driver.window.show_canvas(True)
    driver.settle()
    view = driver.window.canvas.view
    driver.session.selection.set(("line",))
    driver.wait(lambda: shown(view.viewport()))
    driver.window.action("line_branch").trigger()
    start, end = (view.position_of(*at).toPoint() for at in ((0.45, 0.17), (0.52, 0.22)))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(view.viewport(), QPoint(*(round(a + share * (b - a)) for a, b in (
            (start.x(), end.x()), (start.y(), end.y())))))  # fmt: skip
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert len(driver.document.state.strokes) == 2
    twig = driver.document.state.strokes[1]
    assert np.abs(twig.points[-1] - (0.52, 0.22)).max() < 0.01
    driver.session.selection.clear()
    driver.wait(lambda: not shown(view.viewport()))
    driver.window.show_canvas(False)
