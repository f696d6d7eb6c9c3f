"""Where parts of the skin lie upon each other in a layout of texture coordinates, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Bool = npt.NDArray[np.bool_]
_SMALLEST_PLACE_TEXELS = 4
_PLACES_NAMED = 4


@dataclass(frozen=True)
class Overlap:
    """Texels of a tile that two parts of the skin share.

    Attributes
    ----------
    tile : int
        UDIM number.
    is_mirrored : bool
        The two are mirror images, left and right of the face.
    share : float
        Of the texels with skin that takes detail.
    places : tuple of 4 floats
        Rectangles in the tile: least u and v, greatest u and v; 0..1, origin bottom left; the largest first.
    """

    tile: int
    is_mirrored: bool
    share: float
    places: tuple[tuple[float, float, float, float], ...]

    @property
    def said(self) -> str:
        """Where, for a message."""
        rows = [f"u {u0:.2f} to {u1:.2f}, v {v0:.2f} to {v1:.2f}" for u0, v0, u1, v1 in self.places[:_PLACES_NAMED]]
        more = f" and {len(self.places) - _PLACES_NAMED} places more" if len(self.places) > _PLACES_NAMED else ""
        return f"tile {self.tile}: {'; '.join(rows)}{more} ({100 * self.share:.1f} % of its skin)"


def places_of(texels: Bool) -> tuple[tuple[float, float, float, float], ...]:
    """Rectangles about patches of texels, the largest first."""
    joined = cv2.dilate(texels.astype(np.uint8), np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    side = len(texels)
    boxes = sorted((row for row in stats[1:] if row[4] >= _SMALLEST_PLACE_TEXELS), key=lambda row: -row[4])
    return tuple(
        (float(x / side), float(1 - (y + height) / side), float((x + width) / side), float(1 - y / side))
        for x, y, width, height, _ in boxes
    )
