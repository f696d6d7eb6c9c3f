"""The status bar: what the tool is, what lies under the pointer, progress of long work, speed on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.theme import icon

if TYPE_CHECKING:
    from rhytid.gui.render.picking import SurfacePoint

SPEED_EVERY_MS = 500


class StatusBar(QStatusBar):
    """Fields right, messages left."""

    def __init__(self, session: EditorSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self._session = session
        self.setSizeGripEnabled(False)
        self.progress = _Progress(session)
        self.readout = _field(tr("Chart coordinate and displacement under the pointer"), 190)
        self.tool = _field(tr("What the pen draws with"), 0)
        self.speed = _field(tr("Frames per second; frame time; from the hand to the picture"), 0)
        self.engine = _field(tr("What makes the detail"), 0)
        for widget in (self.progress, self.readout, self.engine, self.tool, self.speed):
            self.addPermanentWidget(widget)
        self._timer = QTimer(self, interval=SPEED_EVERY_MS)
        self._timer.timeout.connect(self._update_speed)
        session.tools.events.connect(lambda _info: self._update_tool())
        session.engine_choices.changed.connect(self._update_engine)
        session.document.state_changed.connect(lambda _new, _old: self._update_engine())
        self._update_engine()
        session.preferences.changed.connect(self._follow_preference)
        self._update_tool()
        self._show_speed(session.preferences.show_statistics)

    def show_point(self, point: SurfacePoint | None) -> None:
        """What the pointer is over."""
        if point is None:
            self.readout.setText("")
            return
        x, y = point.chart
        text = f"x {x:.3f}  y {y:.3f}"
        latest = self._session.latest
        if latest is not None and latest.maps is not None and 0 <= x < 1 and 0 <= y < 1:
            resolution = latest.maps.resolution
            value = latest.maps.displacement[int(y * resolution), int(x * resolution)] * point.detail_weight
            text += f"  {value:+.3f} mm".replace("-", "\u2212")
        self.readout.setText(text)

    def _update_tool(self) -> None:
        tools = self._session.tools
        if tools.tool == Tool.BRUSH:
            depth = f"{abs(tools.depth_mm):.2f} mm {'deep' if tools.depth_mm >= 0 else 'high'}"
            text = tr("Brush  {0:.1f} mm wide, {depth}", tools.width * CHART_MM, depth=depth)
        elif tools.tool == Tool.ERASER:
            text = tr("Eraser  radius {0:.1f} mm", tools.radius * CHART_MM)
        elif tools.tool == Tool.MASK:
            text = tr("Mask  radius {0:.1f} mm", tools.radius * CHART_MM)
        elif tools.tool == Tool.PAINT:
            text = tr("Paint  radius {0:.1f} mm, {1:.0%}", tools.radius * CHART_MM, tools.strength)
        else:
            text = tr("Select")
        self.tool.setText(text + ("  mirrored" if tools.mirror_x else ""))

    def _update_engine(self) -> None:
        state, engines = self._session.document.state, self._session.engine_choices
        reason = engines.reason_against(state.settings.name)
        name = engines.title(engines.drawing(state))
        self.engine.setText(f"{name} for {engines.title(state.settings.name)}" if reason else name)
        self.engine.setToolTip(tr("Cannot run: {reason}", reason=reason) if reason else tr("What makes the detail"))

    def _follow_preference(self, name: str, value: object) -> None:
        if name == "show_statistics":
            self._show_speed(bool(value))

    def _show_speed(self, shown: bool) -> None:
        self.speed.setVisible(shown)
        if shown:
            self._timer.start()
            self._update_speed()
        else:
            self._timer.stop()

    def _update_speed(self) -> None:
        latencies = self._session.latencies
        frame, latency = latencies.last_frame_ms, latencies.last_latency_ms
        parts = [f"{latencies.frames_per_second():.0f} fps"]
        if frame is not None:
            parts.append(f"frame {frame:.0f} ms")
        if latency is not None:
            parts.append(f"latency {latency:.0f} ms")
        self.speed.setText("  ".join(parts))


class _Progress(QWidget):
    """Name, bar and cancel button of the job that runs; hidden when none does."""

    def __init__(self, session: EditorSession) -> None:
        super().__init__()
        self._label = QLabel()
        self._bar = QProgressBar()
        self._bar.setFixedWidth(140)
        self._bar.setMaximumHeight(14)
        self._bar.setTextVisible(False)
        cancel = QToolButton()
        cancel.setObjectName("cancelJob")
        cancel.setIcon(icon("close"))
        cancel.setAutoRaise(True)
        cancel.setToolTip(tr("Cancel"))
        cancel.setAccessibleName(tr("Cancel the running work"))
        cancel.clicked.connect(session.jobs.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        for widget in (self._label, self._bar, cancel):
            row.addWidget(widget)
        jobs = session.jobs
        jobs.job_started.connect(self._start)
        session.photos.stage_changed.connect(self._start)
        jobs.job_progressed.connect(lambda _label, fraction: self._set(fraction))
        for ended in (jobs.job_finished, jobs.job_cancelled):
            ended.connect(lambda _label: self.setVisible(False))
        jobs.job_failed.connect(lambda _label, _text: self.setVisible(False))
        self.setVisible(False)

    def _start(self, label: str) -> None:
        self._label.setText(f"{label}\u2026")
        self._bar.setRange(0, 0)
        self.setVisible(True)

    def _set(self, fraction: float) -> None:
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(fraction * 1000))


def _field(tip: str, width_px: int) -> QLabel:
    label = QLabel()
    label.setToolTip(tip)
    label.setMinimumWidth(width_px)
    label.setContentsMargins(6, 0, 8, 0)
    return label
