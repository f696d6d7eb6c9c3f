"""Panels wait for the face that answers to their edit: not long under a hand, longer while a clip plays."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from rhytid.gui.viewport import frame_pacing
from rhytid.gui.viewport.frame_pacing import FramePacing


class Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.face, self.n_put_together = QWidget(), 0
        QVBoxLayout(self).addWidget(self.face)

    def event(self, event: QEvent) -> bool:
        self.n_put_together += event.type() == QEvent.Type.UpdateRequest
        return super().event(event)


@pytest.mark.parametrize("plays", [False, True])
def test_panels_wait_longer_while_a_clip_plays(plays: bool, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_pacing, "HOLD_MS", 10)
    monkeypatch.setattr(frame_pacing, "PLAYED_HOLD_MS", 60_000)
    window = Window()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    pacing = FramePacing(window.face, lambda: True, lambda: plays)
    pacing.watch(window)
    before = window.n_put_together
    QApplication.sendEvent(window, QEvent(QEvent.Type.UpdateRequest))
    if plays:
        qtbot.wait(100)
        assert window.n_put_together == before
        pacing.request()
        qtbot.waitUntil(lambda: not pacing.waiting)  # the face takes them along
        assert not pacing._hold.isActive()
    else:
        qtbot.waitUntil(lambda: window.n_put_together == before + 1)
