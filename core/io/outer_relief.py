"""Relief of the skin outside the chart as exported maps hold it: the ring within its border, and the tile beside it.

What the viewport draws there (`shaders/include/around.glsl`) lies in no map of the chart. In the ring it is height that
adds to the displacement. In tile 1002 it has maps of its own, in the frame that MikkTSpace gives for the texture
coordinates there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32, Head, Int32, split_faces
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.head.rest_plane import rest_at, rest_plane
from rhytid.core.io.chart_frame import ChartFrame
from rhytid.core.io.chart_uv import export_uv, lies_in_tile
from rhytid.core.io.displaced_mesh import materials_of
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.curvature import smooth_curvature
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.skin_tile import RIM, outside, relief_around
from rhytid.core.maps.tangent_frame import in_frame

HEAD = 1
"""Number of the material whose texture coordinates lie in tile 1002."""
OUTER_SIDE = 2048
"""Texels a side of the tile beside the chart at most: it holds nothing finer."""
_BLOCK = 512
_STRIP_ROWS = 128
_FULL = 1 - 1e-5
_TIGHTEST_PER_MM = np.float32(0.5)


@dataclass(frozen=True, eq=False)
class OuterSpace:
    """What else maps of tile 1002 may need.

    Attributes
    ----------
    smooth, displaced : float32 (S, S, 3)
        Unit normals of the skin in space, without the relief and with it.
    texel_mm : float32 (S, S, 2)
        What a texel is along u and v, mm.
    curvature : float32 (S, S)
        Of the smooth skin, 1/mm.
    """

    smooth: Float32
    displaced: Float32
    texel_mm: Float32
    curvature: Float32


@dataclass(frozen=True, eq=False)
class OuterTile:
    """Maps of tile 1002, float32 (S, S) each, beyond the skin continued.

    Attributes
    ----------
    height : mm
    normals : float32 (S, S, 3)
        Unit, in tangent space: x along u, y along v, z outward.
    roughening : variance of slopes between the texels, mm per mm
    visibility : how much of the surroundings the skin sees, 0..1
    space : OuterSpace or None
        Where it was asked for.
    """

    height: Float32
    normals: Float32
    roughening: Float32
    visibility: Float32
    space: OuterSpace | None = None


def ring_height(head: Head, frame: ChartFrame, strength: Float32, side: int) -> npt.NDArray[np.float16]:
    """What relief outside adds within the chart's border, float16 (H, H) in mm: 0 where skin has all of its detail.

    Parameters
    ----------
    head : Head
    frame : ChartFrame
    strength : float32 (16, 16)
        `core.maps.skin_tile.border_slopes`.
    side : int
        H.
    """
    height = np.zeros((side, side), np.float16)
    for y in range(0, side, _BLOCK):
        for x in range(0, side, _BLOCK):
            rows, columns = (
                (np.arange(at, min(at + _BLOCK, side), dtype=np.float32) + np.float32(0.5)) / np.float32(side)
                for at in (y, x)
            )
            within = min(rows[0], 1 - rows[-1], columns[0], 1 - columns[-1])
            if within >= RIM:
                continue
            weight = _enlarged(frame.weight, rows, columns)
            across, down = np.meshgrid(columns, rows)
            here = (weight <= _FULL) & (np.minimum(np.minimum(across, 1 - across), np.minimum(down, 1 - down)) < RIM)
            if not here.any():
                continue
            normals, metric = (_enlarged(values, rows, columns)[here] for values in (frame.normals, frame.metric))
            plane = ((at - np.float32(AROUND_FIRST)) / np.float32(AROUND_SPAN) for at in (rows, columns))
            rest, chart = _enlarged(rest_plane(head), *plane)[here], np.stack([across[here], down[here]], axis=-1)
            texel_mm = np.sqrt(np.maximum(metric[..., 0], metric[..., 2])) / np.float32(side)
            relief = relief_around(rest, normals, chart, strength, texel_mm)
            height[y : y + len(rows), x : x + len(columns)][here] = relief.height * outside(weight[here])
    return height


def _enlarged(values: Float32, rows: Float32, columns: Float32) -> Float32:
    """A map (r, r) or (r, r, C) at a grid of places 0..1 (h,) and (w,), bilinear: (h, w) or (h, w, C)."""
    for axis, places in ((0, rows), (1, columns)):
        last = values.shape[axis] - 1
        at = np.clip(places * np.float32(last + 1) - np.float32(0.5), 0, np.float32(last))
        first = np.minimum(at.astype(np.intp), last - 1)
        share = (at - first).reshape((-1,) + (1,) * (values.ndim - 1 - axis)).astype(np.float32)
        values = values.take(first, axis) * (1 - share) + values.take(first + 1, axis) * share
    return values


def outer_tile(
    head: Head, vertices: Float32, strength: Float32, visibility: Float32, side: int, in_space: bool = False
) -> OuterTile | None:
    """Maps of tile 1002 of a posed head; None for one whose texture coordinates are of another layout.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape, mm.
    strength : float32 (16, 16)
        `core.maps.skin_tile.border_slopes`.
    visibility : float32 (V,)
        How much of the surroundings vertices see, 0..1.
    side : int
        S.
    in_space : bool
        With `OuterTile.space`.
    """
    uv, face_uv = export_uv(head)
    chosen = materials_of(head.parts, uv, face_uv) == HEAD
    if not lies_in_tile(uv, face_uv[chosen], 1):
        return None
    triangles, _ = split_faces(face_uv[chosen])
    corners, _ = split_faces(head.faces[chosen])
    return relief_in_tile(
        head, vertices, strength, visibility, side, uv - np.array([1, 0], np.float32), triangles, corners, in_space
    )


def relief_in_tile(
    head: Head, vertices: Float32, strength: Float32, visibility: Float32, side: int, uv: Float32, triangles: Int32,
    corners: Int32, in_space: bool = False, only: npt.NDArray[np.bool_] | None = None,
) -> OuterTile:  # fmt: skip
    """Maps of a tile with skin outside the chart; all but the following as `outer_tile` has it.

    Parameters
    ----------
    uv : float32 (U, 2)
        0..1 in the tile, v up.
    triangles, corners : int32 (T, 3)
        Of the skin in it, into `uv` and into the head's vertices; of those that share texels the last one counts.
    only : bool (S, S), optional
        Texels that are wanted.
    """
    along = uv_tangents(uv, triangles, vertices, corners)
    n_skin, normals = head.n_skin, vertex_normals(vertices, head.triangles)
    frames = TangentFrames(uv, corners, triangles)
    tangents = frames.of(vertices, normals)
    per_vertex = np.concatenate(
        [normals[:n_skin], head.chart, head.detail_weight[:, None], visibility[:n_skin, None],
         skin_curvature(head, vertices, normals)[:, None]], axis=1,
    )  # fmt: skip
    index, weights = rasterise(np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1), triangles, side)
    covered = index >= 0 if only is None else (index >= 0) & only
    found = np.zeros((side, side, 15 if in_space else 6), np.float32)
    found[..., 2] = found[..., 5] = 1
    for y in range(0, side, _STRIP_ROWS):
        rows = np.s_[y : y + _STRIP_ROWS]
        here = covered[rows]
        if here.any():
            shares, at = weights[rows][here], index[rows][here]
            values = np.einsum("ij,ijk->ik", shares, per_vertex[corners[at]])
            across = np.einsum("ij,ijk->ik", shares, tangents[frames.of_corner[at]])
            mm = np.einsum("ij,ijk->ik", shares, np.linalg.norm(along, axis=2)[triangles[at]])
            found[rows][here] = _texels(head, values, across, mm / np.float32(side), strength)[:, : found.shape[2]]
    found = pad_edges(found, covered)
    height, tilted, roughening, seen = (np.ascontiguousarray(found[..., k]) for k in (3, np.s_[:3], 4, 5))
    space = None
    if in_space:
        space = OuterSpace(*(np.ascontiguousarray(found[..., k]) for k in (np.s_[6:9], np.s_[9:12], np.s_[12:14], 14)))
    return OuterTile(height, tilted, roughening, seen, space)


def skin_curvature(head: Head, vertices: Float32, normals: Float32) -> Float32:
    """Mean curvature of the smooth skin at its vertices, float32 (n_skin,), 1/mm; unit `normals` (V, 3).

    A mesh has no tighter bends than its edges are long: where skin rolls in at lids and lips it is limited.
    """
    found = smooth_curvature(chart_tangents(head, vertices), normals[: head.n_skin], chart_tangents(head, normals))
    return np.clip(found, -_TIGHTEST_PER_MM, _TIGHTEST_PER_MM)


def _texels(head: Head, values: Float32, tangents: Float32, texel_mm: Float32, strength: Float32) -> Float32:
    """What `OuterTile` holds, float32 (N, 15), of texels with skin: the normal in tangent space first, then height."""
    shaded, chart, weight, visibility = values[:, :3], values[:, 3:5], values[:, 5], values[:, 6]
    normals = shaded / np.maximum(np.linalg.norm(shaded, axis=1, keepdims=True), np.float32(1e-6))
    relief = relief_around(rest_at(head, chart), normals, chart, strength, texel_mm.max(axis=1))
    share = outside(np.clip(weight, 0, 1))
    slope = relief.slope * share[:, None]
    displaced = normals - slope
    displaced /= np.linalg.norm(displaced, axis=1, keepdims=True)
    tilted = in_frame(displaced, shaded, tangents)
    tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
    rest_of = np.stack([relief.height * share, relief.roughening * share * share, visibility], axis=1)
    return np.concatenate([tilted, rest_of, normals, displaced, texel_mm, values[:, 7:]], axis=1).astype(np.float32)


def uv_tangents(uv: Float32, triangles: Int32, vertices: Float32, corners: Int32) -> Float32:
    """How the skin's place changes along u and v per texture coordinate, float32 (U, 2, 3), mm per unit.

    Parameters
    ----------
    uv : float32 (U, 2)
    triangles : int32 (T, 3)
        Into `uv`.
    vertices : float32 (V, 3)
        mm.
    corners : int32 (T, 3)
        Into `vertices`, of the same triangles.
    """
    place, point = uv[triangles].astype(np.float64), vertices[corners].astype(np.float64)
    (u1, v1), (u2, v2) = ((place[:, k] - place[:, 0]).T for k in (1, 2))
    edges = point[:, 1:] - point[:, :1]
    area = u1 * v2 - u2 * v1
    # Times the area: large triangles count more, and those without any not at all.
    sign = np.sign(area)[:, None]
    along = np.stack(
        [(edges[:, 0] * v2[:, None] - edges[:, 1] * v1[:, None]) * sign,
         (edges[:, 1] * u1[:, None] - edges[:, 0] * u2[:, None]) * sign], axis=1,
    )  # fmt: skip
    total, areas = np.zeros((len(uv), 2, 3)), np.zeros(len(uv))
    for k in range(3):
        np.add.at(total, triangles[:, k], along)
        np.add.at(areas, triangles[:, k], np.abs(area))
    return (total / np.maximum(areas, 1e-12)[:, None, None]).astype(np.float32)
