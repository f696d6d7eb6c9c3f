"""The pin dialog: landmarks of a stranger's head are put in place, and the default head is laid onto it anew."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QPushButton, QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.head.fit.residual import residual_words
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.head.pins import HeadPin
from rhytid.core.language import tr
from rhytid.gui.controllers.latest_work import LatestWork
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.fit_view import FitView
from rhytid.gui.widgets.labels_and_buttons import text_label

_SIDE_DEG = 60.0


class FitHeadDialog(Dialog):
    """Pins on a head, and the fit that follows them.

    After `exec` gave Accepted, `pins()` are what the head is to be registered by.

    Parameters
    ----------
    head : Head
        One that was registered.
    pins : tuple of HeadPin
        Those that it is registered by.
    """

    def __init__(self, head: Head, pins: tuple[HeadPin, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__(tr("Fit this head"), tr("Fit"), parent)
        self._head, self._first = head, pins
        self.view = FitView(head, pins)
        self._fit = LatestWork("fit by pins", self)
        self.body.addWidget(text_label(tr(
            "Drag a point of the face to where it belongs; the fit follows. Arrow keys move it by a pixel, a right "
            "click frees it. Drag beside the points to turn the head, with Shift to shift it; the wheel comes closer."),
            "soft"))  # fmt: skip
        self.body.addWidget(self.view, 1)
        row = QHBoxLayout()
        sides = (tr("Front"), 0.0), (tr("Subject's Left"), _SIDE_DEG), (tr("Subject's Right"), -_SIDE_DEG)
        for text, yaw_deg in sides:
            button = QPushButton(text)
            button.clicked.connect(lambda _checked, turn=yaw_deg: self.view.look(turn))
            row.addWidget(button)
        self.both_sides = QCheckBox(tr("Both sides"))
        self.both_sides.setToolTip(tr("What is done to a point is done to that of the other side, too"))
        self.both_sides.toggled.connect(lambda on: setattr(self.view, "both_sides", on))
        row.addWidget(self.both_sides)
        row.addStretch(1)
        self.back = QPushButton(tr("Reset"))
        self.back.setToolTip(tr("The pins as they were when this dialog opened"))
        self.back.clicked.connect(lambda: self.view.set_pins(self._first))
        row.addWidget(self.back)
        self.free = QPushButton(tr("Free All Pins"))
        self.free.clicked.connect(lambda: self.view.set_pins(()))
        row.addWidget(self.free)
        self.body.addLayout(row)
        self.residual = text_label("", "heading")
        self.body.addWidget(self.residual)
        below = QHBoxLayout()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.stop = QPushButton(tr("Stop"))
        self.stop.clicked.connect(self._stop)
        below.addWidget(self.progress, 1)
        below.addWidget(self.stop)
        self.body.addLayout(below)
        self.finish_layout()
        self.view.setFocus()
        self.view.pinned.connect(self._follow)
        self._fit.done.connect(self._show)
        self._fit.failed.connect(self._tell_failure)
        self._fit.progressed.connect(lambda share: self.progress.setValue(round(100 * share)))
        self._tell(head)

    def pins(self) -> tuple[HeadPin, ...]:
        """Landmarks that were put in place."""
        return self.view.pins

    @property
    def busy(self) -> bool:
        """A fit is on its way."""
        return self._fit.busy

    def _follow(self) -> None:
        head, pins = self._head, self.view.pins
        from rhytid.core.head.refit import refitted

        def work(control: Control) -> Head:
            return refitted(head, default_head(), pins, control)

        self.progress.setValue(0)
        self._fit.ask(work)
        self._tell(self.view.head)

    def _show(self, head: Head) -> None:
        self.view.show_head(head)
        self._tell(head)

    def _stop(self) -> None:
        """Give up the fit that goes on; the pins stay, and the next one that is moved begins another."""
        self._fit.cancel()
        self._tell(self.view.head)

    def _tell(self, head: Head) -> None:
        pins = self.view.pins
        told = [residual_words(head)]
        if pins:
            told.append(tr("one pin") if len(pins) == 1 else tr("{0} pins", len(pins)))
        if self._fit.busy:
            told.append(tr("fitting…"))
        self.residual.setText("; ".join(told))
        self.free.setEnabled(bool(pins))
        for button in (self.accept_button, self.back):
            button.setEnabled(pins != self._first)
        self.stop.setEnabled(self._fit.busy)
        self.progress.setEnabled(self._fit.busy)
        if not self._fit.busy:
            self.progress.setValue(0)

    def _tell_failure(self, message: str) -> None:
        self._tell(self.view.head)
        self.residual.setText(message)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._fit.busy:
            self._stop()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._end()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)  # which is `done` for one that is seen
        self._end()

    def _end(self) -> None:
        self._fit.close()
        self.view.close_down()
