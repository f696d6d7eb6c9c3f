"""What a pen's pressure makes of depth and width: two curves, ready-made ones, and a strip to try the pen."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.core.lines.response import LINEAR, PEN_WIDTH, Response
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.widgets.curve_editor import CurveEditor
from rhytid.gui.widgets.labels_and_buttons import text_label
from rhytid.gui.widgets.pressure_strip import PressureStrip

FIELDS = {"depth_curve": tr("Depth"), "width_curve": tr("Width")}
READY: dict[str, tuple[Response, Response]] = {
    tr("Soft"): (Response(((0.0, 0.0), (0.25, 0.55), (1.0, 1.0))), Response(((0.0, 0.3), (0.3, 0.75), (1.0, 1.0)))),
    tr("Linear"): (LINEAR, PEN_WIDTH),
    tr("Firm"): (Response(((0.0, 0.0), (0.6, 0.25), (1.0, 1.0))), Response(((0.0, 0.3), (0.6, 0.5), (1.0, 1.0)))),
}
"""Curves of depth and width by the hand that they are for."""
_TIP = tr("From no pressure to full pressure. Drag a point or press beside one to make another; a double click or Del "
          "takes it away")


class PenCurves(QWidget):
    """The curves of the tool; they are kept for the next start."""

    def __init__(self, settings: ToolSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 4, 2)
        column.setSpacing(3)
        self.ready = QComboBox()
        self.ready.addItems(list(READY))
        self.ready.setPlaceholderText(tr("own"))
        self.ready.setToolTip(tr("Curves for a light, an even and a heavy hand"))
        self.ready.activated.connect(lambda _: self._use(self.ready.currentText()))
        column.addLayout(self._line(tr("Hand"), self.ready))
        self.curves: dict[str, CurveEditor] = {}
        for field, title in FIELDS.items():
            editor = CurveEditor(title)
            editor.points = getattr(settings, field).points
            editor.setToolTip(_TIP)
            editor.changing.connect(self._preview)
            editor.finished.connect(partial(self._keep, field))
            editor.cancelled.connect(self._preview)
            column.addLayout(self._line(title, editor))
            self.curves[field] = editor
        self.strip = PressureStrip()
        column.addWidget(self.strip)
        settings.events.connect(self._changed)
        self._show_ready()

    def _line(self, title: str, widget: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        caption = text_label(title, "soft", wrap=False)
        caption.setFixedWidth(60)
        line.addWidget(caption)
        line.addWidget(widget, 1)
        return line

    def _preview(self, *_points: object) -> None:
        """The strip follows the hand before the curve is kept."""
        self.strip.show_curves(*(Response(self.curves[field].points) for field in FIELDS))

    def _keep(self, field: str) -> None:
        setattr(self._settings, field, Response(self.curves[field].points))

    def _use(self, name: str) -> None:
        self._settings.depth_curve, self._settings.width_curve = READY[name]

    def _changed(self, info: Any) -> None:
        if info.signal.name in FIELDS:
            self.curves[info.signal.name].points = getattr(self._settings, info.signal.name).points
            self._show_ready()

    def _show_ready(self) -> None:
        present = self._settings.depth_curve, self._settings.width_curve
        self.ready.setCurrentIndex(list(READY.values()).index(present) if present in READY.values() else -1)
        self._preview()
