"""From chart maps to the pixels that the canvas shows."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailMaps
from rhytid.core.lines.distance import TRUNCATION
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.gui.render.colormaps import diverging

UInt8 = npt.NDArray[np.uint8]

_RELIEF_SLOPE = 7.0  # shading per mm of height over a thousandth of the chart: deep lines come out nearly black
_PAPER, _INK = 222, 24


class Layer(str, Enum):
    """What the canvas shows under the strokes."""

    DISPLACEMENT = "displacement"
    RELIEF = "relief"
    LINES = "lines"
    DISTANCE = "distance"
    ALBEDO = "albedo"


def _lut(rgb: UInt8) -> npt.NDArray[np.uint32]:
    """Rows of RGB as words of Qt's RGB32."""
    red, green, blue = (rgb[:, i].astype(np.uint32) for i in range(3))
    return (np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue).astype(np.uint32)


LIGHT_LAYERS = frozenset((Layer.DISPLACEMENT, Layer.LINES))


_DIVERGING = _lut(diverging())
_GREY = _lut(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
_POSITION = np.linspace(0.0, 1.0, 256)[:, None]
# Distance: warm next to a line, fading into dark, with a faint contour every tenth.
_DISTANCE_RGB = np.round((1.0 - _POSITION) ** 1.5 * np.array([236, 190, 132]) + 26).astype(np.uint8)
_DISTANCE_RGB[(np.arange(256) % 26) == 25] = (_DISTANCE_RGB[(np.arange(256) % 26) == 25] * 0.7).astype(np.uint8)
_DISTANCE = _lut(_DISTANCE_RGB)


def changed_rect(maps: DetailMaps, layer: Layer, shown: DetailMaps | None) -> Rect:
    """Texels of a layer that may differ from those of the maps that are shown; everything where none are."""
    if shown is None:
        return Rect.whole(maps.resolution)
    same_lines = layer is Layer.LINES and maps.line_map is shown.line_map
    if same_lines or (layer is Layer.DISTANCE and maps.distance is shown.distance):
        return EMPTY
    rect = maps.changed_since(shown.revision)
    if rect is None:
        return Rect.whole(maps.resolution)
    if layer is Layer.DISTANCE:
        return rect.grown(math.ceil(TRUNCATION * maps.resolution) + 1, maps.resolution)
    return rect


def paint(out: npt.NDArray[np.uint32], maps: DetailMaps, layer: Layer, rect: Rect, range_mm: float) -> Rect:
    """Write the pixels of `rect` into `out` (H, H) and return what was written.

    Parameters
    ----------
    range_mm : float
        The false colours of displacement span minus to plus this.
    """
    if layer is Layer.RELIEF:
        rect = rect.grown(1, maps.resolution)  # a texel's slope looks at its neighbours
    if rect.empty:
        return rect
    rows, columns = rect.slices
    if layer is Layer.LINES:
        out[rows, columns] = np.where(maps.line_map[rows, columns], _GREY[_INK], _GREY[_PAPER])
    elif layer is Layer.DISTANCE:
        out[rows, columns] = _DISTANCE[(maps.distance_field[rows, columns] * 255.0).astype(np.uint8)]
    elif layer is Layer.RELIEF:
        out[rows, columns] = _GREY[_hillshade(maps.displacement, rect)]
    else:
        scaled = maps.displacement[rows, columns] * np.float32(127.5 / range_mm)
        scaled += np.float32(128.0)
        np.clip(scaled, 0.0, 255.0, out=scaled)
        out[rows, columns] = _DIVERGING[scaled.astype(np.uint8)]
    return rect


def _hillshade(height_mm: npt.NDArray[np.float32], rect: Rect) -> UInt8:
    """Grey relief lit from the upper left, as maps are."""
    side = len(height_mm)
    grown = rect.grown(1, side)
    piece = height_mm[grown.slices]
    pad = (
        (1 if grown.y0 == rect.y0 else 0, 1 if grown.y1 == rect.y1 else 0),
        (1 if grown.x0 == rect.x0 else 0, 1 if grown.x1 == rect.x1 else 0),
    )
    if any(any(p) for p in pad):
        piece = np.pad(piece, pad, mode="edge")
    slope_x = piece[1:-1, 2:] - piece[1:-1, :-2]
    slope_y = piece[2:, 1:-1] - piece[:-2, 1:-1]
    # Per thousandth of the chart, so that the picture does not change with the resolution.
    shade = (slope_x + slope_y) * np.float32(0.5 * side / 1000.0 * _RELIEF_SLOPE * 127.0)
    return np.clip(128.0 + shade, 0.0, 255.0).astype(np.uint8)


def rgb_words(rgb: UInt8) -> npt.NDArray[np.uint32]:
    """A picture (H, W, 3) as words of Qt's RGB32."""
    return _lut(np.ascontiguousarray(rgb).reshape(-1, 3)).reshape(rgb.shape[:2])


def legend_colours() -> UInt8:
    """The false colours of displacement from the lowest to the highest, uint8 (256, 3)."""
    return diverging()
