"""Curves and keys under the hand: a plot that scrubs, chooses, moves, zooms and pans.

Values are drawn as shares of each number's range, so that all curves have room in one plot.

- The ruler above: press or drag to scrub.
- A key: press chooses it (Shift adds), a drag moves all that are chosen, by whole frames (Alt: freely); Shift keeps to
  one direction. A drag over empty room draws a box round keys.
- A handle of a chosen key: a drag bends the curve, with Alt on that side alone.
- The right button asks for the menu of the chosen keys.
- The wheel zooms time to the pointer, with Shift values; the middle button pans.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QRubberBand, QToolTip, QWidget

from rhytid.core.animation.clip import LONGEST_S, Clip
from rhytid.core.animation.edit import KeyId
from rhytid.core.animation.track import Tangent, Track
from rhytid.core.document.limits import channel_range
from rhytid.core.face.onset_marks import OnsetMark
from rhytid.core.language import tr
from rhytid.gui.theme import COLOURS, colour
from rhytid.gui.timeline.handles import Handle, Handles
from rhytid.gui.timeline.words import shown_value, track_colour, track_title

REACH_PX = 8.0
RULER_PX = 24.0
_SLOP_PX = 3.0
_ZOOM_STEP = 1.2
_SAMPLES = 360
_MARK_SHARE = -0.09
_SYMBOLS = {Tangent.AUTO: "o", Tangent.LINEAR: "d", Tangent.FLAT: "s", Tangent.STEP: "t1", Tangent.FREE: "p"}
_ALT, _SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


class CurveView(pg.GraphicsView):
    """See the module.

    Attributes
    ----------
    chosen : frozenset of KeyId

    Signals
    -------
    scrubbed(float)
        Seconds.
    chosen_changed()
    drag_moved(float, float)
        The chosen keys are dragged: seconds, and share of the range.
    drag_ended(bool)
        True where the hand let go, False where it gave up.
    bent(KeyId, Side, float, bool)
        A handle is dragged: slope in shares of the range a second, and whether the other side stays.
    menu_asked(QPoint)
        Place on the screen.
    """

    scrubbed = Signal(float)
    chosen_changed = Signal()
    drag_moved = Signal(float, float)
    drag_ended = Signal(bool)
    bent = Signal(object, object, float, bool)
    menu_asked = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._ready = False  # pyqtgraph resizes the view while it is being made
        super().__init__(parent, background=COLOURS["field"])
        self.chosen: frozenset[KeyId] = frozenset()
        self._clip = Clip()
        self._names: tuple[str, ...] = ()
        self._marks: tuple[OnsetMark, ...] = ()
        self._keys: list[tuple[KeyId, float]] = []  # with their share
        self._press: QPointF | None = None
        self._grabbed: KeyId | None = None
        self._handle: Handle | None = None
        self._adds = False
        self._doing = ""  # what the pressed button does: scrub, move, box, pan, bend
        self._drag_from: frozenset[KeyId] = frozenset()
        self._panned = QPointF()
        self.setMinimumHeight(90)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Curves"))
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.ruler = pg.AxisItem("top", linkView=self.box)
        self.ruler.setGrid(40)
        sheet = pg.GraphicsWidget()
        self.box.setParentItem(sheet)
        self.ruler.setParentItem(sheet)
        self.setCentralItem(sheet)
        self.setFrameShape(self.Shape.NoFrame)
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._range = [pg.InfiniteLine(angle=90) for _end in range(2)]
        self._points = pg.ScatterPlotItem(pxMode=True)
        self._onsets = pg.ScatterPlotItem(pxMode=True, symbol="t1", size=9, pen=None)
        self._playhead = pg.InfiniteLine(angle=90)
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self.viewport())
        self._limits = [pg.InfiniteLine(share, angle=0) for share in (0.0, 1.0)]
        for z, item in enumerate((*self._limits, *self._range, self._onsets, self._points, self._playhead)):
            item.setZValue(z if item in self._limits else 10 + z)
            self.box.addItem(item)
        self.handles = Handles(self.box)
        self.box.sigXRangeChanged.connect(self._sample)
        self.box.sigRangeChanged.connect(self.handles.lay_out)
        self.box.sigResized.connect(self.handles.lay_out)
        self._ready = True
        self.take_theme()
        self._lay_out()
        self.frame(Clip())

    def take_theme(self) -> None:
        self.setBackground(COLOURS["field"])
        for name, curve in self._curves.items():
            curve.setPen(pg.mkPen(track_colour(name), width=1.5))
        self.ruler.setPen(COLOURS["text_faint"])
        self.ruler.setTextPen(COLOURS["text_soft"])
        for line in self._range:
            line.setPen(pg.mkPen(COLOURS["text_faint"], style=Qt.PenStyle.DashLine))
        for line in self._limits:
            line.setPen(pg.mkPen(COLOURS["line_soft"]))
        self._playhead.setPen(pg.mkPen(COLOURS["accent"], width=2))
        self._onsets.setBrush(colour("warning"))
        self.handles.take_theme()
        self._show_points()

    def sizeHint(self) -> QSize:
        return QSize(600, 150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._ready:
            self._lay_out()

    def _lay_out(self) -> None:
        """The ruler above the curves."""
        width, height = float(self.viewport().width()), float(self.viewport().height())
        self.ruler.setGeometry(QRectF(0.0, 0.0, width, RULER_PX))
        self.box.setGeometry(QRectF(0.0, RULER_PX, width, max(height - RULER_PX, 1.0)))

    # ---- what is shown -------------------------------------------------------------------------------

    def show_clip(self, clip: Clip, names: Sequence[str]) -> None:
        """Show the tracks of these names."""
        before, self._clip = self._clip, clip
        names = tuple(name for name in names if name in clip.by_name)
        if clip.tracks != before.tracks or names != self._names:
            self._names = names
            self._show_curves()
        for line, time_s in zip(self._range, (clip.start_s, clip.end_s), strict=True):
            line.setValue(time_s)
        self._playhead.setValue(clip.now_s)

    def choose(self, keys: Sequence[KeyId] | frozenset[KeyId]) -> None:
        """Choose these of the keys that are shown."""
        shown = {key for key, _share in self._keys}
        chosen = frozenset(keys) & shown
        if chosen != self.chosen:
            self.chosen = chosen
            self._show_points()
            self.chosen_changed.emit()

    def choose_all(self) -> None:
        self.choose(tuple(key for key, _share in self._keys))

    def show_onsets(self, marks: Sequence[OnsetMark]) -> None:
        """Mark where wrinkles begin to show."""
        self._marks = tuple(marks)
        self._onsets.setData([mark.time_s for mark in marks], [_MARK_SHARE] * len(marks))

    def frame(self, clip: Clip) -> None:
        """Show the whole range, and all values."""
        margin = 0.03 * (clip.end_s - clip.start_s)
        self.box.setRange(xRange=(clip.start_s - margin, clip.end_s + margin), yRange=(-0.16, 1.08), padding=0)

    def _show_curves(self) -> None:
        for name in [name for name in self._curves if name not in self._names]:
            self.box.removeItem(self._curves.pop(name))
        self._keys = []
        for name in self._names:
            if name not in self._curves:
                self._curves[name] = pg.PlotCurveItem(pen=pg.mkPen(track_colour(name), width=1.5), antialias=True)
                self.box.addItem(self._curves[name])
            low, high = channel_range(name)
            self._keys += [((name, key.time_s), (key.value - low) / (high - low)) for key in self._track(name).keys]
        self._sample()
        shown = {key for key, _share in self._keys}
        gone = self.chosen - shown
        self.chosen -= gone
        self._show_points()
        if gone:
            self.chosen_changed.emit()

    def _sample(self, *_range: object) -> None:
        """Draw the curves where they are in sight."""
        (left, right), _values = self.box.viewRange()
        for name in self._names:
            low, high = channel_range(name)
            track = self._track(name)
            times = np.union1d(np.linspace(left, right, _SAMPLES), track.slopes.times_s)
            shares = np.clip((track.values(times) - low) / (high - low), 0.0, 1.0)  # as the face wears them
            self._curves[name].setData(times, shares)

    def _show_points(self) -> None:
        tangents = {(t.name, key.time_s): key.tangent for t in self._clip.tracks for key in t.keys}
        white = QColor(COLOURS["text"])
        self._points.setData(
            [
                {
                    "pos": (key[1], share),
                    "symbol": _SYMBOLS[tangents.get(key, Tangent.AUTO)],
                    "size": 11 if key in self.chosen else 8,
                    "brush": white if key in self.chosen else track_colour(key[0]),
                    "pen": pg.mkPen(COLOURS["line"]),
                }
                for key, share in self._keys
            ]
        )
        self.handles.show(self._clip, self.chosen)

    def _track(self, name: str) -> Track:
        return self._clip.by_name[name]

    # ---- where things are ----------------------------------------------------------------------------

    def place(self, time_s: float, share: float) -> QPointF:
        """Point of the widget that shows a time and a share of the range."""
        return QPointF(self.mapFromScene(self.box.mapViewToScene(QPointF(time_s, share))))

    def value_at(self, position: QPointF) -> QPointF:
        """Time and share of the range under a point of the widget."""
        return self.box.mapSceneToView(self.mapToScene(position.toPoint()))

    def key_under(self, position: QPointF) -> KeyId | None:
        """The nearest key within reach; chosen ones first."""
        near = []
        for key, share in self._keys:
            offset = self.place(key[1], share) - position
            if max(abs(offset.x()), abs(offset.y())) <= REACH_PX:
                near.append((key not in self.chosen, offset.manhattanLength(), key))
        return min(near)[2] if near else None

    def on_ruler(self, position: QPointF) -> bool:
        """Whether a point lies on the ruler."""
        return position.y() < RULER_PX

    # ---- hands ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self.setFocus()
        self._press = position
        if event.button() == Qt.MouseButton.MiddleButton:
            self._doing, self._panned = "pan", position
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._adds = bool(event.modifiers() & _SHIFT)
        if self.on_ruler(position):
            self._doing = "scrub"
            self.scrubbed.emit(self.value_at(position).x())
            return
        self._grabbed = self.key_under(position)
        self._handle = None if self._grabbed else self.handles.under(self.value_at(position), REACH_PX)
        self._doing = "key" if self._grabbed is not None else "room" if self._handle is None else "bend"
        if self._grabbed is not None and not self._adds and self._grabbed not in self.chosen:
            self.choose((self._grabbed,))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._press is None:
            self._tell(position)
            return
        far = (position - self._press).manhattanLength() > _SLOP_PX
        if self._doing == "scrub":
            self.scrubbed.emit(self.value_at(position).x())
        elif self._doing == "pan":
            moved = self.value_at(self._panned) - self.value_at(position)
            self._panned = position
            self.box.translateBy(x=moved.x(), y=moved.y())
        elif self._doing == "key" and far:
            if self._grabbed is not None and self._grabbed not in self.chosen:
                self.choose(self.chosen | {self._grabbed})
            self._doing = "move"
            self._drag_from = self.chosen
        elif self._doing == "room" and far:
            self._doing = "box"
            self._band.show()
        if self._doing == "move":
            self._drag(position, event.modifiers())
        elif self._doing == "bend" and far and self._handle is not None:
            slope = self.handles.slope(self._handle, self.value_at(position))
            self.bent.emit(self._handle.key, self._handle.side, slope, bool(event.modifiers() & _ALT))
        elif self._doing == "box":
            self._band.setGeometry(QRect(self._press.toPoint(), position.toPoint()).normalized())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        doing, self._doing, press, self._press = self._doing, "", self._press, None
        if press is None:
            return
        if doing in ("move", "bend"):
            self.drag_ended.emit(True)
        elif doing == "box":
            self._band.hide()
            box = QRect(press.toPoint(), event.position().toPoint()).normalized()
            inside = {key for key, share in self._keys if box.contains(self.place(key[1], share).toPoint())}
            self.choose(frozenset(inside) | (self.chosen if self._adds else frozenset()))
        elif doing == "room" and not self._adds:
            self.choose(())
        elif doing == "key" and self._grabbed is not None:
            self.choose(self.chosen ^ {self._grabbed} if self._adds else (self._grabbed,))

    def give_up(self) -> bool:
        """End a drag and take it back; False when there is none."""
        doing, self._doing, self._press = self._doing, "", None
        self._band.hide()
        if doing in ("move", "bend"):
            self.drag_ended.emit(False)
        return doing in ("move", "box", "bend")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        key = self.key_under(QPointF(event.pos()))
        if key is not None and key not in self.chosen:
            self.choose((key,))
        self.menu_asked.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Qt turns Alt+wheel and, on some systems, Shift+wheel sideways.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        scale = _ZOOM_STEP**-notches
        at = self.value_at(event.position())
        if event.modifiers() & _SHIFT:
            self.box.scaleBy(y=scale, center=at)
        else:
            (left, right), _values = self.box.viewRange()
            if 0.02 < (right - left) * scale < 2 * LONGEST_S:
                self.box.scaleBy(x=scale, center=at)
        event.accept()

    def _drag(self, position: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The chosen keys follow the hand."""
        assert self._press is not None
        assert self._grabbed is not None
        offset = self.value_at(position) - self.value_at(self._press)
        by_s, by_share = offset.x(), offset.y()
        if keys & _SHIFT:
            way = position - self._press
            by_s, by_share = (by_s, 0.0) if abs(way.x()) > abs(way.y()) else (0.0, by_share)
        time_s = self._grabbed[1]
        if by_s and not keys & _ALT:
            by_s = self._clip.snapped(time_s + by_s) - time_s
        self.drag_moved.emit(by_s, by_share)

    @property
    def dragged(self) -> tuple[KeyId, ...]:
        """The keys of the present drag, as they were when it began."""
        return tuple(sorted(self._drag_from))

    def _tell(self, position: QPointF) -> None:
        """What is under the pointer, as a tool tip."""
        text = ""
        key = self.key_under(position)
        if key is not None:
            share = next(share for one, share in self._keys if one == key)
            text = f"{track_title(key[0])}: {shown_value(key[0], share)}, {key[1]:.2f} s"
        else:
            for mark in self._marks:
                offset = self.place(mark.time_s, _MARK_SHARE) - position
                if max(abs(offset.x()), abs(offset.y())) <= REACH_PX:
                    text = tr("Begins to show: {0}", ", ".join(mark.names[:6]))
        if text:
            QToolTip.showText(self.mapToGlobal(QPoint(round(position.x()), round(position.y()))), text, self)
        else:
            QToolTip.hideText()
