"""The pictures that a head's own file has on its skin, as the colour of that skin.

A point of the skin has the colour of its file wherever its texture coordinates lie: tiles, mirrored halves and parts
that share texels are all the same to it. Light that was baked into the pictures stays in them.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Float32, Head, Int32, Part, split_faces
from rhytid.core.head.material import Material
from rhytid.core.head.material_picture import texels
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.layout_sampling import covered_texels, of_islands, sampled, triangle_areas
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN, AlbedoMap
from rhytid.core.maps.cavity import IN_FOLDS
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.maps.srgb import linear_from_srgb, srgb_bytes

Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]

_PICTURE_PX = 4096
_LEAST_SIDE, _MOST_SIDE, _SPARED = 64, 4096, 0.3
_AROUND_SIDE = 2048
_LEAST_SHARE, _SHARE_SIDE = 0.3, 256
_BEYOND = 1e-3
_PLACES_AT_ONCE = 1 << 21


def has_own_color(head: Head) -> bool:
    """Whether the file of a head has a picture on the skin of its face."""
    if not len(head.face_material):
        return False
    skin = head.parts == Part.SKIN
    on_face = head.detail_weight[np.maximum(head.faces[skin], 0)].max(axis=1) > 0
    used = np.unique(head.face_material[skin][on_face]).tolist()
    return any(number >= 0 and head.materials[number].base_picture for number in used)


def own_albedo(head: Head, age: float, control: Control | None = None) -> AlbedoMap | None:
    """The skin colour of a head's own file; None where it has no picture of the face, or none that can be read.

    Parameters
    ----------
    head : Head
    age : float
        Years of the person in the picture.
    control : Control, optional

    Raises
    ------
    core.detail.engine.Cancelled
    """
    control = control or Control()
    control(0.0)
    if not has_own_color(head):
        return None
    layout = OwnLayout(head)
    color = OwnColor(layout)
    side = color.side_in_chart()
    if side == 0:
        return None
    control(0.2)
    chart, known = color.in_plane(side)
    face = layout.chart_raster(_SHARE_SIDE).sample(head.detail_weight) > 0.5
    seen = cv2.resize(known.astype(np.uint8), face.shape, interpolation=cv2.INTER_NEAREST)
    if (np.asarray(seen, bool) & face).sum() < _LEAST_SHARE * face.sum():
        return None
    control(0.6)
    chart = filled_colors(chart, known)
    control(0.7)
    around = filled_colors(*color.in_plane(min(2 * side, _AROUND_SIDE), AROUND_FIRST, AROUND_SPAN))
    control(1.0)
    return AlbedoMap.of(chart, age, None, around, IN_FOLDS, head.digest)


class OwnColor:
    """Colours of a head's skin by the materials of its file.

    Parameters
    ----------
    layout : OwnLayout
    """

    def __init__(self, layout: OwnLayout) -> None:
        head = layout.head
        self._layout = layout
        skin = head.parts == Part.SKIN
        _, face = split_faces(head.faces[skin])
        has_some = len(head.face_material) > 0
        self._material = head.face_material[skin][face] if has_some else np.full(len(face), -1, np.int16)
        corners = head.uv[layout.uv_corners].astype(np.float64)
        # Each triangle in the picture's square, rows from the top; one that goes beyond it meets its repetition.
        corners -= np.floor(corners.mean(axis=1, keepdims=True))
        self._corners = np.stack([corners[..., 0], 1 - corners[..., 1]], axis=-1)
        self._in_chart = head.chart[layout.corners].astype(np.float64)
        self._pictures: dict[int, UInt8 | None] = {}

    def side_in_chart(self) -> int:
        """Texels a side of the chart, a power of two, that hold what the picture of most of the face does; or 0."""
        area = triangle_areas(self._in_chart) * self._layout.takes_detail
        faces = {}
        for number in np.unique(self._material).tolist():
            picture = self._picture(number)
            if picture is not None and len(picture) > 1:
                faces[number] = float(area[self._material == number].sum())
        largest = max(faces, key=lambda number: faces[number], default=-1)
        picture = self._picture(largest)
        if picture is None or faces[largest] == 0:
            return 0
        finest = self._finer(np.flatnonzero((self._material == largest) & (area > 0)), len(picture), self._in_chart, 1)
        return int(np.clip(2 ** math.ceil(math.log2(max(finest, 1)) - _SPARED), _LEAST_SIDE, _MOST_SIDE))

    def in_plane(self, side: int, first: float = 0.0, span: float = 1.0) -> tuple[UInt8, Bool]:
        """Colour of the skin in a square of the chart's plane, as of `ChartRaster`.

        Returns
        -------
        uint8 (side, side, 3)
            sRGB.
        bool (side, side)
            Where there is skin with a colour.
        """
        raster = self._layout.chart_raster(side, first, span)
        return self._drawn(raster.triangle, raster.barycentric, self._in_chart, side / span)

    def in_tile(self, tile: int, side: int) -> tuple[UInt8, Bool]:
        """The same in a tile of the head's own layout."""
        raster = self._layout.raster(tile, side)
        return self._drawn(raster.triangle, raster.weights, self._corners, side)

    def _drawn(
        self, triangle: Int32, weights: Float32, plane: npt.NDArray[np.float64], texels_a_unit: float
    ) -> tuple[UInt8, Bool]:
        """A map by the triangle of each texel, -1 for none, whose texels have that size in a plane (T, 3, 2)."""
        colors, known = np.zeros((*triangle.shape, 3), np.uint8), np.zeros(triangle.shape, bool)
        covered = triangle >= 0
        found = self._at(triangle[covered], weights[covered], plane, texels_a_unit)
        colors[covered], known[covered] = found
        return colors, known

    def _at(
        self, triangle: Int32, weights: Float32, plane: npt.NDArray[np.float64], texels_a_unit: float
    ) -> tuple[UInt8, Bool]:
        """Colours (N, 3) of points of the skin, and which have one."""
        colors, known = np.zeros((len(triangle), 3), np.uint8), np.zeros(len(triangle), bool)
        number_of = self._material[triangle]
        for number in np.unique(number_of).tolist():
            picture = self._picture(number)
            if picture is None:
                continue
            rows = np.flatnonzero(number_of == number)
            known[rows] = True
            if len(picture) == 1:
                colors[rows] = picture[0, 0]
                continue
            chosen = np.unique(triangle[rows])
            corners = self._corners[chosen]
            is_repeated = ((corners < -_BEYOND) | (corners > 1 + _BEYOND)).any(axis=(1, 2)).mean() > _BEYOND
            on_skin = np.ones(picture.shape[:2], bool) if is_repeated else covered_texels(corners, len(picture))
            values = of_islands(picture, on_skin, self._finer(chosen, len(picture), plane, texels_a_unit))
            for part in np.array_split(rows, -(-len(rows) // _PLACES_AT_ONCE)):
                places = np.einsum("nk,nkc->nc", weights[part], self._corners[triangle[part]])
                found = sampled(values, np.mod(places, 1) if is_repeated else places)
                colors[part] = np.rint(found).clip(0, 255)
        return colors, known

    def _finer(
        self, chosen: npt.NDArray[np.integer], side: int, plane: npt.NDArray[np.float64], texels_a_unit: float
    ) -> float:
        """How many texels of a picture lie on one of a map, the median over some triangles."""
        own, other = (triangle_areas(corners[chosen]) for corners in (self._corners, plane))
        return float(np.sqrt(np.median(own / np.maximum(other, 1e-12)))) * side / texels_a_unit

    def _picture(self, number: int) -> UInt8 | None:
        """Colour of a material, sRGB (S, S, 3), a plain one as one texel; None for none."""
        if number < 0:
            return None
        if number not in self._pictures:
            self._pictures[number] = _colors_of(self._layout.head.materials[number])
        return self._pictures[number]


def _colors_of(material: Material) -> UInt8 | None:
    factor = np.array(material.color[:3])
    if not material.base_picture:
        # White is what a material has that says nothing.
        return None if (factor == 1).all() else srgb_bytes(factor).reshape(1, 1, 3)
    read = texels(material.base_picture, _PICTURE_PX)
    if read is None:
        return None
    picture = np.ascontiguousarray(read[..., :3])
    side = max(max(picture.shape[:2]), 2)
    if picture.shape[:2] != (side, side):
        picture = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if (factor == 1).all():
        return picture
    light = linear_from_srgb(np.arange(256) / 255)[:, None] * factor
    return np.asarray(cv2.LUT(picture, srgb_bytes(light).reshape(1, 256, 3)), np.uint8)


def filled_colors(colors: UInt8, known: Bool) -> UInt8:
    """Colours with what is missing from what lies around it."""
    if known.all():
        return colors
    channels = [fill_smoothly(colors[..., k].astype(np.float32), known) for k in range(3)]
    return np.rint(np.stack(channels, axis=-1)).clip(0, 255).astype(np.uint8)
