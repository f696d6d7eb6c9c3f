"""The surface that the default head is registered to: ICT's skin as a smooth surface, linear in ICT's vertices."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from rhytid.core.head.head import Int32, Part, split_faces
from rhytid.core.head.model import HeadModel
from rhytid.core.head.subdivide import subdivide

Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
_LEVELS = 2


@dataclass(frozen=True, eq=False)
class Source:
    """ICT's skin and its subdivision surface.

    Attributes
    ----------
    model : HeadModel
    cage : float64 (n_skin, 3)
        Neutral skin vertices in mm.
    faces : int (F, 4)
        Skin faces of the cage, all quads.
    operator : sparse (N, n_skin)
        Fine vertices as combinations of the cage's; the first n_skin belong to the cage's vertices.
    triangles : int (T, 3)
        Of the fine surface.
    parent : int (T,)
        Cage face of each fine triangle.
    mirror : int (n_skin,)
        Cage vertex on the other side of the face.
    """

    model: HeadModel
    cage: Float64
    faces: Int32
    operator: sparse.csr_matrix
    triangles: Int32
    parent: Index
    mirror: Index

    @cached_property
    def fine(self) -> Float64:
        """Fine vertices (N, 3) in mm."""
        return np.asarray(self.operator @ self.cage)


def make_source(model: HeadModel) -> Source:
    """Subdivide the skin twice and correct the cage once, so that the smooth surface passes near its vertices."""
    faces = model.faces[model.parts == Part.SKIN]
    cage = model.neutral[: model.n_skin].astype(np.float64)
    fine = subdivide(faces, model.n_skin, _LEVELS)
    operator = sparse.identity(model.n_skin, format="csr")
    for blocks in fine.matrices:
        operator = sparse.vstack(blocks, format="csr").astype(np.float64) @ operator
    # Catmull-Clark shrinks by up to 0.8 mm at lips and nostrils; one Newton-like step brings that to 0.2 mm.
    operator = (operator @ (2 * sparse.identity(model.n_skin) - operator[: model.n_skin])).tocsr()
    triangles, of_face = split_faces(fine.faces)
    _, mirror = cKDTree(cage).query(cage * [-1, 1, 1])
    if not np.array_equal(mirror[mirror], np.arange(len(mirror))):
        raise ValueError("the model's topology is not symmetric; take the unchanged ICT-FaceKit model")
    return Source(model, cage, faces, operator, triangles, fine.parent[of_face].astype(np.intp), np.asarray(mirror))


def boundary_loops(faces: npt.NDArray[np.integer]) -> list[list[int]]:
    """Closed loops of vertices along the open edges of triangles or quads, in the direction of the faces' edges."""
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2)
    size = int(faces.max()) + 1
    key = sides[:, 0].astype(np.int64) * size + sides[:, 1]
    open_sides = sides[~np.isin(key, sides[:, 1].astype(np.int64) * size + sides[:, 0])]
    following = dict(open_sides.tolist())
    if len(following) != len(open_sides):
        raise ValueError("a vertex lies on two boundaries")
    loops = []
    while following:
        start, current = following.popitem()
        loop = [start]
        while current != start:
            loop.append(current)
            current = following.pop(current)
        loops.append(loop)
    return loops


def rings(faces: Int32, loop: list[int], n_rings: int) -> tuple[npt.NDArray[np.int64], set[int]]:
    """Loops of vertices that run parallel to a boundary loop of a quad mesh.

    Returns
    -------
    vertices : int (n_rings + 1, len(loop))
        The boundary first; a column runs across the rings.
    faces : set of int
        Faces between the rings.
    """
    beside: dict[frozenset[int], list[int]] = defaultdict(list)
    for number, face in enumerate(faces.tolist()):
        for k in range(4):
            beside[frozenset((face[k], face[k - 1]))].append(number)
    result, used = [loop], set()
    for _ in range(n_rings):
        current, following = result[-1], []
        strip = []
        for a, b in zip(current, current[1:] + current[:1], strict=True):
            (number,) = [n for n in beside[frozenset((a, b))] if n not in used]
            strip.append(number)
            face = faces[number].tolist()
            at = face.index(a)
            following.append(face[at - 1] if face[(at + 1) % 4] == b else face[(at + 1) % 4])
        used.update(strip)
        result.append(following)
    return np.array(result), used


def ring_rows(
    ring_vertices: npt.NDArray[np.int64], ring: Float64, column: Float64, n_vertices: int
) -> sparse.csr_matrix:
    """Points between rings as combinations of their vertices, by Catmull-Rom splines in both directions.

    Parameters
    ----------
    ring_vertices : int (K, n)
    ring, column : float (P,)
        Fractional indices; columns wrap around.
    """
    n_rings, n = ring_vertices.shape
    k, wk = _spline(ring, n_rings - 1)
    j, wj = _spline(column, None)
    rows = np.repeat(np.arange(len(ring)), 16)
    columns = ring_vertices[np.clip(k, 0, n_rings - 1)[:, :, None], (j % n)[:, None, :]]
    weights = wk[:, :, None] * wj[:, None, :]
    return sparse.csr_matrix((weights.ravel(), (rows, columns.ravel())), (len(ring), n_vertices))


def _spline(position: Float64, last: int | None) -> tuple[npt.NDArray[np.int64], Float64]:
    base = np.floor(position).astype(np.int64)
    if last is not None:
        base = np.clip(base, 0, last - 1)
    t = position - base
    weights = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
    )
    index = base[:, None] + np.arange(-1, 3)
    if last is not None:
        # Past an end the curve goes on straight: the missing point is 2 p0 - p1.
        for missing, near, far in ((index[:, 0] < 0, 1, 2), (index[:, 3] > last, 2, 1)):
            lost = weights[missing, 0 if near == 1 else 3]
            weights[missing, near] += 2 * lost
            weights[missing, far] -= lost
            weights[missing, 0 if near == 1 else 3] = 0
    return index, weights
