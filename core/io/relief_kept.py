"""How much of a map's relief a displaced mesh keeps: the slopes of its faces beside those of the map.

Measured on faces of the head here and there, each subdivided with its neighbours alone: the whole mesh has millions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32, Part, split_faces
from rhytid.core.head.normals import triangle_normals, vertex_normals
from rhytid.core.head.subdivide import subdivide, surface_faces
from rhytid.core.io.displaced_mesh import base_tangents, displace, map_side, sample_bilinear
from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.tangent_frame import dual_tangents

_FACES = 120
_FULL = 0.99  # weight of detail
_FLAT = 1e-6  # slope
_PLACES = 4  # of the map in each triangle


def relief_kept(head: Head, vertices: Float32, displacement: Float32, levels: int) -> float:
    """Slopes of the faces of a displaced mesh, root mean square, as a share of those of the map in the same places.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Current shape in mm.
    displacement : float32 (H, H)
        mm.
    levels : int
        Catmull-Clark levels.

    Returns
    -------
    float
        About 0..1; 1 where there is no relief.
    """
    patch = _Patch(head, vertices)
    return 1.0 if patch.is_empty else patch.kept(displacement, levels)


class _Patch:
    """Some faces of the skin that takes all of the detail, and the faces around them."""

    def __init__(self, head: Head, vertices: Float32) -> None:
        surface = head.faces[surface_faces(head)]
        full = np.zeros(len(head.neutral), bool)
        full[: head.n_skin] = head.detail_weight > _FULL
        skin = head.parts[surface_faces(head)] == Part.SKIN
        found = np.flatnonzero(skin & np.where(surface >= 0, full[surface], True).all(axis=1))
        corner = vertices[surface[found][:, :3]]
        area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
        # As many here as there, by area: places that are evenly spread along the sum of it.
        sums = np.cumsum(area)
        places = (np.arange(_FACES) + 0.5) / _FACES * (sums[-1] if len(sums) else 0)
        chosen = found[np.unique(np.minimum(np.searchsorted(sums, places), len(found) - 1))] if len(found) else found
        corners = surface[chosen]
        touched = np.zeros(len(head.neutral), bool)
        touched[corners[corners >= 0]] = True
        near = np.where(surface >= 0, touched[surface], False).any(axis=1)
        used, number = np.unique(surface[near], return_inverse=True)
        first = int((used[:1] < 0).any())
        self.faces: Int32 = (number.reshape(-1, 4) - first).astype(np.int32)
        self._chosen: npt.NDArray[np.bool_] = np.isin(np.flatnonzero(near), chosen)
        used = used[first:]
        self._vertices = vertices[used]
        self._tangents = base_tangents(head, vertices)[used]
        chart = np.zeros((len(head.neutral), 2), np.float32)
        chart[: head.n_skin] = head.chart
        self._chart = chart[used]
        self._head = head

    @property
    def is_empty(self) -> bool:
        return not self._chosen.any()

    def kept(self, displacement: Float32, levels: int) -> float:
        refined = subdivide(self.faces, len(self._vertices), levels)
        smooth, chart, tangents = (refined.apply(each) for each in (self._vertices, self._chart, self._tangents))
        normals = vertex_normals(smooth, split_faces(refined.faces)[0])
        triangles = split_faces(refined.faces[self._chosen[refined.parent]])[0]
        meant, area = self._slopes_of_map(displacement, triangles, smooth, chart, tangents, normals)
        if meant < _FLAT:
            return 1.0
        moved, turned = smooth.copy(), normals.copy()
        side = map_side(self._head, levels, displacement.shape[0])
        displace(moved, turned, tangents, chart, np.ones(len(moved), np.float32), displacement, side)
        before, after = triangle_normals(smooth, triangles), triangle_normals(moved, triangles)
        cosine = (before * after).sum(axis=1) / np.maximum(
            np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-12
        )
        steep = 1 / np.square(np.clip(cosine, 0.1, 1)) - 1
        return float(np.sqrt((steep * area).sum() / area.sum()) / meant)

    @staticmethod
    def _slopes_of_map(
        displacement: Float32, triangles: Int32, smooth: Float32, chart: Float32, tangents: Float32, normals: Float32
    ) -> tuple[float, Float32]:
        """Root mean square of the map's slopes, mm per mm, and the areas of the triangles (T,)."""
        area = np.linalg.norm(triangle_normals(smooth, triangles), axis=1)
        slopes = gradient(displacement)
        total = 0.0
        for shares in np.random.default_rng(0).dirichlet((1, 1, 1), _PLACES).astype(np.float32):
            at, frame, normal = (np.einsum("i,ki...->k...", shares, each[triangles])
                                 for each in (chart, tangents, normals))  # fmt: skip
            normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
            along = dual_tangents(frame[:, 0], frame[:, 1], normal)
            of_map = sample_bilinear(slopes, at)
            slope = of_map[:, :1] * along[0] + of_map[:, 1:] * along[1]
            total += float((np.square(slope).sum(axis=1) * area).sum() / area.sum()) / _PLACES
        return float(np.sqrt(total)), area
