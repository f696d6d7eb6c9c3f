"""From the samples of a pen to polylines in the chart: stabiliser, spacing and breaks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from rhytid.core.head.mouth_slit import is_from_lip_to_lip

# Points closer than this (0.7 mm) say more of the screen's pixels than of the hand, and each costs time while drawing.
SPACING = 3.0 / 1024
# A pen that is interpolated to a few pixels on the screen cannot get this far on the skin between two
# samples, except over a silhouette.
JUMP = 0.045
SHORTEST_LINE = 0.003
ROPE_AT_FULL_SMOOTH = 0.03


def leaves_the_skin(before: tuple[float, float], chart: tuple[float, float]) -> bool:
    """Whether a pen that goes by small steps on the screen went over an outline of the skin between two points."""
    return math.dist(before, chart) > JUMP or is_from_lip_to_lip(before, chart)


@dataclass(frozen=True)
class PenSample:
    """Where the pen is.

    Attributes
    ----------
    chart : (float, float) or None
        Chart coordinate under the pen; None when the pen is off the skin.
    pressure : float
        0..1; 1 for a mouse.
    erase : bool
        Ctrl is held, or the pen's eraser end is down.
    smooth : bool
        Shift is held.
    on_surface : bool
        The sample was picked on the face and follows the one before by a few pixels: where the chart
        coordinate jumps nevertheless, or from one lip to the other, the pen went over an outline of the skin and the
        line breaks. False also where it went over a groove, whose two sides are one surface to a hand.
    pick : bool
        Alt is held.
    """

    chart: tuple[float, float] | None
    pressure: float = 1.0
    erase: bool = False
    smooth: bool = False
    on_surface: bool = False
    pick: bool = False


@dataclass(frozen=True)
class Anchor:
    """Where the pen was lifted, and the stroke that ends there, "" if it drew none."""

    point: tuple[float, float]
    stroke_id: str = ""


@dataclass
class Line:
    """A polyline that grows at its end: chart points and pressures."""

    points: list[tuple[float, float]]
    pressures: list[float]

    @property
    def length(self) -> float:
        return sum(math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False))


class StrokeRecorder:
    """Collects one movement of the pen.

    The stabiliser is a rope: the tip of the line follows the pen only when the rope between them is taut.
    It makes lines calm without depending on how many samples a device sends, and points that were drawn
    stay where they are, so that the preview only grows.

    Parameters
    ----------
    smooth : float
        0..1, length of the rope.
    """

    def __init__(self, smooth: float) -> None:
        self._rope = max(smooth, 0.0) * ROPE_AT_FULL_SMOOTH
        self._pen: tuple[float, float] | None = None
        self._tip: tuple[float, float] | None = None
        self._pressure = 1.0
        self.lines: list[Line] = []

    def add(self, chart: tuple[float, float] | None, pressure: float, on_surface: bool = False) -> None:
        """The pen moved to `chart`, or off the skin; see `PenSample` for `on_surface`."""
        if chart is None:
            self._lift()
            return
        if on_surface and self._pen is not None and leaves_the_skin(self._pen, chart):
            self._lift()
        if self._pen is None or self._tip is None:
            self.lines.append(Line([chart], [pressure]))
            self._pen = self._tip = chart
            self._pressure = pressure
            return
        self._pen, self._pressure = chart, pressure
        slack = math.dist(self._tip, chart)
        if slack > self._rope:
            share = 1.0 - self._rope / slack
            self._tip = (
                self._tip[0] + share * (chart[0] - self._tip[0]),
                self._tip[1] + share * (chart[1] - self._tip[1]),
            )
            self._append(self._tip)

    def finish(self) -> None:
        """The pen is up: the line catches up with it."""
        self._lift()

    def drawn(self) -> list[Line]:
        """Lines long enough to be meant."""
        return [line for line in self.lines if len(line.points) >= 2 and line.length >= SHORTEST_LINE]

    def _append(self, point: tuple[float, float]) -> None:
        line = self.lines[-1]
        if math.dist(line.points[-1], point) >= SPACING:
            line.points.append(point)
            line.pressures.append(self._pressure)

    def _lift(self) -> None:
        if self._pen is not None and self.lines:
            self._append(self._pen)
        self._pen = self._tip = None


class RubbedPath(NamedTuple):
    """Chart points along a way, and the pen's pressure at each."""

    points: list[tuple[float, float]]
    pressures: list[float]


class RubbedWay:
    """Where a tool that rubs has been since it last worked."""

    def __init__(self) -> None:
        self._path = RubbedPath([], [])

    def add(self, sample: PenSample) -> None:
        """Go on to a sample; off the skin and over a jump across it the way begins anew."""
        if sample.chart is None:
            self._path = RubbedPath([], [])
            return
        points = self._path.points
        if points and sample.on_surface and leaves_the_skin(points[-1], sample.chart):
            self._path = RubbedPath([], [])
        self._path.points.append(sample.chart)
        self._path.pressures.append(sample.pressure)

    def take(self, mirrored: bool) -> list[RubbedPath]:
        """The way to rub along, and its mirror image where that is wanted; the next one begins where it ends."""
        path = self._path
        if not path.points:
            return []
        self._path = RubbedPath(path.points[-1:], path.pressures[-1:])
        return [path, path._replace(points=[(1.0 - x, y) for x, y in path.points])] if mirrored else [path]
