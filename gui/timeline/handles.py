"""Handles of the chosen keys: lines along which the curve passes them, and ends that a hand bends it by."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import KeyId, Side
from rhytid.core.document.limits import channel_range
from rhytid.gui.theme import colour

LENGTH_PX = 46.0
MOST = 60  # chosen keys beyond which handles would hide the curves


class Handle(NamedTuple):
    """One end.

    Attributes
    ----------
    key : KeyId
    side : Side
    share : float
        Value of the key, as a share of its number's range.
    slope : float
        Of the curve there, in shares a second.
    """

    key: KeyId
    side: Side
    share: float
    slope: float


class Handles:
    """Draws them into a plot whose values are shares of each number's range.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
    """

    def __init__(self, box: pg.ViewBox) -> None:
        self._box = box
        self._shown: tuple[Handle, ...] = ()
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._ends = pg.ScatterPlotItem(pxMode=True, symbol="s", size=7, pen=None)
        self.take_theme()
        for item in (self._lines, self._ends):
            item.setZValue(12)
            box.addItem(item)

    def take_theme(self) -> None:
        self._lines.setPen(pg.mkPen(colour("text_soft")))
        self._ends.setBrush(colour("accent"))

    def show(self, clip: Clip, chosen: Iterable[KeyId]) -> None:
        """Show the handles of these keys of a clip: those that have an effect."""
        keys = sorted(chosen)
        self._shown = tuple(handle for key in keys for handle in _of(clip, key)) if len(keys) <= MOST else ()
        self.lay_out()

    def lay_out(self, *_range: object) -> None:
        """The range or the size of the plot is another: each handle keeps its length on the screen."""
        xs: list[float] = []
        ys: list[float] = []
        for handle in self._shown:
            end = self._end(handle)
            xs += [handle.key[1], end.x()]
            ys += [handle.share, end.y()]
        self._lines.setData(xs, ys)
        self._ends.setData(xs[1::2], ys[1::2])

    def under(self, at: QPointF, reach_px: float) -> Handle | None:
        """The handle whose end is nearest to a point of the plot, within reach."""
        wide, high = self._pixel()
        near = []
        for handle in self._shown:
            off = self._end(handle) - at
            distance = math.hypot(off.x() / wide, off.y() / high)
            if distance <= reach_px:
                near.append((distance, handle))
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def slope(self, handle: Handle, at: QPointF) -> float:
        """Slope, in shares a second, of the line from the handle's key to a point of the plot on its side."""
        least = self._pixel()[0]
        away = at.x() - handle.key[1]
        away = min(away, -least) if handle.side is Side.ARRIVING else max(away, least)
        return (at.y() - handle.share) / away

    def end(self, key: KeyId, side: Side) -> QPointF | None:
        """Where the end of a handle is in the plot; None where it has none."""
        return next((self._end(one) for one in self._shown if (one.key, one.side) == (key, side)), None)

    def _end(self, handle: Handle) -> QPointF:
        wide, high = self._pixel()
        way = -1.0 if handle.side is Side.ARRIVING else 1.0
        across, up = way / wide, way * handle.slope / high
        scale = LENGTH_PX / math.hypot(across, up)
        return QPointF(handle.key[1] + scale * across * wide, handle.share + scale * up * high)

    def _pixel(self) -> tuple[float, float]:
        """Seconds and share of a pixel."""
        wide, high = self._box.viewPixelSize()
        return max(float(wide), 1e-9), max(float(high), 1e-9)


def _of(clip: Clip, key: KeyId) -> list[Handle]:
    name, time_s = key
    track = clip.by_name.get(name)
    at = -1 if track is None else next((k for k, one in enumerate(track.keys) if one.time_s == time_s), -1)
    if track is None or at < 0:
        return []
    low, high = channel_range(name)
    slopes = track.slopes
    share, scale = (float(slopes.values[at]) - low) / (high - low), 1.0 / (high - low)
    found = []
    if at > 0 and not slopes.holds[at - 1]:
        found.append(Handle(key, Side.ARRIVING, share, float(slopes.arriving[at]) * scale))
    if at < len(track.keys) - 1 and not slopes.holds[at]:
        found.append(Handle(key, Side.LEAVING, share, float(slopes.leaving[at]) * scale))
    return found
