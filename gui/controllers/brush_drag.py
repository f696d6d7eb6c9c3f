"""Size and strength of the tool by a drag: with a button, with a key held, or with the pointer alone until a click.

Face and chart share it. Right makes more, left less; Esc or the right button takes it back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QPointF, Qt

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.language import tr
from rhytid.gui.controllers.pen_source import Hold, PenPoint
from rhytid.gui.controllers.tool_settings import (
    DEPTH_MAX_MM,
    DEPTH_MIN_MM,
    RADIUS_MAX,
    RADIUS_MIN,
    WIDTH_MAX,
    WIDTH_MIN,
    Tool,
    ToolSettings,
)

SIZE_PER_PX = 0.008  # of the logarithm
DEPTH_MM_PER_PX = 0.005
STRENGTH_PER_PX = 0.004
DECIDED_PX = 6.0  # a drag that may mean either is one of them from here on


class Adjusts(Enum):
    """What a drag changes."""

    SIZE = "size"
    STRENGTH = "strength"
    EITHER = "either"  # sideways the size, up and down the strength


class BrushDrag(Hold):
    """One drag from where it began.

    Parameters
    ----------
    tools : ToolSettings
    adjusts : Adjusts
    start : QPointF
    tell : callable
        Told where it began and the numbers to show there; None and "" when it is over.
    """

    def __init__(
        self, tools: ToolSettings, adjusts: Adjusts, start: QPointF, tell: Callable[[QPointF | None, str], None]
    ) -> None:
        self._tools, self._adjusts, self._start, self._tell = tools, adjusts, start, tell
        self._before = (tools.width, tools.radius, tools.depth_mm, tools.strength)
        self._upright = False
        tell(start, numbers_of(tools))

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self.follow(way[-1].position)
        return True

    def follow(self, at: QPointF) -> None:
        """The pointer is at `at`."""
        dx, dy = at.x() - self._start.x(), at.y() - self._start.y()
        if self._adjusts is Adjusts.EITHER and math.hypot(dx, dy) > DECIDED_PX:
            self._adjusts = Adjusts.SIZE if abs(dx) >= abs(dy) else Adjusts.STRENGTH
            self._upright = self._adjusts is Adjusts.STRENGTH
        more = -dy if self._upright else dx
        tools, (width, radius, depth_mm, strength) = self._tools, self._before
        if self._adjusts is Adjusts.SIZE:
            factor = math.exp(more * SIZE_PER_PX)
            if tools.tool == Tool.BRUSH:
                tools.width = min(max(width * factor, WIDTH_MIN), WIDTH_MAX)
            else:
                tools.radius = min(max(radius * factor, RADIUS_MIN), RADIUS_MAX)
        elif self._adjusts is Adjusts.STRENGTH and tools.tool == Tool.PAINT:
            tools.strength = min(max(strength + more * STRENGTH_PER_PX, 0.0), 1.0)
        elif self._adjusts is Adjusts.STRENGTH:
            tools.depth_mm = min(max(depth_mm + more * DEPTH_MM_PER_PX, DEPTH_MIN_MM), DEPTH_MAX_MM)
        self._tell(self._start, numbers_of(tools))

    def lifted(self) -> None:
        self._tell(None, "")

    def dropped(self) -> None:
        tools = self._tools
        tools.width, tools.radius, tools.depth_mm, tools.strength = self._before
        self._tell(None, "")


def numbers_of(tools: ToolSettings) -> str:
    """Size and strength of the present tool in mm."""
    if tools.tool == Tool.PAINT:
        return tr("radius {0:.1f} mm, {1:.0%}", tools.radius * CHART_MM, tools.strength)
    if tools.tool != Tool.BRUSH:
        return f"radius {tools.radius * CHART_MM:.1f} mm"
    depth = f"{abs(tools.depth_mm):.2f} mm {'deep' if tools.depth_mm >= 0 else 'high'}"
    return tr("{0:.1f} mm wide, {depth}", tools.width * CHART_MM, depth=depth)


class BrushDrags:
    """Begins and ends such drags on one surface.

    Parameters
    ----------
    tools : ToolSettings
    tell : callable
        As of `BrushDrag`.

    Attributes
    ----------
    held : Adjusts or None
        A key is held that makes the next drag of the left button change this.
    """

    def __init__(self, tools: ToolSettings, tell: Callable[[QPointF | None, str], None]) -> None:
        self._tools, self._tell = tools, tell
        self._free: BrushDrag | None = None
        self._at: QPointF | None = None
        self.held: Adjusts | None = None

    def begin(self, adjusts: Adjusts) -> bool:
        """From now on the pointer changes the tool until a click; False where it is not over the surface."""
        if self._at is None or self._free is not None:
            return False
        self._free = BrushDrag(self._tools, adjusts, self._at, self._tell)
        return True

    def hovered(self, at: QPointF | None) -> bool:
        """The pointer moves in the air; whether it changes the tool."""
        self._at = at
        if self._free is None:
            return False
        if at is None:
            self.cancel()
        else:
            self._free.follow(at)
        return True

    def pressed(self, at: PenPoint) -> Hold | None:
        """The drag that a press begins, an empty one where it ends another; None where the press is not meant so."""
        self._at = at.position
        left = at.button == Qt.MouseButton.LeftButton
        if self._free is not None:
            self._end(kept=left)
            return Hold()
        if at.button == Qt.MouseButton.RightButton and at.modifiers == Qt.KeyboardModifier.ControlModifier:
            return BrushDrag(self._tools, Adjusts.EITHER, at.position, self._tell)
        if left and self.held is not None and at.modifiers == Qt.KeyboardModifier.NoModifier:
            return BrushDrag(self._tools, self.held, at.position, self._tell)
        return None

    def keep(self) -> bool:
        """Enter: keep what the pointer did. False when it does nothing."""
        return self._end(kept=True)

    def cancel(self) -> bool:
        """Esc: take it back."""
        return self._end(kept=False)

    def _end(self, *, kept: bool) -> bool:
        drag, self._free = self._free, None
        if drag is None:
            return False
        if kept:
            drag.lifted()
        else:
            drag.dropped()
        return True
