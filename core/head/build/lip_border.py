"""`python -m rhytid.core.head.build.lip_border`: where the default head's skin lies on its lips.

The chart holds landmarks at given places and is drawn out between them, so an even line in the chart is a jagged one
on the face. The edge is therefore drawn on the face, and the chart is told each texel's distance from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

from rhytid.core.files.writing import replacing
from rhytid.core.head.chart import barycentric_of, rasterise
from rhytid.core.head.head import Head
from rhytid.core.head.load import load_head
from rhytid.core.maps.lip_border import SIDE, WINDOW

Float64 = npt.NDArray[np.float64]

_UPPER, _LOWER = (48, 49, 50, 51, 52, 53, 54), (48, 59, 58, 57, 56, 55, 54)  # landmarks of the edge, right to left
_N_POINTS = 400
_FARTHEST_MM = 12.0


def lip_places(head: Head) -> npt.NDArray[np.float16]:
    """Where the texels of `WINDOW` lie on the face, float16 (2, h, w).

    First the distance from the edge in mm, positive on the lips, at most 12 mm; then the way from the middle to the
    subject's left along the lips, mm.
    """
    skin = head.neutral[: head.n_skin].astype(np.float64)
    upper, lower = (_edge(skin[head.landmarks[[*marks]], :2]) for marks in (_UPPER, _LOWER))
    x = np.linspace(skin[head.landmarks[48], 0], skin[head.landmarks[54], 0], _N_POINTS)
    # Denser at the corners, where both edges meet.
    x = x[0] + (x[-1] - x[0]) * (0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, _N_POINTS)))
    edge = np.concatenate([np.stack([x, y(x)], axis=1) for y in (upper, lower)])
    away, _ = cKDTree(_on_skin(edge, skin, head.skin_triangles)).query(skin)
    at = skin[:, 0]
    inside = (at > x[0]) & (at < x[-1]) & (skin[:, 1] < upper(at)) & (skin[:, 1] > lower(at)) & (skin[:, 2] > 60)
    signed = np.clip(np.where(inside, away, -away), -_FARTHEST_MM, _FARTHEST_MM)
    index, weights = rasterise(head.chart, head.skin_triangles, SIDE)
    # Lips curve back towards their corners: there the way is longer than x.
    along = np.sign(at) * np.hypot(at, np.maximum(skin[:, 2].max() - 5 - skin[:, 2], 0) * np.abs(at) / 26)
    places = np.zeros((2, SIDE, SIDE))
    places[0] = _FARTHEST_MM  # between the lips
    shown = index >= 0
    for place, values in zip(places, (signed, along), strict=True):
        place[shown] = np.einsum("nj,nj->n", weights[shown], values[head.skin_triangles[index[shown]]])
    return places[(slice(None), *WINDOW)].astype(np.float16)


def _edge(points: Float64) -> PchipInterpolator:
    """A curve y(x) through points (n, 2) whose x rise."""
    return PchipInterpolator(points[:, 0], points[:, 1])


def _on_skin(points: Float64, skin: Float64, triangles: npt.NDArray[np.int32]) -> Float64:
    """Points (n, 2) seen from the front, on the foremost skin, (n, 3)."""
    low, high = points.min(axis=0) - 5, points.max(axis=0) + 5
    corner = skin[triangles]
    near = ((corner[..., :2] > low) & (corner[..., :2] < high)).all(axis=(1, 2)) & (corner[..., 2] > 60).all(axis=1)
    corner = corner[near]
    result = np.empty((len(points), 3))
    for row, point in enumerate(points):
        weights = barycentric_of(np.broadcast_to(point, (len(corner), 2)), corner[..., :2])
        hit = weights.min(axis=1) > -1e-6
        result[row] = *point, float(np.einsum("nj,nj->n", weights[hit], corner[hit, :, 2]).max())
    return result


def main() -> None:
    """Write the places for a head."""
    parser = argparse.ArgumentParser(prog="python -m rhytid.core.head.build.lip_border", description=main.__doc__)
    parser.add_argument("--head", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help=".npz to write")
    arguments = parser.parse_args()
    places = lip_places(load_head(arguments.head))
    with replacing(arguments.out) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, places_mm=places)


if __name__ == "__main__":
    main()
