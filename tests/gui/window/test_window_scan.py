"""Faces of scans in the real window: asked for or dropped, made in the background, stopped, refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from photo_hands import drop
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox, QToolButton
from scan_samples import write_ply

from rhytid.core.document.commands import SetAge
from rhytid.core.head.load import default_head
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.scan import face as scan_face
from rhytid.core.scan.base import ScanBase
from rhytid.gui.dialogs.scan_dialog import ScanDialog

LEFT = Qt.MouseButton.LeftButton
RED = (200.0, 90.0, 80.0)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default head with a furrow across the forehead, red, as a scan that stands where heads do."""
    y = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    relief = -0.5 * np.exp(-(((y - 0.2) / 0.008) ** 2)) * np.ones((1, 256), np.float32)
    made = displaced_mesh(default_head(), default_head().neutral, relief, 1, all_parts=False)
    path = tmp_path_factory.mktemp("scan") / "anna.ply"
    write_ply(path, made.mesh.vertices, made.mesh.faces, np.tile(RED, (len(made.mesh.vertices), 1)))
    return path


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base is known: fitting it takes long, and tests/scan see to it."""

    def base_of(mesh, reference, _name, control):
        control(0.5)
        return ScanBase(reference, mesh.vertices, mesh.triangles, False, ("it stood already",))

    monkeypatch.setattr(scan_face, "base_of", base_of)


def answer(hands) -> list[ScanDialog]:
    """Let hands work in the next dialog that is shown over the window; dialogs that were seen."""
    seen: list[ScanDialog] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ScanDialog) and dialog.isVisible():
            seen.append(dialog)
            hands(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    return seen


def accept(dialog: ScanDialog) -> None:
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)


def finished(driver) -> None:
    driver.wait(lambda: not driver.session.jobs.busy, 120)
    driver.settle()


def test_a_scan_becomes_a_face_with_its_detail_lines_and_colour(
    driver, standing, scan, tmp_path, monkeypatch, errors
):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_a, **_k: (str(scan), "")))
    driver.document.new()
    project = tmp_path / "anna.rhytid"

    def hands(dialog: ScanDialog) -> None:
        assert dialog.project() == scan.with_suffix(".rhytid")
        dialog.file_line.setText(str(tmp_path / "none" / "anna"))
        assert not dialog.accept_button.isEnabled()
        dialog.file_line.selectAll()
        QTest.keyClicks(dialog.file_line, str(tmp_path / "anna"))
        dialog.size_box.setFocus()
        QTest.keyClick(dialog.size_box, Qt.Key.Key_Home)
        assert dialog.options().resolution == 1024
        accept(dialog)

    seen = answer(hands)
    driver.window.actions_by_name["new_from_scan"].trigger()
    assert len(seen) == 1
    finished(driver)
    assert errors == []
    assert sorted(path.name for path in tmp_path.glob("anna*")) == ["anna.head.npz", "anna.rhytid"]
    state = driver.document.state
    assert driver.document.path == project
    assert driver.document.labels == ("Open anna.rhytid",)
    assert not driver.window.isWindowModified()
    assert state.source.displacement.shape == (1024, 1024)
    assert state.source.displacement[int(0.2 * 1024), 512] == pytest.approx(-0.5, abs=0.1)
    assert any(0.17 < stroke.points[:, 1].mean() < 0.23 for stroke in state.strokes)
    assert state.albedo.srgb[512, 512] == pytest.approx(RED, abs=2)
    shown = driver.picture().astype(int)
    assert (shown[..., 0] - shown[..., 1]).max() > 60  # it is seen, too


def test_a_dropped_scan_may_be_given_up_and_stopped_and_unsaved_work_is_asked_about(
    driver, scan, tmp_path, monkeypatch
):
    driver.document.execute(SetAge(50.0))
    state = driver.document.state
    asked = []
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard]
    monkeypatch.setattr(QMessageBox, "warning", staticmethod(lambda *_a, **_k: asked.append(1) or answers.pop(0)))

    def hands(dialog: ScanDialog) -> None:
        dialog.file_line.setText(str(tmp_path / "anna.rhytid"))
        accept(dialog)

    answer(hands)
    drop(driver, scan)
    assert asked == [1]
    assert not driver.session.jobs.busy

    def wait_for_the_hand(_mesh, _reference, _name, control):
        while True:
            control(0.3)

    monkeypatch.setattr(scan_face, "base_of", wait_for_the_hand)
    answer(hands)
    drop(driver, scan)
    assert asked == [1, 1]
    cancel = driver.window.status.findChild(QToolButton, "cancelJob")
    driver.wait(cancel.isVisible)
    QTest.mouseClick(cancel, LEFT)
    finished(driver)
    assert driver.document.state == state
    assert list(tmp_path.glob("anna*")) == []


def test_a_file_that_is_no_scan_is_refused_with_a_reason(driver, tmp_path, errors):
    (tmp_path / "bad.ply").write_bytes(b"ply\nnothing more")
    driver.document.new()
    state = driver.document.state
    answer(accept)
    drop(driver, tmp_path / "bad.ply")
    finished(driver)
    assert "bad.ply" in driver.window.messages.text
    assert driver.document.state == state


@pytest.mark.parametrize("is_scan", [True, False])
def test_a_large_mesh_without_shapes_may_be_either(driver, tmp_path, monkeypatch, is_scan):
    path = tmp_path / "large.obj"
    path.write_bytes(b"# " + b"x" * (17 << 20) + b"\nv 0 0 0\n")
    buttons, taken = QMessageBox.StandardButton, []
    answer_ = buttons.Yes if is_scan else buttons.No
    monkeypatch.setattr(QMessageBox, "question", staticmethod(lambda *_args: answer_))
    monkeypatch.setattr(driver.window.scans, "take", lambda path: taken.append(("scan", path)))
    monkeypatch.setattr(driver.window.files, "use_head", lambda path: taken.append(("head", path)))
    drop(driver, path)
    assert taken == [("scan" if is_scan else "head", path)]
