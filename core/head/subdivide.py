"""Catmull-Clark subdivision as sparse matrices (Catmull and Clark 1978; creases by DeRose et al. 1998).

One matrix per level maps values at the vertices to values at the finer vertices, so positions, chart
coordinates and detail weights all move alike. Boundary edges, and edges where more than two faces meet, are
creases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rhytid.core.head.head import Float32, Head, Int32, Part

MAX_LEVELS = 5
MAX_FACES = 8_000_000


@dataclass(frozen=True, eq=False)
class Subdivision:
    """Faces of a subdivided mesh and how values get there.

    Attributes
    ----------
    faces : int32 (F, 4)
        Quads; at level 0 the faces as they were, triangles with -1 last.
    parent : int32 (F,)
        Face of the original mesh that each face comes from.
    matrices : tuple of tuples of sparse float32
        Blocks of rows per level, together (finer vertices, coarser vertices); each row sums to 1.
    n_vertices : int
    """

    faces: Int32
    parent: Int32
    matrices: tuple[tuple[sparse.csr_matrix, ...], ...]
    n_vertices: int

    def apply(self, values: npt.NDArray[np.floating]) -> Float32:
        """Values (V, ...) of the original vertices carried to the finer ones, float32; a new array."""
        result = np.array(values, np.float32)
        shape = result.shape[1:]
        result = result.reshape(len(result), -1)
        for blocks in self.matrices:
            result = np.concatenate([block @ result for block in blocks])
        return np.ascontiguousarray(result.reshape(-1, *shape), np.float32)


def subdivide(faces: Int32, n_vertices: int, levels: int) -> Subdivision:
    """Subdivide triangles and quads `levels` times.

    Parameters
    ----------
    faces : int32 (F, 4)
        Vertex indices, -1 last for a triangle.
    n_vertices : int
        Vertices without a face stay where they are.
    levels : int
        0 .. `MAX_LEVELS`.

    Raises
    ------
    ValueError
        More than `MAX_FACES` faces or a number of levels out of range.
    """
    if not 0 <= levels <= MAX_LEVELS:
        raise ValueError(f"subdivision levels must be 0..{MAX_LEVELS}, not {levels}")
    if n_faces_after(faces, levels) > MAX_FACES:
        raise ValueError(f"{levels} levels give more than {MAX_FACES} faces; ask for a longer edge")
    parent = np.arange(len(faces), dtype=np.int32)
    matrices: list[tuple[sparse.csr_matrix, ...]] = []
    for _ in range(levels):
        blocks, faces, source = _refine(faces, n_vertices)
        parent, n_vertices = parent[source], sum(block.shape[0] for block in blocks)
        matrices.append(blocks)
    return Subdivision(faces, parent, tuple(matrices), n_vertices)


def n_faces_after(faces: Int32, levels: int) -> int:
    """Number of faces after `levels` subdivisions."""
    return len(faces) if levels == 0 else int((faces >= 0).sum()) * 4 ** (levels - 1)


def levels_for_edge(vertices: Float32, faces: Int32, target_edge_mm: float) -> int:
    """Levels whose median edge comes nearest to `target_edge_mm` (as a ratio), within the limits."""
    if not target_edge_mm > 0:
        raise ValueError(f"the edge length must be positive, not {target_edge_mm} mm")
    following = np.where(faces[:, [1, 2, 3, 0]] >= 0, faces[:, [1, 2, 3, 0]], faces[:, :1])
    following[faces[:, 3] < 0, 2] = faces[faces[:, 3] < 0, 0]
    edges = np.linalg.norm(vertices[following] - vertices[faces], axis=2)[faces >= 0]
    median_mm = float(np.median(edges)) if edges.size else 0.0
    levels = 0
    while median_mm / 2**levels > target_edge_mm * 2**0.5 and levels < MAX_LEVELS:
        if n_faces_after(faces, levels + 1) > MAX_FACES:
            break
        levels += 1
    return levels


def levels_for_count(faces: Int32, face_count: int) -> int:
    """Most levels that stay within `face_count` faces; 0 if even one is too many."""
    levels = 0
    while levels < MAX_LEVELS and n_faces_after(faces, levels + 1) <= min(face_count, MAX_FACES):
        levels += 1
    return levels


def surface_faces(head: Head) -> npt.NDArray[np.bool_]:
    """Faces (F,) that are skin or hang on it by shared vertices, such as the mouth's lining.

    They are subdivided as one surface, so that no crack opens at the lips.
    """
    chosen: npt.NDArray[np.bool_] = head.parts == Part.SKIN
    skin_faces = head.faces[chosen]
    is_skin = np.zeros(len(head.neutral), bool)
    is_skin[skin_faces[skin_faces >= 0]] = True
    for part in Part:
        faces = head.faces[head.parts == part]
        if is_skin[faces[faces >= 0]].any():
            chosen = chosen | (head.parts == part)
    return chosen


def _refine(faces: Int32, n_vertices: int) -> tuple[tuple[sparse.csr_matrix, ...], Int32, Int32]:
    """One level: matrices of the vertices', edges' and faces' points, quads, and the face each comes from."""
    valid = faces >= 0
    n_corners = valid.sum(axis=1)
    face_of, slot = np.nonzero(valid)
    vertex = faces[face_of, slot].astype(np.int64)
    following = faces[face_of, (slot + 1) % n_corners[face_of]].astype(np.int64)
    low, high = np.minimum(vertex, following), np.maximum(vertex, following)
    keys, edge_of, n_uses = np.unique(low * n_vertices + high, return_inverse=True, return_counts=True)
    ends = np.stack([keys // n_vertices, keys % n_vertices], axis=1)
    n_edges, n_faces = len(keys), len(faces)

    face_points = sparse.csr_matrix((1.0 / n_corners[face_of], (face_of, vertex)), (n_faces, n_vertices))
    # Each block is rounded before the next is made: in float64 all of them together would set the peak of memory.
    blocks = [
        _vertex_points(ends, n_uses, vertex, face_of, face_points, n_vertices).astype(np.float32),
        _edge_points(ends, n_uses, edge_of, face_of, face_points, n_vertices).astype(np.float32),
        face_points.astype(np.float32),
    ]

    # One quad per corner: vertex, edge behind it, face, edge before it, same winding as the parent.
    first_corner = np.cumsum(n_corners) - n_corners
    corner = np.arange(len(vertex))
    before = np.where(slot > 0, corner - 1, first_corner[face_of] + n_corners[face_of] - 1)
    quads = np.stack(
        [vertex, n_vertices + edge_of, n_vertices + n_edges + face_of, n_vertices + edge_of[before]], axis=1
    )
    return tuple(blocks), quads.astype(np.int32), face_of.astype(np.int32)


def _edge_points(
    ends: npt.NDArray[np.int64],
    n_uses: npt.NDArray[np.intp],
    edge_of: npt.NDArray[np.intp],
    face_of: npt.NDArray[np.intp],
    face_points: sparse.csr_matrix,
    n_vertices: int,
) -> sparse.csr_matrix:
    """Mean of the two ends and the two face points; the middle of a crease."""
    n_edges = len(ends)
    smooth = n_uses == 2
    share = np.where(smooth, 0.25, 0.5)
    rows = np.arange(n_edges)
    middles = sparse.csr_matrix(
        (np.tile(share, 2), (np.tile(rows, 2), ends.T.ravel())), (n_edges, n_vertices)
    )
    use = smooth[edge_of]
    faces_beside = sparse.csr_matrix(
        (np.full(int(use.sum()), 0.25), (edge_of[use], face_of[use])), (n_edges, face_points.shape[0])
    )
    return middles + faces_beside @ face_points


def _vertex_points(
    ends: npt.NDArray[np.int64],
    n_uses: npt.NDArray[np.intp],
    vertex: npt.NDArray[np.int64],
    face_of: npt.NDArray[np.intp],
    face_points: sparse.csr_matrix,
    n_vertices: int,
) -> sparse.csr_matrix:
    """(Q + 2 R + (n - 3) P) / n inside; (A + 6 P + B) / 8 on a crease; P where creases end or cross."""
    crease = ends[n_uses != 2]
    n_creases = np.bincount(crease.ravel(), minlength=n_vertices)
    n_around = np.bincount(ends.ravel(), minlength=n_vertices)  # edges = faces around an inner vertex
    inner = (n_creases == 0) & (n_around > 0)
    along = n_creases == 2
    n = np.maximum(n_around, 1).astype(np.float64)

    # R is the mean of edge midpoints: (P + mean of neighbours) / 2, so 2 R adds 1 to the weight of P.
    own = np.where(inner, (n - 2.0) / n, np.where(along, 0.75, 1.0))
    both = np.concatenate([ends, ends[:, ::-1]])
    both = both[inner[both[:, 0]]]
    beside = np.concatenate([crease, crease[:, ::-1]])
    beside = beside[along[beside[:, 0]]]
    every = np.arange(n_vertices)
    data = np.concatenate([own, 1.0 / n[both[:, 0]] ** 2, np.full(len(beside), 0.125)])
    rows = np.concatenate([every, both[:, 0], beside[:, 0]])
    columns = np.concatenate([every, both[:, 1], beside[:, 1]])
    direct = sparse.csr_matrix((data, (rows, columns)), (n_vertices, n_vertices))
    use = inner[vertex]
    around = sparse.csr_matrix(
        (1.0 / n[vertex[use]] ** 2, (vertex[use], face_of[use])), (n_vertices, face_points.shape[0])
    )
    return direct + around @ face_points
