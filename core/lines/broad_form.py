"""Relief without level, tilt and forms broader than a wrinkle, so that lines do not depend on them.

A map may be stored with an offset, lean, or hold the dents and bulges of a face under its wrinkles. All of that is
what polynomials of a moderate degree can follow. Unlike a convolution they end at the map's border as they run in
its middle, and what they can follow is removed exactly.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
_DEGREE = 21  # follows waves of 36 px of 256 and longer; wrinkles are narrower
_MOST_EMPTY = 0.5  # of a map
_BARE = 0.03  # of the detail that most of a map has


class Parted(NamedTuple):
    """A map in two, each float32 (H, H) in mm and 0 outside the skin: relief, and form without level and tilt."""

    relief: Float32
    form: Float32


def without_broad_form(displacement: Float32, skin: Bool) -> Parted:
    """Part a map into relief and the form that polynomials of degree 21 in both directions follow, by least squares.

    Parameters
    ----------
    displacement : float32 (H, H), H in 64..256
        mm.
    skin : bool (H, H)
        Texels that hold a measurement; others count as the nearest one on the skin does.
    """
    values = displacement.astype(np.float64)
    values -= _plane(values, skin)
    if not skin.all():
        values = _continued(values, skin)
    basis = _basis(len(values))
    form = basis @ (basis.T @ values @ basis) @ basis.T
    return Parted(*(np.where(skin, part, 0).astype(np.float32) for part in (values - form, form)))


def skin_of(displacement: Float32) -> Bool:
    """Where a map holds skin: not in an area without any detail that reaches its border.

    Such areas are what lies outside a face. Their edge is a step wherever the skin is not at their value. Detail is
    told by the fourth derivative, of which even the steepest form has none to speak of.

    Parameters
    ----------
    displacement : float32 (H, H)

    Returns
    -------
    bool (H, H)
        All of the map where most of it has no detail: then that is smooth skin.
    """
    values = displacement.astype(np.float64)
    detail = np.abs(cv2.Laplacian(cv2.Laplacian(values, -1), -1))
    detail = np.pad(detail[2:-2, 2:-2], 2, mode="edge")  # nothing is known beyond the border
    bare = (detail <= _BARE * np.quantile(detail, 0.75)).astype(np.uint8)
    bare = cv2.morphologyEx(bare, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, label = cv2.connectedComponents(bare, connectivity=4)
    at_border = np.unique(np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]]))
    empty = np.isin(label, at_border[at_border > 0])
    if not 0 < empty.mean() < _MOST_EMPTY:
        return np.ones(displacement.shape, bool)
    # The step at the edge is detail itself, so far as the derivative reaches and a texel may blend both sides.
    skin: Bool = cv2.dilate(empty.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    return skin


def _plane(values: Float64, skin: Bool) -> Float64:
    """The plane that the skin lies along, by least squares."""
    rows, columns = np.nonzero(skin)
    across = np.stack([np.ones(len(rows)), rows, columns], axis=1)
    level, down, right = np.linalg.solve(across.T @ across, across.T @ values[skin])
    row, column = np.mgrid[: len(values), : len(values)]
    return np.asarray(level + down * row + right * column)


def _continued(values: Float64, skin: Bool) -> Float64:
    """Values outside the skin from the nearest texel of it."""
    _, label = cv2.distanceTransformWithLabels(
        (~skin).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(label.max() + 1)
    of_label[label[skin]] = values[skin]
    return of_label[label]


@lru_cache(maxsize=8)
def _basis(size: int) -> Float64:
    """Orthonormal polynomials at `size` texel centres, float64 (size, _DEGREE + 1)."""
    at = (np.arange(size) + 0.5) / size * 2 - 1
    return np.asarray(np.linalg.qr(legendre.legvander(at, _DEGREE))[0])
