"""Displacement enlarged 4 or 16 times along lines that are sharp at any size; in tiles, seamless, memory bounded.

A map is enlarged in tiles of a fixed grid, each from its own texels and a margin of five. A window of the result is
made of whole tiles of this grid and is therefore bit for bit the crop of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.weights import SUPER_RESOLUTION, open_model
from rhytid.core.lines.distance import TRUNCATION
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import UNIT_MM

Float32 = npt.NDArray[np.float32]
FieldAt = Callable[[int, Rect], Float32]
"""(resolution, rect) -> distance field 0..1 on this window of a map of this resolution, (rect.height, rect.width)."""

FACTOR = 4
MARGIN = 5
REACH_PX = 12.0  # texels of the large map in which the network sees the distance to a line
TILE = 64  # texels of the small map
# Least-squares inverse, over all frequencies, of what cubic interpolation by 4 does to the means of 4 x 4 texels.
_SHARPENING = (-0.005163, 0.033216, -0.134153, 1.212200, -0.134153, 0.033216, -0.005163)
_LEAST, _MOST = 16, 2048  # side of a map that is enlarged


def nearness(distance_field: Float32, resolution: int) -> Float32:
    """What the network sees of a distance field of a map of `resolution` texels: 1 on a line, 0 from 12 texels on."""
    steepness = np.float32(TRUNCATION * resolution / REACH_PX)
    result: Float32 = np.clip(1 - distance_field * steepness, 0, 1)
    return result


@lru_cache(maxsize=16)
def _enlarging(size: int) -> Float32:
    """Matrix from `size` texels with their margin to 4 x (size - 2 MARGIN), float32, rows summing to 1."""
    sharpened = np.zeros((size, size))
    for offset, weight in enumerate(_SHARPENING, -(len(_SHARPENING) // 2)):
        sharpened += weight * np.eye(size, k=offset)
    n_out = FACTOR * (size - 2 * MARGIN)
    away = np.abs((np.arange(n_out)[:, None] + 0.5) / FACTOR - 0.5 + MARGIN - np.arange(size))
    near, far = 1.5 * away**3 - 2.5 * away**2 + 1, -0.5 * away**3 + 2.5 * away**2 - 4 * away + 2
    matrix = np.where(away < 1, near, np.where(away < 2, far, 0.0)) @ sharpened
    result: Float32 = np.asarray(matrix / matrix.sum(1, keepdims=True), np.float32)
    return result


def enlarged_inside(low: Float32) -> Float32:
    """`low` four times as large without its margin, so that means stay (to 1 %) and slopes stay smooth.

    Cubic convolution (Keys 1981, a = -1/2), sharpened beforehand. The enlargement of `core.maps.resample` has a =
    -3/4, which loses up to a third of the finest waves and ripples on slopes: that shows at 4096.

    Parameters
    ----------
    low : float32 (h + 2 MARGIN, w + 2 MARGIN)

    Returns
    -------
    float32 (4 h, 4 w)
    """
    rows, columns = low.shape
    return np.asarray(_enlarging(rows) @ low @ _enlarging(columns).T, np.float32)


class SuperResolution:
    """The trained network.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        Of `super_resolution.onnx`, see `core.networks.super_resolution`.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, folder: Path | None = None) -> SuperResolution:
        """The network of `folder`, by default the one that comes with the program.

        Raises
        ------
        WeightsError
            It is missing or damaged.
        """
        return cls(open_model(SUPER_RESOLUTION, folder).onnx())

    def enlarge(
        self, displacement: Float32, distance_field_at: FieldAt, resolution: int, rect: Rect | None = None
    ) -> Float32:
        """A map at 4 or 16 times its resolution.

        Parameters
        ----------
        displacement : float32 (N, N)
            mm; N a multiple of 4.
        distance_field_at : callable
            The lines' distance field on a window at any resolution; asked for windows at 4 N and 16 N.
        resolution : int
            4 N or 16 N; N itself gives the map back.
        rect : Rect, optional
            Window of the result; the whole when missing.

        Returns
        -------
        float32 (rect.height, rect.width)
            mm; averaged over each texel of `displacement` it gives `displacement` again. A window is
            bit-identical to the crop of the whole.

        Raises
        ------
        ValueError
            Another shape or resolution, or a window outside the map.
        """
        side = len(displacement)
        if displacement.shape != (side, side) or not _LEAST <= side <= _MOST or side % FACTOR:
            raise ValueError(f"a map of shape {displacement.shape} cannot be enlarged; N x N, 16..{_MOST}, can")
        if resolution not in (side, side * FACTOR, side * FACTOR**2):
            raise ValueError(f"a map of {side} texels is enlarged to {4 * side} or {16 * side}, not to {resolution}")
        rect = Rect.whole(resolution) if rect is None else rect
        if rect != rect.intersection(Rect.whole(resolution)):
            raise ValueError(f"the window {rect} is not inside a map of {resolution} texels")
        scaled = np.asarray(displacement, np.float32)
        if resolution == side:
            return scaled[rect.slices].copy()
        if resolution == side * FACTOR:
            return self._window(lambda part: scaled[part.slices], distance_field_at, side, rect)
        middle = side * FACTOR
        needed = _source_of(_on_grid(rect, resolution), middle)
        first = self._window(lambda part: scaled[part.slices], distance_field_at, side, needed)

        def read(part: Rect) -> Float32:
            return first[part.relative_to(needed).slices]

        return self._window(read, distance_field_at, middle, rect)

    def _window(self, read: Callable[[Rect], Float32], distance_field_at: FieldAt, side: int, rect: Rect) -> Float32:
        """`rect` of the enlargement of a map of `side` texels that `read` gives windows of."""
        result = np.empty((rect.height, rect.width), np.float32)
        for tile in _tiles(_on_grid(rect, side * FACTOR), side * FACTOR):
            part = tile.intersection(rect)
            made = self._tile(read, distance_field_at, side, tile)
            result[part.relative_to(rect).slices] = made[part.relative_to(tile).slices]
        return result

    def _tile(self, read: Callable[[Rect], Float32], distance_field_at: FieldAt, side: int, tile: Rect) -> Float32:
        """One tile of the enlargement, mm."""
        source = _source_of(tile, side)
        low = _padded(read(source), source, _margined(tile, 1)) / np.float32(UNIT_MM)
        around = Rect(source.x0 * FACTOR, source.y0 * FACTOR, source.x1 * FACTOR, source.y1 * FACTOR)
        near = nearness(distance_field_at(side * FACTOR, around), side * FACTOR)
        near = _padded(near, around, _margined(tile, FACTOR))
        inputs = {"low": low, "enlarged": enlarged_inside(low), "nearness": near}
        (high,) = self._session.run(None, {name: values[None, None] for name, values in inputs.items()})
        result: Float32 = high[0, 0] * np.float32(UNIT_MM)
        return result


def _on_grid(rect: Rect, resolution: int) -> Rect:
    """`rect` of the large map grown to whole tiles."""
    step = TILE * FACTOR
    return Rect(
        rect.x0 // step * step,
        rect.y0 // step * step,
        min(-(-rect.x1 // step) * step, resolution),
        min(-(-rect.y1 // step) * step, resolution),
    )


def _tiles(rect: Rect, resolution: int) -> Iterator[Rect]:
    step = TILE * FACTOR
    for y in range(rect.y0, rect.y1, step):
        for x in range(rect.x0, rect.x1, step):
            yield Rect(x, y, min(x + step, resolution), min(y + step, resolution))


def _margined(tile: Rect, scale: int) -> Rect:
    """Texels of the small map (times `scale`) that a tile of the large one is made of; may reach outside the map."""
    low = [value // FACTOR for value in (tile.x0, tile.y0, tile.x1, tile.y1)]
    return Rect(
        (low[0] - MARGIN) * scale, (low[1] - MARGIN) * scale, (low[2] + MARGIN) * scale, (low[3] + MARGIN) * scale
    )


def _source_of(rect: Rect, side: int) -> Rect:
    """What of the small map exists of the texels that `rect`, whole tiles of the large map, is made of."""
    return _margined(rect, 1).intersection(Rect.whole(side))


def _padded(values: Float32, have: Rect, want: Rect) -> Float32:
    """`values` of the window `have` on the window `want`; outside the map its edge is repeated."""
    edges = ((have.y0 - want.y0, want.y1 - have.y1), (have.x0 - want.x0, want.x1 - have.x1))
    return np.ascontiguousarray(np.pad(values, edges, mode="edge") if np.any(edges) else values)
