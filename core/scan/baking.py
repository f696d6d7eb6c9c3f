"""A scan's height over its base, and its colour, drawn in the chart."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.chart import ChartRaster, rasterise
from rhytid.core.head.head import Float32, Head, Int32, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.subdivide import subdivide
from rhytid.core.head.surface import Surface, SurfacePoints
from rhytid.core.maps.border import border_fade
from rhytid.core.maps.fill import fill_smoothly

Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]

_LEVELS = 2  # of the base, so that its facets do not show in the height
_AT_ONCE = 1 << 16
_CANDIDATES = 8
# What is farther from the base is no skin of the face: hair, collars, the other side of a lid.
_FARTHEST_MM = 6.0
_LONGEST = 0.04  # chart units: triangles that are longer go over a fold or a gap
_MOST_MM = 4.0
_SPIKE, _LEAST_SPIKE_MM = 12.0, 0.25
_MAD = 1.4826
_FADE = 0.06
_COLOR_SIDE = 2048


class Placed(NamedTuple):
    """Of each vertex of a scan: place in the chart (V, 2), height over the base in mm (V,), whether it lies on it."""

    chart: Float32
    height: Float32
    is_on: Bool


class Baked(NamedTuple):
    """Displacement (R, R) in mm, where the scan shows skin (R, R), and remarks."""

    displacement: Float32
    seen: Bool
    remarks: tuple[str, ...]


def placed(vertices: Float32, triangles: Int32, head: Head, control: Control) -> Placed:
    """Where the vertices of a scan (V, 3) lie over the neutral of a head, mm."""
    skin = head.faces[head.parts == Part.SKIN]
    finer = subdivide(skin, head.n_skin, _LEVELS)
    base = finer.apply(head.neutral[: head.n_skin])
    chart = finer.apply(np.concatenate([head.chart, head.detail_weight[:, None]], axis=1))
    quads = finer.faces
    corners = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    normals = vertex_normals(base, corners)
    surface = Surface(base, corners[(chart[corners, 2] > 0).any(axis=1)])
    own = vertex_normals(vertices, triangles)
    result = Placed(np.zeros((len(vertices), 2), np.float32), np.zeros(len(vertices), np.float32),
                    np.zeros(len(vertices), bool))  # fmt: skip
    shown = surface.vertices[surface.triangles]
    low, high = shown.min(axis=(0, 1)), shown.max(axis=(0, 1))
    near = ((vertices > low - _FARTHEST_MM) & (vertices < high + _FARTHEST_MM)).all(axis=1)
    chosen = np.flatnonzero(near)
    for start in range(0, len(chosen), _AT_ONCE):
        control(start / len(chosen))
        part = chosen[start : start + _AT_ONCE]
        where = surface.nearest(vertices[part], own[part], _CANDIDATES)
        normal = surface.at(where, normals)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        found = surface.at(where, chart)
        result.chart[part] = found[:, :2]
        result.height[part] = np.einsum("nk,nk->n", vertices[part] - surface.at(where), normal)
        faces_out = np.einsum("nk,nk->n", own[part], normal) > 0
        result.is_on[part] = (where.distance < _FARTHEST_MM) & faces_out & _inside(where)
    return result


def _inside(where: SurfacePoints) -> Bool:
    """Not on a corner, as what lies beyond the edge of the surface is."""
    return np.asarray(where.barycentric.max(axis=1) < 1 - 1e-9)


def baked(
    place: Placed, triangles: Int32, head: Head, resolution: int, control: Control
) -> tuple[Baked, Int32, Float32]:
    """Displacement of a scan in the chart; also the scan's vertices that each texel lies between, and their weights.

    Returns
    -------
    Baked
    corners : int32 (R, R, 3)
    weights : float32 (R, R, 3)
        0 where the scan shows nothing.
    """
    drawn = triangles[place.is_on[triangles].all(axis=1)]
    corner = place.chart[drawn]
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    way = np.sign(np.median(area)) if len(area) else 1.0
    drawn = drawn[(np.ptp(corner, axis=1).max(axis=1) < _LONGEST) & (way * area > 0)]
    # The last one counts: of two sheets the one nearer to the base.
    drawn = drawn[np.argsort(-np.abs(place.height[drawn]).max(axis=1), kind="stable")]
    control(0.2)
    index, weights = rasterise(place.chart, drawn, resolution)
    control(0.6)
    seen = index >= 0
    corners = np.where(seen[..., None], drawn[np.maximum(index, 0)] if len(drawn) else 0, 0)
    height = np.einsum("rck,rck->rc", weights, place.height[corners]).astype(np.float32)
    face = ChartRaster(head, resolution).sample(head.detail_weight)
    remarks = []
    spikes = _spikes(height, seen)
    if spikes.any():
        remarks.append(f"{100 * spikes.sum() / max(int(seen.sum()), 1):.2g} % of the scan's texels were spikes")
    known = seen & ~spikes
    on_face = face > 0.5
    missing = float((on_face & ~seen).sum() / max(int(on_face.sum()), 1))
    if missing > 0.005:
        remarks.append(f"{100 * missing:.0f} % of the face is not in the scan and is filled smoothly")
    control(0.8)
    filled = fill_smoothly(height, known).clip(-_MOST_MM, _MOST_MM)
    filled *= face
    control(1.0)
    return Baked(np.ascontiguousarray(filled, np.float32), known, tuple(remarks)), corners, weights


def _spikes(height: Float32, seen: Bool) -> Bool:
    """Texels that stand out of their neighbours as no skin does."""
    off = np.abs(height - cv2.medianBlur(height, 5))
    spread = _MAD * float(np.median(off[seen])) if seen.any() else 0.0
    return np.asarray(seen & ((off > max(_SPIKE * spread, _LEAST_SPIKE_MM)) | (np.abs(height) > _MOST_MM)))


def baked_color(colors: UInt8, corners: Int32, weights: Float32, seen: Bool) -> UInt8:
    """Colours of a scan's vertices (V, 3) in the chart, uint8 (R, R, 3), one tone at the chart's border."""
    side = min(len(seen), _COLOR_SIDE)
    result = np.empty((side, side, 3), np.uint8)
    share = border_fade(side, _FADE)
    for channel in range(3):
        drawn = np.einsum("rck,rck->rc", weights, colors[:, channel].astype(np.float32)[corners])
        filled = fill_smoothly(drawn.astype(np.float32), seen)
        if side < len(seen):
            filled = np.asarray(cv2.resize(filled, (side, side), interpolation=cv2.INTER_AREA), np.float32)
        ring = (share > 0.1) & (share < 0.9)
        tone = np.median(filled[ring])
        result[..., channel] = np.rint(tone + share * (filled - tone)).clip(0, 255)
    return result
