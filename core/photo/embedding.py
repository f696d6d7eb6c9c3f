"""Where the landmarks of a photo lie on a head: points of its skin, and the middles of its pupils.

`resources/photo/embedding.npz` holds a place in the chart for each of the 468 points of the mesh, so that every head
with a chart has them. It was measured with `gui.cli.calibrate_photo` on pictures of the program's own head.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.head.arrays import read_npz
from rhytid.core.head.chart import ChartLocator, barycentric_of
from rhytid.core.head.head import Head, Part
from rhytid.core.photo.landmarks import INNER_LIPS, LEFT_IRIS, LEFT_LIDS, N_MESH, OUTER_LIPS, RIGHT_IRIS, RIGHT_LIDS
from rhytid.core.resources import resource

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

FITTED = (*range(N_MESH), RIGHT_IRIS[0], LEFT_IRIS[0])
"""Numbers of the landmarks that have a place on the head, in the order of every array of `N_FITTED` points."""
N_FITTED = len(FITTED)
EMBEDDING_FILE = resource("photo", "embedding.npz")


class Places(NamedTuple):
    """Points of a head's surface.

    Attributes
    ----------
    corners : int32 (N, 3)
        Vertices of the triangle that each lies in.
    barycentric : float64 (N, 3)
        Weights of the corners; 0 for a point that the head does not have.
    """

    corners: Int32
    barycentric: Float64

    def of(self, values: npt.NDArray[np.floating]) -> Float64:
        """Values (..., V, C) per vertex at the points, (..., N, C)."""
        taken: Float64 = np.einsum("ij,...ijk->...ik", self.barycentric, values[..., self.corners, :])
        return taken


@lru_cache(maxsize=2)
def landmark_places(head: Head) -> Places:
    """Points of a head that belong to the landmarks of `FITTED`.

    Raises
    ------
    HeadFileError
        The resource is missing or damaged; install the program again.
    """
    return places_at(head, _chart())


@lru_cache(maxsize=1)
def mirrored_landmarks() -> npt.NDArray[np.intp]:
    """Number of the landmark that each of the 468 becomes in a mirror, intp (468,).

    Where two lie close together, as on lids and lips, the order along their ring tells; elsewhere their places do.

    Raises
    ------
    HeadFileError
        As `landmark_places`.
    """
    chart = _chart()
    partner = np.argmin(np.linalg.norm((chart * [-1, 1] + [1, 0])[:, None] - chart[None], axis=2), axis=1)
    for ring in (OUTER_LIPS, INNER_LIPS):  # from the right corner along the lower lip and back along the upper
        half = len(ring) // 2
        partner[list(ring)] = [ring[(half - k) % len(ring)] for k in range(len(ring))]
    partner[list(RIGHT_LIDS)], partner[list(LEFT_LIDS)] = LEFT_LIDS, RIGHT_LIDS
    partner.flags.writeable = False
    return partner


def _chart() -> npt.NDArray[np.float32]:
    return read_npz(EMBEDDING_FILE, {"chart": ("f4", (N_MESH, 2))}, {})["chart"]


def places_at(head: Head, chart: npt.NDArray[np.floating]) -> Places:
    """Points at places (468, 2) of the chart, and the middles of the right and the left pupil behind them."""
    triangle, weights = ChartLocator(head.chart, head.skin_triangles).locate(np.asarray(chart, np.float64))
    corners = np.zeros((N_FITTED, 3), np.int32)
    barycentric = np.zeros((N_FITTED, 3))
    corners[:N_MESH], barycentric[:N_MESH] = head.skin_triangles[triangle], weights
    for row, part in ((N_MESH, Part.EYE_RIGHT), (N_MESH + 1, Part.EYE_LEFT)):
        ball = head.triangles[head.triangle_parts == part]
        if len(ball):
            # The head looks along +Z: the middle of the pupil is where its axis leaves the ball.
            corner = head.neutral[ball].astype(np.float64) - head.neutral[np.unique(ball)].mean(axis=0)
            inside = barycentric_of(np.zeros((len(ball), 2)), corner[..., :2])
            inside[corner[..., 2].mean(axis=1) <= 0] = -np.inf
            front = int(np.argmax(inside.min(axis=1)))
            corners[row], barycentric[row] = ball[front], np.clip(inside[front], 0, 1)
    return Places(corners, barycentric)
