"""A stranger's head in the real window: opened, its pins set with the mouse, undone, saved and opened again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from rhytid.core.document.commands import AddStrokes
from rhytid.core.head import load, refit
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.head.model import HeadModel
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import checked_head, save_head
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.dialogs.fit_head import FitHeadDialog

LEFT = Qt.MouseButton.LeftButton
RIGHT_BROW, LEFT_BROW, CHIN = 17, 26, 8
SAVED = (HeadPin(CHIN, (0.0, -77.0, 106.0)),)
PATIENT_S = 60.0


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that was registered by its chin, and saved: how meshes of others are read is seen to in tests/head."""
    own = default_head()
    path = tmp_path_factory.mktemp("stranger") / "stranger.npz"
    residual = np.full(own.n_skin, 0.25, np.float32)
    save_head(replace(own, name="stranger", identity=own.identity[:2], residual_mm=residual, pins=SAVED), path)
    return path


@pytest.fixture(autouse=True)
def fits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the fit, which takes seconds: the head's chart goes down by what its pins move to the side."""

    def chart(head: Head, pins: tuple[HeadPin, ...]) -> np.ndarray:
        moved = sum(abs(pin.place_mm[0] - float(head.neutral[head.landmarks[pin.landmark], 0])) for pin in pins)
        return head.chart + np.array([0, moved / 100], np.float32)

    def fitted(model: HeadModel, path: Path, name: str, _progress: object, pins: tuple[HeadPin, ...]) -> Head:
        own, n = default_head(), model.n_skin
        return checked_head(
            path, name=name, neutral=model.neutral, faces=model.faces, parts=model.parts, n_skin=n,
            chart=chart(own, pins), detail_weight=own.detail_weight, uv=model.uv, face_uv=model.face_uv,
            identity=model.identity, expression=model.expression, landmarks=own.landmarks,
            eye_centers=own.eye_centers, residual_mm=np.full(n, 0.25, np.float32), pins=tuple(pins),
        )  # fmt: skip

    monkeypatch.setattr(load, "_fitted", fitted)
    monkeypatch.setattr(refit, "refitted", lambda head, _reference, _pins, _progress: head)


def in_dialog(driver, hands: Callable[[FitHeadDialog], None]) -> list[FitHeadDialog]:
    """Open the dialog by its action and let hands work in it; dialogs that were seen."""
    seen: list[FitHeadDialog] = []
    failed: list[BaseException] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, FitHeadDialog):
            QTimer.singleShot(20, look)
            return
        try:
            driver.wait(lambda: dialog.view.picture is not None and not dialog.view.busy, PATIENT_S)
            seen.append(dialog)
            hands(dialog)
            assert not dialog.isVisible()
        except BaseException as error:  # or the dialog would stay open, and wait
            failed.append(error)
            dialog.reject()

    QTimer.singleShot(20, look)
    driver.window.action("head_fit").trigger()
    if failed:
        raise failed[0]
    return seen


def finished(driver) -> None:
    driver.wait(lambda: not driver.session.jobs.busy, PATIENT_S)
    driver.settle()


def test_pins_are_set_undone_and_kept_with_the_project(driver, file, tmp_path, monkeypatch, errors) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_a, **_k: (str(file), "")))
    points = np.array([(0.3, 0.12), (0.5, 0.1), (0.7, 0.12)], np.float32)
    driver.document.execute(AddStrokes((Stroke("brow", points, np.ones(3, np.float32), depth_mm=1.0),)))
    driver.window.action("head_open").trigger()
    finished(driver)
    assert driver.document.state.head.path == str(file)
    assert driver.document.state.head.pins is None
    steps, before = driver.document.labels, driver.picture()

    def hands(dialog: FitHeadDialog) -> None:
        view = dialog.view
        assert not dialog.accept_button.isEnabled()
        assert dialog.pins() == SAVED  # those of its file
        QTest.mouseClick(dialog.both_sides, LEFT, pos=QPoint(8, dialog.both_sides.height() // 2))
        start = view.place_of(RIGHT_BROW).toPoint()
        QTest.mousePress(view, LEFT, pos=start)
        for step in (4, 8, 12):
            QTest.mouseMove(view, start + QPoint(step, 0))
        QTest.mouseRelease(view, LEFT, pos=start + QPoint(12, 0))
        driver.wait(lambda: dialog.accept_button.isEnabled() and not dialog.busy and not view.busy, PATIENT_S)
        QTest.mouseClick(dialog.accept_button, LEFT)

    assert len(in_dialog(driver, hands)) == 1
    finished(driver)
    assert errors == []
    pins = driver.document.state.head.pins
    assert [pin.landmark for pin in pins] == [CHIN, RIGHT_BROW, LEFT_BROW]
    assert pins[1].place_mm == pytest.approx(np.array(pins[2].place_mm) * [-1, 1, 1], abs=1.0)
    assert len(driver.document.labels) == len(steps) + 1
    pinned = driver.picture()
    assert np.abs(pinned.astype(int) - before).max() > 30  # the stroke lies elsewhere
    driver.document.undo()
    driver.settle()
    assert driver.document.state.head.pins is None
    assert np.abs(driver.picture().astype(int) - before).max() <= 3
    driver.document.redo()
    driver.window.files.save_project(tmp_path / "stranger.rhytid")
    finished(driver)
    driver.document.new()
    driver.window.open_path(tmp_path / "stranger.rhytid")
    finished(driver)
    assert driver.document.state.head.pins == pins
    assert np.abs(driver.picture().astype(int) - pinned).max() <= 3
    shown: list[tuple[HeadPin, ...]] = []
    in_dialog(driver, lambda dialog: (shown.append(dialog.pins()), dialog.reject()))
    assert shown == [pins]
    assert errors == []
