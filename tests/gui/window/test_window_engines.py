"""Choosing an engine in the real window, and what happens when it cannot run."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_semm import installed
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import SetEngine
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.learned.weights import WeightsError

MISSING = "semm.json: no weights of semm"


@pytest.fixture
def with_semm(driver):
    with installed(driver, {"procedural": "", "semm": "", "sd_detail": "sd_detail.json: damaged", "facedet3d": ""}):
        driver.document.new()
        driver.settle()
        yield driver


@pytest.fixture
def without_semm(driver):
    with installed(driver, {"procedural": "", "semm": MISSING, "sd_detail": MISSING, "facedet3d": MISSING}):
        driver.document.new()
        driver.settle()
        yield driver


def engine_actions(driver):
    return {action.objectName().removeprefix("engine_"): action for action in driver.window.engine_menu.actions}


def test_the_menu_offers_all_engines_and_greys_those_that_cannot_run(with_semm):
    actions = engine_actions(with_semm)
    assert list(actions) == ["semm", "sd_detail", "facedet3d", "procedural"]
    assert [action.text() for action in actions.values()] == ["SEMM", "SD-DeTail", "FaceDet3D", "Procedural"]
    assert [action.isEnabled() for action in actions.values()] == [True, False, True, True]
    assert "damaged" in actions["sd_detail"].toolTip()
    assert actions["procedural"].isChecked()


def test_another_engine_is_one_step_and_another_face(with_semm):
    driver = with_semm
    driver.document.execute(SetEngine(generate_wrinkles=True))
    before, steps = driver.picture(), len(driver.document.labels)
    engine_actions(driver)["semm"].trigger()
    driver.settle()
    assert driver.document.state.settings.name == "semm"
    assert len(driver.document.labels) == steps + 1
    assert driver.window.status.engine.text() == "SEMM"
    assert engine_actions(driver)["semm"].isChecked()
    after = driver.picture()
    assert not np.array_equal(after, before)
    driver.document.undo()
    assert np.array_equal(driver.picture(), before)
    assert engine_actions(driver)["procedural"].isChecked()


def test_the_panel_offers_the_same(with_semm):
    driver = with_semm
    dock = driver.window.docks["detail"]
    dock.raise_()
    driver.wait_s(0.1)
    combo = dock.build().engine
    assert [combo.itemText(i) for i in range(4)] == ["SEMM", "SD-DeTail (cannot run)", "FaceDet3D", "Procedural"]
    assert "damaged" in combo.itemData(1, Qt.ItemDataRole.ToolTipRole)
    assert not combo.model().item(1).isEnabled()
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    driver.wait(lambda: driver.document.state.settings.name == "semm")
    driver.settle()
    QTest.keyClick(combo, Qt.Key.Key_End)
    driver.wait(lambda: driver.document.state.settings.name == "procedural")


def test_new_documents_begin_with_the_best_engine(with_semm):
    with_semm.window.files.new_project()
    assert with_semm.document.state.settings.name == "semm"
    assert not with_semm.document.is_modified


def test_a_project_whose_engine_cannot_run_opens_on_the_procedural_one_and_keeps_its_setting(without_semm, tmp_path):
    driver = without_semm
    state = DocumentState()
    path = tmp_path / "face.rhytid"
    save_project(path, replace(state, settings=replace(state.settings, name="semm")))
    driver.window.files.open_project(path)
    driver.wait(lambda: driver.document.path == path)
    driver.settle()
    assert MISSING in driver.window.messages.text
    assert driver.window.status.engine.text() == "Procedural for SEMM"
    assert driver.session.latest.maps.line_map.any()  # the generated wrinkles of the engine that stands in
    driver.window.files.save_project(path)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert load_project(path).settings.name == "semm"
    driver.document.new()


def test_weights_that_turn_out_damaged_leave_the_face_on_the_procedural_engine(with_semm, monkeypatch):
    driver = with_semm
    driver.document.execute(SetEngine(generate_wrinkles=True))
    procedural = driver.picture()

    def broken(*_arguments):
        raise WeightsError("semm.safetensors: damaged, its SHA-256 is not that of semm.json")

    monkeypatch.setattr(type(driver.session.engines.get("semm")), "surface", broken)
    engine_actions(driver)["semm"].trigger()
    driver.wait(lambda: "SHA-256" in driver.window.messages.text)
    assert not engine_actions(driver)["semm"].isEnabled()
    assert driver.document.state.settings.name == "semm"
    assert np.array_equal(driver.picture(), procedural)


@pytest.mark.parametrize(
    ("name", "strengths"), [("static", (1.0, 0.0)), ("dynamic", (0.0, 1.0)), ("both", (1.0, 1.0))]
)
def test_static_and_dynamic_are_one_click_each(driver, name, strengths):
    dock = driver.window.docks["detail"]
    dock.raise_()
    driver.wait_s(0.1)
    panel = dock.build()
    driver.document.execute(SetEngine(static_strength=1.0, dynamic_strength=0.0 if name != "static" else 1.0))
    if name == "both":
        driver.document.execute(SetEngine(static_strength=0.0, dynamic_strength=1.0))
    steps = len(driver.document.labels)
    QTest.mouseClick(panel.layers.buttons[name], Qt.MouseButton.LeftButton)
    settings = driver.document.state.settings
    assert (settings.static_strength, settings.dynamic_strength) == strengths
    assert len(driver.document.labels) == steps + 1
    assert driver.window.actions_by_name[f"detail_{name}"].isChecked()
    assert panel.layers.buttons[name].isChecked()


# What takes long to import, or belongs to what the first picture does without.
NOT_AT_FIRST = (
    "onnxruntime", "torch", "safetensors", "scipy", "skimage", "trimesh", "tifffile", "OpenEXR", "PIL", "pyqtgraph",
    "rhytid.core.hair.wig", "rhytid.core.photo.fit", "rhytid.core.photo.light", "rhytid.core.detail.pipeline",
    "rhytid.core.face.skin_color", "rhytid.gui.controllers.photo_painter", "rhytid.gui.panels.lighting",
    "rhytid.gui.panels.library",
)  # fmt: skip


def test_the_first_frame_needs_neither_runtime_nor_scipy_nor_what_comes_later(qapp, tmp_path):
    root = Path(__file__).resolve().parents[3]
    code = f"""
import sys, os
os.environ["RHYTID_STATE_DIR"] = {str(tmp_path)!r}
from rhytid.gui.app import make_application
app = make_application()
from rhytid.core.head.load import default_head
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.window.main_window import MainWindow
from rhytid.gui.preferences import Preferences
session = EditorSession(preferences=Preferences())
window = MainWindow(session)
head = default_head()
window.viewport.show_shape(head, head.neutral)
def look():
    from rhytid.core.maps.skin_tile import skin_tile
    print("tiles", skin_tile.cache_info().misses, "loaded", [name for name in {NOT_AT_FIRST!r} if name in sys.modules])
    os._exit(0)
window.viewport.first_frame_painted.disconnect()
window.viewport.first_frame_painted.connect(look)
window.show()
app.exec()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    assert "tiles 0 loaded []" in done.stdout, done.stdout + done.stderr
