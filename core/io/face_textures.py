"""The colour of a whole head in its UDIM tiles: the chart, the skin outside it, and the eyes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32, Head, Int32, split_faces
from rhytid.core.io.chart_uv import export_uv, eye_directions, lies_in_tile
from rhytid.core.io.displaced_mesh import materials_of
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN, Rgb, SkinColors
from rhytid.core.maps.eye_color import eye_color
from rhytid.core.maps.padding import pad_edges

UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

# Larger textures make files that viewers load slowly or not at all.
EMBEDDED_SIDE = 2048
TILE_OF = {"head": "1002", "eye_left": "1003", "eye_right": "1003"}
"""Tile of each material that has a picture, beside the face's."""
_HEAD, _EYES = 1, (2, 3)  # materials
_BEHIND = -0.5


@dataclass(frozen=True, eq=False)
class FaceTextures:
    """Colour as meshes embed it, uint8 (R, R, 3) sRGB.

    Attributes
    ----------
    face : uint8 (R, R, 3)
        The chart, at most 2048 texels wide.
    tiles : dict of tile to uint8 (R, R, 3)
        "1002" and "1003"; only "1003" of a head whose texture coordinates are of another layout.
    enamel : 3 floats
        Factor on the colour of teeth, which have no picture.
    orm, specular : uint8 (R, R, 3), uint8 (R, R, 4), or None
        Of the face: occlusion, roughness and metal; strength of the mirror in alpha.
    head_orm, head_specular, head_normal : uint8 (S, S, 3), (S, S, 4), (S, S, 3), or None
        The same of tile 1002, and its normal map with green up.
    """

    face: UInt8
    tiles: dict[str, UInt8]
    enamel: Rgb = (1.0, 1.0, 1.0)
    orm: UInt8 | None = None
    specular: UInt8 | None = None
    head_orm: UInt8 | None = None
    head_specular: UInt8 | None = None
    head_normal: UInt8 | None = None


def face_textures(
    head: Head, colors: SkinColors, iris: Rgb | None, side: int, enamel: Rgb = (1.0, 1.0, 1.0)
) -> FaceTextures:
    """Textures of a head, `side` texels wide.

    Parameters
    ----------
    head : Head
    colors : SkinColors
    iris : 3 floats or None
        Linear colour of both irises; None for that of a head without one.
    side : int
        At most that of `colors.chart`.
    enamel : 3 floats
        Factor on the colour of teeth.
    """
    face = colors.chart
    if len(face) > side:
        face = np.asarray(cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    uv, face_uv = export_uv(head)
    material = materials_of(head.parts, uv, face_uv)
    tiles = {}
    skin, eyes = material == _HEAD, np.isin(material, _EYES)
    if lies_in_tile(uv, face_uv[skin], 1):
        if len(colors.around) == 1:
            tiles["1002"] = np.broadcast_to(colors.around, (side, side, 3)).copy()
        else:
            covered, chart = _laid_out(head, uv - (1, 0), face_uv, skin, head.chart, side)
            tiles["1002"] = pad_edges(_around(colors.around, chart), covered)
    if lies_in_tile(uv, face_uv[eyes], 2):
        directions = eye_directions(head)
        # The back's faces may lie across the others, and nobody sees them.
        ahead = directions[head.faces[:, :3], 2].mean(axis=1) > _BEHIND
        covered, direction = _laid_out(head, uv - (2, 0), face_uv, eyes & ahead, directions, side)
        tiles["1003"] = pad_edges(eye_color(direction, iris), covered)
    return FaceTextures(face, tiles, enamel)


def _laid_out(
    head: Head, uv: npt.NDArray[np.floating], face_uv: Int32, chosen: Bool, per_vertex: Float32, side: int
) -> tuple[Bool, Float32]:
    """Values of vertices (V, C) in a tile, float32 (R, R, C), and where faces lie, bool (R, R)."""
    triangles, _ = split_faces(face_uv[chosen])
    corners, _ = split_faces(head.faces[chosen])
    down = np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1)
    index, weights = rasterise(down, triangles, side)
    covered = index >= 0
    values = np.zeros((side, side, per_vertex.shape[1]), np.float32)
    values[covered] = np.einsum("ij,ijk->ik", weights[covered], per_vertex[corners[index[covered]]])
    return covered, values


def _around(around: UInt8, chart: Float32) -> UInt8:
    """Colour (R, R, 3) at points of the chart's plane (R, R, 2)."""
    at = (chart - np.float32(AROUND_FIRST)) * np.float32(len(around) / AROUND_SPAN) - np.float32(0.5)
    columns, rows = (np.ascontiguousarray(at[..., k]) for k in range(2))
    found = cv2.remap(around, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.uint8)
