"""One open document with its tools, background work and bookkeeping: what the window wires to widgets."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.finish import Float32
from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.commands import Command
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import new_state_so_far, standard_engines
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.comparison import Comparison
from rhytid.gui.controllers.compute import Compute
from rhytid.gui.controllers.detail_scheduler import MOMENT_S, PLAYED_S, Backend, CoreBackend, Delivery
from rhytid.gui.controllers.detail_worker import DetailWorker
from rhytid.gui.controllers.engines import EngineChoices
from rhytid.gui.controllers.error_log import record_failure
from rhytid.gui.controllers.history_pictures import HistoryPictures
from rhytid.gui.controllers.in_photo import InPhoto
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.latency import Latencies
from rhytid.gui.controllers.library import Library
from rhytid.gui.controllers.line_check import LineCheck
from rhytid.gui.controllers.live_link import LiveLink
from rhytid.gui.controllers.mask_gesture import MaskRefused
from rhytid.gui.controllers.open_photo import OpenPhoto
from rhytid.gui.controllers.paint_gesture import PaintRefused
from rhytid.gui.controllers.photo_reading import PhotoReading
from rhytid.gui.controllers.pin_fit import PinFit
from rhytid.gui.controllers.playback import Playback
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.show_me import ShowMe
from rhytid.gui.controllers.skin_brushes import SkinBrushes
from rhytid.gui.controllers.skin_color import SkinColor
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.timeline import Timeline
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.controllers.view_settings import ViewSettings
from rhytid.gui.preferences import Preferences
from rhytid.gui.settings_file import SettingsFile

# What the session does at once when it is preferred; the other preferences are read where they matter.
_FOLLOWED = (
    "max_resolution", "compute_device", "cache_memory_mb", "tablet_pressure_to_depth", "tablet_pressure_to_width",
    "pressure_exponent", "tablet_depth_curve", "tablet_width_curve",
)  # fmt: skip


class EditorSession(QObject):
    """The editor without its widgets.

    Parameters
    ----------
    document : Document, optional
    backend : Backend, optional
        What makes the detail; that of the core by default.
    preferences : Preferences, optional
        Those that no file keeps by default.

    Signals
    -------
    delivered(Delivery)
        New vertices or maps to show.
    message_posted(text, severity)
        For the person at the screen; severity "info", "warning" or "error".
    """

    delivered = Signal(object)
    message_posted = Signal(str, str)
    _head_refused = Signal(str)

    def __init__(
        self,
        document: Document | None = None,
        backend: Backend | None = None,
        preferences: Preferences | None = None,
        engines: Engines | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document if document is not None else Document()
        self.preferences = preferences if preferences is not None else Preferences(SettingsFile(None))
        self.engines = engines if engines is not None else standard_engines()
        self.tools = ToolSettings()
        self.view = ViewSettings()
        self.comparison = Comparison()
        self.selection = Selection(self.document)
        self.stroke_tool = StrokeTool(self.document, self.tools, self.selection, self.engines)
        self.jobs = Jobs(self)
        self.latencies = Latencies()
        self.worker = DetailWorker(backend if backend is not None else CoreBackend(self.engines), self)
        self.skin_color = SkinColor(self.document, self.engines.cache, self)
        self.open_photo = OpenPhoto(self.document, self)
        self.in_photo = InPhoto(self.document, self.view, self.engines, self)
        self.photos = PhotoReading(self.document, self.jobs, self.open_photo, self.finish_edits, self)
        self.pins = PinFit(self.document, self)
        self.playback = Playback(self.document, lambda: self.awaits_picture, self)
        self.live = LiveLink(self.document, lambda: self.awaits_picture, self)
        self.timeline = Timeline(self.document, lambda: self.awaits_picture, self)
        self.show_me = ShowMe(self.document, lambda: self.awaits_picture, self)
        self.engine_choices = EngineChoices(self.document, self.engines, self)
        self.compute = Compute(self)
        self.library = Library(parent=self)
        self.line_check = LineCheck(self.document, self.jobs, self)
        self.history_pictures = HistoryPictures(self.document, lambda: self.worker.idle, parent=self)
        self.latest: Delivery | None = None
        self.skin_brushes = SkinBrushes()
        self.stroke_tool.detail = self._detail_seen
        self.stroke_tool.skin_brush = self.skin_brushes.current
        self.stroke_tool.skin_color = lambda: None if self.skin_color.latest is None else self.skin_color.latest.chart
        self._input_s: float | None = None

        self.worker.delivered.connect(self._take_delivery)
        self.worker.failed.connect(self._report_detail_failure)
        for player in (self.playback, self.timeline, self.live):
            self.delivered.connect(player.catch_up)
        self.delivered.connect(self.in_photo.take)
        self.delivered.connect(self.skin_brushes.take)
        self.tools.events.tool.connect(lambda tool: self.skin_brushes.prepare() if tool == Tool.PAINT else None)
        self.skin_color.changed.connect(self.in_photo.take_color)
        self.live.lost.connect(lambda source: self.post(tr("Lost signal of {0}", source), "warning"))
        self.live.found.connect(lambda source: self.post(tr("{0} is back", source)))
        self.in_photo.failed.connect(self._report_photo)
        self.jobs.job_failed.connect(lambda label, text: self.post(f"{label} failed: {text}", "error"))
        self.jobs.job_cancelled.connect(lambda label: self.post(f"{label} cancelled", "info"))
        self.pins.failed.connect(lambda text: self.post(f"Pins: {text}", "warning"))
        self.stroke_tool.failed.connect(self._report_tool_failure)
        self.document.state_changed.connect(self._follow_document)
        for name in _FOLLOWED:
            self._follow_preference(name, getattr(self.preferences, name))
        self.preferences.changed.connect(self._follow_preference)
        # Of the tool's settings the pen's curves are the artist's for good.
        for curve in ("depth_curve", "width_curve"):
            self.tools.events[curve].connect_setattr(self.preferences, f"tablet_{curve}", maxargs=1)
        self.engine_choices.noticed.connect(
            lambda text: QTimer.singleShot(0, self, partial(self.post, text, "warning"))
        )
        self.compute.noticed.connect(partial(self.post, severity="warning"))
        if isinstance(self.worker.backend, CoreBackend):
            self.worker.backend.head_refused = self._head_refused.emit  # on the worker's thread
        self._head_refused.connect(self._report_head)

    def start(self) -> None:
        """Ask for the first picture of the document; an untouched new one gets the best engine first."""
        self.engine_choices.changed.connect(self._begin)
        self.engine_choices.look()
        if not self._untouched:
            self.worker.submit(self.document.state)
        self.skin_color.start()

    @property
    def _untouched(self) -> bool:
        """Whether the document is new; a head that was named at the start may have come already."""
        document, state = self.document, self.document.state
        if document.path is not None or document.gesture_active or state.settings != EngineSettings():
            return False
        if document.position == 0:
            return not document.is_modified
        return state == replace(DocumentState(), head=state.head, camera=state.camera)

    def _begin(self) -> None:
        """Which engines can run is known."""
        self.engine_choices.changed.disconnect(self._begin)
        if self._untouched:
            self.document.new(replace(new_state_so_far(self.engines), head=self.document.state.head))
        self.worker.submit(self.document.state)
        self.compute.start(lambda: self.worker.idle)

    def post(self, text: str, severity: str = "info") -> None:
        """Tell the person at the screen."""
        self.message_posted.emit(shown(" ".join(text.splitlines())), severity)

    def fail(self, error: BaseException, doing: str) -> None:
        """Tell about a failure that ended `doing`; the traceback goes to the log."""
        record_failure(error, doing)
        self.post(f"{doing} failed: {error or type(error).__name__}", "error")

    def finish_edits(self) -> None:
        """End what is under way and keep it: a stroke, a series of slider steps, a drag of the light.

        What drives the face goes on, and so does the clip; neither is an edit.
        """
        self.stroke_tool.release()
        if self.playback.motion is None and not self.timeline.moving and not self.live.showing:
            self.document.settle()

    def execute(self, command: Command) -> None:
        """Take what was found in the background into the document; what is under way meanwhile ends first."""
        self.finish_edits()
        self.document.execute(command)

    def input_arrived(self, input_s: float | None = None) -> None:
        """Note when the event came in that the next change of the document answers to."""
        self._input_s = time.perf_counter() if input_s is None else input_s

    @property
    def plays(self) -> bool:
        """The face moves by a clock, frame after frame."""
        return self.live.showing or any(one.playing for one in (self.timeline, self.playback, self.show_me))

    @property
    def awaits_picture(self) -> bool:
        """The newest change of the face is being computed, and nothing of it has been delivered yet."""
        shown = self.latest is None or self.latest.generation >= self.worker.last_generation
        return not shown and not self.worker.idle

    def _detail_seen(self) -> Float32 | None:
        """The detail of the present face, once it is complete."""
        latest = self.latest
        if latest is None or latest.maps is None or not latest.refined:
            return None
        return latest.maps.displacement if latest.generation >= self.worker.last_generation else None

    def close(self) -> None:
        """End background work."""
        self.playback.cancel()
        self.live.stop()
        self.timeline.rest()
        self.show_me.cancel()
        self.jobs.close()
        self.pins.close()
        self.in_photo.close()
        self.open_photo.close()
        self.skin_color.close()
        self.worker.close()
        self.engine_choices.close()
        self.compute.close()
        self.library.close()
        self.line_check.close()
        self.history_pictures.close()

    def _follow_preference(self, name: str, value: Any) -> None:
        if name == "max_resolution":
            self.worker.set_full_resolution(value)
        elif name == "compute_device":
            self.compute.wanted = value
        elif name == "cache_memory_mb":
            self.engines.cache.limit(value << 20)
        elif name in _FOLLOWED:
            setattr(self.tools, name.removeprefix("tablet_"), value)

    def _follow_document(self, new: DocumentState, _old: DocumentState) -> None:
        input_s, self._input_s = self._input_s, None
        moment_s = PLAYED_S if self.plays else MOMENT_S
        self.worker.submit(new, time.perf_counter() if input_s is None else input_s, moment_s)

    def _take_delivery(self, delivery: Delivery) -> None:
        self.latest = delivery
        self.latencies.delivered(delivery)
        self.delivered.emit(delivery)

    def _report_detail_failure(self, error: BaseException) -> None:
        self.fail(error, tr("Detail"))

    def _report_photo(self, error: BaseException) -> None:
        if isinstance(error, ValueError):  # says what to do
            self.post(tr("In the photo: {error}", error=error), "warning")
        else:
            self.fail(error, tr("Drawing in the photo"))

    def _report_head(self, reason: str) -> None:
        self.post(tr("{reason}. The default head is shown; the project keeps the one it names.", reason=reason),
                  "error")

    def _report_tool_failure(self, error: Exception) -> None:
        if isinstance(error, PaintRefused):
            self.post(tr("Paint: {0}", error), "warning")
        elif isinstance(error, MaskRefused):  # says what to do
            self.post(tr("Mask: {error}", error=error), "warning")
        else:
            self.fail(error, tr("Drawing"))
