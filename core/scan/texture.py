"""The colour of a scan: of its vertices, or of pictures that are laid onto its triangles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Int32

UInt8 = npt.NDArray[np.uint8]
Index = npt.NDArray[np.integer]

NO_PICTURE = -1
_MOST_ROWS = 16384  # cv2.remap takes no more than 32767


class ScanColor(Protocol):
    """What gives points of a scan their colour."""

    def at(self, triangle: Index, weights: Float32, corners: Int32) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """Colours of points.

        Parameters
        ----------
        triangle : int (N,)
            Triangle of the scan that each lies in.
        weights : float32 (N, 3)
            Of the triangle's corners.
        corners : int32 (N, 3)
            The triangle's vertices.

        Returns
        -------
        float32 (N, 3)
            sRGB, 0..255.
        bool (N,)
            Where there is one.
        """

    def inside_out(self) -> ScanColor:
        """The colour of the scan whose triangles have their corners in the opposite order."""


@dataclass(frozen=True, eq=False)
class VertexColors:
    """Colours of a scan's vertices, sRGB uint8 (V, 3)."""

    colors: UInt8

    def at(self, triangle: Index, weights: Float32, corners: Int32) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """See `ScanColor.at`."""
        found = np.einsum("nk,nkc->nc", weights, self.colors[corners].astype(np.float32))
        return found.astype(np.float32), np.ones(len(found), bool)

    def inside_out(self) -> VertexColors:
        """See `ScanColor.inside_out`."""
        return self


@dataclass(frozen=True, eq=False)
class Texture:
    """Pictures on the triangles of a scan.

    Attributes
    ----------
    uv : float32 (U, 2)
        Origin bottom left; beyond 0..1 a picture is repeated, which is right for UDIM as well.
    corners : int32 (T, 3)
        Indices into `uv` of each triangle.
    picture : int16 (T,)
        Index into `pictures`, `NO_PICTURE` for a triangle without colour.
    pictures : tuple of uint8 (H, W, 3)
        sRGB, row 0 on top; a plain colour is one texel.
    """

    uv: Float32
    corners: Int32
    picture: npt.NDArray[np.int16]
    pictures: tuple[UInt8, ...]

    def at(self, triangle: Index, weights: Float32, corners: Int32) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """See `ScanColor.at`."""
        del corners  # those of the texture tell
        place = np.einsum("nk,nkc->nc", weights, self.uv[self.corners[triangle]])
        number = self.picture[triangle]
        colors = np.zeros((len(triangle), 3), np.float32)
        for each, picture in enumerate(self.pictures):
            own = np.flatnonzero(number == each)
            for start in range(0, len(own), _MOST_ROWS):
                part = own[start : start + _MOST_ROWS]
                colors[part] = _sampled(picture, place[part])
        return colors, number >= 0

    def inside_out(self) -> Texture:
        """See `ScanColor.inside_out`."""
        return replace(self, corners=self.corners[:, ::-1])


def _sampled(picture: UInt8, uv: Float32) -> Float32:
    """Colours (N, 3) of a picture at texture coordinates (N, 2)."""
    height, width = picture.shape[:2]
    x = (uv[:, 0] - np.floor(uv[:, 0])) * width - 0.5
    y = (1 - (uv[:, 1] - np.floor(uv[:, 1]))) * height - 0.5
    return np.asarray(
        cv2.remap(picture, x[:, None].astype(np.float32), y[:, None].astype(np.float32), cv2.INTER_LINEAR,
                  borderMode=cv2.BORDER_REPLICATE)[:, 0], np.float32,
    )  # fmt: skip


def joined(places: Float32) -> tuple[npt.NDArray[np.intp], Int32]:
    """Points in one place as one: which of the points (V, 3) are kept, and the new index of each (V,), int32.

    Files that keep place and texture coordinate together part a mesh along the seams of its texture.
    """
    bits = (np.ascontiguousarray(places, np.float32) + np.float32(0)).view(np.uint32).astype(np.uint64)
    order = np.lexsort((bits[:, 2], (bits[:, 0] << np.uint64(32)) | bits[:, 1]))
    ordered = bits[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    index = np.empty(len(order), np.int32)
    index[order] = np.cumsum(is_new) - 1
    return order[is_new], index


def texture_of(
    uv: Float32, corners: Int32, picture: Index, pictures: Sequence[UInt8 | None]
) -> Texture | None:
    """A texture of pictures of which some are missing; None where no triangle is left with one."""
    kept = [number for number, one in enumerate(pictures) if one is not None]
    new = np.full(len(pictures) + 1, NO_PICTURE, np.int16)
    new[kept] = np.arange(len(kept))
    number = new[picture]
    if not (number >= 0).any():
        return None
    return Texture(uv, corners, number, tuple(one for one in pictures if one is not None))
