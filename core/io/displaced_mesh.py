"""The face as real geometry: subdivided, then moved along its smooth normals by the displacement map.

Where the skin has less than all of that map's detail it is moved by the relief that goes on outside the chart, as the
viewport draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32, Part, split_faces
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.head.rest_plane import rest_at
from rhytid.core.head.subdivide import Subdivision, subdivide, surface_faces
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.io.layout_sampling import sampled
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.resample import resample
from rhytid.core.maps.skin_tile import border_slopes, outside, relief_around

MATERIAL_NAMES = ("face", "head", "eye_left", "eye_right", "teeth", "mouth")
"""Skin in tile 1001, where the maps lie; other skin; the rest by part."""
FACE = 0
"""Number of the material whose texture coordinates lie in tile 1001."""

_DEGENERATE_MM2 = 1e-2
EDGES_PER_TEXEL = 1.0
_FINER = 4
_SIGMA_TEXELS = 0.7  # of a mean over the same two texels
_SIGMA_EDGES = 0.25  # less aliases, more loses slopes: `tests/bench/blender_figures.py`
_VERTICES_AT_ONCE = 1 << 17
_FULL = 1 - 1e-5


@dataclass(frozen=True, eq=False)
class DisplacedMesh:
    """A displaced mesh and what is known of its vertices.

    Attributes
    ----------
    mesh : MeshData
        Materials are `MATERIAL_NAMES`.
    chart : float32 (V, 2)
        Chart coordinates, meaningful where skin is.
    detail_weight : float32 (V,)
        0 off the skin.
    is_skin : bool (V,)
        Vertex of a skin face.
    parent : int32
        Of each face of the surface, which come first, its face among the head's `surface_faces`.
    """

    mesh: MeshData
    chart: Float32
    detail_weight: Float32
    is_skin: npt.NDArray[np.bool_]
    parent: Int32


def displaced_mesh(
    head: Head, vertices: Float32, displacement: Float32, levels: int, all_parts: bool = True,
    uv: tuple[Float32, Int32] | None = None,
) -> DisplacedMesh:  # fmt: skip
    """Subdivide the skin of a head and displace it.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Current shape in mm.
    displacement : float32 (H, H)
        mm in the chart, as the viewport shows it; 0 everywhere gives the smooth surface.
    levels : int
        Catmull-Clark levels of the skin and of what hangs on it.
    all_parts : bool
        Eyes, teeth and mouth too (eyes and teeth as they are, they carry no detail).
    uv : float32 (U, 2) and int32 (F, 4), optional
        Texture coordinates and their indices; those of `export_uv` by default.
    """
    surface = surface_faces(head)
    rest = ~surface
    # Texture coordinates first: the matrices of a subdivision are large, two at a time are not needed.
    fine_uv, fine_face_uv = _refined_uv(export_uv(head) if uv is None else uv, surface, levels)
    refined = subdivide(head.faces[surface], len(head.neutral), levels)
    smooth = refined.apply(vertices)
    chart, weight = surface_attributes(head, refined)
    parts = np.concatenate([head.parts[surface][refined.parent], head.parts[rest]])
    faces = np.concatenate([refined.faces, head.faces[rest]])

    skin_faces = refined.faces[head.parts[surface][refined.parent] == Part.SKIN]
    is_skin = np.zeros(refined.n_vertices, bool)
    is_skin[skin_faces[skin_faces >= 0]] = True
    weight = np.where(is_skin, weight, np.float32(0))
    tangents = refined.apply(base_tangents(head, vertices))
    outer = np.flatnonzero(is_skin & (weight < _FULL))
    parent = refined.parent
    del refined
    normals = vertex_normals(smooth, split_faces(faces)[0])
    if displacement.any():
        slope, height = _relief_outside(head, smooth, normals, outer, chart, weight, skin_faces, displacement)
        smooth[outer] += normals[outer] * height[:, None]
        if (weight > 0).any():
            displace(smooth, normals, tangents, chart, weight, displacement, map_side(head, levels, len(displacement)))
        normals[outer] = _unit(normals[outer] - slope)

    mesh = MeshData(
        vertices=smooth,
        faces=faces,
        normals=normals,
        uv=fine_uv,
        face_uv=fine_face_uv,
        material=materials_of(parts, fine_uv, fine_face_uv),
        material_names=MATERIAL_NAMES,
        detail=weight.astype(np.float32),
    )
    if not all_parts:
        kept = parts == Part.SKIN
        used = np.zeros(len(smooth), bool)
        used[faces[kept][faces[kept] >= 0]] = True
        return DisplacedMesh(mesh.only(kept), chart[used], weight[used], is_skin[used], parent)
    return DisplacedMesh(mesh, chart, weight, is_skin, parent)


def _refined_uv(
    given: tuple[Float32, Int32], surface: npt.NDArray[np.bool_], levels: int
) -> tuple[Float32, Int32]:
    uv, face_uv = given
    refined = subdivide(face_uv[surface], len(uv), levels)
    return refined.apply(uv), np.concatenate([refined.faces, face_uv[~surface]])


def displace(
    smooth: Float32,
    normals: Float32,
    tangents: Float32,
    chart: Float32,
    weight: Float32,
    displacement: Float32,
    side: int,
) -> None:
    """Move vertices along their normals and turn these, in place; the edges are as long as texels of `side` a side."""
    # Gradients first, then the average: as the viewport's mip levels do it.
    fine = resample(displacement, min(2 * side, displacement.shape[0]))
    slopes, heights = resample(gradient(fine), side), _heights(displacement, side)
    moving = np.flatnonzero(weight > 0)
    for start in range(0, len(moving), _VERTICES_AT_ONCE):
        part = moving[start : start + _VERTICES_AT_ONCE]
        slope = sample_bilinear(slopes, chart[part]) * weight[part, None]
        amount_mm = sampled(heights, chart[part]) * weight[part]
        smooth[part] += normals[part] * amount_mm[:, None]
        normals[part] = displaced_normals(normals[part], tangents[part, 0], tangents[part, 1], slope)


def _heights(displacement: Float32, side: int) -> Float32:
    """A map without what edges as long as texels of `side` a side cannot hold, and without what no gradient shows.

    Gradients are differences over two texels: what changes from one to the next is not in the viewport's picture, and a
    mesh as fine as the texels would be rougher than that.
    """
    values = resample(displacement, min(_FINER * side, len(displacement)))
    sigma = max(_SIGMA_TEXELS, _SIGMA_EDGES * len(values) / side)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def _relief_outside(
    head: Head,
    smooth: Float32,
    normals: Float32,
    outer: npt.NDArray[np.intp],
    chart: Float32,
    weight: Float32,
    faces: Int32,
    displacement: Float32,
) -> tuple[Float32, Float32]:
    """Slope (N, 3) and height (N,) in mm of the relief outside the chart at the vertices `outer` (N,).

    Nothing finer than the mesh's edges there: it would alias on them.
    """
    total, count = np.zeros(len(smooth)), np.zeros(len(smooth))
    for one, other in ((0, 1), (1, 2)):
        length = np.linalg.norm(smooth[faces[:, one]] - smooth[faces[:, other]], axis=1)
        for corner in (one, other):
            total += np.bincount(faces[:, corner], length, len(smooth))
            count += np.bincount(faces[:, corner], minlength=len(smooth))
    edge_mm = (total[outer] / np.maximum(count[outer], 1)).astype(np.float32)
    relief = relief_around(
        rest_at(head, chart[outer]), normals[outer], chart[outer], border_slopes(displacement), edge_mm
    )
    share = outside(weight[outer])
    return relief.slope * share[:, None], relief.height * share


def materials_of(parts: npt.NDArray[np.uint8], uv: Float32, face_uv: Int32) -> Int32:
    """Index into `MATERIAL_NAMES` of each face (F,)."""
    centre = uv[face_uv[:, :3]].mean(axis=1)
    in_chart = ((centre >= 0) & (centre < 1)).all(axis=1)
    return np.where(parts == Part.SKIN, np.where(in_chart, 0, 1), parts.astype(np.int32) + 1).astype(np.int32)


def surface_attributes(head: Head, refined: Subdivision) -> tuple[Float32, Float32]:
    """Chart coordinates (V, 2) and detail weights (V,) of the subdivided vertices.

    Vertices beside the skin, in the mouth's lining, have no chart coordinate, but the rules average over
    them: they borrow that of the skin they touch, with weight 0.
    """
    n_vertices = len(head.neutral)
    chart = np.zeros((n_vertices, 2), np.float32)
    chart[: head.n_skin] = head.chart
    faces = head.faces[surface_faces(head)]
    valid = faces >= 0
    on_skin = valid & (faces < head.n_skin)
    mixed = on_skin.any(axis=1) & (valid & ~on_skin).any(axis=1)
    face, slot = np.nonzero(valid[mixed] & ~on_skin[mixed])
    if face.size:
        mean = np.where(on_skin[mixed][..., None], chart[faces[mixed]], 0).sum(axis=1)
        mean /= on_skin[mixed].sum(axis=1)[:, None]
        vertex = faces[mixed][face, slot]
        count = np.maximum(np.bincount(vertex, minlength=n_vertices), 1)
        for axis in range(2):
            total = np.bincount(vertex, mean[face, axis], minlength=n_vertices) / count
            chart[head.n_skin :, axis] = total[head.n_skin :]
    weight = np.zeros(n_vertices, np.float32)
    weight[: head.n_skin] = head.detail_weight
    return refined.apply(chart), np.clip(refined.apply(weight), 0, 1)


def displaced_normals(normals: Float32, tangent: Float32, bitangent: Float32, slope: Float32) -> Float32:
    """Unit normals of a displaced surface, by the viewport's formula.

    Normals averaged from the faces of a mesh of finite density understate slopes (by a third at 4 edges per
    wavelength); these are exact at the vertices.

    Parameters
    ----------
    normals : float32 (N, 3)
        Unit normals of the smooth surface.
    tangent, bitangent : float32 (N, 3)
        dP/dx and dP/dy in mm per chart unit.
    slope : float32 (N, 2)
        Gradient of the displacement in mm per chart unit.
    """
    area = np.einsum("ij,ij->i", np.cross(tangent, bitangent), normals)
    sound = np.abs(area) > _DEGENERATE_MM2
    turn = slope[:, :1] * np.cross(normals, bitangent) + slope[:, 1:] * np.cross(tangent, normals)
    turned = normals + np.where(sound[:, None], turn / np.where(sound, area, 1)[:, None], 0)
    return _unit(turned)


def _unit(vectors: Float32) -> Float32:
    unit: Float32 = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return unit


def sample_bilinear(values: Float32, chart: Float32) -> Float32:
    """Map (H, H) or (H, H, C) at chart coordinates (N, 2), clamped outside: float32 (N,) or (N, C)."""
    side = values.shape[0]
    position = np.clip(chart * np.float32(side) - np.float32(0.5), 0, side - 1)
    first = np.minimum(position.astype(np.intp), side - 2)
    x, y = (position - first).T.reshape(2, -1, *(1,) * (values.ndim - 2))
    column, row = first.T
    top = values[row, column] * (1 - x) + values[row, column + 1] * x
    bottom = values[row + 1, column] * (1 - x) + values[row + 1, column + 1] * x
    sampled: Float32 = (top * (1 - y) + bottom * y).astype(np.float32)
    return sampled


def base_tangents(head: Head, vertices: Float32) -> Float32:
    """dP/dx and dP/dy of the skin in mm per chart unit, float32 (V, 2, 3); 0 elsewhere."""
    tangents = np.zeros((len(vertices), 2, 3), np.float32)
    tangents[: head.n_skin] = np.stack(chart_tangents(head, vertices), axis=1)
    return tangents


def map_side(head: Head, levels: int, side: int) -> int:
    """Side of the map, at most `side`, whose texels are as large as the edges of a head that is subdivided so often."""
    faces = head.faces[head.parts == Part.SKIN][:, :3]
    faces = faces[(head.detail_weight[faces] > 0.5).all(axis=1)]
    if not len(faces):
        return side
    edge = float(np.median(np.linalg.norm(head.chart[faces[:, 1]] - head.chart[faces[:, 0]], axis=1))) / 2**levels
    return int(np.clip(round(EDGES_PER_TEXEL / max(edge, 1e-6)), min(64, side), side))
