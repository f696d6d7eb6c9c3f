"""What of an eyeball the lids leave free: the edges of both lids as seen from the ball's centre, on any shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.lid_margin import lid_margin

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

N_AZIMUTHS = 24
WIDEST = float(np.radians(75.0))
"""Edges are told at azimuths -WIDEST..WIDEST about the vertical, 0 straight ahead, positive to the subject's left."""
_RIM = -0.3  # where the lid meets the ball: skin that looks back at it


@dataclass(frozen=True, eq=False)
class Opening:
    """Edges of both lids of one eye in directions from its centre; angles in radians.

    Attributes
    ----------
    edges : float32 (N_AZIMUTHS, 2)
        Elevation of the lower and the upper lid; beyond the corners both are that of the corner.
    inner_corner : (float, float)
        Azimuth and elevation of the corner at the nose.
    """

    edges: Float32
    inner_corner: tuple[float, float]


class EyeOpening:
    """The opening of the left (0) or right (1) eye of a head."""

    def __init__(self, head: Head, eye: int) -> None:
        self._inner = -1 if eye else 0  # the nose's end of azimuths that rise
        self._lids: list[tuple[npt.NDArray[np.int32], Float64]] = []
        margin = lid_margin(head, eye, (_RIM,))
        if margin is None:
            return
        triangle, ends = margin.lines[0]
        weights = ends.mean(axis=1)
        at = np.einsum("sj,sjk->sk", weights, head.neutral[triangle].astype(np.float64))
        inner, outer = head.neutral[[margin.inner_corner, margin.outer_corner]].astype(np.float64)
        along = (at[:, 0] - inner[0]) / (outer[0] - inner[0])
        upper = at[:, 1] > inner[1] + along * (outer[1] - inner[1])
        if upper.any() and not upper.all():
            self._lids = [(triangle[one], weights[one]) for one in (~upper, upper)]

    def of(self, vertices: Float32, centre: Float32) -> Opening:
        """The opening in a shape (V, 3) whose eyeball has this centre (3,), mm.

        A head without lids is open everywhere.
        """
        if not self._lids:
            everywhere = np.tile(np.array([-np.pi / 2, np.pi / 2], np.float32), (N_AZIMUTHS, 1))
            return Opening(everywhere, (np.pi if self._inner else -np.pi, 0.0))
        lids = [_angles(np.einsum("sj,sjk->sk", w, vertices[t].astype(np.float64)) - centre) for t, w in self._lids]
        ends = [min(azimuth[0] for azimuth, _ in lids), max(azimuth[-1] for azimuth, _ in lids)]
        heights = [float(np.mean([elevation[at] for _, elevation in lids])) for at in (0, -1)]
        grid, edges = np.linspace(-WIDEST, WIDEST, N_AZIMUTHS), []
        for azimuth, elevation in lids:
            edges.append(
                np.interp(grid, [ends[0], *azimuth, ends[1]], [heights[0], *elevation, heights[1]])
            )
        return Opening(np.stack(edges, axis=1).astype(np.float32), (ends[self._inner], heights[self._inner]))


def _angles(away: Float64) -> tuple[Float64, Float64]:
    """Azimuth, rising, and elevation of directions from the ball's centre."""
    azimuth = np.arctan2(away[:, 0], away[:, 2])
    elevation = np.arctan2(away[:, 1], np.hypot(away[:, 0], away[:, 2]))
    order = azimuth.argsort()
    return azimuth[order], elevation[order]
