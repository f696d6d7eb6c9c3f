"""From the pipeline's maps to other programs': where skin is, how much detail it takes, its metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32, Head, Int32, split_faces
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.io.displaced_mesh import FACE, materials_of
from rhytid.core.maps.normal_map import chart_metric
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.resample import enlarged_rows
from rhytid.core.maps.tangent_frame import chart_turn, dual_tangents

Scalar = TypeVar("Scalar", bound=np.generic)
RESOLUTION = 512
_TILE = 1024
_ROWS_TEXELS = 1 << 21
_SUBPIXEL_BITS = 4
_ROUNDING = 1e-5
_BORDER = 0.1  # chart units


@dataclass(frozen=True, eq=False)
class ChartFrame:
    """Smooth properties of a posed head over its chart, extended to texels without skin.

    Attributes
    ----------
    weight : float32 (r, r)
        How much of the detail the skin takes, 0..1.
    metric : float32 (r, r, 3)
        `core.maps.normal_map.chart_metric`, mm^2.
    normals : float32 (r, r, 3)
        Unit.
    turn : float32 (r, r, 4)
        `core.maps.tangent_frame.chart_turn`, of the base mesh's MikkTSpace.
    slopes : float32 (r, r, 2, 3)
        `core.maps.tangent_frame.dual_tangents`, 1/mm.
    """

    weight: Float32
    metric: Float32
    normals: Float32
    turn: Float32
    slopes: Float32


def chart_frame(head: Head, vertices: Float32, resolution: int = RESOLUTION) -> ChartFrame:
    """Frame of a head in a pose, vertices float32 (V, 3) in mm."""
    normals = vertex_normals(vertices, head.triangles)[: head.n_skin]
    along = chart_tangents(head, vertices)
    metric = chart_metric(*along, normals)
    frame = _tangents(head, vertices, normals)
    values = np.concatenate([head.detail_weight[:, None], metric, normals, *along, frame], axis=1)
    triangle, barycentric = rasterise(head.chart, _detailed_triangles(head), resolution)
    covered = triangle >= 0
    corners = _detailed_triangles(head)[triangle[covered]]
    sampled = np.zeros((resolution, resolution, values.shape[1]), np.float32)
    sampled[covered] = np.einsum("ij,ijk->ik", barycentric[covered], values[corners])
    sampled = pad_edges(sampled, covered)
    metric, normals, x, y = (np.ascontiguousarray(sampled[..., k : k + 3]) for k in (1, 4, 7, 10))
    turn = chart_turn(x, y, normals, sampled[..., 13:])
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), np.float32(1e-6))
    slopes = np.stack(dual_tangents(x, y, normals), axis=-2)
    return ChartFrame(np.clip(sampled[..., 0], 0, 1), metric, normals, turn, slopes)


def _tangents(head: Head, vertices: Float32, normals: Float32) -> Float32:
    """MikkTSpace of the base mesh in tile 1001, float32 (n_skin, 4), for unit normals (n_skin, 3)."""
    uv, face_uv = export_uv(head)
    in_tile = materials_of(head.parts, uv, face_uv) == FACE
    of_chart = np.stack([head.chart[:, 0], 1 - head.chart[:, 1]], axis=1)
    tangents = np.zeros((head.n_skin, 4), np.float32)
    # Beyond the tile no shader reads the map, but texels at its border need a frame all the same.
    for coordinates, corners, places in (
        (of_chart, head.skin_triangles, head.skin_triangles),
        (uv, split_faces(head.faces[in_tile])[0], split_faces(face_uv[in_tile])[0]),
    ):
        frames = TangentFrames(coordinates, corners, places)
        tangents[frames.vertex] = frames.of(vertices, normals)
    return tangents


def _detailed_triangles(head: Head) -> Int32:
    """Skin triangles in the chart but for those without detail that lie in it all around, such as the lips' inside.

    These roll in under the visible skin and may share texels with it. The chart's border is kept: there the weight
    falls to 0.
    """
    triangles = head.skin_triangles
    corner = head.chart[triangles]
    at_border = ((corner < _BORDER) | (corner > 1 - _BORDER)).any(axis=(1, 2))
    return triangles[at_border | (head.detail_weight[triangles] > 0).any(axis=1)]


def coverage(head: Head, resolution: int) -> npt.NDArray[np.bool_]:
    """Texels (R, R) that any part of a skin triangle touches."""
    picture = np.zeros((resolution, resolution), np.uint8)
    corners = (head.chart[head.skin_triangles] * resolution - 0.5) * (1 << _SUBPIXEL_BITS)
    for triangle in np.rint(corners).astype(np.int32):
        cv2.fillConvexPoly(picture, triangle, 1, cv2.LINE_8, _SUBPIXEL_BITS)
    return picture.view(np.bool_)


def weighted(displacement: Float32, frame: ChartFrame) -> Float32:
    """Displacement times the detail weight of the skin, so that other programs show no seam."""
    side = displacement.shape[0]
    result = np.empty_like(displacement)
    n_rows = max(1, _ROWS_TEXELS // side)
    for y in range(0, side, n_rows):
        end = min(y + n_rows, side)
        weight = enlarged_rows(frame.weight, side, y, end)
        weight[weight > 1 - _ROUNDING] = 1  # skin with full detail keeps the very bits of the map
        np.multiply(displacement[y:end], weight, out=result[y:end])
    return result


def pad_within(values: npt.NDArray[Scalar], valid: npt.NDArray[np.bool_], padding_px: int, fill: npt.ArrayLike) -> None:
    """Carry valid texels `padding_px` texels into invalid ones, in place; farther ones get `fill`.

    Works tile by tile: the distance transform of a whole 8192 map would take gigabytes.

    Parameters
    ----------
    values : (H, H) or (H, H, C)
    valid : bool (H, H)
    fill : scalar or (C,)
    """
    side = len(valid)
    for y in range(0, side, _TILE):
        for x in range(0, side, _TILE):
            inner = slice(y, y + _TILE), slice(x, x + _TILE)
            if valid[inner].all():
                continue
            y0, x0 = max(y - padding_px, 0), max(x - padding_px, 0)
            window = slice(y0, y + _TILE + padding_px), slice(x0, x + _TILE + padding_px)
            # Invalid texels that an earlier tile filled are still invalid here, so the order does not matter.
            cleared = values[window].copy()
            cleared[~valid[window]] = fill
            padded = pad_edges(cleared, valid[window], padding_px) if padding_px > 0 else cleared
            rows, columns = valid[inner].shape
            values[inner] = padded[y - y0 : y - y0 + rows, x - x0 : x - x0 + columns]
