"""Times from an event of the hand to the finished frame that shows it, in the editor's own window.

The window is 1280 x 800 pixels with its panels as at the first start, the face takes what they leave. Events of a pen
and of a mouse go to the widgets as Qt would send them; a time ends when Qt has put the window together and handed it
to the screen, and the driver has finished. A drag sends its next event when the last one shows: what a slider refines
meanwhile is given up, as under a hand. `slider_to_1024` begins each time at rest.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from rhytid.core.document.commands import TakeClip
from rhytid.core.document.state import DocumentState
from rhytid.core.files.writing import write_text
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.load import default_head
from rhytid.gui.app import make_application
from rhytid.gui.cli.bench_live import MARK, Telephone
from rhytid.gui.cli.bench_times import laugh
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.camera import project
from rhytid.gui.widgets.slider_row import SliderRow
from rhytid.gui.window.main_window import MainWindow

SIZE_PX = (1280, 800)
_LIMIT_S = 60  # something went wrong
_NO_KEY = Qt.KeyboardModifier.NoModifier
_LEFT, _MIDDLE, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
_CHEEK = (0.30, 0.52)  # chart coordinate at which the stroke begins
_SAMPLES = 40  # of one stroke
_FIRST = 10  # pictures of a clip until quality has found its level


def write_times(path: Path, steps: tuple[str, ...], runs: int) -> None:
    """Open the window, measure, write JSON and close it again."""
    bench = WindowBench()
    try:
        found = {name: list(getattr(bench, name)(runs)) for name in steps}
        told = {"times_ms": found, "pictures_per_second": bench.pictures_per_second}
        write_text(path, json.dumps(told | {"viewport_px": bench.viewport.framebuffer_size()}))
    finally:
        bench.close()


class WindowBench:
    """One window and the hands that work in it; a method per step gives the times of its runs in ms.

    Attributes
    ----------
    pictures_per_second : dict of str to float
        How many new pictures came in the steps that play by themselves.
    """

    def __init__(self) -> None:
        self._app = make_application()
        self.pictures_per_second: dict[str, float] = {}
        head = default_head()
        self._locator = ChartLocator(head.chart, head.skin_triangles)
        self._pen = _Pen()
        self.session = EditorSession()
        self.window = MainWindow(self.session)
        self.window.resize(*SIZE_PX)
        self.viewport = self.window.viewport
        self.viewport.show_shape(head, head.neutral)
        self.window.show()
        self._rest()

    def close(self) -> None:
        """Close the window and end what runs in the background."""
        self.window.close_now()

    def stroke_to_surface_1024(self, runs: int) -> Iterator[float]:
        """A pen draws over the cheek."""
        for first in range(0, runs, _SAMPLES):
            self._rest()
            start = self._place(_CHEEK)
            self._pen.send(self.viewport, QEvent.Type.TabletPress, start)
            for k in range(1, min(_SAMPLES, runs - first) + 1):
                # Steps that change the stroke each, on a way that does not reach the groove beside the nose.
                at = start + QPointF(1.8 * k, 12.0 * (k % 2))
                move = partial(self._pen.send, self.viewport, QEvent.Type.TabletMove, at)
                yield self._shown_ms("stroke_to_surface_1024", move)
            self._pen.send(self.viewport, QEvent.Type.TabletRelease, at)
            self.session.document.undo()

    def slider_to_preview_256(self, runs: int) -> Iterator[float]:
        """A drag of the smile, then one of the age."""
        yield from self._drag("slider_to_preview_256", runs, rest=False)

    def slider_to_1024(self, runs: int) -> Iterator[float]:
        """The same, each time from a picture at rest to the refined one."""
        yield from self._drag("slider_to_1024", runs, rest=True)

    def frame(self, runs: int) -> Iterator[float]:
        """The middle button turns the head."""
        self._rest()
        start = QPointF(self.viewport.width() / 2, self.viewport.height() / 2)
        _mouse(self.viewport, QEvent.Type.MouseButtonPress, start, _MIDDLE)
        for k in range(1, runs + 1):
            at = start + QPointF(3.0 * k, 0.0)
            yield self._shown_ms("frame", partial(_mouse, self.viewport, QEvent.Type.MouseMove, at, _MIDDLE))
        _mouse(self.viewport, QEvent.Type.MouseButtonRelease, at, _MIDDLE)

    def playback(self, runs: int) -> Iterator[float]:
        """The timeline plays a laugh in a loop: times between pictures of the face that are new."""
        self._rest()
        self.session.document.execute(TakeClip(laugh()))
        self._rest()
        shown = self._pictures("playback", runs, self.session.timeline.play)
        self.session.timeline.rest()
        self.session.document.undo()
        yield from (1e3 * (after - before) for (before, _), (after, _) in pairwise(shown))

    def live_link_frame(self, runs: int) -> Iterator[float]:
        """Somebody talks into a telephone: times from a packet that is sent to the new picture that shows it."""
        self._rest()
        live = self.session.live
        live.start(port=0)
        phone = Telephone(live.address)
        try:
            shown = self._pictures("live_link_frame", runs)
        finally:
            phone.hang_up()
            live.stop()
        for shown_s, state in shown:
            yield 1e3 * (shown_s - phone.sent_s[state.expression[MARK]])

    def _pictures(
        self, step: str, runs: int, begin: Callable[[], None] = lambda: None
    ) -> list[tuple[float, DocumentState]]:
        """When new pictures of the face came, and of which state; the first ones, until quality fits, are left out."""
        shown: list[tuple[float, DocumentState]] = []
        last = [0]

        def look() -> None:
            latest = self.viewport.scene.latest
            if latest is not None and latest.generation != last[0]:
                last[0] = latest.generation
                shown.append((time.perf_counter(), latest.state))

        self.viewport.frameSwapped.connect(look)
        begin()
        self._until(lambda: len(shown) > runs + _FIRST)
        self.viewport.frameSwapped.disconnect(look)
        kept = shown[_FIRST:]
        self.pictures_per_second[step] = (len(kept) - 1) / (kept[-1][0] - kept[0][0])
        return kept

    # ---- hands and eyes ------------------------------------------------------------------------------

    def _drag(self, step: str, runs: int, rest: bool) -> Iterator[float]:
        for dock, label, share in (("expression", "Smile", runs - runs // 2), ("age", "Age", runs // 2)):
            row = self._row(dock, label)
            groove = row.groove_rect()

            def at(k: int, groove: QRectF = groove) -> QPointF:
                return QPointF(groove.left() + groove.width() * (0.15 + 0.7 * ((k * 0.037) % 1.0)), groove.center().y())

            _mouse(row, QEvent.Type.MouseButtonPress, at(0), _LEFT)
            self._rest()
            for k in range(1, share + 1):
                if rest:
                    self._rest()
                yield self._shown_ms(step, partial(_mouse, row, QEvent.Type.MouseMove, at(k), _LEFT))
            _mouse(row, QEvent.Type.MouseButtonRelease, at(share), _LEFT)

    def _row(self, dock: str, label: str) -> SliderRow:
        """A slider, brought into sight."""
        self.window.docks[dock].raise_()
        self._rest()
        row = next(row for row in self.window.docks[dock].findChildren(SliderRow) if row.label == label)
        area = next((area for area in self.window.docks[dock].findChildren(QScrollArea)), None)
        if area is not None:
            area.ensureWidgetVisible(row)
        self._rest()
        return row

    def _place(self, chart: tuple[float, float]) -> QPointF:
        """Where a point of the chart is on the viewport."""
        pose = self.viewport.pose
        assert pose is not None
        triangle, weights = self._locator.locate(np.array([chart]))
        corners = pose.vertices[pose.head.skin_triangles[triangle[0]]]
        size_px = (self.viewport.width(), self.viewport.height())
        ((x, y),) = project(self.session.document.state.camera, size_px, [weights[0] @ corners]).tolist()
        return QPointF(x, y)

    def _shown_ms(self, step: str, act: Callable[[], None]) -> float:
        """Milliseconds from an event until the frame that shows what it did is on the screen."""
        latencies = self.session.latencies
        # A preview that its refinement overtook is never shown: the frame with the refinement answers then.
        answers = (step, "slider_to_1024") if step == "slider_to_preview_256" else (step,)
        latencies.clear("frame")
        started = time.perf_counter()

        def answered() -> bool:
            if step == "frame":
                return bool(latencies.samples(step))
            # What a frame shows late of an earlier event is no answer to this one.
            return any(latencies.answered_s(name) >= started for name in answers)

        act()
        self._until(answered)
        return (time.perf_counter() - started) * 1e3

    def _rest(self) -> None:
        """Until the newest state is shown as well as it can be, and the panels in sight are there."""
        end_s = time.perf_counter() + _LIMIT_S
        while self.window.docks.build_visible() or self.session.jobs.busy or not self.viewport.at_rest:
            if time.perf_counter() > end_s:
                raise TimeoutError(f"the window did not come to rest in {_LIMIT_S} s")
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.001)

    def _until(self, wanted: Callable[[], bool]) -> None:
        """Let the program run until a frame is on the screen that was wanted."""
        loop = QEventLoop()
        given_up = QTimer(singleShot=True, interval=1000 * _LIMIT_S)
        given_up.timeout.connect(loop.quit)

        def look() -> None:
            if wanted():
                self.viewport.finish()
                loop.quit()

        self.viewport.frameSwapped.connect(look)
        given_up.start()
        loop.exec()
        self.viewport.frameSwapped.disconnect(look)
        if not given_up.isActive():
            raise TimeoutError(f"no frame showed the event in {_LIMIT_S} s")


def _mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
    changed = _NONE if kind is QEvent.Type.MouseMove else button
    held = _NONE if kind is QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, at, at, widget.mapToGlobal(at), changed, held, _NO_KEY)
    QApplication.sendEvent(widget, event)


class _Pen:
    """A tablet's pen of the bench's own; the system's would need a driver."""

    def __init__(self) -> None:
        can = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        kind, tip = QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen
        self._device = QPointingDevice("bench", 1, kind, tip, can, 1, 3, "", QPointingDeviceUniqueId())

    def send(self, widget: QWidget, kind: QEvent.Type, at: QPointF) -> None:
        up = kind is QEvent.Type.TabletRelease
        button = _NONE if kind is QEvent.Type.TabletMove else _LEFT
        event = QTabletEvent(
            kind, self._device, at, widget.mapToGlobal(at), 0.0 if up else 0.6, 0, 0, 0.0, 0.0, 0.0, _NO_KEY, button,
            _NONE if up else _LEFT,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
