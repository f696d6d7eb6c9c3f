"""Live Link: where it listens, who drives the face, and what came of the packets."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QPushButton, QSpinBox, QWidget

from rhytid.core.io.live_link import PORT
from rhytid.core.language import tr
from rhytid.gui.controllers.live_link import LOOPBACK, LiveLink
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label

EVERYWHERE = "0.0.0.0"
_MOST_SMOOTHING_MS = 500


class LiveLinkDialog(Dialog):
    """Stays beside the work; listens from Start on, and no longer than it is open.

    Parameters
    ----------
    live : LiveLink
    freeze : QAction
        Freezes the face, with its key.

    Signals
    -------
    recorded(Motion or None)
        A recording has ended.
    """

    recorded = Signal(object)

    def __init__(self, live: LiveLink, freeze: QAction, parent: QWidget | None = None) -> None:
        super().__init__(tr("Live Link"), "", parent)
        self._live = live
        self.addAction(freeze)
        about = tr("A telephone with Live Link Face, or any program that sends its packets, drives the face. "
                   "It listens from Start on, and no longer than this window is open.")  # fmt: skip
        self.body.addWidget(text_label(about, "soft"))
        self.where = QComboBox()
        self.where.addItem(tr("This computer only"), LOOPBACK)
        for address in _addresses():
            self.where.addItem(tr("Network of {0}", address), address)
        self.where.addItem(tr("Every network of this computer"), EVERYWHERE)
        self.where.currentIndexChanged.connect(self._show_meaning)
        self.port = QSpinBox()
        self.port.setRange(1024, 65535)
        self.port.setValue(PORT)
        self.meaning = text_label("", "soft")
        self.start = QPushButton()
        self.start.clicked.connect(self._toggle)
        self.source = QComboBox()
        self.source.activated.connect(lambda at: setattr(live, "source", self.source.itemData(at)))
        self.smoothing = QSpinBox()
        self.smoothing.setRange(0, _MOST_SMOOTHING_MS)
        self.smoothing.setSingleStep(10)
        self.smoothing.setSuffix(" ms")
        self.smoothing.setSpecialValueText(tr("off"))
        self.smoothing.setValue(round(1000 * live.smoothing_s))
        self.smoothing.valueChanged.connect(lambda value: setattr(live, "smoothing_s", value / 1000))
        self.turns_head = QCheckBox(tr("Turn the head too"))
        self.turns_head.setChecked(live.turns_head)
        self.turns_head.toggled.connect(lambda on: setattr(live, "turns_head", on))
        self.freeze = QPushButton()
        self.freeze.clicked.connect(live.toggle_frozen)
        self.freeze.setToolTip(f"{freeze.statusTip()}  ({freeze.shortcut().toString()})")
        self.record = QPushButton()
        self.record.clicked.connect(self._record)
        self.status, self.counts = text_label(""), text_label("", "soft")
        form = QFormLayout()
        for label, widget in (
            (tr("Listen on"), self.where), (tr("Port"), self.port), ("", self.meaning), ("", self.start),
            (tr("Source"), self.source), (tr("Smoothing"), self.smoothing), ("", self.turns_head),
        ):  # fmt: skip
            form.addRow(label, widget)
        self.body.addLayout(form)
        row = QHBoxLayout()
        row.addWidget(self.freeze)
        row.addWidget(self.record)
        self.body.addLayout(row)
        self.body.addWidget(self.status)
        self.body.addWidget(self.counts)
        live.changed.connect(self._show)
        self._show_meaning()
        self._show()
        self.finish_layout()

    def done(self, result: int) -> None:
        if self._live.recording:
            self._record()
        self._live.stop()
        super().done(result)

    def _toggle(self) -> None:
        if self._live.listening:
            if self._live.recording:
                self._record()
            self._live.stop()
            return
        try:
            self._live.start(self.where.currentData(), self.port.value())
        except OSError as error:
            self.status.setText(str(error))

    def _record(self) -> None:
        if self._live.recording:
            self.recorded.emit(self._live.recorded())
        else:
            self._live.record()

    def _show_meaning(self) -> None:
        host = self.where.currentData()
        if host == LOOPBACK:
            text = tr("Only programs on this computer can send. Choose a network for a telephone.")
        else:
            text = tr("Everybody in that network can send expressions to this window, without a password. Packets are "
                      "read as numbers and nothing else. Let the firewall pass UDP to this port, and choose it only in "
                      "a network that you trust.")  # fmt: skip
        self.meaning.setText(text)

    def _show(self) -> None:
        live = self._live
        on, sources, counts = live.listening, live.feed.sources, live.feed.counts
        self.start.setText(tr("Stop") if on else tr("Start"))
        self.start.setIcon(icon("pause" if on else "play"))
        for widget in (self.where, self.port):
            widget.setEnabled(not on)
        if tuple(self.source.itemData(row) for row in range(self.source.count())) != sources:
            with QSignalBlocker(self.source):
                self.source.clear()
                for source in sources:
                    self.source.addItem(source, source)
        self.source.setCurrentIndex(self.source.findData(live.source))
        self.source.setEnabled(bool(sources))
        self.freeze.setEnabled(on and bool(live.source))
        self.freeze.setText(tr("Go On") if live.frozen else tr("Freeze"))
        self.record.setEnabled(on and bool(live.source))
        self.record.setText(tr("End Recording") if live.recording else tr("Record"))
        self.status.setText(self._said())
        told = counts.taken, counts.faceless, counts.malformed, counts.late, counts.flooded
        said = tr("{0} frames, {1} without a face; dropped: {2} no packets, {3} late, {4} too many", *told)
        self.counts.setText(said)

    def _said(self) -> str:
        live = self._live
        if not live.listening:
            return tr("Off")
        host, port = live.address
        if not live.source:
            return tr("Waiting at {0}, port {1}", host, port)
        if live.silent:
            return tr("Lost signal: nothing from {0} for a second", live.source)
        if live.frozen:
            return tr("Frozen: draw on the face, then go on")
        return tr("{0} drives the face", live.source)


def _addresses() -> list[str]:
    """IPv4 addresses of this computer in its networks."""
    from PySide6.QtNetwork import QAbstractSocket, QNetworkInterface

    ipv4 = QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
    return [
        one.toString() for one in QNetworkInterface.allAddresses() if one.protocol() == ipv4 and not one.isLoopback()
    ]
