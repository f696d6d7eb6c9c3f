"""What happens to a face's detail at the very end, whatever made it: strengths of its bands, pores that were
rubbed away, and skin that is locked.

The three bands cut the whole relief by size: folds are what is broader than about 3 mm, pores what is finer than about
1 mm, fine lines what lies between. The cuts are Gaussians of one width in mm at every resolution, so a coarse map shows
what a fine one does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.lines.layer import MASK_SIDE
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.resample import resample
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

LOCK_SIDE = 1024
_FOLDS_MM, _PORES_MM = 1.1, 0.3  # standard deviations of the Gaussians between the bands
_FOLDS_SIDE = 512  # folds have nothing that a map of this side could not hold
_REACH_MM = 4 * _FOLDS_MM + 3 * CHART_MM / _FOLDS_SIDE
_DILATION = 33  # texels of 1024 that are kept about a lock, for its soft edge and for coarser maps


@dataclass(frozen=True)
class Bands:
    """Strengths of the three bands of the whole detail, each 0..2."""

    folds: float = 1.0
    fine_lines: float = 1.0
    pores: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether they change nothing."""
        return self.folds == self.fine_lines == self.pores == 1.0

    def applied(self, values: Float32) -> Float32:
        """A map with its bands at their strengths, float32 (H, H) in mm."""
        folds, coarse = split(values)
        result = values * np.float32(self.pores)
        result += coarse * np.float32(self.fine_lines - self.pores)
        result += folds * np.float32(self.folds - self.fine_lines)
        return np.asarray(result, np.float32)


def split(values: Float32) -> tuple[Float32, Float32]:
    """Folds of a map, and folds with fine lines; pores are what is left. Each float32 (H, H) in mm."""
    side = len(values)
    small = resample(values, min(side, _FOLDS_SIDE))
    folds = resample(low_pass(small, _FOLDS_MM * len(small) / CHART_MM), side)
    return folds, low_pass(values, _PORES_MM * side / CHART_MM)


@dataclass(frozen=True, eq=False)
class SmoothedSkin:
    """Skin whose pores and finest texture were rubbed away.

    Attributes
    ----------
    mask : uint8 (256, 256), read-only
        Chart map: 255 where nothing finer than about 1 mm is left, 0 where skin is as it was.
    """

    mask: UInt8

    def __post_init__(self) -> None:
        if self.mask.dtype != np.uint8 or self.mask.shape != (MASK_SIDE, MASK_SIDE):
            raise ValueError(f"a mask of smoothed skin is uint8 ({MASK_SIDE}, {MASK_SIDE})")

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, SmoothedSkin) and np.array_equal(self.mask, other.mask))

    def __hash__(self) -> int:
        return hash(self.mask.tobytes())

    def applied(self, values: Float32) -> Float32:
        """A map without its finest relief under the mask, float32 (H, H) in mm; elsewhere bit for bit as it was."""
        side, rect = len(values), rect_under(self.mask, len(values))
        share = cv2.resize(self.mask, (side, side), interpolation=cv2.INTER_LINEAR)[rect.slices]
        result = values.copy()
        part = result[rect.slices]
        finest = part - low_pass(values, _PORES_MM * side / CHART_MM)[rect.slices]
        finest *= share.astype(np.float32) / np.float32(255)
        np.subtract(part, finest, out=part, where=share > 0)
        return result


@dataclass(frozen=True, eq=False)
class SkinLock:
    """Skin that keeps its detail whatever is set.

    Attributes
    ----------
    mask : uint8 (256, 256), read-only
        Chart map: 255 where skin is locked, 0 where it is free.
    held : float32 (1024, 1024), read-only
        The detail that is kept there, mm; 0 away from the mask.
    """

    mask: UInt8
    held: Float32

    def __post_init__(self) -> None:
        for values, kind, side in ((self.mask, np.uint8, MASK_SIDE), (self.held, np.float32, LOCK_SIDE)):
            if values.dtype != kind or values.shape != (side, side):
                raise ValueError(f"a lock has a mask of {MASK_SIDE} and detail of {LOCK_SIDE} texels a side")
        if not np.isfinite(self.held).all():
            raise ValueError("the detail of locked skin must be finite")

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, SkinLock)
            and np.array_equal(self.mask, other.mask)
            and np.array_equal(self.held, other.held)
        )

    def __hash__(self) -> int:
        return hash(self.mask.tobytes())

    @staticmethod
    def of(mask: UInt8, detail: Float32) -> SkinLock:
        """Lock skin under a mask with the detail that it has now, float32 (H, H) of any resolution."""
        wide = cv2.dilate(cv2.resize(mask, (LOCK_SIDE, LOCK_SIDE)), np.ones((_DILATION, _DILATION), np.uint8))
        held = np.where(wide > 0, resample(detail, LOCK_SIDE), np.float32(0))
        return SkinLock(read_only(mask.copy()), read_only(held.astype(np.float32)))

    def applied(self, values: Float32) -> Float32:
        """A map whose locked skin is as it was, float32 (H, H) in mm.

        Bit for bit so up to 1024 texels a side; above, what is finer than that comes from `values`.
        """
        side, rect = len(values), rect_under(self.mask, len(values))
        held = resample(self.held, side)
        if side > LOCK_SIDE:
            held = held + (values - resample(resample(values, LOCK_SIDE), side))
        share = cv2.resize(self.mask, (side, side), interpolation=cv2.INTER_LINEAR)[rect.slices]
        result = values.copy()
        part, kept = result[rect.slices], held[rect.slices]
        mixed = part + (kept - part) * (share.astype(np.float32) / np.float32(255))
        result[rect.slices] = np.where(share == 255, kept, np.where(share == 0, part, mixed))
        return result


@dataclass(frozen=True)
class Finish:
    """All that happens at the end."""

    bands: Bands = Bands()
    smoothed: SmoothedSkin | None = None
    lock: SkinLock | None = None

    def applied(self, values: Float32) -> Float32:
        """The finished map, read-only; the very array that was given where there is nothing to do."""
        result = values if self.bands.plain else self.bands.applied(values)
        if self.smoothed is not None:
            result = self.smoothed.applied(result)
        if self.lock is not None:
            result = self.lock.applied(result)
        return result if result is values else read_only(result)

    def changed(self, before: Finish, dirty: Rect, side: int) -> Rect:
        """Where finished maps may differ: `before` was another finish, and the maps differed where they are `dirty`."""
        if self.bands != before.bands:
            return Rect.whole(side)
        if not (self.bands.plain and self.smoothed is None) and not dirty.empty:
            dirty = dirty.grown(int(np.ceil(_REACH_MM * side / CHART_MM)), side)
        for now, then in ((self.smoothed, before.smoothed), (self.lock, before.lock)):
            for one in (now, then) if now is not then else ():
                dirty = dirty if one is None else dirty.union(rect_under(one.mask, side))
        return dirty


def rect_under(mask: UInt8, side: int) -> Rect:
    """Texels of a map of `side` on which a mask, uint8 (256, 256), can have an effect."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return EMPTY
    scale = side / MASK_SIDE
    low = np.floor((np.array([columns[0], rows[0]]) - 1) * scale).clip(0, side).astype(int).tolist()
    high = np.ceil((np.array([columns[-1], rows[-1]]) + 2) * scale).clip(0, side).astype(int).tolist()
    return Rect(low[0], low[1], high[0], high[1])


PLAIN = Finish()
