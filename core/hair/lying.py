"""Hairs that lie on the skin: they run along it in the chart and stand a little above it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.strands import N_POINTS, Strands
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.head import Head
from rhytid.core.head.normals import chart_tangents, vertex_normals

Float64 = npt.NDArray[np.float64]
MIRROR_X = 1.0
"""Chart coordinate x that mirrors to 0: the sum of x of both sides."""


@dataclass(frozen=True, eq=False)
class Lying:
    """Hairs to lay on the skin.

    Attributes
    ----------
    chart : float64 (N, 2)
        Roots.
    leaving, ending : float64 (N, 2)
        Direction at the root and at the tip: x to the subject's left, y up; of any length.
    length_mm, lift_mm, width_mm : float64 (N,)
        Of the whole hair, of its tip above the skin, of the root.
    blunt : bool
        Cut, as stubble is; else it thins out to its tip.
    """

    chart: Float64
    leaving: Float64
    ending: Float64
    length_mm: Float64
    lift_mm: Float64
    width_mm: Float64
    blunt: bool = False

    def mirrored(self) -> Lying:
        """On the other side of the face."""
        flip = np.array([-1.0, 1.0])
        chart = self.chart * flip + [MIRROR_X, 0]
        return Lying(
            chart, self.leaving * flip, self.ending * flip, self.length_mm, self.lift_mm, self.width_mm, self.blunt
        )


class Skin:
    """The neutral skin of a head, asked at chart coordinates."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._locator = ChartLocator(head.chart, head.skin_triangles)
        self._vertices = head.neutral[: head.n_skin]
        self._normals = vertex_normals(self._vertices, head.skin_triangles)
        self._tangents = chart_tangents(head, head.neutral)

    def lay(self, hairs: Lying, rng: np.random.Generator) -> Strands:
        """Strands of these hairs."""
        triangle, weights = self._locator.locate(hairs.chart)
        root = self._head.skin_triangles[triangle]
        mm = np.stack([np.linalg.norm(_blend(weights, axis[root]), axis=1) for axis in self._tangents], axis=1)
        s = np.linspace(0, 1, N_POINTS)
        middle = (0.5 * (s[1:] + s[:-1]))[:, None]
        run = hairs.leaving[:, None] * (1 - middle) + hairs.ending[:, None] * middle
        run /= np.maximum(np.linalg.norm(run, axis=2, keepdims=True), 1e-9)
        rise = np.clip(hairs.lift_mm / hairs.length_mm, 0, 0.95)
        step_mm = (hairs.length_mm * np.sqrt(1 - rise**2) / (N_POINTS - 1))[:, None, None] * run
        way = np.concatenate([np.zeros((len(root), 1, 2)), np.cumsum(step_mm, axis=1)], axis=1)
        places = hairs.chart[:, None] + way * [1, -1] / mm[:, None]
        at, bary = self._locator.locate(places.reshape(-1, 2))
        corners = self._head.skin_triangles[at]
        surface = _blend(bary, self._vertices[corners]).reshape(-1, N_POINTS, 3)
        normal = _blend(bary, self._normals[corners]).reshape(-1, N_POINTS, 3)
        normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
        height = hairs.lift_mm[:, None] * (s if hairs.blunt else np.sin(0.5 * np.pi * s))
        points = surface + height[..., None] * normal
        taper = np.ones(N_POINTS) if hairs.blunt else 1 - 0.85 * s**1.6
        width = hairs.width_mm[:, None] * taper
        return Strands.grown(
            self._head.neutral, root, weights.astype(np.float32), root, points.astype(np.float32),
            normal[:, 0].astype(np.float32), width.astype(np.float32), rng,
        )  # fmt: skip


@lru_cache(maxsize=2)  # the same for every seed
def skin_of(head: Head) -> Skin:
    """The skin of a head."""
    return Skin(head)


def _blend(weights: Float64, corners: npt.NDArray[np.floating]) -> Float64:
    return np.einsum("nj,njk->nk", weights, corners.astype(np.float64))
