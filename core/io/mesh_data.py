"""A mesh on its way into or out of a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class MeshData:
    """Quads and triangles with normals, texture coordinates and materials.

    Attributes
    ----------
    vertices : float32 (V, 3)
        mm, Y up, facing +Z.
    faces : int32 (F, 4)
        Counter-clockwise from outside; the last index is -1 for a triangle.
    normals : float32 (V, 3) or None
        Unit normals per vertex.
    uv : float32 (U, 2) or None
        Origin bottom left, UDIM tiles by integer part.
    face_uv : int32 (F, 4) or None
        Indices into `uv`.
    material : int32 (F,)
        Index into `material_names`.
    material_names : tuple of str
    detail : float32 (V,) or None
        How much of the drawn detail each vertex shows, 0..1: 0 off the skin.
    mapped : bool (V,) or None
        Where the displacement map of the first tile moves the mesh as it stands: vertices that are in no face of
        another tile or part.
    """

    vertices: Float32
    faces: Int32
    normals: Float32 | None
    uv: Float32 | None
    face_uv: Int32 | None
    material: Int32
    material_names: tuple[str, ...] = ("skin",)
    detail: Float32 | None = None
    mapped: npt.NDArray[np.bool_] | None = None

    def only(self, chosen: npt.NDArray[np.bool_]) -> MeshData:
        """The chosen faces (F,) with only the vertices and coordinates they use."""
        faces, vertex = _compacted(self.faces[chosen], len(self.vertices))
        uv, face_uv = None, None
        if self.uv is not None and self.face_uv is not None:
            face_uv, coordinate = _compacted(self.face_uv[chosen], len(self.uv))
            uv = self.uv[coordinate]
        normals = None if self.normals is None else self.normals[vertex]
        detail = None if self.detail is None else self.detail[vertex]
        mapped = None if self.mapped is None else self.mapped[vertex]
        return MeshData(
            self.vertices[vertex], faces, normals, uv, face_uv, self.material[chosen], self.material_names, detail,
            mapped,
        )  # fmt: skip

    def split_at_seams(self) -> tuple[Int32, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """One index for position and texture coordinate together, as PLY and glTF need it.

        Returns
        -------
        faces : int32 (F, 4)
            Into the split vertices, -1 as in `faces`.
        vertex : intp (N,)
            Vertex of each split vertex.
        coordinate : intp (N,)
            Row of `uv` of each; zeros without texture coordinates.
        """
        if self.uv is None or self.face_uv is None:
            every = np.arange(len(self.vertices))
            return self.faces, every, np.zeros(len(every), np.intp)
        valid = self.faces >= 0
        of_corner, uv_of_corner = self.faces[valid], self.face_uv[valid]
        any_uv = np.full(len(self.vertices), -1, np.int32)
        any_uv[of_corner] = uv_of_corner
        n_split = (any_uv >= 0).astype(np.int64)
        # Only the corners at seams need sorting: most vertices have one coordinate.
        at_seam = np.zeros(len(self.vertices), bool)
        at_seam[of_corner[any_uv[of_corner] != uv_of_corner]] = True
        seam = np.flatnonzero(at_seam[of_corner])
        keys = of_corner[seam].astype(np.int64) * len(self.uv) + uv_of_corner[seam]
        pairs, pair_of_corner = np.unique(keys, return_inverse=True)
        split_vertex = pairs // len(self.uv)
        n_split[at_seam] = np.bincount(split_vertex, minlength=len(n_split))[at_seam]
        first = np.cumsum(n_split) - n_split

        index = first[of_corner].astype(np.int32)
        rank = np.arange(len(pairs)) - np.searchsorted(split_vertex, split_vertex)
        index[seam] += rank[pair_of_corner.ravel()].astype(np.int32)
        faces = np.full(self.faces.shape, -1, np.int32)
        faces[valid] = index
        vertex = np.repeat(np.arange(len(n_split)), n_split)
        coordinate = any_uv[vertex].astype(np.intp)
        coordinate[at_seam[vertex]] = pairs % len(self.uv)
        return faces, vertex, coordinate


def _compacted(faces: Int32, count: int) -> tuple[Int32, npt.NDArray[np.intp]]:
    valid = faces >= 0
    used = np.zeros(count, bool)
    used[faces[valid]] = True
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    return np.where(valid, renumbered[faces], -1).astype(np.int32), np.flatnonzero(used)
