"""Environments in the real window: dropped, asked for, taken back, refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from photo_hands import drop
from PySide6.QtWidgets import QFileDialog

from rhytid.gui.panels.lighting import LightingPanel


def room(path: Path, shape: tuple[int, int] = (64, 128)) -> Path:
    radiance = np.full((*shape, 3), 0.2, np.float32)
    radiance[20:30, 90:100] = 9.0  # on the subject's left
    path.write_bytes(cv2.imencode(".hdr", radiance)[1].tobytes())
    return path


@pytest.fixture
def panel(driver) -> LightingPanel:
    found = driver.window.docks.bring("lighting")
    assert isinstance(found, LightingPanel)
    return found


def test_a_dropped_environment_lights_the_face_and_is_taken_back(driver, panel, tmp_path, errors):
    assert panel.buttons["panorama"].isHidden()
    before = driver.document.state.lighting
    drop(driver, room(tmp_path / "room.hdr"))
    driver.wait(lambda: driver.document.state.lighting.panorama is not None)
    lighting = driver.document.state.lighting
    assert (lighting.environment, lighting.key_intensity, lighting.panorama.name) == ("panorama", 0.0, "room.hdr")
    assert panel.buttons["panorama"].isChecked()
    assert not panel.buttons["panorama"].isHidden()
    panel.buttons["studio"].click()
    assert driver.document.state.lighting.environment == "studio"
    panel.buttons["panorama"].click()
    assert driver.document.state.lighting.environment == "panorama"
    for _ in range(3):
        driver.document.undo()
    assert driver.document.state.lighting == before
    assert panel.buttons["panorama"].isHidden()
    assert errors == []


def test_one_that_is_asked_for_and_is_none_is_refused_with_a_line(driver, panel, tmp_path, errors, monkeypatch):
    square = room(tmp_path / "square.hdr", (128, 128))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(square), ""))
    before, labels = driver.document.state, driver.document.labels
    panel.open_button.click()
    driver.wait(lambda: bool(errors))
    assert "square.hdr" in driver.window.messages.text
    assert "twice as wide as high" in driver.window.messages.text
    assert (driver.document.state, driver.document.labels) == (before, labels)
