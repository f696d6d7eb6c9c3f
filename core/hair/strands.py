"""Many strands of hair on one head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
N_POINTS = 7
"""Points of every strand, the root first."""


@dataclass(frozen=True, eq=False)
class Strands:
    """Strands by where they are rooted and their shape in the frame of the skin there.

    Attributes
    ----------
    root : int32 (N, 3)
        Vertices of the triangle that the root lies in.
    weights : float32 (N, 3)
        Of these vertices.
    frame : int32 (N, 3)
        Vertices of the triangle that the strand turns with; wider than the root's where that is thin.
    along : float32 (N, 2)
        What of the frame's two edges makes its first axis: it runs with the skin.
    local : float32 (N, N_POINTS, 3)
        Points from the root, mm along the frame's axes.
    outward : float32 (N, 3)
        Unit vector along the frame's axes away from the head at the root.
    width_mm : float32 (N, N_POINTS)
        Thickness.
    rank : float32 (N,)
        0..1: at density d those below d / 2 are worn.
    tint, grey_at : float32 (N,)
        0..1: lighter or darker than the others; share of grey hairs from which on this one is grey.
    """

    root: Int32
    weights: Float32
    frame: Int32
    along: Float32
    local: Float32
    outward: Float32
    width_mm: Float32
    rank: Float32
    tint: Float32
    grey_at: Float32

    def __len__(self) -> int:
        return len(self.root)

    @classmethod
    def none(cls) -> Strands:
        """No strand at all."""
        corner, point = np.zeros((0, 3), np.int32), np.zeros((0, N_POINTS), np.float32)
        local = np.zeros((0, N_POINTS, 3), np.float32)
        return cls(corner, point[:, :3], corner, point[:, :2], local, point[:, :3], point, *[point[:, 0]] * 3)

    @classmethod
    def grown(
        cls, vertices: Float32, root: Int32, weights: Float32, frame: Int32, points: Float32, outward: Float32,
        width_mm: Float32, rng: np.random.Generator,
    ) -> Strands:  # fmt: skip
        """Strands whose points (N, N_POINTS, 3) and directions away from the head are known on these vertices."""
        n = len(root)
        first, second = _edges(vertices, frame)
        # The axis that lies across the face: wherever a triangle begins, its frame then turns as the skin does.
        gram = np.stack([np.einsum("nk,nk->n", a, b) for a in (first, second) for b in (first, second)], axis=1)
        right = np.stack([first[:, 0], second[:, 0]], axis=1)
        along = np.linalg.solve(gram.reshape(n, 2, 2) + 1e-9 * np.eye(2), right[..., None])[..., 0].astype(np.float32)
        axes = _axes(vertices, frame, along)
        at = np.einsum("nj,njk->nk", weights, vertices[root])
        local = np.einsum("npk,nak->npa", points - at[:, None], axes).astype(np.float32)
        away = np.einsum("nk,nak->na", outward, axes).astype(np.float32)
        rank, tint, grey_at = rng.random((3, n)).astype(np.float32)
        return cls(root, weights.astype(np.float32), frame, along, local, away, width_mm, rank, tint, grey_at)

    @classmethod
    def joined(cls, parts: Sequence[Strands]) -> Strands:
        """Those of several, one after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))

    def chosen(self, which: npt.NDArray[np.intp]) -> Strands:
        """Some of them, by number."""
        return Strands(*(getattr(self, f.name)[which] for f in fields(self)))

    def worn(self, density: float, length: float, thickness: float) -> Strands:
        """Those that a density 0..2 shows, longer and thicker by factors; the first of them are spread evenly."""
        order = np.argsort(self.rank)
        some = self.chosen(order[: np.searchsorted(self.rank[order], 0.5 * density)])
        values = {f.name: getattr(some, f.name) for f in fields(some)}
        values["local"] = some.local * np.float32(length)
        values["width_mm"] = some.width_mm * np.float32(thickness)
        return Strands(**values)

    def positions(self, vertices: Float32) -> Float32:
        """Points in mm on a head of these vertices (V, 3), float32 (N, N_POINTS, 3)."""
        at = np.einsum("nj,njk->nk", self.weights, vertices[self.root])
        axes = _axes(vertices, self.frame, self.along)
        return np.asarray(np.matmul(self.local, axes) + at[:, None], np.float32)

    def normals(self, vertices: Float32) -> Float32:
        """Unit vectors away from the head at the roots, float32 (N, 3)."""
        return np.asarray(np.einsum("na,nak->nk", self.outward, _axes(vertices, self.frame, self.along)), np.float32)

    def ribbons(self, vertices: Float32) -> tuple[Float32, Int32]:
        """Flat ribbons for a mesh file, which has no strands: their width lies across the skin's normal.

        Returns
        -------
        vertices : float32 (2 N N_POINTS, 3), mm
        triangles : int32 (2 N (N_POINTS - 1), 3)
        """
        points = self.positions(vertices)
        run = np.gradient(points, axis=1)
        side = np.cross(run, self.normals(vertices)[:, None])
        side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-9)
        half = 0.5 * self.width_mm[..., None] * side
        corners = np.stack([points - half, points + half], axis=2).reshape(-1, 3).astype(np.float32)
        return corners, ribbon_triangles(len(self))


def ribbon_triangles(n_strands: int) -> Int32:
    """Triangles of ribbons of two vertices a point, int32 (2 n (N_POINTS - 1), 3)."""
    first = 2 * (np.arange(n_strands)[:, None] * N_POINTS + np.arange(N_POINTS - 1)).reshape(-1, 1)
    return (first + np.array([0, 1, 2, 2, 1, 3])).reshape(-1, 3).astype(np.int32)


def _edges(vertices: Float32, frame: Int32) -> tuple[Float32, Float32]:
    corner = vertices[frame]
    return corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]


def _axes(vertices: Float32, frame: Int32, along: Float32) -> Float32:
    """Rows are the frame's axes: across the face, across that, and the normal; float32 (N, 3, 3)."""
    first, second = _edges(vertices, frame)
    normal = _unit(np.cross(first, second))
    across = _unit(along[:, :1] * first + along[:, 1:] * second)
    return np.stack([across, np.cross(normal, across), normal], axis=1).astype(np.float32)


def _unit(vectors: Float32) -> Float32:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12), np.float32)
