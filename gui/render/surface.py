"""What the renderer knows about a head's mesh besides its positions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import barycentric_of
from rhytid.core.head.head import Head, Part
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


class MeshTopology:
    """Connectivity of a head as drawing needs it, computed once.

    Attributes
    ----------
    triangles : int32 (T, 3)
        Skin first: what lies behind it fails the depth test early.
    n_skin_triangles : int
    vertex_part : uint8 (V,)
        `Part` of each vertex.
    edges : int32 (E, 2)
        Each edge of the polygons once.
    """

    def __init__(self, head: Head) -> None:
        order = np.argsort(head.triangle_parts != Part.SKIN, kind="stable")
        self.triangles = np.ascontiguousarray(head.triangles[order], np.int32)
        self.n_skin_triangles = int((head.triangle_parts == Part.SKIN).sum())
        self.vertex_part = np.zeros(len(head.neutral), np.uint8)
        self.vertex_part[self.triangles.ravel()] = np.repeat(head.triangle_parts[order], 3)
        self.edges = _polygon_edges(head.faces)
        skin = self.triangles[: self.n_skin_triangles]
        corners = head.chart[skin]
        self._skin_triangles = skin
        self._chart = head.chart.astype(np.float64)
        # Each axis lies in one piece: every event of a pen asks for the triangles under a rectangle.
        self._chart_low, self._chart_high = (np.asfortranarray(at(corners, axis=1)) for at in (np.min, np.max))

    def vertices_under(self, rect: Rect, resolution: int) -> npt.NDArray[np.intp]:
        """Corners of all skin triangles whose part of the chart meets a rectangle of texels."""
        low = np.array([rect.x0, rect.y0], np.float32) / resolution
        high = np.array([rect.x1, rect.y1], np.float32) / resolution
        (low_x, low_y), (high_x, high_y) = self._chart_low.T, self._chart_high.T
        meets = (low_x <= high[0]) & (high_x >= low[0]) & (low_y <= high[1]) & (high_y >= low[1])
        under = np.zeros(len(self.vertex_part), bool)
        under[self._skin_triangles[meets]] = True
        return np.flatnonzero(under)

    def place(self, chart: tuple[float, float]) -> tuple[npt.NDArray[np.int32], Float64]:
        """Corners (3,) of the skin's triangle at a chart coordinate, and their weights (3,).

        Of a coordinate beside the skin those of something near.
        """
        at = np.asarray(chart, np.float64)
        beyond = np.maximum(np.maximum(self._chart_low - at, at - self._chart_high), 0.0).max(axis=1)
        near = np.flatnonzero(beyond <= beyond.min())
        weights = barycentric_of(np.broadcast_to(at, (len(near), 2)), self._chart[self._skin_triangles[near]])
        best = int(np.argmax(weights.min(axis=1)))
        return self._skin_triangles[near[best]], weights[best]

    def position_mm(self, chart: tuple[float, float], vertices: Float32) -> Float64:
        """Point of the skin at a chart coordinate, (3,); of a coordinate beside the skin something near."""
        corners, weights = self.place(chart)
        return np.asarray(weights @ vertices[corners].astype(np.float64), np.float64)

    def screen_box(
        self,
        rect: Rect,
        resolution: int,
        vertices: Float32,
        clip_from_head: npt.NDArray[np.float64],
        size_px: tuple[int, int],
        margin_px: int,
    ) -> Rect | None:
        """Pixels (origin bottom left) that the skin under a rectangle of texels may cover; None out of view."""
        index = self.vertices_under(rect, resolution)
        if not len(index):
            return None
        clip = vertices[index].astype(np.float64) @ clip_from_head[:, :3].T + clip_from_head[:, 3]
        if (clip[:, 3] <= 1.0).any():  # behind the camera
            return Rect(0, 0, *size_px)
        pixels = (clip[:, :2] / clip[:, 3:4] * 0.5 + 0.5) * size_px
        low = np.floor(pixels.min(0)).astype(int) - margin_px
        high = np.ceil(pixels.max(0)).astype(int) + margin_px
        box = Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1])).intersection(Rect(0, 0, *size_px))
        return None if box.empty else box

    def curvature(self, vertices: Float32, normals: Float32) -> Float32:
        """Unsigned curvature in 1/mm per vertex, (V,): how fast the normal turns along the edges."""
        i, j = self.edges[:, 0], self.edges[:, 1]
        turn = np.linalg.norm(normals[i] - normals[j], axis=1)
        length = np.maximum(np.linalg.norm(vertices[i] - vertices[j], axis=1), 1e-3)
        n = len(vertices)
        total = np.bincount(i, turn, n) + np.bincount(j, turn, n)
        lengths = np.bincount(i, length, n) + np.bincount(j, length, n)
        return np.asarray(total / np.maximum(lengths, 1e-6), np.float32)


def eye_frames(head: Head, topology: MeshTopology, vertices: Float32) -> list[tuple[Float32, Float32]]:
    """Rotation and centre of both eyeballs, (head_from_eye (3, 3), centre in mm (3,)), left first.

    Eye space has the axes of the head in the neutral pose. The rotation is the least squares one
    (Kabsch 1976) from the neutral eyeball to the current one; identity where a head has no eyeball.
    """
    frames = []
    for row, part in enumerate((Part.EYE_LEFT, Part.EYE_RIGHT)):
        index = np.flatnonzero(topology.vertex_part == part)
        if len(index) < 3:
            frames.append((np.eye(3, dtype=np.float32), head.eye_centers[row]))
            continue
        rest = head.neutral[index].astype(np.float64)
        now = vertices[index].astype(np.float64)
        u, _, vt = np.linalg.svd((now - now.mean(0)).T @ (rest - rest.mean(0)))
        rotation = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
        centre = now.mean(0) + rotation @ (head.eye_centers[row] - rest.mean(0))
        frames.append((rotation.astype(np.float32), centre.astype(np.float32)))
    return frames


def _polygon_edges(faces: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    quads = faces[faces[:, 3] >= 0]
    triangles = faces[faces[:, 3] < 0]
    pairs = [quads[:, [k, (k + 1) % 4]] for k in range(4)]
    pairs += [triangles[:, [k, (k + 1) % 3]] for k in range(3)]
    ends = np.sort(np.concatenate(pairs), axis=1).astype(np.int64)
    # One number per edge: far faster to make unique than rows are.
    n = int(ends.max()) + 1
    edges = np.unique(ends[:, 0] * n + ends[:, 1])
    return np.stack([edges // n, edges % n], axis=1).astype(np.int32)
