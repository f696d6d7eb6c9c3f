"""What an artist painted on the skin by hand: tiles of colour, pigments and gloss over what is generated.

Tiles are shared between states and replaced where a brush goes, so that a step of the history costs what it touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

PAINT_SIDE = 1024
"""Texels a side of the chart: a fifth of a millimetre each."""
TILE = 64
ACROSS = PAINT_SIDE // TILE
NONE_OF_IT = 128
"""Level of a pigment that is as it was generated; 1 takes it away, 255 brings the most."""


class Pigment(str, Enum):
    """What can be painted besides colour."""

    MELANIN = "melanin"
    BLOOD = "blood"
    YELLOW = "yellow"
    FRECKLES = "freckles"
    GLOSS = "gloss"


COLOR = slice(0, 4)
"""Planes of the colour: sRGB times opacity, and opacity."""
N_PLANES = 4 + len(Pigment)
UNPAINTED: UInt8 = read_only(np.array([0] * 4 + [NONE_OF_IT] * len(Pigment), np.uint8))
"""Levels of a texel that nobody painted."""


def plane_of(pigment: Pigment) -> int:
    """Number of a pigment's plane."""
    return 4 + list(Pigment).index(pigment)


@dataclass(frozen=True, eq=False)
class Paint:
    """The painted layer.

    Attributes
    ----------
    tiles : tuple of 256 uint8 (64, 64, 9), read-only, or None
        Row by row over the chart; None where nothing is painted.
    opacity : float
        0..1, share of all of it.
    visible : bool
    """

    tiles: tuple[UInt8 | None, ...] = (None,) * ACROSS**2
    opacity: float = 1.0
    visible: bool = True

    def __post_init__(self) -> None:
        if len(self.tiles) != ACROSS**2:
            raise ValueError(f"paint has {ACROSS**2} tiles, got {len(self.tiles)}")
        for tile in self.tiles:
            if tile is not None and (tile.dtype != np.uint8 or tile.shape != (TILE, TILE, N_PLANES)):
                raise ValueError(f"a tile of paint is uint8 {(TILE, TILE, N_PLANES)}, got {tile.dtype} {tile.shape}")

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Paint)
            and (self.opacity, self.visible) == (other.opacity, other.visible)
            and all(_same(mine, theirs) for mine, theirs in zip(self.tiles, other.tiles, strict=True))
        )

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            data = tuple(None if tile is None else tile.tobytes() for tile in self.tiles)
            known = hash((data, self.opacity, self.visible))
            object.__setattr__(self, "_hash", known)
        return known

    @property
    def empty(self) -> bool:
        """Whether nothing is painted."""
        return all(tile is None for tile in self.tiles)

    @property
    def share(self) -> float:
        """How much of it shows, 0..1."""
        return self.opacity if self.visible else 0.0

    @property
    def covered(self) -> Rect:
        """Texels of all tiles that hold something."""
        rect = EMPTY
        for number, tile in enumerate(self.tiles):
            if tile is not None:
                rect = _texels(number).union(rect)
        return rect

    def planes(self, rect: Rect) -> UInt8:
        """Levels of a rectangle of texels, a copy, uint8 (h, w, 9)."""
        values = np.broadcast_to(UNPAINTED, (rect.height, rect.width, N_PLANES)).copy()
        for tile, there, here in self._pieces(rect):
            if tile is not None:
                values[here.slices] = tile[there.slices]
        return values

    def with_planes(self, rect: Rect, values: UInt8) -> Paint:
        """The layer with other levels in a rectangle; tiles that do not change stay the same objects."""
        tiles = list(self.tiles)
        for tile, there, here in self._pieces(rect):
            new = np.broadcast_to(UNPAINTED, (TILE, TILE, N_PLANES)).copy() if tile is None else tile.copy()
            new[there.slices] = values[here.slices]
            if tile is None or not np.array_equal(new, tile):
                number = (rect.y0 + here.y0) // TILE * ACROSS + (rect.x0 + here.x0) // TILE
                tiles[number] = read_only(new) if (new != UNPAINTED).any() else None
        return replace(self, tiles=tuple(tiles))

    def changed_since(self, other: Paint | None) -> Rect:
        """Texels that look other than they did in an earlier layer; None is an empty one."""
        other = Paint() if other is None else other
        faded = self.share != other.share
        rect = EMPTY
        for number, (now, then) in enumerate(zip(self.tiles, other.tiles, strict=True)):
            if (now is not then or (faded and now is not None)) and (faded or not _same(now, then)):
                rect = _texels(number).union(rect)
        return rect

    def _pieces(self, rect: Rect) -> Iterator[tuple[UInt8 | None, Rect, Rect]]:
        """Tiles that meet a rectangle, where it lies in each, and where that lies in the rectangle."""
        for row in range(rect.y0 // TILE, -(-rect.y1 // TILE)):
            for column in range(rect.x0 // TILE, -(-rect.x1 // TILE)):
                number = row * ACROSS + column
                texels = _texels(number)
                both = rect.intersection(texels)
                yield self.tiles[number], both.relative_to(texels), both.relative_to(rect)


def toward(values: UInt8, share: Float32, planes: slice | list[int], target: npt.ArrayLike) -> UInt8:
    """Levels, uint8 (h, w, 9), of which some planes go towards a target by a share.

    Parameters
    ----------
    share : float32 (h, w)
        0..1.
    target : (n,) or (h, w, n)
        Levels of the n planes.
    """
    result = values.copy()
    old = values[..., planes].astype(np.float32)
    moved = old + share[..., None] * (np.asarray(target, np.float32) - old)
    result[..., planes] = np.round(moved).astype(np.uint8)
    return result


def _texels(number: int) -> Rect:
    row, column = divmod(number, ACROSS)
    return Rect(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE)


def _same(one: UInt8 | None, other: UInt8 | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))
