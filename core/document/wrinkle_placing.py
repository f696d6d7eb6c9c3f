"""Where the strokes of a library's item go on a face: their own site, its mirror image, or where they are dropped."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum

from rhytid.core.detail.site_layers import layer_of_course, site_layer
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Stroke

_MIDDLE = 0.03  # a set whose centre is this near to the symmetry line belongs to both halves
_AT_HOME = 0.06  # dropped this near to their site, strokes go exactly there
_HALVES = {"r": "l", "l": "r"}


class Side(str, Enum):
    """Which half of the face, of the subject's own."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"


def centre(strokes: Sequence[Stroke]) -> tuple[float, float]:
    """Middle of the box about all points, in chart units."""
    low = [min(float(stroke.points[:, axis].min()) for stroke in strokes) for axis in (0, 1)]
    high = [max(float(stroke.points[:, axis].max()) for stroke in strokes) for axis in (0, 1)]
    return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2


def half_of(strokes: Sequence[Stroke]) -> Side:
    """The half that strokes lie on; both for those in the middle or on either side of it."""
    x = centre(strokes)[0]
    return Side.BOTH if abs(x - 0.5) < _MIDDLE else Side.RIGHT if x < 0.5 else Side.LEFT


def at_site(
    strokes: Sequence[Stroke], side: Side, new_id: Callable[[], str], depth: float = 1.0, asymmetry: float = 0.0
) -> tuple[Stroke, ...]:
    """The strokes at their site, on the half that is wanted.

    Parameters
    ----------
    side : Side
        Strokes of the middle stay as they are.
    depth : float
        Factor on their depth.
    asymmetry : float
        0..1, how much the twins of a pair differ; see `core.lines.edit.mirror`.
    """
    home = half_of(strokes)
    here = tuple(replace(stroke, id=new_id(), depth_mm=stroke.depth_mm * depth) for stroke in strokes)
    if home is Side.BOTH or side is home:
        return here
    if side is Side.BOTH:
        return (*here, *(_twin(stroke, new_id(), asymmetry) for stroke in here))
    return tuple(_twin(stroke, new_id(), 0.0) for stroke in here)


def dropped(
    strokes: Sequence[Stroke], at: tuple[float, float], new_id: Callable[[], str], depth: float = 1.0
) -> tuple[Stroke, ...]:
    """The strokes about a chart point: mirrored on the other half, and at their very site when that is near."""
    home = half_of(strokes)
    side = home if home is Side.BOTH else Side.RIGHT if at[0] < 0.5 else Side.LEFT
    placed = at_site(strokes, side, new_id, depth)
    x, y = centre(placed)
    offset = at[0] - x, at[1] - y
    if max(abs(offset[0]), abs(offset[1])) < _AT_HOME:
        return placed
    moved = (edit.move(stroke, _allowed(placed, offset)) for stroke in placed)
    return tuple(replace(stroke, layer=layer_of_course(stroke)) for stroke in moved)


def _allowed(strokes: Sequence[Stroke], offset: tuple[float, float]) -> tuple[float, float]:
    """As much of an offset as keeps all strokes in the chart, so that their arrangement stays."""
    result = []
    for axis in (0, 1):
        low = min(float(stroke.points[:, axis].min()) for stroke in strokes)
        high = max(float(stroke.points[:, axis].max()) for stroke in strokes)
        result.append(min(max(offset[axis], -low), 1.0 - high))
    return result[0], result[1]


def _twin(stroke: Stroke, stroke_id: str, asymmetry: float) -> Stroke:
    twin = edit.mirror(stroke, stroke_id, asymmetry, zlib.crc32(stroke.points.tobytes()))
    site, _, half = stroke.layer.rpartition("-")
    layer = f"{site}-{_HALVES.get(half, '')}"
    return replace(twin, layer=layer if site_layer(layer) is not None else stroke.layer)
