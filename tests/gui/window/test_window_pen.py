"""A drawing tablet's pen on the face: pressure, and its eraser end."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication

CHEEK = ((0.30, 0.55), (0.42, 0.60))


def pen(kind: QPointingDevice.PointerType) -> QPointingDevice:
    capabilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice(
        "pen", 77, QInputDevice.DeviceType.Stylus, kind, capabilities, 1, 2, "", QPointingDeviceUniqueId()
    )


def stroke(driver, device: QPointingDevice, pressures: tuple[float, float]) -> None:
    way = driver.way(*CHEEK)
    kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(way) - 2), QEvent.Type.TabletRelease]
    for i, (kind, point) in enumerate(zip(kinds, way, strict=True)):
        pressure = pressures[0] + (pressures[1] - pressures[0]) * i / (len(way) - 1)
        place = QPointF(point)
        event = QTabletEvent(
            kind, device, place, driver.viewport.mapToGlobal(place), pressure, 0, 0, 0, 0, 0,
            Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        )  # fmt: skip
        QApplication.sendEvent(driver.viewport, event)


def test_pressure_is_in_the_stroke(driver):
    stroke(driver, pen(QPointingDevice.PointerType.Pen), (0.2, 0.9))
    (drawn,) = driver.document.state.strokes
    assert drawn.pressure[0] == pytest.approx(0.2, abs=0.02)
    assert drawn.pressure[-1] == pytest.approx(0.85, abs=0.1)
    assert (drawn.pressure[1:] >= drawn.pressure[:-1]).all()


def test_the_eraser_end_erases_whatever_tool_is_up(driver):
    driver.draw(*CHEEK)
    assert len(driver.document.state.strokes) == 1
    driver.session.tools.radius = 0.03
    stroke(driver, pen(QPointingDevice.PointerType.Eraser), (0.5, 0.5))
    assert driver.document.state.strokes == ()
