"""Layers of strokes: named folders with a strength, a mask and a lock, and what they make of their strokes.

A layer acts on its strokes before anything is drawn: its strength multiplies their depth, its mask their pressure point
by point. So a layer knows no resolution, and engines of every kind see the strokes as the layer has them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines import polyline
from rhytid.core.lines.curve import samples_of, with_samples
from rhytid.core.lines.stroke import Stroke
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]

MASK_SIDE = 256
_SPACING = 1 / MASK_SIDE
_NOTHING = 0.01  # of the mask's full value: what shows less is left out


@dataclass(frozen=True, eq=False)
class StrokeLayer:
    """A named group of strokes.

    Attributes
    ----------
    id : str
        Unique in a document; strokes name it in `Stroke.layer`.
    name : str
    strength : float
        -2..2, factor on the depth of its strokes.
    visible : bool
    solo : bool
        As long as any layer is solo, only the strokes of such layers show.
    locked : bool
        No tool changes its strokes.
    mask : uint8 (256, 256), read-only, or None
        Chart map: 255 shows its strokes fully, 0 hides them; None shows all of them.
    """

    id: str
    name: str = ""
    strength: float = 1.0
    visible: bool = True
    solo: bool = False
    locked: bool = False
    mask: UInt8 | None = None

    def __post_init__(self) -> None:
        if self.mask is not None:
            mask = np.asarray(self.mask)
            if mask.dtype != np.uint8 or mask.shape != (MASK_SIDE, MASK_SIDE):
                raise ValueError(f"a mask is uint8 ({MASK_SIDE}, {MASK_SIDE}), got {mask.dtype} {mask.shape}")
            object.__setattr__(self, "mask", mask if not mask.flags.writeable else read_only(mask.copy()))

    def _key(self) -> tuple[object, ...]:
        mask = None if self.mask is None else self.mask.tobytes()
        return self.id, self.name, self.strength, self.visible, self.solo, self.locked, mask

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, StrokeLayer) and self._key() == other._key())

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            known = hash(self._key())
            object.__setattr__(self, "_hash", known)
        return known


@dataclass(frozen=True)
class Layering:
    """What the layers of a document make of its strokes and of the engine's own.

    Attributes
    ----------
    layers : tuple of StrokeLayer
    taken : tuple of str
        Ids of the engine's strokes, or of layers of them, that the engine leaves out: the document has them as strokes
        of its own, or they were erased.
    """

    layers: tuple[StrokeLayer, ...] = ()
    taken: tuple[str, ...] = ()

    def seen(self, strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
        """Strokes where they are, those of hidden layers hidden; the same objects where nothing hides them."""
        return _seen(strokes, self.layers) if self.layers else strokes

    def shown(self, strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
        """Strokes as their layers have them: hidden, deeper or shallower, and masked."""
        return _shown(strokes, self.layers) if self.layers else strokes

    def left_to_engine(self, strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
        """Those of the engine's own strokes that it still draws itself."""
        return _left(strokes, self.taken) if self.taken else strokes


@lru_cache(maxsize=16)
def _seen(strokes: tuple[Stroke, ...], layers: tuple[StrokeLayer, ...]) -> tuple[Stroke, ...]:
    showing = _showing(layers)
    return tuple(s if showing(s.layer) or not s.visible else replace(s, visible=False) for s in strokes)


@lru_cache(maxsize=16)
def _shown(strokes: tuple[Stroke, ...], layers: tuple[StrokeLayer, ...]) -> tuple[Stroke, ...]:
    acting = {layer.id: layer for layer in layers if layer.strength != 1.0 or layer.mask is not None}
    return tuple(
        _acted_on(stroke, acting[stroke.layer]) if stroke.visible and stroke.layer in acting else stroke
        for stroke in _seen(strokes, layers)
    )


@lru_cache(maxsize=16)
def _left(strokes: tuple[Stroke, ...], taken: tuple[str, ...]) -> tuple[Stroke, ...]:
    gone = frozenset(taken)
    return tuple(stroke for stroke in strokes if stroke.id not in gone and stroke.layer not in gone)


class _showing:
    """Whether strokes of a layer show; strokes of no known layer do unless one is solo."""

    def __init__(self, layers: tuple[StrokeLayer, ...]) -> None:
        solo = any(layer.solo for layer in layers)
        self._known = {layer.id: layer.visible and (layer.solo or not solo) for layer in layers}
        self._others = not solo

    def __call__(self, layer_id: str) -> bool:
        return self._known.get(layer_id, self._others)


@lru_cache(maxsize=8192)
def _acted_on(stroke: Stroke, layer: StrokeLayer) -> Stroke:
    if layer.strength != 1.0:
        stroke = replace(stroke, depth_mm=stroke.depth_mm * layer.strength)
    return stroke if layer.mask is None else masked(stroke, layer.mask)


def masked(stroke: Stroke, mask: UInt8) -> Stroke:
    """A stroke with its pressure scaled by a mask along its course.

    The same object where the mask is full all along; hidden where it is empty all along; ends that the mask hides are
    cut off.

    Parameters
    ----------
    mask : uint8 (M, M)
        Chart map, 255 for all of the stroke.
    """
    samples = polyline.resampled(samples_of(stroke), _SPACING)
    share = mask_at(mask, samples[:, :2])
    if (share == 1).all():
        return stroke
    there = np.flatnonzero(share > _NOTHING)
    if len(there) == 0:
        return replace(stroke, visible=False)
    kept = slice(max(there[0] - 1, 0), min(there[-1] + 2, len(samples)))
    samples[:, 2] *= share
    return with_samples(stroke, samples[kept])


def mask_at(mask: UInt8, points: Float64) -> Float64:
    """A mask at chart points, bilinear between texels' centres, float64 (N,) in 0..1."""
    at = (points * len(mask) - 0.5).astype(np.float32)
    values = cv2.remap(
        mask.astype(np.float32), at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(values[0], np.float64) / 255


def brush_share(path: npt.ArrayLike, radius: float) -> Float64:
    """How far a soft brush that goes along a path covers each texel of a mask, float64 (256, 256) in 0..1.

    Parameters
    ----------
    path : array-like (K, 2), K >= 1
        Chart coordinates.
    radius : float
        Of the brush in chart units; its inner half is even, its rim soft.
    """
    swept = np.asarray(path, np.float64).reshape(-1, 2) * MASK_SIDE - 0.5
    reach = max(radius * MASK_SIDE, 0.5)
    total = np.zeros((MASK_SIDE, MASK_SIDE))
    low = np.clip(np.floor(swept.min(0) - reach), 0, MASK_SIDE - 1).astype(int)
    high = np.clip(np.ceil(swept.max(0) + reach) + 1, 1, MASK_SIDE).astype(int)
    part = slice(low[1], high[1]), slice(low[0], high[0])
    y, x = np.mgrid[part].astype(np.float64)
    distance = np.full(x.shape, np.inf)
    for (ax, ay), (bx, by) in zip(swept, swept[1:] if len(swept) > 1 else swept, strict=False):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) if length > 0 else 0.0
        distance = np.minimum(distance, np.hypot(x - ax - along * dx, y - ay - along * dy))
    rim = np.clip(2 * (1 - distance / reach), 0, 1)
    total[part] = rim * rim * (3 - 2 * rim)
    return total


def painted(mask: UInt8 | None, share: Float64, value: float) -> UInt8:
    """A mask that goes towards `value` (0..1) by the share that a brush covers; None is full everywhere."""
    old = np.full((MASK_SIDE, MASK_SIDE), 255, np.uint8) if mask is None else mask
    return read_only(np.round(old + share * (255 * value - old.astype(np.float64))).astype(np.uint8))
