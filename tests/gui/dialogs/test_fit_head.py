"""Pins on a stranger's head: dragged with the mouse, followed by the fit, kept by the document, and taken back."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import SetHead
from rhytid.core.document.document import Document
from rhytid.core.document.state import HeadReference
from rhytid.core.files.state_folder import STATE_DIR_VARIABLE
from rhytid.core.head import load, refit
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import save_head
from rhytid.gui.controllers.files import Files
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.dialogs.fit_head import FitHeadDialog
from rhytid.gui.dialogs.fit_picture import Eye, View, draw_fit, mirrored_pin
from rhytid.gui.dialogs.landmark_words import LANDMARK_WORDS, MIRRORED

NOSE_TIP, CHIN = 30, 8
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PATIENT_MS = 60_000


@pytest.fixture(scope="module")
def stranger() -> Head:
    """The default head as one that was registered."""
    own = default_head()
    return replace(own, name="stranger", residual_mm=np.full(own.n_skin, 0.25, np.float32))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[HeadPin, ...]]:
    """Pins that a stand-in for the fit, which takes seconds, was asked for."""
    pins_asked: list[tuple[HeadPin, ...]] = []

    def fit(head, _reference, pins, progress):
        pins_asked.append(tuple(pins))
        for share in np.linspace(0, 1, 20):
            progress(float(share))
            time.sleep(0.005)
        return replace(head, residual_mm=np.full(head.n_skin, 0.5, np.float32))

    monkeypatch.setattr(refit, "refitted", fit)
    return pins_asked


def dragged(view, start: QPointF, way: QPoint) -> None:
    QTest.mousePress(view, LEFT, pos=start.toPoint())
    for step in range(1, 5):
        QTest.mouseMove(view, start.toPoint() + way * step / 4)
    QTest.mouseRelease(view, LEFT, pos=start.toPoint() + way)


def test_a_landmark_is_dragged_and_the_fit_follows(qtbot, stranger, asked) -> None:
    dialog = FitHeadDialog(stranger)
    qtbot.addWidget(dialog)
    view = dialog.view
    dialog.show()
    qtbot.waitUntil(lambda: view.picture is not None and not view.busy, timeout=PATIENT_MS)
    assert not dialog.accept_button.isEnabled()
    assert "0.25 mm" in dialog.residual.text()
    dragged(view, view.place_of(NOSE_TIP), QPoint(12, 6))
    (pin,) = dialog.pins()
    there = stranger.neutral[stranger.landmarks[NOSE_TIP]]
    assert pin.landmark == NOSE_TIP
    assert 1 < np.linalg.norm(np.array(pin.place_mm) - there) < 15
    qtbot.waitUntil(lambda: dialog.busy, timeout=PATIENT_MS)
    dragged(view, view.place_of(CHIN), QPoint(0, -9))
    qtbot.waitUntil(lambda: "0.50 mm" in dialog.residual.text(), timeout=PATIENT_MS)
    assert {pin.landmark for pin in asked[-1]} == {NOSE_TIP, CHIN}
    assert dialog.accept_button.isEnabled()
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENT_MS)
    dragged(view, QPointF(6, 6), QPoint(-40, 0))  # beside the head: it turns
    assert view.view.yaw_deg > 10
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENT_MS)
    QTest.mouseClick(view, RIGHT, pos=view.place_of(CHIN).toPoint())
    assert [pin.landmark for pin in dialog.pins()] == [NOSE_TIP]
    dialog.reject()


def test_keys_move_free_and_take_back_a_landmark(qtbot, stranger, asked) -> None:
    dialog = FitHeadDialog(stranger)
    qtbot.addWidget(dialog)
    view = dialog.view
    dialog.show()
    qtbot.waitUntil(lambda: view.picture is not None and not view.busy, timeout=PATIENT_MS)
    start = view.place_of(NOSE_TIP)
    QTest.mouseClick(view, LEFT, pos=start.toPoint())
    assert dialog.pins() == ()  # touched, not moved
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    moved = view.place_of(NOSE_TIP) - start
    assert (moved.x(), moved.y()) == (pytest.approx(1, abs=1.1), pytest.approx(-10, abs=1.1))
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (once,) = dialog.pins()
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert dialog.pins() == ()
    QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dialog.pins() == (once,)
    qtbot.waitUntil(lambda: not view.busy, timeout=PATIENT_MS)
    chin = view.place_of(CHIN).toPoint()
    QTest.mousePress(view, LEFT, pos=chin)
    QTest.mouseMove(view, chin + QPoint(0, -9))
    assert len(dialog.pins()) == 2
    QTest.keyClick(view, Qt.Key.Key_Escape)  # gives the drag up, and nothing else
    QTest.mouseRelease(view, LEFT, pos=chin + QPoint(0, -9))
    assert dialog.pins() == (once,)
    assert dialog.isVisible()
    dialog.back.click()
    assert dialog.pins() == ()
    dialog.stop.click()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_what_is_done_to_one_side_is_done_to_the_other(stranger) -> None:
    for landmark, other in enumerate(MIRRORED):
        there = stranger.neutral[stranger.landmarks[landmark]].astype(float)
        found = mirrored_pin(stranger, HeadPin(landmark, tuple(there)))
        if other == landmark:
            assert found is None
        else:
            assert found.landmark == other
            assert np.linalg.norm(found.place_mm - there * [-1, 1, 1]) < 0.5, LANDMARK_WORDS[landmark]


def test_the_wheel_comes_closer_to_what_is_under_it(stranger) -> None:
    size, view = (400, 300), View(yaw_deg=20.0, pan=(0.1, -0.05))
    about = (60.0, -90.0)  # px from the middle
    closer = view.zoomed(3.0, (about[0] / 300, about[1] / 300))
    place = draw_fit(stranger, view, size).place_at(200 + about[0], 150 + about[1])
    assert place is not None
    ((x, y),) = Eye(stranger, closer, size).pixels(Eye(stranger, closer, size).before(np.array([place])))
    assert (x - 200, y - 150) == (pytest.approx(about[0], abs=2), pytest.approx(about[1], abs=2))
    assert view.zoomed(1e9, about).zoom == closer.zoomed(1e9, about).zoom


def test_a_fit_that_is_stopped_changes_nothing(qtbot, stranger, asked) -> None:
    pins = (HeadPin(NOSE_TIP, (0.0, 0.0, 110.0)),)
    dialog = FitHeadDialog(stranger, pins)
    qtbot.addWidget(dialog)
    dialog.free.click()
    assert dialog.busy
    dialog.stop.click()
    qtbot.wait(200)
    assert not dialog.busy
    assert "0.25 mm" in dialog.residual.text()
    dialog.reject()


def test_pins_are_one_step_of_the_document(
    qtbot, stranger: Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path / "state"))
    path, pins = tmp_path / "stranger.npz", (HeadPin(NOSE_TIP, (0.0, 0.0, 110.0)),)
    save_head(stranger, path)
    monkeypatch.setattr(load, "_fitted", lambda *_args: stranger)
    session = EditorSession(Document(), engines=Engines([]))
    files = Files(session)
    session.document.execute(SetHead(HeadReference(str(path))))
    files.use_head(path, pins)
    qtbot.waitUntil(lambda: session.document.state.head.pins == pins, timeout=PATIENT_MS)
    session.document.undo()
    assert session.document.state.head == HeadReference(str(path))
    files.close()
    session.close()
