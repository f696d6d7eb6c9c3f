"""MikkTSpace: the tangent frames that programs agree on, so that one normal map looks the same in all of them.

After Mikkelsen, Simulation of Wrinkled Surfaces Revisited (2008), and the rules that his library made common: a
triangle has the direction in which u grows, laid onto the plane of each corner's normal; a corner's tangent is the mean
of those of the triangles around it, weighted by their angles there. Triangles count as around it while they hang
together by edges without a seam and are of one orientation in the texture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32

_TINY = 1e-20


class TangentFrames:
    """MikkTSpace of one mesh of triangles, in any of its shapes.

    Vertices that only lie at the same place do not count as one.

    Parameters
    ----------
    uv : float32 (U, 2)
        Texture coordinates, v up. Rows that are equal count as one.
    triangles : int (T, 3)
        Into the vertices; as they are in the file, for another cut of a quad gives other tangents.
    uv_triangles : int (T, 3)
        Into `uv`.

    Attributes
    ----------
    of_corner : intp (T, 3)
        Number of the frame that each corner takes, 0 .. G - 1.
    vertex : intp (G,)
        Whose frame it is; several have one vertex at seams, and where a texture is mirrored.
    sign : float32 (G,)
        1, or -1 where the texture is mirrored: the bitangent is sign * cross(normal, tangent).
    """

    def __init__(
        self, uv: Float32, triangles: npt.NDArray[np.integer], uv_triangles: npt.NDArray[np.integer]
    ) -> None:
        from scipy import sparse  # slow to import

        self._corners = np.ascontiguousarray(triangles, np.intp)
        places, of_row = np.unique(uv, axis=0, return_inverse=True)
        place = of_row.ravel()[uv_triangles]
        steps = places.astype(np.float64)[place]
        self._step1, self._step2 = steps[:, 1] - steps[:, 0], steps[:, 2] - steps[:, 0]
        area2 = self._step1[:, 0] * self._step2[:, 1] - self._step1[:, 1] * self._step2[:, 0]
        self._sound = np.abs(area2) > _TINY
        nodes = self._corners * np.int64(len(places)) + place
        pairs = _edge_pairs(nodes)
        mirrored = _settled(area2 < 0, self._sound, pairs[:, :2])
        self._turn = np.where(mirrored, -1.0, 1.0)
        self.of_corner = _groups(nodes, mirrored, pairs)

        n_groups = int(self.of_corner.max(initial=-1)) + 1
        flat = self.of_corner.ravel()
        self.vertex = np.zeros(n_groups, np.intp)
        self.vertex[flat] = self._corners.ravel()
        self.sign = np.ones(n_groups, np.float32)
        self.sign[flat] = np.repeat(self._turn, 3)
        ones = np.ones(len(flat), np.float64)
        self._sums = sparse.csr_matrix((ones, (flat, np.arange(len(flat)))), (n_groups, len(flat)))

    def of(self, vertices: Float32, normals: Float32) -> Float32:
        """Tangents of a shape.

        Parameters
        ----------
        vertices : float32 (V, 3)
        normals : float32 (V, 3)
            Unit.

        Returns
        -------
        float32 (G, 4)
            Unit vectors at right angles to the normals, and `sign`. Any such direction where a texture is squeezed to
            a line.
        """
        point, up = vertices.astype(np.float64)[self._corners], normals.astype(np.float64)[self._corners]
        edge1, edge2 = point[:, 1] - point[:, 0], point[:, 2] - point[:, 0]
        along = (self._step2[:, 1:] * edge1 - self._step1[:, 1:] * edge2) * self._turn[:, None]
        along[~self._sound] = 0
        shares = np.empty((len(point), 3, 3))
        for k in range(3):
            normal = up[:, k]
            before, behind = (_unit(_flat(point[:, (k + n) % 3] - point[:, k], normal)) for n in (2, 1))
            angle = np.arccos(np.clip(_dot(before, behind), -1, 1))
            shares[:, k] = _unit(_flat(along, normal)) * angle[:, None]
        tangents = _unit(self._sums @ shares.reshape(-1, 3))
        lost = ~tangents.any(axis=1)
        if lost.any():
            normal = normals[self.vertex[lost]].astype(np.float64)
            tangents[lost] = _unit(_flat(np.where(np.abs(normal[:, :1]) < 0.9, (1.0, 0, 0), (0, 1.0, 0)), normal))
        return np.concatenate([tangents, self.sign[:, None]], axis=1).astype(np.float32)


def _edge_pairs(nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Neighbours by an edge (E, 4): both triangles, and the corner of each at which the edge begins."""
    n = len(nodes)
    _, flat = np.unique(nodes, return_inverse=True)
    number = flat.reshape(nodes.shape).astype(np.int64)
    begin, end = number.T.ravel(), np.roll(number, -1, axis=1).T.ravel()
    size = int(number.max(initial=0)) + 1
    forth, back = begin * size + end, end * size + begin
    order = np.argsort(forth, kind="stable")
    found = np.minimum(np.searchsorted(forth[order], back), len(order) - 1)
    other = order[found] if len(order) else order
    there = np.flatnonzero((forth[other] == back) & (np.arange(3 * n) < other))
    return np.stack([there % n, other[there] % n, there // n, other[there] // n], axis=1)


def _settled(
    mirrored: npt.NDArray[np.bool_], sound: npt.NDArray[np.bool_], pairs: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Orientations, in which triangles without area in the texture take that of a neighbour."""
    result = mirrored.copy()
    for one, other in ((0, 1), (1, 0)):
        follow = ~sound[pairs[:, one]] & sound[pairs[:, other]]
        result[pairs[follow, one]] = mirrored[pairs[follow, other]]
    return result


def _groups(
    nodes: npt.NDArray[np.int64], mirrored: npt.NDArray[np.bool_], pairs: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Number of the group of each corner (T, 3): corners of one node whose triangles hang together by edges."""
    from scipy import sparse

    same = pairs[mirrored[pairs[:, 0]] == mirrored[pairs[:, 1]]]
    one, other, at, there = same.T
    # The neighbour walks the edge the other way: its end lies where this one begins.
    first = np.concatenate([3 * one + at, 3 * one + (at + 1) % 3])
    second = np.concatenate([3 * other + (there + 1) % 3, 3 * other + there])
    links = sparse.coo_matrix((np.ones(len(first), np.int8), (first, second)), (nodes.size, nodes.size))
    _, label = sparse.csgraph.connected_components(links, directed=False)
    return np.asarray(label, np.intp).reshape(nodes.shape)


def _flat(vectors: npt.NDArray[np.float64], normals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return vectors - normals * _dot(normals, vectors)[:, None]


def _unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    length = np.sqrt(_dot(vectors, vectors))[:, None]
    unit: npt.NDArray[np.float64] = vectors / np.where(length > _TINY, length, 1)
    return unit


def _dot(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    product: npt.NDArray[np.float64] = np.einsum("ij,ij->i", a, b)
    return product
