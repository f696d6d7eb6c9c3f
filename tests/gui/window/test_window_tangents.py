"""Curves bent by hand in the timeline, and the head that turns by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from test_window_timeline import LEFT, NONE, click, drag, keyed, panel  # noqa: F401 (fixtures)

from rhytid.core.animation.edit import Side
from rhytid.core.animation.track import Key, Tangent, Track
from rhytid.core.document.commands import SetHeadPose, SetLighting
from rhytid.core.document.state import HeadPose
from rhytid.gui.render.camera import project
from rhytid.gui.widgets.slider_face import KeyMark

NOSE_BRIDGE = 27  # of the 68 landmarks


def row_of_head(driver, name: str):
    driver.window.docks["expression"].raise_()
    return driver.window.docks["expression"].build().head_pose.rows[name]


def brightness(driver, landmark: int) -> float:
    """Of the skin about a landmark, where it is seen."""
    picture, pose = driver.picture(), driver.viewport.pose
    size = (driver.viewport.width(), driver.viewport.height())
    (place,) = project(driver.document.state.camera, size, pose.turned[[pose.head.landmarks[landmark]]])
    x, y = round(place[0]), round(place[1])
    return float(picture[y - 3 : y + 4, x - 3 : x + 4].mean())


def test_a_handle_bends_the_curve_and_alt_breaks_the_key(driver, keyed):  # noqa: F811
    curves, before = keyed.curves, driver.document.state
    QTest.mouseClick(curves.viewport(), LEFT, NONE, curves.place(1.0, 0.8).toPoint())
    steps = len(driver.document.labels)

    def track() -> Track:
        return driver.document.state.clip.by_name["jawOpen"]

    def end(side: Side) -> QPointF:
        place = curves.handles.end(("jawOpen", 1.0), side)
        return curves.place(place.x(), place.y())

    drag(curves, end(Side.LEAVING), curves.place(1.2, 0.9))
    key = track().keys[1]
    assert key.tangent is Tangent.FREE
    assert key.arriving == key.leaving == pytest.approx(0.5, abs=0.15)
    assert len(driver.document.labels) == steps + 1
    assert float(track().values(1.1)) > 0.8  # beyond its keys
    drag(curves, end(Side.ARRIVING), curves.place(0.8, 0.9), Qt.KeyboardModifier.AltModifier)
    broken = track().keys[1]
    assert broken.leaving == key.leaving
    assert broken.arriving == pytest.approx(-0.5, abs=0.15)
    at = curves.place(1.0, 0.8).toPoint()
    QApplication.sendEvent(curves.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at,
                                                                curves.viewport().mapToGlobal(at)))  # fmt: skip
    (menu,) = [menu for menu in keyed.findChildren(QMenu) if menu.isVisible()]
    next(action for action in menu.actions() if action.text() == "Join its two sides").trigger()
    menu.close()
    assert track().keys[1].arriving == track().keys[1].leaving
    click(keyed.tangents[Tangent.AUTO])
    assert track() == before.clip.by_name["jawOpen"]


def test_the_head_turns_under_a_light_that_stays(driver, panel):  # noqa: F811
    driver.document.execute(SetLighting(environment_intensity=0.2, key_yaw_deg=70.0, key_pitch_deg=10.0))
    front = driver.picture()
    row = row_of_head(driver, "yaw_deg")
    row.reveal()
    driver.settle()
    groove = row.groove_rect()
    QTest.mouseClick(row, LEFT, NONE, QPoint(round(groove.left() + 0.67 * groove.width()), round(groove.center().y())))
    yaw = driver.document.state.head_pose.yaw_deg
    assert 25.0 < yaw < 36.0
    click(panel.set_key)
    assert driver.document.state.clip.by_name["head_yaw_deg"].keys == (Key(0.0, yaw),)
    assert row.key_mark is KeyMark.HERE
    towards = brightness(driver, NOSE_BRIDGE)
    driver.document.execute(SetHeadPose(yaw_deg=-yaw))
    assert towards > brightness(driver, NOSE_BRIDGE) + 20.0  # it looks into the lamp, and away from it
    driver.document.undo()
    driver.document.undo()
    driver.document.undo()
    assert driver.document.state.head_pose == HeadPose()
    assert np.array_equal(driver.picture(), front)
