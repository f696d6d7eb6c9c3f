"""A stroke under the pen: points on the screen become samples on the chart, and these go to the stroke tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, Qt

from rhytid.gui.controllers.handles import Grip
from rhytid.gui.controllers.pen_source import Hold, PenKind, PenPoint
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool

_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
Charts = Callable[[Sequence[QPointF]], Sequence[tuple[float, float] | None]]


class StrokeHold(Hold):
    """What the tool does with a pen that is down.

    Parameters
    ----------
    tool : StrokeTool
    charts : callable
        Chart coordinates under points of the surface; None off the skin.
    on_surface : bool
        As in `PenSample`.
    """

    def __init__(self, tool: StrokeTool, charts: Charts, *, on_surface: bool = False) -> None:
        self._tool = tool
        self._charts = charts
        self._on_surface = on_surface

    def begin(self, at: PenPoint, grip: Grip | None = None) -> bool:
        """Press the tool down; False when it has nothing to do there."""
        extend = bool(at.modifiers & (_SHIFT | _CONTROL))
        return self._tool.press(self._samples([at])[0], extend, grip)

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._tool.move(self._samples(way))
        return self._tool.active

    def lifted(self) -> None:
        self._tool.release()

    def dropped(self) -> None:
        self._tool.cancel()

    def _samples(self, way: Sequence[PenPoint]) -> list[PenSample]:
        charts = self._charts([point.position for point in way])
        return [
            PenSample(
                chart,
                point.pressure,
                erase=point.kind is PenKind.ERASER or bool(point.modifiers & _CONTROL),
                smooth=bool(point.modifiers & _SHIFT),
                on_surface=self._on_surface,
                pick=bool(point.modifiers & _ALT),
            )
            for chart, point in zip(charts, way, strict=True)
        ]
