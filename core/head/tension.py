"""Tension of the skin: how much the mesh is compressed or stretched at each vertex."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head, Part
from rhytid.core.maps.units import SIDE

if TYPE_CHECKING:
    from scipy import sparse


class TensionModel:
    """Tension of a head as HiFace eq. 8 defines it: `1 - mean(edge length / rest edge length)` over a vertex's edges.

    Positive where the skin is compressed (wrinkles form), negative where it is stretched.

    Parameters
    ----------
    head : Head
        Gives the edges (sides of the faces, no diagonals of quads) and the chart.
    """

    def __init__(self, head: Head) -> None:
        from scipy import sparse  # slow to import

        self.head = head
        faces = head.faces[head.parts == Part.SKIN]
        ring = np.where(faces[:, 3:] >= 0, faces, np.concatenate([faces[:, :3], faces[:, :1]], axis=1))
        edges = np.stack([ring, np.roll(ring, -1, axis=1)], axis=2).reshape(-1, 2)
        edges = np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1)
        self.edges = np.unique(edges, axis=0)
        n_edges = len(self.edges)
        degree = np.bincount(self.edges.ravel(), minlength=head.n_skin)
        rows = self.edges.ravel()
        # Mean over a vertex's edges; a vertex without edges has no tension.
        self._mean = sparse.csr_matrix(
            (
                (1.0 / np.maximum(degree[rows], 1)).astype(np.float32),
                (rows, np.repeat(np.arange(n_edges), 2)),
            ),
            (head.n_skin, n_edges),
        )
        self._has_edges = (degree > 0).astype(np.float32)
        self._chart_from_vertex: sparse.csr_matrix | None = None

    def per_vertex(self, rest: Float32, current: Float32) -> Float32:
        """Tension of each skin vertex.

        Parameters
        ----------
        rest, current : float32 (V, 3) or (n_skin, 3)
            Neutral and current shape of the same identity in mm.

        Returns
        -------
        float32 (n_skin,)
        """
        ratio = self._lengths(current) / np.maximum(self._lengths(rest), np.float32(1e-6))
        tension: Float32 = self._has_edges - self._mean @ ratio
        return tension

    def chart_map(self, values: Float32) -> Float32:
        """Values per skin vertex as a map, float32 (256, 256).

        Texels that no skin covers (eyes, mouth, corners) take the value of the nearest covered one, so that
        filters across their rim see no step.
        """
        if self._chart_from_vertex is None:
            self._chart_from_vertex = ChartRaster(self.head, SIDE).matrix(extend=True)
        chart: Float32 = (self._chart_from_vertex @ values.astype(np.float32, copy=False)).reshape(
            SIDE, SIDE
        )
        return chart

    def _lengths(self, vertices: Float32) -> Float32:
        difference = vertices[self.edges[:, 0]] - vertices[self.edges[:, 1]]
        lengths: Float32 = np.sqrt(np.einsum("ij,ij->i", difference, difference))
        return lengths


@lru_cache(maxsize=2)
def tension_model(head: Head) -> TensionModel:
    """The tension model of a head, made once: it rasters the chart."""
    return TensionModel(head)
